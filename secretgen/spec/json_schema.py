"""The JSON Schema of the spec language, for editors and other tools."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from secretgen.spec.schema import Spec

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "urn:secretgen:spec:1"

_NULL = {"type": "null"}


def _has(key: str) -> dict[str, Any]:
    """Describes a mapping in which a key has a value; null is none."""
    return {"required": [key], "properties": {key: {"not": _NULL}}}


def _is(key: str, values: list[str | bool]) -> dict[str, Any]:
    """Describes a mapping in which a key has one of some values."""
    return {"required": [key], "properties": {key: {"enum": values}}}


_TOGETHER: dict[str, dict[str, Any]] = {
    "RotationSpec": {
        "allOf": [
            {"oneOf": [_has("lambda_arn"), _has("application"), _is("managed", [True, "true"])]},
            {"oneOf": [_has("every_days"), _has("schedule")]},
            {"if": _has("application"), "then": _has("vpc"), "else": {"not": _has("vpc")}},
        ]
    },
    "FieldSpec": {"oneOf": [_has("literal"), _has("from")]},
    "ValueSpec": {
        "if": _is("from", ["json"]),
        "then": {
            "required": ["fields"],
            "properties": {"fields": {"type": "object", "minProperties": 1}},
        },
    },
    "ChangeSpec": {
        "oneOf": [_has("move"), _has("forget"), _has("destroy"), _has("import")],
    },
    "BackendSpec": {"anyOf": [_is("locking", ["s3"]), _has("dynamodb_table")]},
}
"""What fields mean together, as far as it is said in a few words; the rules say all of it."""


class _Generator(GenerateJsonSchema):
    """Writes the schema as people read it: no titles that repeat a key, names checked."""

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Describes a mapping by name: pydantic would let through names of another form."""
        json: JsonSchemaValue = {
            "type": "object",
            "additionalProperties": self.generate_inner(schema["values_schema"]),
        }
        names = self.generate_inner(schema["keys_schema"])
        limits = {key: names[key] for key in ("pattern", "minLength", "maxLength") if key in names}
        if limits:
            json["propertyNames"] = limits
        if schema.get("min_length"):
            json["minProperties"] = schema["min_length"]
        return json

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Says what a field is by default, unless that is nothing, or what its own fields are."""
        json = super().default_schema(schema)
        default = json.get("default")
        if default is None or default == "" or isinstance(default, (dict, list)):
            json.pop("default", None)
        return json

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- pydantic's
        """Leaves out titles made of keys."""
        return False


def json_schema() -> dict[str, Any]:
    """Returns the JSON Schema, draft 2020-12, of a spec as an editor reads it.

    An editor takes an unquoted scalar for a number, a boolean or null where this tool takes it
    for text, so such scalars are allowed wherever their text is.
    """
    body = Spec.model_json_schema(schema_generator=_Generator)
    definitions = body.pop("$defs")
    for name, definition in definitions.items():
        definition.pop("title", None)
        definition.update(_TOGETHER.get(name, {}))
    body |= {"title": "secretgen spec, version 1"}
    return {"$schema": DIALECT, "$id": ID, **body, "$defs": definitions}
