"""Blocks of somebody's Word or PDF file -> the sections of an entry. Pure.

Headings are matched to our sections by name and synonym, numbering left
aside. What matches nothing is not thrown in anywhere: it becomes a piece
whose place the person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kb.schema import SECTIONS
from kb.types import Kind, Step

SYNONYMS: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.CASE: {
        "背景": (
            *("案例背景", "工作背景", "项目背景", "实施背景", "活动背景", "基本情况", "单位概况", "概况"),
            *("问题缘起", "案例起因", "起因", "面临的问题", "存在问题", "存在的问题", "现状", "案例简介"),
        ),
        "主要做法": (
            *("做法", "具体做法", "实施过程", "实施步骤", "工作举措", "主要举措", "具体举措", "主要措施"),
            *("具体措施", "工作措施", "创新举措", "案例内容", "活动开展情况", "工作开展情况", "解决办法"),
        ),
        "成效": (
            *("工作成效", "主要成效", "取得成效", "取得的成效", "实施效果", "实施成效", "活动成效"),
            *("主要成果", "工作成果", "成果", "效果", "成效与成果", "取得的效果"),
        ),
        "经验教训": (
            *("经验启示", "经验与启示", "启示", "工作启示", "案例启示", "主要经验", "经验", "经验总结"),
            *("体会", "几点体会", "工作体会", "反思", "不足与改进", "存在不足", "经验体会", "启示与思考"),
        ),
        "可借鉴的关键因素": ("关键因素", "可借鉴之处", "推广条件", "适用条件", "推广价值", "借鉴意义"),
        "来源": ("材料来源", "供稿单位", "报送单位", "资料来源"),
    },
    Kind.PROBLEM: {
        "问题描述": ("问题", "问题表现", "主要表现", "表现", "现象", "存在问题", "存在的问题", "具体问题"),
        "原因分析": ("原因", "成因", "成因分析", "问题原因", "主要原因", "产生原因", "问题成因"),
        "解决建议": ("建议", "对策", "对策建议", "解决办法", "解决方法", "整改建议", "处理意见", "解决方案"),
        "实施步骤": ("步骤", "整改措施", "整改步骤", "工作步骤", "落实措施", "具体措施", "操作步骤"),
        "注意事项": ("注意", "提醒", "温馨提示", "特别提醒", "有关提醒", "需要注意的问题"),
    },
    Kind.HANDBOOK: {
        "适用情形": ("适用范围", "适用场景", "适用对象", "使用说明", "适用条件"),
        "流程步骤": ("流程", "工作流程", "操作流程", "办理流程", "工作程序", "程序", "步骤", "基本程序"),
        "所需材料": ("材料", "材料清单", "所需资料", "需要的材料", "留存材料", "归档材料", "附件材料"),
        "注意事项": ("注意", "提醒", "温馨提示", "特别提醒", "工作要求"),
        "常见问题": ("问答", "常见问答", "疑难解答"),
    },
    Kind.POLICY: {},
}
"""What other papers call our sections. Extend it freely: one name, one section."""
HEADING_CHARS = 30
ACTION_CHARS = 40
_NUMBER = re.compile(
    r"^\s*(?:第[一二三四五六七八九十\d]+[部章]分?|[（(]?[一二三四五六七八九十]+[）)、.．]|[（(]?\d+[）)、.．])\s*"
)
_SUBNUMBER = re.compile(r"^\s*[（(]|^\s*\d")
_CHAPTER = re.compile(r"^\s*[一二三四五六七八九十]+、")
_FRAME = re.compile(r"^[【\[]|[】\]：:]+$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading as its author wrote it, the text below, and the section it belongs to, if that is known."""

    heading: str
    text: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A file taken apart: its title and its pieces in order."""

    title: str
    pieces: tuple[Piece, ...]

    @property
    def unplaced(self) -> tuple[Piece, ...]:
        """What a person has to decide about."""
        return tuple(piece for piece in self.pieces if not piece.section)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    heading: bool = False
    level: int = 0


def place(blocks: Sequence[Sequence[Any]], kind: Kind) -> Placed:
    """Blocks of `worker` -> title and pieces for an entry of `kind`."""
    lines = list(_lines(blocks))
    title, rest = _title(lines, kind)
    pieces: list[Piece] = []
    texts: list[list[str]] = []  # put together at the end: a file may have a hundred thousand lines
    above = _Line("")
    for line in rest:
        section = section_of(line.text, kind) if _may_head(line) else ""
        if section or _heads(line, above):
            pieces.append(Piece(line.text, "", section))
            texts.append([])
            above = line
        elif pieces:
            texts[-1].append(line.text)
        else:
            pieces.append(Piece("", ""))
            texts.append([line.text])
    whole = (replace(p, text="\n".join(lines).strip()) for p, lines in zip(pieces, texts, strict=True))
    return Placed(title, _merged(piece for piece in whole if piece.text or piece.section))


def section_of(heading: str, kind: Kind) -> str:
    """The section a heading speaks of: `二、主要做法：` -> 主要做法; empty for none."""
    name = _FRAME.sub("", _NUMBER.sub("", _FRAME.sub("", heading.strip()))).strip()
    for section in SECTIONS[kind]:
        if name == section or name in SYNONYMS[kind].get(section, ()):
            return section
    return ""


def steps(text: str) -> tuple[Step, ...]:
    """Lines of a section -> steps: what is done up to the first colon or full stop, then how."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        words = _NUMBER.sub("", line)
        action, sign, detail = _parted(words)
        if len(action) > ACTION_CHARS:
            action, sign, detail = words[:ACTION_CHARS], "…", words
        found.append(Step(action, detail.strip()) if sign else Step(words))
    return tuple(found)


