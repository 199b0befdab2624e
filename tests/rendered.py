"""Rendering a spec the way a user does, into a project of the test's own."""

import re
import shutil
from pathlib import Path

from secretgen.cli import run

PROJECT = Path(__file__).parent.parent
PRODUCTION = PROJECT / "tests" / "reference" / "production.yaml"
SPECS = Path(__file__).parent / "specs"


def write_spec(root: Path, text: str, name: str = "production") -> Path:
    """Writes a spec into the project at `root`."""
    spec = root / "specs" / f"{name}.yaml"
    spec.parent.mkdir(parents=True, exist_ok=True)
    spec.write_text(text, encoding="utf-8")
    return spec


def render(root: Path, text: str, name: str = "production") -> Path:
    """Renders a spec into the project at `root`; returns the folder of the environment."""
    write_spec(root, text, name)
    code = run(["render", "--root", str(root)])
    assert code == 0, f"render: exit code {code}"
    (environment,) = (p for p in (root / "environments").iterdir() if p.is_dir())
    return environment


def another_environment(text: str, old: str, new: str) -> str:
    """Makes a second environment of a spec: it has an account and a bucket of its own."""
    text = text.replace(f"environment: {old}", f"environment: {new}")
    text = re.sub(r"account_id: \"?\d{12}", lambda match: match[0][:-3] + "999", text)
    return re.sub(r"bucket: ", f"bucket: {new}-", text)


def render_all(root: Path) -> None:
    """Renders the reference specs and those of the tests into one project at `root`."""
    shutil.copytree(PROJECT / "parts", root / "parts")
    staging = PROJECT / "specs/staging.yaml"
    for spec in [PRODUCTION, staging, *sorted(SPECS.glob("*.yaml"))]:
        write_spec(root, spec.read_text(encoding="utf-8"), spec.stem)
    assert run(["render", "--root", str(root)]) == 0


def tree(root: Path) -> dict[str, bytes]:
    """Reads all files below `root`, by their path."""
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
