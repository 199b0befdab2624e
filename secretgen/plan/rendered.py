"""The blocks of a root module and of the modules that it calls, as rendered."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from secretgen.hcl.decode import Item, parse
from secretgen.hcl.evaluation.expression_tree import Expression
from secretgen.hcl.evaluation.parser import parse_value
from secretgen.hcl.hcl_nodes import Attribute, Block, Body, Literal, Reference, Value

ParseItem = Callable[[Item], Attribute | Block]

_META = frozenset({"count", "depends_on", "for_each", "provider", "lifecycle"})
_CALL_META = frozenset({"source", "version", "providers", "depends_on"})


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands in a block.

    Args:
        values: expressions by argument.
        blocks: inner blocks by type, each in its order.
        dynamic: `dynamic` blocks by the type that they make.
    """

    values: Mapping[str, Expression]
    blocks: Mapping[str, tuple[Arguments, ...]] = field(default_factory=dict)
    dynamic: Mapping[str, tuple[Dynamic, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A `dynamic` block.

    Args:
        iterator: the name of its items.
        for_each: what it goes over.
        content: what each block holds.
    """

    iterator: str
    for_each: Expression
    content: Arguments


@dataclass(frozen=True, slots=True)
class ResourceBlock:
    """A `resource` or `data` block.

    Args:
        mode: `managed` or `data`.
        type: its type.
        name: its label.
        arguments: what it sets.
        provider: the provider that it names, such as `aws.us_west_2`; empty for the default.
        count: its `count`.
        for_each: its `for_each`.
        ignored: arguments whose changes it ignores.
    """

    mode: str
    type: str
    name: str
    arguments: Arguments
    provider: str = ""
    count: Expression | None = None
    for_each: Expression | None = None
    ignored: frozenset[str] = frozenset()

    @property
    def address(self) -> str:
        """Its address in its module."""
        return f"{'data.' if self.mode == 'data' else ''}{self.type}.{self.name}"


@dataclass(frozen=True, slots=True)
class Variable:
    """A `variable` block: its default, its type, and whether null stands for the default."""

    default: Expression | None
    type: Expression | None
    nullable: bool


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """A `module` block.

    Args:
        source: its literal source.
        values: the inputs.
        providers: providers of the module, by the name that they have in it.
    """

    source: str
    values: Mapping[str, Expression]
    providers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ModuleBlocks:
    """All blocks of a module's folder that matter for a plan.

    Args:
        folder: the folder, relative to the root of the project.
        variables: by name.
        locals: by name.
        outputs: values by name.
        resources: by address.
        calls: by label.
        providers: settings by `aws` or `aws.alias`.
    """

    folder: str
    variables: Mapping[str, Variable]
    locals: Mapping[str, Expression]
    outputs: Mapping[str, Expression]
    resources: Mapping[str, ResourceBlock]
    calls: Mapping[str, ModuleCall]
    providers: Mapping[str, Arguments]


class RenderedFiles:
    """The rendered files of a project, read by folder.

    Args:
        files: texts by path.
        parse_item: parses an item of a file.
    """

    def __init__(self, files: Mapping[str, str], parse_item: ParseItem = Item.parse) -> None:
        self._files = files
        self._parse_item = parse_item
        self._modules: dict[str, ModuleBlocks] = {}

    @cached_property
    def _by_folder(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self._files):
            if path.endswith(".tf"):
                found.setdefault(posixpath.dirname(path), []).append(path)
        return found

    def module(self, folder: str) -> ModuleBlocks:
        """Returns the blocks of a folder.

        Raises:
            NotEvaluatedError: an expression is not supported.
        """
        if folder not in self._modules:
            bodies = [
                parse(self._files[path], path, self._parse_item)
                for path in self._by_folder.get(folder, ())
            ]
            self._modules[folder] = _blocks(folder, bodies)
        return self._modules[folder]

    def called(self, module: ModuleBlocks, call: ModuleCall) -> ModuleBlocks:
        """Returns the blocks of the module that a call names."""
        return self.module(posixpath.normpath(posixpath.join(module.folder, call.source)))


def _blocks(folder: str, bodies: list[Body]) -> ModuleBlocks:
    found = ModuleBlocks(folder, {}, {}, {}, {}, {}, {})
    variables, outputs = dict[str, Variable](), dict[str, Expression]()
    locals_, resources = dict[str, Expression](), dict[str, ResourceBlock]()
    calls, providers = dict[str, ModuleCall](), dict[str, Arguments]()
    for block in (block for body in bodies for block in body.blocks):
        match block.type:
            case "variable":
                variables[block.labels[0]] = _variable(block.body)
            case "locals":
                locals_ |= {a.name: parse_value(a.value) for a in block.body.attributes}
            case "output":
                outputs[block.labels[0]] = parse_value(_attributes(block.body)["value"])
            case "resource" | "data":
                resource = _resource(block)
                resources[resource.address] = resource
            case "module":
                calls[block.labels[0]] = _call(block.body)
            case "provider":
                alias = _attributes(block.body).get("alias")
                name = f"{block.labels[0]}.{alias.value}" if isinstance(alias, Literal) else "aws"
                providers[name] = _arguments(block.body, frozenset({"alias"}))
    return ModuleBlocks(found.folder, variables, locals_, outputs, resources, calls, providers)


def _attributes(body: Body) -> dict[str, Value]:
    return {attribute.name: attribute.value for attribute in body.attributes}


def _variable(body: Body) -> Variable:
    given = _attributes(body)
    nullable = given.get("nullable")
    return Variable(
        parse_value(given["default"]) if "default" in given else None,
        parse_value(given["type"]) if "type" in given else None,
        not (isinstance(nullable, Literal) and nullable.value is False),
    )


def _call(body: Body) -> ModuleCall:
    given = _attributes(body)
    source, providers = given["source"], given.get("providers")
    entries = getattr(providers, "entries", ())
    return ModuleCall(
        str(source.value) if isinstance(source, Literal) else "",
        {name: parse_value(value) for name, value in given.items() if name not in _CALL_META},
        {e.key: e.value.text for e in entries if isinstance(e.value, Reference)},
    )


def _resource(block: Block) -> ResourceBlock:
    given = _attributes(block.body)
    provider = given.get("provider")
    return ResourceBlock(
        "managed" if block.type == "resource" else "data",
        block.labels[0],
        block.labels[1],
        _arguments(block.body, _META),
        provider.text if isinstance(provider, Reference) else "",
        parse_value(given["count"]) if "count" in given else None,
        parse_value(given["for_each"]) if "for_each" in given else None,
        _ignored(block.body),
    )


def _ignored(body: Body) -> frozenset[str]:
    names: set[str] = set()
    for block in body.blocks:
        listed = (
            _attributes(block.body).get("ignore_changes") if block.type == "lifecycle" else None
        )
        names |= {i.text for i in getattr(listed, "items", ()) if isinstance(i, Reference)}
    return frozenset(names)


def _arguments(body: Body, meta: frozenset[str]) -> Arguments:
    blocks: dict[str, tuple[Arguments, ...]] = {}
    dynamic: dict[str, tuple[Dynamic, ...]] = {}
    for block in body.blocks:
        if block.type in meta:
            continue
        if block.type == "dynamic":
            made = block.labels[0]
            dynamic[made] = (*dynamic.get(made, ()), _dynamic(made, block.body))
        else:
            inner = _arguments(block.body, frozenset())
            blocks[block.type] = (*blocks.get(block.type, ()), inner)
    given = _attributes(body)
    values = {name: parse_value(value) for name, value in given.items() if name not in meta}
    return Arguments(values, blocks, dynamic)


def _dynamic(made: str, body: Body) -> Dynamic:
    given = _attributes(body)
    iterator = given.get("iterator")
    (content,) = (block.body for block in body.blocks if block.type == "content")
    return Dynamic(
        iterator.text if isinstance(iterator, Reference) else made,
        parse_value(given["for_each"]),
        _arguments(content, frozenset()),
    )
