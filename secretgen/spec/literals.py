"""Literals of JSON values: of all fields of a spec, theirs alone keep the type that YAML shows.

A plain scalar is a number if it is written as JSON writes that number, in at most 15 digits, and a
boolean if it is `true` or `false`. Everything else is text, also everything in quotes: `0042`,
`1.10`, `1e3`, `yes` and `"5432"`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from secretgen.model.secret import Literal, Number

_BOOLEANS = {"true": True, "false": False}
_NUMBER = re.compile(r"0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]")
_MAX_DIGITS = 15
"""Every decimal number of that many digits survives a reader that keeps it in 64 bits."""


class TypedText(str):
    """A plain scalar that a JSON literal takes for a number or a boolean, with its text."""

    __slots__ = ()


def is_typed(text: str) -> bool:
    """Returns whether a plain scalar is a number or a boolean where it is a JSON literal."""
    if text in _BOOLEANS:
        return True
    return bool(_NUMBER.fullmatch(text)) and sum(map(str.isdigit, text)) <= _MAX_DIGITS


class JsonLiteral:
    """Text, a number or a boolean in a JSON value."""

    @staticmethod
    def read(value: object, handler: Callable[[object], str]) -> Literal:
        """Gives a scalar its type."""
        text = handler(value)
        if not isinstance(value, TypedText):
            return str(text)
        return _BOOLEANS[text] if text in _BOOLEANS else Number(str(text))

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Reads the text before it has lost how it was written."""
        return core_schema.no_info_wrap_validator_function(self.read, core_schema.str_schema())

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Allows all three."""
        return {"type": ["string", "number", "boolean"]}
