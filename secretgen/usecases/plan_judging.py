"""Judges one plan: what it does beyond the spec, and who gains and who loses access by it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from secretgen.change.alterations import protection_off
from secretgen.change.hazards import ACCESS_OPENED
from secretgen.model.environment import Environment
from secretgen.model.layout import RootKind
from secretgen.model.names import secret_module
from secretgen.plan.access_changes import AccessChange, consumer_access, environment_access
from secretgen.plan.document import PlanDocument
from secretgen.plan.judge import ReadSources, incomplete, judge
from secretgen.plan.owners import Owners
from secretgen.plan.planned_access import access_effects
from secretgen.plan.planned_hazards import Seen
from secretgen.plan.readers import taken_hazards
from secretgen.plan.reading import (
    UnreadablePlanError,
    expecting_the_providers_types,
    read_plan,
)
from secretgen.plan.rendered import PlannedRoot, RenderedFiles

_EFFECTS = 8
"""Effects of a policy that are listed; `secretgen access --plan` lists all."""


class JudgedPlan(Struct, frozen=True):
    """What one plan comes to.

    Args:
        seen: what it does that the spec does not say or allow without more.
        plaintext: where it holds a value in plain text.
        access: who gains and who loses what.
    """

    seen: tuple[Seen, ...]
    plaintext: tuple[str, ...] = ()
    access: tuple[AccessChange, ...] = ()


def judged_plan(
    given: tuple[str, str],
    root: PlannedRoot,
    files: RenderedFiles,
    environment: Environment,
    before: Environment | None,
    *,
    sources: ReadSources,
) -> JudgedPlan:
    """Reads a plan and judges it.

    Args:
        given: name of its file, and the text.
        root: the root module that it is of.
        files: the files as rendered from the spec.
        environment: the environment as the spec describes it.
        before: the environment at the base; None where it is not known.
        sources: reads the HCL that the plan was made of.
    """
    title, text = given
    others = [before] if before else []
    try:
        with expecting_the_providers_types(title):
            plan = read_plan(title, text)
            found = judge(plan, root, files, environment, others, sources=sources)
            access = tuple(_access(plan, root, environment, others)) if found.expected else ()
    except UnreadablePlanError as error:
        return JudgedPlan((incomplete(error.summary, error.hint),))
    seen = (
        *_with_effects(found.seen, plan, root, environment),
        *_unprotected(plan, root, before),
        *taken_hazards(access, environment, root.account),
    )
    return JudgedPlan(seen, found.plaintext, access)


def _access(
    plan: PlanDocument, root: PlannedRoot, environment: Environment, others: Sequence[Environment]
) -> list[AccessChange]:
    if root.kind is RootKind.ENVIRONMENT:
        return list(environment_access(environment, plan, Owners(environment, plan, others)))
    accounts = [a for a in environment.accounts if a.name == root.account]
    return [change for a in accounts for change in consumer_access(environment, a, plan)]


def _with_effects(
    seen: Sequence[Seen], plan: PlanDocument, root: PlannedRoot, environment: Environment
) -> list[Seen]:
    """Adds to findings about policies who gains and who loses access by them."""
    is_about_access = any(item.change.hazard is ACCESS_OPENED for item in seen)
    if root.kind is not RootKind.ENVIRONMENT or not is_about_access:
        return list(seen)
    effects = access_effects(environment, plan)
    found = []
    for item in seen:
        told = effects.get(item.address, ()) if item.change.hazard is ACCESS_OPENED else ()
        detail = f"This policy {'; '.join(told[:_EFFECTS])}. {item.change.detail}"
        found.append(replace(item, change=replace(item.change, detail=detail)) if told else item)
    return found


def _unprotected(plan: PlanDocument, root: PlannedRoot, before: Environment | None) -> list[Seen]:
    """Finds secrets whose module no longer protects them: no resource changes, just its source."""
    if before is None or root.kind is not RootKind.ENVIRONMENT:
        return []
    found = []
    for secret in before.secrets:
        address = f"module.{secret_module(secret.name)}"
        call = plan.configuration.calls.get(address)
        if secret.deletion_protection and call and "/unprotected" in call.source:
            found.append(Seen(protection_off(secret.name), address, before.aws.region))
    return found
