"""What is rendered is read back as what it was rendered from, whatever that is."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, get_args

import pytest
from hypothesis import Phase, example, find, given, settings
from hypothesis.errors import NoSuchExample

from secretgen.hcl.decode import parse
from secretgen.model.effective import effective
from secretgen.model.environment import Environment
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.readback.read_environment import Reading, read_environment
from secretgen.render.files import render_environment
from secretgen.render.templates import environment as jinja
from secretgen.spec.fields import fields_of, key_of
from secretgen.spec.resolve import resolve
from secretgen.spec.schema import Spec
from secretgen.spec.types import Shape
from tests.readback.specs import specs


def read_back(environment: Environment) -> Reading:
    folder = f"{DEFAULT_LAYOUT.environment(environment.name)}/"
    bodies = render_environment(environment, jinja())
    return read_environment(
        environment.name,
        {
            path.removeprefix(folder): parse(text, path)
            for path, text in bodies.items()
            if path.endswith(".tf")
        },
    )


# Nothing in HCL names the account of a permission set that reads secrets with unmanaged policies.
UNNAMED = {
    "version": "1",
    "environment": "production",
    "aws": {
        "account_id": "123456789012",
        "region": "us-east-1",
        "organization_id": "o-abcde12345",
    },
    "backend": {"bucket": "state-bucket", "dynamodb_table": "lock-table"},
    "accounts": {
        "partner": {
            "id": "111122223333",
            "in_organization": "false",
            "roles": {"Support": {"permission_set": "true"}},
        },
    },
    "secrets": {
        "prod/x": {
            "value": {"from": "external"},
            "policy": "unmanaged",
            "readers": [{"account": "partner", "role": "Support"}],
        },
    },
}


@given(specs())
@example(UNNAMED)
@settings(max_examples=25)
def test_every_environment_is_read_back(spec: dict[str, Any]) -> None:
    environment = resolve(Spec.model_validate(spec))
    reading = read_back(environment)
    assert reading.notes.oddities == []
    assert reading.differences(environment) == []
    assert reading.environment == effective(environment)


# Fields that `specs` leaves out, and why.
NOT_DRAWN = {
    "SecretSpec.group": "it is in documents only",
    "SecretSpec.ignore": "findings are in no HCL",
    "Spec.defaults": "loading a spec has put them into its secrets",
    "Spec.description": "it is in documents only",
    "Spec.ignore": "findings are in no HCL",
    "Spec.include": "loading a spec has put the parts into it",
    "Spec.required_tags": "a rule about tags is in no HCL",
}


def fields_in(kind: Any) -> Iterator[str]:
    """Yields the fields of the mappings in a type, but not those below a field that is left out."""
    is_shape = isinstance(kind, type) and issubclass(kind, Shape)
    for key, info in fields_of(kind).items() if is_shape else ():
        yield f"{kind.__name__}.{key}"
        if f"{kind.__name__}.{key}" not in NOT_DRAWN:
            yield from fields_in(info.annotation)
    for inner in get_args(kind):
        yield from fields_in(inner)


def set_fields(value: Any) -> Iterator[str]:
    """Yields the fields that a spec sets."""
    match value:
        case Shape():
            for name in value.model_fields_set:
                yield f"{type(value).__name__}.{key_of(name, type(value).model_fields[name])}"
                yield from set_fields(getattr(value, name))
        case dict():
            yield from set_fields(list(value.values()))
        case list():
            for item in value:
                yield from set_fields(item)


@pytest.mark.slow(seconds=6)
def test_every_field_of_the_spec_is_drawn() -> None:
    left_out = set(fields_in(Spec))

    def is_last(spec: dict[str, Any]) -> bool:
        left_out.difference_update(set_fields(Spec.model_validate(spec)))
        return left_out <= NOT_DRAWN.keys()

    enough = settings(max_examples=3000, database=None, phases=[Phase.generate], derandomize=True)
    with suppress(NoSuchExample):
        find(specs(), is_last, settings=enough)
    assert left_out == NOT_DRAWN.keys(), "add it to tests/readback/specs.py, or to NOT_DRAWN"
