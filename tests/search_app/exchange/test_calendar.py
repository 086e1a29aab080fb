"""Calendar files: what RFC 5545 asks for, and what a reference parser reads back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_app.exchange.calendar import Event, escape, fold, render, trigger

STAMP = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
EVENT = Event(
    "election-end-1@dangjian-kb", date(2026, 12, 31), "任期届满", "期限：三年；依据，\n见\\第一条", (7, 1)
)


def parsed(data: bytes) -> icalendar.Calendar:
    calendar = icalendar.Calendar.from_ical(data)
    assert isinstance(calendar, icalendar.Calendar)
    return calendar


def test_reference_parser_reads_it_back() -> None:
    calendar = parsed(render("换届，支部", [EVENT], STAMP, "http://kb.local/tools/election?start=2023-12-31"))
    assert calendar["VERSION"] == "2.0" and calendar["PRODID"] and calendar["X-WR-CALNAME"] == "换届，支部"
    (event,) = calendar.walk("VEVENT")
    assert event["UID"] == EVENT.uid and event["SUMMARY"] == "任期届满"
    assert event["DESCRIPTION"] == EVENT.description
    assert event["URL"] == "http://kb.local/tools/election?start=2023-12-31"
    assert event.decoded("DTSTAMP") == STAMP
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (date(2026, 12, 31), date(2027, 1, 1))
    alarms = event.walk("VALARM")
    assert [alarm["ACTION"] for alarm in alarms] == ["DISPLAY", "DISPLAY"]
    nine = [datetime(2026, 12, 31) + alarm.decoded("TRIGGER") for alarm in alarms]
    assert nine == [datetime(2026, 12, 24, 9), datetime(2026, 12, 30, 9)]


def test_lines_end_in_crlf_and_are_short() -> None:
    data = render("名", [Event("u", date(2026, 1, 1), "长" * 100, "说" * 500)], STAMP)
    assert data.endswith(b"END:VCALENDAR\r\n") and b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    assert b"VALUE=DATE:20260101" in data


@pytest.mark.parametrize(("days", "text"), [(0, "PT9H"), (1, "-PT15H"), (2, "-P1DT15H"), (7, "-P6DT15H")])
def test_alarms_are_at_nine(days: int, text: str) -> None:
    assert trigger(days) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a,b;c", "a\\,b\\;c"),
        ("回\\车\r\n换行\n尾\r", "回\\\\车\\n换行\\n尾\\n"),
        ("带\x00\x08\x7f控制符", "带控制符"),
        ("冒号: 和“引号”不动", "冒号: 和“引号”不动"),
    ],
)
def test_escaping(text: str, value: str) -> None:
    assert escape(text) == value


def test_nothing_can_be_smuggled_in() -> None:
    event = Event("u\r\nX-A:1", date(2026, 1, 1), "标题\r\nBEGIN:VEVENT\r\nX-BAD:1", "\rEND:VEVENT")
    data = render("名\r\nX-B:1", [event], STAMP, "http://a/\r\nX-C:1")
    names = [line.split(b":")[0] for line in data.replace(b"\r\n ", b"").split(b"\r\n")]
    assert not [name for name in names if name.startswith(b"X-") and name != b"X-WR-CALNAME"]
    assert len(parsed(data).walk("VEVENT")) == 1


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_any_text_survives(text: str) -> None:
    (event,) = parsed(render("n", [Event("u", date(2026, 1, 1), "s", "起" + text)], STAMP)).walk("VEVENT")
    assert event["DESCRIPTION"] == "起" + text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=400))
def test_folding_loses_nothing(line: str) -> None:
    folded = fold(line)
    assert folded.replace("\r\n ", "") == line
    assert all(len(piece.encode()) <= 75 for piece in folded.split("\r\n"))


def test_an_event_each_day_of_a_leap_february() -> None:
    events = [Event(f"u{n}", date(2024, 2, 1) + timedelta(days=n), "日") for n in range(29)]
    days = [event.decoded("DTEND") for event in parsed(render("月", events, STAMP)).walk("VEVENT")]
    assert days[-1] == date(2024, 3, 1) and len(days) == 29
