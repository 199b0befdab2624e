"""The command as a process: what it imports, and what its streams are connected to."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import pytest

from secretgen.cli import run
from secretgen.cli.main import app
from secretgen.tree import locked_root
from tests.cli.conftest import WARNING, WRONG
from tests.harness.commands import search_path

COMMAND = [sys.executable, "-m", "secretgen"]
LIBRARIES = {"typer", "pydantic", "jinja2", "hcl2", "lark", "yaml", "rich", "boto3", "socket"}
TELL_IMPORTS = """
import atexit, sys
from secretgen.__main__ import main
sys.argv = ["secretgen", *sys.argv[1:]]
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
main()
"""
INTERRUPT_IMPORT = """
import sys
from secretgen.__main__ import main

class Interrupting:
    def find_spec(self, name, path, target=None):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
main()
"""


def secretgen(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def modules(*arguments: str, **environment: str) -> set[str]:
    """The modules that a command imports."""
    result = subprocess.run(
        [sys.executable, "-c", TELL_IMPORTS, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return set(result.stderr.splitlines()[-1].split())


def imported(*arguments: str, **environment: str) -> set[str]:
    """The libraries that a command imports, and the packages of its own."""
    found = modules(*arguments, **environment)
    own = {".".join(name.split(".")[:2]) for name in found if name.startswith("secretgen.")}
    return LIBRARIES & found | own


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command writes when its standard output is a terminal."""
    master, terminal = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        env={"TERM": "xterm", **os.environ, **environment},
    ):
        os.close(terminal)
        output = b""
        try:
            while part := os.read(master, 65536):
                output += part
        except OSError:  # Linux says so when the other side is closed.
            pass
        os.close(master)
    return output.decode()


def test_the_version_is_answered_before_any_library_is_imported(tmp_path: Path) -> None:
    result = secretgen("--version")
    assert (result.returncode, result.stdout) == (0, f"secretgen {version('secretgen')}\n")
    assert imported("--version") == {"secretgen.__main__", "secretgen.version"}
    assert "typing" not in modules("--version"), "it takes as long as all the rest"


def test_validate_imports_only_what_it_needs(project: Path) -> None:
    libraries = imported("validate")
    assert libraries >= {"typer", "pydantic", "yaml"}
    assert not libraries & {"jinja2", "hcl2", "lark", "rich", "boto3"}
    assert not libraries & {f"secretgen.{name}" for name in ("render", "roundtrip", "tree")}


@pytest.mark.parametrize("command", ["render", "check"])
def test_terminal_libraries_are_imported_only_for_terminals(command: str, project: Path) -> None:
    assert "rich" not in imported(command)


def test_completion_imports_only_the_command_line(project: Path) -> None:
    pressed = {"COMP_WORDS": "secretgen val", "COMP_CWORD": "1"}
    libraries = imported(_SECRETGEN_COMPLETE="complete_bash", **pressed)
    own = {f"secretgen.{name}" for name in ("__main__", "version", "cli", "errors", "usecases")}
    assert "typer" in libraries
    more = libraries - {"typer", "pydantic", "socket"} - own  # typer imports pydantic
    assert not more, f"import inside the functions of secretgen/cli what needs {more}"


def test_typer_need_not_evaluate_the_annotations_of_all_commands_in_every_run() -> None:
    groups = [app, *(group.typer_instance for group in app.registered_groups)]
    callbacks = [command.callback for group in groups for command in group.registered_commands]
    assert len(callbacks) > 12
    evaluated = {
        callback.__module__
        for callback in callbacks
        if any(isinstance(kind, str) for kind in callback.__annotations__.values())
    }
    assert not evaluated, f"remove `from __future__ import annotations` from {evaluated}"


@pytest.mark.parametrize("command", [["--help"], ["validate", "--help"]])
def test_help_imports_only_the_command_line(command: list[str]) -> None:
    libraries = imported(*command)
    assert not libraries & {
        "yaml",
        "jinja2",
        "hcl2",
        "rich",
        "secretgen.project",
        "secretgen.spec",
    }


