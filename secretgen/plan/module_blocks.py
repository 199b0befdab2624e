"""The blocks of a module that matter for a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field

from secretgen.hcl.evaluation.expression_tree import Expression
from secretgen.hcl.evaluation.parser import parse_value
from secretgen.hcl.hcl_nodes import Block, Body, Literal, Reference, Value

_META = frozenset({"count", "depends_on", "for_each", "provider", "lifecycle"})
_OF_PLANS = {
    **dict.fromkeys(("import", "locals", "module", "moved", "provider", "terraform"), ()),
    **dict.fromkeys(("data", "resource"), ("lifecycle",)),
    "output": ("precondition",), "variable": ("validation",),
    "removed": ("connection", "provisioner"),
}  # fmt: skip
"""Types of blocks of which a plan shows what they do, but for these inner blocks."""
_RESOURCES = ("resource", "data")
_CALL_META = frozenset({"source", "version", "providers", "depends_on"})


class Arguments(Struct, frozen=True):
    """What stands in a block.

    Args:
        values: expressions by argument.
        blocks: inner blocks by type, each in its order.
        dynamic: `dynamic` blocks by the type that they make.
    """

    values: Mapping[str, Expression]
    blocks: Mapping[str, tuple[Arguments, ...]] = field(default_factory=dict)
    dynamic: Mapping[str, tuple[Dynamic, ...]] = field(default_factory=dict)


class Dynamic(Struct, frozen=True):
    """A `dynamic` block.

    Args:
        iterator: the name of its items.
        for_each: what it goes over.
        content: what each block holds.
    """

    iterator: str
    for_each: Expression
    content: Arguments


class ResourceBlock(Struct, frozen=True):
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
    def repeated(self) -> bool:
        """Whether `count` or `for_each` says how many there are."""
        return self.count is not None or self.for_each is not None

    @property
    def address(self) -> str:
        """Its address in its module."""
        return f"{'data.' if self.mode == 'data' else ''}{self.type}.{self.name}"


class Variable(Struct, frozen=True):
    """A `variable` block: its default, its type, and whether null stands for the default."""

    default: Expression | None
    type: Expression | None
    nullable: bool


class ModuleCall(Struct, frozen=True):
    """A `module` block.

    Args:
        source: its literal source.
        values: the inputs.
        providers: providers of the module, by the name that they have in it.
    """

    source: str
    values: Mapping[str, Expression]
    providers: Mapping[str, str]


class RequiredProvider(Struct, frozen=True):
    """An entry of `required_providers`: `hashicorp/aws`, and its versions."""

    source: str
    version: str


class ModuleBlocks(Struct, frozen=True):
    """All blocks of a module's folder that matter for a plan.

    Args:
        folder: the folder, relative to the root of the project.
        variables: by name.
        locals: by name.
        outputs: values by name.
        resources: by address.
        calls: by label.
        providers: settings by `aws` or `aws.alias`.
        required: providers with their sources and versions, by name.
        moves: addresses of `moved` blocks: from, and to.
        removed: addresses of `removed` blocks.
        imports: ids of `import` blocks, by address.
        unplanned: blocks that no plan shows, such as `lifecycle`, by what they are of.
    """

    folder: str
    variables: Mapping[str, Variable]
    locals: Mapping[str, Expression]
    outputs: Mapping[str, Expression]
    resources: Mapping[str, ResourceBlock]
    calls: Mapping[str, ModuleCall]
    providers: Mapping[str, Arguments]
    required: Mapping[str, RequiredProvider]
    moves: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]
    imports: Mapping[str, str]
    unplanned: Mapping[str, Arguments]


def blocks_of(folder: str, bodies: list[Body]) -> ModuleBlocks:
    """Sorts the blocks of a module.

    Args:
        folder: the folder of the module, relative to the root of the project.
        bodies: its files.

    Raises:
        NotEvaluatedError: an expression is not supported.
    """
    blocks: dict[str, list[Block]] = {}
    for block in (block for body in bodies for block in body.blocks):
        blocks.setdefault(block.type, []).append(block)

    def of(type_: str) -> list[tuple[str, Body, dict[str, Value]]]:
        found = blocks.get(type_, [])
        return [(b.labels[0] if b.labels else "", b.body, _attributes(b.body)) for b in found]

    resources = [_resource(b) for kind in _RESOURCES for b in blocks.get(kind, [])]
    return ModuleBlocks(
        folder,
        {name: _variable(body) for name, body, _ in of("variable")},
        {name: parse_value(v) for _, _, given in of("locals") for name, v in given.items()},
        {name: parse_value(given["value"]) for name, _, given in of("output")},
        {resource.address: resource for resource in resources},
        {label: _call(body) for label, body, _ in of("module")},
        {
            _provider_name(name, given): _arguments(body, frozenset({"alias"}))
            for name, body, given in of("provider")
        },
        {name: p for _, body, _ in of("terraform") for name, p in _required(body).items()},
        tuple((_address(given["from"]), _address(given["to"])) for _, _, given in of("moved")),
        tuple(_address(given["from"]) for _, _, given in of("removed")),
        {_address(given["to"]): _text(given["id"]) for _, _, given in of("import")},
        dict(_unplanned(block for body in bodies for block in body.blocks)),
    )


def _unplanned(blocks: Iterable[Block]) -> Iterator[tuple[str, Arguments]]:
    for block in blocks:
        inner = tuple(b for b in block.body.blocks if b.type in _OF_PLANS.get(block.type, ()))
        if block.type in _OF_PLANS and not inner:
            continue
        start = _attributes(block.body).get("from")
        names = [_address(start)] if start else block.labels
        shown = ".".join(names if block.type == "resource" else (block.type, *names))
        types = " and ".join(dict.fromkeys(b.type for b in inner))
        body = Body((), inner) if inner else block.body
        yield f"{types} of {shown}" if types else shown, _arguments(body, frozenset())


def _provider_name(name: str, given: Mapping[str, Value]) -> str:
    alias = given.get("alias")
    return f"{name}.{alias.value}" if isinstance(alias, Literal) else name


def _required(body: Body) -> dict[str, RequiredProvider]:
    entries = {
        name: {e.key: _text(e.value) for e in getattr(value, "entries", ())}
        for block in body.blocks
        if block.type == "required_providers"
        for name, value in _attributes(block.body).items()
    }
    return {
        name: RequiredProvider(entry.get("source", ""), entry.get("version", ""))
        for name, entry in entries.items()
    }


def _address(value: Value) -> str:
    return value.text if isinstance(value, Reference) else ""


def _text(value: Value) -> str:
    return str(value.value) if isinstance(value, Literal) else ""


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
