"""What a new form starts with: the problem, the clause or the question whose page led to it."""

from __future__ import annotations

from dataclasses import replace

from werkzeug.datastructures import MultiDict

from indexer.snapshot import Snapshot
from kb import markdown
from kb.types import Entry, Evidence, Kind
from search_app.forms import layout, plain, reading
from search_app.forms.sheet import Cited, Sheet

OPENING = {Kind.PROBLEM: "问题描述", Kind.CASE: "背景", Kind.HANDBOOK: "适用情形"}
"""The section a description goes to."""
MAX_DESCRIPTION = 4000


def sheet(kind: Kind, args: MultiDict[str, str], now: Snapshot) -> Sheet:
    """An empty form with what the address says: `problem`, `rule`, `title`, `description`, `question`.

    What is not in the collection is dropped.
    """
    blank = reading.empty(kind)
    typed = {"title": plain.one_line(args.get("title", ""))[: layout.MAX_TITLE]}
    if kind is Kind.CASE:
        typed["evidence"] = str(Evidence.DONE)
    description = plain.clean(args.get("description", ""))[:MAX_DESCRIPTION].strip()
    problem, rule = args.get("problem", ""), args.get("rule", "")
    return replace(
        reading.read(MultiDict([("question", args.get("question", "")), *typed.items()]), kind, blank.target),
        id=blank.id,
        number=blank.number,
        parts=tuple(
            replace(part, text=description) if description and part.heading == OPENING.get(kind) else part
            for part in blank.parts
        ),
        steps=blank.steps,
        questions=blank.questions,
        related=(problem,) if _is_problem(now.entries.get(problem)) else (),
        citations=(Cited(*rule.split("#")),) if _is_clause(rule, now) else (),
    )


def _is_problem(entry: Entry | None) -> bool:
    return entry is not None and entry.kind is Kind.PROBLEM


def _is_clause(rule: str, now: Snapshot) -> bool:
    policy_id, _, anchor = rule.partition("#")
    policy = now.entries.get(policy_id)
    if policy is None or policy.kind is not Kind.POLICY or not anchor or rule.count("#") != 1:
        return False
    return any(part.anchor == anchor for part in markdown.sections(policy.body))
