"""An Excel list of problems -> one draft a row, with findings row by row. Pure.

Columns are known by their headings, whatever order they stand in and whatever
the list calls them. A row is taken whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb import privacy
from kb.types import Category, Finding, ProblemSource

COLUMNS: dict[str, tuple[str, ...]] = {
    "title": (
        *("标题", "问题标题", "问题名称", "问题", "具体问题", "主要问题", "存在问题", "存在的问题"),
        *("突出问题", "问题清单", "问题事项"),
    ),
    "description": ("问题描述", "表现", "具体表现", "主要表现", "问题表现", "情况说明", "详细说明", "描述"),
    "category": ("类别", "分类", "问题类别", "所属类别", "问题分类"),
    "source": ("问题来源", "来源", "发现方式", "发现渠道", "来源渠道"),
    "organisations": ("适用组织", "组织类型", "单位类型", "党组织类型", "适用范围", "适用对象"),
    "causes": ("原因分析", "原因", "成因", "成因分析", "产生原因", "问题原因"),
    "advice": ("解决建议", "建议", "对策", "对策建议", "整改建议", "解决办法", "处理意见"),
    "steps": ("实施步骤", "步骤", "整改措施", "整改步骤", "具体措施", "工作措施", "落实措施", "措施"),
    "who": ("责任人", "责任单位", "责任主体", "牵头人", "负责人", "责任领导"),
    "when": ("完成时限", "时限", "整改时限", "完成时间", "计划完成时间", "整改期限"),
    "keep": ("留痕材料", "佐证材料", "印证材料", "留存资料", "检查重点"),
    "notes": ("注意事项", "备注", "说明", "提醒", "注意"),
    "tags": ("检索词", "关键词", "标签"),
    "aliases": ("别人会怎么问", "问法", "常见问法", "口语说法"),
}
"""Field of a row -> names its column may have; the first is the one of our template."""
HEADER_WITHIN = 10
"""The row of headings stands among the first ten: above it may be a title and a date."""
HEADING_CHARS = 100
"""A longer cell is no heading; what follows is not looked at."""
MAX_TITLE = 60
IGNORED = ("序号", "编号", "no", "no.")
_BREAKS = re.compile(r"[\s　]+")
_PARTS = re.compile(r"[、，,；;/\s]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: its number in the sheet, its fields, and what is wrong with it."""

    number: int
    values: Mapping[str, str]
    findings: tuple[Finding, ...] = ()

    @property
    def usable(self) -> bool:
        """True when nothing fatal was found."""
        return not any(finding.fatal for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the list stands: number of the sheet, of its row of headings, and field -> column."""

    sheet: int
    header: int
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """A sheet read as a list: its headings, what each became, and the rows."""

    title: str
    headings: tuple[str, ...]
    layout: Layout
    rows: tuple[Row, ...]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Headings that became no field, numbering aside."""
        used = set(self.layout.columns.values())
        return tuple(
            h for n, h in enumerate(self.headings) if h and n not in used and _name(h) not in IGNORED
        )


def guess(sheets: Sequence[Mapping[str, Any]]) -> Layout:
    """The row with the most headings we know, on whatever sheet; else the fullest of the first rows."""
    best, most = Layout(0, 0, {}), (0, 0)
    for sheet, held in enumerate(sheets):
        for header, headings in enumerate(held["rows"][:HEADER_WITHIN]):
            columns = _columns(headings)
            known = len(columns) if {"title", "description"} & columns.keys() else 0
            if (known, sum(map(bool, headings))) > most and (known or sheet == 0):
                best, most = Layout(sheet, header, columns), (known, sum(map(bool, headings)))
    return best


def read(sheets: Sequence[Mapping[str, Any]], layout: Layout) -> Listed:
    """The list as laid out; without a column for title or description it has no rows."""
    sheet = sheets[layout.sheet]
    rows = sheet["rows"]
    headings = tuple(rows[layout.header]) if rows else ()
    usable = {"title", "description"} & layout.columns.keys()
    return Listed(
        str(sheet["title"]), headings, layout, _rows(rows, layout.header, layout.columns) if usable else ()
    )


def _name(heading: str) -> str:
    """A heading without blanks, what stands in brackets, and stars for 必填."""
    return re.sub(r"[（(].*?[）)]|[*＊:：]", "", _BREAKS.sub("", heading[:HEADING_CHARS])).lower()


def _columns(headings: Sequence[str]) -> dict[str, int]:
    """Field -> column number; the first column that fits is taken."""
    names = [_name(heading) for heading in headings]
    found: dict[str, int] = {}
    for field, synonyms in COLUMNS.items():
        at = next((n for synonym in synonyms for n, name in enumerate(names) if name == synonym), -1)
        if at >= 0 and at not in found.values():
            found[field] = at
    return found


def _rows(rows: Sequence[Sequence[str]], at: int, columns: Mapping[str, int]) -> tuple[Row, ...]:
    """The lines below the headings that say anything; the same title twice is named."""
    found: list[Row] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(rows[at + 1 :], at + 2):
        values = {
            field: cells[n].strip() for field, n in columns.items() if n < len(cells) and cells[n].strip()
        }
        if not values.get("title") and not values.get("description"):
            if values:
                found.append(Row(number, values, (_wrong("没有写问题标题", "title"),)))
            continue
        values = _with_title(values)
        findings = list(_findings(values))
        same = _BREAKS.sub("", values["title"])
        if same in seen:
            findings.append(_wrong(f"标题与第 {seen[same]} 行相同", "title"))
        seen.setdefault(same, number)
        found.append(Row(number, values, tuple(findings)))
    return tuple(found)


def _with_title(values: dict[str, str]) -> dict[str, str]:
    """A list with one long column: its first sentence is the title, all of it the description."""
    title = " ".join(values.get("title", "").split())
    if not title:
        title = re.split(r"[。；\n]", values["description"])[0].strip()
    if len(title) > MAX_TITLE and not values.get("description"):
        values = values | {"description": values["title"]}
        title = re.split(r"[，。；：]", title)[0]
    return values | {"title": title}


def _findings(values: Mapping[str, str]) -> list[Finding]:
    found = []
    if len(values["title"]) > MAX_TITLE:
        found.append(_wrong(f"标题有 {len(values['title'])} 个字，请压到 {MAX_TITLE} 个字以内", "title"))
    if len(values["title"]) < 4:
        found.append(_wrong("标题太短，看不出是什么问题", "title"))
    for field, allowed in (("category", tuple(Category)), ("source", tuple(ProblemSource))):
        if values.get(field) and values[field] not in allowed:
            found.append(
                _wrong(f"“{values[field]}”不在 {'、'.join(allowed)} 之中，这一格不采用", field, False)
            )
    if not values.get("category"):
        found.append(_wrong("没有类别，审核时再补", "category", False))
    for field, text in values.items():
        found += [_wrong(f"有像{m.label}的内容：“{m.shown}”", field, False) for m in privacy.scan(text)]
    if not any(values.get(field) for field in ("advice", "steps")):
        found.append(_wrong("没有解决建议和步骤，读者还得不到答案", "advice", False))
    return found


def parts(text: str) -> list[str]:
    """国有企业、农村；社区 -> three words, whatever sign stands between them."""
    return [part for part in _PARTS.split(text) if part]


def _wrong(message: str, field: str, fatal: bool = True) -> Finding:
    return Finding("row", message, field, fatal=fatal)
