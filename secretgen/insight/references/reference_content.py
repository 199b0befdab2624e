"""Which secrets a reader's deployment names, and under which names of its own."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable

from msgspec import Struct

from secretgen.errors import UsageError
from secretgen.insight.references.arns import SecretArns
from secretgen.model.environment import Account, Environment, Role
from secretgen.model.names import role_arn
from secretgen.model.secret import Field, Secret
from secretgen.model.trust import service_name
from secretgen.spec.suggest import closest, shown

_SERVICE_ACCOUNT = re.compile(r"system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)")
_MAX_NAME = 63  # Kubernetes: a DNS label, the shortest limit of all that the names are used for


class Reader(Struct, frozen=True):
    """A role that reads secrets.

    Args:
        environment: whose secrets it reads.
        account: its account.
        role: the role.
    """

    environment: Environment
    account: Account
    role: Role

    @property
    def arn(self) -> str:
        """ARN of the role."""
        return role_arn(self.environment.aws.partition, self.account.id, self.role.name)

    @property
    def service_account(self) -> tuple[str, str] | None:
        """Namespace and name of the only Kubernetes service account that may assume it."""
        oidc = self.role.trust.oidc if self.role.trust else None
        match = _SERVICE_ACCOUNT.fullmatch(oidc.subject[0]) if oidc else None
        return (match[1], match[2]) if oidc and match and len(oidc.subject) == 1 else None

    @property
    def pods(self) -> bool:
        """True for a role of EKS Pod Identity."""
        return bool(self.role.trust and self.role.trust.pod_identity)

    def trusts(self, service: str) -> bool:
        """Returns whether a service may assume it, as far as the spec knows."""
        trust = self.role.trust
        return trust is None or any(service_name(s) == service for s in trust.service)

    @property
    def text(self) -> str:
        """How reports name it: `app-primary:secrets-reader`."""
        return f"{self.account.name}:{self.role.name}"

    @property
    def regions(self) -> tuple[str, ...]:
        """Every Region in which it reads a secret, the primary one first."""
        primary = self.environment.aws.region
        return tuple(sorted({r.region for r in self.role.reads}, key=lambda r: (r != primary, r)))

    def secrets_in(self, region: str) -> tuple[Secret, ...]:
        """The secrets that it reads in a Region, by name."""
        names = {r.secret for r in self.role.reads if r.region == region}
        return tuple(s for s in self.environment.secrets if s.name in names)


class Wanted(Struct, frozen=True):
    """What references are asked for.

    Args:
        reader: who reads.
        region: where the deployment runs.
        arns: ARNs of the secrets.
    """

    reader: Reader
    region: str
    arns: SecretArns

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets that it reads in that Region."""
        return self.reader.secrets_in(self.region)

    def failover(self, secret: Secret) -> str | None:
        """Returns the Region to read a secret in when this one does not answer."""
        others = (r for r in self.reader.regions if r != self.region)
        return next((r for r in others if secret in self.reader.secrets_in(r)), None)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Notes on secrets that the reader reads, but not in that Region."""
        here = {s.name for s in self.secrets}
        missing = sorted({r.secret for r in self.reader.role.reads} - here)
        return (f"Skipped, because they have no replica in {self.region}: {', '.join(missing)}.",)[
            : len(missing)
        ]

    @property
    def other_regions(self) -> tuple[str, ...]:
        """Notes on Regions in which the same deployment can run."""
        others = [r for r in self.reader.regions if r != self.region]
        return tuple(f"For a deployment in {r}, add --region {r}." for r in others)


class References(Struct, frozen=True):
    """Text for a deployment.

    Args:
        text: the text, in the form that the tool reads.
        notes: what the user has to know or do besides.
    """

    text: str
    notes: tuple[str, ...]


def find_reader(environment: Environment, who: str) -> Reader:
    """Finds the reader that a user names.

    Args:
        environment: the environment.
        who: `ACCOUNT` or `ACCOUNT:ROLE`, the account by id or by the spec's name.

    Returns:
        The role. The roles of permission sets are none: people assume them.

    Raises:
        UsageError: there is none, or several.
    """
    name, _, role = who.partition(":")
    account = next((a for a in environment.accounts if name in (a.name, a.id)), None)
    readers = [r for r in account.deployed_roles if r.reads] if account else []
    if account and not readers and any(r.reads for r in account.roles):
        raise UsageError(
            f"only permission sets of {account.name} read secrets",
            "Only people assume them. Add a role of the account as a reader in the spec.",
        )
    if account is None or not readers:
        similar = closest(name, [a.name for a in environment.accounts if a.name != name])
        raise UsageError(
            f"no account {shown(name)} reads secrets of {environment.name}",
            f"Did you mean {similar}?" if similar else "`secretgen access` lists the readers.",
        )
    found = [r for r in readers if role in ("", r.name)]
    if len(found) == 1:
        return Reader(environment, account, found[0])
    names = ", ".join(f"{account.name}:{r.name}" for r in readers)
    if any(r.permission_set and r.name == role for r in account.roles):
        raise UsageError(
            f"{shown(role)} of {account.name} is a permission set",
            f"Only people assume it. Use one of {names}.",
        )
    if not found:
        raise UsageError(
            f"no role {shown(role)} of {account.name} reads secrets of {environment.name}",
            f"Name one of {names}.",
        )
    raise UsageError(f"several roles of {account.name} read secrets", f"Name one of {names}.")


def choose_region(reader: Reader, region: str) -> str:
    """Returns the Region that a user names, or else the primary one.

    Raises:
        UsageError: the reader reads nothing there.
    """
    if region and region not in reader.regions:
        raise UsageError(
            f"{reader.text} reads no secret in {shown(region)}",
            f"Name one of {', '.join(reader.regions)}.",
        )
    return region or reader.regions[0]


def environment_variables(parts: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """Makes names of environment variables: `PROD_DATABASE_PASSWORD`.

    Args:
        parts: what each name is made of, such as a secret and a field.
    """

    def name(words: tuple[str, ...]) -> str:
        text = _joined(words, r"[^A-Za-z0-9]+", "_").upper()
        return text if re.match(r"[A-Z].", text) else f"SECRET_{text}"

    return _unique(parts, name, "_")


def kubernetes_names(parts: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """Makes names of Kubernetes objects and of files: `prod-database-password`."""

    def name(words: tuple[str, ...]) -> str:
        text = _joined(words, r"[^A-Za-z0-9]+", "-").lower()
        return text or "secret"

    return _unique(parts, name, "-")


def field_keys(fields: Iterable[Field]) -> dict[str, str]:
    """Makes keys of a Kubernetes Secret for the fields of a JSON value, by field."""
    names = _unique(
        ((f.name,) for f in fields),
        lambda words: _joined(words, r"[^A-Za-z0-9._-]+", "_").strip("."),
        "_",
    )
    return {words[0]: key for words, key in names.items()}


def _joined(words: tuple[str, ...], others: str, separator: str) -> str:
    return re.sub(others, separator, separator.join(words)).strip(separator)


def _unique(
    parts: Iterable[tuple[str, ...]], name: Callable[[tuple[str, ...]], str], separator: str
) -> dict[tuple[str, ...], str]:
    """Names each; those that would share a name, or have a long or no name, get a fingerprint."""
    named = {words: name(words) for words in parts}
    often = Counter(named.values())
    return {
        words: text
        if text and often[text] == 1 and len(text) <= _MAX_NAME
        else _marked(text, words, separator)
        for words, text in named.items()
    }


def _marked(text: str, words: tuple[str, ...], separator: str) -> str:
    mark = hashlib.sha256("\n".join(words).encode()).hexdigest()[:8]
    mark = mark.upper() if text.isupper() else mark
    return f"{text[: _MAX_NAME - 9].rstrip(separator)}{separator}{mark}".lstrip(separator)
