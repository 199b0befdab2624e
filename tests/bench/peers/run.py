"""Installs the other tools and measures them; what cannot be installed is told with the reason."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import FailedError, median, once
from tests.bench.results import Row

SCRIPTS = Path(__file__).parent
INSTALL_SECONDS = 300


class NotInstalledError(Exception):
    """A tool that cannot be installed; the text is the last line of what the installer said."""


@dataclass(frozen=True)
class Peer:
    """Another tool.

    Args:
        name: of its folder.
        title: what it does, in the table.
        packages: what is installed from PyPI, or from npm for a script in JavaScript.
        script: what is measured, in this folder.
        arguments: before the count and the folder.
        parses: reads the HCL that secretgen rendered, instead of writing its own.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    script: str
    arguments: tuple[str, ...] = ()
    parses: bool = False

    def install(self, home: Path) -> list[str]:
        """Installs it unless it is installed; returns the beginning of its command.

        Raises:
            NotInstalledError: it cannot be installed.
        """
        folder = home / self.name
        script = str(SCRIPTS / self.script)
        if script.endswith(".js"):
            install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
            command = ["node", script]
        else:
            python = str(folder / "bin" / "python")
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            command = [python, script]
        done = folder / ".installed"
        wanted = " ".join(self.packages)
        if not done.exists() or done.read_text(encoding="utf-8") != wanted:
            if command[0] != "node":
                _call([sys.executable, "-m", "venv", str(folder)])
            folder.mkdir(parents=True, exist_ok=True)
            _call([*install, *self.packages])
            done.write_text(wanted, encoding="utf-8")
        return [*command, *self.arguments]

    def environment(self, home: Path) -> dict[str, str]:
        """Variables that it needs."""
        modules = str(home / self.name / "node_modules")
        return {"NODE_PATH": modules, "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1"}


PEERS = (
    Peer(
        "python-hcl2",
        "python-hcl2 parses what secretgen rendered",
        ("python-hcl2",),
        "parse_hcl2.py",
        parses=True,
    ),
    Peer(
        "tree-sitter",
        "tree-sitter-hcl parses what secretgen rendered",
        ("tree-sitter", "tree-sitter-hcl"),
        "parse_tree_sitter.py",
        parses=True,
    ),
    Peer("jinja2", "Jinja alone, one template", ("jinja2",), "render_jinja.py"),
    Peer("terrascript", "terrascript", ("terrascript",), "terrascript_json.py"),
    Peer(
        "terraform-generator",
        "terraform-generator (Node.js)",
        ("terraform-generator",),
        "terraform_generator.js",
    ),
    Peer("cdktn", "cdktn, Python", ("cdktn", "cdktn-provider-aws"), "cdk.py", ("cdktn",)),
    Peer("cdktf", "cdktf, Python", ("cdktf", "cdktf-cdktf-provider-aws"), "cdk.py", ("cdktf",)),
)


def measure(peer: Peer, home: Path, project: Path, size: int, runs: int) -> Row:
    """Measures a tool.

    Args:
        peer: the tool.
        home: where tools are installed.
        project: what secretgen rendered.
        size: how many secrets to write.
        runs: how often; once more before, to let it fill its caches.
    """
    try:
        command = peer.install(home)
        where = [str(project)] if peer.parses else [str(size), str(project / f".{peer.name}")]
        environment = peer.environment(home)
        once([*command, *where], project, environment)
        cost = median([*command, *where], project, runs, environment=environment)
    except NotInstalledError as error:
        return Row(size, peer.title, None, f"not installed: {error}")
    except FailedError as error:
        return Row(size, peer.title, None, f"failed: {str(error).splitlines()[-1]}")
    return Row(size, peer.title, cost)


def _call(command: list[str]) -> None:
    try:
        subprocess.run(
            command,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        lines = error.stdout.strip().splitlines() or ["no reason given"]
        raise NotInstalledError(lines[-1]) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(str(error)) from None
