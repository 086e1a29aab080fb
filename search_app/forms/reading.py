"""What a browser sent -> a sheet, and back. Loses nothing but control characters."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

from werkzeug.datastructures import MultiDict

from kb.types import Attachment, Kind, Step
from search_app.forms import layout
from search_app.forms.plain import clean, one_line
from search_app.forms.sheet import Cited, Mode, Part, Question, Shape, Sheet, Target

PREFIXES = {Kind.CASE: "case", Kind.PROBLEM: "problem", Kind.HANDBOOK: "hb", Kind.POLICY: "policy"}
STEP_CELLS = ("action", "detail", "who", "when", "keep")
ORIGIN_CELLS = ("author", "title", "section")
MAX_SENT_PARTS = 40
MAX_VERSION_CHARS = 64

_ENTRY_ID = re.compile(r"(case|problem|hb|policy)-\d{8}-[0-9a-f]{8}")
_NUMBER = re.compile(r"s-\d{8}-[0-9a-f]{8}")
_QUESTION = re.compile(r"[a-z0-9-]{0,64}")
_FILE = re.compile(r"[0-9a-f]{16,64}\.[a-z0-9]{1,5}")
_MANY = frozenset({"organisations"})


def new_entry_id(kind: Kind) -> str:
    """An id for an entry about to be written; sent with the form, so that sending twice is noticed."""
    return f"{PREFIXES[kind]}-{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"


def new_number() -> str:
    """An id for a submission about to be made."""
    return f"s-{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"


def is_number(text: str) -> bool:
    """True for what `new_number` makes."""
    return bool(_NUMBER.fullmatch(text))


def empty(kind: Kind) -> Sheet:
    """A form nobody has written in yet."""
    parts = layout.parts(kind)
    shapes = {part.shape for part in parts}
    return Sheet(
        kind,
        new_entry_id(kind),
        new_number(),
        Target(Mode.NEW, str(kind)),
        parts=parts,
        steps=(Step(""),) * layout.BLANK_STEPS if Shape.STEPS in shapes else (),
        questions=(Question(),) * layout.BLANK_QUESTIONS if Shape.QUESTIONS in shapes else (),
    )


def read(form: MultiDict[str, str], kind: Kind, target: Target, entry_id: str = "") -> Sheet:
    """What was sent -> a sheet; ids nobody here gave out are replaced by fresh ones.

    `entry_id` is given where the address says which entry this is.
    """
    sent_id, number = form.get("id", ""), form.get("number", "")
    question = form.get("question", "")
    return Sheet(
        kind=kind,
        id=entry_id or (sent_id if _fits(sent_id, kind) else new_entry_id(kind)),
        number=number if is_number(number) else new_number(),
        target=target,
        base=form.get("base", "")[:MAX_VERSION_CHARS],
        why=one_line(form.get("why", "")),
        question=question if _QUESTION.fullmatch(question) else "",
        values=tuple((ask.name, _value(form, ask)) for ask in layout.asks(kind)),
        parts=_parts(form) or layout.parts(kind),
        steps=tuple(Step(*(one_line(cell) for cell in row)) for row in _rows(form, "step", STEP_CELLS)),
        questions=tuple(
            Question(one_line(ask), clean(answer)) for ask, answer in _rows(form, "qa", ("ask", "answer"))
        ),
        citations=tuple(
            Cited(policy[:64], article[:12], one_line(says), grade, historical)
            for policy, article, says, grade, historical in _rows(
                form, "cite", ("policy", "article", "says", "grade", "historical")
            )
            if policy
        ),
        related=tuple(dict.fromkeys(id[:64] for id in form.getlist("related") if id))[: layout.MAX_ROWS],
        attachments=tuple(
            Attachment(file, one_line(label))
            for file, label in _rows(form, "attachment", ("file", "label"))
            if _FILE.fullmatch(file)
        ),
    )


def pairs(sheet: Sheet) -> list[tuple[str, str]]:
    """A sheet -> what a browser showing it would send, without its token and buttons."""
    sent = [("target", str(sheet.target)), ("id", sheet.id), ("number", sheet.number), ("base", sheet.base)]
    sent += [("why", sheet.why), ("question", sheet.question)]
    for name, value in sheet.values:
        if name in _MANY:
            sent += [(name, choice) for choice in value.split("、") if choice]
        elif name == "origin":
            sent += zip((f"origin-{cell}" for cell in ORIGIN_CELLS), value.split("\n"), strict=False)
        else:
            sent.append((name, value))
    for part in sheet.parts:
        sent += [("s-heading", part.heading), ("s-shape", str(part.shape))]
        sent += [("s-raw", "raw" if part.raw else ""), ("s-text", part.text)]
    for step in sheet.steps:
        sent += [(f"step-{cell}", getattr(step, cell)) for cell in STEP_CELLS]
    for question in sheet.questions:
        sent += [("qa-ask", question.ask), ("qa-answer", question.answer)]
    for cited in sheet.citations:
        cells = ("policy", "article", "says", "grade", "historical")
        sent += [(f"cite-{cell}", getattr(cited, cell)) for cell in cells]
    sent += [("related", id) for id in sheet.related]
    for attachment in sheet.attachments:
        sent += [("attachment-file", attachment.file), ("attachment-label", attachment.label)]
    return sent


def _fits(sent_id: str, kind: Kind) -> bool:
    match = _ENTRY_ID.fullmatch(sent_id)
    return bool(match) and match is not None and match[1] == PREFIXES[kind]


def _value(form: MultiDict[str, str], ask: layout.Ask) -> str:
    """One field of the header, as typed; ticks joined, the three lines of a source below each other."""
    if ask.name in _MANY:
        return "、".join(one_line(value) for value in form.getlist(ask.name))
    if ask.shape == "origin":
        cells = [one_line(form.get(f"origin-{cell}", "")) for cell in ORIGIN_CELLS]
        return "\n".join(cells) if any(cells) else ""
    return clean(form.get(ask.name, ""))


def _parts(form: MultiDict[str, str]) -> tuple[Part, ...]:
    rows = _rows(form, "s", ("heading", "shape", "raw", "text"))
    return tuple(
        Part(one_line(heading), Shape(shape) if shape in tuple(Shape) else Shape.TEXT, bool(raw), clean(text))
        for heading, shape, raw, text in rows[:MAX_SENT_PARTS]
    )


def _rows(form: MultiDict[str, str], prefix: str, cells: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Fields of the same name, one after the other, as rows; a column that is too short ends in blanks."""
    columns = [form.getlist(f"{prefix}-{cell}")[: layout.MAX_ROWS] for cell in cells]
    rows = range(max(map(len, columns)))
    return [tuple(column[n] if n < len(column) else "" for column in columns) for n in rows]
