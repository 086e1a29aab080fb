"""What a Word file works out itself: page numbers, contents lists, links to places in the file."""

from __future__ import annotations

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from search_app.exchange.word import Look, Paragraph, add, set_fonts


def field(paragraph: Paragraph, code: str, shown: str, look: Look) -> None:
    """A field such as PAGE, with what it shows until a program works it out."""
    open_field(paragraph, code, look)
    add(paragraph, shown, look)
    close_field(paragraph, look)


def open_field(paragraph: Paragraph, code: str, look: Look, dirty: bool = False) -> None:
    """Start of a field, whose result may span several paragraphs; `close_field` ends it."""
    _field_mark(paragraph, "begin", look, dirty)
    run = paragraph.add_run()
    words = OxmlElement("w:instrText")
    words.set(qn("xml:space"), "preserve")
    words.text = f" {code} "
    run._r.append(words)
    _field_mark(paragraph, "separate", look)


def close_field(paragraph: Paragraph, look: Look) -> None:
    """End of the field that `open_field` began."""
    _field_mark(paragraph, "end", look)


def _field_mark(paragraph: Paragraph, kind: str, look: Look, dirty: bool = False) -> None:
    run = paragraph.add_run()
    set_fonts(run._r.get_or_add_rPr(), look)
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    if dirty:
        mark.set(qn("w:dirty"), "true")
    run._r.append(mark)


def bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """A place that the contents list can point to, around what `paragraph` holds now."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    start.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    end.set(qn("w:id"), str(number))
    paragraph._p.insert(0 if paragraph._p.pPr is None else 1, start)
    paragraph._p.append(end)


def link(paragraph: Paragraph, text: str, place: str, look: Look) -> None:
    """Words that lead to a bookmark of the same file."""
    made = OxmlElement("w:hyperlink")
    made.set(qn("w:anchor"), place)
    add(paragraph, text, look)
    made.append(paragraph._p.r_lst[-1])
    paragraph._p.append(made)
