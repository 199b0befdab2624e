"""The bench measures what it says, and the page in `docs/` holds what it writes."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.bench.commands import CHANGE, CHECK, RENDER, VALIDATE
from tests.bench.measure import FailedError, median, once
from tests.bench.page import page
from tests.bench.peers.run import PEERS, Peer, measure
from tests.bench.plans import BLOCKS, MAP
from tests.bench.results import Results, Row
from tests.bench.targets import targets

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def rows(text: str) -> set[tuple[str, str]]:
    """The first two cells of each row of each table."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return {(line[0], line[1]) for line in lines}


def labels(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.slow
def test_small_benchmark_run(tmp_path: Path) -> None:
    tiny = ["--runs", "1", "--sizes", "2", "--peers", "", "--plans", "", "--write", str(tmp_path)]
    run = [sys.executable, "-m", "tests.bench", *tiny]
    result = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    written = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert written == result.stdout
    assert rows(written) >= {("2", title) for title in (VALIDATE, RENDER, CHANGE, CHECK)}
    assert f"secretgen, {CHECK}" in labels((tmp_path / "performance.svg").read_text("utf-8"))


def test_the_page_holds_every_row() -> None:
    written = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    wanted = {
        (size, title)
        for size in ("4", "100", "1,000", "10,000")
        for title in (VALIDATE, RENDER, CHANGE, CHECK)
    }
    wanted |= {(size, title) for size in ("200", "500") for title in (BLOCKS, MAP)}
    assert rows(written) >= wanted
    for size in ("4", "1,000"):
        for peer in PEERS:
            assert any(row[0] == size and row[1].startswith(peer.title) for row in rows(written))
    assert "not measured" not in written
    assert "Machine: " in written
    assert "performance.svg" in written


def test_the_figure_can_be_read_and_selected() -> None:
    svg = (ROOT / "docs" / "performance.svg").read_text(encoding="utf-8")
    assert {f"secretgen, {title}" for title in (RENDER, CHANGE, CHECK)} <= set(labels(svg))
    assert "prefers-color-scheme: dark" in svg


def test_cpu_of_children_counts(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    command = [
        sys.executable,
        "-c",
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])",
    ]
    assert once(command, tmp_path).cpu > 0.3


def test_the_median_is_taken_of_each_figure(tmp_path: Path) -> None:
    prepared: list[int] = []
    cost = median([sys.executable, "-c", ""], tmp_path, 3, prepared.append)
    assert prepared == [0, 1, 2]
    assert 0 < cost.cpu < 5


def test_failed_command_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="no way"):
        once([sys.executable, "-c", "import sys; sys.exit('no way')"], tmp_path)


def test_tool_that_cannot_be_installed_is_reported_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    row = measure(Peer("x", "X", ("x",), "x.js"), tmp_path, tmp_path, 4, 1)
    assert row.cost is None
    assert row.note.startswith("not installed: ")
    assert "npm" in row.note


@pytest.mark.parametrize(
    ("runs", "words"), [(1, "is that of one run of"), (3, "is the median of 3 runs of")]
)
def test_page_states_the_number_of_runs(runs: int, words: str) -> None:
    assert words in page(Results("", "", runs))


def test_large_figures_are_written_out() -> None:
    row = "| 10,000 secrets, memory | 1,000 MB | n/a | not measured |"
    assert row in page(Results("", "", 1))


def test_missing_measurement_fails_the_goal() -> None:
    empty = Results("", "", 1, own=[Row(4, RENDER, None, "failed")])
    assert {target.verdict for target in targets(empty)} == {"not measured"}
