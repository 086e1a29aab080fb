"""Every version of an entry: who, when, why; one beside another; and the way back. For reviewers.

Readers see the published text only: an earlier version may hold what was
taken out for a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from kb import schema, sides
from kb.errors import EntryNotFound, InvalidEntry
from kb.history import Revision
from kb.types import Entry, Record
from search_app import context, moves, publishing, reading

NOW = 0
"""Number that stands for the text as it lies there now."""

pages = Blueprint("histories", __name__)


@dataclass(frozen=True, slots=True)
class Version:
    """One line of the history as a page tells it."""

    revision: Revision
    label: str
    at: datetime | None
    current: bool

    @property
    def number(self) -> int:
        """Its number."""
        return self.revision.number


@pages.get("/entries/<entry_id>/history")
def versions(entry_id: str) -> ResponseReturnValue:
    """Who made which version when and why, the latest first."""
    there = context.services().library.store.get(entry_id)
    found = told(there)
    return render_template(
        "histories/versions.html",
        entry=there.entry,
        versions=found,
        untold=not any(version.current for version in found),
        former=moves.former(entry_id, context.library().snapshot),
    )


@pages.get("/entries/<entry_id>/history/<int:number>")
def version(entry_id: str, number: int) -> ResponseReturnValue:
    """One version as readers saw it, and what it changed."""
    there = context.services().library.store.get(entry_id)
    found = {one.number: one for one in told(there)}
    if number not in found:
        raise EntryNotFound(f"“{entry_id}”没有第 {number} 版")
    entry, raw = _text(entry_id, number)
    before = max((other for other in found if other < number), default=None)
    earlier = _text(entry_id, before)[0] if before else None
    changes = sides.stretches(sides.compare(earlier, entry)) if entry and earlier else ()
    return render_template(
        "histories/version.html",
        entry=there.entry,
        shown=entry,
        raw=raw,
        version=found[number],
        before=before,
        changes=changes,
        preview=reading.shown(entry, context.library().snapshot) if entry else None,
        expected=there.version,
    )


@pages.get("/entries/<entry_id>/compare")
def compare(entry_id: str) -> ResponseReturnValue:
    """Any two versions side by side; the last two unless others are named, 0 is the text as it is now."""
    there = context.services().library.store.get(entry_id)
    found = told(there)
    numbers = [one.number for one in found]
    new = _number("new", NOW, numbers)
    old = _number("old", numbers[1] if len(numbers) > 1 else NOW, numbers)
    pair = (_entry(there, old), _entry(there, new))
    return render_template(
        "histories/compare.html",
        entry=there.entry,
        versions=found,
        old=old,
        new=new,
        changes=sides.stretches(sides.compare(*pair)),
    )


def told(there: Record) -> list[Version]:
    """The versions of an entry as its pages tell them, the latest first; `there` is what readers have now."""
    found = context.services().history.revisions(there.entry.id)
    latest = max((one.number for one in found if one.version == there.version), default=-1)
    return [Version(one, _label(one), _at(one.at), one.number == latest) for one in reversed(found)]


def _label(revision: Revision) -> str:
    if revision.action == "found" and revision.number == 1:
        return "开始记录时的文字"
    return publishing.ACTIONS.get(revision.action, revision.action)


def _at(text: str) -> datetime | None:
    """A moment as the note tells it, None for one that cannot be read."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _text(entry_id: str, number: int) -> tuple[Entry | None, str]:
    """A version as an entry, and as its file reads; no entry where the file was broken by hand."""
    data = context.services().history.text(entry_id, number)
    return schema.parse(data)[0], data.decode("utf-8", "replace")


def _entry(there: Record, number: int) -> Entry:
    """The entry at a version. Raises EntryNotFound, InvalidEntry."""
    if number == NOW:
        return there.entry
    data = context.services().history.text(there.entry.id, number)
    entry, findings = schema.parse(data)
    if entry is None:
        raise InvalidEntry(findings)
    return entry


def _number(name: str, otherwise: int, known: list[int]) -> int:
    """A version number from the address, within what there is."""
    asked = request.args.get(name, "")
    number = int(asked) if asked.isdecimal() and len(asked) < 8 else otherwise
    return number if number in (NOW, *known) else otherwise
