"""Two environments side by side: what one lacks, and what differs beyond the inputs of parts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from secretgen.diagnostics import Path, Span, path_text
from secretgen.insight.plain_text import printable, to_json
from secretgen.spec.load import LoadedSpec
from secretgen.spec.resolve import with_defaults
from secretgen.spec.schema import Spec
from secretgen.spec.types import Shape

_OF_ONE = {"version", "environment", "description", "include", "aws", "backend", "defaults"}
"""Fields that belong to one environment, or that show in the secrets."""

_IDENTITY = ("accounts", "id")
"""Section and field that differ between environments by their nature."""


class Missing(Struct, frozen=True):
    """Something that only one of the two environments has.

    Args:
        subject: what it is.
        place: where it stands.
    """

    subject: Path
    place: Span


class Contrast(Struct, frozen=True):
    """A field that differs.

    Args:
        subjects: what it belongs to, in the left and in the right environment.
        attribute: the field.
        values: its values; None where it is not set.
        places: where they stand.
    """

    subjects: tuple[Path, Path]
    attribute: Path
    values: tuple[Any, Any]
    places: tuple[Span, Span]


class SideBySide(Struct, frozen=True):
    """How two environments differ.

    Args:
        names: the left and the right environment.
        only: what only the left one has, and what only the right one has.
        contrasts: the fields that differ.
    """

    names: tuple[str, str]
    only: tuple[tuple[Missing, ...], tuple[Missing, ...]]
    contrasts: tuple[Contrast, ...]


def side_by_side(left: LoadedSpec, right: LoadedSpec) -> SideBySide:
    """Compares two environments.

    A secret of a part is the same one in both environments, whatever inputs make of its name. A
    difference that only inputs make is none: both values come from one text in a part. Nor is the
    name of the environment in a text.

    Args:
        left: a valid spec.
        right: another one.
    """
    sides = (_Side(left), _Side(right))
    only: tuple[list[Missing], list[Missing]] = ([], [])
    contrasts: list[Contrast] = []
    for section in Spec.model_fields:
        if section in _OF_ONE:
            continue
        pairs = _pairs(*sides, section)
        for one, other in pairs:
            if one is None or other is None:
                index, subject = (1, other) if one is None else (0, one)
                path = (section, subject or "")
                only[index].append(Missing(path, sides[index].loaded.places.key(path)))
            else:
                contrasts += _contrasts(*sides, section, (one, other))
    names = (sides[0].spec.environment, sides[1].spec.environment)
    return SideBySide(names, (tuple(only[0]), tuple(only[1])), tuple(contrasts))


class _Side:
    """One of the two environments."""

    def __init__(self, loaded: LoadedSpec) -> None:
        self.loaded = loaded
        self.spec = loaded.parts[0]
        self._entries: dict[str, dict[str, Any]] = {}

    def entries(self, section: str) -> dict[str, Any]:
        """Returns the entries of a section as plain data; a section without names is one entry."""
        if section not in self._entries:
            self._entries[section] = self._plain(section)
        return self._entries[section]

    def _plain(self, section: str) -> dict[str, Any]:
        value = getattr(self.spec, section)
        if section == "secrets":
            defaults = self.spec.defaults
            value = {name: with_defaults(s, defaults) for name, s in value.items()}
        plain = _plain(value)
        is_by_name = isinstance(value, dict) and all(isinstance(v, dict) for v in plain.values())
        return plain if is_by_name else {"": plain}

    def place(self, section: str, name: str, attribute: Path) -> Span:
        """Returns where a field stands: under the entry, or in the `defaults` of the spec."""
        places = self.loaded.places
        own = (section, *([name] if name else []), *attribute)
        default = ("defaults", *attribute)
        written = places.is_written(own[:3]) or not places.is_written(default[:2])
        return places.value(own if section != "secrets" or written else default)

    def texts(self, section: str) -> dict[Span, str]:
        """Returns the entry that each text of a part belongs to, of texts of one entry only."""
        found: dict[Span, set[str]] = {}
        for path, span in self.loaded.places.keys.items():
            if path[0] == section and len(path) in (2, 3) and span.file != self.loaded.file:
                found.setdefault(span.written, set()).add(str(path[1]))
        return {span: next(iter(names)) for span, names in found.items() if len(names) == 1}

    def neutral(self, name: str) -> str:
        """Returns a name without the name of the environment in it."""
        return name.replace(self.spec.environment, "\0")


def _plain(value: Any) -> Any:
    """Turns models into plain data."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, Shape):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    return value


