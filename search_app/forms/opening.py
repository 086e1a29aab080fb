"""An entry -> the sheet that shows it. What plain words cannot show is shown as Markdown; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kb import markdown
from kb.types import Entry, Kind, Origin, Step
from search_app.forms import layout, plain, reading
from search_app.forms.sheet import Cited, Part, Question, Shape, Sheet, Target


def opened(entry: Entry, target: Target, base: str = "") -> Sheet:
    """The sheet of an entry; `writing.body` of its parts gives the entry's body again, byte for byte."""
    sheet = Sheet(
        kind=entry.kind,
        id=entry.id,
        number=reading.new_number(),
        target=target,
        base=base,
        values=tuple((ask.name, _value(entry, ask)) for ask in layout.asks(entry.kind)),
        citations=tuple(
            Cited(c.policy, c.article, c.says, str(c.grade), "true" if c.historical else "")
            for c in entry.citations
        ),
        related=entry.related,
        attachments=entry.attachments,
    )
    return _with_body(sheet, entry)


def _value(entry: Entry, ask: layout.Ask) -> str:
    value = getattr(entry, ask.name)
    if isinstance(value, Origin):
        return "\n".join(getattr(value, cell) for cell in reading.ORIGIN_CELLS)
    if isinstance(value, tuple):
        if ask.shape == "words":
            return plain.joined(value)
        return ("、" if ask.shape == "boxes" else "\n").join(value)
    return str(value) if value is not None else ""


def _with_body(sheet: Sheet, entry: Entry) -> Sheet:
    if entry.kind is Kind.POLICY:
        typed = plain.articles_to_typed(entry.body)
        part = Part("", Shape.ARTICLES, typed is None, entry.body if typed is None else typed)
        return replace(sheet, parts=(part,))
    written = sections(entry.body)
    headings = [heading for heading, _ in written]
    if joined(written) != entry.body or len(set(headings)) < len(headings):
        return replace(sheet, parts=(Part("", raw=True, text=entry.body),))
    for heading, text in written:
        sheet = _with_section(sheet, heading, text)
    return replace(sheet, parts=_with_missing(sheet))


def sections(body: str) -> list[tuple[str, str]]:
    """Level 2 headings with all the Markdown below each; the text before the first one has no heading."""
    found: list[tuple[str, str]] = []
    for part in markdown.sections(body):
        if part.level == 2:
            found.append((part.heading, part.text))
            continue
        below = f"### {part.heading}\n\n{part.text}".strip("\n")
        heading, text = found.pop() if found else ("", "")
        found.append((heading, f"{text}\n\n{below}" if text else below))
    return found


def joined(written: list[tuple[str, str]]) -> str:
    """The inverse of `sections`, for bodies written the way this site writes them."""
    return "\n\n".join(f"## {heading}\n\n{text}" if heading else text for heading, text in written)


def _with_section(sheet: Sheet, heading: str, text: str) -> Sheet:
    """The sheet with one section more, in rows where it can be shown in rows."""
    shape = layout.shape_of(sheet.kind, heading)
    steps = markdown.parse_steps(text) if shape is Shape.STEPS else ()
    if steps and markdown.render_steps(steps) == text and all(_survives(step) for step in steps):
        typed = tuple(_typed_step(step) for step in steps)
        raw = any(step is None for step in typed)
        rows = steps if raw else tuple(step for step in typed if step)
        return replace(sheet, steps=rows, parts=(*sheet.parts, Part(heading, shape, raw)))
    if shape is Shape.QUESTIONS:
        below = markdown.subsections(f"## {heading}\n\n{text}", heading)
        asked = tuple(Question(part.heading, part.text) for part in below)
        if asked and questions_text(asked, lambda text: text, lambda text: text) == text:
            answers = [plain.to_typed(part.text) for part in below]
            asks = [plain.line_to_typed(part.heading) for part in below]
            plainly = all(answer is not None for answer in (*answers, *asks))
            if plainly:
                pairs = zip(asks, answers, strict=True)
                asked = tuple(Question(ask or "", answer or "") for ask, answer in pairs)
            return replace(sheet, questions=asked, parts=(*sheet.parts, Part(heading, shape, not plainly)))
    typed_text = plain.to_typed(text)
    part = Part(heading, Shape.TEXT, typed_text is None, text if typed_text is None else typed_text)
    return replace(sheet, parts=(*sheet.parts, part))


def _typed_step(step: Step) -> Step | None:
    cells = [plain.line_to_typed(getattr(step, cell)) for cell in reading.STEP_CELLS]
    return None if any(cell is None for cell in cells) else Step(*(cell or "" for cell in cells))


def _survives(step: Step) -> bool:
    """True when no cell would change by being sent through an input of one line."""
    return all(plain.one_line(text) == text for text in (getattr(step, c) for c in reading.STEP_CELLS))


def questions_text(
    questions: tuple[Question, ...], heading: Callable[[str], str], text: Callable[[str], str]
) -> str:
    """The Markdown of 常见问题."""
    return "\n\n".join(f"### {heading(q.ask)}\n\n{text(q.answer)}".strip("\n") for q in questions)


def _with_missing(sheet: Sheet) -> tuple[Part, ...]:
    """The sections there are, and those of the standard that are missing, each where it belongs."""
    parts = list(sheet.parts)
    order = [part.heading for part in layout.parts(sheet.kind)]
    for place, part in enumerate(layout.parts(sheet.kind)):
        if part.heading in (there.heading for there in parts):
            continue
        before = [n for n, there in enumerate(parts) if there.heading in order[:place]]
        parts.insert(max(before) + 1 if before else 0 if parts and parts[0].heading else len(parts[:1]), part)
    return tuple(parts)
