"""The page about the spec language, made from its models."""

import re
from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from secretgen.spec.fields import field_docs, fields_of
from secretgen.spec.literals import JsonLiteral
from secretgen.spec.schema import PART_FIELDS, PartHead, Spec
from secretgen.spec.secret_schema import PasswordOptions
from secretgen.spec.short_forms import AccountAndRole, OneOrMany, Short, TrueMeans
from secretgen.spec.types import Flag, Format, IntRange

INTRODUCTION = """\
# The spec

<!-- Generated from the models of the spec language; a test verifies that it is up to date. -->

One YAML file describes one environment. These are all its keys; `secretgen schema` prints the
same as JSON Schema, for [editors](editor.md). The [rules](rules.md)
check how keys depend on each other.

- A scalar is text until its key says otherwise: `account_id: 012345670123` keeps its zero, and
  the tags `yes`, `1.10` and `2024-01-01` stay as they are written. Booleans are `true` and
  `false`.
- A `literal` of a JSON value keeps its type: without quotes, `true` and `false` are booleans, and
  a number that JSON writes the same way, in at most 15 digits, is that number (`5432`, `-1`,
  `0.5`). Everything else is text, such as `0042`, `1.10`, `1e3`, `yes`, and everything in
  quotes: `"5432"`.
- Unknown and duplicate keys are errors. Anchors and `<<` work.
- Nothing after a key (`tags:`) means that it is left out.
- Text that looks like a secret value is an error anywhere, and is never printed.
"""
# The sections of the page: what each is called, and where such a mapping stands in a spec.
SECTIONS = {
    "Spec": "The whole file",
    "AwsSpec": "`aws`",
    "BackendSpec": "`backend`",
    "AccountSpec": "`accounts.<name>`",
    "RoleSpec": "`accounts.<name>.roles.<role>`",
    "TrustSpec": "`trust` of a role",
    "PodIdentitySpec": "`trust.pod_identity`",
    "OidcSpec": "`trust.oidc`",
    "KeySpec": "`keys.<name>`",
    "MonitoringSpec": "`monitoring`",
    "NotifySpec": "`monitoring.notify`",
    "SecretSpec": "`secrets.<name>`, and `defaults`",
    "ValueSpec": "`value`",
    "FieldSpec": "`value.fields.<name>`",
    "ReaderSpec": "`readers`, and `writers`",
    "ExclusiveSpec": "`exclusive`",
    "ReplicaSpec": "`replicas`",
    "RotationSpec": "`rotation`",
    "VpcSpec": "`rotation.vpc`",
    "ServiceSecretSpec": "`service_secrets.<name>`",
    "ScheduleSpec": "`service_secrets.<name>.rotation`",
    "IgnoreSpec": "`ignore` of a secret",
    "ChangeSpec": "`changes`",
    "MoveSpec": "`changes.move`",
    "ImportSpec": "`changes.import`",
    "EnvironmentIgnoreSpec": "`ignore` of the environment",
    "IncludeSpec": "`include`",
    "PartHead": "A part",
    "InputSpec": "`inputs.<name>` of a part",
}
PARTS = f"""\
Besides the keys below, a part holds any of {", ".join(f"`{name}`" for name in PART_FIELDS)}, as in
a spec. `defaults` and `tags` are those of its own secrets. `secretgen schema --part` prints the
JSON Schema. [Several environments](../how-to/several-environments.md) shows how to use parts.

- Parts are merged in the order of `include`, then the spec itself. Mappings are merged by key; a
  secret field by field, and its `tags` by key; the later value wins. Lists are not merged.
- A value of a secret, in any part or in the spec, wins over `defaults`; `defaults` of a part win
  over those of the spec.
- `$(name)` of a declared input is replaced in keys and texts, also in fields of numbers and
  booleans. `$$(name)` is the text `$(name)`. Any other dollar stays as it is, and so does all text
  of a spec.
- Paths of parts are relative to the project root. A part is not a spec, includes no
  parts, and is not reached through a symbolic link.
"""
TABLE = ["| key | what it is | holds | default |", "| --- | --- | --- | --- |"]
NEEDED = "**required**"
# What stands around the last argument of a type.
CONTAINERS: dict[Any, str] = {Union: "", UnionType: "", list: "list: ", dict: "mapping by name: "}


