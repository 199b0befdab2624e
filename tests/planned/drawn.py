"""Specs that hypothesis draws, whose environments are planned."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import Phase, given, settings

from tests.readback.specs import specs

_SIMPLEST = 8
"""Hypothesis draws the simplest ones first."""


def drawn_specs(count: int) -> list[dict[str, Any]]:
    """Draws specs without `changes`, as only a root module may import."""
    drawn: list[dict[str, Any]] = []

    @given(specs())
    @settings(max_examples=_SIMPLEST + count, database=None, phases=[Phase.generate])
    def draw(spec: dict[str, Any]) -> None:
        drawn.append(spec)

    draw()
    return [
        {**spec, "environment": f"drawn-{number}", "changes": []}
        for number, spec in enumerate(_composed(drawn[-count:]))
    ]


@contextmanager
def specs_shown(drawn: Iterable[dict[str, Any]]) -> Iterator[None]:
    """Adds to an error the specs of the environments that it names, or all if it names none."""
    try:
        yield
    except Exception as error:
        named = set(re.findall(r"\bdrawn[-_](\d+)", str(error)))
        for number, spec in enumerate(drawn):
            if not named or str(number) in named:
                error.add_note(f"{spec['environment']}:\n{json.dumps(spec, indent=2)}")
        raise


def _composed(value: Any) -> Any:
    """Composes accents, as reading a spec does: Terraform does the same with every text."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case dict():
            return {_composed(key): _composed(item) for key, item in value.items()}
        case list():
            return [_composed(item) for item in value]
        case _:
            return value
