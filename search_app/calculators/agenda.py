"""A timetable -> calendar events: what is still to come, each on the day it matters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from kb.numerals import article_label
from kb.rules.results import Milestone
from kb.types import Citation
from search_app.exchange.calendar import Event

ALARM_DAYS = (7, 1)
"""A week before and the day before a last day."""


def events(
    tool: str, name: str, identity: str, milestones: Iterable[Milestone], today: date, titles: dict[str, str]
) -> tuple[Event, ...]:
    """Events from `today` on. `identity` tells one branch or person from another; `titles` names policies."""
    mark = hashlib.sha256(f"{tool}|{name}|{identity}".encode()).hexdigest()[:16]
    found = []
    for milestone in milestones:
        day, words = _day(milestone, today)
        if day is not None:
            found.append(
                Event(
                    uid=f"{tool}-{milestone.key}-{mark}@dangjian-kb",
                    day=day,
                    summary=f"{name}：{words}" if name else words,
                    description=_describe(milestone, titles),
                    alarms=ALARM_DAYS if milestone.latest else (0,),
                )
            )
    return tuple(found)


def _day(milestone: Milestone, today: date) -> tuple[date | None, str]:
    """The day an event stands on and what it is called; no day where nothing is to come."""
    if milestone.aside or milestone.skipped or milestone.pending:
        return None, ""
    if milestone.done:
        return (milestone.done, milestone.name) if milestone.done >= today else (None, "")
    day = milestone.latest or milestone.earliest
    if day is None or day < today:
        return None, ""
    if milestone.marker:
        return day, milestone.name
    if milestone.latest:
        return day, ("建议" if milestone.suggested else "最迟") + f"：{milestone.name}"
    return day, f"最早可以：{milestone.name}"


def _describe(milestone: Milestone, titles: dict[str, str]) -> str:
    lines = [milestone.limit and f"期限：{milestone.limit}", milestone.who and f"责任人：{milestone.who}"]
    basis = "；".join(_name(rule, titles) for rule in milestone.rules)
    lines.append(f"依据：{basis}" if basis else "依据：条款没有定，属本库建议")
    lines.append("以正式文本和上级党组织要求为准。")
    return "\n".join(line for line in lines if line)


def _name(rule: Citation, titles: dict[str, str]) -> str:
    title = titles.get(rule.policy, rule.policy)
    return f"《{title}》{article_label(rule.article)}（{rule.grade.label}）"
