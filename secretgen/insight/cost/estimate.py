"""The monthly estimate, and how two of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from secretgen.insight.cost.prices import PriceTable
from secretgen.model.environment import Environment, Monitoring, Partition
from secretgen.model.secret import AWS_MANAGED

_BILLED_ROTATIONS = 2  # AWS KMS pricing: the first two rotations of a key add to its price
_METRICS_OF_AN_ANOMALY_ALARM = 3  # CloudWatch pricing: the metric and both bounds of its band
_FREE_EMAILS = 1_000
_CALLS_UNIT, _EMAILS_UNIT = 10_000, 100_000


class Section(StrEnum):
    """What a cost is for."""

    SECRETS = "Secrets and keys"
    ALARMS = "Alarms"
    STATE = "Terraform state"
    USE = "Use"


class Line(Struct, frozen=True):
    """One line of the estimate.

    Args:
        section: what it is for.
        item: what is billed.
        quantity: how many at most.
        price: name of its price in the table.
        low: monthly cost at least.
        high: monthly cost at most.
        note: what decides between the two; empty where nothing does.
    """

    section: Section
    item: str
    quantity: int
    price: str
    low: Decimal
    high: Decimal
    note: str = ""


class Range(Struct, frozen=True):
    """An amount that use decides: at least and at most."""

    low: Decimal
    high: Decimal


class Estimate(Struct, frozen=True):
    """What an environment costs in a month.

    Args:
        environment: its name.
        prices: the prices that it is worked out with.
        lines: in order; items with nothing to pay are left out.
        notes: what is not in it.
    """

    environment: str
    prices: PriceTable
    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    def total(self, section: Section | None = None) -> Range:
        """Adds up all lines, or those of a section."""
        lines = [line for line in self.lines if section in (None, line.section)]
        zero = Decimal(0)
        return Range(sum((x.low for x in lines), zero), sum((x.high for x in lines), zero))

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections that have lines."""
        return tuple(s for s in Section if any(line.section is s for line in self.lines))


def estimate(environment: Environment, prices: PriceTable) -> Estimate:
    """Works out what an environment costs in a month.

    Args:
        environment: the environment.
        prices: the price table.
    """
    lines = [
        *_secrets(environment, prices),
        *(_alarms(environment.monitoring, prices) if environment.monitoring else ()),
        *_state(prices),
        *_use(environment, prices),
    ]
    return Estimate(
        environment=environment.name,
        prices=prices,
        lines=tuple(line for line in lines if line.quantity),
        notes=tuple(_notes(environment)),
    )


def _fixed(section: Section, item: str, quantity: int, price: str, table: PriceTable) -> Line:
    cost = quantity * table.prices[price].amount
    return Line(section, item, quantity, price, cost, cost)


def _rotations(section: Section, item: str, keys: int, table: PriceTable) -> Line:
    quantity = keys * _BILLED_ROTATIONS
    high = quantity * table.prices["key_rotation"].amount
    note = "none at first; each key is billed for its first two rotations"
    return Line(section, item, quantity, "key_rotation", Decimal(0), high, note)


def _secrets(environment: Environment, prices: PriceTable) -> Iterator[Line]:
    section = Section.SECRETS
    keys = sum(len(key.regions) for key in environment.keys)
    yield _fixed(section, "Secrets", len(environment.secrets), "secret", prices)
    yield _fixed(section, "Replicas of secrets", _replicas(environment), "secret", prices)
    yield _fixed(section, "KMS keys", keys, "key", prices)
    yield _rotations(section, "Rotations of these keys", keys, prices)


def _replicas(environment: Environment) -> int:
    return sum(len(secret.replicas) for secret in environment.secrets)


