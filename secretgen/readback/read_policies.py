"""The JSON policies of an environment: reading them, and what differs in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from secretgen.model.compare import BLOCK, Difference, Path

_PATH = re.compile(r"(?:.*/)?(iam/[^/]+|consumers/[^/]+/permission-set-[^/]+)\.json")


def policy_name(path: str) -> str | None:
    """Returns the name of a JSON policy: its path in the folder of its environment, without end.

    Returns:
        None for a file that is no policy.
    """
    match = _PATH.fullmatch(path)
    return match[1] if match else None


def read_policy(text: str) -> Any:
    """Parses a policy.

    Raises:
        ValueError: it is not JSON, or names something twice, of which IAM would take one.
    """
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} appears twice in one object")
        found[name] = value
    return found


def policy_differences(name: str, expected: Any, found: Any) -> list[Difference]:
    """Compares two policies, statement by statement.

    Args:
        name: name of the policy, as `policy_name` returns it.
        expected: what it has to be.
        found: what it is.
    """
    path = tuple(name.split("/"))
    if not (_is_document(expected) and _is_document(found)):
        return [] if expected == found else [Difference(path, BLOCK, found)]
    differences = list(_compared(path, _without_statements(expected), _without_statements(found)))
    ours, theirs = _by_sid(expected), _by_sid(found)
    for sid in dict.fromkeys([*ours, *theirs]):
        one, other = ours.get(sid), theirs.get(sid)
        if one is None or other is None:
            differences.append(
                Difference((*path, sid), BLOCK if one else None, BLOCK if other else None)
            )
        else:
            differences += _compared((*path, sid), one, other)
    if not differences and expected != found:
        differences.append(Difference((*path, "Statement"), list(ours), list(theirs)))
    return differences


def _is_document(data: Any) -> bool:
    """Returns whether data has the form of the policies that are rendered."""
    statements = data.get("Statement") if isinstance(data, Mapping) else None
    if not isinstance(statements, list) or not all(isinstance(s, Mapping) for s in statements):
        return False
    sids = [s.get("Sid") for s in statements]
    return all(isinstance(sid, str) for sid in sids) and len(set(sids)) == len(sids)


def _without_statements(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "Statement"}


def _by_sid(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {statement["Sid"]: statement for statement in document["Statement"]}


def _compared(
    path: Path, expected: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Difference]:
    for name in sorted(expected.keys() | found.keys()):
        one, other = expected.get(name), found.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _compared((*path, name), one, other)
        elif one != other:
            yield Difference((*path, name), one, other)
