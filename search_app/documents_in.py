"""A Word or PDF file -> a draft in the form of its kind, pictures included."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from kb.errors import UserError
from kb.schema import STEP_SECTIONS
from kb.types import Attachment, Entry, Kind, Publication
from search_app.access import Person
from search_app.exchange import placing
from search_app.forms import plain, reading, writing
from search_app.forms.sheet import Part, Shape, Sheet
from search_app.services import Services
from search_app.state.imports import Upload

KINDS = (Kind.CASE, Kind.PROBLEM, Kind.HANDBOOK)
"""What a document may become; regulations come in by `kb import`, clause by clause."""


def take_apart(services: Services, who: Person, read: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """What the reading process found -> the payload of an upload: title, pieces, kept pictures, notes."""
    placed = placing.place(read["blocks"], kind)
    pictures, notes = _pictures(services, who, read["pictures"])
    return {
        "kind": str(kind),
        "title": placed.title,
        "pieces": [asdict(piece) for piece in placed.pieces],
        "pictures": [asdict(picture) for picture in pictures],
        "notes": notes,
    }


def _pictures(
    services: Services, who: Person, found: Sequence[Sequence[str]]
) -> tuple[list[Attachment], list[str]]:
    """Pictures as attachments, made anew like every uploaded one; what cannot be one is named."""
    kept: list[Attachment] = []
    notes = []
    for number, (_, encoded) in enumerate(found, 1):
        try:
            data = base64.b64decode(encoded, validate=True)
            kept.append(services.attachments.keep(who.id, f"图{number}", data))
        except (UserError, binascii.Error) as error:
            notes.append(f"第 {number} 张图片没有收下：{error}")
    return kept, notes


def to_sheet(upload: Upload, title: str, chosen: Sequence[tuple[str, str]]) -> Sheet:
    """The form as its author will find it: every piece in the section it was put into."""
    return _sheet(upload.payload, title, chosen)


def _sheet(payload: Mapping[str, Any], title: str, chosen: Sequence[tuple[str, str]]) -> Sheet:
    kind = Kind(payload["kind"])
    texts: dict[str, str] = {}
    for section, text in chosen:
        if section:
            texts[section] = f"{texts[section]}\n{text}".strip() if section in texts else text.strip()
    empty = reading.empty(kind)
    step_section = STEP_SECTIONS.get(kind, "")
    return replace(
        empty,
        values=tuple((n, " ".join(title.split()) if n == "title" else v) for n, v in _with_title(empty)),
        parts=tuple(_filled(part, texts.get(part.heading, "")) for part in empty.parts),
        steps=placing.steps(texts.get(step_section, "")) or empty.steps,
        attachments=tuple(Attachment(**picture) for picture in payload["pictures"]),
    )


def _with_title(sheet: Sheet) -> tuple[tuple[str, str], ...]:
    return (
        sheet.values if any(name == "title" for name, _ in sheet.values) else (*sheet.values, ("title", ""))
    )


def _filled(part: Part, text: str) -> Part:
    """Words into a section; steps have rows of their own, questions stay the words they are in the file."""
    return replace(part, shape=Shape.TEXT, text=text) if text and part.shape is not Shape.STEPS else part


def to_draft_entry(placed: placing.Placed, kind: Kind) -> Entry:
    """A document as an unpublished entry file, for the command line: unplaced pieces keep their headings."""
    upload = {"kind": str(kind), "pictures": []}
    sheet = _sheet(upload, placed.title, [(piece.section, piece.text) for piece in placed.pieces])
    loose = [
        f"## {plain.escape(p.heading) or '其他'}\n\n{plain.to_markdown(p.text)}" for p in placed.unplaced
    ]
    body = "\n\n".join(part for part in (writing.body(sheet), *loose) if part)
    return Entry(
        id=sheet.id,
        kind=kind,
        title=placed.title or "（还没有标题）",
        provenance="由文件导入",
        publication=Publication.DRAFT,
        body=body,
    )
