"""Blocks -> a Word file to hand out: one entry, or many with cover and contents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from docx.enum.section import WD_SECTION
from docx.shared import Mm

from search_app.exchange import fields, word
from search_app.exchange.handout import Part
from search_app.exchange.prose import Grid, Heading, Run, Text
from search_app.exchange.word import ALIGN, HEI, KAI, SONG, TITLE_SONG, Document, Look, Paragraph, Span

EDGE = 22
"""Millimetres on every side."""
AREA = 210 - 2 * EDGE
BODY = Look(SONG, 11)
STRONG = Look(HEI, 11, bold=True)
SMALL = Look(SONG, 9, colour="444444")
CELL = Look(SONG, 10)
CELL_STRONG = Look(HEI, 10, bold=True)
FORM = Look(KAI, 11)
TITLE = Look(TITLE_SONG, 20)
HEADINGS = {1: Look(HEI, 18), 2: Look(HEI, 15), 3: Look(HEI, 12.5), 4: Look(HEI, 11)}
LOOKS = {"small": SMALL, "form": FORM, "quote": FORM, "lead": Look(KAI, 12), "heading": HEADINGS[4]}
NO_NUMBERS = "目录里还没有页码时：在 Word 或 WPS 里右键目录，选“更新域”。"
PITCH = 18
"""Points from line to line."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page of a book."""

    title: str
    lines: tuple[str, ...]


def write_sheet(title: str, parts: Iterable[Part], footer: str) -> bytes:
    """One entry -> .docx."""
    document = _new(title)
    _footer(document, footer)
    _title(document, title)
    _write(document, parts)
    return word.to_bytes(document)


def write_book(cover: Cover, parts: tuple[Part, ...], footer: str) -> bytes:
    """Many entries with cover, contents and page numbers that start behind them -> .docx."""
    document = _new(cover.title)
    _cover(document, cover)
    _contents(document, [part for part in parts if isinstance(part, Heading) and part.key])
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.footer.is_linked_to_previous = False
    word.number_from_one(section)
    _footer(document, footer)
    _write(document, parts)
    return word.to_bytes(document)


def _new(title: str) -> Document:
    document = word.new(BODY, title)
    word.margins(document.sections[0], EDGE, EDGE, EDGE, EDGE)
    for level, look in HEADINGS.items():
        word.restyle(document, f"Heading {level}", look, before=16 if level < 3 else 11, after=5)
    for level, look, inset in ((1, STRONG, 0), (2, BODY, 2)):
        word.add_contents_style(document, level, look, Mm(AREA), inset)
    return document


def _footer(document: Document, text: str) -> None:
    paragraph = document.sections[-1].footer.paragraphs[0]
    paragraph.alignment = ALIGN.CENTER
    word.add(paragraph, f"{text}　第 ", SMALL)
    fields.field(paragraph, "PAGE", "1", SMALL)
    word.add(paragraph, " 页", SMALL)


def _title(document: Document, title: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN.CENTER
    word.spacing(paragraph, after=8)
    word.add(paragraph, title, TITLE)


def _cover(document: Document, cover: Cover) -> None:
    for number, text in enumerate((cover.title, *cover.lines)):
        paragraph = document.add_paragraph()
        paragraph.alignment = ALIGN.CENTER
        word.spacing(paragraph, before=190 if number == 0 else 10, after=26 if number == 0 else 0)
        word.add(paragraph, text, Look(TITLE_SONG, 30) if number == 0 else Look(KAI, 14))


def _contents(document: Document, headings: list[Heading]) -> None:
    """A contents field whose stored result is the list itself: complete before anybody updates it.

    Only a program that lays out pages knows their numbers; Word fills them in
    when it opens the file, others when the field is updated.
    """
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.page_break_before = True
    word.spacing(paragraph, after=10)
    word.add(paragraph, "目　录", HEADINGS[1])
    for number, heading in enumerate(headings):
        top = heading.level == 1
        paragraph = document.add_paragraph(style=f"toc {heading.level}")
        word.spacing(paragraph, exact=PITCH, before=6 if top else 0)
        if number == 0:
            fields.open_field(paragraph, 'TOC \\o "1-2" \\h \\z \\u', BODY, dirty=True)
        fields.link(paragraph, heading.text, heading.key, STRONG if top else BODY)
    if headings:
        fields.close_field(paragraph, BODY)
    note = document.add_paragraph()
    word.spacing(note, before=10)
    word.add(note, NO_NUMBERS, SMALL)


def _write(document: Document, parts: Iterable[Part]) -> None:
    for number, part in enumerate(parts):
        if isinstance(part, Heading):
            _heading(document, part, number)
        elif isinstance(part, Grid):
            _grid(document, part)
        else:
            _text(document, part)


def _heading(document: Document, heading: Heading, number: int) -> None:
    paragraph = document.add_paragraph(style=f"Heading {min(heading.level, 4)}")
    word.add(paragraph, heading.text, HEADINGS[min(heading.level, 4)])
    paragraph.paragraph_format.page_break_before = heading.new_page
    if heading.key:
        fields.bookmark(paragraph, heading.key, number)


def _grid(document: Document, grid: Grid) -> None:
    columns = len(grid.rows[0])
    weights = grid.weights or (1.0,) * columns
    widths = tuple(AREA * weight / sum(weights) for weight in weights)
    rows = (tuple(_spans(cell, CELL, CELL_STRONG) for cell in row) for row in grid.rows)
    word.table(document, rows, widths)
    word.spacing(document.add_paragraph(), exact=8)


def _spans(runs: tuple[Run, ...], look: Look, strong: Look) -> tuple[Span, ...]:
    return tuple(Span(run.text, strong if run.bold else look) for run in runs)


def _text(document: Document, text: Text) -> Paragraph:
    paragraph = document.add_paragraph()
    look = LOOKS.get(text.shape, BODY)
    word.spacing(paragraph, exact=0 if text.shape == "lead" else PITCH, after=4)
    if text.shape == "item":
        word.indent(paragraph, BODY.size, first=-1.5, left=1.5 * text.depth)
        word.add(paragraph, f"{text.marker}\t", BODY)
        paragraph.paragraph_format.tab_stops.add_tab_stop(word.chars(1.5 * text.depth, BODY.size))
    elif text.shape == "body":
        word.indent(paragraph, BODY.size, first=2)
    elif text.shape in ("form", "lead", "quote"):
        word.box(paragraph, left_only=text.shape != "form")
    for span in _spans(text.runs, look, STRONG if look is BODY else look):
        word.add(paragraph, span.text, span.look)
    return paragraph