def _pairs(left: _Side, right: _Side, section: str) -> Iterator[tuple[str | None, str | None]]:
    """Pairs the entries of a section: by their text in a part, else by name."""
    ours, theirs = left.entries(section), right.entries(section)
    by_text = right.texts(section)
    neutral = {right.neutral(name): name for name in theirs}
    shared: dict[str, Counter[str]] = {}
    for span, name in left.texts(section).items():
        if span in by_text:
            shared.setdefault(name, Counter())[by_text[span]] += 1
    taken: set[str] = set()
    for name in sorted(ours):
        counted = [other for other, _ in shared.get(name, Counter()).most_common(1)]
        guesses = [*counted, name, neutral.get(left.neutral(name), "\0")]
        match = next((g for g in guesses if g in theirs and g not in taken), None)
        if match is not None:
            taken.add(match)
        yield name, match
    yield from ((None, name) for name in sorted(theirs.keys() - taken))


def _contrasts(
    left: _Side, right: _Side, section: str, names: tuple[str, str]
) -> Iterator[Contrast]:
    values = (left.entries(section)[names[0]], right.entries(section)[names[1]])
    flat = tuple(dict(_flat(value)) for value in values)
    subjects = tuple((section, *([name] if name else [])) for name in names)
    for attribute in sorted({*flat[0], *flat[1]}, key=path_text):
        both = (flat[0].get(attribute), flat[1].get(attribute))
        if both[0] == both[1] or (section, *attribute) == _IDENTITY:
            continue
        places = (
            left.place(section, names[0], attribute),
            right.place(section, names[1], attribute),
        )
        one, other = both
        is_text = isinstance(one, str) and isinstance(other, str)
        is_name = is_text and left.neutral(str(one)) == right.neutral(str(other))
        is_explained = is_name or places[0].written == places[1].written
        if not is_explained:
            yield Contrast((subjects[0], subjects[1]), attribute, both, places)


def _flat(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yields the leaves of plain data; a list is one, as its order has no meaning."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, (*path, key))
    elif isinstance(value, list):
        yield path, sorted(value, key=lambda item: json.dumps(item, sort_keys=True)) or None
    elif value not in (None, "", {}):
        yield path, value


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _subject(contrast: Contrast) -> str:
    left, right = map(path_text, contrast.subjects)
    return left if left == right else f"{left}, {right}"


def comparison_text(found: SideBySide) -> str:
    """Writes a comparison for people."""
    lines = []
    for name, missing in zip(found.names[::-1], found.only, strict=True):
        lines += [f"{name} lacks {path_text(m.subject)} ({m.place.where})" for m in missing]
    subject = ""
    for contrast in found.contrasts:
        if subject != _subject(contrast):
            subject = _subject(contrast)
            lines += ["", printable(subject)] if lines else [printable(subject)]
        lines.append(f"  {path_text(contrast.attribute) or 'value'}")
        for name, value, place in zip(found.names, contrast.values, contrast.places, strict=True):
            lines.append(f"    {name}: {_shown(value)} ({place.where})")
    if not lines:
        lines = [f"{found.names[0]} and {found.names[1]} differ in inputs only."]
    return "".join(f"{line}\n" for line in lines)


def comparison_markdown(found: SideBySide) -> str:
    """Writes a comparison as Markdown, for a comment or a page."""
    left, right = found.names
    lines = [f"# {left} and {right}", ""]
    if not any(found.only) and not found.contrasts:
        lines += ["They differ in inputs only.", ""]
    for name, missing in zip((right, left), found.only, strict=True):
        if missing:
            lines += [f"Missing in {name}:", ""]
            lines += [f"- {_code(path_text(m.subject))} ({_code(m.place.where)})" for m in missing]
            lines.append("")
    if found.contrasts:
        lines += [f"| subject | field | {left} | {right} |", "| --- | --- | --- | --- |"]
    for contrast in found.contrasts:
        cells = [_subject(contrast), path_text(contrast.attribute), *map(_shown, contrast.values)]
        lines.append(f"| {' | '.join(map(_code, cells))} |")
    return "".join(f"{line}\n" for line in lines).rstrip("\n") + "\n"


def _code(text: str) -> str:
    """Writes text as code, in a cell of a table as well."""
    text = " ".join(printable(text).split()).replace("|", "\\|")
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def comparison_json(found: SideBySide) -> str:
    """Writes a comparison as JSON."""

    def place(span: Span) -> dict[str, Any]:
        return {"file": span.file, "line": span.line}

    left, right = found.names
    return to_json({
        "left": left,
        "right": right,
        "only_left": [{"subject": path_text(m.subject), **place(m.place)} for m in found.only[0]],
        "only_right": [{"subject": path_text(m.subject), **place(m.place)} for m in found.only[1]],
        "differences": [
            {
                "subjects": [path_text(subject) for subject in contrast.subjects],
                "attribute": path_text(contrast.attribute),
                "left": contrast.values[0],
                "right": contrast.values[1],
                "places": [place(span) for span in contrast.places],
            }
            for contrast in found.contrasts
        ],
    })  # fmt: skip
