"""Which accounts are told about new values: derived from the secrets and from who reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

from secretgen.model.environment import Account, Aws, Environment


class Notification(Struct, frozen=True, order=True):
    """What one account is told in one Region: that these secrets have new values.

    Args:
        account: the spec's name for the account.
        account_id: 12 digits.
        region: where the event happens, and where the account gets it.
        secrets: names of the secrets, sorted.
    """

    account: str
    account_id: str
    region: str
    secrets: tuple[str, ...]


def notifications(
    aws: Aws, accounts: Iterable[Account], notified: Iterable[str]
) -> tuple[Notification, ...]:
    """Lists what is told to whom, sorted.

    The account of the secrets gets the events by itself; one that only permission sets read from
    has no root module, and no bus.

    Args:
        aws: the account of the secrets.
        accounts: the accounts that read.
        notified: names of the secrets with `notify_readers`.
    """
    names = set(notified)
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for account in accounts:
        if account.id == aws.account_id:
            continue
        for role in account.deployed_roles:
            for read in role.reads:
                if read.secret in names:
                    found[account.name, account.id, read.region].add(read.secret)
    return tuple(Notification(*place, tuple(sorted(n))) for place, n in sorted(found.items()))


def environment_notifications(environment: Environment) -> tuple[Notification, ...]:
    """Lists what an environment tells to whom."""
    named = (secret.name for secret in environment.secrets if secret.notify_readers)
    return notifications(environment.aws, environment.accounts, named)


def reader_bus(environment: str) -> str:
    """Name of the event bus that an environment sends to in readers' accounts."""
    return f"{environment}-secrets"


def reader_bus_arn(aws: Aws, environment: str, account_id: str, region: str) -> str:
    """ARN of that bus in one account and Region."""
    bus = reader_bus(environment)
    return f"arn:{aws.partition}:events:{region}:{account_id}:event-bus/{bus}"


def notifying_role(environment: str) -> str:
    """Name of the role by which EventBridge reaches these buses."""
    return f"{environment}-secrets-readers"


def notifying_rule(environment: str, account_id: str, mark: str) -> str:
    """Name of a rule that sends to one account; `mark` tells several apart."""
    return "-".join(filter(None, (f"{environment}-secrets-to", account_id, mark)))


def new_value_rule(environment: str) -> str:
    """Name of the rule in readers' accounts that targets are attached to."""
    return f"{environment}-secrets-new-value"
