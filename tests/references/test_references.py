"""References for deployments: accepted by each tool's own schema, and exactly what a role reads."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jmespath
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from secretgen.access.access_report import rows_for
from secretgen.cli import run
from secretgen.errors import ExitCode
from secretgen.insight.references.arns import SUFFIX, SecretArns, read_outputs
from secretgen.insight.references.kubernetes import Block, to_yaml
from secretgen.insight.references.reference_content import Wanted, find_reader
from secretgen.insight.references.tools import Tool, write_references
from secretgen.model.environment import Environment
from secretgen.model.secret import AWS_MANAGED, Source, literal_text
from secretgen.spec.load import load_spec
from secretgen.spec.resolve import resolve
from secretgen.spec.schema import Spec
from tests.readback.specs import specs
from tests.references.accepted import faults, parsed, written
from tests.rendered import PRODUCTION, SPECS

REFERENCE = [PRODUCTION, *sorted(SPECS.glob("*.yaml"))]
ARN = re.compile(
    r"arn:[a-z-]+:secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:([A-Za-z0-9/_+=.@<>-]+)"
)


def complete(environment: Environment) -> SecretArns:
    aws = environment.aws
    begin = f"arn:{aws.partition}:secretsmanager:{aws.region}:{aws.account_id}:secret:"
    arns = {s.name: f"{begin}{s.name}-AbCd{n:02}" for n, s in enumerate(environment.secrets)}
    return read_outputs(environment, json.dumps({"secret_arns": {"value": arns}}), "outputs.json")


def everything(environment: Environment) -> Iterator[tuple[Tool, Wanted]]:
    """Each tool, for each role in each Region, with and without complete ARNs."""
    for account in environment.accounts:
        for role in (r for r in account.deployed_roles if r.reads):
            reader = find_reader(environment, f"{account.name}:{role.name}")
            for region in reader.regions:
                for arns in (SecretArns(environment, {}), complete(environment)):
                    for tool in Tool:
                        yield tool, Wanted(reader, region, arns)


def named_in(text: str, wanted: Wanted) -> set[str]:
    """The secrets whose ARNs in the wanted Region a text holds."""
    found = {rest for where, rest in ARN.findall(text) if where == wanted.region}
    names = {s.name for s in wanted.secrets}
    ends = r"(-<SUFFIX>|-AbCd[0-9]{2})?"
    matched = {r: {n for n in names if re.fullmatch(re.escape(n) + ends, r)} for r in found}
    assert all(len(secrets) == 1 for secrets in matched.values())
    return {secret for secrets in matched.values() for secret in secrets}


@given(specs())
def test_accepted_and_exactly_what_the_role_reads(spec: dict[str, Any]) -> None:
    environment = resolve(Spec.model_validate(spec))
    for tool, wanted in everything(environment):
        text = write_references(tool, wanted).text
        assert faults(tool, text) == []
        assert named_in(text, wanted) == {s.name for s in wanted.secrets}
        if tool is Tool.CSI:
            assert_paths_find_texts(text, wanted)
        assert (SUFFIX in text) <= (not wanted.arns.complete)
    closed = {s.name for s in environment.secrets if s.kms_key == AWS_MANAGED}
    for account in environment.accounts:
        for role in (r for r in account.deployed_roles if r.reads):
            who = f"{account.id}:{role.name}"
            rows = rows_for(environment, who=who)
            reads = {(r.secret, r.region) for r in rows if r.read.answer != "no"}
            reader = find_reader(environment, who)
            named = {(s.name, r) for r in reader.regions for s in reader.secrets_in(r)}
            assert reads <= named
            assert {secret for secret, _ in named - reads} <= closed


def references(spec: Path) -> Iterator[tuple[Tool, str]]:
    environment = load_spec(spec.read_bytes(), str(spec)).environment
    assert environment is not None, spec
    for tool, wanted in everything(environment):
        yield tool, write_references(tool, wanted).text


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each field that a tool reads."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items if isinstance(node, dict | list) else ():
        if isinstance(node, dict) and at[-1:] != ("Variables",):
            yield (*at, key)
        yield from places(value, (*at, key))


def test_the_reference_environments_are_accepted_and_no_broken_field_is() -> None:
    broken_once = set()
    for spec in REFERENCE:
        for tool, text in references(spec):
            assert faults(tool, text) == []
            for path in places(parsed(tool, text)):
                kind = (tool, *(step for step in path if not isinstance(step, int)))
                if kind in broken_once:
                    continue
                broken_once.add(kind)
                for break_it in (misspell, retype):
                    broken = parsed(tool, text)
                    break_it(broken, path)
                    assert faults(tool, written(tool, broken)), (kind, break_it.__name__)
    assert len(broken_once) > 40


def misspell(document: Any, path: tuple[Any, ...]) -> None:
    *above, key = path
    for step in above:
        document = document[step]
    document[f"{key}s"] = document.pop(key)


def retype(document: Any, path: tuple[Any, ...]) -> None:
    *above, key = path
    for step in above:
        document = document[step]
    document[key] = [7] if isinstance(document[key], dict | str) else "text"


def assert_paths_find_texts(text: str, wanted: Wanted) -> None:
    """Each JMESPath of a SecretProviderClass finds its field, as a text."""
    objects = {
        entry["objectName"]: entry
        for document in parsed(Tool.CSI, text)
        for entry in document["spec"]["parameters"]["objects"]
    }
    for secret in wanted.secrets:
        entry = objects[wanted.arns.arn(secret.name, wanted.region)]
        assert ("jmesPath" in entry) == (secret.value.source is Source.JSON)
        texts = {f.name: _text(f) for f in secret.value.fields}
        value = {f.name: _typed(f) for f in secret.value.fields}
        paths = [p["path"] for p in entry.get("jmesPath", ())]
        found = [jmespath.search(p, value) for p in paths]
        assert all(isinstance(text, str) for text in found)
        assert list(map(_number, found)) == list(map(_number, texts.values()))


def _number(text: str) -> str | float:
    """A number is the same however many zeros it is written with."""
    return float(text) if re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", text) else text


def _text(field: Any) -> str:
    return literal_text(field.literal) if field.literal is not None else f"of {field.name}"


def _typed(field: Any) -> Any:
    literal = field.literal
    return _text(field) if literal is None or isinstance(literal, str) else json.loads(_text(field))


@given(st.recursive(
    st.text(), lambda n: st.lists(n, min_size=1) | st.dictionaries(st.text(), n, min_size=1)
).filter(lambda node: not isinstance(node, str)))  # fmt: skip
def test_yaml_is_read_as_intended(node: Any) -> None:
    assert yaml.safe_load(to_yaml(node)) == node
    block = to_yaml(node)
    assert yaml.safe_load(to_yaml({"objects": Block(block)})) == {"objects": block}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    for name in ("rich", "small"):
        text = (SPECS / f"{name}.yaml").read_text("utf-8")
        (tmp_path / f"specs/{name}.yaml").write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def secretgen(root: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["references", "--root", str(root), *arguments])
        return code, *capsys.readouterr()

    return command


def outputs_of(spec: Path) -> str:
    environment = load_spec(spec.read_bytes(), str(spec)).environment
    assert environment is not None
    arns = {"secret_arns": {"sensitive": False, "value": dict(complete(environment).complete)}}
    return json.dumps({**arns, "other": {"sensitive": True, "value": "hunter2"}})


def test_outputs_make_every_arn_complete(root: Path, secretgen: Any) -> None:
    spec, outputs = root / "specs/rich.yaml", root / "outputs.json"
    outputs.write_text(outputs_of(spec), "utf-8")
    for tool in Tool:
        without = secretgen("data", "--for", tool)
        code, out, err = secretgen("data", "--for", tool, "--outputs", str(outputs))
        assert (code, without[0]) == (0, 0)
        assert (SUFFIX in without[1]) == (tool is Tool.ECS)
        assert ("--outputs" in without[2]) == (tool is Tool.ECS)
        assert SUFFIX not in out + err
        assert "secret:db/app-AbCd" in out
        assert "hunter2" not in out + err
    arns = json.loads(outputs.read_text("utf-8"))
    del arns["secret_arns"]["value"]["db/app"]
    outputs.write_text(json.dumps(arns), "utf-8")
    _, out, err = secretgen("data", "--for", "ecs", "--outputs", str(outputs))
    assert f"secret:db/app-{SUFFIX}" in out
    assert "write it again after the apply" in err
    written_to = root / "task.json"
    code, out, _ = secretgen("data", "--for", "ecs", "--region", "us-west-2", "--output",
                             str(written_to), str(spec))  # fmt: skip
    assert (code, out) == (0, "")
    assert "arn:aws:secretsmanager:us-west-2:123456789012:secret:db/app-" in written_to.read_text()


@pytest.mark.parametrize("tool", Tool)
def test_no_deployment_assumes_a_permission_set(tool: Tool, root: Path, secretgen: Any) -> None:
    spec = root / "specs/people.yaml"
    text = (root / "specs/small.yaml").read_text("utf-8").replace("small", "people")
    text = text.replace("app/token", "people/token")
    accounts = (
        'accounts:\n  app: { id: "111111111111", roles: { Help: { permission_set: true } } }\n'
        '  ops: { id: "222222222222", role: Help, roles: { Help: { permission_set: true } } }\n'
    )
    readers = "    readers: [app, { account: app, role: Help }, ops]"
    old = "secrets:\n  people/token:"
    assert old in text
    spec.write_text(text.replace(old, f"{accounts}{old}\n{readers}"), "utf-8")
    for who, message in {
        "app:Help": "'Help' of app is a permission set",
        "ops": "only permission sets of ops read secrets",
        "ops:Help": "only permission sets of ops read secrets",
    }.items():
        code, out, err = secretgen(who, "--for", tool, str(spec))
        assert (code, out) == (ExitCode.USAGE, "")
        assert message in err
        assert "Only people assume" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dat"], "no account 'dat' reads secrets"),
        (["app"], "several roles of app read secrets"),
        (["app:none"], "no role 'none' of app reads secrets of rich"),
        (
            ["data", "--region", "eu-north-1"],
            "data:team/rich-data-reader reads no secret in 'eu-north-1'",
        ),
        (["data", "--outputs", "{none}"], "cannot be read: No such file or directory"),
        (["data", "--outputs", "{text}"], "is not valid JSON"),
        (["data", "--outputs", "{plan}"], "has no output `secret_arns`"),
        (["data", "--outputs", "{other}"], "it has another ARN for"),
        (["data", "--outputs", "{small}"], "names no secret of rich"),
    ],
)
def test_unanswerable_questions(
    arguments: list[str], message: str, root: Path, secretgen: Any
) -> None:
    files = {
        "none": "",
        "text": "secret_arns = {",
        "plan": '{"planned_values": {}}',
        "small": outputs_of(root / "specs/small.yaml"),
        "other": outputs_of(root / "specs/rich.yaml").replace("123456789012", "999999999999"),
    }
    for name, text in files.items():
        if text:
            (root / name).write_text(text, "utf-8")
    placed = [a.format(**{n: root / n for n in files}) for a in arguments]
    code, out, err = secretgen(*placed, "--for", "eso")
    assert (code, out) == (ExitCode.USAGE, "")
    assert message in err


def test_an_account_of_two_environments_needs_the_spec(root: Path, secretgen: Any) -> None:
    text = (SPECS / "rich.yaml").read_text("utf-8")
    other = text.replace("environment: rich", "environment: poor").replace("rich-", "poor-")
    other = other.replace("other-role", "other-poor")
    other = other.replace('account_id: "123456789012"', 'account_id: "123456789013"')
    other = other.replace(":123456789012:", ":123456789013:")
    (root / "specs/poor.yaml").write_text(other, "utf-8")
    code, _, err = secretgen("data", "--for", "eso")
    assert (code, "several specs: specs/poor.yaml, specs/rich.yaml" in err) == (2, True), err
    assert secretgen("data", "--for", "eso", str(root / "specs/rich.yaml"))[0] == 0
