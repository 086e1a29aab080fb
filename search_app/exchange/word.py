"""Word files: fonts, paragraphs, tables, fields and page numbers. The only user of python-docx.

Fonts are named, never shipped: a machine without 仿宋_GB2312 takes the next
name of the file's font table.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias
from xml.sax.saxutils import quoteattr

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Length, Mm, Pt
from docx.text.paragraph import Paragraph

__all__ = ["ALIGN", "Document", "Look", "Paragraph", "Section", "Span"]

SONG, HEI, FANGSONG, KAI = "宋体", "黑体", "仿宋_GB2312", "楷体_GB2312"
TITLE_SONG = "方正小标宋简体"
FALLBACKS = {
    TITLE_SONG: "方正小标宋_GBK,小标宋体,华文中宋,宋体,Noto Serif CJK SC",
    FANGSONG: "仿宋,FangSong,华文仿宋,Noto Serif CJK SC",
    KAI: "楷体,KaiTi,华文楷体,Noto Serif CJK SC",
    HEI: "SimHei,Noto Sans CJK SC",
    SONG: "SimSun,Noto Serif CJK SC",
}
"""What a program takes where a font is missing: older names first, then what Linux has."""
MAX_TEXT = 100_000
"""Characters of one run; nothing an entry may hold is longer."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_EMU_PER_TWIP = 635
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_TWIPS = 20
"""A point in the unit of indents and widths."""


@dataclass(frozen=True, slots=True)
class Look:
    """Font and size of a stretch of text."""

    font: str = SONG
    size: float = 10.5
    bold: bool = False
    colour: str = ""
    """Six hexadecimal digits, or empty for black."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text and how it looks."""

    text: str
    look: Look


Rows: TypeAlias = Iterable[tuple[tuple[Span, ...], ...]]
"""Rows of a table; a cell is its stretches of text."""


def clean(text: str) -> str:
    """Text without the characters that no XML file may hold."""
    return _FORBIDDEN.sub("", text)[:MAX_TEXT]


def new(look: Look, title: str, squeeze: float = 0) -> Document:
    """An empty A4 file whose normal text is `look`, its characters `squeeze` points further apart."""
    document = docx.Document()
    style = document.styles["Normal"]
    properties = style.element.get_or_add_rPr()
    set_fonts(properties, look)
    if squeeze:
        apart = OxmlElement("w:spacing")
        apart.set(qn("w:val"), str(round(squeeze * _TWIPS)))
        properties.find(qn("w:sz")).addprevious(apart)
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    if defaults is not None:
        defaults.set(qn("w:eastAsia"), "zh-CN")
    document.core_properties.title = clean(title)[:255]
    document.core_properties.author = ""
    document.core_properties.comments = ""
    document.core_properties.language = "zh-CN"
    document.sections[0].page_width, document.sections[0].page_height = Mm(210), Mm(297)
    _name_fallbacks(document)
    return document


def restyle(document: Document, name: str, look: Look, before: float = 0, after: float = 0) -> None:
    """Give a style our type; headings stay with what they head."""
    style = document.styles[name]
    set_fonts(style.element.get_or_add_rPr(), look)
    form = style.paragraph_format
    form.space_before, form.space_after, form.keep_with_next = Pt(before), Pt(after), True


def add_contents_style(document: Document, level: int, look: Look, number_at: Length, inset: float) -> None:
    """The style of a line of the contents list: page number at the right edge behind dots."""
    style = document.styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    style.base_style = document.styles["Normal"]
    set_fonts(style.element.get_or_add_rPr(), look)
    style.paragraph_format.left_indent = chars(inset, look.size)
    style.paragraph_format.tab_stops.add_tab_stop(number_at, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def number_from_one(section: Section) -> None:
    """Count the pages anew from this section."""
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    section._sectPr.find(qn("w:pgMar")).addnext(start)


def chars(count: float, size: float) -> Pt:
    """A distance of `count` characters."""
    return Pt(count * size)


def box(paragraph: Paragraph, left_only: bool = False) -> None:
    """A frame around a paragraph, or a stroke at its left; neighbours with the same frame share it."""
    sides = ("left",) if left_only else ("top", "left", "bottom", "right")
    strokes = "".join(
        f'<w:{side} w:val="single" w:sz="{12 if left_only else 4}" w:space="6" w:color="888888"/>'
        for side in sides
    )
    frame = parse_xml(f"<w:pBdr {nsdecls('w')}>{strokes}</w:pBdr>")
    properties = paragraph._p.get_or_add_pPr()
    successors = [properties.find(qn(f"w:{name}")) for name in ("shd", "tabs", "spacing", "ind", "jc")]
    first = next((found for found in successors if found is not None), None)
    if first is None:
        properties.append(frame)
    else:
        first.addprevious(frame)


def to_bytes(document: Document) -> bytes:
    """The file."""
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def margins(section: Section, top: float, right: float, bottom: float, left: float) -> None:
    """Edges of the page in millimetres."""
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)


