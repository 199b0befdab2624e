"""Pieces of SVG: elements with classes, text that fits, icons. ElementTree escapes all text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

from secretgen.insight.plain_text import cells

LANE_COLOURS = 8
"""How many colours readers' lanes take turns in."""

_SANS = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"
_MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

_FONTS = {
    "title": f"{_SANS};font-size:20px;font-weight:600",
    "subtitle": f"{_SANS};font-size:13px",
    "head": f"{_SANS};font-size:12px;font-weight:600",
    "note": f"{_SANS};font-size:11.5px",
    "label": f"{_SANS};font-size:12px",
    "name": f"{_MONO};font-size:13px",
    "id": f"{_MONO};font-size:11px",
}

_LIGHT = {
    "page": "fill:#ffffff",
    "panel": "fill:#f4f7fa;stroke:#d3dce6",
    "region": "fill:#e9eff6;stroke:#d3dce6",
    "card": "fill:#ffffff;stroke:#c3cfdb",
    "key": "fill:#fff6df;stroke:#dfb75b",
    "plain": "fill:none;stroke:#c3cfdb",
    "dashed": "fill:none;stroke:#8a9bad;stroke-dasharray:4 3",
    "wire": "stroke:#b9c6d3;fill:none",
    "icon": "stroke:#7d6420;fill:none;stroke-width:1.4",
    "mark": "stroke:#5a6b7c;fill:none;stroke-width:1.4",
    "strong": "fill:#17222e",
    "soft": "fill:#56677a",
    "dark-on-key": "fill:#5c4810",
}

_DARK = {
    "page": "fill:#0e151d",
    "panel": "fill:#141d27;stroke:#2b3948",
    "region": "fill:#1a2531;stroke:#2b3948",
    "card": "fill:#202d3b;stroke:#3a4b5d",
    "key": "fill:#3a3013;stroke:#8f7530",
    "plain": "fill:none;stroke:#3a4b5d",
    "dashed": "fill:none;stroke:#6b7d90;stroke-dasharray:4 3",
    "wire": "stroke:#405164;fill:none",
    "icon": "stroke:#e3c471;fill:none;stroke-width:1.4",
    "mark": "stroke:#9fb0c1;fill:none;stroke-width:1.4",
    "strong": "fill:#e8eef4",
    "soft": "fill:#9fb0c1",
    "dark-on-key": "fill:#f0dca0",
}

_LIGHT_LANES = (
    "#2563c9", "#c2600a", "#22803f", "#7c3fd0", "#bd2459", "#0b7d92", "#8a5a20", "#52606d",
)  # fmt: skip
_DARK_LANES = (
    "#6ea8fe", "#f2a65a", "#62c77a", "#b99af5", "#f487ac", "#4cc3d4", "#d3a878", "#a6b4c2",
)  # fmt: skip


def stylesheet() -> str:
    """Makes the style sheet; classes begin with `sg-`, so that it may stand in any page."""
    fonts = [f".sg-{name}{{{rule}}}" for name, rule in _FONTS.items()]
    light = _rules(_LIGHT, _LIGHT_LANES)
    dark = _rules(_DARK, _DARK_LANES)
    return "\n".join(["", *fonts, *light, "@media (prefers-color-scheme:dark){", *dark, "}", ""])


def _rules(colours: dict[str, str], lanes: tuple[str, ...]) -> list[str]:
    plain = [f".sg-{name}{{{rule}}}" for name, rule in colours.items()]
    lane = [
        f".sg-lane{n}{{stroke:{c};stroke-width:2}}.sg-dot{n}{{fill:{c}}}"
        for n, c in enumerate(lanes)
    ]
    return [*plain, *lane]


MONO_CELL = 8
"""Pixels that a character takes at most in the fixed-width font at 13 px."""
SANS_CELL = 7
"""Pixels that a character takes on average in the proportional font at 12 px."""
LABEL_CELL = 8
"""The same for short labels, in which the average may be far off."""

Box = tuple[int, int, int, int]
"""Left edge, upper edge, width and height."""

_ELLIPSIS = "…"
_CORNER = "6"


def add(parent: ET.Element, tag: str, **attributes: str | int) -> ET.Element:
    """Appends an element; `class_` and `view_box` stand for their SVG names."""
    names = {"class_": "class", "view_box": "viewBox"}
    plain = {names.get(k, k.replace("_", "-")): str(v) for k, v in attributes.items()}
    return ET.SubElement(parent, tag, plain)


def box(parent: ET.Element, style: str, place: Box) -> ET.Element:
    """Appends a rectangle with round corners."""
    x, y, width, height = place
    return add(parent, "rect", class_=style, x=x, y=y, width=width, height=height, rx=_CORNER)


def wire(parent: ET.Element, style: str, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Appends a straight line from one point to another."""
    add(parent, "line", class_=style, x1=start[0], y1=start[1], x2=end[0], y2=end[1])


def text(
    parent: ET.Element, style: str, x: int, y: int, content: str, **attributes: str | int
) -> ET.Element:
    """Appends a line of text whose base line is at `y`."""
    element = add(parent, "text", class_=style, x=x, y=y, **attributes)
    element.text = content
    return element


def hint(parent: ET.Element, content: str) -> None:
    """Gives an element a title, which browsers show under the pointer."""
    title = ET.Element("title")
    title.text = content
    parent.insert(0, title)


def key_icon(parent: ET.Element, style: str, x: int, y: int) -> None:
    """Appends a key, 14 pixels wide, around the middle line `y`."""
    add(parent, "circle", class_=style, cx=x + 4, cy=y, r=3)
    add(parent, "path", class_=style, d=f"M{x + 7} {y}h7m-2 0v3m-2.5 -3v2.5")


def rotation_icon(parent: ET.Element, style: str, x: int, y: int) -> None:
    """Appends a circular arrow, 10 pixels wide, around the middle line `y`."""
    add(parent, "path", class_=style, d=f"M{x + 9} {y - 2}a4.5 4.5 0 1 0 0.4 3.6m0 -6v2.6h-2.6")


def note_width(content: str) -> int:
    """Estimates the width of text in the proportional font at 11.5 px."""
    return cells(content) * 13 // 2


def head_width(content: str) -> int:
    """Estimates the width of text in the proportional bold font at 12 px."""
    return sum(map(_head_cell, content))


def _head_cell(character: str) -> int:
    if character in _SLIM:
        return 6
    if character in _BROAD or cells(character) > 1:
        return 13
    return 11 if character.isupper() else 9


_SLIM = " -./:,;'|()[]fijlrtI"
_BROAD = "mwMW@%&"


def fit(content: str, width: int, measure: Callable[[str], int] = cells) -> str:
    """Shortens text to a width, in its middle, where names differ least.

    Args:
        content: the text.
        width: what there is room for.
        measure: how wide a text is; in cells by default.
    """
    if measure(content) <= width:
        return content
    tail = max(width // 2 - measure(_ELLIPSIS), 0)
    head = width - tail - measure(_ELLIPSIS)
    return _head(content, head, measure) + _ELLIPSIS + _head(content[::-1], tail, measure)[::-1]


def _head(content: str, width: int, measure: Callable[[str], int]) -> str:
    taken, used = "", 0
    for character in content:
        used += measure(character)
        if used > width:
            break
        taken += character
    return taken
