"""Development of members by the rules of 2026, and probation."""

from __future__ import annotations

from datetime import date

import pytest

from kb.rules import development, probation
from kb.rules.dates import Holidays
from kb.rules.probation import Probation
from kb.rules.progress import Progress, findings, out_of_order
from kb.rules.results import Milestone, Standing

TODAY = date(2026, 11, 21)


def d(text: str) -> date:
    return date.fromisoformat(text)


def steps(today: date = TODAY, **days: str) -> dict[str, Milestone]:
    progress = Progress(**{name: d(day) for name, day in days.items()})
    return {m.key: m for m in development.path(progress, today).milestones}


@pytest.mark.parametrize(
    ("before", "step", "earliest", "latest"),
    [
        ({"applied": "2026-10-31"}, "talked", "2026-10-31", "2026-11-30"),  # a month without a 31st
        ({"applied": "2026-01-31"}, "talked", "2026-01-31", "2026-02-28"),
        ({"applied": "2024-01-31"}, "talked", "2024-01-31", "2024-02-29"),
        ({"applied": "2025-01-01", "activist": "2025-06-01"}, "agreed", "2026-06-01", None),
        ({"applied": "2024-01-01", "activist": "2024-02-29"}, "agreed", "2025-02-28", None),
        ({"applied": "2025-01-01", "activist": "2025-06-30"}, "review", None, "2025-12-30"),
        ({"applied": "2025-01-01", "activist": "2025-08-31"}, "review", None, "2026-02-28"),
        (
            {"applied": "2025-01-01", "activist": "2025-06-01", "reviewed": "2025-12-31"},
            "review",
            None,
            "2026-06-30",
        ),
        ({"applied": "2025-01-01", "prereviewed": "2026-01-31"}, "meeting", "2026-01-31", "2026-02-28"),
        ({"applied": "2025-01-01", "meeting": "2026-11-30"}, "approved", None, "2027-02-28"),
        (
            {"applied": "2025-01-01", "meeting": "2026-01-10", "reported": "2026-01-15"},
            "approved",
            "2026-01-15",
            "2026-04-15",
        ),
        (
            {"applied": "2025-01-01", "meeting": "2026-01-10", "reported": "2026-01-15"},
            "approved-limit",
            None,
            "2026-07-15",
        ),
        ({"applied": "2025-01-01", "approved": "2026-05-31"}, "sworn", "2026-05-31", "2026-06-30"),
    ],
)
def test_bounds(before: dict[str, str], step: str, earliest: str | None, latest: str | None) -> None:
    found = steps(**before)[step]
    if earliest:
        assert found.earliest == d(earliest)
    assert found.latest == (d(latest) if latest else None)


@pytest.mark.parametrize(
    ("done", "standing"),
    [("2026-05-31", Standing.EARLY), ("2026-06-01", Standing.DONE), ("2026-09-01", Standing.DONE)],
)
def test_one_year_of_cultivation(done: str, standing: Standing) -> None:
    found = steps(applied="2025-01-01", activist="2025-06-01", agreed=done)["agreed"]
    assert found.standing(TODAY) is standing


@pytest.mark.parametrize(
    ("listed", "standing"),
    [("2026-11-23", Standing.EARLY), ("2026-11-24", Standing.DONE)],
)
def test_listing_comes_after_the_fifth_working_day(listed: str, standing: Standing) -> None:
    found = steps(
        d("2026-12-01"),
        applied="2025-01-01",
        activist="2025-06-01",
        agreed="2026-11-10",
        noticed="2026-11-16",
        listed=listed,
    )
    assert (
        found["notice-end"].latest == d("2026-11-23")
        and found["listed"].standing(d("2026-12-01")) is standing
    )


def test_holidays_lengthen_the_notice() -> None:
    progress = Progress(
        d("2025-01-01"), activist=d("2025-06-01"), agreed=d("2026-09-20"), noticed=d("2026-09-30")
    )
    week = Holidays(frozenset(date(2026, 10, n) for n in range(1, 8)))
    found = {m.key: m for m in development.path(progress, TODAY, week).milestones}
    assert found["notice-end"].latest == d("2026-10-14") and found["listed"].earliest == d("2026-10-15")


def test_meeting_within_a_month_of_the_prereview() -> None:
    before = {"applied": "2025-01-01", "prereviewed": "2026-09-30"}
    assert steps(**before, meeting="2026-10-30")["meeting"].standing(TODAY) is Standing.DONE
    assert steps(**before, meeting="2026-10-31")["meeting"].standing(TODAY) is Standing.LATE
    assert steps(**before)["meeting"].standing(TODAY) is Standing.OVERDUE


