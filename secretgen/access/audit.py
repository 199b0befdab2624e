"""Every Allow statement against what the spec's readers and writers justify.

This looks at the text of a statement, not at sample requests, so nothing that a statement
grants escapes it. It is strict: each statement must be bounded by the conditions that least
privilege asks for, even where another statement or policy_verdict refuses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache

from msgspec import Struct, field

from secretgen.access.access_findings import Finding, Kind
from secretgen.access.policies import KeyPlace, Policies, identity_arn, key_in, regions_of
from secretgen.model.environment import Environment, Partition
from secretgen.model.names import reader_arns, secret_arn_pattern
from secretgen.model.secret import AWS_MANAGED
from secretgen.policy.documents import (
    DECRYPT,
    ENCRYPT,
    READ_ACTIONS,
    WRITE_ACTIONS,
    secrets_manager_endpoint,
)
from secretgen.policy.parse import Statement
from secretgen.policy.role_policies import role_policies

_READS = frozenset(action.lower() for action in READ_ACTIONS)
_WRITES = frozenset(action.lower() for action in WRITE_ACTIONS)
_USES_KEY = frozenset(action.lower() for action in (DECRYPT, *ENCRYPT))
_READS_ALONE = _READS - _WRITES
_WRITES_ALONE = (_WRITES - _READS) | (_USES_KEY - {DECRYPT.lower()})


def audit(environment: Environment, policies: Policies) -> list[Finding]:
    """Compares every Allow statement with what the spec justifies.

    Returns:
        What is granted beyond it, sorted.
    """
    justified = _Justified(environment)
    found = [
        *(
            Finding(Kind.BEYOND, policy.title, statement.label, summary, secret)
            for secret, policy in policies.secrets.items()
            for statement in policy.allows
            for summary in justified.excess_in_secret_policy(secret, statement)
        ),
        *(
            Finding(Kind.BEYOND, policy.title, statement.label, summary, region=key.region)
            for key, policy in policies.keys.items()
            for statement in policy.allows
            for summary in justified.excess_in_key_policy(key, statement)
        ),
        *(
            Finding(Kind.BEYOND, policy.title, statement.label, summary)
            for role, policy in policies.roles.items()
            for statement in policy.allows
            for summary in justified.excess_in_role_policy(role, statement)
        ),
    ]
    return sorted(set(found))


class _Rights(Struct):
    """Who reads and who writes something, or what a principal reads and writes."""

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)

    def of(self, statement: Statement) -> set[str]:
        """Returns those to which the actions of a statement may be allowed together."""
        found = self.reads | self.writes
        if _READS_ALONE.intersection(statement.actions):
            found &= self.reads
        if _WRITES_ALONE.intersection(statement.actions):
            found &= self.writes
        return found


class _Justified:
    """What the readers and writers of a spec justify, worked out from the secrets alone."""

    def __init__(self, environment: Environment) -> None:
        aws = environment.aws
        self._own_account = aws.account_id
        self._partition: Partition = aws.partition
        self._roles: dict[str, _Rights] = {}
        self._secrets: dict[str, _Rights] = defaultdict(_Rights)
        self._role_regions: dict[str, set[str]] = defaultdict(set)
        self._role_keys: dict[str, set[str]] = defaultdict(set)
        self._keys: dict[KeyPlace, dict[str, _Rights]] = defaultdict(lambda: defaultdict(_Rights))
        self._split_roles = _key_use_of_split_roles(environment)
        for secret in environment.secrets:
            readers, writers = (
                {arn for role in roles for arn in reader_arns(aws.partition, role)}
                for roles in (secret.readers, secret.writers)
            )
            self._roles[secret.name] = _Rights(readers, writers)
            for region in regions_of(environment, secret):
                arn = secret_arn_pattern(aws, secret.name, region)
                key = key_in(secret, region)
                written_by = writers if region == aws.region else set()
                for role in readers | written_by:
                    self._role_regions[role].add(region)
                    self._role_keys[role].add(self._key_prefix(key, region))
                    rights = [self._secrets[role]]
                    if isinstance(key, KeyPlace):
                        rights.append(self._keys[key][role])
                    for right in rights:
                        right.reads |= {arn} if role in readers else set()
                        right.writes |= {arn} if role in written_by else set()

    def _key_prefix(self, key: KeyPlace | str, region: str) -> str:
        if isinstance(key, str) and key != AWS_MANAGED:
            return key.split("/")[0] + "/"
        return f"arn:{self._partition}:kms:{region}:{self._own_account}:key/"

    def excess_in_secret_policy(self, secret: str, statement: Statement) -> Iterator[str]:
        """Yields what a statement of a secret's resource policy grants beyond its roles."""
        yield from _excess_actions(statement, _READS | _WRITES)
        yield from _excess_principals(statement, self._roles[secret].of(statement))

    def excess_in_key_policy(self, key: KeyPlace, statement: Statement) -> Iterator[str]:
        """Yields what a statement of a key policy grants beyond its account and its roles."""
        names_only_own_account = set(statement.accounts) == {self._own_account} and not (
            statement.anyone or statement.arns or statement.services
        )
        if names_only_own_account:
            return
        usable = {role: rights.of(statement) for role, rights in self._keys[key].items()}
        yield from _excess_actions(statement, _USES_KEY)
        yield from _excess_principals(statement, [role for role, arns in usable.items() if arns])
        yield from self._excess_use(
            statement,
            regions={key.region},
            usable=_common(usable.get(role, ()) for role in _roles_of(statement)),
        )

    def excess_in_role_policy(self, role: str, statement: Statement) -> Iterator[str]:
        """Yields what a statement of a role's identity policy grants beyond its secrets."""
        usable = self._secrets[role].of(statement)
        regions = self._role_regions[role]
        yield from _excess_actions(statement, _READS | _WRITES | _USES_KEY)
        if (_READS | _WRITES).intersection(statement.actions):
            asked = _limits(statement, "aws:requestedregion")
            does = "writes" if _WRITES_ALONE.intersection(statement.actions) else "reads"
            for resource in statement.resources:
                if not all(_covered(r, usable) for r in _by_region(resource, asked)):
                    yield f"{does} {resource}"
        if _USES_KEY.intersection(statement.actions):
            keys, split = tuple(self._role_keys[role]), self._split_roles.get(role, set())
            # `kms:ViaService`, which must be limited, names the Region of the key as well.
            where = regions if split else ()
            for resource in statement.resources:
                if not all(r.startswith(keys) for r in _by_region(resource, where)):
                    yield f"decrypts with {resource}"
            yield from self._excess_use(statement, regions=regions, usable=usable | split)

    def _excess_use(
        self, statement: Statement, *, regions: Iterable[str], usable: Collection[str]
    ) -> Iterator[str]:
        endpoints = {secrets_manager_endpoint(self._partition, region) for region in regions}
        services = _excess_values(statement, "kms:viaservice", endpoints.__contains__)
        if services is None:
            yield "decrypts without Secrets Manager: no condition limits kms:ViaService"
        yield from (f"decrypts through {service}" for service in services or ())
        secrets = _excess_values(
            statement, "kms:encryptioncontext:secretarn", lambda value: _covered(value, usable)
        )
        if secrets is None:
            yield "decrypts any secret: no condition limits kms:EncryptionContext:SecretARN"
        yield from (f"decrypts {secret}" for secret in secrets or ())


