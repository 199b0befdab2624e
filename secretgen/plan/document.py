"""The JSON of a plan: what `terraform show -json` writes, as typed values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from secretgen.errors import SecretgenError

HOW_TO_MAKE_ONE = (
    "Create it with: terraform plan -out=plan.tfplan && terraform show -json plan.tfplan > "
    "plan.json"
)
FORMAT_MAJOR = 1
"""Major version of the format: https://developer.hashicorp.com/terraform/internals/json-format"""

Json = Mapping[str, Any]


class UnreadablePlanError(SecretgenError):
    """A text is not the JSON of a plan that can be judged."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A block of the configuration.

    Args:
        address: its address, with the modules around it and without instances.
        mode: `managed` or `data`.
        type: its type.
        provider: the provider that it uses, as the root module calls it.
        expressions: what its arguments say: a constant, references, or inner blocks.
        provisioners: types of its provisioners.
    """

    address: str
    mode: str
    type: str
    provider: str
    expressions: Json
    provisioners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfiguredCall:
    """A `module` block of the configuration, by its address."""

    address: str
    source: str
    expressions: Json


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the HCL says of which a plan was made.

    Args:
        providers: settings by `aws` or `aws.alias`; other providers by their own names.
        blocks: resources and data sources, by address.
        calls: module calls, by address.
        outputs: expressions of the root module's outputs.
        variables: the root module's variables.
    """

    providers: Mapping[str, Json]
    blocks: Mapping[str, Configured]
    calls: Mapping[str, ConfiguredCall]
    outputs: Mapping[str, Json]
    variables: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What a plan does with a resource.

    Args:
        address: its address.
        module: address of its module; empty for the root module.
        mode: `managed` or `data`.
        type: its type.
        name: its label.
        actions: Terraform's actions, such as `("delete", "create")`.
        before: its values in the state; None when it is not there.
        after: its values from now on, as far as they are known; None when it leaves.
        unknown: which values are known only after the apply, in the shape of `after`.
        reason: why Terraform does so, in its own word.
        previous_address: the address before a move; empty for none.
        importing: whether it is imported.
        deposed: key of a deposed object; empty for the current one.
        sensitive: which values are sensitive, before and after.
    """

    address: str
    module: str
    mode: str
    type: str
    name: str
    actions: tuple[str, ...]
    before: Json | None
    after: Json | None
    unknown: Json
    reason: str = ""
    previous_address: str = ""
    importing: bool = False
    deposed: str = ""
    sensitive: tuple[Any, Any] = (False, False)

    @property
    def block(self) -> str:
        """Address of its block: without the keys of instances."""
        return without_instances(self.address)

    @property
    def leaves(self) -> bool:
        """Whether Terraform destroys it, and creates no other one."""
        return "delete" in self.actions and "create" not in self.actions

    @property
    def replaced(self) -> bool:
        """Whether Terraform destroys it and creates another one."""
        return "delete" in self.actions and "create" in self.actions

    @property
    def created(self) -> bool:
        """Whether it was not there before."""
        return self.actions == ("create",)

    @property
    def forgotten(self) -> bool:
        """Whether it leaves the state and stays in AWS."""
        return "forget" in self.actions


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A plan.

    Args:
        title: name of its file, for messages.
        changes: what it does, by address and deposed key.
        configuration: the HCL that it was made of.
        planned: values of all resources after the apply, by address, as far as they are known.
        prior: values of all resources in the state, by address.
        variables: values of input variables, by name.
        errored: whether planning ended with an error.
        complete: whether the plan holds everything that the configuration asks for.
        others: keys of the document that are none of the above.
    """

    title: str
    changes: tuple[ResourceChange, ...]
    configuration: Configuration
    planned: Mapping[str, Json]
    prior: Mapping[str, Json]
    variables: Mapping[str, Any]
    errored: bool
    complete: bool
    others: Json = field(default_factory=dict)


def read_plan(title: str, text: str) -> PlanDocument:
    """Reads a plan.

    Args:
        title: name of its file, for messages.
        text: the JSON.

    Raises:
        UnreadablePlanError: it is not the JSON of a plan, or of a format that is not known.
    """
    try:
        data = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _not_a_plan(title, "it is not JSON, or a part of it is missing") from error
    if not isinstance(data, dict):
        raise _not_a_plan(title, "it is not a JSON object")
    version = str(data.get("format_version", ""))
    if "resource_changes" not in data and "values" in data:
        raise _not_a_plan(title, "it is the JSON of a state")
    if not version or "configuration" not in data or "planned_values" not in data:
        raise _not_a_plan(title, "it has no format version, configuration or planned values")
    if version.split(".", maxsplit=1)[0] != str(FORMAT_MAJOR):
        raise UnreadablePlanError(
            f"{title} has the plan format {version[:20]}, which is unknown",
            f"Format {FORMAT_MAJOR}.x can be read. {HOW_TO_MAKE_ONE}",
        )
    try:
        return _document(title, data)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise _not_a_plan(title, "a part of it has an unexpected structure") from error


def _not_a_plan(title: str, why: str) -> UnreadablePlanError:
    return UnreadablePlanError(
        f"{title} is not the JSON of a Terraform plan: {why}", HOW_TO_MAKE_ONE
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


_READ = frozenset({
    "configuration", "errored", "complete", "planned_values", "prior_state", "resource_changes",
    "variables",
})  # fmt: skip


def _document(title: str, data: Json) -> PlanDocument:
    root = _object(data["planned_values"]).get("root_module", {})
    prior = _object(data.get("prior_state", {})).get("values", {})
    variables = _object(data.get("variables", {}))
    return PlanDocument(
        title,
        tuple(map(_change, _list(data.get("resource_changes", [])))),
        _configuration(_object(data["configuration"])),
        dict(_values(_object(root))),
        dict(_values(_object(_object(prior).get("root_module", {})))),
        {name: _object(given).get("value") for name, given in variables.items()},
        errored=data.get("errored") is not False,
        complete=data.get("complete") is True,
        others={key: value for key, value in data.items() if key not in _READ},
    )


def _change(data: Any) -> ResourceChange:
    item = _object(data)
    change = _object(item["change"])
    actions = tuple(map(_text, _list(change["actions"])))
    before, after = change.get("before"), change.get("after")
    unknown = change.get("after_unknown")
    return ResourceChange(
        _text(item["address"]),
        _text(item.get("module_address", "")),
        _text(item["mode"]),
        _text(item["type"]),
        _text(item["name"]),
        actions,
        None if before is None else _object(before),
        None if after is None else _object(after),
        unknown if isinstance(unknown, dict) else {},
        _text(item.get("action_reason", "")),
        _text(item.get("previous_address", "")),
        change.get("importing") is not None,
        _text(item.get("deposed", "")),
        (change.get("before_sensitive"), change.get("after_sensitive")),
    )


def _values(root: Json) -> Iterator[tuple[str, Json]]:
    """Yields the values of every managed resource of a module and below."""
    for module in _modules(root):
        for item in map(_object, _list(module.get("resources", []))):
            if item["mode"] == "managed" and "deposed_key" not in item:
                yield _text(item["address"]), _object(item.get("values") or {})


def _modules(root: Json) -> Iterator[Json]:
    modules = [root]
    while modules:
        module = modules.pop()
        modules += map(_object, _list(module.get("child_modules", [])))
        yield module


def _configuration(data: Json) -> Configuration:
    root = _object(data.get("root_module", {}))
    blocks: dict[str, Configured] = {}
    calls: dict[str, ConfiguredCall] = {}
    modules: list[tuple[str, Json]] = [("", root)]
    while modules:
        address, module = modules.pop()
        prefix = f"{address}." if address else ""
        for item in map(_object, _list(module.get("resources", []))):
            block = _configured(prefix, item)
            blocks[block.address] = block
        for label, given in _object(module.get("module_calls", {})).items():
            call = _object(given)
            inner = f"{prefix}module.{label}"
            expressions = _object(call.get("expressions", {}))
            calls[inner] = ConfiguredCall(inner, _text(call.get("source", "")), expressions)
            modules.append((inner, _object(call.get("module", {}))))
    return Configuration(
        {_text(name): _object(p) for name, p in _object(data.get("provider_config", {})).items()},
        blocks,
        calls,
        {name: _object(output) for name, output in _object(root.get("outputs", {})).items()},
        {name: _object(given) for name, given in _object(root.get("variables", {})).items()},
    )


def _configured(prefix: str, item: Json) -> Configured:
    return Configured(
        prefix + _text(item["address"]),
        _text(item["mode"]),
        _text(item["type"]),
        _text(item.get("provider_config_key", "")),
        _object(item.get("expressions", {})),
        tuple(_text(_object(p)["type"]) for p in _list(item.get("provisioners", []))),
    )


def without_instances(address: str) -> str:
    """Returns the address of a block: without what stands in brackets."""
    text, depth, quoted = "", 0, False
    for character in address:
        if character == '"':
            quoted = not quoted
        elif character == "[" and not quoted:
            depth += 1
        elif character == "]" and not quoted:
            depth -= 1
            continue
        if not depth and not quoted:
            text += character
    return text


def _checked(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError(kind)
        return value

    return check


_object: Callable[[Any], dict[str, Any]] = _checked(dict)
_list: Callable[[Any], list[Any]] = _checked(list)
_text: Callable[[Any], str] = _checked(str)
