"""Draws the figure: a bar for each tool, as SVG whose text can be selected."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tests.bench.commands import CHANGE, CHECK, RENDER
from tests.bench.page import figure_size
from tests.bench.results import Results, Row

_WIDTH, _LEFT, _RIGHT = 760, 330, 70
_TOP, _STEP, _BAR = 54, 26, 16

_STYLE = """
text { fill: #17222e; font: 13px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif }
.title { font-size: 15px; font-weight: 600 }
.soft { fill: #56677a }
.page { fill: #ffffff }
.own { fill: #2563c9 }
.other { fill: #b9c6d3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e8eef4 }
  .soft { fill: #9fb0c1 }
  .page { fill: #0e151d }
  .own { fill: #6ea8fe }
  .other { fill: #405164 }
}
"""


def figure(results: Results) -> str:
    """Draws the CPU seconds of each tool for the same number of secrets."""
    size = figure_size(results)
    own = [r for r in results.own if r.secrets == size and r.title in (CHECK, CHANGE, RENDER)]
    peers = [r for r in results.peers if r.secrets == size]
    bars = [(f"secretgen, {row.title}", "own", row) for row in own]
    bars += [(row.title.split(":")[0], "other", row) for row in peers]
    bars = sorted((bar for bar in bars if bar[2].cost), key=lambda bar: _seconds(bar[2]))
    title = f"CPU seconds for {size:,} secrets, less is better"
    height = _TOP + _STEP * len(bars) + 14
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_WIDTH} {height}",
            "width": str(_WIDTH),
            "height": str(height),
            "role": "img",
            "aria-labelledby": "title",
        },
    )
    ET.SubElement(root, "title", {"id": "title"}).text = title
    ET.SubElement(root, "style").text = _STYLE
    ET.SubElement(root, "rect", {"class": "page", "width": "100%", "height": "100%"})
    _text(root, "title", 20, 30, title)
    longest = max((_seconds(row) for _, _, row in bars), default=1)
    for index, (label, kind, row) in enumerate(bars):
        y = _TOP + _STEP * index
        width = (_WIDTH - _LEFT - _RIGHT) * _seconds(row) / longest
        _text(root, "", 20, y + 13, label)
        bar = {"x": _LEFT, "y": y, "width": f"{max(width, 2):.1f}", "height": _BAR, "rx": 3}
        ET.SubElement(root, "rect", {"class": kind, **{k: str(v) for k, v in bar.items()}})
        _text(root, "soft", round(_LEFT + width) + 8, y + 13, f"{_seconds(row):.2f}")
    ET.indent(root, space=" ")
    return ET.tostring(root, encoding="unicode") + "\n"


def _seconds(row: Row) -> float:
    return row.cost.cpu if row.cost else 0


def _text(parent: ET.Element, style: str, x: int, y: int, content: str) -> None:
    element = ET.SubElement(parent, "text", {"class": style, "x": str(x), "y": str(y)})
    element.text = content
