"""What is planned for the root module of a reader's account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from secretgen.model.environment import Account, Environment, Role
from secretgen.model.names import label, provider_alias
from secretgen.model.notifications import Notification
from secretgen.policy.events import any_new_value
from secretgen.policy.notification_policies import environment_notifications, reader_bus_policy
from secretgen.policy.role_policies import role_policies
from secretgen.policy.trust_policies import trust_policy
from tests.planned.compare import PROVIDER, Attributes


def consumer_resources(
    environment: Environment, account: Account
) -> Iterator[tuple[str, Attributes]]:
    """Yields the resources of one account: its roles with their policies, its event buses."""
    for role in account.deployed_roles:
        yield from _role(environment, account, role)
    for told in environment_notifications(environment):
        if told.account == account.name:
            yield from _bus(environment, told)


def _role(
    environment: Environment, account: Account, role: Role
) -> Iterator[tuple[str, Attributes]]:
    *folders, name = role.name.split("/")
    path = "".join(f"/{folder}" for folder in folders) + "/"
    does = " and ".join([*["reads"] * bool(role.reads), *["writes"] * bool(role.writes)])
    of_role: dict[str, Any] = {
        "path": path,
        "description": f"{does.capitalize()} secrets of {environment.name} in account"
        f" {environment.aws.account_id}",
    }
    mark = label(role.name)
    if role.trust:
        yield f"aws_iam_role.{mark}", {
            **of_role,
            "name": name,
            "permissions_boundary": role.permissions_boundary,
            "assume_role_policy": trust_policy(environment.aws.partition, account, role),
        }  # fmt: skip
        if any(service.startswith("ec2.") for service in role.trust.service):
            yield (
                f"aws_iam_instance_profile.{mark}",
                {"name": name, "path": path, "role": name},
            )
    policies = role_policies(environment, role)
    if policies.inline:
        yield (
            f"aws_iam_role_policy.{mark}",
            {"name": f"{environment.name}-secrets", "role": name, "policy": policies.inline},
        )
    for part, document in policies.managed.items():
        block = f"{mark}_part_{part}" if part else f"{mark}_secrets"
        end = f"-{part}" if part else ""
        yield f"aws_iam_policy.{block}", {
            **of_role,
            "name": f"{name}-{environment.name}-secrets{end}",
            "policy": document,
        }  # fmt: skip
        yield f"aws_iam_role_policy_attachment.{block}", {"role": name}


def _bus(environment: Environment, told: Notification) -> Iterator[tuple[str, Attributes]]:
    alias = "" if told.region == environment.aws.region else provider_alias(told.region)
    mark = f"new_values_{alias}" if alias else "new_values"
    where = {PROVIDER: alias} if alias else {}
    bus = f"{environment.name}-secrets"
    yield f"aws_cloudwatch_event_bus.{mark}", {"name": bus, **where}
    yield f"aws_cloudwatch_event_bus_policy.{mark}", {
        "event_bus_name": bus,
        "policy": reader_bus_policy(environment, told),
        **where,
    }  # fmt: skip
    yield f"aws_cloudwatch_event_rule.{mark}", {
        "name": f"{bus}-new-value",
        "description": "A secret that this account reads has a new value",
        "event_bus_name": bus,
        "event_pattern": any_new_value(),
        **where,
    }  # fmt: skip
