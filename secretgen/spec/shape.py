"""Findings about the shape of a spec, in words that say what to do.

No value of a spec gets into a message: it may be a secret that stands in the wrong place.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import ErrorDetails

from secretgen.diagnostics import Diagnostic, Path, Severity, Span
from secretgen.spec.credentials import SOURCES
from secretgen.spec.fields import field_docs, fields_of, may_be_left_out, model_at, required_keys
from secretgen.spec.places import Places, value_at
from secretgen.spec.suggest import Guesser, is_slip, shown
from secretgen.spec.types import NullText, Shape

WRONG_KIND = {
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
}
"""What must stand where something of another kind stands, by the type of pydantic's error."""

MAX_FINDINGS = 1000
"""Findings about the shape of one spec. A file with more is hardly one."""

_RULES_OF_KINDS = {"integer": "SG105", **dict.fromkeys(WRONG_KIND, "SG103")}
_NO_OPTION = {"enum", "literal_error"}
_OPTIONS = re.compile("'([^']*)'")
_ZEROS_AND_SEPARATORS = re.compile(r"\+?0*([0-9][0-9_,]*?)(?:\.0*)?")
_TRUE, _FALSE = {"yes", "on", "y", "true"}, {"no", "off", "n", "false"}
_MAX_LISTED = 6
_OF_A_KEY = "[key]"
"""What pydantic puts behind the path to an entry when it is the key that is wrong."""

_PRINCIPALS = {"trusted_service": "service", "service": "service", "audience": "audience"}
"""What a text names that says who may do something, by its key; all others name a role."""


