"""Terms of office, their extension, and counts at elections."""

from __future__ import annotations

from datetime import date

import pytest

from kb.rules import ballots, clauses, election
from kb.rules.results import Standing, Tone


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("kind", "start", "end", "reminder"),
    [
        ("branch", "2023-03-15", "2026-03-15", "2025-09-15"),
        ("general", "2023-03-15", "2026-03-15", "2025-09-15"),
        ("committee", "2021-03-15", "2026-03-15", "2025-09-15"),
        ("village", "2021-03-15", "2026-03-15", "2025-09-15"),  # village and community: five years for all
        ("organ-branch", "2023-03-15", "2026-03-15", "2025-09-15"),
        ("organ-general", "2023-03-15", "2026-03-15", "2025-09-15"),
        ("organ-committee", "2021-03-15", "2026-03-15", "2025-09-15"),
        ("branch", "2024-02-29", "2027-02-28", "2026-08-28"),  # leap day
        ("village", "2023-08-31", "2028-08-31", "2028-02-29"),  # end of month, leap year
        ("branch", "2022-08-31", "2025-08-31", "2025-02-28"),
    ],
)
def test_end_and_reminder(kind: str, start: str, end: str, reminder: str) -> None:
    term = election.term(d(start), election.body(kind))
    assert (term.end, term.reminder) == (d(end), d(reminder))


def test_each_kind_names_its_clause() -> None:
    rules = {body.key: body.rule for body in election.BODIES}
    assert rules["branch"] is rules["village"] is clauses.TERM_YEARS
    assert rules["organ-branch"] is clauses.ORGAN_BRANCH


@pytest.mark.parametrize("years", [3, 4, 5])
def test_an_approval_may_name_another_length(years: int) -> None:
    assert election.term(d("2020-01-01"), election.body("branch"), years).end == date(2020 + years, 1, 1)


@pytest.mark.parametrize("years", [1, 2, 6, -3])
def test_lengths_the_constitution_does_not_allow(years: int) -> None:
    with pytest.raises(ValueError, match="term of"):
        election.term(d("2020-01-01"), election.body("branch"), years)


def warnings(term: election.Term) -> str:
    return "".join(duty.text for duty in term.duties if duty.tone is Tone.WARN)


@pytest.mark.parametrize(
    ("extended", "deadline", "warned"),
    [
        (None, "2026-03-15", ""),
        ("2026-09-30", "2026-09-30", ""),
        ("2027-03-15", "2027-03-15", ""),  # exactly one year
        ("2027-03-16", "2027-03-16", "一般不超过1年"),
        ("2026-03-15", "2026-03-15", "没有采用"),
        ("2026-01-01", "2026-03-15", "没有采用"),
    ],
)
def test_extension(extended: str | None, deadline: str, warned: str) -> None:
    term = election.term(d("2023-03-15"), election.body("branch"), extended=d(extended) if extended else None)
    assert (term.deadline, term.limit, term.earliest) == (d(deadline), d("2027-03-15"), d("2025-03-15"))
    assert warned in warnings(term) and bool(warned) is bool(warnings(term))


@pytest.mark.parametrize(
    ("meeting", "standing", "warned"),
    [
        ("2025-03-14", Standing.EARLY, "一年以上"),
        ("2025-03-15", Standing.DONE, ""),
        ("2026-03-15", Standing.DONE, ""),
        ("2026-03-16", Standing.LATE, "批准延期"),
    ],
)
def test_meeting(meeting: str, standing: Standing, warned: str) -> None:
    term = election.term(d("2023-03-15"), election.body("branch"), meeting=d(meeting))
    line = next(m for m in term.milestones if m.key == "meeting")
    assert line.standing(d("2026-06-01")) is standing and warned in warnings(term)


def test_early_meeting_must_be_approved() -> None:
    term = election.term(d("2023-03-15"), election.body("branch"), meeting=d("2026-03-14"))
    assert any("提前换届" in duty.text and duty.tone is Tone.ACT for duty in term.duties)


def test_lead_times_are_suggestions_counted_from_the_meeting() -> None:
    leads = (election.Lead("request", "报请示", 45, "书记"), election.Lead("report", "报结果", -5, "书记"))
    term = election.term(d("2023-03-15"), election.body("branch"), meeting=d("2026-03-10"), leads=leads)
    found = {m.key: m for m in term.milestones}
    assert found["request"].latest == d("2026-01-24") and found["report"].latest == d("2026-03-15")
    assert all(found[lead.key].suggested for lead in leads)
    assert not any(found[key].suggested for key in ("reminder", "end", "meeting", "limit"))


def test_timetable_is_in_order() -> None:
    days = [m.latest for m in election.term(d("2023-03-15"), election.body("branch")).milestones]
    assert days == sorted(day for day in days if day) and len(days) == 4 + len(election.LEADS)


@pytest.mark.parametrize(
    ("seats", "least"), [(1, 2), (3, 4), (4, 5), (5, 6), (6, 8), (7, 9), (10, 12), (11, 14)]
)
def test_candidates_are_a_fifth_more_rounded_up(seats: int, least: int) -> None:
    assert ballots.candidates(seats).least == least


@pytest.mark.parametrize(
    ("entitled", "least"), [(1, 1), (5, 4), (6, 5), (9, 8), (10, 8), (11, 9), (30, 24), (31, 25)]
)
def test_election_quorum_is_four_fifths_rounded_up(entitled: int, least: int) -> None:
    assert ballots.election_quorum(entitled).least == least


@pytest.mark.parametrize(("entitled", "least"), [(1, 1), (2, 2), (3, 2), (10, 6), (11, 6)])
def test_half_is_not_more_than_half(entitled: int, least: int) -> None:
    found = {
        each(entitled).least
        for each in (ballots.admission_quorum, ballots.admission_votes, ballots.meeting_votes)
    }
    assert found == {least}
