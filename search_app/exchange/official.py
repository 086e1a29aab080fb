"""A filled paper -> Word in the layout of GB/T 9704-2012.

No 版头 and no seal: what leaves here is a draft that the organisation puts on
its own letterhead. The figures are those of the standard: 版心 156 × 225 mm,
22 lines of 28 characters, 3号 (16 pt) 仿宋 on an exact pitch of 29 pt.
"""

from __future__ import annotations

import re

from docx.shared import Mm

from search_app.exchange import fields, word
from search_app.exchange.layout import HEADINGS, Line, Paper, Table
from search_app.exchange.word import (
    ALIGN,
    FANGSONG,
    HEI,
    KAI,
    SONG,
    TITLE_SONG,
    Document,
    Look,
    Paragraph,
    Span,
)

TOP, RIGHT, BOTTOM, LEFT = 37, 26, 35, 28
"""Edges in millimetres, which leave 156 × 225."""
AREA = 156
PITCH = 29.0
"""Points from line to line: 225 mm over 22 lines."""
SIZE = 16.0
SHORT = 56
"""Two lines: a last paragraph up to that length goes along with the signature to the next page."""
PITCH_ACROSS = 15.75
"""Points from character to character, so that 28 stand in a line.

As character spacing, not as the page's character grid: LibreOffice stretches a
grid to half as much again.
"""
TITLE_CHARS = 20
"""Characters of 22 pt in a line."""
BODY = Look(FANGSONG, SIZE)
TITLE = Look(TITLE_SONG, 22)
PAGE_NUMBER = Look(SONG, 14)
CELL = Look(FANGSONG, 12)
LEVELS = {1: Look(HEI, SIZE), 2: Look(KAI, SIZE)}
"""Levels three and four are set like the body."""
_END = re.compile(r"[。：:]")
_GOOD_BREAK = re.compile(r"(?:[的、和与》”]|公司|委员会|支部|集团|学校)$")
_FOOTER_MM = 23
"""The dash stands 7 mm below the type area."""
_NUMBER = re.compile(r"\d")


def write(paper: Paper) -> bytes:
    """A paper whose blanks are filled -> .docx."""
    document = word.new(BODY, paper.title, squeeze=PITCH_ACROSS - SIZE)
    _page(document)
    _paragraph(document, "\n".join(title_lines(paper.title)), TITLE, ALIGN.CENTER)
    _paragraph(document, "", BODY)
    if paper.addressee:
        _paragraph(document, paper.addressee + "：", BODY)
    for block in paper.body:
        if isinstance(block, Table):
            _table(document, block)
        else:
            _line(document, block)
    _attachments(document, paper.attachments)
    _signature(document, paper)
    return word.to_bytes(document)


def title_lines(title: str) -> tuple[str, ...]:
    """A title longer than a line in balanced lines, broken after 的 or 、 where one is near the middle."""
    count = -(-len(title) // TITLE_CHARS)
    if count < 2:
        return (title,)
    ideal = -(-len(title) // count)
    near = sorted(range(max(1, ideal - 4), min(len(title) - 1, ideal + 4)), key=lambda at: abs(at - ideal))
    fit = [at for at in near if at <= TITLE_CHARS]
    good = [at for at in fit if _GOOD_BREAK.search(title[:at]) and title[at] not in "》”、"]
    calm = [at for at in fit if not re.search(r"[A-Za-z0-9]{2}|[《“（].|.[》”）、]", title[at - 1 : at + 1])]
    at = (good or calm or [ideal])[0]
    return (title[:at], *title_lines(title[at:]))


def width(text: str) -> float:
    """Width in characters of the body: letters and digits take half."""
    return sum(0.5 if ord(char) < 0x2E80 and char not in "—…“”‘’" else 1.0 for char in text)


def _page(document: Document) -> None:
    section = document.sections[0]
    word.margins(section, TOP, RIGHT, BOTTOM, LEFT)
    section.footer_distance = Mm(_FOOTER_MM)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = ALIGN.RIGHT if side == "right" else ALIGN.LEFT
        word.indent(paragraph, PAGE_NUMBER.size, **{side: 1.0})
        word.add(paragraph, "— ", PAGE_NUMBER)
        fields.field(paragraph, "PAGE", "1", PAGE_NUMBER)
        word.add(paragraph, " —", PAGE_NUMBER)


def _paragraph(document: Document, text: str, look: Look, align: ALIGN = ALIGN.LEFT) -> Paragraph:
    paragraph = document.add_paragraph()
    word.spacing(paragraph, exact=PITCH)
    paragraph.alignment = align
    if text:
        word.add(paragraph, text, look)
    return paragraph


def _line(document: Document, line: Line) -> None:
    """A paragraph; a heading in its own type as far as it is a heading and not a sentence."""
    paragraph = _paragraph(document, "", BODY, _alignment(line))
    if line.right:
        word.indent(paragraph, SIZE, right=2)
    elif line.indented:
        word.indent(paragraph, SIZE, first=2)
    head = _heading_length(line)
    if head:
        word.add(paragraph, line.text[:head], LEVELS.get(line.level, BODY))
    if line.text[head:]:
        word.add(paragraph, line.text[head:], BODY)


def _alignment(line: Line) -> ALIGN:
    return ALIGN.RIGHT if line.right else ALIGN.JUSTIFY if line.indented else ALIGN.LEFT


def _heading_length(line: Line) -> int:
    """How much of a line is heading: all, the part before ： or 。, or the number of a listed sentence."""
    if line.level not in LEVELS:
        return 0
    if (end := _END.search(line.text)) and end.end() < len(line.text):
        return end.end()
    if line.text.endswith(("。", "；", ";", "，")):
        start = HEADINGS[line.level - 1][1].match(line.text)
        return start.end() if start else 0
    return len(line.text)


def _table(document: Document, table: Table) -> None:
    """A table as wide as the type area, columns as wide as their longest cell asks."""
    columns = len(table.rows[0])
    longest = [min(14.0, max(3.0, *(width(row[n]) for row in table.rows))) for n in range(columns)]
    whole = sum(longest)
    rows = (tuple((Span(cell, CELL),) for cell in row) for row in table.rows)
    word.table(document, rows, tuple(AREA * part / whole for part in longest))


def _attachments(document: Document, names: tuple[str, ...]) -> None:
    """附件 one line below the text, names below each other, longer names hanging."""
    if not names:
        return
    _paragraph(document, "", BODY)
    for number, name in enumerate(names, 1):
        label = "附件：" if number == 1 else ""
        count = f"{number}." if len(names) > 1 else ""
        hang = width(label + count)
        paragraph = _paragraph(document, label + count + name, BODY)
        word.indent(paragraph, SIZE, first=-hang, left=5 + width(count))
        paragraph.paragraph_format.keep_with_next = True


def _signature(document: Document, paper: Paper) -> None:
    """The date four characters from the right, the organisation's name centred above it."""
    if not (paper.signer or paper.date):
        return
    for _ in range(2):
        _paragraph(document, "", BODY)
    last = document.paragraphs[-3:]
    for paragraph in last if len(last[0].text) <= SHORT else last[1:]:
        paragraph.paragraph_format.keep_with_next = True
    beyond = (width(paper.signer) - width(paper.date)) / 2
    date_right = max(4.0, beyond)
    for text, right in ((paper.signer, date_right - beyond), (paper.date, date_right)):
        if text:
            paragraph = _paragraph(document, text, BODY, ALIGN.RIGHT)
            word.indent(paragraph, SIZE, right=max(0.0, round(right, 2)))
            word.no_autospace(paragraph)
            paragraph.paragraph_format.keep_with_next = text is paper.signer
