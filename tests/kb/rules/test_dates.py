"""Months, month ends, leap days, working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.rules.dates import (
    Holidays,
    add_months,
    add_years,
    full_months,
    is_working_day,
    month_end,
    month_start,
    working_day,
)

DAYS = st.dates(date(1921, 7, 1), date(2100, 12, 31))


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        ("2026-01-15", 1, "2026-02-15"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-08-31", -6, "2026-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-05-20", 0, "2026-05-20"),
        ("2026-01-01", -1, "2025-12-01"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
    ],
)
def test_corresponding_day_or_the_last_of_the_month(day: str, months: int, found: str) -> None:
    assert add_months(d(day), months) == d(found)


def test_adding_twice_is_not_adding_two() -> None:
    start = d("2026-01-31")
    assert add_months(add_months(start, 1), 1) == d("2026-03-28") != add_months(start, 2)


def test_years_over_a_leap_day() -> None:
    assert add_years(d("2024-02-29"), 3) == d("2027-02-28")
    assert add_years(d("2023-02-28"), 1) == d("2024-02-28")


@given(DAYS, st.integers(-600, 600))
def test_the_day_never_moves_to_another_month(day: date, months: int) -> None:
    found = add_months(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == min(day.day, month_end(found).day)


@given(DAYS, st.integers(0, 600))
def test_full_months_inverts_adding(day: date, months: int) -> None:
    assert full_months(day, add_months(day, months)) == months
    if (added := add_months(day, months)) > day:
        assert full_months(day, added - timedelta(days=1)) == months - 1


def test_edges_of_a_month() -> None:
    assert month_start(d("2026-02-17")) == d("2026-02-01") and month_end(d("2024-02-01")) == d("2024-02-29")


NATIONAL_DAY = Holidays(
    frozenset(d("2026-10-01") + timedelta(days=n) for n in range(7)), frozenset({d("2026-10-10")})
)


@pytest.mark.parametrize(
    ("start", "count", "holidays", "found"),
    [
        ("2026-11-16", 5, Holidays(), "2026-11-23"),  # Monday: the first day is not counted
        ("2026-11-20", 5, Holidays(), "2026-11-27"),  # Friday
        ("2026-11-21", 5, Holidays(), "2026-11-27"),  # Saturday
        ("2026-11-22", 5, Holidays(), "2026-11-27"),  # Sunday
        ("2026-11-20", 1, Holidays(), "2026-11-23"),
        ("2026-11-20", 0, Holidays(), "2026-11-20"),
        ("2026-09-30", 5, Holidays(), "2026-10-07"),
        ("2026-09-30", 5, NATIONAL_DAY, "2026-10-13"),  # 8, 9, 10 (worked Saturday), 12, 13
        ("2026-12-31", 5, Holidays(), "2027-01-07"),
        ("2024-02-28", 2, Holidays(), "2024-03-01"),
    ],
)
def test_working_days(start: str, count: int, holidays: Holidays, found: str) -> None:
    assert working_day(d(start), count, holidays) == d(found)


def test_a_day_named_as_both_is_worked() -> None:
    both = Holidays(frozenset({d("2026-10-05")}), frozenset({d("2026-10-05")}))
    assert is_working_day(d("2026-10-05"), both)


@given(DAYS, st.integers(1, 30))
def test_a_working_day_has_that_many_working_days_before_it(start: date, count: int) -> None:
    end = working_day(start, count)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert is_working_day(end) and sum(map(is_working_day, between)) == count
