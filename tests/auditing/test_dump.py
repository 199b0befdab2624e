"""An audit from a dump: dates, what is not known, what is ignored, formats and evidence."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from secretgen.live.account import LiveAccount, LiveRotation, LiveSecret, Refusal
from secretgen.model.secret import AWS_MANAGED_ALIAS
from secretgen.spec.load import load_spec
from tests.auditing.account import answers, applied
from tests.cli.conftest import Command, Result, secretgen
from tests.rendered import PRODUCTION, write_spec

__all__ = ["secretgen"]

TODAY = "2026-11-28"
ROTATED = "prod/database/master-password"
UNROTATED = "prod/app/oauth-client-secret"
ALIAS_ARN = f"arn:aws:kms:us-east-1:123456789012:{AWS_MANAGED_ALIAS}"
MANAGED = """
version: 1
environment: managed
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: test-terraform-state, locking: s3 }
secrets: { app/token: { kms_key: aws-managed } }
"""


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Project:
    """A project, and the account that its environment was applied in."""

    root: Path
    account: LiveAccount
    secretgen: Command

    def audit(self, *options: str, account: LiveAccount | None = None, text: str = "") -> Result:
        dump = self.root / "dump.json"
        dump.write_text(text or answers(account or self.account), encoding="utf-8")
        named = ("--root", str(self.root), "--from-dump", str(dump), "--as-of", TODAY)
        return self.secretgen("audit", *named, *options)

    def findings(self, account: LiveAccount, *options: str) -> tuple[int, list[tuple[str, str]]]:
        result = self.audit("--format", "json", *options, account=account)
        found = json.loads(result.out)["diagnostics"]
        return result.code, [(f["rule"], f["summary"]) for f in found]

    def with_secret(self, name: str, **changes: Any) -> LiveAccount:
        secrets = [replace(s, **changes) if s.name == name else s for s in self.account.secrets]
        return replace(self.account, secrets=tuple(secrets))


@pytest.fixture
def project(tmp_path: Path, secretgen: Command) -> Project:
    text = PRODUCTION.read_text(encoding="utf-8")
    write_spec(tmp_path, text)
    loaded = load_spec(text.encode(), "specs/production.yaml")
    return Project(tmp_path, applied(loaded.parts[1]), secretgen)


def secret_of(account: LiveAccount, name: str) -> LiveSecret:
    return next(s for s in account.secrets if s.name == name)


def rotation(project: Project, **changes: Any) -> LiveAccount:
    now = secret_of(project.account, ROTATED).rotation
    assert isinstance(now, LiveRotation)
    return project.with_secret(ROTATED, rotation=replace(now, **changes))


def test_an_untouched_account_has_no_findings(project: Project) -> None:
    for form in ("text", "json", "github", "sarif"):
        result = project.audit("--strict", "--format", form)
        assert result.code == 0, result.out
        assert "matches the spec" in result.err


@pytest.mark.parametrize("name", ["", AWS_MANAGED_ALIAS, ALIAS_ARN])
def test_names_of_the_aws_managed_key(name: str, tmp_path: Path, secretgen: Command) -> None:
    write_spec(tmp_path, MANAGED, "managed")
    account = applied(load_spec(MANAGED.encode(), "specs/managed.yaml").parts[1])
    (secret,) = account.secrets
    account = replace(account, secrets=(replace(secret, kms_key=name),))
    project = Project(tmp_path, account, secretgen)
    assert project.findings(account) == (0, [])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"next_rotation": day("2026-11-20")}, "overdue since 2026-11-21"),
        ({"next_rotation": day("2026-11-27")}, ""),
        ({"next_rotation": day("2026-12-20"), "last_rotated": day("2026-01-01")}, ""),
        ({"last_rotated": day("2026-09-01")}, "it last rotated on 2026-09-01"),
        ({"last_rotated": day("2026-11-01")}, ""),
    ],
)
def test_an_overdue_rotation_is_broken(project: Project, changes: Any, says: str) -> None:
    code, found = project.findings(rotation(project, **changes))
    assert (code, [rule for rule, _ in found]) == ((1, ["SG623"]) if says else (0, []))
    assert says in "".join(summary for _, summary in found)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"last_accessed": day("2026-08-29"), "created": day("2020-01-01")}, "last read on 2026"),
        ({"last_accessed": day("2026-08-31"), "created": day("2020-01-01")}, ""),
        ({"created": day("2026-01-01")}, "never read since it was created on 2026-01-01"),
        ({"created": day("2026-11-01")}, ""),
    ],
)
def test_a_secret_that_nothing_reads_is_a_warning(
    project: Project, changes: Any, says: str
) -> None:
    account = project.with_secret(UNROTATED, **changes)
    code, found = project.findings(account)
    assert (code, [rule for rule, _ in found]) == (0, ["SG641"] if says else [])
    assert says in "".join(summary for _, summary in found)
    assert project.findings(account, "--strict")[0] == (1 if says else 0)


def without_keys(dump: list[Any]) -> list[Any]:
    return [a for a in dump if "ARN" in a]


def without_policies(dump: list[Any]) -> list[Any]:
    return [a for a in dump if "ARN" not in a or "Tags" in a]


def without_aliases(dump: list[Any]) -> list[Any]:
    return [a for a in dump if "Aliases" not in a]


def without_grants(dump: list[Any]) -> list[Any]:
    return [{name: value for name, value in a.items() if name != "Grants"} for a in dump]


@pytest.mark.parametrize(
    ("drop", "says"),
    [
        (without_keys, "existence and state not known"),
        (without_policies, "resource policy not known"),
        (without_aliases, "alias not known"),
        (without_grants, "grants not known"),
    ],
)
def test_data_missing_in_a_dump_never_passes(
    project: Project, drop: Callable[[list[Any]], list[Any]], says: str
) -> None:
    dump = drop(json.loads(answers(project.account)))
    result = project.audit("--format", "json", text=json.dumps(dump))
    found = json.loads(result.out)
    assert (result.code, found["drift"]) == (1, [])
    assert re.search(r"; \d+ errors?\.\n", result.err)
    assert {f["rule"] for f in found["diagnostics"]} == {"SG626"}
    assert says in result.out


def test_dump_without_a_key_managed_elsewhere(tmp_path: Path, secretgen: Command) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
    text = MANAGED.replace("aws-managed", f"'{key}'")
    write_spec(tmp_path, text, "managed")
    account = applied(load_spec(text.encode(), "specs/managed.yaml").parts[1])
    dump = without_keys(json.loads(answers(account)))
    result = Project(tmp_path, account, secretgen).audit(text=json.dumps(dump))
    assert "SG626" in result.out
    assert "to the dump" in " ".join(result.out.split())


def test_unreadable_account_ends_the_command(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.audit(text='[{"SecretString": "canary"}]').code == 2
    assert project.audit("--as-of", "yesterday").code == 2
    key = project.account.keys[0].arn
    refused = replace(project.account, refused=(Refusal("kms:GetKeyPolicy", key),))
    monkeypatch.setattr(
        "secretgen.usecases.auditing.account_audit.read_account", lambda **_: refused
    )
    result = project.secretgen("audit", "--root", str(project.root))
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"secretgen: AWS denies kms:GetKeyPolicy for {key}\n")


def test_differences_are_reported_like_drift(project: Project) -> None:
    account = project.with_secret(ROTATED, description="By hand")
    result = project.audit(account=account)
    assert result.code == 3
    assert f'SG601 {ROTATED}: description is "By hand", the spec has' in result.out
    assert "; specs/production.yaml:" in result.out
    assert "1 attribute out of sync with the spec" in result.err
    report = json.loads(project.audit("--format", "json", account=account).out)
    (drift,) = report["drift"]
    (change,) = drift["changes"]
    assert (drift["file"], drift["state"]) == ("specs/production.yaml", "live")
    assert (change["secret"], change["attribute"], change["live"]) == (
        ROTATED,
        "description",
        "By hand",
    )
    assert [f["stage"] for f in report["diagnostics"]] == ["live"]
    file = project.root / "found"
    for form in ("github", "sarif"):
        result = project.audit("--format", form, "--output", str(file), account=account)
        assert result.code == 3
        assert "SG601" in file.read_text(encoding="utf-8")
        assert "By hand" in result.out


def test_ignored_findings_of_the_environment_fail_nothing(project: Project) -> None:
    account = project.with_secret(ROTATED, description="By hand")
    spec = project.root / "specs" / "production.yaml"
    entry = f"{{ rule: SG601, of: secrets.{ROTATED}, reason: The console is right }}"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(f"{text}\nignore:\n  - {entry}\n", encoding="utf-8")
    result = project.audit("--strict", account=account)
    assert result.code == 0
    assert "Allowed: The console is right" in result.out
    other = project.with_secret(UNROTATED, description="By hand")
    assert project.audit(account=other).code == 3


def test_evidence_is_the_same_each_time_and_names_exceptions(project: Project) -> None:
    account = project.with_secret(UNROTATED, tags={}, created=day("2020-01-01"))
    reports = []
    for name in ("one.md", "two.md"):
        dump = project.root / "dump.json"
        dump.write_text(answers(account), encoding="utf-8")
        report = project.root / name
        named = ("--root", str(project.root), "--from-dump", str(dump))
        assert project.secretgen("audit", *named, "--report", str(report)).code == 3
        reports.append(report.read_text(encoding="utf-8"))
    assert reports[0] == reports[1]
    rows = {line.split(" | ")[0]: line for line in reports[0].splitlines()}
    tagged = rows["| Security Hub SecretsManager.5: tagged"]
    assert "| not met | " in tagged
    assert f"{UNROTATED}: no tag" in tagged
    assert "| met |" in rows["| Security Hub KMS.4, CIS: keys rotate"]
    assert "PCI DSS v4.0.1 3.7.4" in rows["| Security Hub KMS.4, CIS: keys rotate"]
    file = project.root / "evidence.json"
    project.audit("--report", str(file), account=account)
    (environment,) = json.loads(file.read_text(encoding="utf-8"))["environments"]
    results = {c["control"]: c["result"] for c in environment["controls"]}
    assert results["Security Hub SecretsManager.5: tagged"] == "not met"
    assert environment["account"] == "123456789012"


def controls_of(project: Project, dump: list[Any]) -> dict[str, dict[str, Any]]:
    file = project.root / "evidence.json"
    project.audit("--report", str(file), text=json.dumps(dump))
    (environment,) = json.loads(file.read_text(encoding="utf-8"))["environments"]
    return {c["control"]: c for c in environment["controls"]}


def without_list(dump: list[Any]) -> list[Any]:
    return [a for a in dump if "SecretList" not in a]


def with_a_part_of_the_list(dump: list[Any]) -> list[Any]:
    return [{**a, "NextToken": "more"} if "SecretList" in a else a for a in dump]


def without(*fields: str) -> Callable[[Any], Any]:
    def drop(value: Any) -> Any:
        if isinstance(value, list):
            return [drop(item) for item in value]
        if isinstance(value, dict):
            return {k: drop(v) for k, v in value.items() if k not in fields}
        return value

    return drop


def disabled_without_rotation(dump: list[Any]) -> list[Any]:
    found: list[Any] = without("KeyRotationEnabled", "Grants")(dump)
    for answer in found:
        if "KeyMetadata" in answer:
            answer["KeyMetadata"]["KeyState"] = "Disabled"
    return found


def test_policy_that_cannot_be_evaluated_concerns_access_alone(project: Project) -> None:
    allow = {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEID12345678"},
             "Action": "secretsmanager:GetSecretValue", "Resource": "*"}  # fmt: skip
    account = project.with_secret(UNROTATED, policy={"Statement": [allow]})
    before = controls_of(project, json.loads(answers(project.account)))
    after = controls_of(project, json.loads(answers(account)))
    results = {name: control["result"] for name, control in after.items()}
    assert results.pop("Access is limited to the roles in the spec") == "not judged"
    assert results.pop("Configuration in AWS is the reviewed one") == "not met"
    assert results == {name: before[name]["result"] for name in results}


@pytest.mark.parametrize(
    ("drop", "names"),
    [
        (without_list, {"Every secret of the account is in a spec"}),
        (with_a_part_of_the_list, {"Every secret of the account is in a spec"}),
        (without("CreatedDate"), {"Security Hub SecretsManager.3: no unused secrets"}),
        (without("Status"), {"Replicas are in sync"}),
        (disabled_without_rotation, {"Security Hub KMS.4, CIS: keys rotate"}),
        (without_keys, {"Keys are enabled", "Security Hub KMS.4, CIS: keys rotate"}),
    ],
)
def test_control_passes_only_with_complete_data(
    project: Project, drop: Callable[[list[Any]], list[Any]], names: set[str]
) -> None:
    dump = json.loads(answers(project.account))
    before, after = controls_of(project, dump), controls_of(project, drop(dump))
    for name in names:
        assert before[name]["result"] == "met"
        assert after[name]["result"] == "not judged"
        assert after[name]["exceptions"]
        assert "ListSecrets" not in after[name]["evidence"]
