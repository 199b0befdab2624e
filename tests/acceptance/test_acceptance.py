"""The year on the local AWS: each change of a spec is refused, or loses nothing.

What `make acceptance` runs in an account runs here by the same code, and everything is deleted
afterwards, also where a run is interrupted or killed.
"""

import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tests.acceptance.__main__ import DONE, FAILED, INTERRUPTED, LEFT, REFUSED, exit_code, main
from tests.acceptance.checks import CHECKS, OWN, TRAIL
from tests.acceptance.life import titles
from tests.acceptance.report import Report
from tests.acceptance.year import Place, year_at
from tests.harness.aws import ACCOUNT, REPOSITORY, LocalAws

PREFIX = "sg-rehearsal"
PLACE = Place(ACCOUNT, "111111111111", "us-east-1", "us-west-2", "eu-west-1", PREFIX)
OF_A_SERVICE = PLACE.service_secret.rpartition(":")[2].removesuffix("-AbCdEf")
ROW = re.compile(r"^(.+?)  +(passed|failed|not run) +\d+ s", re.MULTILINE)
PATIENCE_SECONDS = 120
LISTS = (
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("dynamodb", "list_tables", "TableNames"),
    ("kms", "list_aliases", "Aliases"),
    ("lambda", "list_functions", "Functions"),
    ("logs", "describe_log_groups", "logGroups"),
    ("sns", "list_topics", "Topics"),
    ("sqs", "list_queues", "QueueUrls"),
)


def flags(aws: LocalAws) -> list[str]:
    """What leads the command to the local AWS."""
    return ["--endpoint", aws.endpoint, "--prefix", PREFIX]


@contextmanager
def started(aws: LocalAws, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A run as somebody types it, who is not asked."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance", "--yes", *words, *flags(aws)],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def everything_left(aws: LocalAws) -> set[str]:
    """What is in the accounts, however it is named.

    Keys that are gone in a week count as gone; a secret of an AWS service is the service's.
    """
    left = {f"bucket {name}" for name in aws.buckets()}
    for account in PLACE.accounts:
        there = aws.in_account(account)
        left |= {f"role {r['RoleName']}" for r in there.client("iam").list_roles()["Roles"]}
        for region in PLACE.regions:
            secrets = there.secrets(region, IncludePlannedDeletion=True)
            left |= {f"secret {s['Name']} {region}" for s in secrets}
            kms, events = there.client("kms", region), there.client("events", region)
            for key in kms.list_keys()["Keys"]:
                described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
                if described["KeyManager"] == "AWS":
                    continue
                window = (
                    (described["DeletionDate"] - datetime.now(UTC)).days
                    if described["KeyState"] == "PendingDeletion"
                    else 99
                )
                if window > 7:
                    left.add(f"key {key['KeyId']} {region}")
            left |= {f"rule {r['Name']}" for r in events.list_rules()["Rules"]}
            left |= {f"bus {b['Name']}" for b in events.list_event_buses()["EventBuses"]}
            for service, operation, key in LISTS:
                found = getattr(there.client(service, region), operation)().get(key, [])
                left |= {f"{service} {item}" for item in found if "alias/aws/" not in str(item)}
    return left - {"bus default", f"secret {OF_A_SERVICE} us-east-1"}


@pytest.fixture
def short(tmp_path: Path) -> str:
    """The flag for a year without steps, in which one secret has keys and a function."""
    spec, name = year_at(PLACE).spec, f"{PREFIX}/rotating"
    secret = spec["secrets"][name] | {"replicas": [PLACE.second]}
    spec |= {"secrets": {name: secret}, "keys": {}}
    file = tmp_path / "short.yaml"
    file.write_text(yaml.safe_dump({"spec": spec, "steps": []}), "utf-8")
    return f"--year={file}"


def test_acceptance_needs_an_account_and_a_confirmation(
    aws: LocalAws, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as nameless:
        main([])
    assert nameless.value.code == REFUSED
    assert "Name a profile" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PREFIX}\n"))  # which is no terminal
    assert main(flags(aws)) == REFUSED
    err = capsys.readouterr().err
    assert re.search(r"Account +123456789012\n.*\nRegions +us-east-1, us-west-2, eu-west-1\n", err)
    assert re.search(r"Costs +at most USD [0-9.]+, if it takes 3 h", err)
    assert "add --yes" in err
    assert everything_left(aws) == set()


