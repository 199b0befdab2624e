"""The texts of the first files: the files in `files/`, with the answers in the places for them."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution
from importlib.resources import files

from packaging.version import Version

from secretgen.model.environment import Partition
from secretgen.model.layout import Layout
from secretgen.scaffold.answers import Answers
from secretgen.spec.aws_formats import OPT_IN_REGIONS, PARTITION_OF_REGION
from secretgen.version import __version__

SCHEMA = "secretgen.schema.json"
"""Name of the JSON Schema next to the specs."""

PART_SCHEMA = "secretgen.part.schema.json"
"""Name of the JSON Schema of parts, in the same folder."""

PARTS = "parts"
"""Folder for what several environments share."""

_OTHER_ACCOUNTS = ("111122223333", "444455556666")
_PLACE = re.compile(r"@([a-z_]+)@")
# Words that some readers of YAML take for something else than text.
_NO_TEXT = re.compile("null|true|false|yes|no|on|off|y|n")


def spec_text(answers: Answers) -> str:
    """Returns a first spec."""
    partition = PARTITION_OF_REGION.get(answers.region, Partition.AWS)
    return _filled("spec.yaml", {
        "environment": _scalar(answers.environment),
        "secret": _scalar(f"{answers.environment}/app/api-key"),
        "account_id": json.dumps(answers.account_id)[1:-1],
        "other_account": next(i for i in _OTHER_ACCOUNTS if i != answers.account_id),
        "region": _scalar(answers.region),
        "bucket": _scalar(answers.state_bucket),
        "partition": "" if partition is Partition.AWS else f"  partition: {partition}\n",
        "aws": partition,
        "replica": _other_region(answers.region),
    })  # fmt: skip


def settings_text(specs: tuple[str, ...], layout: Layout, required_version: str) -> str:
    """Returns the settings of a project.

    Args:
        specs: glob patterns of its specs.
        layout: its output folders.
        required_version: versions of secretgen that it is for.
    """
    return _filled("secretgen.toml", {
        "specs": json.dumps(list(specs)),
        "environments": layout.environments,
        "modules": layout.modules,
        "required_version": required_version,
    })  # fmt: skip


def attributes_text(layout: Layout, schemas: Sequence[str]) -> str:
    """Returns the attributes that Git is to give to generated files.

    Args:
        layout: the output folders.
        schemas: paths of the JSON Schemas.
    """
    return _filled("gitattributes", {
        "environments": layout.environments,
        "module": layout.module,
        "schemas": "".join(f"{s} linguist-generated=true text eol=lf\n" for s in schemas),
    })  # fmt: skip


def ignored_text() -> str:
    """Returns the names that Git is to ignore."""
    return _filled("gitignore", {})


def formatters_text(layout: Layout, schemas: Sequence[str], folder: str) -> str:
    """Returns the names that formatters such as Prettier are to leave alone.

    Args:
        layout: the output folders.
        schemas: paths of the JSON Schemas.
        folder: the project's folder in the repository; empty for its top.
    """
    top = f"{folder}/" if folder else ""
    generated = (f"{layout.environments}/", f"{layout.module}/", *schemas)
    return _filled("prettierignore", {"files": "".join(f"{top}{path}\n" for path in generated)})


def hooks_text(spec: str, layout: Layout, settings: str, templates: str, *, folder: str) -> str:
    """Returns the settings of pre-commit.

    Args:
        spec: path of the first spec.
        layout: the output folders.
        settings: path of the settings.
        templates: folder of the project's own templates.
        folder: the project's folder in the repository; empty for its top.
    """
    top = _pattern(f"{folder}/") if folder else ""
    specs = _pattern(f"{posixpath.dirname(spec)}/".lstrip("/"))
    read = f"{specs}[^/]+{_pattern(posixpath.splitext(spec)[1])}$|{PARTS}/|{_pattern(settings)}$"
    outputs = "|".join(f"{_pattern(output)}/" for output in layout.folders)
    return _filled("pre-commit-config.yaml", {
        "generated": _quoted(f"^{top}({outputs})"),
        "title": f" ({folder})" if folder else "",
        "root": f" --root {shlex.quote(folder)}" if folder else "",
        "spec_files": _quoted(f"^{top}({read})"),
        "all_files": _quoted(f"^{top}({read}|{_pattern(templates)}/|{outputs})"),
    })  # fmt: skip


def workflow_text(requirement: str, folder: str) -> str:
    """Returns the workflow for GitHub Actions.

    Args:
        requirement: what pip has to install.
        folder: the project's folder in the repository; empty for its top.
    """
    return _filled("workflow.yml", {
        "projects": json.dumps(folder or "."),
        "requirement": json.dumps(requirement),
    })  # fmt: skip


def _filled(name: str, values: Mapping[str, str]) -> str:
    text = (files("secretgen.scaffold") / "files" / name).read_text(encoding="utf-8")
    return _PLACE.sub(lambda place: values[place[1]], text)


def _scalar(text: str) -> str:
    """Writes text for YAML: plain where that is safe."""
    is_plain = re.fullmatch("[a-z][a-z0-9./-]*", text) and not _NO_TEXT.fullmatch(text)
    return text if is_plain else json.dumps(text)


def _pattern(path: str) -> str:
    return re.escape(path).replace(r"\-", "-")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _other_region(region: str) -> str:
    """Returns a Region for a copy: of the same partition, and one that needs no enabling."""
    partition = PARTITION_OF_REGION.get(region, Partition.AWS)
    preferred = ("us-west-2", "us-east-1")
    others = [r for r, p in sorted(PARTITION_OF_REGION.items()) if p is partition and r != region]
    return next(r for r in (*preferred, *others) if r in others and r not in OPT_IN_REGIONS)


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
