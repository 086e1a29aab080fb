"""The form for a new case -> a draft -> an entry.

What people type is shown as they typed it: every character that Markdown would
take as a sign is escaped, except list marks at the beginning of a line.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from kb import markdown, schema
from kb.types import Draft, Entry, Evidence, Finding, Grade, Kind, ProblemSource, Publication, Step

LINK_FIELDS = ("related", "citations")
"""Hidden in the form: what the page that led here wants the case linked to."""
HEADER_FIELDS = ("title", "category", "organisations", "tags", "summary", "aliases", "factors")
"""Fields of `schema.FIELDS` that the form asks for."""


@dataclass(frozen=True, slots=True)
class TextField:
    """A free text of the form: its name, its heading on the page, what to write, and an example."""

    name: str
    label: str
    hint: str
    example: str


TEXT_FIELDS = (
    TextField(
        "background",
        "背景",
        "什么单位、什么时候、遇到了什么难处。",
        "支部四十二名党员分在六个工地，集中学习常年到不齐，补课也没有记录。",
    ),
    TextField(
        "result",
        "成效",
        "有数字写数字，没有就写看得见的变化；不确定的不写。",
        "三个月后补学记录从没有到人人有，缺课的人当周就能发现。",
    ),
    TextField("lessons", "经验教训", "哪一步最管用，哪里走了弯路。", "二维码要当天失效，否则有人代扫。"),
    TextField("origin", "来源说明", "材料从哪里来，谁可以核实。", "本支部2026年学习台账，组织委员可以核实。"),
)
STEP_PARTS = ("action", "detail", "who", "when", "keep")
STEP_ROWS = 5
MAX_STEPS = 40
MAX_TITLE = 60
MAX_LINK = 100
MAX_TEXT = 20_000

_REF = re.compile(r"[a-z][a-z0-9-]{0,63}#x?\d{1,4}(-\d{1,2})?")
_ID = re.compile(r"case-\d{8}-[0-9a-f]{8}")
_LIST_ITEM = re.compile(r"(?:[-+]|\d{1,3}\.) ")
_SIGNS = re.compile(r"([\\`_\[\]<>~|#&])")
_LINE_SIGNS = re.compile(r"[=+-]|\d{1,9}[.)]")


def new_id(today: date) -> str:
    """An id for a case about to be written; sent with the form, so that sending twice is noticed."""
    return f"case-{today:%Y%m%d}-{secrets.token_hex(4)}"


def read(form: MultiDict[str, str], today: date) -> Draft:
    """What was sent -> a draft. Loses nothing but control characters."""
    sent = form.get("id", "")
    values = {name: _clean(form.get(name, "")) for name in HEADER_FIELDS}
    values["organisations"] = "、".join(_clean(value) for value in form.getlist("organisations"))
    values |= {name: _clean(form.get(name, ""))[:MAX_LINK] for name in LINK_FIELDS}
    values |= {text.name: _clean(form.get(text.name, "")) for text in TEXT_FIELDS}
    columns = [form.getlist(f"step-{part}") for part in STEP_PARTS]
    rows = range(min(MAX_STEPS, max(map(len, columns))))
    steps = (Step(*(" ".join(_clean(c[n]).split()) if n < len(c) else "" for c in columns)) for n in rows)
    return Draft(
        Kind.CASE,
        sent if _ID.fullmatch(sent) else new_id(today),
        tuple(values.items()),
        tuple(step for step in steps if step != Step("")),
    )


def to_entry(draft: Draft, today: date) -> tuple[Entry | None, tuple[Finding, ...]]:
    """A draft -> an entry for the store, or findings by the form's field names."""
    header = {
        "id": draft.id,
        "kind": str(Kind.CASE),
        "title": draft.get("title"),
        "summary": draft.get("summary"),
        "category": draft.get("category"),
        "organisations": _items(draft.get("organisations")),
        "tags": _items(draft.get("tags")),
        "aliases": draft.get("aliases").splitlines(),
        "factors": draft.get("factors").splitlines(),
        **_links(draft),
        "evidence": str(Evidence.DONE),
        "provenance": "读者在网页上提交",
        "publication": str(Publication.PUBLISHED),
        "created": today.isoformat(),
        "updated": today.isoformat(),
    }
    entry, findings = schema.read(header, body(draft))
    mine = tuple(_own_findings(draft))
    fatal = (*(finding for finding in findings if finding.fatal), *mine)
    return (None, fatal) if fatal else (entry, ())


def _links(draft: Draft) -> dict[str, list[dict[str, str]] | list[str]]:
    """What the case is linked to; a clause known through its digest only is cited as such."""
    rule, problem = draft.get("citations"), draft.get("related")
    return {
        "citations": [{"ref": rule, "grade": str(Grade.EXCERPT)}] if _REF.fullmatch(rule) else [],
        "related": [problem] if schema.is_id(problem) else [],
    }


def _own_findings(draft: Draft) -> list[Finding]:
    """What this form asks beyond the schema: enough to be of use to the next reader."""
    found = []
    length = len(draft.get("title"))
    if length > MAX_TITLE:
        found.append(Finding("too-long", f"标题有 {length} 个字，请压到 {MAX_TITLE} 个字以内", "title"))
    if not draft.get("category"):
        found.append(Finding("required", "请选一个类别", "category"))
    if not draft.get("background"):
        found.append(Finding("required", "请写背景：当时遇到了什么难处", "background"))
    if not draft.steps:
        found.append(Finding("required", "请至少写一步主要做法", "steps"))
    for number, step in enumerate(draft.steps, 1):
        if not step.action:
            found.append(Finding("required", f"第 {number} 步没有写“做什么”", "steps"))
    for text in TEXT_FIELDS:
        if len(draft.get(text.name)) > MAX_TEXT:
            message = f"“{text.label}”超过 {MAX_TEXT} 字，请删减或拆成几个案例"
            found.append(Finding("too-long", message, text.name))
    return found


def body(draft: Draft) -> str:
    """The Markdown of a case, its sections in the order of the content guide."""
    texts = {text.label: to_markdown(draft.get(text.name)) for text in TEXT_FIELDS}
    steps = tuple(Step(*(escape(getattr(step, part)) for part in STEP_PARTS)) for step in draft.steps)
    texts[schema.STEP_SECTIONS[Kind.CASE]] = markdown.render_steps(steps)
    texts["来源"] = texts.pop("来源说明")
    order = schema.SECTIONS[Kind.CASE]
    return "\n\n".join(f"## {heading}\n\n{texts[heading]}" for heading in order if texts.get(heading))


def to_question(question: str, today: date) -> Entry:
    """A question nobody could answer yet -> a submitted problem for the curators."""
    return Entry(
        id=f"question-{today:%Y%m%d}-{secrets.token_hex(4)}",
        kind=Kind.PROBLEM,
        title=_clean(question),
        source=str(ProblemSource.FEEDBACK),
        provenance="读者在网页上提问",
        publication=Publication.SUBMITTED,
        created=today,
        updated=today,
        body=f"## 问题描述\n\n{to_markdown(_clean(question))}",
    )


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


def _items(text: str) -> list[str]:
    """党费、催缴，逾期 -> three words, whatever comma was typed."""
    return [item for item in re.split(r"[、，,；;\s]+", text) if item]


def _clean(text: str) -> str:
    """Typed text without characters that no file should hold; LF line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
