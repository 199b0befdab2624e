"""What Terraform would apply in the environment and in its readers' accounts fits together.

Everything here is read from Terraform's plans of the rendered files; who should read what is
read from the spec's text, not from the model.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from secretgen.model.names import key_module, secret_module
from secretgen.policy.evaluate import Caller, Decision, Request, judge
from secretgen.policy.parse import Policy, parse_policy
from secretgen.spec.load import load_spec
from secretgen.spec.schema import Spec
from tests.harness.cycle import offline_plan
from tests.harness.workspace import copy_tree, write_offline_override
from tests.policy.combined import combine
from tests.rendered import SPECS, render

Planned = dict[tuple[str, str], dict[str, Any]]
KEY_ID = "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"


@dataclass
class Halves:
    """The plan of one spec: what the secrets' account would have, and each reader's.

    What is to be created stands by the last label before its type and by its type.
    """

    spec: Spec
    secrets: Planned
    readers: dict[str, Planned]


def plan_both(place: Path, of: str = "sharing") -> Halves:
    """Plans all root modules at once, each as a module: one plan is quicker than four."""
    text = (SPECS / f"{of}.yaml").read_text("utf-8")
    spec = load_spec(text.encode(), "spec").spec
    assert spec
    rendered = render(place / "project", text)
    folder = copy_tree(place / "project", place / "tree") / "environments" / rendered.name
    consumers = (p for p in (folder / "consumers").iterdir() if (p / "main.tf").exists())
    roots = {"secrets": folder} | {p.name: p for p in consumers}
    calls = place / "tree" / "environments" / "all"
    calls.mkdir()
    for name, root in roots.items():
        write_offline_override(root)
        source = root.relative_to(calls.parent).as_posix()
        (calls / f"{name}.tf").write_text(f'module "{name}" {{\n  source = "../{source}"\n}}\n')
    (place / "scratch").mkdir()
    found: dict[str, Planned] = {name: {} for name in roots}
    for change in offline_plan(calls, place / "scratch")["resource_changes"]:
        _, name, *inner = change["address"].split(".")
        label = inner[1] if inner[0] == "module" else change["name"]
        found[name][label, change["type"]] = change["change"]["after"]
    return Halves(spec, found.pop("secrets"), found)


@dataclass
class Reader:
    """A role as Terraform would make it."""

    caller: Caller
    identity: Policy


def readers(halves: Halves) -> Iterator[Reader]:
    for name, resources in halves.readers.items():
        account = halves.spec.accounts[name]
        organization = halves.spec.aws.organization_id if account.in_organization else ""
        for (label, kind), role in resources.items():
            if kind == "aws_iam_role":
                arn = f"arn:aws:iam::{account.id}:role{role['path']}{role['name']}"
                document = json.loads(resources[label, "aws_iam_role_policy"]["policy"])
                policy = parse_policy(arn, document, identity=True)
                yield Reader(Caller(account.id, arn, organization=organization or ""), policy)


def wanted(spec: Spec, field: str = "readers") -> set[tuple[str, str]]:
    """Role and secret of each read, or each write, that the spec asks for."""
    return {
        (f"arn:aws:iam::{account.id}:role/{reader.role or account.role}", name)
        for name, secret in spec.secrets.items()
        for reader in getattr(secret, field)
        if (account := spec.accounts[reader.account])
    }


def policy(halves: Halves, module: str, kind: str) -> Policy:
    return parse_policy(module, json.loads(halves.secrets[module, kind]["policy"]))


READ = (("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"), ("kms:Decrypt",))
WRITE = (
    (
        "secretsmanager:DescribeSecret",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ),
    ("kms:Decrypt", "kms:GenerateDataKey"),
)
GET, PUT, ENCRYPT = READ[0][1], WRITE[0][1], WRITE[1][1]


def can(
    halves: Halves,
    role: Reader,
    name: str,
    region: str,
    what: tuple[tuple[str, ...], tuple[str, ...]],
) -> bool:
    """Whether all policies of a read or a write agree, as AWS combines them."""
    owner = halves.spec.aws.account_id
    arn = f"arn:aws:secretsmanager:{region}:{owner}:secret:{name}-AbCdEf"
    tls = {"aws:securetransport": "true"}
    actions, uses = what
    of_secret = policy(halves, secret_module(name), "aws_secretsmanager_secret_policy")
    for action in actions:
        request = Request(role.caller, action, arn, tls)
        if combine(request, role.identity, of_secret, owner=owner) is not Decision.ALLOW:
            return False
    shared = halves.spec.secrets[name].kms_key
    primary = region == halves.spec.aws.region
    of_key = policy(
        halves,
        key_module(
            name if shared == "dedicated" else shared,
            dedicated=shared == "dedicated",
            region=None if primary else region,
        ),
        "aws_kms_key",
    )
    through = {
        "kms:viaservice": f"secretsmanager.{region}.amazonaws.com",
        "kms:encryptioncontext:secretarn": arn,
    }
    key = f"arn:aws:kms:{region}:{owner}:key/{KEY_ID}"
    return all(
        combine(
            Request(role.caller, use, key, through),
            role.identity,
            of_key,
            owner=owner,
            is_key=True,
        )
        is Decision.ALLOW
        for use in uses
    )


def who_can(
    halves: Halves, what: tuple[tuple[str, ...], tuple[str, ...]]
) -> set[tuple[str, str, str]]:
    return {
        (role.caller.arn, name, region)
        for role in readers(halves)
        for name, secret in halves.spec.secrets.items()
        for region in [halves.spec.aws.region, *(r.region for r in secret.replicas)]
        if can(halves, role, name, region, what)
    }


def exactly_the_writers_of_the_spec_can_write(halves: Halves) -> None:
    """In the primary Region alone; and none of them can read for that."""
    home, writes = halves.spec.aws.region, wanted(halves.spec, "writers")
    assert who_can(halves, WRITE) == {(arn, name, home) for arn, name in writes}
    for alone in ((PUT,), ("secretsmanager:UpdateSecretVersionStage",)):
        assert {who[:2] for who in who_can(halves, (alone, ()))} == writes
    assert {who[:2] for who in who_can(halves, ((), (ENCRYPT,)))} == writes
    assert {who[:2] for who in who_can(halves, ((GET,), ()))} == wanted(halves.spec)
    assert writes - wanted(halves.spec)
    assert writes & wanted(halves.spec)


def exactly_the_readers_of_the_spec_can_read(halves: Halves) -> None:
    roles = list(readers(halves))
    declared = wanted(halves.spec) | wanted(halves.spec, "writers")
    assert {role.caller.arn for role in roles} == {arn for arn, _ in declared}
    assert who_can(halves, READ) == {
        (arn, name, region)
        for arn, name in wanted(halves.spec)
        for region in [
            halves.spec.aws.region,
            *(r.region for r in halves.spec.secrets[name].replicas),
        ]
    }


def no_role_is_allowed_anything_else(halves: Halves) -> None:
    owner = halves.spec.aws.account_id
    regions = {halves.spec.aws.region, "us-west-2", "eu-west-1", "ap-southeast-2"}
    for role in readers(halves):
        for name, secret in halves.spec.secrets.items():
            held = {halves.spec.aws.region, *(r.region for r in secret.replicas)}
            reads = (role.caller.arn, name) in wanted(halves.spec)
            for region in regions:
                arn = f"arn:aws:secretsmanager:{region}:{owner}:secret:{name}-AbCdEf"
                get = Request(role.caller, "secretsmanager:GetSecretValue", arn)
                allowed = judge(role.identity, get).decision is Decision.ALLOW
                assert allowed == (reads and region in held), (role.caller.arn, name, region)
                writes = (role.caller.arn, name) in wanted(halves.spec, "writers")
                put = Request(role.caller, PUT, arn)
                allowed = judge(role.identity, put).decision is Decision.ALLOW
                assert allowed == (writes and region == halves.spec.aws.region)
                delete = Request(role.caller, "secretsmanager:DeleteSecret", arn)
                assert judge(role.identity, delete).decision is Decision.NOTHING


def a_role_uses_no_key_without_secrets_manager(halves: Halves) -> None:
    owner, region = halves.spec.aws.account_id, halves.spec.aws.region
    key = f"arn:aws:kms:{region}:{owner}:key/{KEY_ID}"
    for role in readers(halves):
        for service in ("", "s3.us-east-1.amazonaws.com"):
            context = {"kms:viaservice": service} if service else {}
            for use in WRITE[1]:
                request = Request(role.caller, use, key, context)
                assert judge(role.identity, request).decision is Decision.NOTHING


def roles_are_what_the_spec_names(halves: Halves) -> None:
    for name, resources in halves.readers.items():
        account = halves.spec.accounts[name]
        kinds = {kind for _, kind in resources}
        for (label, kind), role in resources.items():
            if kind == "aws_iam_role":
                (trust,) = json.loads(role["assume_role_policy"])["Statement"]
                assert trust["Principal"] == {"Service": account.trusted_service}
                if account.trusted_service == "ec2.amazonaws.com":
                    profile = resources[label, "aws_iam_instance_profile"]
                    assert (profile["name"], profile["path"]) == (role["name"], role["path"])
        if account.trusted_service != "ec2.amazonaws.com":
            assert "aws_iam_instance_profile" not in kinds


# One test, for one plan.
@pytest.mark.terraform
@pytest.mark.slow
def test_reader_and_evaluator_agree(tmp_path: Path) -> None:
    halves = plan_both(tmp_path)
    exactly_the_readers_of_the_spec_can_read(halves)
    exactly_the_writers_of_the_spec_can_write(halves)
    no_role_is_allowed_anything_else(halves)
    a_role_uses_no_key_without_secrets_manager(halves)
    roles_are_what_the_spec_names(halves)
