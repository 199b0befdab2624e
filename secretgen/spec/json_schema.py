"""The JSON Schema of the spec language and of parts, for editors and other tools."""

from __future__ import annotations

from copy import copy
from typing import Any

from annotated_types import MinLen
from pydantic import create_model
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from secretgen.spec.fields import field_docs
from secretgen.spec.language_formats import INPUT_NAME
from secretgen.spec.schema import PART_FIELDS, InputSpec, PartHead, Spec
from secretgen.spec.types import Shape

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "urn:secretgen:spec:1"
PART_ID = "urn:secretgen:part:1"

_INPUT = "TextWithInputs"
_INPUT_SCHEMA = {"$ref": f"#/$defs/{_INPUT}"}

_NULL = {"type": "null"}


def _has(key: str) -> dict[str, Any]:
    """Describes a mapping in which a key has a value; null is none."""
    return {"required": [key], "properties": {key: {"not": _NULL}}}


def _is(key: str, values: list[str | bool]) -> dict[str, Any]:
    """Describes a mapping in which a key has one of some values."""
    return {"required": [key], "properties": {key: {"enum": values}}}


_ONE_SCHEDULE = {"oneOf": [_has("every_days"), _has("schedule")]}

_TOGETHER: dict[str, dict[str, Any]] = {
    "RotationSpec": {
        "allOf": [
            {"oneOf": [_has("lambda_arn"), _has("application")]},
            _ONE_SCHEDULE,
            {"if": _has("application"), "then": _has("vpc"), "else": {"not": _has("vpc")}},
        ]
    },
    "ScheduleSpec": _ONE_SCHEDULE,
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


def _optional(name: str) -> tuple[Any, FieldInfo]:
    """Returns a field of the spec as one that may be left out or empty."""
    info = copy(Spec.model_fields[name])
    if info.is_required():
        info.default_factory = dict
        info.metadata = [m for m in info.metadata if not isinstance(m, MinLen)]
    return info.annotation, info


_fields: dict[str, Any] = {name: _optional(name) for name in PART_FIELDS}
_PartSpec = create_model("PartSpec", __base__=PartHead, __doc__=PartHead.__doc__, **_fields)
"""The shape of a part, for JSON Schema: before inputs are replaced, fields may hold `$(name)`."""


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
        """Returns the default of a field, unless that is nothing, or the defaults of its fields."""
        json = super().default_schema(schema)
        default = json.get("default")
        if default is None or default == "" or isinstance(default, (dict, list)):
            json.pop("default", None)
        return json

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describes the fields of a mapping in the words below them."""
        json = super().model_schema(schema)
        model: type[Shape] = schema["cls"]
        docs = field_docs(Spec) | field_docs(PartHead) if model is _PartSpec else field_docs(model)
        for key, field in json.get("properties", {}).items():
            if key in docs:
                field["description"] = docs[key]
        return json

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- pydantic's
        """Leaves out titles made of keys."""
        return False


def json_schema() -> dict[str, Any]:
    """Returns the JSON Schema, draft 2020-12, of a spec as an editor reads it.

    An editor takes an unquoted scalar for a number, a boolean or null where this tool takes it
    for text, so such scalars are allowed wherever their text is. What a spec needs may come from
    the parts that it includes.
    """
    body, definitions = _described(Spec)
    for name, together in _TOGETHER.items():
        definitions[name].update(together)
    needed = {name: _entry_needs(body, definitions, name) for name in PART_FIELDS}
    alone: dict[str, Any] = {
        "required": [name for name in body["required"] if name in PART_FIELDS],
        "properties": {
            name: {"additionalProperties": {"required": keys}}
            for name, keys in needed.items()
            if keys
        },
    }
    includes = {"required": ["include"], "properties": {"include": {"minItems": 1}}}
    body["required"] = [name for name in body["required"] if name not in PART_FIELDS]
    body |= {"title": "secretgen spec, version 1", "if": {"not": includes}, "then": alone}
    return {"$schema": DIALECT, "$id": ID, **body, "$defs": definitions}


def part_json_schema() -> dict[str, Any]:
    """Returns the JSON Schema, draft 2020-12, of a part.

    Inputs may stand in any key and text. What fields mean together is not in it, as it is known
    only once inputs are replaced.
    """
    body, definitions = _described(_PartSpec)
    for name in PART_FIELDS:
        _entry_needs(body, definitions, name)
    body["properties"] = {
        name: field if name in PartHead.model_fields else _with_inputs(field)
        for name, field in body["properties"].items()
    }
    body["properties"]["tags"]["description"] = "Tags of the part's own secrets."
    body["properties"]["defaults"]["description"] = "Any field of the part's own secrets."
    definitions = {
        name: schema if name == InputSpec.__name__ else _with_inputs(schema)
        for name, schema in definitions.items()
    }
    definitions[_INPUT] = {
        "type": "string",
        "pattern": rf"\$\({INPUT_NAME}\)",
        "description": "Text with inputs.",
    }
    body["title"] = "secretgen part, version 1"
    return {"$schema": DIALECT, "$id": PART_ID, **body, "$defs": definitions}


def _described(model: type[Shape]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the schema of a document and of what is in it."""
    body = model.model_json_schema(schema_generator=_Generator)
    definitions = body.pop("$defs")
    for definition in definitions.values():
        definition.pop("title", None)
    return body, definitions


def _entry_needs(body: dict[str, Any], definitions: dict[str, Any], name: str) -> list[str]:
    """Takes out what each entry of a mapping needs: part of an entry may be in another file.

    Returns:
        The keys that each entry needs.
    """
    field = body["properties"].get(name, {})
    choices = [field, *field.get("anyOf", ())]
    entry: dict[str, Any] = next(
        (c["additionalProperties"] for c in choices if "additionalProperties" in c), {}
    )
    return definitions.get(_name(entry), {}).pop("required", []) if entry else []


def _name(schema: dict[str, Any]) -> str:
    """Returns the name of the definition that a schema is, or may be."""
    choices = [schema, *schema.get("anyOf", ())]
    return next((c["$ref"].rpartition("/")[2] for c in choices if "$ref" in c), "")


def _with_inputs(schema: Any) -> Any:
    """Allows text with inputs in the place of every key and of every text, number or boolean."""
    if not isinstance(schema, dict):
        return schema
    changed = {
        key: {name: _with_inputs(inner) for name, inner in value.items()}
        if key == "properties"
        else [_with_inputs(inner) for inner in value]
        if key == "anyOf"
        else {"anyOf": [value, _INPUT_SCHEMA]}
        if key == "propertyNames"
        else _with_inputs(value)
        if key in ("additionalProperties", "items")
        else value
        for key, value in schema.items()
    }
    types = schema.get("type", ())
    is_scalar = "enum" in schema or "string" in types or types in ("integer", "number", "boolean")
    if not is_scalar:
        return changed
    words = {key: changed.pop(key) for key in ("description", "default") if key in changed}
    return {"anyOf": [changed, _INPUT_SCHEMA], **words}
