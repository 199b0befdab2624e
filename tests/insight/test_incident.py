"""The runbook after a leak: exactly what the evaluator says, as commands that can be run."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given

from secretgen.access.callers import Callers
from secretgen.access.policies import regions_of, rendered_policies
from secretgen.access.policy_verdicts import Answer, access_of
from secretgen.cli import run
from secretgen.insight.incident.exposure import Exposure, Incident, Method, exposure
from secretgen.insight.incident.incident_text import runbook_text
from secretgen.model.environment import Environment
from secretgen.spec.load import load_spec
from secretgen.spec.resolve import resolve
from secretgen.spec.schema import Spec
from tests.docs.support import Document
from tests.docs.test_commands import understood
from tests.insight.environments import PRODUCTION as SETTINGS
from tests.insight.environments import environment as production
from tests.readback.specs import specs
from tests.rendered import PRODUCTION, SPECS

HEADING = re.compile(r"^### `(.+)`$", re.MULTILINE)


def reach(environment: Environment, who: str) -> dict[str, tuple[set[str], bool]]:
    """Where the evaluator lets a role read each secret, and whether it lets it write."""
    policies = rendered_policies(environment)
    principal = Callers(environment).find(*who.split(":"))
    assert principal
    found = {}
    for secret in environment.secrets:
        rows = [
            access_of(environment, policies, principal, secret, region)
            for region in regions_of(environment, secret)
        ]
        reads = {row.region for row in rows if row.read.answer is not Answer.NO}
        writes = any(row.write.answer is not Answer.NO for row in rows)
        if reads or writes:
            found[secret.name] = (reads, writes)
    return found


def told(found: Exposure) -> dict[str, tuple[set[str], bool]]:
    return {e.secret.name: (set(e.reads_in), e.writes) for e in found.exposed}


def exposed(environment: Environment, who: str, incident: Incident | None = None) -> Exposure:
    return exposure(environment, None, who, incident, {})


@given(specs())
def test_exactly_the_evaluated_access(spec: dict) -> None:
    environment = resolve(Spec.model_validate(spec))
    for account in environment.accounts:
        of_account: dict[str, tuple[set[str], bool]] = {}
        for role in (*(r.name for r in account.roles), "no-reader"):
            expected = reach(environment, f"{account.name}:{role}")
            found = exposed(environment, f"{account.name}:{role}")
            assert told(found) == expected
            headings = HEADING.findall(runbook_text(found, "environments/x"))
            assert sorted(headings) == sorted(expected)
            for name, (reads, writes) in expected.items():
                before = of_account.get(name, (set(), False))
                of_account[name] = (before[0] | reads, before[1] or writes)
            for entry in found.exposed:
                readers = {f"{r.account}:{r.role}" for r in entry.secret.readers}
                assert set(entry.others) == readers - {f"{account.name}:{role}"}
        assert told(exposed(environment, account.id)) == of_account


def test_every_command_is_understood() -> None:
    used = set()
    rich = SPECS / "rich.yaml"
    for environment in (production(), load_spec(rich.read_bytes(), str(rich)).environment):
        assert environment
        account = environment.accounts[0]
        whos = (account.name, f"{account.name}:{account.roles[0].name}", environment.aws.account_id)
        for who, incident in zip(whos * 2, [*Incident, *Incident], strict=False):
            text = runbook_text(exposed(environment, who, incident), "environments/x")
            used |= understood([Document(who, text)])
    assert {"aws", "secretgen", "terraform"} <= used


def test_sessions_end_in_a_real_shell() -> None:
    text = runbook_text(exposed(production(), "partner"), "environments/x")
    assert "put-role-policy" not in text  # an account leaked: no role of it can be trusted
    text = runbook_text(exposed(production(), "partner:vendor/reader"), "environments/x")
    commands = next(b for b in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "put-role" in b)
    script = 'aws() { for word in "$@"; do printf "%s\\n" "$word"; done; }\n' + commands
    lines = subprocess.run(
        ["sh", "-euc", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "--role-name=reader" in lines
    document = next(line for line in lines if line.startswith("--policy-document="))
    (statement,) = json.loads(document.partition("=")[2])["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "*")
    since = statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", since)


ROTATION = {"every_days": "30", "application": "postgresql-multi-user"}
FIELDS = {
    "engine": {"literal": "postgres"},
    "masterarn": {
        "literal": "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/z-superuser-AbCdEf"
    },
    "password": {"from": "generated"},
}


def test_order_and_what_each_takes() -> None:
    secrets = {
        "prod/hand": {"readers": ["partner"], "group": "Partners", "tags": {"Owner": "team a"}},
        "prod/app": {"readers": ["partner"], "rotation": ROTATION,
                     "value": {"from": "json", "fields": FIELDS}},
        "prod/z-superuser": {"readers": ["partner"], "rotation": SETTINGS["secrets"][
            "prod/database/master-password"]["rotation"]},
        "prod/written": {"readers": ["partner"], "writers": ["partner"],
                         "value": {"from": "variable", "version": "4"}},
    }  # fmt: skip
    environment = production(secrets=secrets)
    found = exposed(environment, "partner:vendor/reader")
    text = runbook_text(found, "environments/production")
    order = ["prod/z-superuser", "prod/app", "prod/written", "prod/hand"]
    assert HEADING.findall(text) == order
    assert [e.method for e in found.exposed] == [
        Method.ROTATION, Method.ROTATION, Method.TERRAFORM, Method.HAND,
    ]  # fmt: skip
    assert text.count("rotate-secret --region=us-east-1 --secret-id=prod/app\n") == 2
    assert text.count("rotate-secret --region=us-east-1 --secret-id=prod/z-superuser\n") == 1
    assert "`value.version: 5`" in text
    assert "`prod__written`" in text
    assert "Owner: team a. Group: Partners." in text
    assert "AttributeValue=PutSecretValue" in text
    for earlier, later in (("## 1. Close", "## 2. AWS rotates"), ("prod/app", "prod/written")):
        assert text.index(earlier) < text.index(later)


def test_the_own_account_has_the_secrets_of_services() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-6d0a3f1e-AbCdEf"
    services = {"orders": {"arn": arn, "rotation": {"every_days": "7"}}}
    environment = production(service_secrets=services)
    whole = {s.name for s in environment.secrets}
    found = exposed(environment, "123456789012")
    assert set(told(found)) == whole
    assert f"--secret-id='{arn}'" in runbook_text(found, "environments/production")
    assert arn not in runbook_text(exposed(environment, "app-primary"), "environments/production")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    text = PRODUCTION.read_text("utf-8")
    (tmp_path / "specs/production.yaml").write_text(text, "utf-8")
    other = (
        text.replace("environment: production", "environment: second")
        .replace('account_id: "123456789012"', 'account_id: "123456789013"')
        .replace(":123456789012:", ":123456789013:")
        .replace("my-company", "other-company")
        .replace("  monitoring: {", "  observed: { role: another, ")
        .replace("[monitoring]", "[observed]")
        .replace("  partner: {", "  partner: { role: second, ")
        .replace('"444444444444"', '"444444444445"')
        .replace("  app-primary: {", "  app-primary: { role: second, ")
        .replace("  app-secondary: {", "  app-secondary: { role: second, ")
    )  # fmt: skip
    (tmp_path / "specs/second.yaml").write_text(other, "utf-8")
    return tmp_path


def test_every_environment_that_knows_the_account(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["access", "--root", str(root), "--runbook", *arguments])
        return code, *capsys.readouterr()

    code, out, err = command("--who", "monitoring")
    assert (code, err) == (0, "")
    assert "secrets of `production`" in out
    assert "secrets of `second`" in out  # where the same account has another name
    code, out, _ = command("--who", "observed:another", "--format", "json")
    first, second = json.loads(out)
    assert (first["environment"], first["secrets"]) == ("production", [])
    assert [s["secret"] for s in second["secrets"]] == ["prod/monitoring/datadog-api-key"]
    assert [s["method"] for s in second["secrets"]] == ["terraform"]
    code, out, err = command("--who", "partner")
    assert (code, out) == (2, "")
    assert "partner names several accounts: 444444444444 in specs/production.yaml" in err
    assert command("--who", "444444444444:none")[0] == 1
    assert command()[0] == 2
    assert command("--who", "monitoring", "--format", "csv")[0] == 2
