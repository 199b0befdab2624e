"""Rotation schedules: `rate(…)` and `cron(…)` as Secrets Manager takes them.

Source: Secrets Manager User Guide, "Rotation schedules"; what it leaves open follows the cron
expressions of Amazon EventBridge.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import cache, lru_cache
from itertools import pairwise

from msgspec import Struct

MIN_HOURS_BETWEEN = 4
MAX_RATE_DAYS = 999

_RATE = re.compile(r"rate\((?P<number>[0-9]+) (?P<unit>[A-Za-z]+)\)")
_CRON = re.compile(r"cron\((?P<fields>[^()]*)\)")
_UNITS = {"hour": 1, "hours": 1, "day": 24, "days": 24}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = ("minutes", "hours", "day-of-month", "month", "day-of-week", "year")
_MAX_DIGITS = 6
_FIRST_DAY, _CYCLE_DAYS = dt.date(2024, 1, 1), 4 * 365 + 1


class ScheduleError(ValueError):
    """An expression that Secrets Manager does not take.

    Args:
        message: what is wrong.
        suggestion: a valid expression that may have been meant.
    """

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.suggestion = suggestion


class Schedule(Struct, frozen=True):
    """When a secret rotates.

    Args:
        start_hours: hours of the day, in UTC, at which a rotation window opens; empty for a rate
            in hours, of which that is not documented.
        least_hours: shortest time between two windows' openings.
        most_days: longest time between two windows' openings.
    """

    start_hours: tuple[int, ...]
    least_hours: int
    most_days: int


@lru_cache(maxsize=4096)
def parse(text: str) -> Schedule:
    """Parses a schedule expression.

    Raises:
        ScheduleError: Secrets Manager would not take it.
    """
    if text.startswith("rate("):
        return _rate(text)
    if text.startswith("cron("):
        return _cron(text)
    raise ScheduleError("Write `rate(10 days)`, or `cron(0 3 ? * SUN *)` with six fields.")


def _rate(text: str) -> Schedule:
    match = _RATE.fullmatch(text)
    if not match or len(match["number"]) > _MAX_DIGITS:
        raise ScheduleError("Write a rate as `rate(10 days)` or `rate(12 hours)`.")
    number, unit = int(match["number"]), match["unit"]
    if unit not in _UNITS:
        raise ScheduleError("A rate is a number of hours or days, such as `rate(10 days)`.")
    if number == 0:
        raise ScheduleError("A rate is at least 4 hours.")
    if (number == 1) == unit.endswith("s"):
        fitting = unit.rstrip("s") + ("" if number == 1 else "s")
        raise ScheduleError(
            "Use `day` or `hour` with 1, `days` or `hours` otherwise.",
            f"rate({number} {fitting})",
        )
    hours = number * _UNITS[unit]
    start_hours = (0,) if unit.startswith("day") else ()
    return Schedule(start_hours, hours, -(-hours // 24))


def _cron(text: str) -> Schedule:
    match = _CRON.fullmatch(text)
    fields = match["fields"].split() if match else []
    if len(fields) != len(_FIELDS):
        with_year = f"cron({' '.join([*fields, '*'])})"
        only_year = len(fields) == len(_FIELDS) - 1 and _is_valid(with_year)
        has = f"this one has {len(fields)}" if match else "and ends with `)`"
        raise ScheduleError(
            f"A cron expression has six fields, {', '.join(_FIELDS)}; {has}.",
            with_year if only_year else "",
        )
    minutes, hours, day, month, weekday, year = fields
    if minutes != "0":
        fixed = " ".join(["0", *fields[1:]])
        raise ScheduleError("Minutes must be 0: a window opens on the hour.", f"cron({fixed})")
    if year != "*":
        fixed = " ".join([*fields[:-1], "*"])
        raise ScheduleError("The year must be `*`.", f"cron({fixed})")
    if (day == "?") == (weekday == "?"):
        some_weekday = weekday not in {"*", "?"}
        days = ("?", month, weekday) if some_weekday else (day.replace("?", "*"), month, "?")
        fixed = f"cron({' '.join([minutes, hours, *days, year])})"
        both_given = some_weekday and day not in {"*", "?"}
        raise ScheduleError(
            "Exactly one of day-of-month and day-of-week must be `?`.",
            fixed if not both_given and _is_valid(fixed) else "",
        )
    start_hours = tuple(sorted(_numbers("hours", hours, 0, 23)))
    fewest, most = _days_between(day, month, weekday)
    overnight = start_hours[0] - start_hours[-1]
    within_day = [b - a for a, b in pairwise(start_hours)]
    return Schedule(start_hours, min([*within_day, fewest * 24 + overnight]), most)


def _is_valid(text: str) -> bool:
    try:
        parse(text)
    except ScheduleError:
        return False
    return True


@lru_cache(maxsize=4096)
def _days_between(day: str, month: str, weekday: str) -> tuple[int, int]:
    """Returns the least and the greatest number of days from one rotation day to the next."""
    months = _numbers("month", month, 1, 12, _MONTHS)
    days = _Days.of_month(day) if weekday == "?" else _Days.of_week(weekday)
    running = [number for number, d in enumerate(_calendar()) if d.month in months and days.has(d)]
    if not running:
        raise ScheduleError("No year has such a day: the secret would never rotate.")
    between = [b - a for a, b in pairwise(running)] or [_CYCLE_DAYS]
    return min(between), max(between)


class _Day(Struct, frozen=True):
    """A day of the calendar; `weekday` is 1 for Sunday, `nth` counts it within the month."""

    month: int
    day: int
    weekday: int
    nth: int
    last: bool
    last_such: bool


@cache
def _calendar() -> list[_Day]:
    """Returns four years, after which the calendar repeats as far as cron can know."""
    days = []
    for number in range(_CYCLE_DAYS):
        date = _FIRST_DAY + dt.timedelta(days=number)
        length = calendar.monthrange(date.year, date.month)[1]
        days.append(
            _Day(
                month=date.month,
                day=date.day,
                weekday=date.isoweekday() % 7 + 1,
                nth=(date.day - 1) // 7 + 1,
                last=date.day == length,
                last_such=date.day + 7 > length,
            )
        )
    return days


class _Days(Struct, frozen=True):
    """The days that a day-of-month or a day-of-week field stands for."""

    days: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    nth: int = 0
    last: bool = False

    @classmethod
    def of_month(cls, field: str) -> _Days:
        """Reads a day-of-month field."""
        if field == "L":
            return cls(last=True)
        return cls(days=_numbers("day-of-month", field, 1, 31))

    @classmethod
    def of_week(cls, field: str) -> _Days:
        """Reads a day-of-week field."""
        name = "day-of-week"
        if field == "L":
            return cls(weekdays=frozenset({7}))
        if "#" in field:
            weekday, _, nth = field.partition("#")
            if nth not in {"1", "2", "3", "4", "5"}:
                raise ScheduleError("After `#` write which one of the month, from 1 to 5.")
            return cls(weekdays=frozenset({_number(name, weekday, 1, 7, _WEEKDAYS)}), nth=int(nth))
        if field.endswith("L"):
            weekday = field.removesuffix("L")
            return cls(weekdays=frozenset({_number(name, weekday, 1, 7, _WEEKDAYS)}), last=True)
        return cls(weekdays=_numbers(name, field, 1, 7, _WEEKDAYS))

    def has(self, day: _Day) -> bool:
        """Returns whether a day is one of them."""
        if not self.weekdays:
            return day.last if self.last else day.day in self.days
        if day.weekday not in self.weekdays or (self.nth and day.nth != self.nth):
            return False
        return day.last_such or not self.last


def _numbers(
    name: str, field: str, low: int, high: int, words: tuple[str, ...] = ()
) -> frozenset[int]:
    """Reads a field that is a list of numbers, ranges and increments."""
    found: set[int] = set()
    for item in field.split(","):
        span, slash, step_text = item.partition("/")
        step = _number(name, step_text, 1, high) if slash else 1
        begin, dash, end = span.partition("-")
        if span == "*" or (slash and not span):
            first, last = low, high
        else:
            first = _number(name, begin, low, high, words)
            last = _number(name, end, low, high, words) if dash else high if slash else first
        if first > last:
            raise ScheduleError(
                f"The range {span!r} in {name} runs backwards: write two ranges, separated by a"
                " comma."
            )
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(name: str, text: str, low: int, high: int, words: tuple[str, ...] = ()) -> int:
    if text.upper() in words:
        return words.index(text.upper()) + low
    if re.fullmatch("[0-9]{1,2}", text) and low <= int(text) <= high:
        return int(text)
    named = f" or from {words[0]} to {words[-1]}" if words else ""
    what = repr(text) if text else "nothing"
    if text.upper().endswith("W"):
        raise ScheduleError("Secrets Manager does not support `W` for the nearest working day.")
    raise ScheduleError(f"{name} takes numbers from {low} to {high}{named}, not {what}.")


def hours_between(every_days: int | None, schedule: str | None) -> int | None:
    """Returns the longest time in hours between two rotations; None for an invalid schedule.

    Args:
        every_days: days between two rotations; None where a schedule is given.
        schedule: the schedule expression.
    """
    if every_days is not None:
        return every_days * 24
    try:
        parsed = parse(str(schedule))
    except ScheduleError:
        return None
    return parsed.least_hours if not parsed.start_hours else parsed.most_days * 24
