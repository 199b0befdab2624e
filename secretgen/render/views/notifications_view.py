"""Views of what tells readers' accounts about new values, in both accounts."""

from __future__ import annotations

from msgspec import Struct

from secretgen.hcl.encode import Expression, reference
from secretgen.model.environment import Account, Environment
from secretgen.model.names import label, provider_alias
from secretgen.model.notifications import (
    Notification,
    environment_notifications,
    new_value_rule,
    notifying_role,
    notifying_rule,
    reader_bus,
    reader_bus_arn,
)
from secretgen.policy.alarms import events_trust_policy
from secretgen.policy.documents import Document
from secretgen.policy.events import Pattern, any_new_value
from secretgen.policy.notification_policies import (
    exact_patterns,
    notifying_role_policy,
    reader_bus_policy,
)


class NotifyingRuleView(Struct, frozen=True):
    """A rule that sends new values of some secrets to a reader's account, and its target.

    Args:
        provider: provider of a replica Region; None for the primary Region.
        bus_arn: ARN of the bus of the reader's account.
    """

    label: str
    name: str
    description: str
    event_pattern: Pattern
    bus_arn: str
    provider: Expression | None


class NotificationsView(Struct, frozen=True):
    """Notifications of readers' accounts about new values: the rules, and the role that sends."""

    role: str
    trust_policy: Document
    role_policy: Document
    rules: tuple[NotifyingRuleView, ...]


class ReaderBusView(Struct, frozen=True):
    """The bus and the rule of a reader's account in one Region.

    Args:
        alias: alias of the provider of a replica Region; None for the primary Region.
    """

    label: str
    region: str
    alias: str | None
    provider: Expression | None
    name: str
    policy: Document
    rule: str
    event_pattern: Pattern
    secrets: tuple[str, ...]


def notifications_view(environment: Environment) -> NotificationsView | None:
    """Makes the view for the environment; None where nobody is notified."""
    found = environment_notifications(environment)
    if not found:
        return None
    return NotificationsView(
        role=notifying_role(environment.name),
        trust_policy=events_trust_policy(environment.aws),
        role_policy=notifying_role_policy(environment),
        rules=tuple(rule for one in found for rule in _rules(environment, one)),
    )


def _rules(environment: Environment, notification: Notification) -> list[NotifyingRuleView]:
    alias = _alias(environment, notification)
    place = f"_{alias}" if alias else ""
    return [
        NotifyingRuleView(
            label="___".join(filter(None, (f"notify{place}__{label(notification.account)}", mark))),
            name=notifying_rule(environment.name, notification.account_id, mark),
            description=f"New values of secrets that {notification.account} reads",
            event_pattern=pattern,
            bus_arn=reader_bus_arn(
                environment.aws, environment.name, notification.account_id, notification.region
            ),
            provider=reference("aws", alias) if alias else None,
        )
        for mark, pattern in exact_patterns(notification.secrets).items()
    ]


def _alias(environment: Environment, notification: Notification) -> str | None:
    return (
        None
        if notification.region == environment.aws.region
        else provider_alias(notification.region)
    )


def reader_bus_views(environment: Environment, account: Account) -> tuple[ReaderBusView, ...]:
    """Makes the views for an account of readers, the primary Region first; none without events."""
    found = [n for n in environment_notifications(environment) if n.account == account.name]
    found.sort(key=lambda n: (n.region != environment.aws.region, n.region))
    return tuple(
        ReaderBusView(
            label="_".join(filter(None, ("new_values", alias))),
            region=one.region,
            alias=alias,
            provider=reference("aws", alias) if alias else None,
            name=reader_bus(environment.name),
            policy=reader_bus_policy(environment, one),
            rule=new_value_rule(environment.name),
            event_pattern=any_new_value(),
            secrets=one.secrets,
        )
        for one in found
        for alias in [_alias(environment, one)]
    )
