"""Rules about where values come from."""

from __future__ import annotations

from collections.abc import Iterable

from secretgen.model.secret import literal_text
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, rule
from secretgen.rules.rule_context import Context, SecretContext
from secretgen.spec.secret_schema import FieldSpec, PasswordOptions, ValueSpec

_OPTIONS = tuple(PasswordOptions.model_fields)
_SPEC = "The spec language, `value`"
_MAX_BYTES = 65_536
_OF_NO_USE = {
    "external": (*_OPTIONS, "fields", "version"),
    "variable": (*_OPTIONS, "fields"),
    "generated": ("fields",),
    "json": _OPTIONS,
}


@rule(
    "SG420",
    ERROR,
    "Option that does not apply to this value source",
    why="""
        Terraform never writes an `external` value, so that value has no version. Only a `generated`
        value has a length and excluded characters, and only a `json` value has fields. The option
        would be ignored.
    """,
    source=_SPEC,
    example="""
         secrets:
        -  app/key: { value: { from: variable, length: 40 } }
        +  app/key: { value: { from: generated, length: 40 } }
    """,
)
def _option_of_no_use(context: Context) -> Findings:
    for secret in context.secrets:
        if not secret.knows("value"):
            continue
        value = secret.spec.value
        for name in _given(value, _OF_NO_USE[value.from_]):
            yield _stray(secret, ("value", name), f"from: {value.from_}")
        for field_name, field in value.fields.items() if value.from_ == "json" else ():
            if field.from_ != "generated":
                source = f"from: {field.from_}" if field.from_ else "literal"
                for name in _given(field, _OPTIONS):
                    yield _stray(secret, ("value", "fields", field_name, name), source)


def _given(options: ValueSpec | FieldSpec, names: Iterable[str]) -> list[str]:
    return [
        name
        for name in names
        if name in options.model_fields_set and getattr(options, name) is not None
    ]


def _stray(secret: SecretContext, path: tuple[str, ...], source: str) -> Finding:
    what = "a value with fields" if path[-1] == "fields" else "a generated value"
    if path[-1] == "version":
        what = "a value that Terraform writes"
    summary = f"{path[-1]!r} does not apply to '{source}'"
    return secret.finding(path, summary, f"It is for {what}. Delete it.", at_key=True)


@rule(
    "SG421",
    ERROR,
    "JSON value without fields",
    why="The value would be `{}`. List the fields, each with a literal or a source.",
    source=_SPEC,
    example="""
         secrets:
        -  app/key: { value: { from: json } }
        +  app/key: { value: { from: json, fields: { token: { from: variable } } } }
    """,
)
def _no_fields(context: Context) -> Findings:
    for secret in context.secrets:
        value = secret.spec.value
        if secret.knows("value") and value.from_ == "json" and not value.fields:
            yield secret.finding(
                ("value", "from"),
                "a JSON value has no fields",
                "Add 'fields: { name: { from: variable } }', or choose another source.",
            )


@rule(
    "SG422",
    ERROR,
    "Exactly one source for a field required",
    why="""
        A field is a literal that is not secret (a host, a port, an engine, a user name), comes from
        a variable, or is generated. Give exactly one of these.
    """,
    source=_SPEC,
    example="""
         secrets:
        -  app/key: { value: { from: json, fields: { host: {}, token: { from: variable } } } }
        +  app/key:
        +    value: { from: json, fields: { host: { literal: db }, token: { from: variable } } }
    """,
)
def _field_source(context: Context) -> Findings:
    for secret in context.secrets:
        if secret.spec.value.from_ != "json":
            continue
        for name, field in secret.spec.value.fields.items():
            if (field.literal is None) == (field.from_ is None):
                has = "no source" if field.from_ is None else "two sources"
                yield secret.finding(
                    ("value", "fields", name),
                    f"field {name!r} has {has}",
                    "Write one of 'literal: …', 'from: variable' and 'from: generated'.",
                    at_key=True,
                )


@rule(
    "SG238",
    ERROR,
    "Value that is too large",
    why="A secret has at most 65,536 bytes. The literals of this value alone are larger.",
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html",
)
def _too_large(context: Context) -> Findings:
    for secret in context.secrets:
        fields = secret.spec.value.fields
        size = sum(
            len(name.encode()) + len(literal_text(field.literal or "").encode())
            for name, field in fields.items()
        )
        if size > _MAX_BYTES:
            yield secret.finding(
                ("value", "fields"),
                f"the literals of this value have {size:,} bytes",
                f"A secret holds at most {_MAX_BYTES:,}. Shorten them.",
                at_key=True,
            )
