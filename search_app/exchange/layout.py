"""A template's text -> what its lines are: title, addressee, headings, tables, attachments, signature. Pure.

Reads the marked text of `blanks.read`, so that a line is judged by the
template and not by what was typed into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby

from search_app.exchange.blanks import FIRST_MARK, MARK, Template, is_title

HEADINGS = (
    (1, re.compile(r"[一二三四五六七八九十]{1,3}、")),
    (2, re.compile(r"（[一二三四五六七八九十]{1,3}）")),
    (3, re.compile(r"\d{1,2}[.．、](?!\d)")),
    (4, re.compile(r"[（(]\d{1,2}[）)]")),
)
"""The four levels of GB/T 9704 and how a line of each begins."""
FAR_RIGHT = 12
"""Half-width columns of white space from which a line counts as set to the right."""

_SIGNER = rf"{MARK}(?:（[盖章]{{1,2}}）)?|加盖{MARK}印章|[^\s　：]*(?:签名|申请人|负责人)[^\s　]*"
_SIGNED = re.compile(rf"(?P<who>{_SIGNER})[\s　]*(?P<when>{MARK})")
_OFFICIAL = re.compile(r"关于.*|.*(?:请示|报告|批复|通知|公告|公示|函|决定)")
_LABELLED = re.compile(r"[^，。；：]{1,12}：.")
_SAME_LINE_HEADING = re.compile(r"[\s　]+(?=[一二三四五六七八九十]{1,3}、)")
_ATTACHED = re.compile(r"附件[：:]\s*")
_NEXT_ATTACHMENT = re.compile(r"[\s　；;]+(?=\d{1,2}[.．、])")
_BOX = re.compile(r"[┌┐└┘├┤┬┴┼─━]+")
_CELL_EDGE = re.compile(r"\s*[|｜│]\s*")
_GAP = re.compile(r"(?<!（)[\s　]+(?![\s　]*）)")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of the body."""

    text: str
    level: int = 0
    """1 to 4 for 一、（一）1.（1）; 0 for other text."""
    indented: bool = True
    right: bool = False
    paragraph: bool = False
    """True where the template starts a paragraph; lines at the edge below belong to it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, all of one length."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper with its parts in the order of GB/T 9704."""

    title: str
    addressee: str = ""
    body: tuple[Line | Table, ...] = ()
    attachments: tuple[str, ...] = ()
    signer: str = ""
    date: str = ""
    notes: tuple[str, ...] = ()
    """Said to whoever fills the template; not part of the paper."""

    def said(self, say: Callable[[str], str]) -> Paper:
        """The paper with every text passed through `say`."""
        body: tuple[Line | Table, ...] = tuple(
            replace(part, text=say(part.text))
            if isinstance(part, Line)
            else Table(tuple(tuple(say(cell) for cell in row) for row in part.rows))
            for part in self.body
        )
        attached = tuple(say(name) for name in self.attachments)
        ends = replace(self, signer=say(self.signer), date=say(self.date))
        return replace(
            ends, title=say(self.title), addressee=say(self.addressee), body=body, attachments=attached
        )


def read(template: Template, name: str) -> Paper:
    """A template, called `name` in its workflow -> its parts. Takes any text."""
    lines = [line.rstrip() for line in template.text.expandtabs(4).split("\n")]
    lines = [line for line in lines if line.strip() and not _BOX.fullmatch(line.strip())]
    lines = [part for line in lines for part in _headings_apart(line)]
    title = lines.pop(0).strip() if lines and is_title(lines[0]) else re.sub(r"（[^）]*）$", "", name)
    addressee = lines.pop(0).strip() if lines and _is_addressee(lines[0]) else ""
    notes: list[str] = []
    while len(lines) > 1 and re.fullmatch(r"（[^（）]+）", lines[-1].strip()):
        notes.insert(0, lines.pop().strip()[1:-1])
    signer, date, tail = _signature(lines, template)
    attached, lines = _attachments(lines)
    official = bool(addressee) or bool(_OFFICIAL.fullmatch(title))
    body = _body(lines, official) + tail
    return Paper(title, addressee.rstrip("：:"), body, attached, signer, date, tuple(notes))


def _headings_apart(line: str) -> list[str]:
    """一、主题：…　二、形式：… -> two lines."""
    return _SAME_LINE_HEADING.split(line) if HEADINGS[0][1].match(line) else [line]


