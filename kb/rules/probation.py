"""Probation: when it ends, how it is extended, and the way to full membership."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from kb.rules import clauses
from kb.rules.dates import add_months
from kb.rules.results import Duty, Milestone, Tone

PROBATION_MONTHS = 12
EXTENSION_MONTHS = (6, 12)
"""No less than half a year, no more than one year, once."""
POSTPONE_MONTHS = 6
APPROVAL_MONTHS = 3
REMIND_DAYS = 30
"""Our suggestion for reminding the probationary member to write the application."""
_PROBATION = (clauses.DEV_PROBATION, clauses.CONSTITUTION_PROBATION)


@dataclass(frozen=True, slots=True)
class Probation:
    """What has been done when."""

    meeting: date
    """The branch meeting that admitted the member: probation counts from this day."""
    extension: int = 0
    """Months of the extension decided on, 0 for none."""
    transferred: bool = False
    """True where the member came from another branch during probation."""
    asked: date | None = None
    """The written application to become a full member."""
    converted: date | None = None
    """The branch meeting that decided."""
    reported: date | None = None
    approved: date | None = None
    projected: bool = False
    """True where the admitting meeting has not been held yet."""


def end(probation: Probation) -> date:
    """The last day of probation, an extension included.

    Raises ValueError for an extension shorter than half a year or longer than a year.
    """
    least, most = EXTENSION_MONTHS
    if probation.extension and not least <= probation.extension <= most:
        raise ValueError(f"extension of {probation.extension} months")
    return add_months(probation.meeting, PROBATION_MONTHS + probation.extension)


def timetable(probation: Probation, remind_days: int = REMIND_DAYS) -> tuple[Milestone, ...]:
    """From the reminder to the archive."""
    over = end(probation)
    sent = probation.reported or probation.converted
    words = "满一年" if not probation.extension else f"满一年，延长{probation.extension}个月"
    steps = [
        _reminder(over, remind_days, probation.asked),
        Milestone("probation-end", "预备期满", latest=over, limit=words, rules=_PROBATION, marker=True),
        Milestone(
            "converted",
            "支部大会讨论转正",
            earliest=over,
            limit="期满后及时",
            rules=(clauses.DEV_CONVERT, *_PROBATION),
            done=probation.converted,
            who="党支部",
            skipped=not probation.converted and bool(probation.reported or probation.approved),
        ),
        _postponement(probation, over) if probation.transferred and not probation.converted else None,
        Milestone(
            "full-approved",
            "党委审批转正决议",
            earliest=sent,
            latest=add_months(sent, APPROVAL_MONTHS) if sent else None,
            limit="收到决议三个月内",
            rules=(clauses.DEV_CONVERT_APPROVE,),
            done=probation.approved,
            who="有审批权限的党委",
        ),
        Milestone(
            "archived",
            "材料归档",
            earliest=probation.approved,
            limit="转正后及时",
            rules=(clauses.DEV_ARCHIVE,),
            who="党支部",
        ),
    ]
    return tuple(replace(step, pending=probation.projected) for step in steps if step)


def _reminder(over: date, days: int, asked: date | None) -> Milestone:
    return Milestone(
        "ask-reminder",
        "提醒本人写转正申请",
        latest=over - timedelta(days=days),
        limit=f"期满前{days}天",
        done=asked,
        who="组织委员",
    )


def _postponement(probation: Probation, over: date) -> Milestone:
    return Milestone(
        "postponed",
        "转入的预备党员推迟讨论的极限",
        latest=add_months(over, POSTPONE_MONTHS),
        limit="推迟不超过六个月",
        rules=(clauses.DEV_POSTPONE,),
        who="党支部",
        marker=True,
        aside=True,
    )


def findings(probation: Probation, today: date) -> tuple[Duty, ...]:
    """What follows from the dates, beyond the timetable."""
    over = end(probation)
    least, most = (add_months(probation.meeting, PROBATION_MONTHS + months) for months in EXTENSION_MONTHS)
    found = [Duty("预备期从支部大会通过之日算起，不是从党委批准之日。", _PROBATION)]
    if not probation.extension:
        words = f"确需延长的只能延长一次，最短到{_say(least)}，最长到{_say(most)}。"
        found.append(Duty(words, (clauses.DEV_PROBATION,)))
    else:
        found.append(
            Duty("预备期只能延长一次；延长期满，合格的转正，不合格的取消资格。", (clauses.DEV_PROBATION,))
        )
    if not probation.converted and not probation.projected and today > over:
        words = f"预备期满已经{(today - over).days}天，应当及时讨论；转正、延长、取消都要大会通过并报批。"
        found.append(Duty(words, (clauses.DEV_PROBATION,), Tone.WARN))
    found.append(Duty("党龄从预备期满转为正式党员之日算起。", (clauses.DEV_CONVERT_APPROVE,)))
    return tuple(found)


def _say(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
