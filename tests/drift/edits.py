"""Edits of committed files that somebody might make, each with what tells it.

The table of docs/explanation/security.md is made of these; `test_edits.py` makes each of them.
Edits of the text of generated files are in `edits.yaml`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import yaml

from tests.rendered import SPECS, write_spec

ENVIRONMENT = "environments/production"
MODULE = "modules/aws-secrets"
BOOTSTRAP = f"{ENVIRONMENT}/bootstrap"
CONSUMER = f"{ENVIRONMENT}/consumers/partner"
SPEC = "specs/production.yaml"
KEYS = f"{ENVIRONMENT}/keys.tf"
EVIL = 'resource "aws_iam_user" "x" {\n  name = "x"\n}\n'
BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key    = "k"\n  }\n}\n'
Change = Callable[[Path], None]


@dataclass(frozen=True)
class Edit:
    """An edit.

    Args:
        group: what is edited.
        path: the file that the check has to name.
        what: the edit, in words.
        state: what the check calls the file.
        told: what it says of it; empty where the state says it all.
        change: makes the edit, given the root.
        options: of the check.
        is_text: whether it is an edit of the text of a generated file, whose digest may be
            computed again.
    """

    group: str
    path: str
    what: str
    state: str
    told: str
    change: Change
    options: tuple[str, ...] = ()
    is_text: bool = False


def replaced(path: str, old: str, new: str) -> Change:
    """Replaces text in a file, however its columns are aligned."""
    pattern = re.sub(r"(?:\\ )+", " +", re.escape(old))

    def change(root: Path) -> None:
        before = (root / path).read_text(encoding="utf-8")
        after, count = re.subn(pattern, lambda _: new, before, count=1)
        assert count, f"{path} has no {old!r}"
        (root / path).write_text(after, encoding="utf-8")

    return change


def rewritten(path: str, write: Callable[[bytes], bytes]) -> Change:
    """Rewrites the bytes of a file."""
    return lambda root: _write(root / path, write)


def added(path: str, content: str) -> Change:
    """Adds a file."""
    return lambda root: _add(root / path, content)


def _write(file: Path, write: Callable[[bytes], bytes]) -> None:
    file.write_bytes(write(file.read_bytes()))


def _add(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")


def _without_header(data: bytes) -> bytes:
    return data.split(b"\n", 3)[3]


def _texts() -> Iterator[Edit]:
    text = (Path(__file__).parent / "edits.yaml").read_text(encoding="utf-8")
    for group, files in yaml.load(text, Loader=yaml.CSafeLoader).items():
        for path, edits in files.items():
            for what, old, new, told in edits:
                change = replaced(path, old, new)
                yield Edit(group, path, what, "edited", told, change, is_text=True)


def _deleted() -> Iterator[Edit]:
    names = {
        "monitoring.tf": "the alarms",
        "secrets.tf": "all secrets",
        "iam/guard.json": "the guard",
        "iam/secretgen.sum": "a manifest",
        "proof.sum": "the record",
    }
    files = {f"{ENVIRONMENT}/{name}": what for name, what in names.items()}
    files[f"{MODULE}/main.tf"] = "the resources of the module"
    for path, what in files.items():
        yield Edit(
            "deleted files",
            path,
            what,
            "missing",
            "",
            lambda root, path=path: (root / path).unlink(),
        )


def _headers() -> Iterator[Edit]:
    def edit(what: str, state: str, told: str, write: Callable[[bytes], bytes]) -> Edit:
        return Edit("headers and bytes", KEYS, what, state, told, rewritten(KEYS, write))

    markers = b"\n\n<<<<<<< a\n=======\n>>>>>>> b\nmodule"
    yield edit("the header cut off", "foreign", "", _without_header)
    yield edit("an empty file", "foreign", "", lambda data: data[:0])
    yield edit(
        "another digest in the header",
        "edited",
        "",
        lambda data: data.replace(b"sha256:", b"sha256:0", 1),
    )
    crlf = "CRLF line ends"
    yield edit("line ends of Windows", "edited", crlf, lambda data: data.replace(b"\n", b"\r\n"))
    yield edit("a byte order mark", "edited", "", lambda data: b"\xef\xbb\xbf" + data)
    yield edit("bytes that are not UTF-8", "edited", "is not UTF-8", lambda data: data + b"\xff")
    yield edit("cut in the middle", "edited", "", lambda data: data[: len(data) // 2])
    yield edit(
        "conflict markers", "conflicted", "", lambda data: data.replace(b"\n\nmodule", markers, 1)
    )
    yield Edit("headers and bytes", KEYS, "another spec in the header", "stale", "", _claim_keys)
    yield Edit("headers and bytes", f"{ENVIRONMENT}/proof.sum", "the record cut", "edited", "",
               rewritten(f"{ENVIRONMENT}/proof.sum", lambda data: data[:200]))  # fmt: skip


def _claim_keys(root: Path) -> None:
    _other_spec(root)
    _write(root / KEYS, lambda data: data.replace(b"production.yaml", b"other.yaml", 1))


_LOADED, _VALUES, _RUN, _READ = (
    "Terraform loads it",
    "reads values of variables",
    "`terraform test` runs it",
    "or a tool that runs it, reads it",
)
_ONE_BACKEND = "may hold one `terraform { backend … }`"
_BESIDE = (
    (f"{BOOTSTRAP}/backend.tf", "a resource in the user's own `backend.tf`", BACKEND + EVIL,
     _ONE_BACKEND),
    (f"{BOOTSTRAP}/backend.tf", "a provider in it",
     BACKEND.replace("  backend", "  required_providers {}\n  backend"), _ONE_BACKEND),
    (f"{CONSUMER}/backend.tf", "`locals` in it", BACKEND + "locals {}\n", _ONE_BACKEND),
    (f"{CONSUMER}/backend.tf", "two backends in it", BACKEND + BACKEND, _ONE_BACKEND),
    (f"{ENVIRONMENT}/consumers/mine/main.tf", "an account that no spec names", EVIL, _LOADED),
    (f"{ENVIRONMENT}/iam/apply-more.json", "one more policy", "{}\n", "next to generated policies"),
    (f"{ENVIRONMENT}/extra.tf", "a `.tf` file", EVIL, _LOADED),
    (f"{ENVIRONMENT}/extra.tf.json", "a `.tf.json` file", "{}", _LOADED),
    (f"{ENVIRONMENT}/extra.tofu", "a file of OpenTofu", EVIL, _LOADED),
    (f"{ENVIRONMENT}/override.tf", "`override.tf`", EVIL, _LOADED),
    (f"{ENVIRONMENT}/secrets_override.tf", "`*_override.tf`", EVIL, _LOADED),
    (f"{ENVIRONMENT}/terraform.tfvars", "`terraform.tfvars` that Git does not ignore", "x = 1\n",
     _VALUES),
    (f"{ENVIRONMENT}/terraform.tfvars.json", "the same as JSON", '{"x": 1}', _VALUES),
    (f"{ENVIRONMENT}/x.auto.tfvars", "`*.auto.tfvars`", "x = 1\n", _VALUES),
    (f"{ENVIRONMENT}/x.auto.tfvars.json", "the same as JSON", '{"x": 1}', _VALUES),
    (f"{BOOTSTRAP}/x.auto.tfvars", "the same for the bootstrap", "x = 1\n", _VALUES),
    (f"{ENVIRONMENT}/tests/x.tftest.hcl", "a test of Terraform", 'run "x" {}\n', _RUN),
    (f"{ENVIRONMENT}/x.tftest.json", "the same as JSON", "{}", _RUN),
    (f"{ENVIRONMENT}/tests/x.tfmock.hcl", "values for tests", "", _RUN),
    (f"{ENVIRONMENT}/tests/setup/main.tf", "a module for tests", EVIL, _LOADED),
    (f"{ENVIRONMENT}/new/main.tf", "a new folder with a `.tf` file", EVIL, _LOADED),
    (f"{ENVIRONMENT}/a/b/c/x.tf.json", "the same, further down", "{}", _LOADED),
    (f"{MODULE}/extra.tf", "a `.tf` file in the module", EVIL, _LOADED),
    (f"{MODULE}/mine/main.tf", "a folder in the module", EVIL, _LOADED),
    (f"{MODULE}/tests/x.tftest.hcl", "a test in the module", "", _RUN),
    (f"{ENVIRONMENT}/terraform.d/plugins/x", "a provider", "x", "reads providers from it"),
    (f"{ENVIRONMENT}/.terraformrc", "settings of the CLI", "", "reads settings"),
    ("terraform.rc", "settings of the CLI in the root", "", "reads settings"),
    (f"{ENVIRONMENT}/.terraform.lock.hcl", "a lock of another provider",
     'provider "registry.terraform.io/evil/aws" {\n}\n', "locks registry.terraform.io/evil/aws"),
    (f"{ENVIRONMENT}/terraform.tfstate", "a state on disk", "{}", "a local state"),
    (f"{ENVIRONMENT}/.gitattributes", "attributes of Git", "* -diff\n", "Git handles"),
    (f"{ENVIRONMENT}/Secrets.tf", "a generated name in another case", EVIL, "only in case"),
    (f"{ENVIRONMENT}/SECRETS.TF", "the same, which Terraform would not load", EVIL,
     "only in case"),
    (f"{BOOTSTRAP}/backend_override.tf", "an override of the backend", BACKEND, _LOADED),
    (f"{BOOTSTRAP}/backend.tf.json", "the backend as JSON", "{}", _LOADED),
    (f"{CONSUMER}/terraform.tfvars", "values for a reader's account", "x = 1\n", _VALUES),
    (f"{MODULE}/terraform.tfvars", "values for the tests of the module", "x = 1\n", _VALUES),
    (f"{ENVIRONMENT}/.hidden/main.tf", "a hidden folder with a `.tf` file", EVIL, _LOADED),
    (f"{ENVIRONMENT}/terragrunt.hcl", "a file of Terragrunt", "terraform {\n}\n", _READ),
    (f"{ENVIRONMENT}/x.tfquery.hcl", "a query", "", _READ),
    (f"{ENVIRONMENT}/x.tfcomponent.hcl", "a stack", "", _READ),
    (f"{ENVIRONMENT}/iam/more/apply.json", "a folder with a policy", "{}\n",
     "next to generated policies"),
    (f"{ENVIRONMENT}/secretgen.toml", "settings of secretgen", "", "reads its settings"),
    (f"{CONSUMER}/.terraform.lock.hcl", "a lock that does not parse", "x = {\n", "does not parse"),
    (f"{CONSUMER}/.terraform.lock.hcl", "a lock that Git could not merge",
     "<<<<<<< HEAD\nx = 1\n=======\n>>>>>>> topic\n",
     "merge conflict, with markers in lines 1, 3 and 4"),
    (f"{BOOTSTRAP}/.terraform.lock.hcl", "a lock of another provider, after a comment",
     '/**/ provider "registry.terraform.io/evil/aws" {\n}\n', "locks registry.terraform.io/evil"),
)  # fmt: skip


def _links() -> Iterator[Edit]:
    for name, what, target in (
        ("x.tf", "a file", "/etc/passwd"),
        ("consumers/x", "a folder", "partner"),
    ):
        path = f"{ENVIRONMENT}/{name}"
        yield Edit(
            "files next to generated ones",
            path,
            f"a link to {what}",
            "foreign",
            "a symbolic link",
            lambda root, path=path, target=target: (root / path).symlink_to(target),
        )


def _trees() -> Iterator[Edit]:
    hidden, other = "environments/hidden/main.tf", "environments/other/secrets.tf"
    group, only = "whole trees", (SPEC,)
    add = added(hidden, EVIL)
    yield Edit(group, hidden, "an environment that no spec renders", "foreign", _LOADED, add)
    yield Edit(group, hidden, "the same, when one spec is checked", "foreign", _LOADED, add, only)
    yield Edit(
        group,
        hidden,
        "headers that name a spec that does not render them, when another is checked",
        "orphan",
        "specs/other.yaml exists, but does not render it",
        lambda root: _claim(root, hidden, "specs/other.yaml"),
        only,
    )
    yield Edit(
        group,
        hidden,
        "headers that name a file that is not a spec",
        "orphan",
        "exists, but",
        lambda root: _claim(root, hidden, "secretgen.toml"),
    )
    yield Edit(group, other, "headers of a deleted spec", "orphan", "", _second_environment)
    yield Edit(
        group,
        other,
        "settings that name other specs",
        "orphan",
        "is not one of the project's specs",
        _unlisted,
    )
    yield Edit(
        group, other, "the same, with the headers cut off", "foreign", _LOADED, _unlisted_and_cut
    )
    yield Edit(
        group,
        f"{ENVIRONMENT}/secrets.tf",
        "settings that name other folders",
        "orphan",
        "",
        added("secretgen.toml", 'environments = "elsewhere"\n'),
    )
    yield Edit(
        group,
        f"{ENVIRONMENT}/secrets.tf",
        "a spec that changed without a render",
        "stale",
        "prod/database/master-password: rotation.every_days",
        replaced(SPEC, "every_days: 30", "every_days: 60"),
    )


def _other_spec(root: Path) -> None:
    small = (SPECS / "small.yaml").read_text(encoding="utf-8")
    write_spec(root, small.replace("environment: small", "environment: other"), "other")


def _claim(root: Path, path: str, origin: str) -> None:
    if origin.startswith("specs/"):
        _other_spec(root)
    else:
        _add(root / origin, "")
    _add(root / path, (root / KEYS).read_text(encoding="utf-8").replace(SPEC, origin, 1))


def _second_environment(root: Path) -> None:
    shutil.copytree(root / ENVIRONMENT, root / "environments/other")
    for file in (root / "environments/other").rglob("*"):
        if file.is_file():
            _write(file, lambda data: data.replace(SPEC.encode(), b"specs/other.yaml", 1))


def _unlisted(root: Path) -> None:
    _second_environment(root)
    _other_spec(root)
    _add(root / "secretgen.toml", f'specs = ["{SPEC}"]\n')


def _unlisted_and_cut(root: Path) -> None:
    _unlisted(root)
    for file in (root / "environments/other").rglob("*.tf"):
        _write(file, _without_header)


def _attributes() -> Iterator[Edit]:
    path, module = ".gitattributes", "modules/aws-secrets/**"
    for what, told, old, new in (
        ("conflict markers in generated files", "lacks `environments/**", " -merge", ""),
        (
            "line ends of the platform",
            f"lacks `{module}",
            f"{module} linguist-generated=true text eol=lf",
            module,
        ),
        (
            "generated files without a diff",
            "is out of place",
            module,
            f"environments/** -diff\n{module}",
        ),
    ):
        yield Edit("attributes of Git", path, what, "edited", told, replaced(path, old, new))


EDITS = (
    *_texts(),
    *_deleted(),
    *_headers(),
    *(Edit("files next to generated ones", path, what, "foreign", told, added(path, content))
      for path, what, content, told in _BESIDE),
    *_links(),
    *_trees(),
    *_attributes(),
)  # fmt: skip


def table() -> str:
    """The edits as a table of Markdown."""
    lines = ["| edit | file | reported as |", "| --- | --- | --- |"]
    for group, edits in groupby(EDITS, key=lambda edit: edit.group):
        lines.append(f"| **{group}** | | |")
        for edit in edits:
            said = f": {edit.told.strip(': ')}" if edit.told else ""
            lines.append(f"| {edit.what} | `{edit.path}` | {edit.state}{said} |")
    return "\n".join(lines) + "\n"
