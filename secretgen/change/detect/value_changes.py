"""What becomes of the values of secrets that stay."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.change import alterations as words
from secretgen.change.comparison import Comparison
from secretgen.change.effects import Change
from secretgen.model.secret import Field, Secret, Source


def alterations(comparison: Comparison) -> Iterator[Change]:
    """Yields the values that would be overwritten, and those that would not be written."""
    for old, new in comparison.kept:
        rotates = bool(old.rotation or new.rotation)
        before, after = old.value.version, new.value.version
        if rotates and after is not None and after != before:
            yield words.value_overwritten(
                old.name, before, after, path=("value",) if before is None else ("value", "version")
            )
        elif before is None and after is not None:
            yield words.live_value_written(old.name, before, after, path=("value",))
        elif old.value.source is new.value.source is Source.JSON and before == after:
            yield from _not_written(old, new, rotates=rotates)


def _not_written(old: Secret, new: Secret, *, rotates: bool) -> Iterator[Change]:
    fields = {field.name: field for field in old.value.fields}
    fields_now = {field.name: field for field in new.value.fields}
    written = [f.name for f in new.value.fields if f.source is not Source.LITERAL]
    for name in sorted(fields.keys() | fields_now.keys()):
        before, after = fields.get(name), fields_now.get(name)
        if before == after:
            continue
        yield words.literal_not_written(
            old.name,
            name,
            ("secrets", old.name, "value", "fields", name, *_literal(before, after)),
            written=written,
            rotates=rotates,
            version=new.value.version or 1,
        )


def _literal(before: Field | None, after: Field | None) -> tuple[str, ...]:
    """Returns where a literal stands that only gets another value."""
    both = (before, after)
    is_literal = all(field and field.source is Source.LITERAL for field in both)
    return ("literal",) if is_literal else ()
