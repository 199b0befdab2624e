"""Parts: what they add to a spec, what wins, and what is said about mistakes in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretgen import rules
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.render.files import render_environment
from secretgen.render.templates import environment
from secretgen.spec.load import LoadedSpec, load_spec
from tests.rules.support import TODAY, complete
from tests.spec.parts import SPEC, Files, cut, load
from tests.spec.trees import EVERYTHING, tree_of, write

TREE = tree_of(EVERYTHING.read_text(encoding="utf-8"))
WHOLE = write(TREE)


def found(loaded: LoadedSpec) -> list[str]:
    """Returns findings as `file:line:column rule`, the inputs behind them in brackets."""
    return [
        f"{d.span.file.split('/')[1][:-5]}:{d.span.line}:{d.span.column} {d.rule}"
        + "".join(f" [{i.file.split('/')[1][:-5]}:{i.line}:{i.column}]" for i in d.span.includes)
        for d in rules.findings(loaded, today=TODAY)
    ]


@settings(max_examples=25)
@given(cut(TREE))
def test_a_spec_cut_into_parts_renders_the_same_bytes(pieces: tuple[str, Files]) -> None:
    text, files = pieces
    whole = load_spec(WHOLE.encode(), SPEC)
    loaded = load_spec(text.encode(), SPEC, files.library())
    assert [d.summary for d in loaded.diagnostics] == [d.summary for d in whole.diagnostics]
    assert loaded.environment == whole.environment
    assert loaded.environment is not None
    assert whole.environment is not None
    bodies, expected = (
        render_environment(e, environment(None), DEFAULT_LAYOUT)
        for e in (loaded.environment, whole.environment)
    )
    assert bodies == expected


def test_the_later_wins_field_by_field() -> None:
    loaded = load(
        "include: [parts/a.yaml, parts/b.yaml]\n"
        "defaults: { group: of the spec, recovery_window_days: 9 }\n"
        "tags: { Owner: spec }\n"
        "accounts: { app: { id: '333333333333' } }\n"
        "secrets: { x: { description: of the spec, tags: { C: spec } }, z: }\n",
        a="accounts: { app: { id: '111111111111', role: web } }\n"
        "keys: { k: { description: a, deletion_window_days: 7 } }\n"
        "monitoring: { notify: { email: [a@example.com] }, kms_anomalies: true }\n"
        "required_tags: [A]\n"
        "defaults: { kms_key: k, group: of a, tags: { A: default } }\n"
        "tags: { A: part, B: part }\n"
        "secrets:\n"
        "  x: { description: of a, group: own, tags: { B: own, C: own }, readers: [app] }\n"
        "  y:\n",
        b="keys: { k: { description: b } }\n"
        "monitoring: { rotation_failures: true }\n"
        "required_tags: [B]\n"
        "defaults: { group: of b }\n"
        "secrets: { x: { rotation: }, z: { description: kept } }\n",
    )
    assert [d.summary for d in loaded.diagnostics] == []
    spec = loaded.spec
    assert spec is not None
    x, y, z = (spec.secrets[name] for name in "xyz")
    assert (x.description, x.group, x.kms_key) == ("of the spec", "own", "k")
    assert x.tags == {"A": "default", "B": "own", "C": "spec"}
    assert (y.group, y.kms_key, y.tags) == ("of a", "k", {"A": "default", "B": "part"})
    assert (z.group, z.kms_key, z.description, z.tags) == ("of b", "dedicated", "kept", {})
    assert (spec.keys["k"].description, spec.keys["k"].deletion_window_days) == ("b", 7)
    assert (spec.accounts["app"].id, spec.accounts["app"].role) == ("333333333333", "web")
    assert spec.required_tags == ["B"]
    assert spec.tags == {"Owner": "spec"}
    assert spec.monitoring is not None
    assert spec.monitoring.kms_anomalies
    assert spec.monitoring.rotation_failures
    assert loaded.environment is not None
    assert {s.recovery_window_days for s in loaded.environment.secrets} == {9}


def test_inputs_are_replaced_only_in_their_part() -> None:
    loaded = load(
        "include:\n"
        "  - { file: parts/a.yaml, inputs: { name: one, days: 7, off: 'false' } }\n"
        "  - { file: ./parts/a.yaml, inputs: { name: '', days: 030 } }\n"
        "description: $(name) of the spec $$(name)\n",
        a="inputs: { name: {}, days: {}, off: { default: 'true' } }\n"
        "secrets:\n"
        "  app/$(name)x:\n"
        "    description: '$(name)$(name) $$(name) $$$(name) $name ${name} $(other) $$(other) $'\n"
        "    recovery_window_days: $(days)\n"
        "    deletion_protection: $(off)\n"
        "    group: $(name)\n",
    )
    assert found(loaded) == ["a:6:27 SG105 [staging:3:55]"]
    spec = loaded.spec
    assert spec is not None
    assert spec.description == "$(name) of the spec $$(name)"
    one, none = spec.secrets["app/onex"], spec.secrets["app/x"]
    assert one.description == "oneone $(name) $$(name) $name ${name} $(other) $(other) $"
    assert (one.recovery_window_days, one.deletion_protection) == (7, False)
    assert (none.group, none.deletion_protection) == ("", True)


@pytest.mark.parametrize(
    ("spec", "part", "expected"),
    [
        ("include: [parts/none.yaml]", "", ["staging:1:11 SG490"]),
        ("include: [parts/a.yaml]", "environment: x\naws: {}", ["staging:1:11 SG491"]),
        ("include: [parts/a.yaml]", "include: [parts/a.yaml]", ["a:2:1 SG492"]),
        ("include: [parts/a.yaml]", "backend: {}\ndescription: x", ["a:2:1 SG492", "a:3:1 SG492"]),
        ("include: [parts/a.yaml]", "keyz: { k: {} }", ["a:2:1 SG101", "a:2:9 SG407"]),
        ("include: [parts/a.yaml]", "inputs: { x: { defalt: y } }", ["a:2:16 SG101"]),
        ("include: [parts/a.yaml]", "tags: []", ["a:2:7 SG103"]),
        ("include: [parts/a.yaml]", "keys: [", ["a:2:8 SG002"]),
        ("include: [parts/a.yaml]", "inputs: { x: {} }", ["staging:1:11 SG494"]),
        (
            "include: [{ file: parts/a.yaml, inputs: { x: [y], z: } }]",
            "inputs: { x: {}, z: {} }",
            ["staging:1:19 SG494", "staging:1:46 SG103"],
        ),
        (
            "include: [{ file: parts/a.yaml, inputs: [x] }]",
            "inputs: { x: {} }",
            ["staging:1:41 SG103"],
        ),
        (
            "include: [{ file: parts/a.yaml, input: { x: y } }]",
            "inputs: { x: {} }",
            ["staging:1:33 SG101"],
        ),
        (
            "include: [{ file: parts/a.yaml, inputs: { stge: x } }]",
            "inputs: { stage: {} }",
            ["staging:1:43 SG493"],
        ),
        (
            "include: [{ file: parts/a.yaml, inputs: { stage: [x] } }]",
            "inputs: { stage: { default: y } }",
            ["staging:1:50 SG103"],
        ),
        (
            "include:\n- { file: parts/a.yaml, inputs: { i: x } }\n- parts/a.yaml",
            "inputs: { i: { default: x } }",
            ["staging:3:3 SG497"],
        ),
        (
            "include: [{ file: parts/a.yaml, inputs: { i: x } }]",
            "inputs: { i: {} }\ntags: { A: b }\nsecrets: { a$(i): {}, ax: {} }",
            ["a:4:23 SG003"],
        ),
        (
            "include: [{ file: parts/a.yaml, inputs: { i: DEFGHIJKLMNOPQRS } }]",
            "inputs: { i: {} }\nsecrets: { a: { description: AKIA$(i) } }",
            ["a:3:30 SG301 [staging:1:46]"],
        ),
        (
            "include: [{ file: parts/a.yaml, inputs: { i: password } }]",
            "inputs: { i: {} }\ntags: { $(i): x-y.z1 }\nsecrets: { a: }",
            ["a:3:15 SG302"],
        ),
    ],
)
def test_mistakes(spec: str, part: str, expected: list[str]) -> None:
    assert found(load(spec + "\nsecrets: { b: }\n", a=part)) == expected


def test_an_input_of_another_part_is_an_error_where_it_cannot_be_text() -> None:
    loaded = load(
        "include: [parts/a.yaml, parts/b.yaml]",
        a="secrets:\n  $(stage)/x:\n  y:\n    description: $(stage)\n    replicas: [$(stage)]\n"
        "    kms_key: $(stage)\n    group: $(what)\n",
        b="inputs: { stage: { default: x } }\n",
    )
    assert found(loaded) == [
        "a:3:3 SG495",
        "a:5:18 SG496",
        "a:6:16 SG495",
        "a:7:14 SG495",
    ]


def test_part_is_not_a_spec() -> None:
    assert found(load_spec(b"version: 1\ninputs: {}\n", SPEC)) == ["staging:1:1 SG491"]
    assert found(load_spec(b"version: 1\nsecrets: { a: {} }\n", SPEC)) == ["staging:1:1 SG491"]


def test_part_default_is_reported_once() -> None:
    part = (
        "inputs: { days: {} }\n"
        "defaults: { readers: [nobody, app], recovery_window_days: $(days),\n"
        "  ignore: [{ rule: SG305, reason: x }, { rule: SG202, reason: y }] }\n"
        "secrets: { a: { value: { from: variable } }, b: }\n"
        "accounts: { app: { id: '111111111111' } }\n"
    )
    loaded = load("include: [{ file: parts/a.yaml, inputs: { days: 30 } }]", a=part)
    assert found(loaded) == ["a:3:23 SG401"]
    right = load(
        "include: [{ file: parts/a.yaml, inputs: { days: 30 } }]", a=part.replace("nobody, ", "")
    )
    assert found(right) == ["a:4:40 SG464"]
    wrong = load("include: [{ file: parts/a.yaml, inputs: { days: 3 } }]", a=part)
    assert found(wrong) == ["a:3:23 SG401", "a:3:59 SG204 [staging:1:49]"]


@given(st.integers(2, 6))
def test_each_part_is_read_once(specs: int) -> None:
    files = Files({"parts/a.yaml": "version: 1\nkeys: { k: { deletion_window_days: 3 } }\n"})
    library = files.library()
    for index in range(specs):
        text = complete(f"environment: e{index}\ninclude: [parts/a.yaml]\n")
        assert found(load_spec(text.encode(), SPEC, library)) == ["a:2:36 SG221"]
    assert files.reads == ["parts/a.yaml"]
