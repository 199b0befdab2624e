"""Where the values of secrets come from: variables, generated passwords, JSON, or elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from secretgen.hcl.hcl_nodes import Call, Entry, Literal, ObjectValue, Reference, Value
from secretgen.model.compare import Code
from secretgen.model.names import variable
from secretgen.model.secret import Field, Number, Password, Source
from secretgen.model.secret import Value as Content
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import HIDDEN, Ref, boolean, code, reference, text, whole

_PASSWORD = "aws_secretsmanager_random_password"  # noqa: S105 -- a type of Terraform's
_FLAGS = (
    "exclude_lowercase",
    "exclude_numbers",
    "exclude_punctuation",
    "exclude_uppercase",
    "include_space",
)


def read_value(secret: Fields, name: str, root: Root) -> Content:
    """Reads where the value of a secret comes from.

    Args:
        secret: its module block.
        name: its name.
        root: the environment's root module, with the variables and passwords of the secret.
    """
    version = secret.get("secret_string_version", whole, "value", "version")
    string = secret.take("secret_string", "value", "from")
    if string is None:
        return Content(version=version)
    path = (*secret.path, "value")
    document, is_guarded = _document(string)
    if document:
        fields = [_read_field(entry, name, root, secret) for entry in document.entries]
        if is_guarded != any(field.source == Source.VARIABLE for field in fields):
            forms = ("jsonencode(…)", "try(jsonencode(…), null)")
            expected, found = forms if is_guarded else reversed(forms)
            secret.notes.add_unexpected((*path, "from"), expected, found, string.span)
        fields.sort(key=lambda field: field.name)
        return Content(Source.JSON, version, fields=tuple(fields))
    source, password = _origin(string, variable(name), root, path)
    return Content(source, version, password)


def _document(string: Value) -> tuple[ObjectValue | None, bool]:
    """Finds the JSON document of a value, and whether it is null when a variable is."""
    match string:
        case Call("try", (Call("jsonencode", (ObjectValue() as document,)), Literal(None))):
            return document, True
        case Call("jsonencode", (ObjectValue() as document,)):
            return document, False
    return None, False


def _read_field(entry: Entry, secret: str, root: Root, block: Fields) -> Field:
    path = (*block.path, "value", "fields", entry.key)
    block.notes.place(path, entry.span)
    value = entry.value
    if isinstance(value, Literal) and value.value is not None:
        return Field(entry.key, Source.LITERAL, literal=_literal(value.value))
    match value:
        case Call("coalesce", (Reference() as given,)):
            value = given
        case Reference() if value.parts[0] == "var":
            block.notes.add_unexpected(
                path, f"coalesce({value.text})", Code(value.text), entry.span
            )
    source, password = _origin(value, variable(secret, entry.key), root, path)
    return Field(entry.key, source, password=password)


def _literal(value: str | float) -> str | Number | bool:  # `float` stands for `int` as well
    """Returns a literal of the type that it has in HCL."""
    if isinstance(value, str | bool):
        return value
    digits = repr(value) if isinstance(value, float) else str(value)
    return Number(format(Decimal(digits), "f"))


def _origin(value: Value, name: str, root: Root, path: tuple[str, ...]) -> tuple[Any, Any]:
    """Returns where a value comes from, and how it is generated.

    Args:
        value: the expression.
        name: of the variable, or label of the password, that belongs to it.
        root: the environment's root module.
        path: what the value is.
    """
    if reference(value) == ("var", name):
        _check_variable(root.take("variable", name, path=path), root, name)
        return Source.VARIABLE, None
    if reference(value) == ("ephemeral", _PASSWORD, name, "random_password"):
        return Source.GENERATED, _read_password(root, name, path)
    return (Code(code(value)) if isinstance(value, Reference) else HIDDEN), None


def _check_variable(block: Fields | None, root: Root, name: str) -> None:
    if block is None:
        root.lacks("variable", name)
        return
    block.skip("description")
    block.expect("type", Ref("string"))
    block.expect("ephemeral", expected=True)
    block.expect("sensitive", expected=True)
    default = block.take("default")
    if not (isinstance(default, Literal) and default.value is None):
        found, span = (HIDDEN, default.span) if default else (None, None)
        block.add_unexpected("default", Code("null"), found, span)
    block.finish()


def _read_password(root: Root, label: str, path: tuple[str, ...]) -> Password | None:
    block = root.need("ephemeral", _PASSWORD, label, path=path)
    if block is None:
        return None
    password = Password(
        length=block.get("password_length", whole, "length"),
        exclude_characters=block.get("exclude_characters", text, absent=""),
        require_each_included_type=block.get("require_each_included_type", boolean, absent=True),
        **{flag: block.get(flag, boolean, absent=False) for flag in _FLAGS},
    )
    block.finish()
    return password
