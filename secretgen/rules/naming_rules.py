"""Rules about the names of secrets, accounts and keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from secretgen.diagnostics import Path
from secretgen.model.names import ends_like_arn
from secretgen.model.secret import AWS_MANAGED, DEDICATED
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context

_RESERVED = (DEDICATED, AWS_MANAGED)


@rule(
    "SG202",
    WARNING,
    "Secret name that ends like an ARN",
    why="""
        AWS appends a hyphen and six random characters to the name of a secret to form its ARN. A
        name with such an ending can be taken for the ARN of another secret, and is then not found
        by its partial ARN. AWS advises against such names, and cannot rename a secret: if this one
        is deployed, keep its name, use its full ARN everywhere, and allow the name in `ignore`.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen",
    example="""
         secrets:
        -  app/client-secret: {}
        +  app/client-credentials: {}
    """,
    ignorable=True,
)
def _ends_like_arn(context: Context) -> Findings:
    for secret in context.secrets:
        if ends_like_arn(secret.name):
            yield secret.finding(
                (),
                f"secret name ends in {secret.name[-7:]!r}, as ARNs do",
                "AWS appends a hyphen and six characters to make the ARN. If the secret is not "
                "deployed yet, choose another ending. If it is, keep the name and always use the "
                "full ARN.",
            )


@rule(
    "SG413",
    ERROR,
    "Shared key with a reserved name",
    why="""
        In `kms_key`, `dedicated` and `aws-managed` have a special meaning, so a shared key of that
        name could not be used.
    """,
    source="The spec language, `kms_key`",
    example="""
         keys:
        -  dedicated: {}
        +  app: {}
        +secrets:
        +  app/key: { kms_key: app }
    """,
)
def _reserved_key(context: Context) -> Findings:
    for name in _RESERVED:
        if name in context.spec.keys:
            yield Finding(
                ("keys", name),
                f"{name!r} is reserved and cannot name a shared key",
                "Rename the key: in 'kms_key' this word has a special meaning.",
                at_key=True,
            )


@rule(
    "SG415",
    ERROR,
    "Accounts whose names differ only in case",
    why="""
        Each account has a folder with its name. On file systems that ignore case, the two accounts
        would share one folder and overwrite each other's files.
    """,
    source="The spec language, `accounts`",
    example="""
         accounts:
        -  app: { id: "111111111111" }
        -  App: { id: "222222222222" }
        +  app-a: { id: "111111111111" }
        +  app-b: { id: "222222222222" }
         secrets:
        -  app/key: { writers: [app, App] }
        +  app/key: { writers: [app-a, app-b] }
    """,
)
def _accounts_like_each_other(context: Context) -> Findings:
    for path, other in _alike("accounts", context.spec.accounts):
        yield Finding(
            path,
            f"account name differs from {other!r} only in case",
            "Their folders would be the same on some file systems. Rename the account that was "
            "added last.",
            at_key=True,
        )


@rule(
    "SG416",
    WARNING,
    "Names that differ only in case",
    why="AWS distinguishes such names, people often do not, and read or change the wrong secret.",
    source="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html",
    example="""
         secrets:
        -  app/key: {}
        -  app/Key: {}
        +  app/key-a: {}
        +  app/key-b: {}
    """,
)
def _names_like_each_other(context: Context) -> Findings:
    for what, names in (("secrets", context.spec.secrets), ("keys", context.spec.keys)):
        for path, other in _alike(what, names):
            yield Finding(
                path,
                f"name differs from {other!r} only in case",
                "AWS distinguishes the names, people often do not. Rename the one that is not "
                "deployed yet; AWS cannot rename a deployed one.",
                at_key=True,
            )


def _alike(what: str, names: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Yields each name that is like one before it, with its path, and that one."""
    by_case: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_case[name.casefold()].append(name)
    for first, *others in by_case.values():
        for other in others:
            yield (what, other), first
