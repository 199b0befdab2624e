"""The spec language stays small enough to be learned."""

from collections.abc import Iterator
from typing import Any

from secretgen.spec.json_schema import json_schema, part_json_schema


def names_in(schema: Any) -> Iterator[str]:
    """Yields the names of all fields, however deep."""
    match schema:
        case dict():
            if isinstance(schema.get("properties"), dict):
                yield from schema["properties"]
            for inner in schema.values():
                yield from names_in(inner)
        case list():
            for inner in schema:
                yield from names_in(inner)


def test_the_language_has_few_names() -> None:
    assert len(json_schema()["properties"]) <= 16
    assert len({*names_in(json_schema()), *names_in(part_json_schema())}) <= 110
