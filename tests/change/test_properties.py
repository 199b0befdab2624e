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
def test_applying_the_changes_to_the_first_gives_the_second(pair: Pair) -> None:
    before, after = pair
    assert _applied(before, after) == leaves(effective(after))
    assert _applied(after, before) == leaves(effective(before))


@given(pairs())
@settings(max_examples=100)
def test_there_are_changes_exactly_when_the_two_are_not_equal(pair: Pair) -> None:
    before, after = effective(pair[0]), pair[1]
    assert bool(changes_between(before, after)) == (before != effective(after))
    assert changes_between(effective(after), after) == []
