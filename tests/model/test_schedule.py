"""How often and when a schedule runs."""

import datetime as dt
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretgen.model.schedule import Schedule, ScheduleError, parse


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("rate(1 day)", Schedule((0,), 24, 1)),
        ("rate(10 days)", Schedule((0,), 240, 10)),
        ("rate(36 hours)", Schedule((), 36, 2)),
        ("cron(0 4/12 * * ? *)", Schedule((4, 16), 12, 1)),
        ("cron(0 2/10 * * ? *)", Schedule((2, 12, 22), 4, 1)),
        ("cron(0 6-18/6 * * ? *)", Schedule((6, 12, 18), 6, 1)),
        ("cron(0 3 ? * SUN *)", Schedule((3,), 168, 7)),
        ("cron(0 3 ? * 1 *)", Schedule((3,), 168, 7)),
        ("cron(0 3 ? * mon-fri *)", Schedule((3,), 24, 3)),
        ("cron(0 3 ? * MONL *)", Schedule((3,), 28 * 24, 35)),
        ("cron(0 3 ? * TUE#3 *)", Schedule((3,), 28 * 24, 35)),
        ("cron(0 3 L * ? *)", Schedule((3,), 28 * 24, 31)),
        ("cron(0 3 1 JAN,JUL ? *)", Schedule((3,), 181 * 24, 184)),
        ("cron(0 3 29 2 ? *)", Schedule((3,), 1461 * 24, 1461)),
    ],
)
def test_schedule(text: str, schedule: Schedule) -> None:
    assert parse(text) == schedule


@pytest.mark.parametrize(
    "text",
    [
        "", "10 days", "rate()", "rate(10)", "rate(1.5 days)", "rate(-1 days)", "rate(0 days)",
        "rate(2 day)", "rate(1 hours)", "rate(5 minutes)", "rate(10  days)", "rate(10 days) ",
        "cron()", "cron(0 3 * * ?)", "cron(0 3 * * ? * *)", "cron(* 3 * * ? *)",
        "cron(0 24 * * ? *)", "cron(0 3 0 * ? *)", "cron(0 3 32 * ? *)", "cron(0 3 1 13 ? *)",
        "cron(0 3 ? * 0 *)", "cron(0 3 ? * 8 *)", "cron(0 3 ? * SUN#6 *)", "cron(0 3 ? * #1 *)",
        "cron(0 3 ? * ? *)", "cron(0 3 * * * *)", "cron(0 3 1W * ? *)", "cron(0 3 5-1 * ? *)",
        "cron(0 3 1/0 * ? *)", "cron(0 3 , * ? *)", "cron(0 3 31 4 ? *)", "cron(0 ? * * ? *)",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse(text)


HOURS = st.sets(st.integers(0, 23), min_size=1, max_size=4)
DAYS = st.sets(st.integers(1, 28), min_size=1, max_size=4)
MONTHS = st.sets(st.integers(1, 12), min_size=1, max_size=4)


@given(HOURS, DAYS, MONTHS)
def test_times_between_are_those_of_the_calendar(
    hours: set[int], days: set[int], months: set[int]
) -> None:
    fields = [",".join(map(str, sorted(numbers))) for numbers in (hours, days, months)]
    schedule = parse("cron(0 {} {} {} ? *)".format(*fields))
    runs = [
        dt.datetime(year, month, day, hour, tzinfo=dt.UTC)
        for year in range(2024, 2028)
        for month in sorted(months)
        for day in sorted(days)
        for hour in sorted(hours)
    ]
    between = [later - earlier for earlier, later in pairwise(runs)]
    assert schedule.least_hours == min(between) // dt.timedelta(hours=1)
    first_runs = [run.date() for run in runs if run.hour == min(hours)]
    longest = max(b - a for a, b in pairwise(first_runs))
    assert schedule.most_days == longest.days


@given(st.text("0123456789croatedysh()#?*-/, LSUN", max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with suppress(ScheduleError):
        assert parse(text).least_hours > 0
