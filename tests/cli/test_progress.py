"""What a long run shows of itself on a terminal, and what is left when it is interrupted."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

RUN = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have let it be ignored
import secretgen.cli.progress_display as progress
progress.PATIENCE, delay = float(sys.argv[1]), float(sys.argv[2])
import secretgen.tree as tree
def late(function):
    return lambda *arguments: time.sleep(delay) or function(*arguments)
tree.publish, tree.read_tree = late(tree.publish), late(tree.read_tree)
from secretgen.__main__ import main
sys.argv = ["secretgen", *sys.argv[3:]]
main()
"""
SLOW_DRAWING = """
import signal
from rich.live import Live
update = Live.update
def slow(*arguments, **keywords):
    signal.raise_signal(signal.SIGALRM)
    update(*arguments, **keywords)
Live.update = slow
"""
AT_ONCE, NEVER = 0.001, 60


class Terminal:
    """A command whose standard error is a terminal; its standard output is not."""

    def __init__(self, process: subprocess.Popen[str], master: int) -> None:
        self.process = process
        self._master = master
        self.text = ""

    def read_until(self, text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in self.text and time.monotonic() < deadline:
            if not self._read():
                break
        assert text in self.text

    def finish(self) -> str:
        """Waits for the end; returns what standard output got."""
        while self._read():
            pass
        output, _ = self.process.communicate(timeout=60)
        return output

    def _read(self) -> bool:
        try:
            part = os.read(self._master, 65536)
        except OSError:  # Linux says so when the other side is closed.
            return False
        self.text += part.decode(errors="replace")
        return bool(part)


@contextmanager
def on_a_terminal(
    *arguments: str,
    patience: float = AT_ONCE,
    delay: float = 0,
    code: str = RUN,
    **environment: str,
) -> Iterator[Terminal]:
    master, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code, str(patience), str(delay), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
        env={**os.environ, "TERM": "xterm", **environment},
    ) as process:
        os.close(terminal)
        try:
            yield Terminal(process, master)
        finally:
            process.kill()
            os.close(master)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_long_run_shows_progress_and_clears_it(project: Path) -> None:
    with on_a_terminal("check", delay=0.5) as terminal:
        output = terminal.finish()
    assert terminal.process.returncode == 0
    assert "Rendering, " in terminal.text
    assert terminal.text.endswith("\x1b[?25h\r\x1b[1A\x1b[2KNothing drifted.\r\n")
    assert "Rendering" not in output


def test_signal_while_the_line_is_drawn_is_ignored(project: Path) -> None:
    with on_a_terminal("check", delay=0.5, code=SLOW_DRAWING + RUN) as terminal:
        terminal.finish()
    assert "Rendering, " in terminal.text
    assert terminal.process.returncode == 0


def test_the_last_step_of_a_render_is_shown(project: Path, spec: Path) -> None:
    spec.write_text(spec.read_text(encoding="utf-8") + "  app/other:\n", encoding="utf-8")
    with on_a_terminal("render", delay=0.5) as terminal:
        terminal.read_until("Publishing, ")
        terminal.finish()
    assert terminal.process.returncode == 0


@pytest.mark.parametrize(("patience", "environment"), [(NEVER, {}), (AT_ONCE, {"TERM": "dumb"})])
def test_short_run_and_dumb_terminal_show_no_progress(
    patience: float, environment: dict[str, str], project: Path
) -> None:
    with on_a_terminal("check", patience=patience, **environment) as terminal:
        terminal.finish()
    assert terminal.process.returncode == 0
    assert "\x1b" not in terminal.text


def test_no_progress_without_a_terminal(project: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", RUN, str(AT_ONCE), "0", "check"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "FORCE_COLOR": "1"},
    )
    assert result.stderr == "Nothing drifted.\n"


def test_interrupted_render_leaves_no_files(project: Path, spec: Path) -> None:
    text = spec.read_text(encoding="utf-8").replace("small", "other")
    spec.write_text(text, encoding="utf-8")
    before = files(project)
    with on_a_terminal("render", delay=60) as terminal:
        terminal.read_until("Rendering")
        terminal.process.send_signal(signal.SIGINT)
        output = terminal.finish()
    assert terminal.process.returncode == 130
    assert terminal.text.endswith("secretgen: interrupted\r\n")
    assert "\x1b[?25h" in terminal.text
    assert output == ""
    assert files(project) == before
    assert {path.name for path in project.iterdir()} <= {"specs", "environments", "modules"}
