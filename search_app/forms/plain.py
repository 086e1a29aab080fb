"""Typed words <-> the Markdown that shows exactly them.

Every character that Markdown would take as a sign is escaped, except list
marks at the beginning of a line. What comes back from a file may be shown as
plain words only where the way back gives the same Markdown.
"""

from __future__ import annotations

import re
import unicodedata

from kb.numerals import article_anchor

_LIST_ITEM = re.compile(r"(?:[-+]|\d{1,3}\.) ")
_SIGNS = re.compile(r"([\\`_\[\]<>~|#&])")
_LINE_SIGNS = re.compile(r"[=+-]|\d{1,9}[.)]")
_ESCAPED = re.compile(r"\\([\\`_\[\]<>~|#&=+.)-])")
_CHAPTER = re.compile(r"第[零〇一二三四五六七八九十百\d]{1,6}[编章节](?:[ 　].{0,40})?|总则|附则|说明")
_ARTICLE_CHARS = 40
"""A longer line that begins with 第…条 is a sentence about a clause, not its heading."""


def clean(text: str) -> str:
    """Typed text without characters that no file should hold; LF line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))


def one_line(text: str) -> str:
    """Typed text as a single line."""
    return " ".join(clean(text).split())


def to_markdown(text: str) -> str:
    """Typed text -> Markdown that shows it: a paragraph per line, lists kept, signs escaped."""
    out, listed = "", False
    for line in filter(None, (line.strip() for line in text.splitlines())):
        item = _LIST_ITEM.match(line)
        shown = item[0] + escape(line[item.end() :].lstrip()) if item else escape(line)
        between = "\n" if listed and item else "\n\n"
        out += (between if out else "") + shown
        listed = bool(item)
    return out


def escape(line: str) -> str:
    """One line of typed text -> Markdown that shows exactly it."""
    signs = _SIGNS.sub(r"\\\1", line).replace("*", "&#42;")
    start = _LINE_SIGNS.match(signs)
    return f"{signs[: start.end() - 1]}\\{signs[start.end() - 1 :]}" if start else signs


def unescape(line: str) -> str:
    """The inverse of `escape`, where there is one."""
    return _ESCAPED.sub(r"\1", line.replace("&#42;", "*"))


def to_typed(text: str) -> str | None:
    """Markdown -> the words that give it; None where plain words cannot, as with links and bold."""
    typed = "\n".join(unescape(line) for line in text.split("\n") if line.strip())
    return typed if to_markdown(typed) == text else None


def line_to_typed(text: str) -> str | None:
    """`to_typed` for a cell of a row, which is one line."""
    typed = unescape(text)
    return typed if escape(typed) == text and one_line(typed) == typed else None


def articles_to_markdown(text: str) -> str:
    """Clauses as typed or pasted -> headings with their text; lines that begin with 第三章 or 第五条."""
    out: list[str] = []
    waiting: list[str] = []
    for line in (line.strip() for line in text.splitlines()):
        mark = _heading_mark(line)
        if mark:
            out += [to_markdown("\n".join(waiting)), f"{mark} {escape(line)}"]
            waiting = []
        else:
            waiting.append(line)
    out.append(to_markdown("\n".join(waiting)))
    return "\n\n".join(part for part in out if part)


def articles_to_typed(text: str) -> str | None:
    """The inverse of `articles_to_markdown`; None where there is none."""
    lines = (re.sub(r"^#{2,3} ", "", line) for line in text.split("\n"))
    typed = "\n".join(unescape(line) for line in lines if line.strip())
    return typed if articles_to_markdown(typed) == text else None


def _heading_mark(line: str) -> str:
    if len(line) > _ARTICLE_CHARS or line.endswith(("。", "；", "，")):
        return ""
    if article_anchor(line):
        return "###"
    return "##" if _CHAPTER.fullmatch(line) else ""


def items(text: str) -> tuple[str, ...]:
    """党费、催缴，逾期 -> three words, whatever comma was typed; one a line where there are lines."""
    if "\n" in text.strip("\n") or text.endswith("\n"):
        return tuple(line.strip() for line in text.split("\n") if line.strip())
    return tuple(item for item in re.split(r"[、，,；;\s]+", text) if item)


def joined(words: tuple[str, ...]) -> str:
    """The inverse of `items`."""
    text = "、".join(words)
    return text if items(text) == words else "\n".join((*words, ""))
