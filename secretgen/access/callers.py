"""Who might read or write: the declared roles, and everyone whom a document could let in.

A document is not asked about every principal in the world, but about one of each kind that it
distinguishes: those it names itself, an instance of each of its wildcards, and some that it must
never let in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from secretgen.model.environment import Environment
from secretgen.model.names import reader_arns, role_arn
from secretgen.model.secret import Reader, Secret
from secretgen.policy.documents import exempt_roles
from secretgen.policy.evaluate import Caller, texts_like
from secretgen.policy.parse import Policy, Statement

ANY_ROLE = "any other role"
ANY_ACCOUNT = "any other account"
OWN_ACCOUNT = "this account"
OWN_ROLES = "any principal that its IAM policies allow"
_WITNESS = "a-role-of-no-spec"
_PRINCIPAL_ARN = "aws:principalarn"
_PRINCIPAL_ACCOUNT = "aws:principalaccount"
_ARN_PARTS = 6
_ACCOUNT_DIGITS = 12


class Principal(Struct, frozen=True, order=True):
    """A caller, and how reports name it.

    Args:
        account: the spec's name for the caller's account, its id, or a phrase.
        role: role name with its path, or a phrase.
        caller: the caller; for a phrase, one that it stands for.
        alternative: for a permission set, the caller that it is where Identity Center is in
            us-east-1.
        identity: ARN that its identity policy is known by; empty for the caller's.
    """

    account: str
    role: str
    caller: Caller
    alternative: Caller | None = None
    identity: str = ""

    @property
    def callers(self) -> tuple[Caller, ...]:
        """Everyone that it may be."""
        return (self.caller, self.alternative) if self.alternative else (self.caller,)

    @property
    def is_role(self) -> bool:
        """Whether it is one role, and does not stand for several."""
        return bool(self.caller.arn) and _WITNESS not in self.caller.arn

    @property
    def text(self) -> str:
        """One word for it: `app-primary:secrets-reader`."""
        return f"{self.account}:{self.role}" if self.role else self.account


class Callers:
    """Makes the principals of an environment.

    Args:
        environment: the environment.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._accounts = {account.id: account for account in environment.accounts}
        self._names = {
            environment.aws.account_id: OWN_ACCOUNT,
            **{account.id: account.name for account in environment.accounts},
        }
        self._stranger = _unused_account(self._names)
        named = {r: None for s in environment.secrets for r in (*s.readers, *s.writers)}
        self._permission_sets = {
            arn: self._permission_set(reader)
            for reader in named
            if reader.permission_set
            for arn in reader_arns(environment.aws.partition, reader)
        }
        self.own = self._principal(environment.aws.account_id, f"role/{_WITNESS}", shown=OWN_ROLES)
        """Everyone in the environment's own account."""

    def role(self, arn: str) -> Principal:
        """Makes the principal of a role's or user's ARN."""
        return self._principal(arn.split(":")[4], arn.split(":", _ARN_PARTS - 1)[-1])

    def any_role(self, account: str) -> Principal:
        """Makes a principal that stands for every role of an account that no document names."""
        return self._principal(account, f"role/{_WITNESS}", shown=ANY_ROLE)

    @property
    def declared(self) -> tuple[Principal, ...]:
        """Every role that the spec names as a reader or writer of some secret."""
        return tuple(
            self._named_role(Reader(account.id, role.name, role.permission_set))
            for account in self._accounts.values()
            for role in account.roles
        )

    @property
    def strangers(self) -> tuple[Principal, ...]:
        """Callers that no document names, and that none may let in.

        One stands for all: to a document, callers that it does not distinguish are the same.
        """
        return Principal("anyone", "without credentials", Caller()), self.any_role(self._stranger)

    def named_by(self, secret: Secret) -> set[Principal]:
        """The roles that the spec names as readers or writers of a secret."""
        return {self._named_role(role) for role in (*secret.readers, *secret.writers)}

    def own_named_by(self, secret: Secret) -> list[Principal]:
        """The readers and writers of a secret in the environment's own account, sorted."""
        own = self._environment.aws.account_id
        return sorted(role for role in self.named_by(secret) if role.caller.account == own)

    def _named_role(self, role: Reader) -> Principal:
        if not role.permission_set:
            return self._principal(role.account_id, f"role/{role.role}")
        return self._permission_sets[reader_arns(self._environment.aws.partition, role)[0]]

    def _permission_set(self, role: Reader) -> Principal:
        """Makes the principal of a permission set: the role that AWS creates for it."""
        patterns = reader_arns(self._environment.aws.partition, role)
        regional, plain = (self.role(_instance_of(pattern)) for pattern in patterns)
        return Principal(
            regional.account, role.role, regional.caller, plain.caller, identity=patterns[0]
        )

    def exempt_from(self, secret: Secret) -> set[Principal]:
        """The other roles of the account that the value of an exclusive secret is not kept from."""
        return {self._instance(pattern) for pattern in exempt_roles(self._environment, secret)}

    def find(self, account: str, role: str = "") -> Principal | None:
        """Finds a principal by the id of its account or the spec's name for it.

        Args:
            account: 12 digits, or a name of the spec.
            role: name of the role; empty for one that stands for all that no document names.

        Returns:
            None for a name that the spec does not know.
        """
        known = next((i for i, name in self._names.items() if account in (i, name)), None)
        if known is None and _is_account_id(account):
            known = account
        if known is None:
            return None
        declared = (p for p in self.declared if (p.caller.account, p.role) == (known, role))
        reader = next(declared, None)
        if reader:
            return reader
        if known == self._environment.aws.account_id:
            return self.own
        return self._principal(known, f"role/{role}") if role else self.any_role(known)

    def named_in(self, policies: Iterable[Policy]) -> set[Principal]:
        """Collects everyone whom documents name, with an instance of each wildcard."""
        return {
            principal
            for policy in policies
            for statement in policy.statements
            for principal in self._named(statement)
        }

    def _named(self, statement: Statement) -> Iterator[Principal]:
        for account in statement.accounts:
            yield self.any_role(account)
        for arn in statement.arns:
            yield self.role(arn)
        for service in statement.services:
            yield Principal(service, "", Caller(service=service))
        for condition in statement.conditions:
            for value in condition.values:
                if condition.key == _PRINCIPAL_ACCOUNT:
                    yield self.any_role(_account_instance(value))
                if condition.key == _PRINCIPAL_ARN:
                    yield from map(self._instance, self._by_account(value, statement.accounts))

    def _by_account(self, pattern: str, accounts: Iterable[str]) -> Iterator[str]:
        """Yields a pattern of one account for each of these that a pattern matches, and others."""
        parts = pattern.split(":", _ARN_PARTS - 1)
        if len(parts) == _ARN_PARTS:
            fitting = filter(texts_like((parts[4],)).fullmatch, accounts)
            for account in {_account_instance(parts[4]), *fitting}:
                yield ":".join([*parts[:4], account, parts[5]])
            return
        doubled = pattern.replace("*", "**")  # one may cross colons: it ends and begins a part
        for account in {*accounts, *self._names, self._stranger}:
            arn = role_arn(self._environment.aws.partition, account, "")
            for cut in range(len(doubled) - 1, 0, -1):
                if texts_like((doubled[:cut],)).fullmatch(arn):
                    yield arn + doubled[cut:].replace("**", "*")
                    break

    def _instance(self, pattern: str) -> Principal:
        """Makes a principal that a pattern of one account matches."""
        if pattern in self._permission_sets:
            return self._permission_sets[pattern]
        *_, account, name = pattern.split(":", _ARN_PARTS - 1)
        return self._principal(account, _instance_of(name), shown=name.removeprefix("role/"))

    def _principal(self, account: str, resource: str, *, shown: str = "") -> Principal:
        """Makes a principal; `resource` is the last part of its ARN."""
        known = self._accounts.get(account)
        is_member = known is None or known.in_organization
        aws = self._environment.aws
        caller = Caller(
            account=account,
            arn=role_arn(aws.partition, account, "").removesuffix("role/") + resource,
            organization=(aws.organization_id or "") if is_member else "",
        )
        is_stranger = account == self._stranger
        name = ANY_ACCOUNT if is_stranger else self._names.get(account, account)
        return Principal(name, shown or resource.removeprefix("role/"), caller)


def _instance_of(pattern: str) -> str:
    """Makes an ARN, or a part of one, that a pattern matches."""
    return pattern.replace("*", _WITNESS).replace("?", "x")


def _account_instance(pattern: str) -> str:
    """Makes the id of an account that a pattern matches."""
    missing = _ACCOUNT_DIGITS - len(pattern) + pattern.count("*")
    return pattern.replace("?", "9").replace("*", "9" * missing, 1).replace("*", "")


def _is_account_id(text: str) -> bool:
    return len(text) == _ACCOUNT_DIGITS and text.isascii() and text.isdigit()


def _unused_account(used: Iterable[str]) -> str:
    taken = set(used)
    ids = (f"{number:012}" for number in range(10**_ACCOUNT_DIGITS - 1, 0, -1))
    return next(i for i in ids if i not in taken)
