"""What a plan moves or destroys that no environment renders, or empties; what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secretgen.model.changes import KEY, POLICY, ROTATION, SECRET
from secretgen.model.changes import Kind as Subjects
from secretgen.plan.document import PlanDocument, ResourceChange, without_instances
from secretgen.plan.expected import ExpectedPlan
from secretgen.plan.owners import Owners
from secretgen.plan.plan_comparison import Deviation, Kind, gives_access
from secretgen.plan.secret_values import keys_of

OF_MODULES = re.compile(
    r"aws_(kms_(alias|key)|secretsmanager_secret(_(policy|rotation|version))?"
    r"|serverlessapplicationrepository_cloudformation_stack)\.this"
)
OF_READERS = re.compile(
    r"aws_(cloudwatch_event_(bus|bus_policy|rule)|iam_(instance_profile|role|role_policy))\..+"
    r"|aws_iam_(policy|role_policy_attachment)\.(.+_secrets|.+_part_.+)"
)
OF_ROOTS = re.compile(
    r"aws_(cloudtrail|cloudwatch_log_group)\.trail|aws_cloudwatch_event_bus\.replicas"
    r"|aws_cloudwatch_event_(rule|target)\.([a-z]+_(changed|failed|read|rotated|tagged|written)"
    r"(_\w+)?|notify(_\w+)?__\w+)|aws_cloudwatch_log_metric_filter\.(access_denied|decrypted)"
    r"|aws_cloudwatch_metric_alarm\.(access_denied|unusual_decryption)|aws_dynamodb_table\.lock"
    r"|aws_iam_policy\.state|aws_iam_role(_policy)?\.(trail|(reader|replica|topic)_events)"
    r"|aws_kms_(alias|key)\.(alarms|state|trail)|aws_lambda_permission\..+__.+"
    r"|aws_s3_bucket(_(lifecycle_configuration|logging|notification|ownership_controls|policy"
    r"|public_access_block|server_side_encryption_configuration|versioning))?"
    r"\.(access_logs|state|trail|trail_log)|aws_secretsmanager_secret_rotation\..+"
    r"|aws_sns_topic(_policy|_subscription)?\.(alarms|trail)"
)
"""Types that templates render, with their labels: in modules, in the root modules of readers'
accounts, and in the other root modules."""

_KEY = re.compile(r'\["([A-Za-z_-][A-Za-z0-9_-]*)"\]')
"""An instance whose key is an identifier."""

_WITH_OWN_RULE = frozenset({KEY, SECRET})
_STORES = frozenset({"aws_cloudwatch_log_group", "aws_dynamodb_table", "aws_s3_bucket"})
"""Types that hold data. One that is created again is empty."""

_LEAVING = {None: "is not in the plan", False: "would be destroyed", True: "would leave the state"}


def unrendered(plan: PlanDocument, expected: ExpectedPlan, owners: Owners) -> Iterator[Deviation]:
    """Yields what a plan lacks of the rendered resources, and what of others it takes away.

    Args:
        plan: the plan.
        expected: the root module as rendered.
        owners: finds what an address belongs to.
    """
    yield from _missing(plan, expected)
    yield from _elsewhere(plan, expected)
    yield from _moved(plan, expected)
    yield from _destroyed(plan, owners)
    yield from _forgotten(plan, expected, owners)


def _missing(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    """Yields what the root module as rendered has, and a plan that shows everything has not."""
    current = [change for change in plan.changes if not change.deposed]
    stay = {change.address for change in current if change.after is not None}
    leaving = {change.address: change.forgotten for change in current}
    for address in sorted(expected.resources.keys() - stay) if plan.whole else ():
        is_access = gives_access(expected.resources[address].block.type, ())
        kind = Kind.ACCESS if is_access else Kind.NOT_RENDERED
        yield Deviation(kind, address, "", f"is rendered, but {_LEAVING[leaving.get(address)]}")


def _elsewhere(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    """Yields what is in another account or Region than its provider is rendered for."""
    allowed = {
        name: [str(id_) for id_ in expected.provider(name).get("allowed_account_ids", ())]
        for name in expected.root.providers
    }
    for change in plan.changes:
        resource = expected.resources.get(change.address)
        if resource is None or "arn" in resource.values:  # of something else
            continue
        arn = (change.after or {}).get("arn")
        _, _, _, region, account, *_ = f"{arn or ''}:::::".split(":")  # some ARNs name neither
        accounts = allowed.get(resource.provider, [])
        if region not in ("", resource.region) or (account.isdigit() and account not in accounts):
            place = " in ".join(filter(None, (f"account {account}", region)))
            its = f"{' or '.join(accounts)} in {resource.region}"
            what = f"is in {place}, and its provider is for {its}"
            yield Deviation(Kind.ELSEWHERE, change.address, "", what)


def _destroyed(plan: PlanDocument, owners: Owners) -> Iterator[Deviation]:
    """Yields what would be destroyed although it stays, or was not rendered from a spec."""
    secrets = [c for c in plan.changes if c.type == SECRET]
    users: dict[str, list[str]] = {}
    for after in (c.after for c in secrets if c.after is not None):
        for key in keys_of(after):
            users.setdefault(str(key), []).append(str(after.get("name")))
    lost = {c.module for c in plan.lost if c.type == SECRET}
    stay = {c.module for c in secrets if c.after is not None or c.forgotten} - lost
    emptied = {c.address for c in plan.lost if c.type in _STORES}
    for change in plan.changes:
        if change.created and change.address in emptied:
            what = "was deleted in AWS, and would be created again without its content"
            yield Deviation(Kind.NOT_RENDERED, change.address, "", what)
        if change.mode != "managed" or "delete" not in change.actions:
            continue
        arn = (change.before or {}).get("arn") if change.type == KEY else None
        for name in sorted(users.get(str(arn), [])) if arn else ():
            what = f"would be destroyed, but secret {name} stays encrypted with it"
            yield Deviation(Kind.ACCESS, change.address, "", what)
        if change.type == POLICY and change.module in stay:
            what = "would be destroyed, but its secret stays"
            yield Deviation(Kind.ACCESS, change.address, "", what)
        if change.type in _STORES and change.replaced:
            what = "would be destroyed, and created again without its content"
            yield Deviation(Kind.NOT_RENDERED, change.address, "", what)
        if change.type not in _WITH_OWN_RULE and not is_of_template(change, owners):
            what = "would be destroyed, and is not rendered from a spec"
            yield Deviation(Kind.DESTROYED, change.address, "", what)


def is_of_template(change: ResourceChange, owners: Owners) -> bool:
    """Returns whether a template renders such a resource: type, label and module.

    Args:
        change: the change of the resource.
        owners: finds what an address belongs to.
    """
    if change.module:
        found = OF_MODULES if owners.knows(change.address) else None
    else:
        is_reader = owners.of(change.address).subject.kind is Subjects.ACCOUNTS
        found = OF_READERS if is_reader else OF_ROOTS
    return found is not None and found.fullmatch(f"{change.type}.{change.name}") is not None


def _moved(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    """Yields what would have another address without a rendered `moved` block."""
    for change in plan.changes:
        address = change.previous_address
        targets = (_targets(form, expected.moves) for form in _forms(address))
        if address and not any(change.block in found for found in targets):
            what = f"was {address}: that move is not rendered from the spec"
            yield Deviation(Kind.NOT_RENDERED, change.address, "", what)


def _forgotten(plan: PlanDocument, expected: ExpectedPlan, owners: Owners) -> Iterator[Deviation]:
    """Yields what would leave the state without a rendered `removed` block."""
    removed = tuple(f"{address}." for address in expected.root.removed)
    for change in plan.changes:
        # What a secret or a key takes along is reported with it.
        is_own = owners.knows(change.address) if change.module else change.type == ROTATION
        is_rendered = any(f"{form}.".startswith(removed) for form in _forms(change.address))
        if change.forgotten and not is_own and not is_rendered:
            what = "would leave the state, and no rendered `removed` block says so"
            yield Deviation(Kind.NOT_RENDERED, change.address, "", what)


def _forms(address: str) -> set[str]:
    """Returns how an address may stand in rendered HCL, where `a["b"]` is read as `a.b`."""
    return {without_instances(form) for form in (address, _KEY.sub(r".\1", address))}


def _targets(address: str, moves: tuple[tuple[str, str], ...]) -> set[str]:
    """Returns all addresses that something may have after some moves, and its own."""
    found, waiting = set[str](), [address]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            for source, to in moves:
                if current == source or current.startswith(f"{source}."):
                    waiting.append(to + current.removeprefix(source))
    return found
