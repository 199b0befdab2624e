"""Where everything in the SVG stands, in pixels: all decided before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from secretgen.insight.diagram.picture import Group, KeyContent, KeyKind, Picture, Row
from secretgen.insight.diagram.svg_shapes import (
    LABEL_CELL,
    MONO_CELL,
    SANS_CELL,
    head_width,
    note_width,
)
from secretgen.insight.plain_text import cells

MARGIN = 24
GAP = 12
ROOMY_UP_TO = 12
"""Secrets up to which each gets two lines."""
WIDE_LANES_UP_TO = 6
"""Readers up to which each gets a box with its name above its lane."""

KEY_TEXT = 27
"""Distance from a key's left edge to its name, with room for the icon between them."""

_LONGEST_NAME = 60
_LONGEST_KEY = 20
_LONGEST_LANE = 40
_LONGEST_ABOUT = 280
_LEAST_CARD = 200
_TITLE_HEIGHT = 60
_REGION_HEAD = 34
_GROUP_HEAD = 30
_ICON = 24
_LEAST_COPY = 112
_LEAST_LANE = 148
_MOST_LANE = 200
_NARROW_LANE = 30
_LANE_BOX = 62
_LEGEND = 40
_LEAST_WIDTH = 620


class Size(Struct, frozen=True):
    """Heights that depend on how many secrets there are.

    Args:
        card: height of a secret's box.
        pitch: distance from one secret to the next.
        two_lines: whether a secret's box has a second line.
    """

    card: int
    pitch: int
    two_lines: bool


class PlacedRow(Struct, frozen=True):
    """A secret at the height of its middle line."""

    row: Row
    y: int


class PlacedKey(Struct, frozen=True):
    """A key next to the secrets that it encrypts, from the first to the last of them."""

    key: KeyContent
    top: int
    bottom: int


class PlacedGroup(Struct, frozen=True):
    """A heading with the base line of its text."""

    title: str
    y: int


class Layout(Struct, frozen=True):
    """All places.

    Args:
        size: heights.
        width: of the whole picture.
        height: of the whole picture.
        panel_top: upper edge of the account's panel.
        body_top: upper edge of the Regions' bands.
        body_bottom: lower edge of the Regions' bands.
        key_x: left edge of keys.
        key_width: width of keys.
        card_x: left edge of secrets.
        card_width: width of secrets.
        copy_x: left edges of the replica Regions' bands.
        copy_width: width of these bands.
        panel_right: right edge of the account's panel.
        lane_x: middle lines of the readers' lanes.
        lane_width: distance from one lane to the next.
        is_wide: whether each lane has room for a box with the reader's name.
        lanes_top: upper edge of the readers' boxes or names.
        lanes_from: where lanes begin.
        headings: headings of groups.
        keys: keys.
        rows: secrets.
    """

    size: Size
    width: int
    height: int
    panel_top: int
    body_top: int
    body_bottom: int
    key_x: int
    key_width: int
    card_x: int
    card_width: int
    copy_x: tuple[int, ...]
    copy_width: int
    panel_right: int
    lane_x: tuple[int, ...]
    lane_width: int
    is_wide: bool
    lanes_top: int
    lanes_from: int
    headings: tuple[PlacedGroup, ...]
    keys: tuple[PlacedKey, ...]
    rows: tuple[PlacedRow, ...]