def spec_page() -> str:
    """The page, in Markdown."""
    found = {model.__name__: model for root in (Spec, PartHead) for model in _models(root)}
    assert found.keys() == SECTIONS.keys()
    return "\n".join([INTRODUCTION, *(_section(found[name]) for name in SECTIONS)])


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    """A model, and all that stand in its fields."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for info in kind.model_fields.values():
            yield from _models(info.annotation)
    for inner in get_args(kind):
        yield from _models(inner)


def _section(model: type[BaseModel]) -> str:
    options = PasswordOptions.model_fields.keys()
    fields = sorted(fields_of(model).items(), key=lambda field: field[0] in options)
    docs = field_docs(model)
    rows = [_row(key, docs[key], info) for key, info in fields]
    heading = f'## <a id="{model.__name__.lower()}"></a>{SECTIONS[model.__name__]}'
    note = "The last keys are options of a password, for `from: generated`."
    notes = [note, ""] if issubclass(model, PasswordOptions) else []
    notes += [PARTS] if model is PartHead else []
    return "\n".join([heading, "", _lines(model.__doc__), "", *notes, *TABLE, *rows, ""])


def _row(key: str, description: str, info: FieldInfo) -> str:
    holds = _holds(info.annotation, tuple(info.metadata))
    cells = [f"`{key}`", _lines(description), holds, _default(info)]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _lines(text: str | None) -> str:
    return " ".join((text or "").split())


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return NEEDED
    match info.default:
        case bool(flag):
            return f"`{str(flag).lower()}`"
        case Enum() as word:
            return f"`{word.value}`"
        case "" | None | BaseModel() | list() | dict():
            return ""
        case str() | int() as value:
            return f"`{value}`"
    return ""


def _holds(kind: Any, metadata: tuple[Any, ...] = ()) -> str:
    """Says what a value of a type has to be."""
    if hasattr(kind, "__metadata__"):
        return _holds(get_args(kind)[0], kind.__metadata__)
    for note in metadata:
        match note:
            case Format() | IntRange():
                return f"{_sentence(note)} ([{note.rule}](rules.md#{note.rule.lower()}))"
            case JsonLiteral():
                return "text, a number, `true` or `false`"
            case Flag():
                return "`true` or `false`"
            case Short() | OneOrMany() | TrueMeans() | AccountAndRole():
                return f"{_plain(kind)}, or {_short(note)}"
    return _plain(kind)


def _short(note: Short | OneOrMany | TrueMeans | AccountAndRole) -> str:
    match note:
        case Short():
            return f"its `{note.key}` alone"
        case OneOrMany():
            return "one alone"
        case TrueMeans():
            return "`true`"
    return "`account` or `account:role`"


def _plain(kind: Any) -> str:
    """Describes a type without notes."""
    inner = [argument for argument in get_args(kind) if argument is not type(None)]
    if inner and get_origin(kind) is Literal:
        return ", ".join(f"`{word}`" for word in inner)
    if inner and get_origin(kind) in CONTAINERS:
        return CONTAINERS[get_origin(kind)] + _holds(inner[-1])
    if issubclass(kind, BaseModel):
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__.removesuffix("Spec"))
        return f"[{words.lower()}](#{kind.__name__.lower()})"
    return ", ".join(f"`{word.value}`" for word in kind)


def _sentence(note: Format | IntRange) -> str:
    what = re.sub(r"'(\w+)'", r"`\1`", note.what)
    example = getattr(note, "examples", ())[:1]
    shown = f", such as `{example[0]}`" if example and "such as" not in what else ""
    return f"{what}{shown}"