class ShapeFindings:
    """Collects findings, made of pydantic's errors.

    Args:
        data: the spec as dicts, lists and text.
        places: where they stand.
        model: the shape of the document.
    """

    def __init__(self, data: Any, places: Places, model: type[Shape]) -> None:
        self._data = data
        self._model = model
        self._places = places
        self._guess = Guesser().closest
        self.found: list[Diagnostic] = []
        self._reported: set[tuple[str, Span, str]] = set()

    @property
    def is_full(self) -> bool:
        """Whether there are so many findings that no more are to be added."""
        return len(self.found) >= MAX_FINDINGS

    def path_of(self, error: ErrorDetails) -> Path:
        """Returns the path that an error is about, as far as it is written: `readers: [app]`.

        The long form of that has the key `account`, which does not stand in the file.
        """
        path: Path = ()
        value = self._data
        for part in error["loc"]:
            if isinstance(value, dict) and (part != _OF_A_KEY or part in value):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int):
                value = value[part]
            else:
                break
            path = (*path, part)
        return path

    def unknown_key(self, path: Path, known_paths: list[Path]) -> str:
        """Reports an unknown key.

        Args:
            path: where it stands.
            known_paths: where it would be known.

        Returns:
            The key that was most likely meant, if any.
        """
        name = str(path[-1])
        model = model_at(path[:-1], self._model)
        fields = fields_of(model) if model else {}
        present = value_at(self._data, path[:-1])
        absent = [key for key in fields if key not in present]
        suggestion = self._guess(name, absent)
        if known_paths and not is_slip(name, suggestion):
            suggestion = ""
        if suggestion:
            detail = f"Did you mean {suggestion!r}?"
        elif known_paths and len(known_paths[0]) > len(path):
            detail = f"It belongs under {' or '.join(repr(str(home[-2])) for home in known_paths)}."
        elif known_paths:
            detail = f"It belongs one level up, next to {str(path[-2])!r}."
        else:
            detail = f"Known keys: {', '.join(absent or fields)}."
        summary, span = f"unknown key {shown(name)}", self._places.key(path)
        self._add("SG101", path, summary, detail, suggestion=suggestion, span=span)
        return suggestion

    def managed_rotation(self, path: Path) -> None:
        """Reports `managed` in a rotation: AWS takes it for no secret that a spec can name."""
        detail = (
            "Only the AWS service that owns a secret can manage its rotation. List such a secret "
            "by its ARN under 'service_secrets'; for any other write 'lambda_arn' or "
            "'application'."
        )
        span = self._places.key(path)
        self._add("SG101", path, "'managed' is not supported", detail, span=span)

    def add(self, path: Path, error: ErrorDetails) -> None:
        """Reports another error."""
        kind, context = error["type"], error.get("ctx", {})
        if error["loc"] == (*path, _OF_A_KEY):
            self._wrong_name(path, context)
        elif isinstance(self._value_if_any(path), NullText):
            self._nothing(path, _rule(context, _RULES_OF_KINDS.get(kind, "SG104")))
        elif kind == "missing":
            self._missing_key(path)
        elif kind == "format":
            self._wrong_form(path, context)
        elif kind == "wildcard":
            key = next((part for part in reversed(path) if isinstance(part, str)), "")
            one = _PRINCIPALS.get(key, "role of one account")
            detail = f"Name one {one}; `*` and `?` would match others, too."
            self._add("SG307", path, f"wildcard in {self._name_of(path)}", detail)
        elif kind in {"too_short", "too_long"}:
            self._wrong_count(path, context.get("max_length"))
        elif kind == "integer":
            self._no_number(path)
        elif kind == "boolean":
            self._no_boolean(path)
        elif kind in _NO_OPTION and isinstance(value_at(self._data, path), str):
            self._no_option(path, _OPTIONS.findall(str(context["expected"])))
        else:
            self._wrong_kind(path, WRONG_KIND.get(kind, "text"))

    def _missing_key(self, path: Path) -> None:
        parent = path[:-1]
        summary = f"missing key {str(path[-1])!r}"
        if not parent:
            root = self._places.value(())
            span = Span(root.file, root.line, root.column, root.line, root.column + 1)
        elif isinstance(parent[-1], int):
            span = self._places.value(parent)
        else:
            span = self._places.key(parent)
            summary += f" in {shown(str(parent[-1]))}"
        detail = f"{self._about(path)}Add it{_needs(path, self._model)}."
        self._add("SG102", path, summary, detail, span=span)

    def _wrong_count(self, path: Path, most: int | None) -> None:
        name, about = self._name_of(path), self._about(path)
        if most is None:
            self._add("SG109", path, f"{name} is empty", f"{about}Add one.")
        else:
            self._add("SG212", path, f"{name} has too many items", f"{about}Keep {most}.")

    def _wrong_name(self, path: Path, context: dict[str, Any]) -> None:
        summary = f"{shown(str(path[-1]))} is not {context.get('what', 'a valid name')}"
        detail = f"{context.get('flaw', '')} Rename it.".lstrip()
        self._add(_rule(context), path, summary, detail, span=self._places.key(path))

    def _nothing(self, path: Path, rule: str) -> None:
        """Reports a key with nothing behind it, or null."""
        summary = f"{self._name_of(path)} has no value"
        what = "item" if path and isinstance(path[-1], int) else "key"
        otherwise = f", or delete the {what}" if may_be_left_out(path, self._model) else ""
        self._add(rule, path, summary, f"{self._about(path)}Write one{otherwise}.")

    def _wrong_form(self, path: Path, context: dict[str, Any]) -> None:
        suggestion = self._guess(self._text(path), context.get("options", ()))
        if suggestion:
            detail = f"Did you mean {suggestion!r}?"
        else:
            flaw = f"{context['flaw']} " if context.get("flaw") else ""
            examples = context.get("examples", ())
            example = f"For example: {examples[0]}" if examples else ""
            detail = f"{flaw}{self._about(path)}{example}"
        summary = f"{self._name_of(path)} must be {context['what']}"
        detail = detail.rstrip() or "Change it."
        self._add(_rule(context), path, summary, detail, suggestion=suggestion)

    def _no_number(self, path: Path) -> None:
        match = _ZEROS_AND_SEPARATORS.fullmatch(self._text(path))
        suggestion = match.group(1).replace("_", "").replace(",", "") if match else ""
        hint = f"Did you mean {suggestion}? " if suggestion else ""
        detail = f"{hint}Write digits only: no sign, leading zero, separator, dot or exponent."
        summary = f"{self._name_of(path)} must be a whole number"
        self._add("SG105", path, summary, detail, suggestion=suggestion)

    def _no_boolean(self, path: Path) -> None:
        word = self._text(path).casefold()
        suggestion = "true" if word in _TRUE else "false" if word in _FALSE else ""
        detail = f"Did you mean {suggestion}?" if suggestion else "Write one of these two words."
        summary = f"{self._name_of(path)} must be true or false"
        self._add("SG104", path, summary, detail, suggestion=suggestion)

    def _no_option(self, path: Path, options: list[str]) -> None:
        suggestion = self._guess(self._text(path), options)
        known = ", ".join(options)
        hint = f"Did you mean {suggestion!r}? " if suggestion else ""
        if len(options) > _MAX_LISTED:
            summary, detail = f"{self._name_of(path)} has an unknown value", f"Known: {known}."
        else:
            summary, detail = f"{self._name_of(path)} must be one of {known}", self._about(path)
        detail = (hint + detail).rstrip() or "Choose one of them."
        self._add("SG104", path, summary, detail, suggestion=suggestion)

    def _wrong_kind(self, path: Path, wanted: str) -> None:
        summary = f"{self._name_of(path)} must be {wanted}"
        detail = self._about(path) + self._how_to_write(path, wanted)
        self._add("SG103", path, summary, detail)

    def _how_to_write(self, path: Path, wanted: str) -> str:
        key = path[-1] if path and isinstance(path[-1], str) else "key"
        if wanted == "a list":
            keys = required_keys((*path, 0), self._model)
            items = f"{{ {': …, '.join(keys)}: … }}" if len(keys) > 1 else "a, b"
            return f"Write its items in brackets, `{key}: [{items}]`, or each on a line after `- `."
        if wanted != "a mapping":
            return "Write it as one value."
        if self._text(path) in SOURCES:
            return f"Write `{key}: {{ from: {self._text(path)} }}`."
        model = model_at(path, self._model)
        if model is None:
            entry = "name: value" if key == "tags" else "name: { … }"
            return f"Write each under a name of its own: `{entry}`."
        known = f"Known keys: {', '.join(fields_of(model))}{_needs(path, self._model)}."
        return f"Write keys and values under it. {known}"

    def _about(self, path: Path) -> str:
        model = model_at(path[:-1], self._model)
        text = " ".join(field_docs(model).get(str(path[-1]), "").split()) if model else ""
        return f"{text} " if text else ""

    def _name_of(self, path: Path) -> str:
        if not path:
            return "the spec"
        if isinstance(path[-1], int):
            return f"an item of {str(path[-2])!r}"
        return shown(path[-1])

    def _value_if_any(self, path: Path) -> Any:
        try:
            return value_at(self._data, path)
        except (LookupError, TypeError):
            return None

    def _text(self, path: Path) -> str:
        value = value_at(self._data, path)
        return value if isinstance(value, str) else ""

    def _add(
        self,
        rule: str,
        path: Path,
        summary: str,
        detail: str,
        *,
        suggestion: str = "",
        span: Span | None = None,
    ) -> None:
        span = span or self._places.value(path)
        if len(self.found) == MAX_FINDINGS - 1:
            detail = f"{detail} There may be more findings; they are left out."
        if (rule, span, summary) in self._reported:
            return  # an alias repeats what stands there
        self._reported.add((rule, span, summary))
        written = self._places.written(path)
        self.found.append(
            Diagnostic(rule, Severity.ERROR, summary, detail, span, written, suggestion)
        )


def _rule(context: dict[str, Any], otherwise: str = "SG104") -> str:
    return str(context.get("rule", otherwise))


def _needs(path: Path, root: type[Shape]) -> str:
    """Lists the keys that a mapping needs."""
    needed = required_keys(path, root)
    return f"; it needs {' and '.join(map(repr, needed))}" if needed else ""
