"""Measures secretgen and other tools as whole processes, and writes a page about it.

python -m tests.bench [--write FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.commands import commands, project, start_up
from tests.bench.figure import figure
from tests.bench.machine import machine
from tests.bench.page import FIGURE, page
from tests.bench.peers.run import PEERS, measure
from tests.bench.plans import BLOCKS, MAP, plan
from tests.bench.results import Results, Row

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> None:
    """Measures, prints the page, and writes it where it was asked to."""
    options = _options(arguments)
    results = Results(machine(), "make bench", options.runs)
    with tempfile.TemporaryDirectory() as folder:
        _measure(results, Path(folder), options)
    text = page(results)
    sys.stdout.write(text)
    if options.write:
        (options.write / "performance.md").write_text(text, encoding="utf-8")
        (options.write / FIGURE).write_text(figure(results), encoding="utf-8")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    sizes = {"type": _numbers, "metavar": "N,N"}
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of which the median is")
    parser.add_argument("--sizes", **sizes, default=(4, 100, 1_000, 10_000), help="secrets")
    parser.add_argument("--peers", **sizes, default=(4, 1_000), help="secrets for other tools")
    parser.add_argument("--plans", **sizes, default=(200, 500), help="secrets for Terraform")
    parser.add_argument("--tools", type=Path, default=ROOT / ".venv" / "bench", help="their folder")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the page there")
    return parser.parse_args(arguments)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(",") if number)


def _measure(results: Results, folder: Path, options: argparse.Namespace) -> None:
    results.start += [_said(row) for row in start_up(folder, options.runs)]
    # What is compared is measured next to each other: no machine is equally busy all the time.
    for size in sorted({*options.sizes, *options.peers}):
        rendered = folder / str(size)
        project(rendered, size)
        if size in options.sizes:
            results.own += [_said(row) for row in commands(rendered, size, options.runs)]
        if size in options.peers:
            results.peers += [
                _said(measure(peer, options.tools, rendered, size, options.runs)) for peer in PEERS
            ]
    for size in options.plans:
        results.plans += [_said(plan(folder / "plan", size, title)) for title in (BLOCKS, MAP)]


def _said(row: Row) -> Row:
    """Tells that something is measured; the figures alone, as the page tells the rest."""
    figures = f"{row.cost.cpu:.2f} s" if row.cost else row.note
    sys.stderr.write(f"{row.secrets:>7} {row.title}: {figures}\n")
    return row


if __name__ == "__main__":
    main(sys.argv[1:])
