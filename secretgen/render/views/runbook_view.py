"""View of an environment's README: what is in it, and what to do with it."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from msgspec import Struct

from secretgen.insight.cost.cost_formats import estimate_rows, span
from secretgen.insight.cost.estimate import estimate
from secretgen.insight.cost.prices import default_prices
from secretgen.model.environment import Account, Environment
from secretgen.model.layout import Layout
from secretgen.model.names import secret_module
from secretgen.model.secret import Source
from secretgen.policy.alarms import existing_topic_key_statements, existing_topic_statements
from secretgen.policy.deployment.deployment_roles import deployment_policies
from secretgen.policy.protection import destroyer_name
from secretgen.policy.state_policies import state_policy
from secretgen.policy.trail import watched_log_group
from secretgen.render.views.consumers_view import CallView, consumer_view
from secretgen.render.views.readme_tables_view import (
    ApplyView,
    CheckView,
    GroupView,
    ResponseView,
    ServiceSecretRow,
    apply_views,
    check_views,
    group_views,
    response_views,
    service_secret_rows,
)
from secretgen.render.views.rotation_view import rotation_views
from secretgen.render.views.secrets_view import variable_views


class ReplicaView(Struct, frozen=True):
    """A replica, as its own account names it."""

    name: str
    region: str


class ReaderView(Struct, frozen=True):
    """A reader's account, its roles and what they read."""

    name: str
    id: str
    roles: tuple[str, ...]
    reads: tuple[CallView, ...]


class CostLine(Struct, frozen=True):
    """One line of the estimate."""

    item: str
    quantity: str
    price: str
    amount: str


class CostView(Struct, frozen=True):
    """The monthly estimate."""

    total: str
    currency: str
    lines: tuple[CostLine, ...]
    notes: tuple[str, ...]


class DeployerView(Struct, frozen=True):
    """A role that runs Terraform, and the policies to attach to it."""

    purpose: str
    policies: tuple[str, ...]


class TopicView(Struct, frozen=True):
    """An existing topic, and the statements of its policy and of that of its key, as JSON."""

    arn: str
    statements: str
    key_statements: str


class RunbookView(Struct, frozen=True):
    """All that the README says."""

    name: str
    description: str
    account_id: str
    region: str
    organization_id: str | None
    replica_regions: tuple[str, ...]
    groups: tuple[GroupView, ...]
    bucket: str
    state_region: str
    lock_table: str | None
    state_key: str | None
    state_policy: str | None
    functions: tuple[str, ...]
    service_secrets: tuple[ServiceSecretRow, ...]
    trail_log_group: str | None
    variables: tuple[str, ...]
    external: tuple[str, ...]
    tested_too_early: tuple[str, ...]
    deployers: tuple[DeployerView, ...]
    policies: tuple[str, ...]
    apply_policies: tuple[str, ...]
    policy_prefix: str
    policy_arn: str
    destroyer: str
    writes_roles: bool
    emails: tuple[str, ...]
    applies: tuple[ApplyView, ...]
    accounts: tuple[ReaderView, ...]
    replicated: tuple[ReplicaView, ...]
    example: str
    address: str
    responses: tuple[ResponseView, ...]
    rotation_logs: tuple[str, ...]
    trail_log: str | None
    needs_trail: bool
    sees_reads: bool
    topic: TopicView | None
    cost: CostView
    checks: tuple[CheckView, ...]
    module: str


