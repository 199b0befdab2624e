"""Everybody against everything: the roles of `tests/specs/roles.yaml`, and others like them.

What has to come out follows from the text of the spec: its readers and writers. Roles of the
spec come with their own policies; everybody else comes with an identity policy that allows all.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from secretgen.model.environment import Environment
from secretgen.model.names import permission_set_roles
from secretgen.model.secret import AWS_MANAGED
from secretgen.policy.documents import key_policy, secret_policy
from secretgen.policy.role_policies import role_policies
from secretgen.spec.load import load_spec
from tests.rendered import SPECS

TEXT = (SPECS / "roles.yaml").read_text("utf-8")
RECORDED = Path(__file__).with_name("kinds_decisions.txt")
OWNER, ORGANIZATION = "123456789012", "o-abcde12345"
REGIONS = ("us-east-1", "us-west-2")
READ = frozenset({"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"})
WRITE = frozenset({
    "secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
})  # fmt: skip
ACTIONS = (*sorted(READ | WRITE), "secretsmanager:PutResourcePolicy")
USES = ("kms:Decrypt", "kms:GenerateDataKey", "kms:PutKeyPolicy")
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
SSO = "aws-reserved/sso.amazonaws.com"
STRANGERS = (
    ("555555555555", "other"),
    ("555555555555", "web"),
    ("555555555555", "other/web"),
    ("555555555555", "apps/web2"),
    ("777777777777", "worker"),
    ("777777777777", f"{SSO}/AWSReservedSSO_Support_0123456789abcdef"),
    ("555555555555", f"{SSO}/AWSReservedSSO_DBA_0123456789abcdef"),
    ("666666666666", f"{SSO}/eu-west-1/AWSReservedSSO_DBA_Admin_0123456789abcdef"),
    ("666666666666", f"{SSO}/AWSReservedSSO_DBA_Admin_0123456789abcdef"),
    ("666666666666", f"{SSO}/AWSReservedSSO_DBA_0123456789abcde"),
    ("666666666666", f"{SSO}/AWSReservedSSO_DBA_0123456789abcdef0"),
    ("666666666666", f"{SSO}/AWSReservedSSO_Support_0123456789abcdef"),
    ("666666666666", "AWSReservedSSO_DBA_0123456789abcdef"),
    ("666666666666", "sso.amazonaws.com/AWSReservedSSO_DBA_0123456789abcdef"),
)


@dataclass(frozen=True)
class Who:
    """A caller, by the name that the spec has for it; no name for a stranger.

    Args:
        identity: its identity policy.
    """

    named: str
    account: str
    arn: str
    identity: list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A request with the policies that decide it, and what has to come out."""

    who: Who
    action: str
    resource: str
    policy: list[dict[str, Any]]
    context: dict[str, str]
    allowed: bool
    but_for_encryption_context: bool = False

    @property
    def asked(self) -> dict[str, Any]:
        """The case as other evaluators of the tests are asked."""
        outside = self.who.account == "666666666666"
        return {
            "identity": self.who.identity,
            "resource": self.policy,
            "asked": (self.action, self.resource),
            "caller": (self.who.account, self.who.arn),
            "organization": "" if outside else ORGANIZATION,
            "secure": True,
            "context": self.context,
        }


def environment() -> Environment:
    """The environment of the spec."""
    found = load_spec(TEXT.encode(), "spec").environment
    assert found
    return found


def everybody(env: Environment) -> Iterator[Who]:
    """Each role of the spec, permission sets with and without a Region; then strangers."""
    for account in env.accounts:
        for role in account.roles:
            names: tuple[str, ...] = (role.name,)
            if role.permission_set:
                patterns = permission_set_roles(role.name)
                names = tuple(
                    p.replace("*", "eu-west-1").replace("?" * 16, "0123456789abcdef")
                    for p in patterns
                )
            statements = [s for d in role_policies(env, role).documents for s in d["Statement"]]
            for name in names:
                arn = f"arn:aws:iam::{account.id}:role/{name}"
                yield Who(f"{account.name}:{role.name}", account.id, arn, statements)
    for account_id, name in STRANGERS:
        arn = f"arn:aws:iam::{account_id}:role/{name}"
        yield Who("", account_id, arn, [EVERYTHING])


def named(field: str) -> dict[str, set[str]]:
    """Readers or writers of each secret, as `account:role`, from the text of the spec."""
    spec = yaml.safe_load(TEXT)
    return {
        name: {
            who if ":" in who else f"{who}:{spec['accounts'][who].get('role', 'secrets-reader')}"
            for who in secret.get(field, ())
        }
        for name, secret in spec["secrets"].items()
    }


@cache
def cases() -> list[Case]:
    """Every caller, action, secret, Region and context."""
    env = environment()
    return [*_of_secrets(env), *_of_keys(env)]


def _of_secrets(env: Environment) -> Iterator[Case]:
    readers, writers = named("readers"), named("writers")
    for secret, region, who, action in itertools.product(
        env.secrets, REGIONS, everybody(env), ACTIONS
    ):
        primary = region == env.aws.region
        held = primary or any(r.region == region for r in secret.replicas)
        may_read = who.named in readers[secret.name] and action in READ
        may_write = who.named in writers[secret.name] and action in WRITE and primary
        if held:
            yield Case(
                who,
                action,
                _arn(secret.name, region),
                secret_policy(env, secret)["Statement"],
                {},
                may_read or may_write,
            )


def _of_keys(env: Environment) -> Iterator[Case]:
    readers, writers = named("readers"), named("writers")
    for secret, who, use in itertools.product(env.secrets, everybody(env), USES):
        for key in env.keys:
            if secret.kms_key == AWS_MANAGED or key.name not in (secret.name, secret.kms_key):
                continue
            for regional in key.regions:
                right = regional.region
                uses = {"kms:Decrypt"} if who.named in readers[secret.name] else set()
                if who.named in writers[secret.name] and right == env.aws.region:
                    uses |= {"kms:Decrypt", "kms:GenerateDataKey"}
                for via, of in itertools.product(("", *REGIONS), (secret.name, "app/of-no-spec")):
                    context = {"kms:encryptioncontext:secretarn": _arn(of, right)}
                    allowed = use in uses and via == right
                    if via:
                        context["kms:viaservice"] = f"secretsmanager.{via}.amazonaws.com"
                    yield Case(
                        who,
                        use,
                        f"arn:aws:kms:{right}:{OWNER}:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
                        key_policy(env.aws, regional)["Statement"],
                        context,
                        allowed and of == secret.name,
                        allowed,
                    )


def _arn(secret: str, region: str) -> str:
    return f"arn:aws:secretsmanager:{region}:{OWNER}:secret:{secret}-AbCdEf"


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(
            [
                {
                    **case.asked,
                    "owner": OWNER,
                    "allowed": case.allowed,
                    "but_for_encryption_context": case.but_for_encryption_context,
                }
                for case in cases()
            ]
        )
    )
