"""A sheet -> an entry, or what is missing, said by the form's field names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kb import markdown, schema
from kb.types import Entry, Evidence, Finding, Kind, Publication, Step
from search_app.forms import layout, opening, plain, reading
from search_app.forms.sheet import Part, Question, Shape, Sheet

PROVENANCE = "成员在网页上提交"
_BY_BODY = {"body": f"s-{layout.BODY}"}


def to_entry(sheet: Sheet, original: Entry | None = None) -> tuple[Entry | None, tuple[Finding, ...]]:
    """A sheet -> an entry to hand in, or the findings that forbid it.

    `original` is the entry that was opened: what no form asks for (dates,
    unknown fields of the header) is taken from it.
    """
    entry, findings = _entry(sheet, original)
    fatal = tuple(_by_field(finding) for finding in findings if finding.fatal)
    # What the opened entry lacked already is no reason to refuse a correction of something else.
    excused = (
        {f.field for f in _missing(opening.opened(original, sheet.target), set())} if original else set()
    )
    told = excused | {finding.field for finding in fatal}
    fatal = (*fatal, *_missing(sheet, told), *_too_long(sheet))
    return (None, fatal) if fatal else (entry, ())


def to_preview(sheet: Sheet, original: Entry | None = None) -> Entry:
    """The entry as far as it goes, for looking at: what is wrong is left out."""
    entry, findings = _entry(sheet, original)
    for _ in range(len(findings)):
        if entry is not None:
            break
        bad = {finding.field for finding in findings if finding.fatal}
        header = {name: value for name, value in _header(sheet, original).items() if name not in bad}
        header |= {"id": sheet.id, "title": sheet.get("title") or "（还没有标题）"}
        header |= {"validity": "待核对"} if sheet.kind is Kind.POLICY and not header.get("validity") else {}
        entry, findings = schema.read(header, body(sheet)[: markdown.MAX_BODY_CHARS])
    return entry or Entry(sheet.id, sheet.kind, sheet.get("title") or "（还没有标题）", body=body(sheet))


def _entry(sheet: Sheet, original: Entry | None) -> tuple[Entry | None, tuple[Finding, ...]]:
    entry, findings = schema.read(_header(sheet, original), body(sheet))
    if entry is not None and original is not None:
        entry = replace(entry, extra=original.extra, publication=original.publication)
        if set(entry.organisations) == set(original.organisations):
            # Boxes are sent in the order of the page; the same ticks are no change.
            entry = replace(entry, organisations=original.organisations)
    return entry, findings


def _header(sheet: Sheet, original: Entry | None) -> dict[str, Any]:
    """The header as a file would have it."""
    kept = schema.write(original) if original else {}
    # What the site keeps itself; dates as text, because that is how files give them.
    header: dict[str, Any] = {name: str(kept[name]) for name in layout.OURS if name in kept}
    header |= {"id": sheet.id, "kind": str(sheet.kind)}
    header.setdefault("publication", str(Publication.SUBMITTED))
    for ask in layout.asks(sheet.kind):
        header[ask.name] = _value(ask, sheet.get(ask.name))
    if original is None:
        header["provenance"] = header["provenance"] or PROVENANCE
        if sheet.kind is Kind.CASE:
            header["evidence"] = header["evidence"] or str(Evidence.DONE)
    header["citations"] = [
        {"ref": c.ref, "says": c.says, "grade": c.grade}
        | ({"historical": c.historical} if c.historical else {})
        for c in sheet.citations
    ]
    header["related"] = list(sheet.related)
    header["attachments"] = [{"file": a.file, "label": a.label} for a in sheet.attachments]
    return header


def _value(ask: layout.Ask, typed: str) -> Any:
    if ask.shape == "lines":
        return [line for line in typed.split("\n") if line.strip()]
    if ask.shape in ("words", "boxes"):
        return list(plain.items(typed))
    if ask.shape == "origin":
        rows = zip(reading.ORIGIN_CELLS, typed.split("\n"), strict=False)
        return {cell: value for cell, value in rows if value}
    return plain.one_line(typed)


def body(sheet: Sheet) -> str:
    """The Markdown of a sheet; sections nobody wrote anything in are left out."""
    written = [(part.heading, part_text(sheet, part)) for part in sheet.parts]
    return opening.joined([(heading, text) for heading, text in written if text])


def part_text(sheet: Sheet, part: Part) -> str:
    """The Markdown of one section."""
    if part.shape is Shape.STEPS:
        steps = tuple(step for step in sheet.steps if step != Step(""))
        return markdown.render_steps(steps if part.raw else tuple(map(_escaped, steps)))
    if part.shape is Shape.QUESTIONS:
        asked = tuple(question for question in sheet.questions if question != Question())
        if part.raw:
            return opening.questions_text(asked, str, _tidy)
        return opening.questions_text(asked, plain.escape, plain.to_markdown)
    if part.raw:
        return _tidy(part.text)
    return (plain.articles_to_markdown if part.shape is Shape.ARTICLES else plain.to_markdown)(part.text)


def _escaped(step: Step) -> Step:
    return Step(*(plain.escape(getattr(step, cell)) for cell in reading.STEP_CELLS))


def _tidy(text: str) -> str:
    """Markdown as typed, without blank lines at its ends and trailing blanks: as files are written."""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _missing(sheet: Sheet, told: set[str]) -> list[Finding]:
    """What this form asks beyond the schema."""
    found = []
    whole = any(not part.heading and part.text.strip() for part in sheet.parts)
    filled = {layout.field_of(part): part_text(sheet, part) for part in sheet.parts}
    for name in layout.NEEDED[sheet.kind]:
        if name in told:
            continue
        label = next(
            (ask.label for ask in layout.asks(sheet.kind) if ask.name == name), name.removeprefix("s-")
        )
        if name == "steps":
            found += _step_findings(sheet, whole)
        elif name.startswith("s-"):
            if not filled.get(name) and not whole:
                found.append(Finding("required", f"请写“{label}”", name))
        elif not sheet.get(name).strip():
            found.append(Finding("required", f"请选“{label}”", name))
    return found


def _step_findings(sheet: Sheet, whole: bool) -> list[Finding]:
    steps = [step for step in sheet.steps if step != Step("")]
    heading = schema.STEP_SECTIONS[sheet.kind]
    part = sheet.part(heading)
    if not steps and not whole and not (part and part.text.strip()):
        return [Finding("required", f"“{heading}”请至少写一步", "steps")]
    return [
        Finding("required", f"第 {number} 步没有写“做什么”", "steps")
        for number, step in enumerate(steps, 1)
        if not step.action
    ]


def _too_long(sheet: Sheet) -> list[Finding]:
    found = []
    length = len(sheet.get("title"))
    if length > layout.MAX_TITLE and sheet.kind is not Kind.POLICY:
        found.append(
            Finding("too-long", f"标题有 {length} 个字，请压到 {layout.MAX_TITLE} 个字以内", "title")
        )
    for part in sheet.parts:
        if part.heading and len(part.text) > layout.MAX_SECTION:
            message = f"“{part.heading}”超过 {layout.MAX_SECTION} 字，请删减或拆成几条"
            found.append(Finding("too-long", message, layout.field_of(part)))
    return found


def _by_field(finding: Finding) -> Finding:
    """Messages for people, not for files: names of fields in brackets are left out."""
    message = finding.message.replace(f"（{finding.field}）", "") if finding.field else finding.message
    return replace(finding, message=message, field=_BY_BODY.get(finding.field, finding.field))
