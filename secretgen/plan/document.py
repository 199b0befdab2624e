"""A Terraform plan as typed values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from secretgen.policy.documents import canonical


def parsed(text: Any) -> Any:
    """Returns the object or list of a JSON text; None for any other value, and a key twice."""
    if not isinstance(text, str) or text[:1] not in "{[":
        return None
    try:
        return json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError):
        return None


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Makes an object of JSON.

    Raises:
        ValueError: a key occurs twice: readers take the first of them, or the last.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def same_text(one: Any, other: Any) -> bool:
    """Returns whether two texts are the same, or JSON that means the same."""
    if one == other:
        return True
    first, second = parsed(one), parsed(other)
    return first is not None and second is not None and canonical(first) == canonical(second)


Json = Mapping[str, Any]


class Configured(Struct, frozen=True):
    """A block of the configuration.

    Args:
        address: its address, with the modules around it and without instances.
        mode: `managed` or `data`.
        type: its type.
        provider: the provider that it uses, as the root module calls it.
        expressions: what its arguments say: a constant, references, or inner blocks.
        provisioners: types of its provisioners.
        repeated: whether `count` or `for_each` says how many there are.
    """

    address: str
    mode: str
    type: str
    provider: str
    expressions: Json
    provisioners: tuple[str, ...] = ()
    repeated: bool = False


class ConfiguredCall(Struct, frozen=True):
    """A `module` block of the configuration.

    Args:
        address: its address.
        source: its source.
        expressions: its inputs.
        outputs: expressions of the outputs of the module.
        repeated: whether `count` or `for_each` says how many there are.
    """

    address: str
    source: str
    expressions: Json
    outputs: Mapping[str, Json]
    repeated: bool = False


class Configuration(Struct, frozen=True):
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


class Listed(Struct, frozen=True):
    """A resource as a state lists it: the prior state, or the planned values.

    Args:
        mode: `managed` or `data`.
        values: its values, as far as they are known.
        sensitive: which of them are sensitive.
    """

    mode: str
    values: Json
    sensitive: Any = None


class ResourceChange(Struct, frozen=True):
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
        importing: the id by which it is imported; empty for one that is not known, None for no
            import.
        deposed: key of a deposed object; empty for the current one.
        sensitive: which values are sensitive, before and after.
        provider: full name of its provider.
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
    importing: str | None = None
    deposed: str = ""
    sensitive: tuple[Any, Any] = (False, False)
    provider: str = ""

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


class PlanDocument(Struct, frozen=True):
    """A plan.

    Args:
        title: name of its file, for messages.
        changes: what it does, by address and deposed key.
        configuration: the HCL that it was made of.
        planned: all resources after the apply, by address.
        prior: all resources in the state, by address.
        variables: values of input variables, by name.
        outputs: names of the outputs that it changes or lists.
        errored: whether planning ended with an error.
        complete: whether the plan holds everything that the configuration asks for.
        applyable: whether it can be applied, as Terraform says; None where it does not.
        failed: conditions that do not hold, without those of `check` blocks.
        others: keys of the document that are none of the above.
        drift: what was changed in AWS since the last apply, as changes from the state.
    """

    title: str
    changes: tuple[ResourceChange, ...]
    configuration: Configuration
    planned: Mapping[str, Listed]
    prior: Mapping[str, Listed]
    variables: Mapping[str, Any]
    outputs: frozenset[str]
    errored: bool
    complete: bool
    applyable: bool | None
    failed: tuple[str, ...]
    others: Json = field(default_factory=dict)
    drift: tuple[ResourceChange, ...] = ()

    @property
    def lost(self) -> tuple[ResourceChange, ...]:
        """What is in the state and was deleted in AWS."""
        return tuple(c for c in self.drift if c.mode == "managed" and c.leaves and not c.deposed)

    @property
    def whole(self) -> bool:
        """Whether it shows all that the apply does."""
        return self.complete and not self.errored


def any_unknown(mask: Any) -> bool:
    """Returns whether anything is unknown, by the mask that a plan has of its values."""
    if isinstance(mask, dict):
        return any(map(any_unknown, mask.values()))
    if isinstance(mask, list):
        return any(map(any_unknown, mask))
    return mask is True


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


_VALUES = ("secret_string", "secret_binary", "secret_string_wo")


def plaintext_values(plan: PlanDocument) -> Iterator[str]:
    """Yields where a plan holds a value in plain text, each place once, never the value."""
    yield from dict.fromkeys(_of_resources(plan))
    for name, value in plan.variables.items():
        if value is not None:
            yield f"the input variable {name}"
    for name, variable in plan.configuration.variables.items():
        if variable.get("default") is not None:
            yield f"the default of the input variable {name}"


def _of_resources(plan: PlanDocument) -> Iterator[str]:
    for change in plan.changes:
        for values, mask in zip((change.before, change.after), change.sensitive, strict=True):
            yield from (f"{name} of {change.address}" for name in _names(values or {}, mask))
    for listed in (plan.prior, plan.planned):
        for address, item in listed.items():
            yield from (f"{name} of {address}" for name in _names(item.values, item.sensitive))


def _names(values: Mapping[str, Any], mask: Any) -> list[str]:
    marked = mask if isinstance(mask, Mapping) else {}
    sensitive = {name for name, is_marked in marked.items() if is_marked is True}
    return [name for name in values if values[name] and (name in _VALUES or name in sensitive)]
