"""Pieces of SVG: elements with classes, text that fits, icons. ElementTree escapes all text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

from secretgen.insight.plain_text import cells

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