def _parted(words: str) -> tuple[str, str, str]:
    at = min((i for sign in "：:。" if 0 < (i := words.find(sign)) < len(words) - 1), default=-1)
    return (words[:at], words[at], words[at + 1 :]) if at > 0 else (words.rstrip("。"), "", "")


def _lines(blocks: Sequence[Sequence[Any]]) -> Iterator[_Line]:
    """One line per paragraph, list item and table row; pictures are kept elsewhere."""
    for sort, content, level in blocks:
        if sort == "heading":
            yield _Line(" ".join(str(content).split()), True, int(level))
        elif sort == "table":
            rows = (" ｜ ".join(" ".join(cell.split()) for cell in row if cell.strip()) for row in content)
            yield from (_Line(row) for row in rows if row)
        elif sort in ("text", "item"):
            mark = "- " if sort == "item" else ""
            yield from (_Line(mark + line.strip()) for line in str(content).splitlines() if line.strip())


def _title(lines: list[_Line], kind: Kind) -> tuple[str, list[_Line]]:
    """The first heading, or a short first line, unless it names a section already."""
    first = lines[0] if lines else _Line("")
    looks = first.heading or (len(first.text) <= ACTION_CHARS and first.text[-1:] not in "。；：")
    if first.text and looks and not section_of(first.text, kind):
        return first.text, lines[1:]
    return "", lines


def _may_head(line: _Line) -> bool:
    return line.heading or len(line.text) <= HEADING_CHARS


def _heads(line: _Line, above: _Line) -> bool:
    """True for a heading beside the present one, not under it, though we have no section of that name.

    Deeper in the file's own levels, or numbered （一） or 1., is under it; 四、 after
    三、 is beside it, whether or not its author gave it a heading's style.
    """
    if not line.heading:
        short = _may_head(line) and line.text[-1:] not in "。；，"
        return short and bool(_CHAPTER.match(line.text)) and bool(_CHAPTER.match(above.text))
    if line.level and above.level:
        return line.level <= above.level
    return not _SUBNUMBER.match(line.text)


def _merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Pieces of one section put together, where the first of them stands."""
    found: list[Piece] = []
    texts: list[list[str]] = []
    places: dict[str, int] = {}
    for piece in pieces:
        place = places.setdefault(piece.section, len(found)) if piece.section else len(found)
        if place == len(found):
            found.append(piece)
            texts.append([])
        texts[place].append(piece.text)
    return tuple(replace(p, text="\n".join(parts).strip()) for p, parts in zip(found, texts, strict=True))
