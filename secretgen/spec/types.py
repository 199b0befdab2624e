"""Kinds of values in a spec: each turns the text of a scalar into a value, or says what is wrong.

The reader of YAML hands every scalar over as text; the field decides what it means. So
`account_id: 012345670123` keeps its zero and a tag `yes` stays the word. JSON Schema describes
what an editor sees instead, where an unquoted scalar may be a number, a boolean or null.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

T = TypeVar("T")

_WHOLE_NUMBER = re.compile("0|[1-9][0-9]*")
_MAX_DIGITS = 18
_MAX_WORDS = 10  # of a summary; the rest of what a text has to be is in the detail
_NUMBERS = ("0", "7", "123456789012", "1.5")
_NULLS = ("", "~", "null")


class NullText(str):
    """A plain scalar that YAML reads as null: nothing, `~` or `null`, with its text.

    A field of any text takes the text, as for any scalar; an optional field takes it for "not
    set"; a field of a certain form, which nothing does not have, wants a value.
    """

    __slots__ = ()


class Format(Struct, frozen=True):
    """Text of a certain form.

    Args:
        rule: id of the rule that text of another form breaks.
        what: what the text has to be, to complete the sentence "it must be …".
        pattern: regular expression for the whole text, valid in Python and in JSON Schema.
        minimum: least number of characters.
        maximum: greatest number of characters; 0 for no limit.
        options: the only valid texts, if they can be listed.
        letters: the characters that may occur, as in a regular expression's brackets; only to
            say which one may not.
        names_principal: whether the text says who may do something, so that `*` is everyone.
        is_reference: whether the text names something else: an entry of the spec, a rule.
        examples: valid texts.
    """

    rule: str
    what: str
    pattern: str = ""
    minimum: int = 0
    maximum: int = 0
    options: tuple[str, ...] = ()
    names_principal: bool = False
    is_reference: bool = False
    letters: str = ""
    examples: tuple[str, ...] = ()

    def check(self, value: object, handler: Callable[[object], str]) -> str:
        """Returns the text as it is.

        Raises:
            PydanticCustomError: it has another form.
        """
        text = handler(value)
        if self.names_principal and ("*" in text or "?" in text):
            raise PydanticCustomError("wildcard", "wildcard")
        if not self._accepts(text) or (isinstance(value, NullText) and not self._accepts_null):
            what, flaw = self.what, self._flaw(text)
            if len(what.split()) > _MAX_WORDS and ": " in what:
                what, form = what.split(": ", 1)
                flaw = f"{flaw} Use {form}.".lstrip()
            context = {
                "rule": self.rule,
                "what": what,
                "flaw": flaw,
                "options": self.options,
                "examples": self.examples,
            }
            raise PydanticCustomError("format", "{what}", context)
        return text

    def _flaw(self, text: str) -> str:
        """Returns what is wrong with a text, as far as that is a matter of length or characters."""
        if (self.letters or self.minimum > 1) and not text:
            return "It is empty."
        if len(text) < self.minimum or (self.maximum and len(text) > self.maximum):
            return f"It has {len(text):,} character{'' if len(text) == 1 else 's'}."
        if not self.letters:
            return "It holds a line break." if "\n" in text else ""
        bad = re.search(f"[^{self.letters}]", text)
        return f"{bad.group()!r} is not allowed." if bad else ""

    @property
    def _accepts_null(self) -> bool:
        return all(map(self._accepts, _NULLS))

    def _accepts(self, text: str) -> bool:
        if len(text) < self.minimum or (self.maximum and len(text) > self.maximum):
            return False
        if self.options:
            return text in self.options
        return not self.pattern or re.fullmatch(self.pattern, text) is not None

    def __get_pydantic_core_schema__(
        self, source: type[str], handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Puts the check around pydantic's own."""
        return core_schema.no_info_wrap_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Says the same in JSON Schema, and which unquoted scalars can be such text."""
        json: dict[str, Any] = {"type": self._json_types()}
        if self.options:
            json["enum"] = list(self.options)
        if self.pattern:
            json["pattern"] = f"^(?:{self.pattern})$"
        if self.minimum:
            json["minLength"] = self.minimum
        if self.maximum:
            json["maxLength"] = self.maximum
        if self.examples:
            json["examples"] = list(self.examples)
        return json

    def _json_types(self) -> str | list[str]:
        types = ["string"]
        if any(map(self._accepts, _NUMBERS)):
            types.append("number")
        if all(map(self._accepts, ("true", "false"))):
            types.append("boolean")
        if self._accepts_null:
            types.append("null")
        return types if len(types) > 1 else "string"


class Conversion(Struct, frozen=True):
    """Turns what is written into a value, before pydantic looks at it."""

    def read(self, value: object) -> object:
        """Returns the value of what is written; anything else as it is."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Reads before anything else does."""
        return core_schema.no_info_before_validator_function(self.read, handler(source))


