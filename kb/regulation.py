"""A .txt or .md file -> what was recognised in it -> an entry.

`recognise` reads, `describe` shows it to a person, `to_entry` makes the entry.
Texts made of articles (第…条) become policies; all others go to `kb.documents`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import PurePath

from kb import documents
from kb.documents import NUMERAL, RULE_END, Line, Part, Recognised, note
from kb.errors import UnreadableDocument
from kb.numerals import article_label, to_int
from kb.schema import ID_MAX, is_id
from kb.types import Entry, Evidence, Finding, Kind, Origin, Publication, Validity

MAX_JUMP = 5  # 第九条 without a space after it is believed only this close to the article before

_ARTICLE = re.compile(
    rf"第\s*((?:{NUMERAL}\s*)+|\d+\s*)条(?:\s*之\s*({NUMERAL}+|\d+))?(?P<gap>[\s：:]*)(?P<rest>.*)"
)
# What follows the number when a clause is only spoken of: 第八条规定的情形, 第八条、第九条, 第八条第二款.
_SPOKEN_OF = re.compile(
    "规定|所[述列称规指]|的|[、，]|(?:至|到|和|或|或者|以及|及|及其|与)?第|或者其他|之|中[的所规，]"
    "|[一二三四五六七八九十两前后上下各]?[款项]|情形|以外|明确|提出|要求|指出"
)
_SPOKEN_OF_SPACED = re.compile(r"规定的|规定[，。处]|所[列述称规]|的|、|第\S{1,3}[款项]")
_LEADS_ON = re.compile(r"(?:按照|依照|根据|依据|违反|参照|适用|符合|条例|办法|细则|章程|》|和|及|或|、|至)$")
_DIVISION = re.compile(rf"第\s*((?:{NUMERAL}\s*)+|\d+\s*)([编章节])(?P<gap>[\s：:]*)([^。，；：]{{0,40}})")
_BARE_DIVISION = re.compile(r"总\s*纲|总\s*则|附\s*则|序\s*言|附\s*件[\s\d：:][^。；]{0,40}|附\s*件")
_DATE = rf"((?:{NUMERAL}|[○\d]){{4}})\s*年\s*((?:{NUMERAL}|\d){{1,3}})\s*月\s*((?:{NUMERAL}|\d){{1,3}})\s*日"
_SIGNED = re.compile(_DATE)
_EVENT = re.compile(
    rf"{_DATE}\s*([^\d（）()。；\s]*?)(发布|印发|公布|颁布|通过|批准|修订|修正|修改|起施行|起实施|施行)"
)
_FROM = re.compile(rf"自\s*(?:{_DATE}\s*起|(?:发布|印发|公布|颁布|下发)之日起)")
_ISSUED_BY = re.compile(r"(?m)(?:^|[，。\s])((?!关于)[^，。\s《》]{2,40}?)(?:关于|联合)?印发[^，。《]{0,6}《")
_PASSED_BY = re.compile(r"(\S{4,30}?(?:大会|会议|委员会))(?:部分)?(?:修改|修订|通过)")
_NUMBER = re.compile(r"[一-鿿]{1,12}[〔\[［（(]\d{4}[〕\]］）)]\s*第?\s*\d{1,5}\s*号")
_TITLE = re.compile(rf"《?[^。，；：！？《》]{{2,58}}?{RULE_END}")
_FIRST_HALF = re.compile(r"(?!.*(?:印发|转发|文件|全文|通知))[一-鿿]{4,30}")


def recognise(name: str, raw: bytes) -> Recognised:
    """What the file holds, with a finding for each doubt. Raises UnreadableDocument with the reason."""
    lines, odd = documents.read_lines(raw)
    lines, dropped = documents.drop_noise(lines)
    if not lines:
        raise UnreadableDocument("除了页码和目录，文件里没有正文")
    marks = article_marks(lines)
    anchors = [part.anchor for part, _ in marks.values()]
    # A commentary quotes articles among its own words; as a policy it would pass them off as the rule.
    commentary = any(re.fullmatch("【(?:条文|解读|释义)】", line.text) for line in lines)
    plain = commentary or (len(anchors) < 3 and anchors != ["1", "2"])
    seen = documents.read_document(name, lines) if plain else _regulation(name, lines, marks)
    seen = _dated(seen, lines) if seen.kind is Kind.POLICY else seen
    return replace(seen, findings=(*odd, *dropped, *seen.findings))


def article_marks(lines: Sequence[Line]) -> dict[int, tuple[Part, str]]:
    """The lines that open an article; a clause that is only spoken of at a line's start is not one."""
    marks: dict[int, tuple[Part, str]] = {}
    last = (0, 0)
    for at, line in enumerate(lines):
        found = _ARTICLE.match(line.text)
        number = (_number(found[1]), _number(found[2] or "0")) if found else (0, 0)
        before = lines[at - 1].text if at else ""
        whole = line.indented or line.marked or not documents.runs_on(before) or bool(_division(before))
        expected = number in ((last[0] + 1, 0), (last[0], last[1] + 1)) and not _LEADS_ON.search(before)
        if not found or not 0 < number[0] < 10_000 or number[1] > 99:
            continue
        if found["gap"] or not found["rest"] or found["rest"][0] in "【（(":
            opens = (whole or expected) and not _SPOKEN_OF_SPACED.match(found["rest"])
        else:
            near = last[0] <= number[0] <= last[0] + MAX_JUMP
            opens = whole and near and not _SPOKEN_OF.match(found["rest"])
        if opens:
            anchor = f"{number[0]}-{number[1]}" if number[1] else str(number[0])
            marks[at], last = _article(anchor, found["rest"], line.marked), number
    return marks


