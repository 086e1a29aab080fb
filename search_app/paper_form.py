"""The short form of a paper: a template of a workflow -> fields, and what was typed -> the paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kb import markdown
from kb.errors import EntryNotFound
from kb.types import Entry, Section
from search_app import blocks
from search_app.exchange import blanks, layout

_FENCE = re.compile(r"`{3,}|~{3,}")


@dataclass(frozen=True, slots=True)
class Field:
    """A line of the form."""

    name: str
    blank: blanks.Blank
    value: str = ""


@dataclass(frozen=True, slots=True)
class PaperForm:
    """A template, its fields, and the paper as far as it is filled."""

    number: int
    name: str
    fields: tuple[Field, ...]
    paper: layout.Paper


def templates(entry: Entry) -> tuple[Section, ...]:
    """The papers below 模板, in the order of the file; their numbers start at 1."""
    return markdown.subsections(entry.body, blocks.PAPERS)


def read(entry: Entry, number: int, typed: Mapping[str, str]) -> PaperForm:
    """The form of the `number`th paper with what was typed. Raises EntryNotFound."""
    found = templates(entry)
    if not 0 < number <= len(found):
        raise EntryNotFound(f"“{entry.title}”没有第 {number} 个模板")
    part = found[number - 1]
    template = blanks.read(_text(part))
    fields = tuple(
        Field(f"b{place}", blank, blanks.clean_value(typed.get(f"b{place}", ""), blank))
        for place, blank in enumerate(template.blanks)
    )
    values = {place: field.value for place, field in enumerate(fields)}
    paper = layout.read(template, part.heading).said(lambda text: blanks.fill(text, template, values))
    return PaperForm(number, part.heading, fields, paper)


def _text(part: Section) -> str:
    """What stands in the code block; the whole text where an author left the block out."""
    fenced = _fenced(part.text.split("\n"))
    return markdown.plain(part.text) if fenced is None else fenced


def _fenced(lines: list[str]) -> str | None:
    """What stands in the first code block; None without one, or where it has no end."""
    marks = ((at, _FENCE.match(line)) for at, line in enumerate(lines))
    start, mark = next(((at, found[0]) for at, found in marks if found), (-1, ""))
    below = range(start + 1, len(lines)) if mark else ()
    end = next(
        (at for at in below if lines[at].startswith(mark) and not lines[at].rstrip(" ").strip("`~")), -1
    )
    return "\n".join(lines[start + 1 : end]) if end > start else None
