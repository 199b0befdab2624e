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


def test_finding_about_a_part_is_reported_once_for_all_its_environments(
    spec: Path, secretgen: Command
) -> None:
    """Also where an input is in the name of the secret, and so in the path of the finding."""
    part = spec.parent.parent / "parts/app.yaml"
    part.parent.mkdir()
    part.write_text(
        "version: 1\ninputs: { stage: {} }\n"
        "tags: { Owner: a & b }\n"
        "secrets: { $(stage)/one: {} }\n",
        encoding="utf-8",
    )
    for stage in ("first", "second"):
        spec.with_name(f"{stage}.yaml").write_text(
            f"version: 1\nenvironment: {stage}\n"
            f"include: [{{ file: parts/app.yaml, inputs: {{ stage: {stage} }} }}]\n"
            f"aws: {{ account_id: '123456789012', region: us-east-1 }}\n"
            f"backend: {{ bucket: {stage}-state, locking: s3 }}\nsecrets: {{}}\n",
            encoding="utf-8",
        )
    result = secretgen("validate", "--format", "json")
    found = [d for d in json.loads(result.out)["diagnostics"] if d["file"] == "parts/app.yaml"]
    assert [d["rule"] for d in found] == ["SG213"], result.out
