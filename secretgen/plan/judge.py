"""What a plan does that the spec does not say or allow, one entry for each."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from secretgen.change.effects import Change, Effect, path_of
from secretgen.change.hazards import (
    ACCESS_OPENED,
    IMPORT_CHANGES,
    INCOMPLETE,
    NOT_RENDERED,
    UNKNOWN_ACCESS,
    Hazard,
)
from secretgen.model.changes import KEY, SECRET, Kind, Subject
from secretgen.model.environment import Environment
from secretgen.plan.configuration import configuration_deviations
from secretgen.plan.consistency import contradictions
from secretgen.plan.document import PlanDocument, plaintext_values
from secretgen.plan.expected import ExpectedPlan
from secretgen.plan.hcl_comparison import hcl_differences
from secretgen.plan.owners import Owners
from secretgen.plan.plan_comparison import Deviation, decides_over_access, deviations
from secretgen.plan.plan_comparison import Kind as Differs
from secretgen.plan.planned_hazards import Seen, hazards
from secretgen.plan.planned_imports import addresses_of_objects, import_changes, object_of
from secretgen.plan.readers import reader_hazards
from secretgen.plan.rendered import PlannedRoot, RenderedFiles
from secretgen.plan.unrendered_resources import unrendered

_HAZARDS = {
    Differs.ACCESS: ACCESS_OPENED,
    Differs.NOT_RENDERED: NOT_RENDERED,
    Differs.UNKNOWN: UNKNOWN_ACCESS,
    Differs.ELSEWHERE: ACCESS_OPENED,
    Differs.DESTROYED: NOT_RENDERED,
}
_ARN_PARTS = 6
_IN_ACCOUNT = frozenset((KEY, SECRET, "aws_iam_role", "aws_iam_policy"))
"""Types whose own ARN names the account."""

ReadSources = Callable[[Collection[str]], Mapping[str, str | None]]
"""Returns the texts of what Terraform loads from folders, by path; None for what is unreadable."""

_LEAST_SHARED = 0.5
"""Part of the rendered blocks that the plan of a root module has at least."""


class Judgement(Struct, frozen=True):
    """What a plan comes to.

    Args:
        seen: what it does that the spec does not say or allow without more.
        plaintext: where it holds a value in plain text.
        expected: what the root module plans as rendered; None for a plan that is not its own.
    """

    seen: tuple[Seen, ...]
    plaintext: tuple[str, ...] = ()
    expected: ExpectedPlan | None = None


def judge(
    plan: PlanDocument,
    root: PlannedRoot,
    files: RenderedFiles,
    environment: Environment,
    others: Iterable[Environment] = (),
    *,
    sources: ReadSources | None = None,
) -> Judgement:
    """Compares a plan with its root module as rendered from the spec.

    Args:
        plan: the plan.
        root: the root module that it is of.
        files: the files as rendered from the spec.
        environment: the environment as the spec describes it.
        others: environments that know more names, such as the one at the base.
        sources: reads the HCL that the plan was made of; None to judge by the plan alone.

    Raises:
        NotEvaluatedError: the rendered files use a part of HCL that is not supported.
    """
    expected = _expected(plan, root, files)
    if not _is_of(plan, expected):
        found = incomplete(
            f"{plan.title} is not a plan of {root.folder}",
            f"Most resources of {root.folder} are not in the plan. Create the plan in that "
            "folder, or name the root module of the plan: --plan bootstrap=FILE or "
            "consumers/NAME=FILE.",
        )
        return Judgement((found,))
    if expected.resources and plan.whole and not plan.changes:
        found = incomplete(
            f"{plan.title} lists no resources",
            "Plans with -refresh-only list none. Create the plan again without that option.",
        )
        return Judgement((found,))
    owners = Owners(environment, plan, others, root.account)
    seen = [
        *_unfinished(plan),
        *_contradictory(plan),
        *_different(plan, expected, owners),
        *(_written(plan, root, expected, owners, sources) if sources else ()),
        *_imported(plan, expected, owners),
        *hazards(plan, environment, owners),
        *reader_hazards(plan, root.account, environment),
    ]
    return Judgement(tuple(seen), tuple(plaintext_values(plan)), expected)


def is_plan_of(plan: PlanDocument, root: PlannedRoot, files: RenderedFiles) -> bool:
    """Returns whether a plan is of a root module, as rendered or with changes."""
    expected = _expected(plan, root, files)
    return bool(expected.block_addresses) and _is_of(plan, expected)


def _expected(plan: PlanDocument, root: PlannedRoot, files: RenderedFiles) -> ExpectedPlan:
    known = {c.address: c.after or {} for c in plan.changes if not c.deposed}
    return ExpectedPlan(files, root.folder, lambda address: known.get(address, {}))


def _is_of(plan: PlanDocument, expected: ExpectedPlan) -> bool:
    """Returns whether a plan is of a root module at all."""
    rendered = expected.calls.keys() | expected.root.resources.keys()
    planned = plan.configuration.calls.keys() | plan.configuration.blocks.keys()
    names = {c.address.split("[")[0] for c in plan.changes}
    if not rendered:
        return True
    shared = len(rendered & (planned | names)) / len(rendered)
    if shared < _LEAST_SHARED:
        return False
    return not _other_account(plan, expected)


def _other_account(plan: PlanDocument, expected: ExpectedPlan) -> bool:
    """Returns whether the resources of a plan are in another account than rendered."""
    accounts = {
        str(id_)
        for name in expected.root.providers
        for id_ in expected.provider(name).get("allowed_account_ids", ())
    }
    found = {
        parts[4]
        for change in plan.changes
        if change.type in _IN_ACCOUNT
        for values in (change.before or {}, change.after or {})
        for parts in (str(values.get("arn") or "").split(":", 5),)
        if len(parts) == _ARN_PARTS and parts[4].isdigit()
    }
    return bool(accounts and found) and not accounts & found


def incomplete(summary: str, detail: str, address: str = "") -> Seen:
    """Makes the finding about a plan that cannot be judged."""
    subject = Subject(Kind.ENVIRONMENT)
    change = Change(subject, ("environment",), Effect.NONE, summary, detail, INCOMPLETE)
    return Seen(change, address, "")


def _unfinished(plan: PlanDocument) -> Iterator[Seen]:
    again = "Fix the cause, and create the plan again without -target."
    if plan.errored:
        what = f"{plan.title}: planning ended with an error"
        yield incomplete(what, f"The plan does not show everything that the apply does. {again}")
    elif not plan.complete:
        what = f"{plan.title} is not complete"
        yield incomplete(what, f"Terraform left out or deferred some changes. {again}")
    for condition in plan.failed:
        what = f"{plan.title}: a condition of {condition[:100]} does not hold"
        yield incomplete(what, f"Terraform does not apply such a plan. {again}")
    for key, value in plan.others.items():
        if value:
            what = f"{plan.title} holds {key[:60]}"
            yield incomplete(what, "Its effect is unknown. Create the plan without it.")


def _contradictory(plan: PlanDocument) -> Iterator[Seen]:
    for address, what in contradictions(plan) if plan.whole else ():
        yield incomplete(
            " ".join(filter(None, (f"{plan.title} contradicts itself:", address, what))),
            "Create the plan again with Terraform 1.11 or later, without -target, and do not "
            "change its JSON.",
            address,
        )


_ADVICE = {
    Differs.ACCESS: (
        "A plan must grant the access in the spec and nothing else. Render the spec, undo "
        "changes made by hand, and create the plan again."
    ),
    Differs.NOT_RENDERED: (
        "Render the spec, undo changes made by hand, and create the plan again."
    ),
    Differs.UNKNOWN: (
        "Rendered policies, trust policies and attachments are literals, so this was changed by "
        "hand. Render the spec, and create the plan again."
    ),
    Differs.ELSEWHERE: (
        "Create the plan with the credentials and the provider settings of this root module."
    ),
    Differs.DESTROYED: (
        "To keep it, add a `forget` of its address to `changes`, or, if the plan is not of the "
        "environment itself, run `terraform state rm`."
    ),
}


def _different(plan: PlanDocument, expected: ExpectedPlan, owners: Owners) -> Iterator[Seen]:
    found = [
        *deviations(plan, expected),
        *configuration_deviations(plan, expected),
        *unrendered(plan, expected, owners),
    ]
    first: dict[tuple[Differs, str, str], Deviation] = {}
    for deviation in found:
        first.setdefault((deviation.kind, deviation.address, deviation.argument), deviation)
    for deviation in first.values():
        place = deviation.address or "the plan"
        what = f"{deviation.argument} of {place}" if deviation.argument else place
        summary = f"{what} {deviation.summary}"
        yield _differing(owners, deviation.address, summary, deviation.kind)


def _written(
    plan: PlanDocument,
    root: PlannedRoot,
    expected: ExpectedPlan,
    owners: Owners,
    sources: ReadSources,
) -> Iterator[Seen]:
    """Yields where the HCL on disk does more with a reference than the plan shows."""
    disk = sources(expected.folders)
    if not any(posixpath.dirname(path) == root.folder for path in disk):
        yield incomplete(
            f"the HCL of {plan.title} is not in {root.folder}",
            "A plan contains only the references of an expression; the rest of the expression is "
            "in the HCL. Run the command in the project in which the plan was created.",
        )
        return
    for found in hcl_differences(expected.files, expected.folders, disk):
        is_own = posixpath.dirname(found.file) == root.folder
        names = (found.argument.rpartition(".")[2], found.address.removeprefix("output."))
        access = any(map(decides_over_access, names))
        place = f"{found.argument} of {found.address}" if found.argument else found.address
        what = f"{place} in {found.file}" if place else found.file
        kind = Differs.ACCESS if access else Differs.NOT_RENDERED
        address = found.address if is_own else ""
        yield _differing(owners, address, f"{what} {found.summary}", kind)


def _differing(owners: Owners, address: str, summary: str, kind: Differs) -> Seen:
    return _seen(owners, address, summary, _ADVICE[kind], _HAZARDS[kind])


def _seen(owners: Owners, address: str, summary: str, detail: str, hazard: Hazard) -> Seen:
    """Describes what a plan does at an address as a change of what that belongs to."""
    owner = owners.of(address)
    path = path_of(owner.subject) or ("environment",)
    change = Change(owner.subject.whole, path, Effect.UPDATE, summary, detail, hazard)
    return Seen(change, address, owner.region)


_HOW_TO_IMPORT = (
    "Each import needs an entry in the spec. Add `import` with this object and its id to `changes`,"
    " or run `secretgen import`, and render the spec."
)
_IMPORTED_TWICE = (
    "Destroying one of them destroys the object. Replace the `import` in `changes` with a `move`, "
    "or add a `forget` of the other address."
)
_CHANGED_BY_IMPORT = (
    "An import must not change the object. Write the settings in AWS into the spec, and change "
    "them after the import."
)


def _imported(plan: PlanDocument, expected: ExpectedPlan, owners: Owners) -> Iterator[Seen]:
    managed = addresses_of_objects(plan)
    for change in plan.changes:
        if change.importing is None:
            continue
        to, found = f"{change.address} would be imported, but", list[tuple[str, str]]()
        if expected.root.imports.get(change.address) != change.importing:
            found.append((f"{to} not as the spec has it", _HOW_TO_IMPORT))
        for other in managed[object_of(change)]:
            if other != change.address:
                found.append((f"{to} {other} manages the same object", _IMPORTED_TWICE))
        for what in import_changes(change):
            summary = f"the import of {change.address} would change {what}"
            found.append((summary, _CHANGED_BY_IMPORT))
        for summary, detail in found:
            yield _seen(owners, change.address, summary, detail, IMPORT_CHANGES)
