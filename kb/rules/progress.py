"""What has been done on the way into the Party, and what is wrong with the dates as such."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from kb.rules import clauses
from kb.rules.dates import add_months, add_years
from kb.rules.results import Duty, Tone

ADULT_YEARS = 18
LEAVING_MONTHS = 3
APPROVAL_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """What has been done when; None for what has not, or is not known."""

    applied: date
    born: date | None = None
    talked: date | None = None
    activist: date | None = None
    reviewed: date | None = None
    """The latest half-yearly review."""
    agreed: date | None = None
    """The superior committee agreed to the candidate."""
    noticed: date | None = None
    """First day of the public notice."""
    listed: date | None = None
    political: date | None = None
    trained: date | None = None
    prereviewed: date | None = None
    meeting: date | None = None
    reported: date | None = None
    approved: date | None = None
    sworn: date | None = None
    leaving: date | None = None
    """When the person will leave the workplace or school."""


LABELS = {
    "applied": "递交申请书",
    "talked": "派人谈话",
    "activist": "确定积极分子",
    "agreed": "上级党委同意",
    "noticed": "开始公示",
    "listed": "列为发展对象",
    "political": "政治审查完成",
    "trained": "集中培训完成",
    "prereviewed": "预审合格",
    "meeting": "支部大会通过",
    "reported": "报上级党委",
    "approved": "党委批准",
    "sworn": "入党宣誓",
}
"""The steps in their order, and what each is called on forms and in findings."""
_UNORDERED = frozenset({"talked", "political", "trained"})
"""Steps whose place among their neighbours no clause fixes."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Dates done and dates reckoned, step by step."""

    progress: Progress
    today: date

    def done(self, name: str) -> date | None:
        """When the step `name` was done."""
        found = getattr(self.progress, name)
        return found if isinstance(found, date) else None

    def skipped(self, name: str) -> bool:
        """True when a later step has a date and this one has none."""
        names = tuple(LABELS)
        later = names[names.index(name) + 1 :]
        return self.done(name) is None and any(self.done(other) for other in later)

    def base(self, name: str, earliest: date | None) -> date | None:
        """The day later steps count from: when it was done, or the first day it still can be."""
        if done := self.done(name):
            return done
        if earliest is None or self.skipped(name):
            return None
        return max(earliest, self.today)


def findings(progress: Progress, today: date) -> tuple[Duty, ...]:
    """What the dates give cause to say, beyond the timetable."""
    found = []
    if progress.born and progress.applied < add_years(progress.born, ADULT_YEARS):
        found.append(Duty("递交申请书时未满十八岁。", (clauses.DEV_AGE,), Tone.WARN))
    if _leaves_soon(progress, today):
        words = "未来三个月内将离开工作、学习单位，一般不办理接收手续。"
        found.append(Duty(words, (clauses.DEV_PREREVIEW,), Tone.WARN))
    if not progress.listed:
        found.append(
            Duty("调动单位或住地的，把材料转给新的党组织，培养教育时间连续计算。", (clauses.DEV_CONTINUE,))
        )
    if _over_ordinary_term(progress, today):
        words = "审批已经超过三个月；属特殊情况可适当延长，但不得超过六个月，请向上级党委问明。"
        found.append(Duty(words, (clauses.DEV_APPROVE,), Tone.WARN))
    if progress.meeting:
        found.append(
            Duty(
                "自支部大会通过之日起交党费、算预备期。",
                (clauses.DUES_START, clauses.DEV_PROBATION),
                Tone.ACT,
            )
        )
    return tuple(found)


def _leaves_soon(progress: Progress, today: date) -> bool:
    """True when the person leaves within three months of the admission, or of today where none took place."""
    admitted = progress.meeting or progress.prereviewed or today
    return bool(progress.leaving and admitted <= progress.leaving <= add_months(admitted, LEAVING_MONTHS))


def _over_ordinary_term(progress: Progress, today: date) -> bool:
    sent = progress.reported or progress.meeting
    return bool(sent and not progress.approved and today > add_months(sent, APPROVAL_MONTHS))


def out_of_order(progress: Progress) -> tuple[Duty, ...]:
    """Steps dated before a step that must precede them."""
    dated = [(name, getattr(progress, name)) for name in LABELS if name not in _UNORDERED]
    known = [(name, day) for name, day in dated if day]
    return tuple(
        Duty(f"“{LABELS[late]}”的日期早于“{LABELS[early]}”，请核对。", (), Tone.WARN)
        for (early, first), (late, second) in pairwise(known)
        if second < first
    )
