"""The JSON Schema says the same as the decoder."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from jsonschema import Draft202012Validator

from secretgen.diagnostics import Diagnostic, has_errors
from secretgen.rules.catalogue import all_rules
from secretgen.spec.fields import fields_of
from secretgen.spec.json_schema import part_json_schema
from secretgen.spec.load import load_spec
from secretgen.spec.schema import Spec
from tests.rules.support import complete, findings_in
from tests.spec.editor import instance
from tests.spec.parts import SCHEMA, Files, cut
from tests.spec.trees import EVERYTHING, changed_specs, tree_of, write

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)

# What fields mean together is for the rules; the schema says as much of it as these.
TOGETHER = {"SG410", "SG411", "SG412", "SG417", "SG421", "SG422", "SG480"}
TEXT_FORMS = {"SG215", "SG217", "SG219"}
READING = {rule.id for rule in all_rules().values() if rule.id < "SG100"}
EXAMPLES = [
    pytest.param(text, id=f"{rule.id}-{name}")
    for rule in all_rules().values()
    for name, text in (("wrong", rule.wrong), ("right", rule.right))
    if text and rule.id not in READING and not rule.id.startswith("SG30")
]


def mistakes(text: str) -> list[Diagnostic]:
    """Returns what the decoder, or a rule that the schema knows, refuses in a spec."""
    shape = load_spec(text.encode(), "spec.yaml").diagnostics
    return [*shape, *(d for d in findings_in(text) if d.rule in TOGETHER)]


def is_number_for_text(text: str, found: Diagnostic) -> bool:
    """Tells whether a number without quotes stands where text of some form is wanted.

    An editor no longer knows its digits (`000000000012`), so the schema lets all numbers pass.
    """
    line, span = text.splitlines()[found.span.line - 1], found.span
    written = line[span.column - 1 : span.end_column - 1]
    return found.rule in TEXT_FORMS and re.fullmatch(r"[0-9.]+", written) is not None


def test_schema_is_valid_and_says_what_it_is() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"]


def test_every_field_is_described() -> None:
    def undescribed(schema: Any, path: str = "") -> Iterator[str]:
        for name, field in schema.get("properties", {}).items():
            if "description" not in field and "$ref" not in field:
                yield f"{path}.{name}"
        for name, inner in schema.get("$defs", {}).items():
            yield from undescribed(inner, name)

    assert set(SCHEMA["properties"]) == set(fields_of(Spec))
    assert list(undescribed(SCHEMA)) == []


@pytest.mark.parametrize("path", ["tests/spec/contract.yaml", "tests/spec/everything.yaml",
                                  "specs/production.yaml"])  # fmt: skip
def test_reference_specs_are_valid(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert [e.json_path for e in VALIDATOR.iter_errors(instance(text))] == []


@pytest.mark.parametrize("excerpt", EXAMPLES)
def test_agrees_on_the_examples_of_rules(excerpt: str) -> None:
    text = complete(excerpt)
    assert VALIDATOR.is_valid(instance(text)) is not bool(mistakes(text))


@pytest.mark.parametrize("name", ["subnet_ids", "security_group_ids"])
def test_agrees_on_a_list_that_must_not_be_empty(name: str) -> None:
    text = EVERYTHING.read_text(encoding="utf-8")
    empty = re.sub(rf"(?<={name}: ).*", "~", text)
    assert [d.path[-1] for d in mistakes(empty)] == [name]
    assert not VALIDATOR.is_valid(instance(empty))


@settings(max_examples=200)
@given(changed_specs())
@example({"version": "1"})
def test_agrees_on_changed_specs(tree: Any) -> None:
    text = write(tree)
    valid = VALIDATOR.is_valid(instance(text))
    if any(not is_number_for_text(text, d) for d in mistakes(text)):
        assert not valid, text
    elif not valid:
        assert has_errors(findings_in(text)), text


def test_spec_with_parts_can_omit_sections() -> None:
    text = complete("accounts: { app: { role: x } }\nsecrets:\n").replace("secrets:\n", "")
    assert not VALIDATOR.is_valid(instance(text))
    assert VALIDATOR.is_valid(instance(f"{text}include: [parts/a.yaml]\n"))
    assert not VALIDATOR.is_valid(instance(f"{text}include: []\n"))


PARTS = Draft202012Validator(part_json_schema())


@settings(max_examples=50)
@given(cut(tree_of(EVERYTHING.read_text(encoding="utf-8"))))
def test_every_part_that_can_be_read_is_valid(pieces: tuple[str, Files]) -> None:
    text, files = pieces
    assert VALIDATOR.is_valid(instance(text)), text
    for part in files.values():
        assert [error.json_path for error in PARTS.iter_errors(instance(part))] == [], part


@pytest.mark.parametrize(
    "wrong",
    [
        "aws: {}",
        "secrets: { a: { replicas: [mars] } }",
        "secrets: { a: { recovery_window_days: 3 } }",
        "inputs: { $(x): {} }",
        "inputs: { a: { defalt: b } }",
        "keys: { 'a b': {} }",
    ],
)
def test_a_wrong_part_is_not_valid(wrong: str) -> None:
    assert not PARTS.is_valid(instance(f"version: 1\n{wrong}\n"))
