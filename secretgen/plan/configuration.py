"""The HCL that a plan was made of, next to the HCL as rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from secretgen.hcl.evaluation.expression_tree import Expression, unknown_in
from secretgen.plan.document import Json, PlanDocument
from secretgen.plan.expected import ExpectedPlan
from secretgen.plan.module_instance import ExpectedResource
from secretgen.plan.plan_comparison import WRITE_ONLY, Deviation, Kind, decides_over_access
from secretgen.plan.reading import OPENTOFU


def configuration_deviations(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    """Yields what the HCL of a plan holds that is not rendered from the spec.

    Values that only the provider computes are known by it: their expressions refer to the same.
    """
    yield from _providers(plan, expected)
    yield from _provider_names(plan, expected)
    blocks = {
        f"{r.module}.{r.block.address}" if r.module else r.block.address: r
        for r in expected.resources.values()
    }
    rendered = expected.block_addresses
    planned = {change.block for change in plan.changes if change.after is not None}
    for address, block in plan.configuration.blocks.items():
        for type_ in block.provisioners:
            yield _deviation(address, "provisioner", f"{type_} is not rendered")
        if address not in rendered:
            if address not in planned:
                yield _deviation(address, "", _UNKNOWN)
            continue
        if block.repeated and not rendered[address].repeated:
            yield _deviation(address, "count", "is set, but is not rendered")
        yield from _expressions(address, block.expressions, rendered[address].arguments)
        resource = blocks.get(address)
        if resource is None:
            continue
        if block.provider != resource.provider:
            what = f"is {block.provider}, not {resource.provider} as rendered"
            yield _deviation(address, "provider", what)
        yield from _references(address, block.expressions, resource)
    yield from _calls(plan, expected)
    yield from _outputs("", plan.configuration.outputs, expected.root.outputs)
    for name in sorted(plan.outputs - plan.configuration.outputs.keys()):
        yield _deviation(f"output.{name}", "", "is not in the configuration")
    for name in sorted(plan.configuration.variables.keys() - expected.root.variables.keys()):
        yield _deviation(f"var.{name}", "", _UNKNOWN)


_UNKNOWN = "is not rendered from the spec"
_DIFFERENT = "is not what is rendered from the spec"


def _deviation(address: str, argument: str, what: str) -> Deviation:
    return Deviation(Kind.NOT_RENDERED, address, argument, what)


def _other_reference(address: str, argument: str) -> Deviation:
    kind = Kind.ACCESS if decides_over_access(argument) else Kind.NOT_RENDERED
    return Deviation(kind, address, argument, "refers to other objects than the rendered one")


_VERSION = re.compile(r"(?P<operator>[=!<>~]*)\s*(?P<version>\d+(?:\.\d+){0,2})")


def _providers(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    known = expected.root.providers
    for name in sorted(known.keys() - plan.configuration.providers.keys()):
        yield _deviation(f"provider.{name}", "", "is rendered, but is not in the plan")
    for name, given in plan.configuration.providers.items():
        address = f"provider.{name}"
        if name not in known:
            yield _deviation(address, "", _UNKNOWN)
            continue
        yield from _origin(address, given, expected)
        expressions = given.get("expressions", {})
        yield from _expressions(address, expressions, known[name])
        for argument in known[name].values.keys() | known[name].blocks.keys():
            wanted = known[name].values.get(argument)
            found = expressions.get(argument)
            if found is None:
                yield _deviation(address, argument, "is rendered, but is not set")
            elif wanted is not None and not expected.same_expression(wanted, found):
                yield _deviation(address, argument, _DIFFERENT)


_REGISTRIES = ("registry.terraform.io", OPENTOFU)
"""Those from which Terraform and OpenTofu take the provider, or a mirror of them."""


def is_known_provider(full_name: str, source: str) -> bool:
    """Returns whether a plan used the provider of a source, such as `hashicorp/aws`."""
    return full_name in {f"{registry}/{source}" for registry in _REGISTRIES}


def _provider_names(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    sources = {required.source for required in expected.root.required.values()}
    for change in plan.changes:
        if not any(is_known_provider(change.provider, source) for source in sources):
            what = f"is {change.provider[:100]}, which is not rendered from the spec"
            yield _deviation(change.address, "provider", what)


def _origin(address: str, given: Json, expected: ExpectedPlan) -> Iterator[Deviation]:
    """Yields what differs about the provider itself: where it is from, and its versions."""
    required = expected.root.required.get(str(given.get("name")))
    full_name = str(given.get("full_name"))
    if required is None or not is_known_provider(full_name, required.source):
        what = f"is {full_name[:100]}, which is not rendered from the spec"
        yield _deviation(address, "source", what)
    elif _constraint(str(given.get("version_constraint"))) != _constraint(required.version):
        yield _deviation(address, "version", _DIFFERENT)


def _constraint(text: str) -> frozenset[tuple[str, tuple[int, ...]]]:
    """Reads the parts of a version constraint: Terraform writes `< 7` as `< 7.0.0`."""
    parts = (part.strip() for part in text.split(","))
    found = (_VERSION.fullmatch(part) for part in parts)
    return frozenset(
        (match["operator"], tuple(int(n) for n in f"{match['version']}.0.0".split(".")[:3]))
        if match
        else (text, ())
        for match in found
    )


def _expressions(address: str, given: Json, known: Any) -> Iterator[Deviation]:
    """Yields the arguments of a block that its rendered block does not set."""
    rendered = known.values.keys() | known.blocks.keys() | known.dynamic.keys()
    for name in sorted(given.keys() - rendered):
        yield _deviation(address, name, "is set, but is not rendered")
        if decides_over_access(name):
            yield Deviation(Kind.ACCESS, address, name, "is set, but is not rendered")
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
            yield _other_reference(address, name)


def _calls(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    known = expected.calls
    for address, call in plan.configuration.calls.items():
        rendered = known.get(address)
        if rendered is None:
            yield _deviation(address, "", _UNKNOWN)
            continue
        if call.repeated:
            yield _deviation(address, "count", "is set, but is not rendered")
        yield from _outputs(f"{address}.", call.outputs, expected.outputs_of(address))
        if call.source != rendered.source:
            what = f"is {call.source}, not {rendered.source} as rendered"
            yield _deviation(address, "source", what)
        for name, expression in rendered.values.items():
            is_known = unknown_in(expected.input_of(address, name)) is None
            given = call.expressions.get(name)
            if not is_known and not expected.same_expression(expression, given):
                yield _other_reference(address, name)
        for name in sorted(call.expressions.keys() - rendered.values.keys()):
            yield _deviation(address, name, "is set, but is not rendered from the spec")
    for address in sorted(known.keys() - plan.configuration.calls.keys()):
        yield _deviation(address, "", "is rendered, but is not in the plan")


def _outputs(
    prefix: str, given: Mapping[str, Json], rendered: Mapping[str, Expression]
) -> Iterator[Deviation]:
    for name, expression in sorted(given.items()):
        address = f"{prefix}output.{name}"
        if name not in rendered:
            yield _deviation(address, "", _UNKNOWN)
        elif not ExpectedPlan.same_expression(rendered[name], expression):
            access = prefix and decides_over_access(name)
            kind = Kind.ACCESS if access else Kind.NOT_RENDERED
            yield Deviation(kind, address, "", _DIFFERENT)
