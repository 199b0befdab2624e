"""The HCL that a plan was made of, next to the HCL as rendered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from secretgen.hcl.evaluation.expression_values import unknown_in
from secretgen.plan.access_arguments import decides_over_access
from secretgen.plan.document import Json, PlanDocument
from secretgen.plan.expected import ExpectedPlan, ExpectedResource
from secretgen.plan.plan_comparison import WRITE_ONLY, Deviation, Kind


def configuration_deviations(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    """Yields what the HCL of a plan holds that is not rendered from the spec.

    Values that only the provider computes are known by it: their expressions refer to the same.
    """
    yield from _providers(plan, expected)
    blocks = {
        f"{r.module}.{r.block.address}" if r.module else r.block.address: r
        for r in expected.resources.values()
    }
    rendered = expected.block_addresses
    planned = {change.block for change in plan.changes if change.after is not None}
    for address, block in plan.configuration.blocks.items():
        for type_ in block.provisioners:
            yield Deviation(Kind.NOT_RENDERED, address, "provisioner", f"{type_} is not rendered")
        if address not in rendered:
            if address not in planned:
                what = "is not rendered from the spec"
                yield Deviation(Kind.NOT_RENDERED, address, "", what)
            continue
        yield from _expressions(address, block.expressions, rendered[address].arguments)
        resource = blocks.get(address)
        if resource is None:
            continue
        if block.provider != resource.provider:
            what = f"is {block.provider}, not {resource.provider} as rendered"
            yield Deviation(Kind.NOT_RENDERED, address, "provider", what)
        yield from _references(address, block.expressions, resource)
    yield from _calls(plan, expected)
    for name in sorted(plan.configuration.outputs.keys() - expected.root.outputs.keys()):
        yield Deviation(Kind.NOT_RENDERED, f"output.{name}", "", "is not rendered from the spec")


def _providers(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    known = expected.root.providers
    for name, given in plan.configuration.providers.items():
        address = f"provider.{name}"
        if name not in known:
            yield Deviation(Kind.NOT_RENDERED, address, "", "is not rendered from the spec")
            continue
        expressions = given.get("expressions", {})
        yield from _expressions(address, expressions, known[name])
        for argument in known[name].values.keys() | known[name].blocks.keys():
            wanted = known[name].values.get(argument)
            found = expressions.get(argument)
            if found is None:
                what = "is rendered, but is not set"
                yield Deviation(Kind.NOT_RENDERED, address, argument, what)
            elif wanted is not None and not expected.same_expression(wanted, found):
                what = "is not what is rendered from the spec"
                yield Deviation(Kind.NOT_RENDERED, address, argument, what)


def _expressions(address: str, given: Json, known: Any) -> Iterator[Deviation]:
    """Yields the arguments of a block that its rendered block does not set."""
    rendered = known.values.keys() | known.blocks.keys() | known.dynamic.keys()
    for name in sorted(given.keys() - rendered):
        kind = Kind.ACCESS if decides_over_access(name) else Kind.NOT_RENDERED
        yield Deviation(Kind.NOT_RENDERED, address, name, "is set, but is not rendered")
        if kind is Kind.ACCESS:
            yield Deviation(kind, address, name, "is set, but is not rendered")
    for name, blocks in known.blocks.items():
        found = given.get(name)
        items = found if isinstance(found, list) else [found] if isinstance(found, dict) else []
        for inner, block in zip(items, blocks, strict=False):
            if isinstance(inner, dict):
                yield from _expressions(address, inner, block)


def _references(address: str, given: Json, resource: ExpectedResource) -> Iterator[Deviation]:
    for name, value in resource.values.items():
        expression = resource.block.arguments.values.get(name)
        if expression is None or (unknown_in(value) is None and not name.endswith(WRITE_ONLY)):
            continue
        if not ExpectedPlan.same_expression(expression, given.get(name)):
            kind = Kind.ACCESS if decides_over_access(name) else Kind.NOT_RENDERED
            yield Deviation(kind, address, name, "refers to other things than rendered")


def _calls(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    known = expected.calls
    for address, call in plan.configuration.calls.items():
        rendered = known.get(address)
        if rendered is None:
            yield Deviation(Kind.NOT_RENDERED, address, "", "is not rendered from the spec")
            continue
        if call.source != rendered.source:
            what = f"is {call.source}, not {rendered.source} as rendered"
            yield Deviation(Kind.NOT_RENDERED, address, "source", what)
        for name, expression in rendered.values.items():
            value = expected.input_of(address, name)
            is_known = unknown_in(value) is None
            if not is_known and not expected.same_expression(
                expression, call.expressions.get(name)
            ):
                kind = Kind.ACCESS if decides_over_access(name) else Kind.NOT_RENDERED
                yield Deviation(kind, address, name, "refers to other things than rendered")
        for name in sorted(call.expressions.keys() - rendered.values.keys()):
            what = "is set, but is not rendered from the spec"
            yield Deviation(Kind.NOT_RENDERED, address, name, what)
    for address in sorted(known.keys() - plan.configuration.calls.keys()):
        yield Deviation(Kind.NOT_RENDERED, address, "", "is rendered, but is not in the plan")
