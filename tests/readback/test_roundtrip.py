"""What is rendered is read back as what it was rendered from, whatever that is."""

from typing import Any

from hypothesis import example, given, settings

from secretgen.hcl.decode import parse
from secretgen.model.effective import effective
from secretgen.model.environment import Environment
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.readback.read_environment import Reading, read_environment
from secretgen.render.files import render_environment
from secretgen.render.templates import environment as jinja
from secretgen.spec.resolve import resolve
from secretgen.spec.schema import Spec
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
