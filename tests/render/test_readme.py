"""The README leaves out no command."""

import re

import pytest

from secretgen.cli import run
from tests.rendered import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_every_command_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--help"])
    commands = set(
        re.findall(r"^  ([a-z]+)  ", capsys.readouterr().out.split("Commands:")[1], re.MULTILINE)
    )
    assert commands == set(re.findall(r"`secretgen ([a-z]+)", README)) & commands
    assert commands
