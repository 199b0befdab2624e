"""The picture as SVG: no script, no outside resource, text that can be selected."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from secretgen.insight.diagram.picture import Copy, KeyKind, Lane, Picture, picture
from secretgen.insight.diagram.svg_layout import (
    GAP,
    KEY_TEXT,
    MARGIN,
    Layout,
    PlacedKey,
    PlacedRow,
    place,
)
from secretgen.insight.diagram.svg_shapes import (
    LABEL_CELL,
    LANE_COLOURS,
    MONO_CELL,
    SANS_CELL,
    add,
    box,
    fit,
    head_width,
    hint,
    key_icon,
    note_width,
    rotation_icon,
    stylesheet,
    text,
    wire,
)
from secretgen.model.environment import Environment
from secretgen.model.words import counted

_DOT = 5
_TITLE_CELL = 13
_KEY_STYLES = {
    KeyKind.SHARED: "sg-key",
    KeyKind.DEDICATED: "sg-plain",
    KeyKind.ELSEWHERE: "sg-dashed",
    KeyKind.AWS_MANAGED: "sg-dashed",
}


def svg(environment: Environment) -> str:
    """Draws an environment as an SVG document."""
    root = svg_element(environment)
    ET.indent(root, space=" ")
    return ET.tostring(root, encoding="unicode") + "\n"


def svg_element(environment: Environment) -> ET.Element:
    """Draws an environment as an element that may stand in an HTML page."""
    content = picture(environment)
    layout = place(content)
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {layout.width} {layout.height}",
            "width": str(layout.width),
            "height": str(layout.height),
            "role": "img",
            "aria-label": _summary(content),
        },
    )
    add(root, "style").text = stylesheet()
    add(root, "rect", class_="sg-page", width=layout.width, height=layout.height)
    _title(root, content, layout)
    _account(root, content, layout)
    _lanes(root, content, layout)
    for key in layout.keys:
        _key(root, key, layout)
    for row in layout.rows:
        _row(root, row, content, layout)
    _legend(root, layout)
    return root


def _summary(content: Picture) -> str:
    return f"{content.environment}: {_counts(content)}"


def _counts(content: Picture) -> str:
    accounts = len({lane.account_id for lane in content.lanes})
    return " · ".join((
        counted(content.secrets, "secret"),
        counted(content.keys, "KMS key"),
        counted(1 + len(content.replica_regions), "Region"),
        f"read from {counted(accounts, 'other account') if accounts else 'no other account'}",
    ))  # fmt: skip


def _title(root: ET.Element, content: Picture, layout: Layout) -> None:
    text(root, "sg-title sg-strong", MARGIN, MARGIN + 16, content.environment)
    x = MARGIN + _TITLE_CELL * len(content.environment) + GAP
    shown = fit(content.description, (layout.width - MARGIN - x) // LABEL_CELL)
    text(root, "sg-subtitle sg-soft", x, MARGIN + 16, shown)
    text(root, "sg-subtitle sg-soft", MARGIN, MARGIN + 38, _counts(content))


def _account(root: ET.Element, content: Picture, layout: Layout) -> None:
    """Draws the account's panel with a band for each Region."""
    height = layout.body_bottom - layout.panel_top + GAP
    box(root, "sg-panel", (MARGIN, layout.panel_top, layout.panel_right - MARGIN, height))
    y = layout.panel_top + 25
    text(root, "sg-head sg-strong", MARGIN + GAP, y, f"Account {content.account_id}")
    left = MARGIN + GAP
    primary_right = layout.card_x + layout.card_width + GAP
    _band(root, layout, left, primary_right - left, content.region)
    after_name = left + 2 * GAP + head_width(content.region)
    text(root, "sg-note sg-soft", after_name, layout.body_top + 22, "primary Region")
    for x, region in zip(layout.copy_x, content.replica_regions, strict=True):
        _band(root, layout, x, layout.copy_width, region)
    for heading in layout.headings:
        shown = fit(heading.title, layout.card_width, head_width)
        text(root, "sg-head sg-soft", layout.card_x, heading.y, shown)


