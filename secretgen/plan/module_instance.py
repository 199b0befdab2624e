"""A module of a plan as rendered: what names in it stand for, and the resources that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from secretgen.hcl.evaluation.evaluator import Inner, Lazy, Scope, evaluate
from secretgen.hcl.evaluation.expression_tree import Expression, NotEvaluatedError, Unknown
from secretgen.model.address import bracketed
from secretgen.plan.module_blocks import Arguments, ModuleBlocks, ModuleCall, ResourceBlock
from secretgen.plan.module_inputs import input_value
from secretgen.plan.rendered import RenderedFiles

Known = Callable[[str], Mapping[str, Any]]
"""Returns what a plan knows of a resource, by its address: values by attribute."""

Values = dict[str, Any]
"""Values by argument; those of inner blocks are lists of such values."""

_Block = TypeVar("_Block")

_DEFAULT_PROVIDER = "aws"
_REGION = "region"


class ModuleContext(Struct, frozen=True):
    """What all modules of a plan share.

    Args:
        files: the rendered files.
        known: what the real plan knows of resources.
        provider: returns the settings of a provider of the root module.
    """

    files: RenderedFiles
    known: Known
    provider: Callable[[str], Values]


class ExpectedResource(Struct, frozen=True):
    """A resource as its block plans it.

    Args:
        address: its address.
        module: address of its module without instances; empty for the root module.
        block: its block.
        values: what it sets; `Unknown` for what only the provider computes.
        provider: the provider that it uses, as the root module calls it.
        region: Region of that provider.
        default_tags: tags that the provider adds.
    """

    address: str
    module: str
    block: ResourceBlock
    values: Values
    provider: str
    region: str
    default_tags: Mapping[str, str]


class ModuleInstance:
    """A module with its inputs: what names in it stand for, and the resources that it makes.

    Args:
        context: what all modules of a plan share.
        address: its address; empty for the root module.
        blocks: its blocks.
        inputs: values of its variables.
        providers: the providers of the root module, by the name that they have here.
    """

    def __init__(
        self,
        context: ModuleContext,
        address: str,
        blocks: ModuleBlocks,
        inputs: Mapping[str, Any],
        providers: Mapping[str, str],
    ) -> None:
        self._around = context
        self._address = address
        self._blocks = blocks
        self.inputs = inputs
        self._providers = providers
        self._values: dict[tuple[str, str], Any] = {}
        self._modules: dict[str, ModuleInstance] = {}

    @property
    def outputs(self) -> Mapping[str, Expression]:
        """Its outputs."""
        return self._blocks.outputs

    def find(self, name: str) -> Any:
        """Returns what a first name stands for."""
        found = {"var": self._variable, "local": self._local, "module": self._output}.get(name)
        return _Names(found) if found else _Names(lambda label: self._resource(name, label))

    def resources(self) -> Iterator[ExpectedResource]:
        """Yields the resources of the module, and of those that it calls."""
        for block in self._blocks.resources.values():
            for key, scope in self._instances(block):
                provider = self._providers.get(block.provider or _DEFAULT_PROVIDER, "")
                settings = self._around.provider(provider)
                tags = settings.get("default_tags", [{}])[0].get("tags", {})
                yield ExpectedResource(
                    self._addressed(block.address) + bracketed(key),
                    self._address,
                    block,
                    values_of(block.arguments, scope),
                    provider,
                    str(settings.get(_REGION, "")),
                    tags,
                )
        for label in self._blocks.calls:
            yield from self._called(label).resources()

    def modules(self) -> Iterator[tuple[str, ModuleBlocks]]:
        """Yields this module and those below, by their addresses."""
        yield self._address, self._blocks
        for label in self._blocks.calls:
            yield from self._called(label).modules()

    def at(self, address: str) -> ModuleInstance:
        """Returns the module of an address below this one."""
        _, label, *rest = address.removeprefix(f"{self._address}.").split(".", 2)
        found = self._called(label)
        return found.at(address) if rest else found

    def _addressed(self, local: str) -> str:
        return f"{self._address}.{local}" if self._address else local

    def _once(self, kind: str, name: str, make: Callable[[], Any]) -> Any:
        key = kind, name
        if key not in self._values:
            self._values[key] = make()
        return self._values[key]

    def _variable(self, name: str) -> Any:
        return self._once("var", name, lambda: self._given(name))

    def _given(self, name: str) -> Any:
        variable = _named("variable", name, self._blocks.variables)
        if not self._address:  # input variables of the root carry values of secrets
            return Unknown(frozenset({f"var.{name}"}))
        return input_value(variable, self.inputs.get(name), self)

    def _local(self, name: str) -> Any:
        expression = _named("local value", name, self._blocks.locals)
        return self._once("local", name, lambda: evaluate(expression, self))

    def _output(self, label: str) -> Any:
        return _Names(self._called(label).output)

    def output(self, name: str) -> Any:
        """Returns an output of the module."""
        expression = _named("output", name, self._blocks.outputs)
        return self._once("output", name, lambda: evaluate(expression, self))

    def _called(self, label: str) -> ModuleInstance:
        if label not in self._modules:
            call = _named("module", label, self._blocks.calls)
            self._modules[label] = ModuleInstance(
                self._around,
                self._addressed(f"module.{label}"),
                self._around.files.called(self._blocks, call),
                {name: evaluate(value, self) for name, value in call.values.items()},
                self._passed(call),
            )
        return self._modules[label]

    def _passed(self, call: ModuleCall) -> dict[str, str]:
        given = {name: self._providers.get(of, of) for name, of in call.providers.items()}
        return {**self._providers, **given}

    def _instances(self, block: ResourceBlock) -> Iterator[tuple[Any, Scope]]:
        """Yields the key of each instance, None for the only one, and its scope."""
        if block.count is not None:
            count = evaluate(block.count, self)
            for number in range(0 if isinstance(count, Unknown) else int(count)):
                yield number, Inner(self, {"count": {"index": number}})
        elif block.for_each is not None:
            given = evaluate(block.for_each, self)
            pairs = given.items() if isinstance(given, dict) else ((key, key) for key in given)
            for key, value in pairs:
                yield key, Inner(self, {"each": {"key": key, "value": value}})
        else:
            yield None, self

    def _resource(self, type_: str, label: str) -> Any:
        if type_ == "ephemeral":
            return Unknown(frozenset({f"ephemeral.{label}"}))
        if type_ == "data":
            return _Names(lambda name: self._resource_at(f"data.{label}.{name}"))
        return self._resource_at(f"{type_}.{label}")

    def _resource_at(self, local: str) -> Any:
        block = _named("resource", local, self._blocks.resources)
        return self._once("resource", local, lambda: self._references_to(block))

    def _references_to(self, block: ResourceBlock) -> Any:
        made = {
            key: _Resource(
                self._around, self._addressed(block.address) + bracketed(key), block, scope
            )
            for key, scope in self._instances(block)
        }
        if block.count is not None:
            return list(made.values())
        return made if block.for_each is not None else made[None]


def _named(kind: str, name: str, blocks: Mapping[str, _Block]) -> _Block:
    """Returns what a module has under a name.

    Raises:
        NotEvaluatedError: it has nothing of that name.
    """
    if name not in blocks:
        raise NotEvaluatedError(f"there is no {kind} {name}")
    return blocks[name]


class _Names(Lazy):
    """A value whose attributes are worked out one by one."""

    def __init__(self, find: Callable[[str], Any]) -> None:
        self._find = find

    def attribute(self, name: str) -> Any:
        """Returns an attribute."""
        return self._find(name)


class _Resource(Lazy):
    """A resource, as other expressions see it."""

    def __init__(
        self, context: ModuleContext, address: str, block: ResourceBlock, scope: Scope
    ) -> None:
        self._around = context
        self._address = address
        self._block = block
        self._scope = scope

    def attribute(self, name: str) -> Any:
        """Returns an attribute: as its block sets it, else as the plan knows it."""
        expression = self._block.arguments.values.get(name)
        if expression is not None:
            return evaluate(expression, self._scope)
        value = self._around.known(self._address).get(name)
        unknown = Unknown(frozenset({f"{self._address}.{name}"}))
        return unknown if value is None else value


def values_of(arguments: Arguments, scope: Scope) -> Values:
    """Works out what stands in a block.

    Raises:
        NotEvaluatedError: an expression is not supported.
    """
    found: Values = {name: evaluate(value, scope) for name, value in arguments.values.items()}
    for name, blocks in arguments.blocks.items():
        found[name] = [values_of(block, scope) for block in blocks]
    for name, dynamics in arguments.dynamic.items():
        for dynamic in dynamics:
            over = evaluate(dynamic.for_each, scope)
            pairs = over.items() if isinstance(over, dict) else enumerate(over)
            found[name] = [
                *found.get(name, []),
                *(
                    values_of(
                        dynamic.content,
                        Inner(scope, {dynamic.iterator: {"key": key, "value": value}}),
                    )
                    for key, value in pairs
                ),
            ]
    return found