@pytest.mark.terraform
@pytest.mark.slow(seconds=100)
def test_a_year(aws: LocalAws, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    with started(aws, "--enforced", "--report", str(report)) as process:
        out, err = process.communicate(timeout=900)
    rows = dict(ROW.findall(out))
    assert [*rows] == titles(year_at(PLACE)), out + err
    # The local AWS lets everybody in and sends no events: these checks must see that.
    seen = {check.title for check in CHECKS if check.enforced and check.title != OWN} - {TRAIL}
    assert {title for title, outcome in rows.items() if outcome == "failed"} == seen, out + err
    assert {title for title, outcome in rows.items() if outcome == "not run"} == {TRAIL}, out + err
    assert process.returncode == FAILED
    assert len(report.read_text("utf-8").splitlines()) == len(rows) + 2
    assert everything_left(aws) == set()
    announced = re.search(r"at most (\d+) secrets with replicas and (\d+) KMS keys", err)
    assert announced
    kms = [aws.client("kms", region).list_keys()["Keys"] for region in PLACE.regions]
    assert 0 < sum(map(len, kms)) <= int(announced[2])


def wait_for_a_key(aws: LocalAws, process: subprocess.Popen[str]) -> None:
    """Waits until Terraform is in the middle of the first apply."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not aws.client("kms").list_keys()["Keys"]:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.mark.terraform
@pytest.mark.slow(seconds=8)
def test_an_interrupted_run_leaves_nothing(aws: LocalAws, short: str) -> None:
    with started(aws, short) as process:
        wait_for_a_key(aws, process)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)  # which changes nothing
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == INTERRUPTED, out + err
    assert re.search(r"^the first apply +not run +\d+ s  interrupted$", out, re.MULTILINE)
    assert everything_left(aws) == set()


def family(pid: int) -> Iterator[int]:
    """A process and all that it started, such as providers, which nobody else would end."""
    yield pid
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in tasks.read_text().split():
            yield from family(int(child))


@pytest.mark.terraform
@pytest.mark.slow(seconds=6)
def test_leftovers_of_a_killed_run_are_found(
    aws: LocalAws, short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with started(aws, short) as process:
        wait_for_a_key(aws, process)
        for pid in [*family(process.pid)]:
            os.kill(pid, signal.SIGKILL)
        process.communicate()
    assert any(name.startswith("key ") for name in everything_left(aws))
    assert main(["--yes", *flags(aws)]) == REFUSED
    assert "An earlier run left this" in capsys.readouterr().err
    # A name by chance: without the tag it is somebody else's.
    aws.client("secretsmanager").create_secret(Name=f"{PREFIX}/theirs")
    assert main(["teardown", "--yes", *flags(aws)]) == DONE
    assert everything_left(aws) == {f"secret {PREFIX}/theirs us-east-1"}


def test_the_exit_code_says_how_a_run_ended() -> None:
    passed, failed = Report(), Report()
    with passed.check("what holds"):
        pass
    with failed.check("what does not hold"):
        raise AssertionError
    assert exit_code(passed, ended=DONE, is_left=False) == DONE
    assert exit_code(failed, ended=DONE, is_left=False) == FAILED
    for ended in (FAILED, INTERRUPTED):
        assert exit_code(passed, ended=ended, is_left=False) == ended
        assert exit_code(failed, ended=ended, is_left=True) == LEFT


def test_the_year_fits_one_account_too() -> None:
    """Without a reader's account the same roles are in the environment's own."""
    place = replace(PLACE, reader="")
    one, two = (list(year_at(p).applied(has_services=True)) for p in (place, PLACE))
    assert [e.name for e in one] == [e.name for e in two]
    for alone, together in zip(one, two, strict=True):
        roles = [{r.role for s in e.secrets for r in s.readers} for e in (alone, together)]
        assert roles[0] == roles[1]
        assert {a.id for a in alone.accounts} == {ACCOUNT}


def test_the_page_lists_what_only_aws_can_show() -> None:
    page = (REPOSITORY / "docs/acceptance.md").read_text("utf-8").lower()
    for check in CHECKS:
        if check.enforced:
            assert f"| {check.title.lower()} |" in page
