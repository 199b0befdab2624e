"""Compares what Terraform plans with what the model says, attribute by attribute.

A new argument of a template: add it to the function of its resource type. A new resource type:
add a function, and its name to `UNSET`. An attribute that neither is given there nor stands in
`UNSET` is a difference, and so is a resource of another type: nothing that is planned goes unseen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.planned.unset import TAGGED, UNKNOWN, UNSET

Attributes = Mapping[str, Any]
Resources = dict[str, Attributes]
"""Attributes of resources that templates set, by the address in their root module."""

PROVIDER = "provider"
"""Attribute of resources that use another provider than the default one: its alias."""


def with_tags(resources: Iterable[tuple[str, Attributes]], tags: Mapping[str, str]) -> Resources:
    """Adds the default tags of a provider to all resources that have tags.

    A provider leaves an empty tag open until it has applied it.
    """
    found: Resources = {}
    for address, attributes in resources:
        assert address not in found, address
        if kind_of(address) in TAGGED:
            own = attributes.get("tags") or {}
            everything = {key: value or UNKNOWN for key, value in {**tags, **own}.items()}
            every = {"tags": dict(own) or None, "tags_all": everything or UNKNOWN}
            found[address] = {**attributes, **every}
        else:
            found[address] = attributes
    return found


def kind_of(address: str) -> str:
    """Returns the type of a resource."""
    return address.partition("[")[0].split(".")[-2]


def changes_of(plan: Mapping[str, Any], module: str = "") -> dict[str, Mapping[str, Any]]:
    """Returns what is to change in a module of a plan, by the address in it.

    Args:
        plan: JSON of a plan.
        module: label of the module in the root module; empty for the root module itself.
    """
    begin = f"module.{module}." if module else ""
    blocks = plan["configuration"]["root_module"]
    if module:
        blocks = blocks["module_calls"][module]["module"]
    aliases = dict(_aliases(blocks, ""))
    found = {}
    for item in plan["resource_changes"]:
        if item["address"].startswith(begin):
            address = item["address"].removeprefix(begin)
            alias = aliases[_INSTANCES.sub("", address)]
            found[address] = _with_provider(item["change"], alias)
    return found


_INSTANCES = re.compile(r"\[[^]]*\]")


def _aliases(module: Mapping[str, Any], begin: str) -> Iterator[tuple[str, str]]:
    """Yields the alias of the provider of each resource in the configuration of a module."""
    for resource in module.get("resources", ()):
        provider = resource["provider_config_key"].rpartition(":")[2]
        yield begin + resource["address"], provider.partition(".")[2]
    for label, call in module.get("module_calls", {}).items():
        yield from _aliases(call["module"], f"{begin}module.{label}.")


def _with_provider(change: Mapping[str, Any], alias: str) -> Mapping[str, Any]:
    return {**change, "after": {**change["after"], PROVIDER: alias}} if alias else change


def compare(expected: Resources, changes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Compares the resources of one root module with what is expected.

    Args:
        expected: the attributes that templates set.
        changes: the `change` of each resource in the JSON of a plan, by the same addresses.
    """
    found = [f"{address}: not expected" for address in changes.keys() - expected.keys()]
    for address, attributes in expected.items():
        if address not in changes:
            found.append(f"{address}: not planned")
            continue
        told = _differences(kind_of(address), attributes, changes[address])
        found += [f"{address}.{difference}" for difference in told]
    return sorted(found)


def _differences(kind: str, expected: Attributes, change: Mapping[str, Any]) -> Iterator[str]:
    """Yields what differs, and each attribute that nothing is known of."""
    wanted = {**UNSET[kind], **expected}
    planned = _with_unknown(change["after"], change["after_unknown"])
    tags = wanted.get("tags_all")
    if isinstance(tags, dict) and UNKNOWN in tags.values() and planned["tags_all"] == UNKNOWN:
        wanted["tags_all"] = UNKNOWN  # some types leave all open for an empty one
    for name in sorted(planned.keys() | wanted.keys()):
        if name not in wanted:
            yield f"{name}: not known to tests/planned"
        elif name not in planned:
            yield f"{name}: not planned"
        elif (found := _comparable(planned[name])) != (right := _comparable(wanted[name])):
            yield f"{name}: {found!r} instead of {right!r}"


def _with_unknown(after: Any, unknown: Any) -> Any:
    """Puts what is known after the apply into what is planned."""
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, dict) and isinstance(after, dict):
        names = after.keys() | unknown.keys()
        return {n: _with_unknown(after.get(n), unknown.get(n, False)) for n in names}
    if isinstance(unknown, list) and isinstance(after, list) and unknown:
        rest = unknown + [False] * (len(after) - len(unknown))
        return [_with_unknown(a, u) for a, u in zip(after, rest, strict=True)]
    return after


def _comparable(value: Any) -> Any:
    """Reads JSON in text, and makes lists of one and orders of lists the same."""
    if isinstance(value, str) and value.startswith('{"'):
        value = json.loads(value)
    if isinstance(value, Mapping):
        return {name: _comparable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        items = [_comparable(item) for item in value]
        if len(items) == 1 and isinstance(items[0], str):
            return items[0]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return value
