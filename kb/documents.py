"""Plain text -> clean lines, and a paper or circular -> its numbered sections.

Holds the values both importers speak; what is particular to texts made of
articles is in `kb.regulation`, which is the module to call.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import PurePath

from kb import frontmatter
from kb.errors import UnreadableDocument
from kb.markdown import MAX_BODY_CHARS
from kb.numerals import to_int
from kb.types import Finding, Kind, Validity

MIN_CHINESE = 10  # with fewer Chinese characters there is nothing to import
MAX_CHARS = MAX_BODY_CHARS // 2  # headings, blank lines and escapes may double the length
SHORT_LINE = 15  # shorter lines end by themselves (a title, a name); longer ones may have been wrapped
HEADING_MAX = 45  # longer lines are sentences, whatever number they begin with
TAIL_LINES = 12  # how far from the end the remains of web pages (责任编辑, 延伸阅读) are looked for

_NOT_TEXT = {
    b"\xd0\xcf\x11\xe0": "这是旧版 Word（.doc）文件，请用 Word 或 WPS 另存为 .docx 或纯文本（.txt）再导入",
    b"PK\x03\x04": "这是 Word、Excel 或压缩文件，不是纯文本，请把扩展名改回 .docx 等，或另存为 .txt",
    b"%PDF": "这是 PDF 文件，请先把文字复制出来，另存为 UTF-8 的 .txt",
    b"{\\rtf": "这是 RTF 文件，请用 Word 或 WPS 另存为纯文本（.txt）",
    b"\xff\xfe": "文件是 UTF-16（记事本里叫 Unicode）编码，请在记事本里另存为 UTF-8",
}
_HTML = re.compile(r"</?(?:!doctype|html|head|body|div|p|span|table|td|br|script|a)\b[^<>]*>", re.I)
_INVISIBLE = re.compile(r"[\x01-\x08\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_NOTE_MARK = re.compile(r"<sup>([^<]{0,20})</sup>|\^(\[[\d,，-]+\])\^?")
_PAGE = re.compile(r"第\s*\d+\s*页.{0,12}|[-—–·•]+\s*\d+\s*[-—–·•]+|\d{1,3}(?:\s*[/／]\s*\d{1,3})?")
_RULE = re.compile(r"[=\-_*—~─━·.\s]{3,}")
_TAIL = re.compile(r"(?:-\s*)?[（(\[【]?(?:责任编辑|责编|编辑|来源|稿源|原标题|作者简介)[\]】]?\s*[：:]")
_TAIL_BLOCK = re.compile(r"(?:延伸阅读|相关阅读|相关链接|相关新闻|上一篇|下一篇|打印本页|关闭窗口).{0,40}")

NUMERAL = "[零〇一二三四五六七八九十百千两]"
RULE = "(?:条例|规定|办法|细则|准则|规则|规程|章程|制度|守则|规范|意见|通知|决定|方案|公约)"
RULE_END = rf"{RULE}》?(?:[（(][^）)]{{1,20}}[）)])?"
_ITEM = re.compile(rf"[（(](?:{NUMERAL}+|\d\d?)[）)](?![项款])|\d\d?(?:[．、)）]|\.(?!\d))|[①-⑳]|-\s*\[\d+\]")
_UNNUMBERED = re.compile(r"[\[【]?(引\s*言|前\s*言|绪论|结\s*语|结论|结束语|参考文献|附录)[\]】]?[：:]?")
_NUMBERED = {
    "一、": re.compile(rf"({NUMERAL}{{1,3}})[、.．].+"),
    "（一）": re.compile(rf"[（(]({NUMERAL}{{1,3}})[）)].+"),
    "第一章": re.compile(rf"第({NUMERAL}{{1,3}})(?:部分|章|篇)[\s：:].+"),
    "1": re.compile(r"([0-9]{1,2})[.．、\s]\s*[^\d.．].+"),
    "1.1": re.compile(r"([0-9]{1,2}[.．][0-9]{1,2})[.．、]?\s*[^\d.．].+"),
    "1.1.1": re.compile(r"([0-9]{1,2}(?:[.．][0-9]{1,2}){2})[.．、]?\s*[^\d.．].+"),
}
_LABEL = re.compile(r"[\[【［]?\s*(?:内容)?(摘\s*要|关键[词字])\s*[\]】］]?\s*[：:]?\s*(.*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that says something; `number` counts from 1, `marked`: written as a Markdown heading."""

    text: str
    number: int
    indented: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One 款: its words, and the 项 listed below them, each with its own mark."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and what stands directly below it."""

    heading: str
    level: int = 2
    role: str = ""
    """编, 章, 节 or 条; 段 for a section of a document; empty for text before any heading."""
    anchor: str = ""
    """What a citation writes after `#`: "31", "11-1"; only for articles."""
    line: int = 0
    paragraphs: tuple[Paragraph, ...] = ()

    @property
    def text(self) -> str:
        """All its words, one 款 or 项 per line."""
        return "\n".join(words for p in self.paragraphs for words in (p.text, *p.items) if words)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was seen in a file; nothing is written until a person has looked at it."""

    name: str
    kind: Kind
    title: str
    parts: tuple[Part, ...]
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    scholarly: bool = False
    """True for a paper: it has authors, an abstract or keywords."""
    issuer: str = ""
    document_number: str = ""
    issued: date | None = None
    effective: date | None = None
    amended: date | None = None
    validity: Validity | None = None
    """What the text or the file name itself says; None when it says nothing."""
    findings: tuple[Finding, ...] = ()
    """Code `dropped` tells what was left out; none is fatal."""

    @property
    def articles(self) -> tuple[Part, ...]:
        """The 条, in file order."""
        return tuple(part for part in self.parts if part.role == "条")


def note(code: str, message: str) -> Finding:
    """Advice to the person who imports; never a reason to refuse."""
    return Finding(code, message, fatal=False)


def read_lines(raw: bytes) -> tuple[list[Line], list[Finding]]:
    """Bytes of a file -> its lines without blanks and Markdown marks. Raises UnreadableDocument."""
    if not raw.removeprefix(b"\xef\xbb\xbf").strip():
        raise UnreadableDocument("文件是空的")
    for magic, reason in _NOT_TEXT.items():
        if raw.startswith(magic):
            raise UnreadableDocument(reason)
    text, odd = frontmatter.decode(raw)
    if fatal := [finding for finding in odd if finding.fatal]:
        raise UnreadableDocument(fatal[0].message)
    _refuse_other_texts(text)
    findings = [note(finding.code, "文件是 GB18030 编码，已转为 UTF-8") for finding in odd]
    if "\ufffd" in text:
        findings.append(note("lost-characters", "文中有“\ufffd”，是以前转换编码时丢的字，请对照原文补上"))
    text = _NOTE_MARK.sub(lambda m: m[1] or m[2] or "", _INVISIBLE.sub("", text).replace("**", ""))
    lines = []
    for number, line in enumerate(re.split(r"[\n\x0b\x0c\x85\u2028\u2029]", text), 1):
        words = re.sub(r"^#{1,6}\s+", "", line.strip())
        if words:
            indented = line.startswith(("　", "  ", "\t"))
            lines.append(Line(words, number, indented, words != line.strip()))
    return lines, findings


def _refuse_other_texts(text: str) -> None:
    """Raises UnreadableDocument for what decodes but is no Chinese prose."""
    if len(text) > MAX_CHARS:
        raise UnreadableDocument(f"文件有 {len(text)} 字，超过上限 {MAX_CHARS} 字，请拆成几个文件")
    if text.startswith("---\n") and "\nkind:" in text[:2000]:
        raise UnreadableDocument("这已经是本库的条目（开头有字段区），请直接放进内容文件夹，不必导入")
    if len(_HTML.findall(text[:20_000])) >= 3:
        raise UnreadableDocument("这是网页（HTML）文件，请在浏览器里复制正文，另存为 UTF-8 的 .txt")
    chinese = len(re.findall("[一-鿿]", text))
    if chinese < MIN_CHINESE or chinese * 20 < len("".join(text.split())):
        raise UnreadableDocument("文件里没有中文正文")
    # A damaged UTF-8 file often "decodes" as GB18030: rare characters and none of the everyday ones.
    if sum(map(text.count, "的一是在有和人为不年条第，。、：")) * 25 < chinese:
        raise UnreadableDocument("文字是乱码，可能文件不完整或编码不对，请另存为 UTF-8 再导入")


def drop_noise(lines: Sequence[Line]) -> tuple[list[Line], list[Finding]]:
    """Lines without page numbers, rules, contents and web-page tails; a finding tells of each."""
    kept = [line for line in lines if not (_PAGE.fullmatch(line.text) or _RULE.fullmatch(line.text))]
    body = _without_contents(kept)
    tail: set[int] = set()
    for at in range(max(1, len(body) - TAIL_LINES), len(body)):
        if _TAIL_BLOCK.fullmatch(body[at].text):
            tail.update(range(at, len(body)))
        elif _TAIL.match(body[at].text):
            tail.add(at)
    counts = {"页码和分隔线": len(lines) - len(kept), "目录": len(kept) - len(body), "附注": len(tail)}
    findings = [note("dropped", f"{what} {count} 行") for what, count in counts.items() if count]
    return [line for at, line in enumerate(body) if at not in tail], findings


def _without_contents(lines: list[Line]) -> list[Line]:
    """Contents are lines after 目录, or three chapters on end, that come again or end in dots and a page."""
    keys = ["".join(line.text.rstrip("0123456789").rstrip(" 　.…·．").split()) for line in lines]
    last = {key: at for at, key in enumerate(keys)}
    chapter = re.compile(rf"第{NUMERAL}+[编章节]")
    for start, key in enumerate(keys):
        named = key in ("目录", "目次")
        end = start + named
        while end < len(keys) and (named or chapter.match(keys[end])):
            if last[keys[end]] == end and not re.search(r"[.…·．\s]{2,}\d+$", lines[end].text[-40:]):
                break
            end += 1
        if named or end - start >= 3:
            return lines[:start] + lines[end:]
    return lines


def runs_on(text: str) -> bool:
    """True when `text` breaks off in the middle of a sentence, as a wrapped line does."""
    return text[-1:] in set("，、,（(《“") or (len(text) >= SHORT_LINE and bool(re.match(r"[\w—]", text[-1])))


def paragraphs(lines: Sequence[Line]) -> tuple[Paragraph, ...]:
    """Lines -> 款 with their 项; what was wrapped, or cut by the end of a page, is joined again."""
    blocks: list[list[str]] = []
    for line in lines:
        item = bool(_ITEM.match(line.text))
        if blocks and not item and not line.indented and runs_on(blocks[-1][-1]):
            before = blocks[-1][-1]
            blocks[-1][-1] += (" " if before[-1].isascii() and line.text[0].isascii() else "") + line.text
        elif item:
            blocks.extend([] if blocks else [[""]])
            blocks[-1].append(re.sub(r"^-\s*", "", line.text))
        else:
            blocks.append([line.text])
    return tuple(Paragraph(words, tuple(items)) for words, *items in blocks)


def assemble(lines: Sequence[Line], heads: dict[int, tuple[Part, str]]) -> list[Part]:
    """Every part with its text; `heads`: line -> the part it opens, and which of its words are text."""
    parts = []
    for at, end in pairwise([*sorted(heads), len(lines)]):
        part, words = heads[at]
        below = [replace(lines[at], text=words, indented=True)] if words else []
        below += lines[at + 1 : end]
        parts.append(replace(part, line=lines[at].number, paragraphs=paragraphs(below)))
    return parts


def read_document(name: str, lines: Sequence[Line]) -> Recognised:
    """A text without articles: title, authors, numbered sections; what stands beside them goes to 来源."""
    heads = _headings(lines)
    front = list(lines[: min(heads, default=len(lines))])
    title = PurePath(name).stem
    if front and len(front[0].text) <= 60 and not re.search("[。，；]", front[0].text):
        title = front.pop(0).text
    labels = {at: found for at, line in enumerate(front) if (found := _LABEL.match(line.text))}
    names = {line.text: _names(line.text) for at, line in enumerate(front[:3]) if at not in labels}
    by = (pair for pair in names.items() if pair[1] and (labels or all(who in name for who in pair[1])))
    byline, authors = next(by, ("", ()))
    paper = bool(labels or authors)
    beside = [at for at, line in enumerate(front) if paper and at not in labels and "。" not in line.text]
    opening = [line for at, line in enumerate(front) if at not in labels and at not in beside]
    said = {found[1][0]: found[2] for found in labels.values()}
    source = [Paragraph(front[at].text) for at in beside if front[at].text != byline]
    parts = [
        Part("摘要", role="段", paragraphs=(Paragraph(said.get("摘", "")),)),
        Part("引言" if paper else "", role="段", paragraphs=paragraphs(opening)),
        *assemble(lines, heads),
        Part("来源", role="段", paragraphs=tuple(source)),
    ]
    kept = tuple(part for part in parts if part.text or part.line)
    keywords = tuple(word for word in re.split(r"[;；,，、\s]+", said.get("关", "")) if word)
    kind = Kind.POLICY if not paper and re.search(f"{RULE_END}$", title) else Kind.CASE
    return Recognised(name, kind, title, kept, authors, keywords, paper)


def _names(text: str) -> tuple[str, ...]:
    """The people a line consists of: 张三 李四, or 张 三 spaced for the eye; else nobody."""
    text = re.sub(r"(?<!\S)(\S)\s+(\S)(?!\S)", r"\1\2", re.sub(r"^作\s*者\s*[：:]\s*", "", text))
    words = re.split(r"[\s、,，;；]+", text)
    return tuple(words) if all(re.fullmatch("[一-鿿]{2,4}", word) for word in words) else ()


def _headings(lines: Sequence[Line]) -> dict[int, tuple[Part, str]]:
    """Section headings, nested in the order in which their styles of numbering come first."""
    heads: dict[int, tuple[Part, str]] = {}
    outer: list[tuple[str, tuple[int, ...]]] = []
    for at, line in enumerate(lines):
        plain = _UNNUMBERED.fullmatch(line.text)
        if found := _numbered(line.text, lines[at + 1].text if at + 1 < len(lines) else ""):
            style, number, heading, words = found
            depth = next((at for at, (known, _) in enumerate(outer) if known == style), len(outer))
            before = outer[depth][1] if depth < len(outer) else ()
            # A row may lack one number; 3.5 万名党员 is none of it.
            follows = before[:-1] == number[:-1] and before != () and 0 < number[-1] - before[-1] <= 2
            if line.marked or number[-1] == 1 or follows:
                outer = [*outer[:depth], (style, number)]
                heads[at] = Part(heading, min(depth + 2, 3), "段"), words
        elif plain or (line.marked and at and re.match("(?!第).*[一-鿿]", line.text)):
            heads[at], outer = (Part("".join(plain[1].split()) if plain else line.text, role="段"), ""), []
            if "参考文献" in line.text:
                break
    return heads


def _numbered(text: str, after: str) -> tuple[str, tuple[int, ...], str, str] | None:
    """Style, number, heading, and words of the paragraph on the same line: 一、提高认识。各支部要……"""
    for style, pattern in _NUMBERED.items():
        if found := pattern.fullmatch(text):
            heading, _, words = (text, "", "") if style[0] == "1" else text.partition("。")
            # 1、2、3 on neighbouring lines are a list, not headings without text.
            listed = style == "1" and (heading[-1] == "。" or pattern.fullmatch(after))
            if listed or len(heading) > HEADING_MAX or "。" in heading[:-1] or heading[-1] in "；，、：:;":
                return None
            return style, tuple(map(to_int, re.split("[.．]", found[1]))), heading.strip(), words.strip()
    return None