def _band(root: ET.Element, layout: Layout, x: int, width: int, region: str) -> None:
    box(root, "sg-region", (x, layout.body_top, width, layout.body_bottom - layout.body_top))
    text(root, "sg-head sg-strong", x + GAP, layout.body_top + 22, region)


def _lanes(root: ET.Element, content: Picture, layout: Layout) -> None:
    """Draws a lane for each role, down to the last secret that it reads or writes."""
    for number, (lane, x) in enumerate(zip(content.lanes, layout.lane_x, strict=True)):
        used = [placed.y for placed in layout.rows if number in placed.row.lanes]
        colour = number % LANE_COLOURS
        if used:
            wire(root, f"sg-lane{colour}", (x, layout.lanes_from), (x, max(used)))
        if layout.is_wide:
            _lane_box(root, lane, x, layout, colour)
        else:
            _lane_name(root, lane, x, layout)


def _lane_box(root: ET.Element, lane: Lane, x: int, layout: Layout, colour: int) -> None:
    group = add(root, "g")
    hint(group, f"Role {lane.role} of account {lane.account} ({lane.account_id})")
    width, top = layout.lane_width - GAP, layout.lanes_top
    left = x - width // 2
    box(group, "sg-card", (left, top, width, layout.lanes_from - top))
    add(group, "rect", class_=f"sg-dot{colour}", x=left, y=top + 6, width=3, height=50, rx=1)
    room = width - 2 * GAP
    inside = left + GAP
    text(group, "sg-head sg-strong", inside, top + 20, fit(lane.account, room, head_width))
    text(group, "sg-id sg-soft", inside, top + 36, lane.account_id)
    text(group, "sg-note sg-soft", inside, top + 52, fit(lane.role, room // SANS_CELL))


def _lane_name(root: ET.Element, lane: Lane, x: int, layout: Layout) -> None:
    y = layout.lanes_from - 6
    room = (layout.lanes_from - layout.lanes_top) // SANS_CELL
    shown = fit(f"{lane.account} {lane.role}", room)
    element = text(
        root, "sg-label sg-strong", x + 4, y, shown, transform=f"rotate(-90 {x + 4} {y})"
    )
    hint(element, f"Role {lane.role} of account {lane.account} ({lane.account_id})")


def _key(root: ET.Element, placed: PlacedKey, layout: Layout) -> None:
    """Draws a key next to the secrets that it encrypts."""
    group = add(root, "g")
    hint(group, placed.key.title)
    middle = (placed.top + placed.bottom) // 2
    inset = 0 if placed.key.kind is KeyKind.SHARED else max(0, layout.size.card // 2 - 13)
    height = placed.bottom - placed.top - 2 * inset
    place = (layout.key_x, placed.top + inset, layout.key_width, height)
    box(group, _KEY_STYLES[placed.key.kind], place)
    is_shared = placed.key.kind is KeyKind.SHARED
    key_icon(group, "sg-icon" if is_shared else "sg-mark", layout.key_x + 8, middle)
    room = (layout.key_width - KEY_TEXT) // LABEL_CELL
    colour = "sg-dark-on-key" if is_shared else "sg-soft"
    text(
        group,
        f"sg-label {colour}",
        layout.key_x + KEY_TEXT,
        middle + 4,
        fit(placed.key.label, room),
    )


def _row(root: ET.Element, placed: PlacedRow, content: Picture, layout: Layout) -> None:
    """Draws a secret, its replicas, and wires to its key and to the lanes of its roles."""
    row, y = placed.row, placed.y
    used = [layout.lane_x[number] for number in row.lanes]
    key_right, right = layout.key_x + layout.key_width, layout.card_x + layout.card_width
    wire(root, "sg-wire", (key_right, y), (layout.card_x, y))
    ends = [*used, *(layout.copy_x[content.replica_regions.index(c.region)] for c in row.copies)]
    if ends:
        wire(root, "sg-wire", (right, y), (max(ends), y))
    _card(root, placed, layout)
    for copy in row.copies:
        _copy(root, copy, layout.copy_x[content.replica_regions.index(copy.region)], y, layout)
    for number in row.lanes:
        _marks(root, placed, number, content.lanes[number], layout.lane_x[number])


def _marks(root: ET.Element, placed: PlacedRow, number: int, lane: Lane, x: int) -> None:
    """Marks where a role reads a secret, and where it writes it: next to each other."""
    row, y, style = placed.row, placed.y, f"sg-dot{number % LANE_COLOURS}"
    both = number in row.readers and number in row.writers
    if number in row.readers:
        group = add(root, "g")
        hint(group, f"{lane.account}:{lane.role} reads {row.name}")
        add(group, "circle", class_=style, cx=x - (_DOT + 1 if both else 0), cy=y, r=_DOT)
    if number in row.writers:
        group = add(root, "g")
        hint(group, f"{lane.account}:{lane.role} writes {row.name}")
        _square(group, style, x + (_DOT + 1 if both else 0), y)


def _square(parent: ET.Element, style: str, x: int, y: int) -> None:
    add(parent, "rect", class_=style, x=x - _DOT, y=y - _DOT, width=2 * _DOT, height=2 * _DOT)


def _card(root: ET.Element, placed: PlacedRow, layout: Layout) -> None:
    row, size = placed.row, layout.size
    group = add(root, "g")
    hint(group, f"{row.name}: {row.description}" if row.description else row.name)
    top = placed.y - size.card // 2
    box(group, "sg-card", (layout.card_x, top, layout.card_width, size.card))
    x, right = layout.card_x + GAP, layout.card_x + layout.card_width - GAP
    rotation = note_width(row.rotation) + 16 if row.rotation else 0
    room = layout.card_width - 2 * GAP - (0 if size.two_lines else rotation)
    first = top + 19 if size.two_lines else placed.y + 5
    text(group, "sg-name sg-strong", x, first, fit(row.name, room // MONO_CELL))
    second = top + 36 if size.two_lines else placed.y + 4
    if size.two_lines:
        about = fit(row.description or f"value: {row.source}", (room - rotation) * 2 // 13)
        text(group, "sg-note sg-soft", x, second, about)
    if row.rotation:
        rotation_icon(group, "sg-mark", right - rotation, second - 4)
        text(group, "sg-note sg-soft", right - rotation + 16, second, row.rotation)


def _copy(root: ET.Element, copy: Copy, x: int, y: int, layout: Layout) -> None:
    group = add(root, "g")
    hint(group, f"Replica in {copy.region}, encrypted with: {copy.key.title}")
    place = (x + GAP, y - 13, layout.copy_width - 2 * GAP, 26)
    box(group, "sg-card", place)
    if copy.key.kind is KeyKind.ELSEWHERE:
        box(group, "sg-dashed", place)
    key_icon(group, "sg-mark", x + GAP + 8, y)
    text(group, "sg-label sg-soft", x + GAP + 29, y + 4, "replica")


def _legend(root: ET.Element, layout: Layout) -> None:
    """Draws what the signs mean that occur."""
    y = layout.body_bottom + 2 * GAP + 14
    x = MARGIN
    key_icon(root, "sg-mark", x, y)
    x = _meaning(root, x, y, "KMS key, with its secrets")
    if any(placed.row.rotation for placed in layout.rows):
        rotation_icon(root, "sg-mark", x + 2, y)
        x = _meaning(root, x, y, "rotates")
    if any(placed.row.readers for placed in layout.rows):
        add(root, "circle", class_="sg-dot0", cx=x + 7, cy=y, r=_DOT)
        x = _meaning(root, x, y, "role that reads it, in every Region")
    if any(placed.row.writers for placed in layout.rows):
        _square(root, "sg-dot0", x + 7, y)
        _meaning(root, x, y, "role that writes it")


def _meaning(root: ET.Element, x: int, y: int, meaning: str) -> int:
    """Writes the meaning of the sign at `x`; returns where the next sign may stand."""
    text(root, "sg-note sg-soft", x + 20, y + 4, meaning)
    return x + 20 + note_width(meaning) + 2 * GAP