def _key_use_of_split_roles(environment: Environment) -> dict[str, set[str]]:
    """Returns what the statements about keys name in policies that are split for their size.

    They name every secret of the account: what a role reads or writes is in other statements.
    """
    aws = environment.aws
    anything = {aws.arn("secretsmanager", "secret:*", region) for region in ("*", aws.region)}
    found: dict[str, set[str]] = defaultdict(set)
    for account in environment.accounts:
        for role in account.roles:
            statement = role_policies(environment, role).documents[0]["Statement"][0]
            if "Condition" in statement:  # it names secrets for every Region at once
                found[identity_arn(environment, account, role)] = anything
    return found


def _limits(statement: Statement, key: str) -> tuple[str, ...]:
    """Returns the values that a condition limits a key to; none where no condition does."""
    limits = [c for c in statement.conditions if c.key == key and c.operator == "StringEquals"]
    return limits[0].values if limits else ()


def _by_region(resource: str, regions: Collection[str]) -> list[str]:
    """Returns the ARN patterns that one for every Region stands for in these Regions."""
    before, any_region, after = resource.partition(":*:")
    if not any_region or not regions or before.count(":") != _COLONS_BEFORE_REGION:
        return [resource]
    return [f"{before}:{region}:{after}" for region in regions]


_COLONS_BEFORE_REGION = 2


def _excess_actions(statement: Statement, justified: frozenset[str]) -> Iterator[str]:
    yield from (f"allows {action}" for action in statement.actions if action not in justified)


def _excess_principals(statement: Statement, roles: Collection[str]) -> Iterator[str]:
    accounts = {role.split(":")[4] for role in roles}
    if statement.anyone:
        yield "allows every AWS account: its principal is *"
    yield from (f"names the account {a}" for a in statement.accounts if a not in accounts)
    yield from (f"names {arn}" for arn in statement.arns if arn not in roles)
    yield from (f"names the service {service}" for service in statement.services)
    if statement.anyone or statement.accounts:
        excess = _excess_values(
            statement, "aws:principalarn", lambda arn: _names_only(arn, statement, roles)
        )
        if excess is None:
            yield "allows whole accounts: no condition limits aws:PrincipalArn"
        yield from (f"allows {arn}" for arn in excess or ())


def _names_only(pattern: str, statement: Statement, roles: Collection[str]) -> bool:
    """Returns whether a pattern lets in no other than these roles.

    One for a role of any account does, where the principals name the accounts of these roles.
    """
    before, any_account, after = pattern.partition("::*:")
    if not any_account or statement.anyone:
        return pattern in roles
    return all(f"{before}::{account}:{after}" in roles for account in statement.accounts)


def _excess_values(
    statement: Statement, key: str, is_justified: Callable[[str], bool]
) -> list[str] | None:
    """Lists the values that the conditions on a key let through without a justification.

    Returns:
        None when no condition limits the key.
    """
    limits = [c for c in statement.conditions if c.key == key and not (c.negated or c.if_exists)]
    excess = [[v for v in limit.values if not is_justified(v)] for limit in limits]
    return min(excess, key=len, default=None)


def _roles_of(statement: Statement) -> list[str]:
    conditions = [c.values for c in statement.conditions if c.key == "aws:principalarn"]
    return [*statement.arns, *(value for values in conditions for value in values)]


def _common(sets: Iterable[Collection[str]]) -> set[str]:
    first, *others = [set(s) for s in sets] or [set()]
    return first.intersection(*others)


def _covered(pattern: str, allowed: Collection[str]) -> bool:
    """Returns whether everything that a pattern matches is matched by an allowed pattern, too."""
    return pattern in allowed or any(_within(a).fullmatch(pattern) for a in allowed)


@cache
def _within(allowed: str) -> re.Pattern[str]:
    return re.compile("".join("[^*]" if c == "?" else re.escape(c) for c in allowed), re.DOTALL)