def test_from_the_application_alone_every_step_has_its_earliest_day() -> None:
    found = development.path(Progress(TODAY), TODAY)
    by_key = {m.key: m for m in found.milestones}
    assert (
        by_key["agreed"].earliest == d("2027-11-21") and found.meeting == d("2027-11-27") and found.projected
    )
    assert [m.key for m in found.milestones if m.standing(TODAY).wrong] == []
    assert by_key["noticed"].standing(d("2027-12-01")) is Standing.UNDATED
    assert probation.end(Probation(found.meeting)) == d("2028-11-27")


def test_the_past_is_not_made_up() -> None:
    """A step without a date before a dated one is unknown: neither overdue nor the base of anything."""
    found = steps(applied="2020-01-01", listed="2026-01-05")
    assert found["talked"].standing(TODAY) is Standing.SKIPPED
    assert found["agreed"].standing(TODAY) is Standing.SKIPPED
    assert found["listed"].earliest is None and found["listed"].standing(TODAY) is Standing.DONE


def test_what_is_overdue_today() -> None:
    found = steps(applied="2025-01-01", activist="2025-06-01")
    assert found["review"].standing(TODAY) is Standing.OVERDUE
    assert steps(applied="2026-10-21")["talked"].standing(TODAY) is Standing.OPEN
    assert steps(applied="2026-10-20")["talked"].standing(TODAY) is Standing.OVERDUE


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"applied": "2026-11-20", "born": "2008-11-21"}, "未满十八岁"),
        ({"applied": "2026-11-21", "born": "2008-11-21"}, ""),
        ({"applied": "2026-02-28", "born": "2008-02-29"}, ""),
        ({"applied": "2026-02-27", "born": "2008-02-29"}, "未满十八岁"),
        ({"applied": "2025-01-01", "leaving": "2027-02-21"}, "三个月内将离开"),
        ({"applied": "2025-01-01", "leaving": "2027-02-22"}, ""),
        ({"applied": "2025-01-01", "meeting": "2026-08-21"}, ""),
        ({"applied": "2025-01-01", "meeting": "2026-08-20"}, "超过三个月"),
    ],
)
def test_findings(days: dict[str, str], words: str) -> None:
    said = "".join(duty.text for duty in findings(Progress(**{k: d(v) for k, v in days.items()}), TODAY))
    assert words in said
    if not words:
        assert not any(w in said for w in ("未满十八岁", "将离开", "超过三个月"))


def test_dates_out_of_order_are_named() -> None:
    said = out_of_order(Progress(d("2025-01-01"), activist=d("2024-12-31"), meeting=d("2026-01-01")))
    assert [duty.text for duty in said] == ["“确定积极分子”的日期早于“递交申请书”，请核对。"]


@pytest.mark.parametrize(
    ("meeting", "extension", "over"),
    [
        ("2025-11-21", 0, "2026-11-21"),
        ("2024-02-29", 0, "2025-02-28"),
        ("2023-02-28", 0, "2024-02-28"),
        ("2025-08-31", 6, "2027-02-28"),
        ("2025-11-21", 12, "2027-11-21"),
    ],
)
def test_probation_ends(meeting: str, extension: int, over: str) -> None:
    assert probation.end(Probation(d(meeting), extension)) == d(over)


@pytest.mark.parametrize("extension", [1, 5, 13, -6])
def test_extension_is_half_a_year_to_a_year(extension: int) -> None:
    with pytest.raises(ValueError, match="extension"):
        probation.end(Probation(TODAY, extension))


def line(key: str, member: Probation) -> Milestone:
    return next(m for m in probation.timetable(member) if m.key == key)


@pytest.mark.parametrize(
    ("converted", "standing"), [("2026-10-31", Standing.EARLY), ("2026-11-01", Standing.DONE)]
)
def test_conversion_is_not_before_the_end(converted: str, standing: Standing) -> None:
    assert line("converted", Probation(d("2025-11-01"), converted=d(converted))).standing(TODAY) is standing


def test_conversion_is_approved_within_three_months() -> None:
    member = Probation(d("2024-11-30"), converted=d("2025-11-30"))
    assert line("full-approved", member).latest == d("2026-02-28")


def test_transferred_members_may_wait_six_months() -> None:
    member = Probation(d("2025-08-31"), transferred=True)
    assert line("postponed", member).latest == d("2027-02-28") and line("postponed", member).aside
    assert not any(m.key == "postponed" for m in probation.timetable(Probation(d("2025-08-31"))))


def test_overdue_discussion_is_said() -> None:
    member = Probation(d("2025-11-01"))
    assert "已经20天" in "".join(duty.text for duty in probation.findings(member, TODAY))
    assert "已经" not in "".join(duty.text for duty in probation.findings(member, d("2026-11-01")))
