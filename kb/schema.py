"""Which field belongs to which kind. One table serves files, forms, checks and the documentation.

`read` turns a header and body into an `Entry` or says why not; `write` is its
inverse and fixes the field order, so that git shows only what changed.
"""

from __future__ import annotations

import json
import re
from typing import Any

from kb import frontmatter, shapes
from kb.markdown import MAX_BODY_CHARS
from kb.shapes import Field as Field
from kb.shapes import parse_date as parse_date
from kb.types import (
    ORGANISATIONS,
    Category,
    Coverage,
    Entry,
    Evidence,
    Finding,
    Kind,
    ProblemSource,
    Publication,
    Validity,
)

ID_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ID_MAX = 64
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10)}
)

_POLICY = frozenset({Kind.POLICY})
_PROBLEM = frozenset({Kind.PROBLEM})
_CASE = frozenset({Kind.CASE})


def is_id(text: str) -> bool:
    """True for a lower-case hyphenated name that is also a safe file name on every system."""
    return len(text) <= ID_MAX and bool(ID_PATTERN.fullmatch(text)) and text not in _RESERVED


FIELDS: tuple[Field, ...] = (
    Field("id", "编号", "text", required=True, example="dues-overdue"),
    Field("kind", "种类", "choice", required=True, choices=tuple(Kind)),
    Field("title", "标题", "text", required=True, example="党员逾期没有缴纳党费怎么办"),
    Field("summary", "一句话回答", "text", example="先分清是忘交、缓交还是拒交，再提醒、补交、教育。"),
    Field("category", "类别", "choice", choices=tuple(Category)),
    Field("source", "问题来源", "choice", _PROBLEM, choices=tuple(ProblemSource)),
    Field("organisations", "适用组织", "inline", choices=ORGANISATIONS),
    Field("tags", "检索词", "inline", example="党费、催缴、逾期"),
    Field("aliases", "别人会怎么问", "list", example="老张半年没交党费了，电话也不接"),
    Field("evidence", "证据性质", "choice", _CASE, choices=tuple(Evidence)),
    Field("origin", "来源文献", "origin", _CASE),
    Field("factors", "可借鉴的关键因素", "list", _CASE, example="党员分散在多个作业点"),
    Field("document_number", "文号", "text", _POLICY, example="中组发〔2008〕3号"),
    Field("issuer", "发布机关", "text", _POLICY),
    Field("issued", "发布日期", "date", _POLICY),
    Field("effective", "施行日期", "date", _POLICY),
    Field("validity", "效力", "choice", _POLICY, required=True, choices=tuple(Validity)),
    Field("coverage", "收录程度", "choice", _POLICY, choices=tuple(Coverage)),
    Field("supersedes", "取代", "inline", _POLICY),
    Field("superseded_by", "被取代于", "text", _POLICY),
    Field("source_url", "原文地址", "text", _POLICY),
    Field("citations", "政策依据", "citations"),
    Field("related", "相关条目", "inline"),
    Field("attachments", "图片与附件", "attachments"),
    Field("provenance", "材料来源", "text", example="本库整理"),
    Field("moved_to", "已移到", "text"),
    Field("publication", "发布状态", "choice", choices=tuple(Publication)),
    Field("created", "建立日期", "date"),
    Field("updated", "更新日期", "date"),
    Field("verified_on", "核对日期", "date"),
)
BY_NAME = {field.name: field for field in FIELDS}

SECTIONS: dict[Kind, tuple[str, ...]] = {
    Kind.PROBLEM: ("问题描述", "原因分析", "解决建议", "实施步骤", "注意事项"),
    Kind.HANDBOOK: ("适用情形", "流程步骤", "所需材料", "注意事项", "常见问题"),
    Kind.CASE: ("背景", "主要做法", "成效", "经验教训", "可借鉴的关键因素", "来源"),
    Kind.POLICY: (),
}
"""Level 2 headings an entry of each kind has, in order."""
STEP_SECTIONS = {Kind.PROBLEM: "实施步骤", Kind.HANDBOOK: "流程步骤", Kind.CASE: "主要做法"}


def fields_of(kind: Kind) -> tuple[Field, ...]:
    """The fields an entry of `kind` may have, in file order."""
    return tuple(field for field in FIELDS if kind in field.kinds)


def read(header: frontmatter.Header, body: str) -> tuple[Entry | None, tuple[Finding, ...]]:
    """Header and body -> entry, with every finding; no entry when a finding is fatal."""
    findings: list[Finding] = []
    kind_text = header.get("kind", "")
    if kind_text not in tuple(Kind):
        names = "、".join(Kind)
        return None, (Finding("kind", f"字段 kind 应为 {names} 之一，现在是“{kind_text}”", "kind"),)
    kind = Kind(str(kind_text))
    values: dict[str, Any] = {"body": body}
    extra: list[tuple[str, str]] = []
    for name, raw in header.items():
        field = BY_NAME.get(name)
        if field is None or kind not in field.kinds:
            findings.append(Finding("unknown-field", f"字段“{name}”不认识，原样保留", name, fatal=False))
            extra.append((name, json.dumps(raw, ensure_ascii=False)))
        elif raw not in ("", [], {}):
            value, problem = shapes.READERS[field.shape](field, raw)
            if problem:
                findings.append(problem)
            else:
                values[name] = value
    findings += [
        Finding("required", f"缺少“{field.label}”（{field.name}）", field.name)
        for field in fields_of(kind)
        if field.required and not values.get(field.name) and field.name not in {f.field for f in findings}
    ]
    if values.get("id") and not is_id(values["id"]):
        findings.append(Finding("id", f"编号“{values['id']}”只能用小写字母、数字和连字符，字母开头", "id"))
    if len(body) > MAX_BODY_CHARS:
        findings.append(
            Finding("body-too-long", f"正文有 {len(body)} 字，超过上限 {MAX_BODY_CHARS} 字", "body")
        )
    if any(finding.fatal for finding in findings):
        return None, tuple(findings)
    return Entry(**values, extra=tuple(extra)), tuple(findings)


def write(entry: Entry) -> frontmatter.Header:
    """Entry -> header in file order, empty fields left out; inverse of `read`."""
    header: frontmatter.Header = {}
    for field in fields_of(entry.kind):
        value = getattr(entry, field.name)
        if value not in ("", (), None):
            header[field.name] = shapes.WRITERS.get(field.shape, str)(value)
    return header | {name: json.loads(value) for name, value in entry.extra}


def parse(raw: bytes) -> tuple[Entry | None, tuple[Finding, ...]]:
    """Bytes of a file -> entry and findings. Never raises for what a file may contain."""
    text, odd = frontmatter.decode(raw)
    if any(finding.fatal for finding in odd):
        return None, tuple(odd)
    header, body, findings = frontmatter.split(text)
    if any(finding.fatal for finding in findings):
        return None, (*odd, *findings)
    entry, more = read(header, body)
    return entry, (*odd, *findings, *more)


def dump(entry: Entry) -> str:
    """Entry -> text of its file; `parse(dump(entry).encode())` gives the entry back."""
    return frontmatter.join(write(entry), entry.body)