class IntRange(Conversion, frozen=True):
    """A whole number within bounds, written in decimal digits.

    Args:
        rule: id of the rule that a number out of bounds breaks.
        minimum: least value.
        maximum: greatest value.
        or_zero: whether 0 is valid, too.
    """

    rule: str
    minimum: int
    maximum: int
    or_zero: bool = False

    @property
    def what(self) -> str:
        """What a number has to be, to complete the sentence "it must be …"."""
        zero = "0 or " if self.or_zero else ""
        return f"{zero}from {self.minimum:,} to {self.maximum:,}"

    def read(self, value: object) -> object:
        """Turns text into a number.

        Raises:
            PydanticCustomError: it is no number, or one out of bounds.
        """
        if not isinstance(value, str):
            return value
        if not _WHOLE_NUMBER.fullmatch(value):
            raise PydanticCustomError("integer", "a whole number")
        number = int(value) if len(value) <= _MAX_DIGITS else None
        if number is None or not (
            self.minimum <= number <= self.maximum or (self.or_zero and number == 0)
        ):
            raise PydanticCustomError("format", "{what}", {"rule": self.rule, "what": self.what})
        return number

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Allows the number, and its digits in quotes."""
        json: dict[str, Any] = {
            "type": ["integer", "string"],
            "minimum": self.minimum,
            "maximum": self.maximum,
            "pattern": f"^(?:{digits_between(self.minimum, self.maximum)})$",
        }
        return {"anyOf": [{"enum": [0, "0"]}, json]} if self.or_zero else json


class Flag(Conversion, frozen=True):
    """`true` or `false`."""

    def read(self, value: object) -> object:
        """Turns text into a boolean.

        Raises:
            PydanticCustomError: it is another word.
        """
        if not isinstance(value, str):
            return value
        if value not in {"true", "false"}:
            raise PydanticCustomError("boolean", "true or false")
        return value == "true"

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Allows the boolean, and the word in quotes."""
        return {"enum": [True, False, "true", "false"]}


class NullMeans(Conversion, frozen=True):
    """What it means when nothing is written after a key.

    Args:
        make: makes the value that null stands for.
    """

    make: Callable[[], object]

    def read(self, value: object) -> object:
        """Replaces null."""
        return self.make() if isinstance(value, NullText) else value

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Allows null."""
        json: dict[str, Any] = handler(schema)
        null = {"type": "null"}
        if null in json.get("anyOf", ()):
            return json
        return {"anyOf": [json, null]}


Boolean = Annotated[bool, Flag()]
Optional = Annotated[T | None, NullMeans(lambda: None)]
ListOf = Annotated[list[T], NullMeans(list)]
Body = Annotated[T, NullMeans(dict)]
"""A mapping all of whose fields have defaults, so that nothing at all is a valid body."""


class Shape(BaseModel):
    """A mapping of the spec: unknown keys are mistakes, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def digits_between(low: int, high: int) -> str:
    """Returns a regular expression for the decimal numbers of a range.

    JSON Schema bounds numbers, but not their digits.

    Args:
        low: the least, not negative.
        high: the greatest, not less than `low`.
    """
    alternatives: list[str] = []
    while low <= high:
        step = 1
        # The largest block low … low + step - 1 in which the last digits take all values.
        while low % (step * 10) == 0 and low and low + step * 10 - 1 <= high:
            step *= 10
        head, digit = divmod(low // step, 10)
        last = min(9, high // step - head * 10 - (high % step != step - 1))
        wild = len(str(step)) - 1
        digits = str(digit) if last == digit else f"[{digit}-{last}]"
        alternatives.append(f"{head or ''}{digits}" + "[0-9]" * wild)
        low = (head * 10 + last + 1) * step
    return "|".join(alternatives)
