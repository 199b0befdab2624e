"""An environment next to the account that it is applied in: which live thing is which of its."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from secretgen.access.policies import KeyPlace, key_in, regions_of
from secretgen.live.account import LiveAccount, LiveKey, LiveSecret
from secretgen.model.environment import Environment, Key, RegionalKey
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS, Secret, ServiceSecret


class Observed:
    """An environment and its account.

    Args:
        environment: the environment that the spec describes.
        account: what AWS says.
    """

    def __init__(self, environment: Environment, account: LiveAccount) -> None:
        self.environment = environment
        self.account = account
        self.region = environment.aws.region

    @cached_property
    def _by_name(self) -> dict[str, LiveSecret]:
        return {secret.name: secret for secret in self.account.secrets}

    def secret(self, name: str) -> LiveSecret | None:
        """Returns a secret in AWS, also one that is pending deletion; None for none."""
        return self._by_name.get(name)

    def service_secret(self, service: ServiceSecret) -> LiveSecret | None:
        """Returns the secret of an AWS service; None for none."""
        return next((s for s in self.account.secrets if s.arn == service.arn), None)

    @property
    def present(self) -> Iterator[tuple[Secret, LiveSecret]]:
        """The secrets of the spec that AWS has, describes and is not about to delete."""
        for secret in self.environment.secrets:
            live = self.secret(secret.name)
            if live and live.is_described and not live.deleted:
                yield secret, live

    @property
    def present_services(self) -> Iterator[tuple[ServiceSecret, LiveSecret]]:
        """The secrets of AWS services that AWS has, describes and is not about to delete."""
        for service in self.environment.service_secrets:
            live = self.service_secret(service)
            if live and live.is_described and not live.deleted:
                yield service, live

    @property
    def undescribed(self) -> Iterator[str]:
        """The secrets of the spec of which the source has no more than name and policy."""
        for secret in self.environment.secrets:
            live = self.secret(secret.name)
            if live and not live.is_described:
                yield secret.name

    @cached_property
    def keys(self) -> dict[KeyPlace, tuple[Key, RegionalKey]]:
        """The keys of the environment, each in each of its Regions."""
        return {
            KeyPlace(key.name, dedicated=key.dedicated, region=regional.region): (key, regional)
            for key in self.environment.keys
            for regional in key.regions
        }

    def key_with_alias(self, place: KeyPlace) -> LiveKey | None:
        """Returns the key that has the alias of a key of the environment; None for none."""
        return self.account.key(self.keys[place][0].alias, place.region)

    def key(self, place: KeyPlace) -> LiveKey | None:
        """Returns a key of the environment: by its alias, or else as its secrets use it."""
        return self.key_with_alias(place) or self._in_use.get(place)

    @cached_property
    def _in_use(self) -> dict[KeyPlace, LiveKey]:
        """Keys of the environment as secrets use them, for those that have lost their alias."""
        found: dict[KeyPlace, LiveKey] = {}
        taken = {key.arn for place in self.keys if (key := self.key_with_alias(place))}
        for place, name in self._uses:
            key = self.account.key(name, place.region)
            if key and not key.is_aws_managed and key.arn not in taken:
                found.setdefault(place, key)
        return found

    @property
    def _uses(self) -> Iterator[tuple[KeyPlace, str]]:
        for secret, live in self.present:
            for region in regions_of(self.environment, secret):
                place, name = key_in(secret, region), live_key_name(live, region)
                if isinstance(place, KeyPlace) and place in self.keys and name:
                    yield place, name

    def is_same_key(self, name: str, other: str, region: str) -> bool:
        """Returns whether two names (ARN, id, alias) are of one key in a Region."""
        one, two = self.account.key(name, region), self.account.key(other, region)
        if one and two:
            return one.arn == two.arn
        return name == other or name == other.rpartition("/")[2] or other == name.rpartition("/")[2]

    def is_aws_managed(self, name: str, region: str) -> bool:
        """Returns whether a name is of the key that AWS manages for Secrets Manager."""
        key = self.account.key(name, region)
        is_alias = name.endswith(AWS_MANAGED_ALIAS)  # also as an ARN
        return not name or is_alias or bool(key and key.is_aws_managed)

    @property
    def kept_keys(self) -> dict[tuple[str, str], str]:
        """The keys created elsewhere that secrets use: by ARN and Region the first such secret."""
        found: dict[tuple[str, str], str] = {}
        for secret in self.environment.secrets:
            for region in regions_of(self.environment, secret):
                key = key_in(secret, region)
                if isinstance(key, str) and key != AWS_MANAGED:
                    found.setdefault((key, region), secret.name)
        return found


def live_key_name(live: LiveSecret, region: str) -> str:
    """Returns what AWS calls the key of a secret, or of its replica; empty for AWS's own."""
    if region == live.region:
        return live.kms_key
    return next((r.kms_key for r in live.replicas if r.region == region), "")
