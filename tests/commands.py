"""The shell commands of a rendered document: finding them, and telling whether they make sense."""

import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import botocore.session  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel  # type: ignore[import-untyped]

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## ", re.MULTILINE)
# What may stand before and after the words of a simple command.
SEPARATORS = re.compile(r"\s*(?:&&|\|\||;|\n|\s\|\s)\s*")
# A substitution within quotes is one word, whatever stands in it.
SUBSTITUTION = re.compile(r'"\$\(.*?\)"(?=\s|$)')
# Words of the shell that may stand before a command.
KEYWORDS = {"(", ")", "do", "done", "{", "}"}
REDIRECTION = re.compile(r"\s+>>?\s+\S+")
# The commands of a trap are commands as well.
TRAP = re.compile(r"trap (?:'([^']*)'|\"([^\"]*)\") (?:EXIT|INT)")
GLOBAL_OPTIONS = {"output", "profile", "query", "region", "no-cli-pager"}


def blocks(document: str, heading: str = "") -> list[str]:
    """The shell blocks of a Markdown document, or of the one section under `## heading`."""
    sections = HEADING.split(document)
    chosen = [s for s in sections if s.startswith(heading + "\n")] if heading else sections
    assert chosen, f"no section {heading!r}"
    return [block for section in chosen for block in BLOCK.findall(section)]


def words(block: str) -> list[list[str]]:
    """The words of each command of a block, as the shell splits them; nothing is expanded."""
    lines = [line for line in block.splitlines() if not line.lstrip().startswith("#")]
    lines = [SUBSTITUTION.sub("SUBSTITUTED", line) for line in lines]
    lines = [TRAP.sub(lambda trap: trap[1] or trap[2], line) for line in lines]
    commands = SEPARATORS.split(REDIRECTION.sub("", "\n".join(lines).replace("\\\n", " ")).strip())
    split = [shlex.split(command, comments=True) for command in commands if command]
    found = [command[1:] if command[0] in KEYWORDS else command for command in split]
    return [command for command in found if command and command[0] != "for"]


def assert_sensible(block: str) -> None:
    """The shell can parse a block, and AWS knows what its `aws` commands ask for."""
    subprocess.run(["bash", "-n"], input=block, text=True, check=True)
    for command in words(block):
        if command[0] == "aws":
            _assert_aws(command)


def assert_names_exist(document: str, root: Path) -> None:
    """A root module has the resources and outputs that a document's Terraform commands name."""
    hcl = "\n".join(file.read_text("utf-8") for file in root.glob("*.tf"))
    for block in blocks(document):
        for name in re.findall(r"terraform output(?: -raw| -json)? (\w+)", block):
            assert f'output "{name}" {{' in hcl, name
        for kind, name in re.findall(r"terraform import (aws_\w+)\.(\w+)", block):
            assert f'resource "{kind}" "{name}" {{' in hcl, f"{kind}.{name}"


def _assert_aws(command: list[str]) -> None:
    service, operation = command[1:3]
    service = {"s3api": "s3"}.get(service, service)
    model = _model(service)
    if operation == "wait":
        (operation, *rest), waiters = command[3:], _waiters(service)
        assert operation in waiters, f"aws {service} has no wait {operation}"
        operation, command = waiters[operation], [*command[:2], operation, *rest]
    names = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in names, f"aws {service} has no {operation}"
    shape: OperationModel = model.operation_model(names[operation])
    members = shape.input_shape.members if shape.input_shape else {}
    known = {xform_name(name, "-") for name in members}
    options = [word for word in command[3:] if word.startswith("--")]
    given = {word.removeprefix("--").partition("=")[0] for word in options}
    assert given <= known | GLOBAL_OPTIONS, f"{operation}: {given - known - GLOBAL_OPTIONS}"
    needed = shape.input_shape.required_members if shape.input_shape else []
    missing = {xform_name(name, "-") for name in needed} - given
    assert not missing, f"{operation} needs {missing}"


@cache
def _waiters(service: str) -> dict[str, str]:
    """The operation that each waiter calls."""
    waiters = botocore.session.get_session().get_waiter_model(service)
    found = {name: waiters.get_waiter(name).operation for name in waiters.waiter_names}
    return {xform_name(name, "-"): xform_name(operation, "-") for name, operation in found.items()}


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)