def _number(text: str) -> int:
    """十 二, ２ and 二○二六 too; 0 for what is no number."""
    digits = "".join(text.split()).replace("○", "〇")
    try:
        return int(digits) if digits.isdecimal() else to_int(digits)
    except ValueError:
        return 0


def _article(anchor: str, rest: str, marked: bool) -> tuple[Part, str]:
    """The part of an article; 【目的】 and the words of a Markdown heading are its title, not its text."""
    title, words = (rest, "") if marked and len(rest) <= 30 and "。" not in rest else ("", rest)
    if bracket := re.match(r"【([^】]{1,30})】\s*(.*)", rest):
        title, words = bracket.groups()
    return Part(f"{article_label(anchor)} {title}".strip(), 3, "条", anchor), words


def _division(text: str) -> Part | None:
    """第一章 总则 -> its part; a sentence about a chapter -> None."""
    found = _DIVISION.fullmatch(text)
    if not found:
        return Part("".join(text.split()), 2, "段") if _BARE_DIVISION.fullmatch(text) else None
    if not found["gap"] and _SPOKEN_OF.match(found[4]):
        return None
    # 党　员 and 总　则 are spaced for the eye only.
    words = found[4].split()
    title = "".join(words) if all(len(word) == 1 for word in words) else " ".join(words)
    return Part(f"第{''.join(found[1].split())}{found[2]} {title}".strip(), 2, found[2])


def _regulation(name: str, lines: Sequence[Line], marks: dict[int, tuple[Part, str]]) -> Recognised:
    heads = {at: (part, "") for at, line in enumerate(lines) if (part := _division(line.text))} | marks
    head = lines[: min(heads)]
    title, begin, end = _title(name, head)
    opening = [Part("", paragraphs=documents.paragraphs(head[end:]))] if head[end:] else []
    parts = (*opening, *documents.assemble(lines, heads))
    findings = _sequence([part for part in parts if part.role == "条"])
    if begin:
        findings.insert(0, note("dropped", f"标题前的说明文字 {begin} 行（“{head[0].text[:20]}…”）"))
    return Recognised(name, Kind.POLICY, title, parts, findings=tuple(findings))