def runbook_view(environment: Environment, layout: Layout) -> RunbookView:
    """Makes the view."""
    secrets, monitoring = environment.secrets, environment.monitoring
    example = next((s.name for s in secrets if s.rotation), secrets[0].name)
    documents = deployment_policies(environment)
    policies = [name for name in documents if name != "guard"]
    roles = {purpose: _policies_of(role, policies) for role, purpose in _DEPLOYERS.items()}
    prefix = f"{environment.name}-secrets-"
    functions = {s.rotation.lambda_arn for s in secrets if s.rotation and s.rotation.lambda_arn}
    return RunbookView(
        name=environment.name,
        description=environment.description,
        account_id=environment.aws.account_id,
        region=environment.aws.region,
        organization_id=environment.aws.organization_id,
        replica_regions=environment.replica_regions,
        groups=group_views(environment),
        bucket=environment.backend.bucket,
        state_region=environment.backend.region,
        lock_table=environment.backend.dynamodb_table,
        state_key=environment.backend.kms_key_id,
        state_policy=None if environment.backend.bootstrap else _json(state_policy(environment)),
        functions=tuple(sorted(functions)),
        service_secrets=service_secret_rows(environment),
        trail_log_group=monitoring.cloudtrail_log_group if monitoring else None,
        variables=tuple(v.name for v in variable_views(environment)),
        external=tuple(s.name for s in secrets if s.value.source is Source.EXTERNAL),
        tested_too_early=tuple(
            s.name for s in secrets if s.value.source is Source.EXTERNAL and s.rotation
        ),
        deployers=tuple(DeployerView(purpose, names) for purpose, names in roles.items()),
        policies=tuple(policies),
        apply_policies=_policies_of("apply", policies),
        policy_prefix=prefix,
        policy_arn=(environment.aws.arn("iam", f"policy/{prefix}", "")),
        destroyer=destroyer_name(environment.name),
        writes_roles=any("iam:PutRolePolicy" in text for text in map(str, documents.values())),
        emails=monitoring.notify.email if monitoring else (),
        applies=apply_views(environment),
        accounts=tuple(_reader(environment, account) for account in environment.accounts),
        replicated=tuple(ReplicaView(s.name, r.region) for s in secrets for r in s.replicas),
        example=example,
        address=f"module.{secret_module(example)}.aws_secretsmanager_secret.this",
        responses=response_views(environment, layout),
        rotation_logs=_rotation_logs(environment, layout),
        trail_log=watched_log_group(environment),
        needs_trail=bool(monitoring and monitoring.needs_trail and not monitoring.cloudtrail),
        sees_reads=bool(monitoring and monitoring.reads),
        topic=_topic(environment),
        cost=_cost(environment),
        checks=check_views(environment, layout),
        module=layout.module_source,
    )


def _topic(environment: Environment) -> TopicView | None:
    arn = environment.monitoring.notify.sns_topic_arn if environment.monitoring else None
    if arn is None:
        return None
    return TopicView(
        arn,
        _json(existing_topic_statements(environment)),
        _json(existing_topic_key_statements(environment)),
    )


def _json(document: Any) -> str:
    """Writes a policy or its statements as JSON for a code block, which no text in it ends."""
    return json.dumps(document, indent=2).replace("`", "\\u0060")


_DEPLOYERS = {
    "apply": "Plan and apply, every day",
    "plan": "Plan only, as for pull requests",
    "destroy": "Apply, destroy or unprotect what is protected, and let replicas overwrite secrets",
}
"""What each role is for."""


def _policies_of(role: str, policies: list[str]) -> tuple[str, ...]:
    """Lists the policies of a role: its own, and those of the parts of the environment."""
    parts = "plan-" if role == "plan" else "apply-"
    return tuple(name for name in policies if name == role or name.startswith(parts))


def _rotation_logs(environment: Environment, layout: Layout) -> tuple[str, ...]:
    """Lists the log groups of the rotation functions, which Lambda names after them."""
    rotations = [s.rotation for s in environment.secrets if s.rotation]
    named = {r.lambda_arn.split(":")[_FUNCTION_NAME] for r in rotations if r.lambda_arn}
    deployed = {view.name for view in rotation_views(environment, layout)}
    return tuple(f"/aws/lambda/{name}" for name in sorted(named | deployed))


_FUNCTION_NAME = 6  # the part of a function's ARN


def _reader(environment: Environment, account: Account) -> ReaderView:
    consumer = consumer_view(environment, account)
    reads = [
        *(role.reads for role in consumer.roles),
        *(permission_set.reads for permission_set in consumer.permission_sets),
    ]
    return ReaderView(
        name=account.name,
        id=account.id,
        roles=tuple(role.name for role in account.roles),
        reads=tuple(dict.fromkeys(chain.from_iterable(reads))),
    )


def _cost(environment: Environment) -> CostView:
    estimated = estimate(environment, default_prices())
    return CostView(
        total=f"{estimated.prices.currency} {span(estimated.total())}",
        currency=estimated.prices.currency,
        lines=tuple(
            CostLine(item, quantity, f"{price} per {per}", amount)
            for item, quantity, price, per, amount in estimate_rows(estimated)
        ),
        notes=estimated.notes,
    )
