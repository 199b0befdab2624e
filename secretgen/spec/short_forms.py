"""Short forms of values in a spec: text or `true` in the place of a mapping or a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import core_schema

from secretgen.spec.types import NullText


@dataclass(frozen=True, slots=True)
class OneOrMany:
    """One text stands for a list of one.

    Args:
        kind: the type of the items.
    """

    kind: Any

    def expand(self, value: object) -> object:
        """Turns a text into a list, and nothing at all into an empty one."""
        if isinstance(value, NullText):
            return []
        return [value] if isinstance(value, str) else value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Expands before pydantic sees the value."""
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Allows both forms."""
        return {"anyOf": [TypeAdapter(self.kind).json_schema(), handler(schema)]}


class TrueMeans:
    """`true` stands for a mapping without keys, `false` for no mapping at all."""

    @staticmethod
    def expand(value: object) -> object:
        """Turns `true` into a mapping, and `false` into nothing."""
        if isinstance(value, str) and not isinstance(value, NullText):
            return {"true": {}, "false": None}.get(value, value)
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Expands before pydantic sees the value."""
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Allows both forms."""
        return {"anyOf": [{"enum": [True, False, "true", "false"]}, handler(schema)]}


@dataclass(frozen=True, slots=True)
class AccountAndRole:
    """`account` or `account:role` stands for a mapping with these keys.

    Args:
        kind: the type of the text.
    """

    kind: Any

    @staticmethod
    def expand(value: object) -> object:
        """Turns the short form into the long one."""
        if not isinstance(value, str):
            return value
        account, colon, role = value.partition(":")
        if isinstance(value, NullText) or not colon:
            return {"account": value}
        return {"account": account, "role": role}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Expands before pydantic sees the value."""
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Allows both forms."""
        return {"anyOf": [TypeAdapter(self.kind).json_schema(), handler(schema)]}
