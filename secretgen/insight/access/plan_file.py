"""The JSON of a plan: what `terraform show -json` prints, and the resources in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from secretgen.errors import SecretgenError
from secretgen.insight.access.findings import Finding, Kind
from secretgen.insight.text import printable
from secretgen.policy.parse import Policy, UnsupportedPolicyError, parse_policy

_HOW_TO_MAKE_ONE = "Make it with: terraform plan -out=plan && terraform show -json plan > plan.json"

Arguments = Mapping[str, frozenset[str]]
"""What each argument of a block refers to."""


class UnreadablePlanError(SecretgenError):
    """A file is not the JSON of a plan."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as `terraform show -json` prints it; the JSON of a state will do as well.

    Args:
        title: name of its file, for messages.
        text: the JSON.
        account: the reader's account that it is for, by the spec's name or by its id; empty
            for the environment's own plan, and where the plan itself tells.
    """

    title: str
    text: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a plan.

    Args:
        address: its address.
        module: address of its module; empty for the root.
        type: its type.
        name: its name.
        values: its values; those that are not known before the apply are absent.
        arguments: what each argument that its block sets refers to; empty in a state.
    """

    address: str
    module: str
    type: str
    name: str
    values: Mapping[str, Any]
    arguments: Arguments = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """Returns a text among its values; None when it is null, or not known yet.

        Raises:
            UnreadablePlanError: it is something else.
        """
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        raise _unreadable(self, name)

    def texts(self, name: str) -> list[str]:
        """Returns a list of texts among its values; an empty one in the place of null.

        Raises:
            UnreadablePlanError: it is something else.
        """
        return _items(self, name, str)

    def blocks(self, name: str) -> list[Mapping[str, Any]]:
        """Returns the inner blocks of one name.

        Raises:
            UnreadablePlanError: there is something else.
        """
        return _items(self, name, dict)

    def is_given(self, argument: str, other: Resource) -> bool:
        """Tells whether an argument is the ARN of another resource.

        Args:
            argument: name of the argument.
            other: the resource, one of the same module.

        Raises:
            UnreadablePlanError: it is no text.
        """
        arn = self.text(argument)
        if arn is not None:
            return arn == other.text("arn")
        # It is not known before the apply, but where it comes from is.
        name = f"{other.type}.{other.name}"
        return self.arguments.get(argument, frozenset()) == frozenset({name, f"{name}.arn"})

    def odd(self, summary: str) -> Finding:
        """Makes a finding about what no plan of a rendered environment holds."""
        return Finding(Kind.BEYOND, f"planned {self.address}", "", summary)


def _items(resource: Resource, name: str, kind: type) -> list[Any]:
    items = resource.values.get(name) or []
    if isinstance(items, list) and all(isinstance(item, kind) for item in items):
        return items
    raise _unreadable(resource, name)


def _unreadable(resource: Resource, name: str) -> UnreadablePlanError:
    return UnreadablePlanError(
        f"{name} of {printable(resource.address)} is not what Terraform plans", _HOW_TO_MAKE_ONE
    )


@dataclass(frozen=True, slots=True)
class Content:
    """What matters of a plan: its resources, and the accounts its provider is limited to."""

    resources: tuple[Resource, ...]
    accounts: frozenset[str]


def read_plan(plan: Plan) -> Content:
    """Reads a plan.

    Raises:
        UnreadablePlanError: its text is not the JSON of a plan.
    """
    try:
        data = json.loads(plan.text)
        values = data.get("planned_values") or data["values"]
        configuration = data.get("configuration", {})
        arguments = dict(_arguments(configuration.get("root_module", {})))
        return Content(
            tuple(_resources(values["root_module"], arguments)), _allowed_accounts(configuration)
        )
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise UnreadablePlanError(
            f"{plan.title} is not the JSON of a Terraform plan", _HOW_TO_MAKE_ONE
        ) from error


def _resources(
    root: Mapping[str, Any], arguments: Mapping[tuple[str, str], Arguments]
) -> Iterator[Resource]:
    modules = [root]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", ())
        for resource in module.get("resources", ()):
            if resource["mode"] == "managed":
                address = _text(module.get("address", ""))
                kind, name = _text(resource["type"]), _text(resource["name"])
                yield Resource(
                    address=_text(resource["address"]),
                    module=address,
                    type=kind,
                    name=name,
                    # Terraform leaves the values out when it knows none of them yet.
                    values=dict(resource.get("values", {})),
                    arguments=arguments.get((address, f"{kind}.{name}"), {}),
                )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError("an address is no text")


def _arguments(root: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Arguments]]:
    """Yields what the arguments of each block refer to, by its module and its address there."""
    modules = [("", root)]
    while modules:
        address, module = modules.pop()
        prefix = f"{address}." if address else ""
        modules += [
            (f"{prefix}module.{name}", called.get("module", {}))
            for name, called in module.get("module_calls", {}).items()
        ]
        for resource in module.get("resources", ()):
            expressions = resource.get("expressions", {}).items()
            references = {name: _references(expression) for name, expression in expressions}
            yield (address, _text(resource["address"])), references


def _references(expression: Any) -> frozenset[str]:
    """Returns what an expression refers to; nothing for the blocks that stand in its place."""
    return frozenset(expression.get("references", ()) if isinstance(expression, dict) else ())


def _allowed_accounts(configuration: Mapping[str, Any]) -> frozenset[str]:
    providers = configuration.get("provider_config", {}).values()
    limits = [p.get("expressions", {}).get("allowed_account_ids", {}) for p in providers]
    return frozenset(str(id_) for limit in limits for id_ in limit.get("constant_value") or ())


def policy_of(title: str, resource: Resource, text: Any, *, identity: bool = False) -> Policy:
    """Reads a policy document of a resource.

    Args:
        title: what the document is, for messages.
        resource: the resource that holds it.
        text: the document as JSON text; anything else means that it is not known.
        identity: True for a policy of a role.

    Raises:
        UnsupportedPolicyError: the document is not known yet, or cannot be evaluated.
    """
    if not isinstance(text, str):
        raise UnsupportedPolicyError(
            f"the {title} is not known before it is applied ({printable(resource.address)})",
            "Apply it, then evaluate the state: terraform show -json > state.json",
        )
    return parse_policy(title, document_of(title, resource, text), identity=identity)


def document_of(title: str, resource: Resource, text: str) -> Any:
    """Reads the JSON of a policy document.

    Raises:
        UnsupportedPolicyError: it is no JSON, or a key occurs twice in it.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise UnsupportedPolicyError(
            f"the {title} is not JSON with unique keys ({printable(resource.address)})",
            "Write the policy with jsonencode.",
        ) from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)