def _title(name: str, head: Sequence[Line]) -> tuple[str, int, int]:
    """The title, how many lines before it are not the regulation's own, and where its text begins.

    The last line that looks like a title wins, because news about a regulation
    stands before it and may name it too; a text pasted without its title is
    named by the 《…》 of the news.
    """
    for at in reversed(range(len(head))):
        if _TITLE.fullmatch(head[at].text):
            before = head[max(at - 1, 0)]
            if head[at].number - before.number == 1 and _FIRST_HALF.fullmatch(before.text):
                return before.text + head[at].text, at - 1, at + 1
            return head[at].text.strip("《》"), at, at + 1
    named = re.findall("《([^《》]{5,60})》", "\n".join(line.text for line in head))
    if quoted := [title for title in named if _TITLE.fullmatch(title)]:
        return quoted[-1], len(head), len(head)
    if head and not re.search("[。，：；]", head[0].text):
        return head[0].text, 0, 1
    return re.sub(r"[_-]\d{4}.*", "", PurePath(name).stem), 0, 0


def _sequence(articles: Sequence[Part]) -> list[Finding]:
    """Gaps, repeats and empty articles, each with its line in the file."""
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    last = 0
    for part in articles:
        label, number = article_label(part.anchor), int(part.anchor.partition("-")[0])
        where = f"（第 {part.line} 行）"
        if part.anchor in seen:
            findings.append(note("repeat", f"{label}{where}重复，第 {seen[part.anchor]} 行已有"))
        elif number > last + 1:
            gap = article_label(str(last + 1)) + (f"至{article_label(str(number - 1))}" * (number > last + 2))
            findings.append(note("gap", f"条文序号不连续：{label}{where}之前缺{gap}"))
        elif number < last:
            findings.append(note("order", f"{label}{where}排在{article_label(str(last))}之后"))
        if not part.paragraphs:
            findings.append(note("empty-article", f"{label}{where}没有内容"))
        seen.setdefault(part.anchor, part.line)
        last = number
    return findings


def _dated(seen: Recognised, lines: Sequence[Line]) -> Recognised:
    """The same with issuer, number, dates and validity, as far as the text says them.

    A revised text whose history ends with the revision has no date of issue:
    the older one would be wrong.
    """
    first = seen.articles[0].line if seen.articles else 10
    head = "\n".join(line.text for line in lines if line.number < first and len(line.text) < 300)
    events = [(day, found[4], found[5]) for found in _EVENT.finditer(head) if (day := _date(found))]
    published = [(day, who) for day, who, verb in events if verb in ("发布", "印发", "公布", "颁布")]
    passed = [day for day, _, verb in events if verb in ("通过", "批准")]
    amended = [day for day, _, verb in events if verb in ("修订", "修正", "修改")]
    if not amended and (len(published) > 1 or "部分修改" in head):
        amended = [day for day, _ in published] or passed
    signed = [day for line in lines if (found := _SIGNED.fullmatch(line.text)) and (day := _date(found))]
    issued = published[-1][0] if published else max(passed or signed, default=None)
    issued = None if issued and amended and issued < amended[-1] else issued
    by = _ISSUED_BY.search(head) or _PASSED_BY.search(head)
    number = _NUMBER.search(head)
    starts = [found for part in seen.articles[-3:] for found in _FROM.finditer(part.text)]
    effective = [day for day, _, verb in events if verb.endswith(("施行", "实施"))]
    effective += [day for found in starts if (day := _date(found) if found[1] else issued)]
    return replace(
        seen,
        issuer=published[-1][1] if published and published[-1][1] else by[1] if by else "",
        document_number="".join(number[0].split()) if number else "",
        issued=issued,
        effective=effective[-1] if effective else None,
        amended=amended[-1] if amended else None,
        validity=_validity(f"{seen.name}\n{seen.title}\n{head}"),
    )


def _date(found: re.Match[str]) -> date | None:
    try:
        return date(_number(found[1]), _number(found[2]), _number(found[3]))
    except ValueError:
        return None


def _validity(text: str) -> Validity | None:
    """What the file name and the words above the first article say of it."""
    if said := re.search(r"[（(【\[_-](?:现?已被?(修订)|(?:现?已)?(?:废止|失效))[）)】\]_.]", text):
        return Validity.AMENDED if said[1] else Validity.REPEALED
    return Validity.UNVERIFIED if re.search("征求意见稿|讨论稿|送审稿|草案", text) else None


