"""Rules about what a spec describes of the roles of an account."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secretgen.model.names import PERMISSION_SET_PREFIX
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.limit_rules import written_roles
from secretgen.rules.oidc_subjects import flaw_of
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.account_schema import RoleSpec

_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_IDENTITY_CENTER = (
    "https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html"
)
_PERMISSION_SET = re.compile(r"[A-Za-z0-9_+=,.@-]{1,32}")
_PERMISSION_SET_ROLE = re.compile(rf"{PERMISSION_SET_PREFIX}(.+?)(?:_[0-9a-f]{{16}})?")


def _settings(context: Context) -> Iterator[tuple[str, str, RoleSpec]]:
    """Yields the account, the name and the settings of each role that has some."""
    for account, spec in context.spec.accounts.items():
        for name, settings in spec.roles.items():
            if context.knows("accounts", account, "roles", name):
                yield account, name, settings


@rule(
    "SG424",
    ERROR,
    "Permission set given by the name of its role",
    why="""
        AWS creates a role `AWSReservedSSO_NAME_SUFFIX` for a permission set in each account to
        which it is assigned. The suffix changes when the assignment is deleted and created again.
        Only AWS can change that role, so no policy can be attached to it.
    """,
    source=_IDENTITY_CENTER,
    example="""
         accounts:
        -  app: { id: "123456789012", role: AWSReservedSSO_Support_0123456789abcdef }
        +  app:
        +    id: "123456789012"
        +    role: Support
        +    roles: { Support: { permission_set: true } }
         secrets:
           app/base: { readers: [app] }
    """,
)
def _role_of_permission_set(context: Context) -> Findings:
    for blank, role in written_roles(context):
        match = _PERMISSION_SET_ROLE.fullmatch(role.rpartition("/")[2])
        if match and "/" not in role:
            yield Finding(
                blank.path,
                f"role {role!r} belongs to a permission set",
                f"Name the permission set, {match[1]!r}, and write `permission_set: true` for it in"
                " 'roles' of the account.",
                at_key=blank.at_key,
                secret=blank.secret,
            )


@rule(
    "SG425",
    ERROR,
    "Settings of a role that is not created here",
    why="""
        A role with `existing: true` is created elsewhere, and the role of a permission set by AWS.
        Their trust policy and permissions boundary are set there. A role cannot be both.
    """,
    source="The spec language, `accounts.<name>.roles`",
    example="""
         accounts:
           app:
             id: "123456789012"
        -    roles: { web: { existing: true, trust: { service: lambda.amazonaws.com } } }
        +    roles: { web: { existing: true } }
         secrets:
           app/base: { readers: ["app:web"] }
    """,
)
def _settings_of_others(context: Context) -> Findings:
    for account, name, settings in _settings(context):
        kinds = [kind for kind in ("existing", "permission_set") if getattr(settings, kind)]
        others = [key for key in ("trust", "permissions_boundary") if getattr(settings, key)]
        for other in [*kinds[1:], *(others if kinds else ())]:
            yield Finding(
                ("accounts", account, "roles", name, other),
                f"{kinds[0]!r} and {other!r} cannot be combined",
                "Delete one of the two.",
                at_key=True,
            )


@rule(
    "SG426",
    ERROR,
    "Two trust policies for one role",
    why="""
        `trusted_service` is the trust of all roles of the account without a `trust` of their own.
        For the account's `role` both are given, and only one can apply.
    """,
    source="The spec language, `accounts.<name>.roles`",
    example="""
         accounts:
           app:
             id: "123456789012"
             role: worker
        -    trusted_service: lambda.amazonaws.com
             roles: { worker: { trust: { pod_identity: true } } }
         secrets:
           app/base: { readers: [app] }
    """,
)
def _two_trusts(context: Context) -> Findings:
    for name, account in context.spec.accounts.items():
        settings = account.roles.get(account.role)
        if settings and settings.trust and "trusted_service" in account.model_fields_set:
            yield Finding(
                ("accounts", name, "roles", account.role, "trust"),
                f"role {account.role!r} has a 'trust' and the account's 'trusted_service'",
                "Delete one of the two, or add the service to `trust.service`.",
                at_key=True,
            )


@rule(
    "SG428",
    ERROR,
    "Trust without a principal",
    why="""
        A trust policy needs a principal: a service, pods, an OIDC provider or roles. An external id
        applies to `roles` and has no effect without them.
    """,
    source=_IAM + "reference_policies_elements_principal.html",
    example="""
         accounts:
           app:
             id: "123456789012"
        -    roles: { hub: { trust: { external_id: acme-7d2f } } }
        +    roles:
        +      hub:
        +        trust:
        +          roles: ["arn:aws:iam::222222222222:role/hub"]
        +          external_id: acme-7d2f
         secrets:
           app/base: { readers: ["app:hub"] }
    """,
)
def _trust_without_principal(context: Context) -> Findings:
    for account, name, settings in _settings(context):
        trust = settings.trust
        if trust is None:
            continue
        path = ("accounts", account, "roles", name, "trust")
        if not (trust.service or trust.pod_identity or trust.oidc or trust.roles):
            yield Finding(
                path,
                f"the trust of role {name!r} has no principal",
                "Add 'service', 'pod_identity', 'oidc' or 'roles'.",
                at_key=True,
            )
        elif trust.external_id and not trust.roles:
            yield Finding(
                (*path, "external_id"),
                "'external_id' without 'roles'",
                "Add the roles that must pass it, or delete it.",
                at_key=True,
            )
        elif trust.oidc and not trust.oidc.subject:
            yield Finding(
                (*path, "oidc", "subject"),
                "the list of subjects is empty",
                "List the subjects that may assume the role.",
                at_key=True,
            )


@rule(
    "SG438",
    ERROR,
    "OIDC subject that is too broad",
    why="""
        A public provider signs tokens for all its tenants. A subject such as `*`, `repo:*` or
        `repo:acme/*` allows repositories that are not in the spec. GitHub has two forms of
        subjects: `repo:OWNER/REPO:…`, and `repo:OWNER@OWNER_ID/REPO@REPO_ID:…` for repositories
        created or renamed since July 2026. List both if you are not sure. A job with an environment
        has the subject `repo:OWNER/REPO:environment:NAME`, without its branch.
    """,
    source="https://docs.github.com/en/actions/concepts/security/openid-connect",
    example="""
         accounts:
           app:
             id: "123456789012"
             roles:
               ci:
                 trust:
        -          oidc: { provider: token.actions.githubusercontent.com, subject: "repo:acme/*" }
        +          oidc:
        +            provider: token.actions.githubusercontent.com
        +            subject:
        +              - "repo:acme/app:ref:refs/heads/main"
        +              - "repo:acme@1234567/app@7654321:ref:refs/heads/main"
         secrets:
           app/base: { readers: ["app:ci"] }
    """,
)
def _open_subject(context: Context) -> Findings:
    for account, name, settings in _settings(context):
        oidc = settings.trust.oidc if settings.trust else None
        for index, subject in enumerate(oidc.subject if oidc else ()):
            flaw = flaw_of(oidc.provider, subject) if oidc else ""
            if flaw:
                yield Finding(
                    ("accounts", account, "roles", name, "trust", "oidc", "subject", index),
                    f"the subject {flaw}",
                    "Name one repository, namespace or project; wildcards are allowed after it: "
                    "repo:acme/app:*, system:serviceaccount:billing:*.",
                )


@rule(
    "SG439",
    WARNING,
    "Settings of a role that nothing uses",
    why="""
        Settings under `roles` apply to a reader or writer of that name. No secret has such a reader
        or writer, so nothing is created for the role. Its name may be misspelt.
    """,
    source="The spec language, `accounts.<name>.roles`",
    example="""
         accounts:
           app:
             id: "123456789012"
        -    roles: { wrker: { existing: true } }
        +    roles: { worker: { existing: true } }
         secrets:
           app/base: { readers: ["app:worker"] }
    """,
)
def _role_without_access(context: Context) -> Findings:
    if not context.knows_of_all_roles:
        return
    accounts = context.environment.accounts
    used = {a.name: dict.fromkeys(role.name for role in a.roles) for a in accounts}
    for account, name, _ in _settings(context):
        if name not in used.get(account, ()):
            guess = context.guess(name, used.get(account, ()))
            hint = f"Did you mean {guess!r}? " if guess else ""
            yield Finding(
                ("accounts", account, "roles", name),
                f"role {name!r} reads and writes no secret",
                f"{hint}Add it to the 'readers' or 'writers' of a secret, or delete it.",
                suggestion=guess,
                at_key=True,
            )


@rule(
    "SG442",
    ERROR,
    "Not the name of a permission set",
    why="Permission sets have names of 1 to 32 letters, digits and the characters `_+=,.@-`.",
    source="https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html",
    example="""
         accounts:
           app:
             id: "123456789012"
        -    roles: { team/Support: { permission_set: true } }
        +    roles: { Support: { permission_set: true } }
         secrets:
        -  app/base: { readers: ["app:team/Support"] }
        +  app/base: { readers: ["app:Support"] }
    """,
)
def _name_of_permission_set(context: Context) -> Findings:
    for account, name, settings in _settings(context):
        if settings.permission_set and not _PERMISSION_SET.fullmatch(name):
            yield Finding(
                ("accounts", account, "roles", name),
                f"{name!r} is not the name of a permission set",
                "Write its name as IAM Identity Center shows it: at most 32 characters, no path.",
                at_key=True,
            )
