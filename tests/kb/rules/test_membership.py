"""Transfer, mobile members, abroad, lost contact, disposal, the branch's year, and the table of terms."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from kb.rules import disposal, membership, terms, yearly
from kb.rules.dates import Holidays
from kb.rules.membership import Lost, Move, Need
from kb.rules.results import Standing

TODAY = date(2026, 11, 21)


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("move", "moved", "until", "settled", "need"),
    [
        (Move.WORK, "2026-11-20", None, True, Need.YES),
        (Move.HOME, "2026-11-20", None, False, Need.YES),
        (Move.AWAY, "2026-05-21", None, True, Need.YES),  # exactly six months
        (Move.AWAY, "2026-05-22", None, True, Need.NOT_YET),
        (Move.AWAY, "2025-05-22", None, False, Need.NO),
        (Move.AWAY, "2026-10-31", "2027-04-30", True, Need.YES),  # six months to the end of April
        (Move.AWAY, "2026-10-31", "2027-04-29", True, Need.NO),
        (Move.AWAY, "2026-08-31", "2027-02-28", True, Need.YES),
    ],
)
def test_transfer(move: Move, moved: str, until: str | None, settled: bool, need: Need) -> None:
    found = membership.transfer(d(moved), move, TODAY, d(until) if until else None, settled)
    assert found.stage == need and any("继续负责管理" in duty.text for duty in found.duties)


def test_letter_is_valid_as_long_as_it_says() -> None:
    found = membership.transfer(TODAY, Move.WORK, TODAY, letter=d("2026-11-01"), letter_days=30)
    letter = next(m for m in found.milestones if m.key == "letter")
    assert letter.latest == d("2026-12-01") and letter.suggested
    assert membership.transfer(TODAY, Move.WORK, TODAY, letter=d("2026-11-01")).milestones == ()


def test_graduates_two_years() -> None:
    assert membership.graduate(d("2024-02-29")).milestones[0].latest == d("2026-02-28")


@pytest.mark.parametrize(
    ("left", "mobile"), [("2026-05-21", True), ("2026-05-22", False), ("2026-08-21", False)]
)
def test_mobile_after_six_months(left: str, mobile: bool) -> None:
    assert ("符合" in membership.mobile(d(left), TODAY).stage) is mobile


@pytest.mark.parametrize(("left", "stage"), [("2021-11-21", "在五年以内"), ("2021-11-20", "超过五年")])
def test_more_than_five_years_abroad(left: str, stage: str) -> None:
    found = membership.abroad(d(left), d("2026-08-31"), TODAY)
    assert found.stage == stage and found.milestones[0].latest == d("2027-02-28")


@pytest.mark.parametrize(
    ("last", "stopped", "today", "stage"),
    [
        ("2026-05-22", None, "2026-11-21", Lost.SEARCH),
        ("2026-05-21", None, "2026-11-21", Lost.STOP),
        ("2025-08-31", None, "2026-02-27", Lost.SEARCH),
        ("2025-08-31", None, "2026-02-28", Lost.STOP),
        ("2024-01-01", "2024-11-22", "2026-11-21", Lost.STOPPED),
        ("2024-01-01", "2024-11-21", "2026-11-21", Lost.EXPEL),
        ("2023-01-01", "2024-02-29", "2026-02-27", Lost.STOPPED),
        ("2023-01-01", "2024-02-29", "2026-02-28", Lost.EXPEL),
    ],
)
def test_lost(last: str, stopped: str | None, today: str, stage: Lost) -> None:
    assert membership.lost(d(last), d(today), d(stopped) if stopped else None).stage == stage


def test_stop_before_six_months_is_wrong() -> None:
    found = membership.lost(d("2026-05-22"), TODAY, d("2026-11-21"))
    stopped = next(m for m in found.milestones if m.key == "stopped")
    assert stopped.standing(TODAY) is Standing.EARLY and any("早于" in duty.text for duty in found.duties)


@pytest.mark.parametrize(("months", "end"), [(6, "2027-02-28"), (1, "2026-09-30"), (12, "2027-08-31")])
def test_rectification(months: int, end: str) -> None:
    assert disposal.rectification(d("2026-08-31"), TODAY, months).milestones[0].latest == d(end)


@pytest.mark.parametrize("months", [0, 13])
def test_rectification_is_at_most_a_year(months: int) -> None:
    with pytest.raises(ValueError, match="rectification"):
        disposal.rectification(TODAY, TODAY, months)


def test_rectification_over_and_five_years() -> None:
    assert disposal.rectification(d("2026-05-21"), TODAY).stage == "改正期已满"
    assert disposal.rectification(d("2026-05-22"), TODAY).stage == "改正期内"
    assert disposal.removed(d("2021-11-21"), TODAY).stage == "已满五年"
    assert disposal.removed(d("2024-02-29"), TODAY).milestones[0].latest == d("2029-02-28")


@pytest.mark.parametrize(
    ("done", "today", "left", "months", "monthly"),
    [
        (0, "2026-01-01", 32, 12, 3),
        (32, "2026-06-01", 0, 7, 0),
        (31, "2026-12-31", 1, 1, 1),
        (40, "2026-06-01", 0, 7, 0),
        (10, "2026-11-21", 22, 2, 11),
    ],
)
def test_hours(done: int, today: str, left: int, months: int, monthly: int) -> None:
    found = yearly.hours(done, d(today))
    assert (found.left, found.months, found.monthly) == (left, months, monthly)
    assert yearly.hours(0, d("2026-12-31")).days == 1


def test_hours_below_none_are_refused() -> None:
    with pytest.raises(ValueError, match="hours"):
        yearly.hours(-1, TODAY)


@pytest.mark.parametrize(
    ("committee", "groups", "counts"),
    [
        (True, True, {"committee": 12, "group": 12}),
        (False, True, {"committee": 0, "group": 12}),
        (True, False, {"committee": 12, "group": 0}),
    ],
)
def test_year(committee: bool, groups: bool, counts: dict[str, int]) -> None:
    plan = yearly.plan(yearly.Year(2024, 28, committee, groups))
    kinds = Counter(m.key.split("-")[0] for m in plan)
    assert kinds["theme"] == 12 and kinds["assembly"] == 4 and {k: kinds[k] for k in counts} == counts
    assert all(m.rules and m.routine for m in plan) and len({m.key for m in plan}) == len(plan)
    february = [m.latest for m in plan if m.key == "committee-02"]
    assert february == ([d("2024-02-29")] if committee else [])


@pytest.mark.parametrize(
    ("key", "since", "day"),
    [
        ("talk", "2026-01-31", "2026-02-28"),
        ("review", "2026-08-31", "2027-02-28"),
        ("candidate", "2024-02-29", "2025-02-28"),
        ("notice", "2026-11-16", "2026-11-23"),
        ("admission", "2026-03-31", "2026-04-30"),
        ("approval", "2025-11-30", "2026-02-28"),
        ("approval-most", "2025-08-31", "2026-02-28"),
        ("oath", "2026-05-31", "2026-06-30"),
        ("probation", "2024-02-29", "2025-02-28"),
        ("extension-least", "2026-08-31", "2027-02-28"),
        ("extension-most", "2026-08-31", "2027-08-31"),
        ("postpone", "2026-08-31", "2027-02-28"),
        ("conversion", "2026-11-30", "2027-02-28"),
        ("branch-term", "2024-02-29", "2027-02-28"),
        ("long-term", "2023-11-21", "2028-11-21"),
        ("reminder", "2026-08-31", "2026-02-28"),
        ("extension", "2027-02-28", "2028-02-28"),
        ("setup", "2026-01-30", "2026-02-28"),
        ("dues", "2026-05-01", "2026-11-01"),
        ("transfer", "2026-05-21", "2026-11-21"),
        ("graduate", "2024-06-30", "2026-06-30"),
        ("mobile", "2026-05-21", "2026-11-21"),
        ("lost", "2025-08-31", "2026-02-28"),
        ("lost-expel", "2024-02-29", "2026-02-28"),
        ("abroad-contact", "2026-08-31", "2027-02-28"),
        ("abroad", "2021-11-21", "2026-11-21"),
        ("rectify", "2026-02-28", "2027-02-28"),
        ("rectify-usual", "2026-08-31", "2027-02-28"),
        ("rejoin", "2024-02-29", "2029-02-28"),
        ("probation-penalty", "2024-11-21", "2026-11-21"),
    ],
)
def test_every_fixed_term(key: str, since: str, day: str) -> None:
    assert terms.due(terms.fixed_term(key), d(since)) == d(day)


def test_no_term_is_left_untested() -> None:
    marks = test_every_fixed_term.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in marks[0].args[1]} == {term.key for term in terms.TERMS}


def test_lengths_in_words_and_holidays() -> None:
    said = {term.key: term.length for term in terms.TERMS}
    assert (said["talk"], said["branch-term"], said["notice"], said["reminder"]) == (
        "1个月",
        "3年",
        "5个工作日",
        "6个月",
    )
    week = Holidays(frozenset(date(2026, 10, n) for n in range(1, 8)))
    assert terms.due(terms.fixed_term("notice"), d("2026-09-30"), week) == d("2026-10-14")
