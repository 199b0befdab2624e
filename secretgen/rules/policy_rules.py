"""Rules about the size of the policies that a spec leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from secretgen.diagnostics import Path
from secretgen.model.changes import Kind, Subject
from secretgen.model.environment import GrantGroup, grant_groups
from secretgen.model.secret import Reader
from secretgen.policy.documents import key_policy, secret_policy
from secretgen.policy.role_policies import policy_size
from secretgen.policy.trust_policies import trust_policy
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context

_RESOURCE_POLICY = (
    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html"
)
_KEY_POLICY = "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"
_IAM_LIMITS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_OF_SECRETS = (
    "resource policy",
    range(16_384, 20_481),
    "Reduce the number of roles that read or write this secret, or let them share a role.",
)
_OF_KEYS = (
    "key policy",
    range(26_215, 32 * 1024 + 1),
    "Spread its secrets over several keys, or let readers and writers share a role.",
)
_OF_ROLES = (
    "trust policy",
    range(2_049, 4_097),
    "List fewer principals. By default IAM allows 2,048 characters, with a higher quota 4,096.",
)


def _resource_policies(context: Context) -> Iterator[tuple[Finding, int]]:
    """Yields each policy's size, with a finding yet to be filled in."""
    sizes: dict[tuple[tuple[Reader, ...], ...], int] = {}  # it names roles, not the secret
    for secret in context.secrets:
        roles = (secret.resolved.readers, secret.resolved.writers)
        if roles not in sizes:
            sizes[roles] = policy_size(secret_policy(context.environment, secret.resolved))
        if any(roles):
            field = "readers" if len(roles[0]) >= len(roles[1]) else "writers"
            yield secret.finding((field,), "", "", at_key=True), sizes[roles]


def _key_policies(context: Context) -> Iterator[tuple[Finding, int]]:
    """Yields the size of each key's largest policy, with a finding yet to be filled in."""
    aws = context.environment.aws
    sizes: dict[tuple[Any, ...], int] = {}  # it depends on the length of names, not on names
    for key in context.environment.keys:
        largest = 0
        for regional in key.regions:
            grants = (grant_groups(regional.grants), grant_groups(regional.write_grants))
            alike = (regional.region, *(_lengths(groups) for groups in grants))
            if alike not in sizes:
                sizes[alike] = policy_size(key_policy(aws, regional))
            largest = max(largest, sizes[alike])
        if key.dedicated:
            secret = context.by_name[key.name]
            field = "readers" if secret.resolved.readers else "writers"
            yield secret.finding((field,), "", "", at_key=True), largest
        else:
            yield Finding(("keys", key.name), "", "", at_key=True), largest


def _lengths(groups: Iterable[GrantGroup]) -> tuple[tuple[Any, ...], ...]:
    return tuple((group.roles, *map(len, group.secrets)) for group in groups)


def _trust_policies(context: Context) -> Iterator[tuple[Finding, int]]:
    """Yields the size of the trust policy of each role, with a finding yet to be filled in."""
    aws = context.environment.aws
    for account in context.environment.accounts:
        for role in filter(lambda role: role.trust, account.roles):
            path: Path = ("accounts", account.name, "roles", role.name, "trust")
            blank = Finding(path, "", "", at_key=True, of=Subject(Kind.ACCOUNTS, account.name))
            yield blank, policy_size(trust_policy(aws.partition, account, role))


def _sized(
    found: Iterable[tuple[Finding, int]], what: str, large: range, advice: str, *, nearly: bool
) -> Findings:
    """Reports the policies that are too large, or nearly so: of a size in the range."""
    for blank, size in found:
        if size in large if nearly else size >= large.stop:
            summary = f"the {what} would have {size:,} of at most {large.stop - 1:,} characters"
            yield replace(blank, summary=summary, detail=advice)


@rule(
    "SG232",
    ERROR,
    "Resource policy that is too large",
    why="""
        The resource policy of a secret has at most 20,480 characters, and each reader adds some 60.
        AWS refuses a larger policy during the apply.
    """,
    source=_RESOURCE_POLICY,
)
def _resource_policy(context: Context) -> Findings:
    return _sized(_resource_policies(context), *_OF_SECRETS, nearly=False)


@rule(
    "SG233",
    WARNING,
    "Resource policy that is nearly too large",
    why="""
        The policy has more than 80 % of the 20,480 characters that AWS allows. Few more readers
        fit.
    """,
    source=_RESOURCE_POLICY,
    ignorable=True,
)
def _nearly_resource_policy(context: Context) -> Findings:
    return _sized(_resource_policies(context), *_OF_SECRETS, nearly=True)


@rule(
    "SG234",
    ERROR,
    "Key policy that is too large",
    why="""
        A key policy has at most 32 KiB. It names every role that decrypts with the key, and the
        secrets that each role reads.
    """,
    source=_KEY_POLICY,
)
def _key_policy(context: Context) -> Findings:
    return _sized(_key_policies(context), *_OF_KEYS, nearly=False)


@rule(
    "SG235",
    WARNING,
    "Key policy that is nearly too large",
    why="""
        The policy has more than 80 % of the 32 KiB that AWS allows. Few more readers and secrets
        fit.
    """,
    source=_KEY_POLICY,
)
def _nearly_key_policy(context: Context) -> Findings:
    return _sized(_key_policies(context), *_OF_KEYS, nearly=True)


@rule(
    "SG240",
    ERROR,
    "Trust policy that is too large",
    why="""
        The trust policy of a role has at most 4,096 characters, with the highest quota. It names
        every service, role and OIDC subject of `trust`.
    """,
    source=_IAM_LIMITS,
)
def _trust_policy(context: Context) -> Findings:
    return _sized(_trust_policies(context), *_OF_ROLES, nearly=False)


@rule(
    "SG241",
    WARNING,
    "Trust policy above the default quota",
    why="""
        IAM refuses a trust policy of more than 2,048 characters, unless the account has a higher
        quota "Role trust policy length".
    """,
    source=_IAM_LIMITS,
    of=(Kind.ACCOUNTS,),
)
def _trust_policy_above_default(context: Context) -> Findings:
    return _sized(_trust_policies(context), *_OF_ROLES, nearly=True)
