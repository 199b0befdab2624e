"""What rules look at: a spec, its secrets with their defaults, and the environment it gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from secretgen.diagnostics import Path
from secretgen.model.environment import Environment, Key
from secretgen.model.secret import AWS_MANAGED, DEDICATED, Secret
from secretgen.rules.finding import Finding
from secretgen.spec.places import Places
from secretgen.spec.resolve import with_defaults
from secretgen.spec.schema import Spec
from secretgen.spec.secret_schema import (
    ReaderSpec,
    RotationSpec,
    ScheduleSpec,
    SecretSpec,
    ServiceSecretSpec,
)
from secretgen.spec.suggest import Guesser

_PRODUCTION = {"production", "prod"}
_NOT_YET = {"non", "pre", "not"}
ROLE_FIELDS = ("readers", "writers")
"""The fields of a secret that name roles of `accounts`."""


class SecretContext(Struct, frozen=True):
    """A secret with its defaults filled in.

    Args:
        name: its name.
        own: what stands under its name.
        spec: the same, with defaults.
        resolved: what it becomes.
        places: where it stands.
        defaults: the defaults.
    """

    name: str
    own: SecretSpec
    spec: SecretSpec
    resolved: Secret
    places: Places
    defaults: SecretSpec

    def path(self, *parts: str | int) -> Path:
        """Returns where a field, or a part of it, comes from: the secret or the defaults.

        A field that stands nowhere has its place under the secret's name.
        """
        if not parts:
            return ("secrets", self.name)
        name = str(parts[0])
        own: Container[str] = self.own.model_fields_set
        defaults: Container[str] = self.defaults.model_fields_set
        if name == "tags" and len(parts) > 1:
            own, defaults = self.own.tags, self.defaults.tags
            name = str(parts[1])
        if name not in own and name in defaults:
            return ("defaults", *parts)
        return ("secrets", self.name, *parts)

    def knows(self, *fields: str) -> bool:
        """Returns whether nothing was wrong with some fields, here and in the defaults."""
        touched = self.places.touched
        if ("secrets", self.name) not in touched and ("defaults",) not in touched:
            return True
        return all(
            self.places.knows(("secrets", self.name, name))
            and (name in self.own.model_fields_set or self.places.knows(("defaults", name)))
            for name in fields
        )

    def finding(
        self,
        parts: tuple[str | int, ...],
        summary: str,
        detail: str,
        *,
        suggestion: str = "",
        at_key: bool = False,
    ) -> Finding:
        """Makes a finding about this secret.

        Args:
            parts: the path below the secret.
            summary: what is wrong.
            detail: why it matters and what to do.
            suggestion: the text that most likely was meant.
            at_key: point at the key.
        """
        path = self.path(*parts)
        return Finding(path, summary, detail, suggestion, at_key or not parts, self.name)

    @property
    def rotation(self) -> RotationSpec | None:
        """How it rotates; None when it does not, or when that is not known."""
        return self.spec.rotation if self.knows("rotation") else None

    @property
    def named_roles(self) -> Iterator[tuple[str, int, ReaderSpec]]:
        """Its readers and writers as they are written: the field, the index, the entry."""
        for field_name in ROLE_FIELDS:
            for i, role in enumerate(getattr(self.spec, field_name)):
                yield field_name, i, role

    @property
    def uses_key_arn(self) -> bool:
        """Whether it is encrypted with a key that is managed elsewhere."""
        return self.spec.kms_key.startswith("arn:")


class ServiceSecretContext(Struct, frozen=True):
    """A secret that an AWS service owns.

    Args:
        name: the spec's name for it.
        spec: what stands under its name.
        places: where it stands.
    """

    name: str
    spec: ServiceSecretSpec
    places: Places

    def finding(
        self,
        parts: tuple[str | int, ...],
        summary: str,
        detail: str,
        *,
        suggestion: str = "",
        at_key: bool = False,
    ) -> Finding:
        """Makes a finding about it; the arguments are those of `SecretContext.finding`."""
        path = ("service_secrets", self.name, *parts)
        return Finding(path, summary, detail, suggestion, at_key or not parts)

    @property
    def rotation(self) -> ScheduleSpec | None:
        """When it rotates; None when that is not known."""
        known = self.places.knows(("service_secrets", self.name, "rotation"))
        return self.spec.rotation if known else None


class Context(Struct, frozen=True, dict=True):
    """A spec to check.

    Args:
        spec: the spec, without what is wrong with its shape.
        places: where it stands, and what is missing in it.
        environment: what it resolves to.
        today: the date, as `2027-03-01`.
    """

    spec: Spec
    places: Places
    environment: Environment
    today: str

    @cached_property
    def secrets(self) -> tuple[SecretContext, ...]:
        """All secrets, by name."""
        defaults = self.spec.defaults
        return tuple(
            SecretContext(
                secret.name,
                own := self.spec.secrets[secret.name],
                with_defaults(own, defaults),
                secret,
                self.places,
                defaults,
            )
            for secret in self.environment.secrets
        )

    @cached_property
    def service_secrets(self) -> tuple[ServiceSecretContext, ...]:
        """All secrets that AWS services own, by name."""
        entries = sorted(self.spec.service_secrets.items())
        return tuple(ServiceSecretContext(name, spec, self.places) for name, spec in entries)

    def knows(self, *path: str | int) -> bool:
        """Returns whether nothing was wrong with a value."""
        return self.places.knows(path)

    def knows_of_all_secrets(self, field: str) -> bool:
        """Returns whether nothing was wrong with a field of any secret, nor with a whole one."""
        return not any(
            (gap[0] == "secrets" and (len(gap) < 3 or gap[2] == field))  # noqa: PLR2004
            or (gap[0] == "defaults" and (len(gap) < 2 or gap[1] == field))  # noqa: PLR2004
            for gap in self.places.gaps
        )

    @property
    def knows_of_all_roles(self) -> bool:
        """Returns whether nothing was wrong with the readers and writers of any secret."""
        return all(map(self.knows_of_all_secrets, ROLE_FIELDS))

    @cached_property
    def guess(self) -> Callable[[str, Iterable[str]], str]:
        """Guesses which of some names was meant, within a limit for all guesses about a spec."""
        return Guesser().closest

    @cached_property
    def by_name(self) -> Mapping[str, SecretContext]:
        """The secrets, by name."""
        return {secret.name: secret for secret in self.secrets}

    def resolved_key(self, name: str, *, dedicated: bool) -> Key | None:
        """Returns a key of the environment: a shared one, or that of a secret's own."""
        return self._keys.get((name, dedicated))

    @cached_property
    def _keys(self) -> Mapping[tuple[str, bool], Key]:
        return {(key.name, key.dedicated): key for key in self.environment.keys}

    @cached_property
    def key_choices(self) -> Collection[str]:
        """What `kms_key` may say, but for ARNs."""
        return {**self.spec.keys, DEDICATED: None, AWS_MANAGED: None}.keys()

    @property
    def is_production(self) -> bool:
        """Whether the environment is named production: `production`, `prod-eu`, `eu-prod`."""
        parts = self.spec.environment.split("-")
        return parts[0] in _PRODUCTION or (parts[-1] in _PRODUCTION and parts[0] not in _NOT_YET)