def _alarms(monitoring: Monitoring, prices: PriceTable) -> Iterator[Line]:
    section = Section.ALARMS
    has_log = bool(monitoring.cloudtrail_log_group) or monitoring.cloudtrail
    denied = int(monitoring.unauthorized_access and has_log)
    usage = int(monitoring.kms_anomalies)
    keys = int(bool(monitoring.notify.email)) + int(monitoring.cloudtrail)
    watched = denied + usage * _METRICS_OF_AN_ANOMALY_ALARM
    yield _fixed(section, "Metrics that alarms watch", watched, "alarm_metric", prices)
    filters = denied + (usage if has_log else 0)
    yield _fixed(section, "Metrics of log filters", filters, "custom_metric", prices)
    yield _fixed(section, "KMS keys of topic and trail", keys, "key", prices)
    yield _rotations(section, "Rotations of the keys of topic and trail", keys, prices)
    billed = max(prices.emails - _FREE_EMAILS, 0)
    high = billed * prices.prices["email"].amount / _EMAILS_UNIT
    quantity = prices.emails if monitoring.notify.email else 0
    note = f"the first {_FREE_EMAILS:,} of the account are free"
    yield Line(section, "E-mails", quantity, "email", Decimal(0), high, note)


def _state(prices: PriceTable) -> Iterator[Line]:
    high = prices.prices["key"].amount
    note = "none if the state bucket existed before"
    yield Line(Section.STATE, "KMS key of the state", 1, "key", Decimal(0), high, note)
    yield _rotations(Section.STATE, "Rotations of the key of the state", 1, prices)


def _use(environment: Environment, prices: PriceTable) -> Iterator[Line]:
    copies = len(environment.secrets) + _replicas(environment)
    calls = copies * prices.calls_per_secret
    high = calls * prices.prices["api_calls"].amount / _CALLS_UNIT
    note = f"up to {prices.calls_per_secret:,} for each secret and replica"
    yield Line(Section.USE, "API calls", calls, "api_calls", Decimal(0), high, note)


def _notes(environment: Environment) -> Iterator[str]:
    if environment.aws.partition is not Partition.AWS or environment.aws.region != "us-east-1":
        yield f"Prices differ between Regions: check those of {environment.aws.region}."
    elsewhere = {
        arn
        for secret in environment.secrets
        for arn in (secret.kms_key, *(r.kms_key for r in secret.replicas))
        if arn and arn.startswith("arn:")
    }
    if elsewhere:
        yield f"Keys managed elsewhere are not included: {len(elsewhere)}."
    if any(secret.kms_key == AWS_MANAGED for secret in environment.secrets):
        yield "The AWS-managed key costs nothing."
    if environment.accounts:
        yield "Requests to KMS are billed to the account of the role that makes them."
    if any(secret.rotation for secret in environment.secrets):
        yield "Runs of rotation functions are usually within Lambda's free tier."
    if environment.monitoring and environment.monitoring.cloudtrail:
        yield "What the trail stores in S3 and CloudWatch Logs depends on the account's activity."
    yield "The state bucket and the lock table cost a few cents."


class Change(Struct, frozen=True):
    """How one line differs between two estimates; a line that one of them lacks is None."""

    section: Section
    item: str
    before: Line | None
    after: Line | None

    @property
    def difference(self) -> Range:
        """What it adds to the monthly cost."""
        before, after = (x or Range(Decimal(0), Decimal(0)) for x in (self.before, self.after))
        return Range(after.low - before.low, after.high - before.high)


class Comparison(Struct, frozen=True):
    """How two estimates differ.

    Args:
        before: the first.
        after: the second.
        changes: the lines that differ, in order.
    """

    before: Estimate
    after: Estimate
    changes: tuple[Change, ...]

    @property
    def difference(self) -> Range:
        """What all changes add to the monthly cost."""
        before, after = self.before.total(), self.after.total()
        return Range(after.low - before.low, after.high - before.high)


def compare(before: Environment | None, after: Environment, prices: PriceTable) -> Comparison:
    """Works out what a change of an environment, or a new one, does to the monthly cost."""
    second = estimate(after, prices)
    first = estimate(before, prices) if before else replace(second, lines=())
    left, right = _by_item(first), _by_item(second)
    order = {section: index for index, section in enumerate(Section)}
    items = sorted(dict.fromkeys([*left, *right]), key=lambda item: order[item[0]])
    return Comparison(
        first,
        second,
        tuple(
            Change(*item, left.get(item), right.get(item))
            for item in items
            if left.get(item) != right.get(item)
        ),
    )


def _by_item(estimated: Estimate) -> Mapping[tuple[Section, str], Line]:
    return {(line.section, line.item): line for line in estimated.lines}
