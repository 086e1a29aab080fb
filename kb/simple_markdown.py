"""Markdown as people mostly write it, read without a parser: fifty times faster, and never a guess.

Each function gives what the parser would give, or None for anything that is
not plainly simple; then the parser is asked (see `markdown`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

_NOT_SIMPLE = re.compile(r"~~~|[<\t\r\0]|\]:|^#.*\||^ {0,3}(?:=+|-+) *$|^ {1,3}#|^ +```", re.MULTILINE)
"""What can make a heading of something else, or something else of what looks like one."""
_HEADING = re.compile(r"(#{2,3})(?: +(.*?))? *")
_FENCE = re.compile(r"```[a-z]*")
_MARKED_UP = re.compile(r"[*_`\[\]\\&~#]")
"""Characters that may mean more than themselves within a line."""

_NOT_PLAIN = re.compile(r"[_`\[\]\\&~#<>|\t\r\0]|^ *[+*] |^ *(?:=+|[-*]+) *$|^ {4}|^ *\d+\)", re.MULTILINE)
_BOLD = re.compile(
    r"\*\*(?=\w)([^*\[\]\n]*\w)\*\*|\*\*(?=\w)([^*\[\]\n]*[^*\[\]\s])\*\*(?=[\s，。；：、！？）】》]|$)"
)
"""Marks with a letter on the inner side count wherever they stand; behind a full stop only before a gap."""
_LINK = re.compile(r"\[([^*_`\[\]\\&~#<>|!\n]+)\]\([a-z][a-z0-9-]*(?:#[0-9a-z-]+)?\)")
_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_A_BLOCK = re.compile(r"````|^ +```", re.MULTILINE)
_TABLE = re.compile(r"(?:\A|(?<=\n\n))(\|.*\|)\n(\|(?: *:?-+:? *\|)+)\n((?:\|.*\|(?:\n|\Z))*)(?=\n|\Z)")
"""A table between empty lines: its head, the line below and its rows, all between upright lines."""
_ITEM = re.compile(r"(?P<indent> {0,3})(?:-|(?P<number>\d{1,9})\.) (?P<text>\S.*)")
_MARKER = re.compile(r"[-+*]|\d{1,9}[.)]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 2 or 3, and the number of the line it stands on."""

    line: int
    level: int
    text: str


def headings(body: str) -> list[Heading] | None:
    """Every heading of level 2 or 3, in order; None where a parser should look."""
    if _NOT_SIMPLE.search(body):
        return None
    found = []
    fenced = False
    for number, line in enumerate(body.split("\n")):
        if line.startswith("```"):
            if not (line.rstrip(" ") == "```" if fenced else _FENCE.fullmatch(line)):
                return None
            fenced = not fenced
        elif not fenced and (match := _HEADING.fullmatch(line)):
            text = match[2] or ""
            if _MARKED_UP.search(text):
                return None
            found.append(Heading(number, len(match[1]), text.strip()))
    return None if fenced else found


def words(text: str) -> str | None:
    """What a reader sees, one line per paragraph or item; None where a parser should look."""
    if "```" not in text:
        return _words(text)
    if _NOT_A_BLOCK.search(text):
        return None
    pieces = _BLOCK.split(text)
    found = [piece.strip() if number % 2 else _words(piece) for number, piece in enumerate(pieces)]
    known = [piece for piece in found if piece is not None]
    return "\n".join(filter(None, known)) if len(known) == len(found) else None


def _words(text: str) -> str | None:
    """`words` of a text without fenced blocks."""
    plain = _LINK.sub(r"\1", _BOLD.sub(r"\1\2", text))
    if "*" in plain:
        return None
    if "|" not in plain:
        return None if _NOT_PLAIN.search(plain) else _lines(plain)
    pieces = _TABLE.split(plain)
    if _NOT_PLAIN.search("\n".join(pieces[::4])):
        return None
    found = [_lines(piece) for piece in pieces[::4]]
    tables = [_cells(*pieces[at : at + 3]) for at in range(1, len(pieces), 4)]
    several = [part for pair in zip_longest(found, tables, fillvalue="") for part in pair]
    return None if None in several else "\n".join(filter(None, several))


def _cells(head: str, below: str, rows: str) -> str | None:
    """Words of a table, one line per cell; None where rows differ or a cell is marked up."""
    if _MARKED_UP.search(head + rows) or re.search(r"[<>]", head + rows):
        return None
    cells = [row.strip(" ")[1:-1].split("|") for row in (head, *filter(None, rows.split("\n")))]
    if any(len(row) != below.count("|") - 1 for row in cells):
        return None
    return "\n".join(filter(None, (cell.strip() for row in cells for cell in row)))


def _lines(plain: str) -> str | None:
    """Words of paragraphs and lists whose lines hold no marks any more."""
    blocks: list[list[str]] = []
    numbered = open_block = False
    for line in plain.split("\n"):
        item = _ITEM.fullmatch(line)
        if not line.strip(" "):
            open_block = False
        elif item is not None:
            if _MARKER.match(item["text"]) or _surprising(item, numbered, open_block):
                return None
            numbered = bool(item["number"]) or (numbered and bool(item["indent"]))
            blocks.append([item["text"]])
            open_block = True
        elif _MARKER.match(line.lstrip(" ")):
            return None
        elif open_block:
            blocks[-1].append(line)
        else:
            blocks.append([line])
            open_block = True
            numbered = False
    joined = (" ".join(part.strip(" ") for part in block).strip() for block in blocks)
    return "\n".join(line for line in joined if line)


def _surprising(item: re.Match[str], numbered: bool, open_block: bool) -> bool:
    """True for what may not be an item: an indented number, and within a paragraph one that is not 1."""
    number = item["number"]
    return bool(number) and (bool(item["indent"]) or (open_block and int(number) != 1 and not numbered))
