"""Rules about accounts and readers."""

from __future__ import annotations

from collections import Counter

from secretgen.model.changes import Kind, Subject
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.suggest import shown


@rule(
    "SG401",
    ERROR,
    "Unknown account",
    why="""
        A reader or writer refers to an account by its name under `accounts`. Define the account
        there, or correct the name.
    """,
    source="The spec language, `readers` and `writers`",
    example="""
         accounts:
           billing: { id: "123456789012" }
         secrets:
        -  app/key: { readers: [billing], writers: [biling] }
        +  app/key: { readers: [billing], writers: [billing] }
    """,
)
def _unknown_account(context: Context) -> Findings:
    accounts = context.spec.accounts
    unknown = _unknown_readers(context)
    renamed = _renamed_accounts(context)
    for written, meant in renamed.items():
        yield Finding(
            ("accounts", written),
            f"account {written!r} is used by no secret, and {meant!r} is not defined",
            f"Did you mean {meant!r}? {_times(unknown[meant])} that account.",
            suggestion=meant,
            at_key=True,
        )
    for secret in context.secrets:
        for field, i, role in secret.named_roles:
            name = role.account
            if name in accounts or name in renamed.values() or not context.knows("accounts", name):
                continue
            guess = context.guess(name, accounts)
            hint = f"Did you mean {guess!r}?" if guess else "Define it under 'accounts'."
            yield secret.finding(
                (field, i, "account"),
                f"unknown account {shown(name)}",
                hint,
                suggestion=guess,
            )


def _times(count: int) -> str:
    return f"{count} readers or writers name" if count > 1 else "A reader or writer names"


def _unknown_readers(context: Context) -> Counter[str]:
    return Counter(
        role.account
        for secret in context.secrets
        for _, _, role in secret.named_roles
        if role.account not in context.spec.accounts
    )


def _renamed_accounts(context: Context) -> dict[str, str]:
    """Finds accounts whose own name is the misspelt one: unused, while roles name another.

    A name that only one reader or writer uses is more likely misspelt there.
    """
    if not (context.knows_of_all_roles and context.knows("accounts")):
        return {}
    used = _used_accounts(context)
    unused = [name for name in context.spec.accounts if name not in used]
    found = {}
    for meant, times in _unknown_readers(context).items():
        written = context.guess(meant, unused)
        if written and times > 1:
            found[written] = meant
    return found


def _used_accounts(context: Context) -> set[str]:
    """Returns the accounts that a secret names, whether they are defined or not."""
    return {role.account for secret in context.secrets for _, _, role in secret.named_roles}


@rule(
    "SG408",
    WARNING,
    "Unused account",
    why="""
        No secret names it as a reader or writer, so nothing is created for it. Delete it, or add it
        to the `readers` or `writers` of a secret.
    """,
    source="The spec language, `accounts`",
    example="""
         accounts:
           billing: { id: "123456789012" }
        +secrets:
        +  app/key: { readers: [billing] }
    """,
    of=(Kind.ACCOUNTS,),
)
def _unused_account(context: Context) -> Findings:
    if not context.knows_of_all_roles:
        return
    used = _used_accounts(context)
    unknown = used - set(context.spec.accounts)
    for name in context.spec.accounts:
        # A name that is close to an unknown one is misspelt rather than unused.
        if name not in used and not context.guess(name, unknown):
            yield Finding(
                ("accounts", name),
                f"account {name!r} reads and writes no secret",
                "Add it to the 'readers' or 'writers' of a secret, or delete it.",
                at_key=True,
                of=Subject(Kind.ACCOUNTS, name),
            )


@rule(
    "SG414",
    ERROR,
    "Two accounts with one id",
    why="""
        One folder contains all roles of an account, so an account has one name. For another role of
        the same account write `readers: [{ account: app, role: other-role }]`.
    """,
    source="The spec language, `accounts`",
    example="""
         accounts:
           app: { id: "123456789012" }
        -  jobs: { id: "123456789012", role: jobs }
         secrets:
        -  app/key: { readers: [app, jobs] }
        +  app/key: { readers: [app, { account: app, role: jobs }] }
    """,
)
def _account_id_twice(context: Context) -> Findings:
    first: dict[str, str] = {}
    for name, account in context.spec.accounts.items():
        other = first.setdefault(account.id, name)
        if other != name:
            yield Finding(
                ("accounts", name, "id"),
                f"account id is also that of {other!r}",
                "Correct the id, or define the account once and name the other role in 'readers'.",
            )


@rule(
    "SG445",
    ERROR,
    "Roles that differ only in path or case",
    why="""
        The name of a role is unique in its account, regardless of its path and case. The second of
        two such roles cannot exist: its apply fails with EntityAlreadyExists or NoSuchEntity.
    """,
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
    example="""
         accounts:
           app: { id: "123456789012" }
         secrets:
           app/base: { readers: ["app:web"] }
        -  app/other: { readers: ["app:team/Web"] }
        +  app/other: { readers: ["app:team/worker"] }
    """,
)
def _one_name(context: Context) -> Findings:
    for account in context.environment.accounts if context.knows_of_all_roles else ():
        first: dict[str, str] = {}
        for role in account.deployed_roles:
            other = first.setdefault(role.name.rpartition("/")[2].lower(), role.name)
            if other != role.name:
                yield Finding(
                    ("accounts", account.name),
                    f"roles {other!r} and {role.name!r} have one name in their account",
                    "If they are one role, write it in one way; if not, rename one of them.",
                    at_key=True,
                )


@rule(
    "SG406",
    ERROR,
    "Reader or writer given twice",
    why="The same role of the same account is in a list twice: one is probably a typo.",
    source="The spec language, `readers` and `writers`",
    example="""
         accounts:
           app: { id: "123456789012" }
         secrets:
        -  app/key: { readers: [app, { account: app, role: secrets-reader }] }
        +  app/key: { readers: [app, { account: app, role: jobs }] }
    """,
)
def _reader_twice(context: Context) -> Findings:
    for secret in context.secrets:
        seen = set()
        for field, i, named in secret.named_roles:
            account = context.spec.accounts.get(named.account)
            role = named.role or (account.role if account else "")
            if (field, named.account, role) in seen:
                summary = f"{field[:-1]} {named.account!r} is given twice"
                yield secret.finding((field, i), summary, "Delete one of the two.")
            seen.add((field, named.account, role))


@rule(
    "SG450",
    WARNING,
    "Exempt account without an organization id",
    why="""
        `in_organization: false` exempts an account from the deny for callers outside
        `aws.organization_id`. Without that id there is no deny to be exempt from.
    """,
    source="The spec language, `aws.organization_id`",
    example="""
        +aws: { account_id: "123456789012", region: us-east-1, organization_id: o-abcde12345 }
         accounts:
           partner: { id: "111111111111", in_organization: false }
         secrets: { app/key: { writers: [partner] } }
    """,
)
def _exempt_from_nothing(context: Context) -> Findings:
    if context.spec.aws.organization_id or not context.knows("aws"):
        return
    for name, account in context.spec.accounts.items():
        if not account.in_organization:
            yield Finding(
                ("accounts", name, "in_organization"),
                "'in_organization: false' without an organization id",
                "Add 'organization_id' under 'aws', or delete this line.",
            )
