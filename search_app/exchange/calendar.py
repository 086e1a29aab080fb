"""All-day events -> an iCalendar file (RFC 5545) that Outlook, phones and WPS accept.

Times of day do not occur: a term is a day. Alarms are counted from the midnight
the day begins with, so nine in the morning two days before is `-P1DT15H`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

MIME = "text/calendar; charset=utf-8"
PRODUCT = "-//dangjian-kb//dates//ZH"
MAX_OCTETS = 75
"""A content line without its line end; longer ones are folded (RFC 5545, 3.1)."""
MORNING = timedelta(hours=9)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAK = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Event:
    """A day worth a line in a calendar."""

    uid: str
    """The same for the same event each time the file is made, so that importing again updates it."""
    day: date
    summary: str
    description: str = ""
    alarms: tuple[int, ...] = ()
    """Days before, each at nine in the morning."""


def render(name: str, events: Iterable[Event], stamp: datetime, url: str = "") -> bytes:
    """The calendar as UTF-8 with CRLF line ends. `stamp` must be in UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escape(name)}",
    ]
    for event in events:
        lines += _event(event, f"{stamp:%Y%m%dT%H%M%SZ}", url)
    lines.append("END:VCALENDAR")
    return "".join(fold(line) + "\r\n" for line in lines).encode("utf-8")


def _event(event: Event, stamp: str, url: str) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_BREAK.sub('', event.uid)}",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escape(event.summary)}",
        "TRANSP:TRANSPARENT",
    ]
    if event.description:
        lines.append(f"DESCRIPTION:{escape(event.description)}")
    if url:
        lines.append(f"URL:{_BREAK.sub('', url)}")
    for days in event.alarms:
        lines += _alarm(days, event.summary)
    return [*lines, "END:VEVENT"]


def _alarm(days: int, summary: str) -> list[str]:
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escape(summary)}",
        f"TRIGGER:{trigger(days)}",
        "END:VALARM",
    ]


def trigger(days: int) -> str:
    """Nine in the morning `days` before the day: 0 -> PT9H, 1 -> -PT15H, 7 -> -P6DT15H."""
    if days <= 0:
        return f"PT{MORNING.seconds // 3600}H"
    whole, hours = days - 1, 24 - MORNING.seconds // 3600
    return f"-P{f'{whole}D' if whole else ''}T{hours}H"


def escape(text: str) -> str:
    """Text as a TEXT value: backslash, comma, semicolon and line break escaped, other controls dropped."""
    plain = _CONTROL.sub("", _BREAK.sub("\n", text))
    for char in ("\\", ";", ","):
        plain = plain.replace(char, "\\" + char)
    return plain.replace("\n", "\\n")


def fold(line: str) -> str:
    """A content line cut so that no piece exceeds 75 octets and no character is torn."""
    pieces, piece, size = [], "", 0
    for char in line:
        width = len(char.encode("utf-8"))
        if size + width > MAX_OCTETS:
            pieces.append(piece)
            piece, size = "", 1  # the space a continuation begins with counts
        piece += char
        size += width
    return "\r\n ".join([*pieces, piece])