def to_entry(seen: Recognised, entry_id: str, today: date) -> Entry:
    """The entry to be saved: a policy with its articles, or a case with the sections of a document."""
    policy = seen.kind is Kind.POLICY
    start = seen.effective or seen.issued
    assumed = Validity.IN_FORCE if start and start <= today else Validity.UNVERIFIED
    return Entry(
        id=entry_id,
        kind=seen.kind,
        title=" ".join(seen.title.split()),
        tags=seen.keywords,
        evidence=Evidence.PROPOSED if seen.scholarly and not policy else "",
        origin=Origin("、".join(seen.authors), " ".join(seen.title.split())) if not policy else None,
        document_number=seen.document_number,
        issuer=seen.issuer,
        issued=seen.issued,
        effective=seen.effective.replace() if seen.effective else None,
        validity=(seen.validity or assumed) if policy else None,
        provenance=" ".join(f"导入文件 {seen.name}".split()),
        publication=Publication.PUBLISHED,
        created=today,
        updated=today.replace(),  # one date object twice would be written as a YAML alias, which kb refuses
        body="\n\n".join(block for part in seen.parts for block in _blocks(part)),
    )


def _blocks(part: Part) -> list[str]:
    """Markdown of a part: its heading, a paragraph for each 款, a list for its 项, a list in that for 目."""
    blocks = [f"{'#' * part.level} {_escape(part.heading)}"] if part.heading else []
    for paragraph in part.paragraphs:
        nested = bool(paragraph.items) and paragraph.items[0][0] in "（("
        rows = [f"{'  ' * (nested and i[0] not in '（(')}- {_escape(i, start=True)}" for i in paragraph.items]
        blocks += [block for block in (_escape(paragraph.text, start=True), "\n".join(rows)) if block]
    return blocks


def _escape(text: str, start: bool = False) -> str:
    """Words that Markdown shows as they are; `start`: marks that only count at a line's start too."""
    text = re.sub(r"([\\`*_]|~(?=~)|#(?=#*$)|\](?=\()|&(?=#?\w+;))", r"\\\1", text)
    return re.sub(r"^(\d{1,9}(?=[.)](?:\s|$))|)([#>+<|=.)-]|\[(?=.*\]:))", r"\1\\\2", text) if start else text


def describe(seen: Recognised) -> str:
    """What was recognised, in Chinese, for a person to agree to before anything is written."""
    policy, articles = seen.kind is Kind.POLICY, seen.articles
    units = "编章节条" if articles else "段"
    counts = {unit: sum(part.role == unit for part in seen.parts) for unit in units}
    shown = {
        "文件": f"{seen.name}，导入为{seen.kind.label}",
        "标题": seen.title,
        "作者": "、".join(seen.authors),
        "发布机关": (seen.issuer or "没有认出") if policy else "",
        "文号": seen.document_number,
        "发布日期": str(seen.issued or "没有认出") if policy else "",
        "修订日期": str(seen.amended or ""),
        "施行日期": str(seen.effective or "没有认出") if policy else "",
        "效力": (seen.validity or "文中没有说明，按日期推定，请核对") if policy else "",
        "结构": "、".join(f"{count} {unit}" for unit, count in counts.items() if count),
        "首条": f"{articles[0].heading}　{articles[0].text[:24]}…" if articles else "",
        "末条": f"{articles[-1].heading}　{articles[-1].text[:24]}…" if articles else "",
    }
    rows = [f"{name}：{value}" for name, value in shown.items() if value]
    rows += [f"{'略去' if f.code == 'dropped' else '注意'}：{f.message}" for f in seen.findings]
    return "\n".join(rows)


def suggest_id(seen: Recognised) -> str:
    """A valid id: the title in pinyin and the year of the text, or a hash where that cannot be had."""
    day = seen.amended or seen.issued or seen.effective
    year = [str(day.year)] if day else []
    try:
        from pypinyin import lazy_pinyin  # only this suggestion needs it, and can do without
    except ImportError:
        words = []
    else:
        title = re.sub("中国共产党|[（(].*", "", seen.title)
        words = re.findall("[a-z0-9]+", " ".join(lazy_pinyin(title)).lower())
    while words and len("-".join(words + year)) > ID_MAX:
        words.pop()
    name = "-".join(words + year)
    return name if is_id(name) else f"import-{sha256(seen.title.encode()).hexdigest()[:12]}"