def _is_addressee(line: str) -> bool:
    return bool(re.fullmatch(r"[^\s　：:，。；][^：:，。；]{0,60}[：:]", line))


def _columns(line: str) -> int:
    """White space before a line, in half-width columns."""
    white = line[: len(line) - len(line.lstrip())]
    return sum(2 if char == "\u3000" else 1 for char in white)


def _is_date(text: str, template: Template) -> bool:
    mark = text.strip()
    if len(mark) != 1 or not re.fullmatch(MARK, mark):
        return False
    number = ord(mark) - FIRST_MARK
    return number < len(template.blanks) and template.blanks[number].name == "日期"


def _signature(lines: list[str], template: Template) -> tuple[str, str, tuple[Line, ...]]:
    """Take signer and date, and other lines set to the right, off the end of `lines`."""
    both = _SIGNED.fullmatch(lines[-1].strip()) if lines else None
    if both and _is_date(both["when"], template):
        lines.pop()
        return both["who"], both["when"], ()
    if lines and _is_date(lines[-1], template):
        date = lines.pop().strip()
        signer = lines.pop().strip() if lines and _columns(lines[-1]) >= FAR_RIGHT else ""
        return signer, date, ()
    tail: list[str] = []
    while lines and _columns(lines[-1]) >= FAR_RIGHT and len(tail) < 3:
        tail.insert(0, lines.pop().strip())
    return "", "", tuple(Line(text, indented=False, right=True) for text in tail)


def _attachments(lines: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The names behind 附件： without their numbers and end marks, and the lines without them."""
    for at in range(len(lines) - 1, -1, -1):
        if match := _ATTACHED.match(lines[at].strip()):
            named = _NEXT_ATTACHMENT.split(lines[at].strip()[match.end() :])
            names = tuple(HEADINGS[2][1].sub("", name, count=1).strip(" 　。；;") for name in named)
            return tuple(name for name in names if name), lines[:at] + lines[at + 1 :]
    return (), lines


def _body(lines: list[str], official: bool) -> tuple[Line | Table, ...]:
    """Tables where neighbouring lines have as many cells; broken sentences joined; the rest line by line."""
    found: list[Line | Table] = []
    cells = [_cells(line) for line in lines]
    at = 0
    for width, group in groupby(cells, key=len):
        rows = list(group)
        here = lines[at : at + len(rows)]
        at += len(rows)
        if width > 1 and (any(_CELL_EDGE.search(line) for line in here) or len(rows) > 2):
            found.append(Table(tuple(tuple(row) for row in rows)))
        else:
            for line in here:
                _add_line(found, line, official)
    return tuple(found)


def _cells(line: str) -> list[str]:
    """Cells of a table's line; one cell for running text."""
    words = line.strip()
    if sum(words.count(edge) for edge in "|｜│") >= 2:
        return [cell.strip() for cell in _CELL_EDGE.split(words.strip("│"))]
    if re.search(r"[^\s　][ ]{4,}[^\s　]", words) and not re.search(r"[：:。，；].*[：:。，；]", words):
        return _GAP.split(words)
    return [words]


def _add_line(found: list[Line | Table], line: str, official: bool) -> None:
    words = re.sub(r"　+$", "", line.strip())
    level = next((level for level, start in HEADINGS if start.match(words)), 0)
    right = _columns(line) >= FAR_RIGHT or bool(_SIGNED.fullmatch(words) and re.search(r"[\s　]", words))
    last = found[-1] if found else None
    if isinstance(last, Line) and not (level or right) and _continues(last, line):
        found[-1] = replace(last, text=last.text + words)
        return
    paragraph = 3 <= _columns(line) < FAR_RIGHT
    indented = not right and (official or bool(level) or paragraph or words.endswith("。"))
    found.append(Line(words, level, indented, right, paragraph))


def _continues(last: Line, line: str) -> bool:
    """True where a paragraph was broken by hand: after a comma, or back at the edge below its first line."""
    if last.text.endswith(("，", "、", ",")):
        return True
    words = line.strip()
    broken = last.paragraph and _columns(line) == 0 and not last.text.endswith(("：", ":"))
    return broken and not (_LABELLED.match(words) or re.match(rf"[（(□]|(?:{_SIGNER})[\s　]", words))
