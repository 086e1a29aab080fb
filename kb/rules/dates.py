"""Months and working days as the rules need them.

A term in months or years ends on the corresponding day; where that month has no
such day, on its last day (31 August + 6 months = 28 or 29 February). No Party
clause seen here says how to count; this is the civil convention, and pages name
it as ours. Always add to the original day: adding one month twice is not adding two.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = 12
_SATURDAY = 5


def add_months(day: date, months: int) -> date:
    """The corresponding day `months` later (earlier when negative), or the last day of a shorter month."""
    count = day.year * MONTHS + day.month - 1 + months
    year, month = divmod(count, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February in a common year."""
    return add_months(day, years * MONTHS)


def full_months(start: date, end: date) -> int:
    """How many whole months lie between two days: the largest n with `start` + n months <= `end`."""
    months = (end.year - start.year) * MONTHS + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def month_start(day: date) -> date:
    """The first day of the month `day` lies in."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last day of the month `day` lies in."""
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days that differ from the ordinary week: announced for each year, so the user supplies them."""

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()


ORDINARY = Holidays()
"""Weeks as they come: Monday to Friday are worked."""


def is_working_day(day: date, holidays: Holidays = ORDINARY) -> bool:
    """Monday to Friday less the days off, plus the weekends worked; a day named in both is worked."""
    return day in holidays.on or (day.weekday() < _SATURDAY and day not in holidays.off)


def working_day(start: date, count: int, holidays: Holidays = ORDINARY) -> date:
    """The `count`-th working day after `start`; the day of `start` itself is not counted.

    Not counting the first day is the careful reading of "no fewer than five working days".
    """
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return day
