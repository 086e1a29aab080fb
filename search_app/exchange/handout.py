"""An entry -> the blocks of its hand-out: answer, steps with boxes, clauses, where it comes from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indexer.snapshot import Snapshot
from kb import markdown
from kb.types import Entry, Kind, Step
from search_app import blocks
from search_app.exchange.prose import Cell, Grid, Heading, Run, Text, line, read

Part = Heading | Text | Grid

STEP_WEIGHTS = (0.55, 7.0, 2.2, 2.7, 2.7)
"""Box, action, 责任人, 时限, 留痕材料."""
RULE_WEIGHTS = (4.0, 5.6, 2.4)


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the foot of every hand-out says."""

    site: str
    address: str
    """Where the entry can be read."""
    today: date


def entry_parts(entry: Entry, now: Snapshot, imprint: Imprint, level: int = 1) -> tuple[Part, ...]:
    """Everything below the title, headings of sections on `level`."""
    parts: list[Part] = [Text((Run(about),), "small") for about in (_about(entry),) if about]
    if entry.summary:
        parts.append(Text((Run(entry.summary),), "lead"))
    if entry.kind is Kind.POLICY:
        parts += _policy(entry, now, level)
    else:
        if entry.factors:
            parts.append(Heading("什么条件下可以照做", level))
            parts += [Text((Run(factor),), "item", "·", 1) for factor in entry.factors]
        for block in blocks.blocks(entry):
            if block.heading != blocks.BASIS:
                parts += _block(block, level, ticks=entry.kind is not Kind.CASE)
    parts += _rules(entry, now, level)
    parts += _attached(entry, level)
    parts.append(Text((Run(_source(entry, imprint)),), "small"))
    return tuple(parts)


def _about(entry: Entry) -> str:
    """One line under the title."""
    facts: tuple[object, ...] = (entry.kind.label, entry.category, entry.source, entry.evidence)
    if entry.kind is Kind.POLICY:
        state = entry.validity or ""
        effective = f"{_chinese(entry.effective)}起施行" if entry.effective else ""
        facts = (entry.kind.label, entry.document_number, entry.issuer, effective, state, entry.coverage)
    organisations = "、".join(name for name in entry.organisations if name != "通用")
    return " · ".join(str(fact) for fact in (*facts, organisations) if fact)


def _policy(entry: Entry, now: Snapshot, level: int) -> list[Part]:
    parts: list[Part] = []
    if entry.validity and entry.validity.superseded:
        newer = now.entries.get(entry.superseded_by)
        successor = f"，现在应看《{newer.title}》" if newer else ""
        parts.append(Text((Run(f"{entry.validity}，不能再作为办事依据{successor}。", True),)))
    parts.append(Text((Run("以下是摘要，不是原文；引用时请核对正式文本。"),), "small"))
    for article in blocks.articles(entry, now):
        if article.heading:
            parts.append(Heading(article.heading, level if article.chapter else level + 1))
        parts += read(article.text)
    return parts


def _block(block: blocks.Block, level: int, ticks: bool) -> list[Part]:
    parts: list[Part] = [Heading(block.heading, level)] if block.heading else []
    parts += read(block.text)
    if block.shape == "steps":
        parts.append(steps_grid(block.steps, ticks))
    for part in block.parts:
        parts.append(Heading(part.heading, level + 1))
        parts += read(part.text)
    return parts


def steps_grid(steps: tuple[Step, ...], ticks: bool) -> Grid:
    """Steps as a table; boxes to tick where it is work to do, numbers only where it is an account."""
    facts = [
        (label, weight, name)
        for label, weight, name in zip(("责任人", "时限", "留痕材料"), STEP_WEIGHTS[2:], _FACTS, strict=True)
        if ticks or any(getattr(step, name) for step in steps)
    ]
    head = (*(("□",) if ticks else ()), "步骤", *(label for label, _, _ in facts))
    rows: list[tuple[Cell, ...]] = [tuple((Run(cell, True),) for cell in head)]
    for number, step in enumerate(steps, 1):
        what = (Run(f"{number}. {markdown.plain(step.action)}", True), *_after(line(step.detail)))
        box = ((Run("□"),),) if ticks else ()
        rows.append((*box, what, *(line(getattr(step, name)) for _, _, name in facts)))
    weights = (*STEP_WEIGHTS[: 1 if ticks else 0], STEP_WEIGHTS[1], *(weight for _, weight, _ in facts))
    return Grid(tuple(rows), weights)


_FACTS = ("who", "when", "keep")


def _after(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    return (Run("\n"), *runs) if runs else ()


def _rules(entry: Entry, now: Snapshot, level: int) -> list[Part]:
    """The clauses an entry rests on, each with how sure it is."""
    basis = markdown.section(entry.body, blocks.BASIS) if entry.kind is not Kind.POLICY else ""
    rows: list[tuple[Cell, ...]] = [tuple((Run(cell, True),) for cell in ("依据", "规定了什么", "核对程度"))]
    for rule in blocks.rules(entry, now):
        policy = rule.policy
        name = (
            f"《{policy.title}》{rule.label}"
            if policy
            else f"{rule.citation.policy} {rule.label}（制度未收录）"
        )
        over = policy is not None and policy.validity is not None and policy.validity.superseded
        marks = "".join(("（已失效）" if over else "", "（历史依据）" if rule.citation.historical else ""))
        grade = f"{rule.citation.grade}　{rule.citation.grade.label}"
        rows.append(((Run(name), Run(marks, True)), (Run(rule.citation.says),), (Run(grade),)))
    parts: list[Part] = [Heading("政策依据", level)] if len(rows) > 1 or basis else []
    if len(rows) > 1:
        parts.append(Grid(tuple(rows), RULE_WEIGHTS))
    return parts + list(read(basis))


def _attached(entry: Entry, level: int) -> list[Part]:
    """What belongs to the entry, by name: pictures and files are taken from its page."""
    if not entry.attachments:
        return []
    parts: list[Part] = [Heading("图片与附件", level)]
    for number, attachment in enumerate(entry.attachments, 1):
        ending = attachment.file.rpartition(".")[2]
        parts.append(Text((Run(f"{attachment.label or '附件'}.{ending}"),), "item", f"{number}.", 1))
    return [*parts, Text((Run("以上文件在条目页面上打开。"),), "small")]


def _source(entry: Entry, imprint: Imprint) -> str:
    checked = f"{_chinese(entry.verified_on)}核对" if entry.verified_on else "还没有核对"
    cited = ""
    if entry.origin and entry.origin.title:
        cited = f"{entry.origin.author}《{entry.origin.title}》{entry.origin.section}"
    where = f"{imprint.site} {imprint.address}"
    facts = (f"来源：{entry.provenance or '本库'}", cited, checked, where, f"{_chinese(imprint.today)}导出")
    return "；".join(fact for fact in facts if fact) + "。"


def _chinese(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def book_parts(
    shelves: dict[str, list[Entry]], now: Snapshot, imprints: dict[str, Imprint]
) -> tuple[Part, ...]:
    """Entries by shelf, each shelf and each entry on a new page and in the contents."""
    parts: list[Part] = []
    for place, (name, entries) in enumerate(shelves.items()):
        parts.append(Heading(name, 1, f"shelf_{place}", new_page=place > 0))
        for number, entry in enumerate(entries):
            key = "entry_" + entry.id.replace("-", "_")[:34]
            parts.append(Heading(entry.title, 2, key, new_page=number > 0))
            parts += entry_parts(entry, now, imprints[entry.id], 3)
    return tuple(parts)
