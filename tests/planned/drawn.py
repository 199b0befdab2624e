"""Environments that hypothesis draws, to be planned."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import Phase, given, settings

from secretgen.model.environment import Environment
from secretgen.spec.resolve import resolve
from secretgen.spec.schema import Spec
from tests.readback.specs import specs

_SIMPLEST = 8
"""Hypothesis draws the simplest ones first."""


def drawn_environments(count: int) -> list[Environment]:
    """Draws environments; without `changes`, as only a root module may import."""
    drawn: list[dict[str, Any]] = []

    @given(specs())
    @settings(max_examples=_SIMPLEST + count, database=None, phases=[Phase.generate])
    def draw(spec: dict[str, Any]) -> None:
        drawn.append(spec)

    draw()
    return [
        resolve(Spec.model_validate({**spec, "environment": f"drawn-{number}", "changes": []}))
        for number, spec in enumerate(_composed(drawn[-count:]))
    ]


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
