"""Tables that fit a terminal, and lose nothing for it."""

import pytest

from secretgen.access.access_report import access_report
from secretgen.insight.access_formats import report_text
from secretgen.insight.cost.cost_formats import comparison_text, estimate_text
from secretgen.insight.cost.estimate import compare, estimate
from secretgen.insight.cost.prices import default_prices
from secretgen.insight.plain_text import cells, table
from secretgen.insight.show import settings_of
from secretgen.insight.show_formats import settings_text
from tests.insight.environments import environment, spec

PRICES = default_prices()


def settings(width):
    return settings_text(settings_of(spec(), environment()), width)


def access(width):
    return report_text(access_report(environment()), width)


def cost(width):
    return estimate_text(estimate(environment(), PRICES), width)


def comparison(width):
    one = environment(secrets={"prod/x": {}})
    return comparison_text(compare(one, environment(), PRICES), width)


def words(text):
    """The words of a table's body; those that break off at a line's end may have moved."""
    return sorted(text.split("\n\n")[0].replace(";", "").split("\n", 1)[1].lower().split())


@pytest.mark.parametrize("write", [settings, access, cost, comparison])
def test_a_narrow_terminal_shows_the_same(write):
    wide, narrow = write(None), write(80)
    for line in narrow.splitlines():
        # What cannot be broken, such as an ARN, stays whole for copying.
        assert cells(line) <= 80 or len(line.split()) == 1
    assert set(words(wide)) <= set(words(narrow))
    assert write(400) == wide


def test_short_cell_stays_in_its_row():
    rows = [("a", "short", "x"), ("b", "much too long for it", "y")]
    text = table(("one", "two", "three"), rows, below=frozenset({1}), width=20)
    assert text.splitlines() == [
        "ONE  TWO    THREE",
        "a    short  x",
        "b           y",
        "    much too long",
        "    for it",
    ]


def test_several_columns_give_way_together_and_are_named():
    rows = [("a", "left", "right"), ("b", "", "only this")]
    text = table(("one", "two", "three"), rows, below=frozenset({1, 2}), width=15)
    assert text.splitlines() == [
        "ONE",
        "a",
        "    two left; three",
        "    right",
        "b",
        "    three only this",
    ]
