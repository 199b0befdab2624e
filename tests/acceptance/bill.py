"""What a run creates at most, and what that costs."""

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from secretgen.insight.cost.prices import default_prices
from tests.acceptance.year import Year

HOURS_OF_A_MONTH = 730
CENT = Decimal("0.01")
# Requests to Secrets Manager, KMS and S3, metrics and alarms for some hours: more than a run makes.
REQUESTS = Decimal("0.50")


@dataclass(frozen=True)
class Bill:
    """What a run creates at most.

    Attributes:
        secrets: how many, replicas included.
        keys: how many KMS keys.
        hours: how long the run may take.
    """

    secrets: int
    keys: int
    hours: int

    @property
    def month(self) -> Decimal:
        """USD a month, if all of it stayed."""
        prices = default_prices().prices
        return self.secrets * prices["secret"].amount + self.keys * prices["key"].amount

    @property
    def most(self) -> Decimal:
        """USD for one run at most: AWS bills secrets and keys by the hour."""
        hourly = self.month / HOURS_OF_A_MONTH
        return (hourly * self.hours + REQUESTS).quantize(CENT, ROUND_UP)


def bill_for(year: Year, *, hours: int, has_services: bool) -> Bill:
    """Adds up what the first spec and each step create, and what they create again."""
    secrets: set[tuple[str, str]] = set()
    keys: set[tuple[str, str]] = set()
    created = [0, 0]
    for environment in year.applied(has_services=has_services):
        home = environment.aws.region
        there = {(s.name, r) for s in environment.secrets
                 for r in (home, *(replica.region for replica in s.replicas))}  # fmt: skip
        used = {(k.alias, regional.region) for k in environment.keys for regional in k.regions}
        if environment.monitoring:
            used.add(("the topic of the alarms", home))
        created = [created[0] + len(there - secrets), created[1] + len(used - keys)]
        secrets, keys = there, used
    return Bill(*created, hours)