def place(content: Picture) -> Layout:
    """Places everything that a picture shows."""
    rows = [row for group in content.groups for row in group.rows]
    size = (
        Size(46, 56, two_lines=True) if len(rows) <= ROOMY_UP_TO else Size(26, 32, two_lines=False)
    )
    wide_lanes = len(content.lanes) <= WIDE_LANES_UP_TO
    head = _LANE_BOX if wide_lanes else _names_height(content)
    panel_top = MARGIN + _TITLE_HEIGHT + max(0, head - 2 * _REGION_HEAD)
    body_top = panel_top + _REGION_HEAD + GAP
    key_width = KEY_TEXT + LABEL_CELL * min(_longest(r.key.label for r in rows), _LONGEST_KEY) + 8
    key_x = MARGIN + 2 * GAP
    card_x = key_x + key_width + 2 * GAP
    card_width = _card_width(rows, size)
    region_right = card_x + card_width + GAP
    copy_width = max([_LEAST_COPY, *(head_width(r) + 2 * GAP for r in content.replica_regions)])
    copy_x = tuple(
        region_right + GAP + n * (copy_width + GAP) for n in range(len(content.replica_regions))
    )
    panel_right = (copy_x[-1] + copy_width if copy_x else region_right) + GAP
    lane_width = _wide_lane(content) if wide_lanes else _NARROW_LANE
    first_lane = panel_right + 2 * GAP + lane_width // 2
    lane_x = tuple(first_lane + n * lane_width for n in range(len(content.lanes)))
    lanes_from = body_top - GAP
    headings, keys, placed, bottom = _stack(content.groups, size, body_top + _REGION_HEAD)
    return Layout(
        size=size,
        width=max(lane_x[-1] + lane_width // 2 if lane_x else panel_right, _LEAST_WIDTH) + MARGIN,
        height=bottom + 2 * GAP + _LEGEND,
        panel_top=panel_top,
        body_top=body_top,
        body_bottom=bottom,
        key_x=key_x,
        key_width=key_width,
        card_x=card_x,
        card_width=card_width,
        copy_x=copy_x,
        copy_width=copy_width,
        panel_right=panel_right,
        lane_x=lane_x,
        lane_width=lane_width,
        is_wide=wide_lanes,
        lanes_top=lanes_from - head,
        lanes_from=lanes_from,
        headings=headings,
        keys=keys,
        rows=placed,
    )


def _longest(texts: Iterable[str]) -> int:
    return max((cells(text) for text in texts), default=0)


def _names_height(content: Picture) -> int:
    longest = _longest(f"{lane.account} {lane.role}" for lane in content.lanes)
    return SANS_CELL * min(longest, _LONGEST_LANE) + GAP


def _wide_lane(content: Picture) -> int:
    names = [head_width(lane.account) + 3 * GAP for lane in content.lanes]
    return min(max([_LEAST_LANE, *names]), _MOST_LANE)


def _card_width(rows: list[Row], size: Size) -> int:
    """Gives names room for their longest, and a rotation for itself next to or below them."""
    names = MONO_CELL * min(_longest(row.name for row in rows), _LONGEST_NAME)
    rotation = max((note_width(row.rotation) + _ICON for row in rows if row.rotation), default=0)
    if not size.two_lines:
        return names + rotation + 2 * GAP
    about = max(min(note_width(row.description), _LONGEST_ABOUT) for row in rows)
    return max(names, about + rotation, _LEAST_CARD) + 2 * GAP


def _stack(
    groups: tuple[Group, ...], size: Size, top: int
) -> tuple[tuple[PlacedGroup, ...], tuple[PlacedKey, ...], tuple[PlacedRow, ...], int]:
    headings: list[PlacedGroup] = []
    keys: list[PlacedKey] = []
    rows: list[PlacedRow] = []
    y = top
    for group in groups:
        if group.title:
            headings.append(PlacedGroup(group.title, y + _GROUP_HEAD - GAP))
            y += _GROUP_HEAD
        open_key: KeyContent | None = None
        for row in group.rows:
            card_top = y + (size.pitch - size.card) // 2
            rows.append(PlacedRow(row, card_top + size.card // 2))
            if row.key.kind is KeyKind.SHARED and row.key == open_key:
                keys[-1] = PlacedKey(row.key, keys[-1].top, card_top + size.card)
            else:
                keys.append(PlacedKey(row.key, card_top, card_top + size.card))
            open_key = row.key
            y += size.pitch
    return tuple(headings), tuple(keys), tuple(rows), y + GAP
