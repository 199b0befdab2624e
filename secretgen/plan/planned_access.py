"""The policies of real plans: what `terraform show -json` says will be deployed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from secretgen.access.access_findings import Finding, Kind
from secretgen.access.access_report import access_report
from secretgen.access.policies import KeyPlace, Policies, rendered_policies, secret_title
from secretgen.change.hazards import ACCESS_OPENED, INCOMPLETE, NOT_RENDERED, UNKNOWN_ACCESS
from secretgen.errors import UsageError
from secretgen.model.changes import KEY, POLICY
from secretgen.model.environment import Environment
from secretgen.model.names import key_modules, secret_module
from secretgen.plan.document import PlanDocument
from secretgen.plan.judge import is_plan_of, judge
from secretgen.plan.planned_policies import after_of, identity_policies, planned_policy
from secretgen.plan.reading import expecting_the_providers_types, read_plan
from secretgen.plan.rendered import PlannedRoot, RenderedFiles, planned_roots, root_named
from secretgen.policy.parse import Policy

_ABOUT_ACCESS = (ACCESS_OPENED, INCOMPLETE, NOT_RENDERED, UNKNOWN_ACCESS)


class Plan(Struct, frozen=True):
    """A plan as `terraform show -json` prints it.

    Args:
        title: name of its file, for messages.
        text: the JSON.
        root: the root module that it is of: `environment`, `consumers/<account>`, or the name of
            an account; empty where the plan itself tells.
    """

    title: str
    text: str
    root: str = ""


class PlannedPolicies(Struct, frozen=True):
    """The policies of plans, and what in the plans is not rendered from the spec."""

    policies: Policies
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


class _Collected(Struct):
    titles: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, Policy] = field(default_factory=dict)
    keys: dict[KeyPlace, Policy] = field(default_factory=dict)
    roles: dict[str, Policy] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    has_environment: bool = False


def planned_policies(
    environment: Environment, plans: Sequence[Plan], files: RenderedFiles, folder: str
) -> PlannedPolicies:
    """Collects the policies of plans.

    Args:
        environment: the environment that the spec describes.
        plans: the environment's own plan, and those of its readers' accounts.
        files: the files as rendered from the spec.
        folder: folder of the environment, relative to the root of the project.

    Returns:
        The policies. Where no plan was given, they are the spec's, and a note says so.

    Raises:
        UnreadablePlanError: a text is not the JSON of a plan.
        UsageError: a plan has nothing to do with the environment.
    """
    found = _Collected()
    for plan in plans:
        with expecting_the_providers_types(plan.title):
            _add(plan, environment, files, folder, found)
    return _completed(environment, found)


def _add(
    plan: Plan, environment: Environment, files: RenderedFiles, folder: str, found: _Collected
) -> None:
    document = read_plan(plan.title, plan.text)
    root = _root_of(plan, document, environment, files, folder)
    found.findings += _beyond(document, root, environment, files)
    if root.account:
        account = next(a for a in environment.accounts if a.name == root.account)
        found.roles |= identity_policies(environment, account, document, after_of, found.findings)
    elif root.folder == folder:
        found.has_environment = True
        _collect(environment, document, found)


def _root_of(
    plan: Plan,
    document: PlanDocument,
    environment: Environment,
    files: RenderedFiles,
    folder: str,
) -> PlannedRoot:
    """Finds the root module of a plan: as named, or the only one that it can be of."""
    accounts = {account.name: f"consumers/{account.name}" for account in environment.accounts}
    if plan.root:
        return root_named(environment, folder, accounts.get(plan.root, plan.root))
    found = [
        root for root in planned_roots(environment, folder) if is_plan_of(document, root, files)
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(root.name for root in planned_roots(environment, folder))
    problem = "could belong to several root modules" if found else "is not a plan"
    raise UsageError(
        f"{plan.title} {problem} of {environment.name}",
        f"Write --plan NAME={plan.title}, with one of {names}.",
    )


def _beyond(
    document: PlanDocument, root: PlannedRoot, environment: Environment, files: RenderedFiles
) -> Iterator[Finding]:
    """Yields what a plan holds beyond the spec, but for the settings of its providers."""
    for seen in judge(document, root, files, environment).seen:
        if seen.change.hazard in _ABOUT_ACCESS and not seen.address.startswith("provider."):
            title = f"planned {seen.address or document.title}"
            yield Finding(Kind.BEYOND, title, "", f"differs: {seen.change.summary}")


def _collect(environment: Environment, document: PlanDocument, found: _Collected) -> None:
    secrets = {f"module.{secret_module(s.name)}": s.name for s in environment.secrets}
    keys = {
        f"module.{module}": KeyPlace(key.name, key.dedicated, region)
        for key in environment.keys
        for region, module in key_modules(key).items()
    }
    for change in document.changes:
        if change.deposed:
            continue
        if change.type == POLICY and change.module in secrets:
            name = secrets[change.module]
            found.titles[change.address] = secret_title(name)
            found.secrets[name] = planned_policy(secret_title(name), change.after, found.findings)
        elif change.type == KEY and change.module in keys:
            key = keys[change.module]
            found.titles[change.address] = key.title
            found.keys[key] = planned_policy(key.title, change.after, found.findings)


def access_effects(environment: Environment, document: PlanDocument) -> dict[str, tuple[str, ...]]:
    """Evaluates the policies of an environment's plan next to the spec: who gains, who loses.

    Args:
        environment: the environment that the spec describes.
        document: the plan.

    Returns:
        What each policy does beyond the spec or short of it, by the address of its resource.
    """
    found = _Collected(has_environment=True)
    _collect(environment, document, found)
    report = access_report(environment, _completed(environment, found).policies)
    secrets = {secret_title(name): name for name in found.secrets}
    effects: dict[str, tuple[str, ...]] = {}
    for address, title in found.titles.items():
        name = secrets.get(title)
        of_policy = (f for f in report.findings if f.policy == title or _is_of(f, name))
        told = dict.fromkeys(f"{f.summary}{f' in {f.region}' * bool(f.region)}" for f in of_policy)
        effects[address] = tuple(told)
    return effects


def _is_of(finding: Finding, secret: str | None) -> bool:
    """Returns whether a finding is about what the resource policy of a secret lets or refuses."""
    is_whole = finding.policy.startswith(("policies of ", "resource policy for "))
    return secret is not None and finding.secret == secret and is_whole


def _completed(environment: Environment, found: _Collected) -> PlannedPolicies:
    rendered = rendered_policies(environment)
    notes = []
    if not found.has_environment:
        notes.append(
            "Without the environment's plan, resource and key policies are taken from the spec."
        )
    missing = sorted(rendered.roles.keys() - found.roles.keys())
    if missing:
        notes.append(
            "Without a plan, the policies of these roles are taken from the spec: "
            f"{', '.join(missing)}."
        )
    return PlannedPolicies(
        Policies(
            secrets=found.secrets if found.has_environment else rendered.secrets,
            keys=found.keys if found.has_environment else rendered.keys,
            roles={**rendered.roles, **found.roles},
        ),
        tuple(found.findings),
        tuple(notes),
    )