def test_no_plugin_of_pydantic_sees_a_spec_and_the_garbage_collector_does_not_run(
    project: Path,
) -> None:
    code = """
import atexit, gc, importlib.metadata, sys
importlib.metadata.distributions = lambda *_, **__: sys.exit("looks for plugins")
atexit.register(lambda: print(gc.isenabled()))
from secretgen.__main__ import main
sys.argv = ["secretgen", "validate"]
main()
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "False"


def test_colours_only_on_terminals_without_no_color(project: Path, spec: Path) -> None:
    spec.write_text(WRONG, encoding="utf-8")
    assert "\x1b[1;31m" in on_a_terminal("validate")
    assert "\x1b" not in on_a_terminal("validate", NO_COLOR="1")
    assert "\x1b" not in on_a_terminal("validate", TERM="dumb")
    assert "\x1b" not in secretgen("validate", FORCE_COLOR="1", TERM="xterm").stdout


def test_full_disk(project: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        result = subprocess.run(
            [*COMMAND, "rules"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert result.returncode == 2
    assert result.stderr.startswith("secretgen: standard output cannot be written: ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("closed", "name"),
    [("<&-", "validate"), (">&-", "validate"), ("2>&-", "validate"), ("<&- >&- 2>&-", "check")],
)
def test_closed_stream_keeps_the_exit_code(
    closed: str, name: str, project: Path, spec: Path
) -> None:
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND, name]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    spec.write_text(WRONG, encoding="utf-8")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["rules"], 0),
        (["--version"], 0),
        (["--help"], 0),
        (["frobnicate"], 2),
        (["render", "--diff"], 0),
        (["check"], 3),
        (["check", "--format", "json", "--output", "report.json"], 3),
        (["validate", "missing.yaml", "--format", "sarif"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_closed_pipe_keeps_the_exit_code(
    arguments: list[str], code: int, project: Path, spec: Path
) -> None:
    spec.write_text(WARNING, encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        result = subprocess.run([*COMMAND, *arguments], stdout=pipe, stderr=pipe, check=False)
    assert result.returncode == code
    if arguments[0] == "render":
        assert run(["check"]) == 0, "the render was done"
    if "--output" in arguments:
        assert json.loads((project / "report.json").read_text("utf-8"))["drift"]


def test_a_terminal_without_unicode(project: Path, spec: Path) -> None:
    text = spec.read_text(encoding="utf-8") + "description: Geheimnisse für Köln\n"
    spec.write_text(text, encoding="utf-8")
    result = secretgen("show", PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    assert "f\\xfcr K\\xf6ln" in result.stdout


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_interrupted_waiting_render_exits_with_130(project: Path, spec: Path) -> None:
    spec.write_text(WARNING, encoding="utf-8")
    before = (project / "environments/small/keys.tf").read_bytes()
    with locked_root(project):
        process = subprocess.Popen(
            [*COMMAND, "render"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_heed_interrupts,  # noqa: PLW1509 -- this test starts no threads
        )
        deadline = time.monotonic() + 60
        while not _waits_for(project, process.pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert (project / "environments/small/keys.tf").read_bytes() == before


def _heed_interrupts() -> None:
    """Undoes that shells let what they run in the background ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupted_import_exits_with_130() -> None:
    command = [sys.executable, "-c", INTERRUPT_IMPORT, "validate"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (130, "secretgen: interrupted\n")


def _waits_for(folder: Path, process: int) -> bool:
    """Whether a process has opened a folder to lock it; Python also does, to look for modules."""
    proc = Path(f"/proc/{process}")
    if "pydantic_core" not in (proc / "maps").read_text(encoding="utf-8"):
        return False  # Python itself still starts
    for descriptor in (proc / "fd").iterdir():
        with suppress(FileNotFoundError):
            if descriptor.readlink() == folder.resolve():
                return True
    return False


def test_bad_usage_is_the_same_from_a_shell(project: Path) -> None:
    result = secretgen("frobnicate")
    assert (result.returncode, result.stdout) == (2, "")
    assert "No such command 'frobnicate'" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(shell: str, project: Path) -> None:
    words = {"COMP_WORDS": "secretgen val", "COMP_CWORD": "1"}
    asked = {"_TYPER_COMPLETE_ARGS": "secretgen val", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    asked["_SECRETGEN_COMPLETE"] = f"complete_{shell}"
    result = subprocess.run(
        ["secretgen"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **words, **asked, "PATH": search_path()},
    )
    assert result.returncode == 0
    assert "validate" in result.stdout
    assert "render" not in result.stdout


def test_missing_locks_are_reported(project: Path) -> None:
    program = "import sys; sys.modules['fcntl'] = None; sys.argv = ['secretgen', 'check']\n"
    program += "from secretgen.__main__ import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "secretgen runs on Linux and macOS. On Windows, use it in WSL 2.\n"
