"""The commands tell each mistake once, and each spec once."""

import json

import pytest

from tests.cli.conftest import SMALL, Command, Path


@pytest.mark.parametrize("command", ["validate", "check", "render"])
@pytest.mark.parametrize(
    ("secret", "rule"),
    [
        ("{ value: hunter2hunter2 }", "SG303"),
        ("{ value: [hunter2hunter2] }", "SG303"),
        ("{ password: hunter2hunter2 }", "SG302"),
        ("{ value: { from: json, fields: { password: hunter2hunter2 } } }", "SG302"),
        ("{ value: { from: json, fields: { note: hunter2hunter2 } } }", "SG303"),
        ("{ value: external }", "SG103"),
    ],
)
def test_one_mistake_is_reported_once(
    secret: str, rule: str, command: str, spec: Path, secretgen: Command
) -> None:
    spec.write_text(f"{SMALL}  app/other: {secret}\n", encoding="utf-8")
    found = json.loads(secretgen(command, "--format", "json").out)["diagnostics"]
    assert [d["rule"] for d in found] == [rule]


def test_spec_given_twice_is_reported_once(spec: Path, secretgen: Command) -> None:
    spec.write_text(f"{SMALL}  app/other: {{ value: external }}\n", encoding="utf-8")
    result = secretgen("validate", str(spec), str(spec), "--format", "json")
    assert len(json.loads(result.out)["diagnostics"]) == 1
