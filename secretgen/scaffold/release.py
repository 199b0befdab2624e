"""How others get the same version of the program."""

from __future__ import annotations

import json
from importlib.metadata import distribution

from packaging.version import Version

from secretgen.version import __version__


def requirement() -> str:
    """Returns what pip has to be told to install the same: where it came from, or its version."""
    origin = json.loads(distribution("secretgen").read_text("direct_url.json") or "{}")
    url = str(origin.get("url", ""))
    if "vcs_info" in origin:
        found = origin["vcs_info"]
        return f"secretgen @ {found['vcs']}+{url}@{found['commit_id']}"
    if url.startswith("https:"):
        return f"secretgen @ {url}"
    return f"secretgen=={__version__}"


def this_release() -> str:
    """Returns the one version that is sure to render the same as this one, as a specifier."""
    return f"=={Version(__version__).public}"
