"""Short forms of values in a spec: text or `true` in the place of a mapping or a list."""

from __future__ import annotations

from typing import Any

from pydantic import GetJsonSchemaHandler, TypeAdapter
from pydantic_core import core_schema

from secretgen.spec.types import Conversion, NullText


class _ShortForm(Conversion, frozen=True):
    """A value that may be written in a short form as well."""

    def schema(self) -> dict[str, Any]:
        """Returns the JSON Schema of the short form."""
        raise NotImplementedError

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Allows both forms."""
        return {"anyOf": [self.schema(), handler(schema)]}


class _Text(_ShortForm, frozen=True):
    """A text in the place of something longer.

    Args:
        kind: the type of the text.
    """

    kind: Any

    def schema(self) -> dict[str, Any]:
        """Returns the JSON Schema of the text."""
        return TypeAdapter(self.kind).json_schema()


class Short(_Text, frozen=True):
    """A text stands for a mapping with one key.

    Args:
        kind: the type of the text.
        key: the key.
    """

    key: str

    def read(self, value: object) -> object:
        """Turns the text into a mapping."""
        return {self.key: value} if isinstance(value, str) else value


class OneOrMany(_Text, frozen=True):
    """One text stands for a list of one."""

    def read(self, value: object) -> object:
        """Turns a text into a list, and nothing at all into an empty one."""
        if isinstance(value, NullText):
            return []
        return [value] if isinstance(value, str) else value


class AccountAndRole(_Text, frozen=True):
    """`account` or `account:role` stands for a mapping with these keys."""

    def read(self, value: object) -> object:
        """Turns the text into a mapping."""
        if not isinstance(value, str):
            return value
        account, colon, role = value.partition(":")
        if isinstance(value, NullText) or not colon:
            return {"account": value}
        return {"account": account, "role": role}


class TrueMeans(_ShortForm, frozen=True):
    """`true` stands for a mapping without keys, `false` for no mapping at all."""

    def read(self, value: object) -> object:
        """Turns `true` into a mapping, and `false` into nothing."""
        if isinstance(value, str) and not isinstance(value, NullText):
            return {"true": {}, "false": None}.get(value, value)
        return value

    def schema(self) -> dict[str, Any]:
        """Returns the JSON Schema of the two words."""
        return {"enum": [True, False, "true", "false"]}
