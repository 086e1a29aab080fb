"""What the buttons beside rows do to a sheet: add, remove, move. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from kb.types import Step
from search_app.forms import layout
from search_app.forms.sheet import Cited, Question, Sheet

Row = TypeVar("Row")

_PRESSED = re.compile(r"(step|qa|cite|related|attachment)-(add|up|down|remove)(?:-(\d{1,3}))?")
_REF = re.compile(r"(cite|relate):([a-z][a-z0-9-]{0,63})(?:#(x?\d{1,4}(?:-\d{1,2})?))?")


def press(sheet: Sheet, button: str) -> Sheet:
    """The sheet after a button: `step-add`, `qa-up-2`, `cite:dues-regulation#12`, `relate:hb-dues`.

    Whatever is not such a button changes nothing.
    """
    if picked := _REF.fullmatch(button):
        return _pick(sheet, picked[1], picked[2], picked[3] or "")
    pressed = _PRESSED.fullmatch(button)
    if not pressed:
        return sheet
    what, do, place = pressed[1], pressed[2], int(pressed[3] or 0)
    return _CHANGES[what](sheet, do, place)


def focus(button: str, sheet: Sheet) -> str:
    """Id of the element to look at after a button; the rows it belongs to."""
    what = button.split("-")[0].split(":")[0]
    name = {"qa": "questions", "step": "steps", "cite": "citations", "relate": "related"}.get(what, what)
    return {"attachment": "attachments"}.get(name, name)


def changed(rows: tuple[Row, ...], do: str, place: int, blank: Row | None = None) -> tuple[Row, ...]:
    """Rows after adding one at the end, or moving or removing the one at `place`, counted from 1."""
    if do == "add":
        return (*rows, blank) if blank is not None and len(rows) < layout.MAX_ROWS else rows
    at = place - 1
    if not 0 <= at < len(rows):
        return rows
    row, rest = rows[at], (*rows[:at], *rows[at + 1 :])
    if do == "remove":
        return rest
    to = at - 1 if do == "up" else at + 1
    return (*rest[:to], row, *rest[to:]) if 0 <= to < len(rows) else rows


_CHANGES: dict[str, Callable[[Sheet, str, int], Sheet]] = {
    "step": lambda sheet, do, at: replace(sheet, steps=changed(sheet.steps, do, at, Step(""))),
    "qa": lambda sheet, do, at: replace(sheet, questions=changed(sheet.questions, do, at, Question())),
    "cite": lambda sheet, do, at: replace(sheet, citations=changed(sheet.citations, do, at)),
    "related": lambda sheet, do, at: replace(sheet, related=changed(sheet.related, do, at)),
    "attachment": lambda sheet, do, at: replace(sheet, attachments=changed(sheet.attachments, do, at)),
}


def _pick(sheet: Sheet, what: str, entry_id: str, article: str) -> Sheet:
    """A clause or an entry chosen from what was found; the same one is not taken twice."""
    if what == "relate":
        wanted = entry_id not in (*sheet.related, sheet.id)
        return replace(sheet, related=(*sheet.related, entry_id)) if wanted else sheet
    cited = Cited(entry_id, article)
    known = {c.ref for c in sheet.citations}
    return sheet if cited.ref in known else replace(sheet, citations=(*sheet.citations, cited))
