"""What has been proven, on record beside the HCL, so that nothing is proven twice.

    3b1f…  environment
    c41d…  files

The line `environment` is a digest of what the spec says, together with the HCL that was found to
say it. The line `files` is a digest of the HCL alone, which tells whether all of it is there. The
file is published along with that HCL, and only after the proof: so what has the same line again
is proven already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from secretgen.model.effective import effective
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.tree import digest
from secretgen.version import __version__

RECORD = "proof.sum"
"""Name of the file, in the folder of an environment."""

_ENVIRONMENT, _FILES = "environment", "files"
_TITLE = f"# Verified by secretgen {__version__}: digests of spec and HCL, and of HCL alone.\n\n"
_RELEASE = re.compile(r"^# Verified by secretgen (\S+):", re.MULTILINE)
_LINE = re.compile(r"^([0-9a-f]{64})  (.+)$", re.MULTILINE)


def record(environment: Environment, hcl: Mapping[str, str], layout: Layout) -> str:
    """Writes what is to be on record once it is proven.

    Args:
        environment: what the spec says.
        hcl: the HCL of its files, by their path in its folder.
        layout: the output folders.
    """
    files = sorted(hcl.items())
    lines = {_ENVIRONMENT: _digest(effective(environment), layout, files), _FILES: _digest(files)}
    return _TITLE + "".join(f"{value}  {name}\n" for name, value in lines.items())


def other_release(committed: str) -> str:
    """Returns the release of secretgen that wrote a record; empty when it is this one."""
    found = _RELEASE.search(committed)
    return found[1] if found and found[1] != __version__ else ""


def is_on_record(committed: str, rendered: str) -> bool:
    """Tells whether an environment is proven already.

    Args:
        committed: the record as it was published.
        rendered: the record as it is to be.
    """
    proven = _lines(committed).get(_ENVIRONMENT)
    return proven is not None and proven == _lines(rendered).get(_ENVIRONMENT)


def lacks_files(committed: str, hcl: Mapping[str, str]) -> bool:
    """Tells whether HCL is known not to be all that a record was published with.

    Args:
        committed: the record as it was published.
        hcl: the HCL of the environment, by its path in the folder.
    """
    return _lines(committed).get(_FILES, "") not in ("", _digest(sorted(hcl.items())))


def _lines(text: str) -> dict[str, str]:
    return {name: value for value, name in _LINE.findall(text)}


def _digest(*parts: object) -> str:
    """Returns the SHA-256 of values in hexadecimal: the same for equal ones, on any machine."""
    return digest(ascii(parts).encode())
