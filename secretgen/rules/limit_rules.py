"""Rules about limits of IAM and KMS that the whole environment decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec.structs import replace

from secretgen.diagnostics import Path
from secretgen.insight.cost.prices import default_prices
from secretgen.model.notifications import environment_notifications
from secretgen.model.secret import DEDICATED
from secretgen.policy.notification_policies import exact_patterns
from secretgen.policy.role_policies import (
    MAX_MANAGED_POLICIES,
    PERMISSION_SET_LIMIT,
    policy_size,
    role_policies,
)
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context

_IAM_LIMITS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_IDENTIFIERS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
_RESERVED = ("aws-reserved/", "aws-service-role/")
_OTHER_KINDS = ("assumed-role/", "group/", "instance-profile/", "user/")
_MANY_KEYS = 20
_MAX_RULES = 300  # EventBridge quotas: "Rules", of an event bus


@rule(
    "SG452",
    WARNING,
    "Key deletion window shorter than a recovery window",
    why="""
        A deleted secret can be restored until its recovery window ends. Its value cannot be
        decrypted without the key, so the key must last as long as the secret.
    """,
    source="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
    example="""
         keys:
        -  app: { deletion_window_days: 7 }
        +  app: { deletion_window_days: 30 }
         secrets:
           app/key: { kms_key: app, recovery_window_days: 30 }
    """,
)
def _key_window(context: Context) -> Findings:
    windows: dict[str, int] = defaultdict(int)
    for secret in context.secrets:
        key = secret.spec.kms_key
        windows[key] = max(windows[key], secret.resolved.recovery_window_days)
    for name, key_spec in context.spec.keys.items():
        if key_spec.deletion_window_days < windows[name]:
            yield Finding(
                ("keys", name, "deletion_window_days"),
                f"key {name!r} is deleted after {key_spec.deletion_window_days} days, but its"
                f" secrets can be restored for {windows[name]}",
                f"Set 'deletion_window_days: {windows[name]}', or shorten the recovery windows.",
            )


def written_roles(context: Context) -> Iterator[tuple[Finding, str]]:
    """Yields every role that is written down, with a finding yet to be filled in."""
    for name, account in context.spec.accounts.items():
        if "role" in account.model_fields_set:
            yield Finding(("accounts", name, "role"), "", ""), account.role
        for role in account.roles:
            yield Finding(("accounts", name, "roles", role), "", "", at_key=True), role
    for secret in context.secrets:
        for field, index, named in secret.named_roles:
            if named.role:
                path: Path = secret.path(field, index, "role")
                yield Finding(path, "", "", secret=secret.name), named.role


@rule(
    "SG453",
    ERROR,
    "Reserved role path",
    why="""
        Only AWS creates roles under `/aws-reserved/` and `/aws-service-role/`, for IAM Identity
        Center and as service-linked roles. Terraform cannot create or change them.
    """,
    source=_IDENTIFIERS,
    example="""
         accounts:
        -  app: { id: "123456789012", role: aws-reserved/sso.amazonaws.com/reader }
        +  app: { id: "123456789012", role: reader }
         secrets: { app/key: { readers: [app] } }
    """,
)
def _reserved_path(context: Context) -> Findings:
    for blank, role in written_roles(context):
        for path in _RESERVED:
            if role.startswith(path):
                yield replace(
                    blank,
                    summary=f"role {role!r} has the path '/{path}', which AWS reserves",
                    detail="Name a role that Terraform can create, or a permission set: its name,"
                    " with `permission_set: true` for it in 'roles' of the account.",
                )


@rule(
    "SG454",
    ERROR,
    "IAM user or group instead of a role",
    why="""
        Readers are roles. `user/ubuntu` would be the role `ubuntu` with the path `/user/`:
        Terraform would create that role, and the user `ubuntu` would have no access.
    """,
    source=_IDENTIFIERS,
    example="""
         accounts:
        -  app: { id: "123456789012", role: user/ubuntu }
        +  app: { id: "123456789012", role: ubuntu }
         secrets: { app/key: { readers: [app] } }
    """,
)
def _not_a_role(context: Context) -> Findings:
    for blank, role in written_roles(context):
        kind = next((kind for kind in _OTHER_KINDS if role.startswith(kind)), "")
        if kind:
            yield Finding(
                blank.path,
                f"{role!r} is the name of a role with the path '/{kind}', not of {_a(kind)}",
                "Name a role that the user or the instance can assume.",
                secret=blank.secret,
            )


def _a(kind: str) -> str:
    name = kind.rstrip("/").replace("-", " ")
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"


@rule(
    "SG455",
    WARNING,
    "Many dedicated keys",
    why="""
        A key costs about as much as two secrets, and each replica Region adds one. Secrets with the
        same readers can share a key: define it under `keys`.
    """,
    source="https://aws.amazon.com/kms/pricing/",
)
def _many_keys(context: Context) -> Findings:
    dedicated = [s.resolved for s in context.secrets if s.resolved.kms_key == DEDICATED]
    if len(dedicated) <= _MANY_KEYS:
        return
    regions = 1 + len({r.region for s in dedicated for r in s.replicas if not r.kms_key})
    keys = sum(1 + sum(not r.kms_key for r in s.replicas) for s in dedicated)
    table = default_prices()
    price = table.prices["key"].amount
    yield Finding(
        ("secrets",),
        f"{len(dedicated)} secrets have a key of their own: {keys} keys cost"
        f" {table.currency} {keys * price:.2f} a month",
        f"One shared key costs {table.currency} {regions * price:.2f}: name it in"
        " 'defaults.kms_key', or one for each group of readers.",
        at_key=True,
    )


@rule(
    "SG456",
    ERROR,
    "Too many secrets for one role",
    why="""
        A role can have at most 10 managed policies of 6,144 characters, which name some 500 secrets
        in all. The inline policy of a permission set can have 32,768 characters.
    """,
    source=_IAM_LIMITS,
)
def _too_many_reads(context: Context) -> Findings:
    environment = context.environment
    for account in environment.accounts:
        for role in account.roles:
            policies = role_policies(environment, role)
            size = max(map(policy_size, policies.documents), default=0)
            if role.permission_set and size > PERMISSION_SET_LIMIT:
                yield Finding(
                    ("accounts", account.name),
                    f"the policy of the permission set {role.name!r} would have {size:,} of at"
                    f" most {PERMISSION_SET_LIMIT:,} characters",
                    "Split the secrets between two permission sets.",
                    at_key=True,
                )
            needed = len(policies.managed)
            if needed > MAX_MANAGED_POLICIES:
                yield Finding(
                    ("accounts", account.name),
                    f"role {role.name!r} needs {needed} managed policies, of at most"
                    f" {MAX_MANAGED_POLICIES}",
                    "Split the secrets between two roles.",
                    at_key=True,
                )


@rule(
    "SG457",
    WARNING,
    "Too many EventBridge rules",
    why="""
        An event bus has at most 300 rules, unless the account has a higher quota. A rule names some
        45 secrets, and `notify_readers` adds rules for each account.
    """,
    source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html",
)
def _too_many_rules(context: Context) -> Findings:
    rules: dict[str, int] = defaultdict(int)
    for told in environment_notifications(context.environment):
        rules[told.region] += len(exact_patterns(told.secrets))
    for region, count in sorted(rules.items()):
        if count > _MAX_RULES:
            yield Finding(
                ("secrets",),
                f"{count} rules in {region} would notify readers about new values, of at most "
                f"{_MAX_RULES} on a bus",
                "Set 'notify_readers' on fewer secrets, or request a higher quota.",
                at_key=True,
            )
