"""A template's blanks: 【党支部名称】 in its text <-> fields of a form. Pure.

Every blank becomes one private-use character, so that the layout is read from
the template alone and nothing typed into a field can change it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kb.schema import parse_date

FIRST_MARK = 0xE000
"""Start of the private use area: a blank is written as chr(FIRST_MARK + its number)."""
MARK = "[\ue000-\uf8ff]"
"""Matches a blank's character."""
MAX_BLANKS = 400
"""Brackets after that many stay as they are."""
MAX_VALUE = 2_000
"""Characters taken from one field."""
RULE = "＿＿＿＿"
"""What stands for a blank without a name, and where somebody signs by hand."""

_VAGUE_WORDS = """
日期 时间 时刻 姓名 负责人 责任人 电话 小组 人数 票数 张数 条数 次数 金额 值 数 号 地点 内容 要点 事项 动作
频次 标准 说明 情况 意见 渠道 项目 节点 一句话 什么事 名称及日期 完成日期 制度及条款
"""
VAGUE = frozenset(_VAGUE_WORDS.split())
"""Names that say what sort of thing is missing but not which: 【人数】 of 正式党员 and of 预备党员 differ.

Any other name means the same thing wherever it stands, and so does a vague
name that the title already uses (关于确定【姓名】同志为…).
"""
_BLANK = re.compile(r"【([^【】\n]{0,60})】")
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、")
_NO_TITLE = re.compile(r"[：:。；，|｜]|^[（(]|^【?[一二三四五六七八九十]{1,3}、")
_BY_HAND = re.compile(r"签名|签字|盖章|公章")
_EDGE = re.compile(r"[。；，、！？：:（）()《》“”／|｜\s　□]|[\ue000-\uf8ff]")
_BEFORE, _AFTER = 10, 4
"""Characters of the sentence shown around a blank whose name alone does not tell."""
_DATE_LINE = re.compile(r"(?:^|[\s　])【日期】[\s　]*(?:\n（[^\n]*）[\s　]*)*$")
_CHOICE = re.compile(r"[^/／、，。…]{1,10}(?:[/／][^/／、，。…]{1,10}){1,5}")
_LONG_NAME = re.compile(r"具体|内容|理由|原因|表现|要点|问题|措施|说明|情况|主题|要求|^(?!.*名称).{7,}$")
"""Blanks that take more than a few words."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A field of the short form."""

    name: str
    """What stands in the brackets."""
    label: str
    options: tuple[str, ...] = ()
    """What the brackets offer to choose from, as suggestions."""
    long: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A text in which every blank is one private-use character."""

    text: str
    blanks: tuple[Blank, ...]


def is_title(line: str) -> bool:
    """True for a first line that names the paper, rather than one that starts it."""
    words = line.strip()
    return 0 < len(words) <= 60 and not _NO_TITLE.search(words)


def read(text: str) -> Template:
    """Template text -> blanks and marked text."""
    blanks: list[Blank] = []
    known: dict[str, int] = {}
    first = text.lstrip("\n").split("\n", 1)[0]
    title = set(_BLANK.findall(first)) if is_title(first) else set()
    dated = _DATE_LINE.search(text.rstrip())
    signed_at = dated.start() + dated[0].index("【") if dated else -1
    plain = re.sub(MARK, "", text)
    if plain != text:
        return read(plain)

    def mark(match: re.Match[str]) -> str:
        name = match[1].strip()
        if _HEADING.match(name):
            return name if text[match.end() : match.end() + 1] in "（(\n" else name + "　"
        if _BY_HAND.search(name) or len(blanks) >= MAX_BLANKS:
            return RULE if _BY_HAND.search(name) else match[0]
        one = bool(name) and (name not in VAGUE or name in title) and match.start() != signed_at
        if not (one and name in known):
            known[name] = len(blanks)
            label = "成文日期" if match.start() == signed_at else _label(name, text, match, one)
            options = _options(name)
            blanks.append(Blank(name, label, options, not options and bool(_LONG_NAME.search(name))))
        return chr(FIRST_MARK + known[name])

    marked = _BLANK.sub(mark, text)
    return Template(marked, _told_apart(blanks))


def fill(text: str, template: Template, values: Mapping[int, str]) -> str:
    """Marked text with what was typed; a field left empty keeps its brackets, ready to be filled in Word."""

    def say(match: re.Match[str]) -> str:
        number = ord(match[0]) - FIRST_MARK
        if number >= len(template.blanks):
            return ""
        name = template.blanks[number].name
        return values.get(number, "") or (f"【{name}】" if name else RULE)

    return re.sub(MARK, say, text)


def clean_value(typed: str, blank: Blank) -> str:
    """One line of what was typed; 2026-8-1 in a date field becomes 2026年8月1日."""
    value = re.sub(MARK, "", "".join(line.strip() for line in typed.splitlines()))[:MAX_VALUE]
    if "日期" in blank.label or "日期" in blank.name:
        try:
            day = parse_date(value)
        except ValueError:
            return value
        return f"{day.year}年{day.month}月{day.day}日"
    return value


def _options(name: str) -> tuple[str, ...]:
    return tuple(re.split(r"[/／]", name)) if _CHOICE.fullmatch(name) else ()


def _label(name: str, text: str, match: re.Match[str], one: bool) -> str:
    """The name where it tells enough; else with the words around it."""
    bare = re.sub(r"[、，]印章$", "", name)
    line = text[text.rfind("\n", 0, match.start()) + 1 :].split("\n", 1)[0]
    at = match.start() - (text.rfind("\n", 0, match.start()) + 1)
    before = _BLANK.sub("\ue000", line[:at]).rstrip("　 ")
    if before.endswith(("：", ":")) and (said := _EDGE.split(before[:-1])[-1]):
        said = said[-_BEFORE:]
        alone = one and text.count(match[0]) == 1 and bare and bare not in said
        return bare if one and text.count(match[0]) > 1 else f"{said}（{bare}）" if alone else said
    if one and bare and (len(bare) > 2 or text.count(match[0]) > 1):
        return bare
    before = _EDGE.split(before)[-1][-_BEFORE:]
    after = _EDGE.split(_BLANK.sub("\ue000", line[at + len(match[0]) :]))[0][:_AFTER]
    around = f"{before}…{after}" if before or after else ""
    if bare:
        return f"{bare}（{around}）" if around else bare
    return around or "待填"


def _told_apart(blanks: list[Blank]) -> tuple[Blank, ...]:
    """Labels that still read the same are numbered."""
    labels = [blank.label for blank in blanks]
    seen: dict[str, int] = {}
    found = []
    for blank in blanks:
        seen[blank.label] = seen.get(blank.label, 0) + 1
        twin = labels.count(blank.label) > 1
        found.append(replace(blank, label=f"{blank.label}（第{seen[blank.label]}处）") if twin else blank)
    return tuple(found)
