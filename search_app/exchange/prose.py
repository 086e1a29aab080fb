"""The safe HTML of `kb.markdown` -> paragraphs, lists and tables to be set in Word. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import TypeAlias

from kb import markdown


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words."""

    text: str
    bold: bool = False


Cell: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    runs: tuple[Run, ...]
    shape: str = "body"
    """body, item (of a list), quote, form (a template, line by line), heading, lead or small."""
    marker: str = ""
    """What stands before a list item."""
    depth: int = 0
    """How deep a list item lies."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; every row has as many cells as the first."""

    rows: tuple[tuple[Cell, ...], ...]
    weights: tuple[float, ...] = ()
    """Relative widths of the columns; empty for equal ones."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 4."""

    text: str
    level: int
    key: str = ""
    """Name of the place, for the contents list; empty for headings that are not in it."""
    new_page: bool = False


@dataclass(slots=True)
class _List:
    ordered: bool
    number: int


class _Reader(HTMLParser):
    """Collects blocks from the few elements `kb.markdown.to_html` lets through."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Text | Grid] = []
        self.runs: list[Run] = []
        self.lists: list[_List] = []
        self.rows: list[list[tuple[Run, ...]]] = []
        self.marker = ""
        self.bold = 0
        self.shape = "body"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "pre", "li", "table", "ul", "ol", "blockquote", "h2", "h3", "h4", "h5", "h6"):
            self.end_block()
        if tag in ("ul", "ol"):
            start = dict(attrs).get("start") or "1"
            self.lists.append(_List(tag == "ol", int(start) if start.isdecimal() else 1))
        elif tag == "li" and self.lists:
            here = self.lists[-1]
            self.marker = f"{here.number}." if here.ordered else "·"
            here.number += 1
        elif tag == "tr":
            self.rows.append([])
        elif tag == "br":
            self.runs.append(Run("\n"))
        elif tag in ("pre", "blockquote") or tag in ("h2", "h3", "h4", "h5", "h6"):
            self.shape = {"pre": "form", "blockquote": "quote"}.get(tag, "heading")
        self.bold += tag in ("strong", "th")

    def handle_endtag(self, tag: str) -> None:
        self.bold -= tag in ("strong", "th")
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append(tuple(self.runs))
            self.runs = []
        elif tag == "table":
            self.end_table()
        elif tag in ("p", "li", "pre", "blockquote", "h2", "h3", "h4", "h5", "h6"):
            self.end_block()
            if tag != "p":
                self.shape = "body"
        elif tag in ("ul", "ol") and self.lists:
            self.end_block()
            self.lists.pop()

    def handle_data(self, data: str) -> None:
        text = data if self.shape == "form" else data.replace("\n", " ")
        if text.strip() or (self.runs and not self.rows):
            self.runs.append(Run(text, self.bold > 0))

    def end_block(self) -> None:
        runs = tuple(self.runs)
        self.runs = []
        if not "".join(run.text for run in runs).strip():
            return
        depth = len(self.lists)
        shape = "item" if depth and self.shape == "body" else self.shape
        self.blocks.append(Text(_trimmed(runs), shape, self.marker, depth))
        self.marker = ""

    def end_table(self) -> None:
        width = max((len(row) for row in self.rows), default=0)
        if width:
            rows = tuple(tuple(row + [()] * (width - len(row))) for row in self.rows)
            self.blocks.append(Grid(rows, tuple(_weight(rows, column) for column in range(width))))
        self.rows = []


def read(text: str) -> tuple[Text | Grid, ...]:
    """Markdown -> blocks; links keep their words only, since paper has nothing to click."""
    reader = _Reader()
    reader.feed(markdown.to_html(text, lambda link: ""))
    reader.close()
    reader.end_block()
    return tuple(reader.blocks)


def line(text: str) -> tuple[Run, ...]:
    """A line of Markdown -> its runs."""
    found = [block.runs for block in read(text) if isinstance(block, Text)]
    return tuple(run for runs in found for run in runs)


def _trimmed(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    ends = (*runs[:-1], replace(runs[-1], text=runs[-1].text.rstrip()))
    first = replace(ends[0], text=ends[0].text.lstrip(" \n") if ends[0].text.strip() else "")
    return tuple(run for run in (first, *ends[1:]) if run.text)


def _weight(rows: tuple[tuple[Cell, ...], ...], column: int) -> float:
    """Columns grow with the root of their longest cell, so that a long one does not starve the others."""
    longest = max(sum(len(run.text) for run in row[column]) for row in rows)
    return math.sqrt(max(4, min(longest, 60)))
