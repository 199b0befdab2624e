"""What the README shows is what the tool does."""

import re
import shutil
from pathlib import Path

import pytest

from secretgen.cli import run
from tests.rendered import PROJECT, render

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_example_renders_to_what_is_shown(tmp_path: Path) -> None:
    (spec,) = blocks("yaml")
    (shown,) = blocks("hcl")
    environment = render(tmp_path, spec, "demo")
    assert shown in (environment / "secrets.tf").read_text(encoding="utf-8")


def test_the_drift_is_told_as_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("specs", "environments", "modules"):
        shutil.copytree(
            PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns(".terraform")
        )
    secrets = tmp_path / "environments/production/secrets.tf"
    text = secrets.read_text(encoding="utf-8")
    secrets.write_text(
        text.replace("automatically_after_days = 30", "automatically_after_days = 60")
    )
    capsys.readouterr()
    assert run(["check", "--root", str(tmp_path)]) == 3
    (shown,) = re.findall(r"^.*the spec says.*$", README, re.MULTILINE)
    assert f"{shown}\n" in capsys.readouterr().out


def test_every_command_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--help"])
    commands = set(
        re.findall(r"^  ([a-z]+)  ", capsys.readouterr().out.split("Commands:")[1], re.MULTILINE)
    )
    assert commands == set(re.findall(r"`secretgen ([a-z]+)", README)) & commands
    assert commands


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (PROJECT / link).exists()