def add(paragraph: Paragraph, text: str, look: Look) -> None:
    """A stretch of text at the end of `paragraph`."""
    run = paragraph.add_run(clean(text))
    set_fonts(run._r.get_or_add_rPr(), look)


def spacing(paragraph: Paragraph, exact: float = 0, before: float = 0, after: float = 0) -> None:
    """Line pitch in points where it is exact, and room before and after."""
    form = paragraph.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    if exact:
        form.line_spacing = Pt(exact)
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY


def indent(paragraph: Paragraph, size: float, first: float = 0, left: float = 0, right: float = 0) -> None:
    """Indents in characters of `size` points; `first` may be negative for a hanging line."""
    place = OxmlElement("w:ind")
    hanging = "first" if first >= 0 else "hanging"
    values = ((hanging + ("Line" if first >= 0 else ""), abs(first)), ("left", left), ("right", right))
    for name, chars in values:
        if chars:
            place.set(qn(f"w:{name}Chars"), str(round(chars * 100)))
            place.set(qn(f"w:{name}"), str(round(chars * size * _TWIPS)))
    properties = paragraph._p.get_or_add_pPr()
    properties._insert_ind(place)


def no_autospace(paragraph: Paragraph) -> None:
    """No room between Chinese and digits, so that the width of a line is known."""
    properties = paragraph._p.get_or_add_pPr()
    place = properties.find(qn("w:ind"))
    for name in ("w:autoSpaceDE", "w:autoSpaceDN"):
        off = OxmlElement(name)
        off.set(qn("w:val"), "0")
        place.addprevious(off)


def table(document: Document, rows: Rows, widths: tuple[float, ...], heading: bool = True) -> None:
    """A ruled table with columns of `widths` millimetres; the first row is repeated on every page.

    Built element by element: python-docx takes seconds for the cells of a handbook.
    """
    columns = [round(Mm(width) / _EMU_PER_TWIP) for width in widths]
    sides = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="666666"/>' for side in _SIDES)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
    made = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/>'
        f'<w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        '<w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid></w:tbl>"
    )
    for number, row in enumerate(rows):
        head = heading and number == 0
        line = parse_xml(
            f"<w:tr {nsdecls('w')}><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr></w:tr>"
        )
        for width, cell in zip(columns, row, strict=True):
            line.append(_cell(document, width, cell, head))
        made.append(line)
    document.element.body._insert_tbl(made)


def _cell(document: Document, width: int, spans: tuple[Span, ...], head: bool) -> Any:
    shade = '<w:shd w:val="clear" w:fill="F2F2F2"/>' if head else ""
    made = parse_xml(
        f'<w:tc {nsdecls("w")}><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        '<w:p><w:pPr><w:snapToGrid w:val="0"/><w:spacing w:before="40" w:after="40"/></w:pPr></w:p></w:tc>'
    )
    paragraph = Paragraph(made.find(qn("w:p")), document._body)
    for span in spans:
        add(paragraph, span.text, span.look)
    return made


def set_fonts(properties: Any, look: Look) -> None:
    """Write font, size, weight and colour the way Chinese text needs it: `w:eastAsia` by name."""
    colour = f'<w:color w:val="{look.colour}"/>' if look.colour else ""
    bold = "<w:b/><w:bCs/>" if look.bold else ""
    half_points = round(look.size * 2)
    made = parse_xml(
        f"<w:rPr {nsdecls('w')}><w:rFonts w:ascii={quoteattr(look.font)} w:hAnsi={quoteattr(look.font)} "
        f'w:eastAsia={quoteattr(look.font)} w:cs={quoteattr(look.font)} w:hint="eastAsia"/>{bold}{colour}'
        f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr>'
    )
    properties.clear()
    properties.extend(list(made))


def _name_fallbacks(document: Document) -> None:
    """Write the font table: each font with the names to try when it is missing."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, others in FALLBACKS.items()
    )
    table = (
        f"<?xml version='1.0' encoding='UTF-8' standalone='yes'?><w:fonts {nsdecls('w')}>{fonts}</w:fonts>"
    )
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = table.encode("utf-8")
