"""The shell proposes what fits, quickly, and is told nothing of what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretgen.cli import run
from tests.cli.conftest import Result

SHELLS = ["bash", "zsh", "fish"]


class Complete:
    """What a shell is proposed for a line that is being typed."""

    def __init__(self, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._environment, self._capsys = environment, capsys

    def __call__(self, line: str, shell: str = "bash") -> str:
        words = line.split(" ")
        asked = {
            "_SECRETGEN_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
            "_TYPER_COMPLETE_ARGS": line,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
        for name, value in asked.items():
            self._environment.setenv(name, value)
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            run([])
        result = Result(int(end.value.code or 0), *self._capsys.readouterr())
        assert (result.code, result.err) == (0, "")
        return result.out


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complete:
    return Complete(monkeypatch, capsys)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("secretgen va", ("validate", "render")),
        ("secretgen templates ej", ("eject", "list")),
        ("secretgen render --dr", ("--dry-run", "--diff")),
        ("secretgen check --format s", ("sarif", "json")),
        ("secretgen explain SG30", ("SG305", "SG101")),
        ("secretgen access --secret app/", ("app/token", "app-primary")),
        ("secretgen show --secret a", ("app/token", "app-primary")),
        ("secretgen validate specs/", ("specs/small.yaml", "environments")),
        ("secretgen templates eject environment/s", ("environment/secrets.tf.j2", "README")),
    ],
)
def test_proposals(
    shell: str, line: str, words: tuple[str, str], project: Path, complete: Complete
) -> None:
    out = complete(line, shell)
    proposed, other = words
    assert proposed in out
    assert other not in out


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"secrets: [", b"secrets: 1\n", b"- 1\n"])
def test_invalid_spec_completes_nothing(
    shell: str, text: bytes, spec: Path, complete: Complete
) -> None:
    spec.write_bytes(text)
    assert "app/token" not in complete("secretgen access --secret a", shell)
    assert "specs/small.yaml" in complete("secretgen validate specs/s", shell)


def test_readable_fields_of_a_spec_are_completed(spec: Path, complete: Complete) -> None:
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("version: 1", "version: 99\nnonsense: 1"), encoding="utf-8")
    assert "app/token" in complete("secretgen access --secret a")


def test_wrong_settings_propose_nothing(project: Path, complete: Complete) -> None:
    (project / "secretgen.toml").write_text("specs = 1", encoding="utf-8")
    assert complete("secretgen validate specs/").strip() == ""
    assert complete("secretgen access --root nowhere --secret a").strip() == ""


@pytest.mark.parametrize(
    ("shell", "file"),
    [
        ("bash", ".bash_completions/secretgen.sh"),
        ("zsh", ".zfunc/_secretgen"),
        ("fish", ".config/fish/completions/secretgen.fish"),
    ],
)
def test_completion_is_shown_and_installed(shell: str, file: str, tmp_path: Path) -> None:
    named = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "secretgen"]
    shown, installed = (
        subprocess.run(
            [*command, f"--{what}-completion", shell],
            env=os.environ | named,
            capture_output=True,
            text=True,
            check=True,
        )
        for what in ("show", "install")
    )
    assert f"_SECRETGEN_COMPLETE=complete_{shell}" in shown.stdout
    assert shown.stdout.strip() == (tmp_path / file).read_text(encoding="utf-8").strip()
    assert installed.stderr == ""
