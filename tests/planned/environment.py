"""What is planned for an environment outside of its modules and alarms, and for all of it."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.model.environment import Environment
from secretgen.model.names import label, provider_alias, service_secret_rotation
from secretgen.model.notifications import reader_bus_arn
from secretgen.policy.alarms import events_trust_policy
from secretgen.policy.invocation import permissions
from secretgen.policy.notification_policies import (
    environment_notifications,
    exact_patterns,
    notifying_role_policy,
)
from tests.planned.bootstrap import bootstrap_resources
from tests.planned.compare import PROVIDER, Attributes, Resources, with_tags
from tests.planned.consumers import consumer_resources
from tests.planned.module import Expected
from tests.planned.monitoring import monitoring_resources
from tests.planned.trail import trail_resources
from tests.planned.unset import UNKNOWN


def roots(environment: Environment) -> dict[str, Resources]:
    """What is planned for each root module, by its folder below `environments`."""
    name = environment.name
    found = {name: with_tags(_environment_resources(environment), environment.tags)}
    if environment.backend.bootstrap:
        made = bootstrap_resources(environment)
        found[f"{name}/bootstrap"] = with_tags(made, environment.tags)
    for account in environment.accounts:
        if account.deployed_roles:
            made = consumer_resources(environment, account)
            found[f"{name}/consumers/{account.name}"] = with_tags(made, environment.tags)
    return found


def _environment_resources(environment: Environment) -> Iterator[tuple[str, Attributes]]:
    yield from Expected(environment).resources()
    yield from _permissions(environment)
    yield from _services(environment)
    yield from _notifications(environment)
    yield from monitoring_resources(environment)
    if environment.monitoring and environment.monitoring.cloudtrail:
        yield from trail_resources(environment)


def _permissions(environment: Environment) -> Iterator[tuple[str, Attributes]]:
    for permission in permissions(environment):
        yield (
            f"aws_lambda_permission.{permission.label}",
            {
                "statement_id": permission.statement_id,
                "action": "lambda:InvokeFunction",
                "function_name": permission.function_arn,
                "qualifier": permission.qualifier,
                "principal": "secretsmanager.amazonaws.com",
                "source_account": environment.aws.account_id,
                "source_arn": permission.source_arn,
            },
        )


def _services(environment: Environment) -> Iterator[tuple[str, Attributes]]:
    for secret in environment.service_secrets:
        rotation = secret.rotation
        yield (
            service_secret_rotation(secret.name),
            {
                "secret_id": secret.arn,
                "rotate_immediately": rotation.immediately,
                "rotation_rules": [{
                    "automatically_after_days": rotation.every_days,
                    "duration": rotation.duration,
                    "schedule_expression": rotation.schedule,
                }],
            },
        )  # fmt: skip


def _notifications(environment: Environment) -> Iterator[tuple[str, Attributes]]:
    """Yields what tells readers' accounts about new values."""
    aws, name = environment.aws, environment.name
    told = environment_notifications(environment)
    for one in told:
        alias = "" if one.region == aws.region else provider_alias(one.region)
        where = {PROVIDER: alias} if alias else {}
        block = f"notify_{alias}" if alias else "notify"
        for mark, pattern in exact_patterns(one.secrets).items():
            end = f"___{mark}" if mark else ""
            rule = f"{name}-secrets-to-{one.account_id}" + (f"-{mark}" if mark else "")
            yield (
                f"aws_cloudwatch_event_rule.{block}__{label(one.account)}{end}",
                {
                    "name": rule,
                    "description": f"New values of secrets that {one.account} reads",
                    "event_pattern": pattern,
                    **where,
                },
            )
            yield (
                f"aws_cloudwatch_event_target.{block}__{label(one.account)}{end}",
                {
                    "rule": rule,
                    "arn": reader_bus_arn(aws, name, one.account_id, one.region),
                    "role_arn": UNKNOWN,
                    **where,
                },
            )
    if told:
        role = f"{name}-secrets-readers"
        yield (
            "aws_iam_role.reader_events",
            {
                "name": role,
                "description": "Lets EventBridge notify readers about new values",
                "assume_role_policy": events_trust_policy(aws),
            },
        )
        yield (
            "aws_iam_role_policy.reader_events",
            {"name": "put-events", "role": role, "policy": notifying_role_policy(environment)},
        )
