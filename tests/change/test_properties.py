"""The list of changes is complete: applied to the first environment, it gives the second."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from secretgen.change import changes_between
from secretgen.model.compare import Leaf, Path, leaves
from secretgen.model.effective import effective
from secretgen.model.environment import Environment
from secretgen.spec.resolve import resolve
from secretgen.spec.schema import Spec
from tests.readback.specs import specs

Pair = tuple[Environment, Environment]


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Two environments that have some of their parts in common, or everything."""
    before, other = draw(specs()), draw(specs())
    after: dict[str, Any] = {**other}
    for part in ("aws", "backend", "environment", "keys", "accounts", "secrets", "monitoring"):
        if part in before and draw(st.booleans()):
            after[part] = before[part]
    names = sorted({**before["secrets"], **after["secrets"]})
    kept = draw(st.sets(st.sampled_from(names)))
    mixed = {name: before["secrets"][name] for name in kept if name in before["secrets"]}
    after["secrets"] = {**after["secrets"], **mixed}
    return _resolved(before), _resolved(after)


def _resolved(spec: dict[str, Any]) -> Environment:
    return resolve(Spec.model_validate(spec))


def _applied(before: Environment, after: Environment) -> dict[Path, Leaf]:
    """Applies the changes between two environments to the attributes of the first."""
    before = effective(before)
    found = leaves(before)
    for change in changes_between(before, after):
        for path in change.difference.before:
            found.pop(path, None)
        found |= change.difference.after
    return found


@given(pairs())
@settings(max_examples=100)
def test_the_changes_lead_from_one_environment_to_the_other(pair: Pair) -> None:
    before, after = effective(pair[0]), effective(pair[1])
    assert _applied(*pair) == leaves(after)
    assert _applied(pair[1], pair[0]) == leaves(before)
    assert bool(changes_between(before, pair[1])) == (before != after)
    assert changes_between(after, pair[1]) == []
