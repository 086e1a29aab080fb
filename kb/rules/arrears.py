"""Months unpaid -> where the member stands and what the branch owes to do.

The only number of months in the clauses is six in a row without good reason;
"three months" is found in no text. A month counts as unpaid once it is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kb.rules import clauses
from kb.rules.dates import MONTHS, add_months, month_end, month_start
from kb.rules.results import Duty, Milestone, Tone

EXPEL_MONTHS = 6
BACKPAY_MONTHS = 6
QUARTER_MONTHS = 3
_EXPEL = (clauses.CONSTITUTION_EXPEL, clauses.EXPEL, clauses.DUES_CORRECT)


class Reason(StrEnum):
    """Why nothing was paid, as far as the branch knows."""

    UNKNOWN = "还没有问清"
    NONE = "没有正当理由"
    GOOD = "有正当理由"
    HARDSHIP = "交纳确有困难"
    BRANCH = "支部没收、转接断档等组织原因"


class Stage(StrEnum):
    """Where the member stands."""

    CLEAR = "没有欠交"
    REMIND = "欠交，还不满六个月"
    ASK = "已满六个月，先查明理由"
    EXPEL = "已满六个月且没有正当理由"
    EXCUSED = "已满六个月，但不属于无正当理由"


@dataclass(frozen=True, slots=True)
class Arrears:
    """The state of a member's dues on a day."""

    paid_to: date
    """First day of the last month paid."""
    months: int
    """Whole months unpaid, the current one not counted."""
    stage: Stage
    six: date
    """The day on which six unpaid months are over."""
    amount: Decimal | None
    """What the unpaid months come to, where the monthly dues are known."""
    milestones: tuple[Milestone, ...]
    duties: tuple[Duty, ...]


def arrears(
    paid_to: date, today: date, reason: Reason = Reason.UNKNOWN, monthly: Decimal | None = None
) -> Arrears:
    """The state of a member who has paid up to and including the month of `paid_to`."""
    last = month_start(paid_to)
    months = max(0, (today.year - last.year) * MONTHS + today.month - last.month - 1)
    stage = _stage(months, reason)
    return Arrears(
        paid_to=last,
        months=months,
        stage=stage,
        six=add_months(last, EXPEL_MONTHS + 1),
        amount=monthly * months if monthly is not None else None,
        milestones=_milestones(last, months),
        duties=_duties(stage, months, reason),
    )


def _stage(months: int, reason: Reason) -> Stage:
    if months == 0:
        return Stage.CLEAR
    if months < EXPEL_MONTHS:
        return Stage.REMIND
    if reason is Reason.UNKNOWN:
        return Stage.ASK
    return Stage.EXPEL if reason is Reason.NONE else Stage.EXCUSED


def _milestones(last: date, months: int) -> tuple[Milestone, ...]:
    """The end of the first unpaid month, the quarter, six months, and the last day to make up for six."""
    return (
        Milestone(
            "first",
            "第一个未交月份过完",
            latest=add_months(last, 2),
            limit="党员按月交",
            rules=(clauses.DUES_MONTHLY, clauses.EDUCATION_MEETINGS),
            who="本人",
            marker=True,
            aside=months > 0,
        ),
        Milestone(
            "quarter",
            "满一个季度（经支部同意可按季交）",
            latest=add_months(last, QUARTER_MONTHS + 1),
            limit="特殊情况可每季度交一次",
            rules=(clauses.DUES_MONTHLY,),
            who="本人、支部",
            marker=True,
        ),
        Milestone(
            "six",
            "连续满六个月未交",
            latest=add_months(last, EXPEL_MONTHS + 1),
            limit="连续6个月",
            rules=_EXPEL,
            who="党支部",
            marker=True,
        ),
        Milestone(
            "backpay",
            "未交不超过六个月、还能照常补交的最后一天",
            latest=month_end(add_months(last, BACKPAY_MONTHS + 1)),
            limit="补交一般不超过6个月",
            rules=(clauses.DUES_MONTHLY,),
            who="本人",
        ),
    )


def _duties(stage: Stage, months: int, reason: Reason) -> tuple[Duty, ...]:
    if stage is Stage.CLEAR:
        return (Duty("不欠交。当月党费按月交齐即可。", (clauses.DUES_MONTHLY,)),)
    found = [
        Duty(
            "党组织及时批评教育，限期改正，做好提醒记录。",
            (clauses.DUES_CORRECT, clauses.CRITICISE),
            Tone.ACT,
        )
    ]
    if reason is Reason.HARDSHIP:
        words = "确有困难的，支部研究并报上一级党委批准后，可以少交或免交；支部自己不能定。"
        found.append(Duty(words, (clauses.DUES_RELIEF,), Tone.ACT))
    if reason is Reason.BRANCH:
        found.append(Duty("组织原因造成的，支部写明情况并补收，不作为本人拖欠。", (), Tone.ACT))
    if stage is Stage.REMIND and months <= QUARTER_MONTHS:
        found.append(
            Duty("有特殊情况，经支部同意可以每季度交一次，也可以请人代交。", (clauses.DUES_MONTHLY,))
        )
    found.extend(_at_six(stage))
    found.append(_backpay(months, stage))
    found.append(Duty("党组织不得替党员垫交，也不得从工资里扣缴。", (clauses.DUES_NO_ADVANCE,), Tone.WARN))
    found.append(Duty("“三个月不交”没有除名或处分的效力：条款里只有连续六个月。", _EXPEL))
    return tuple(found)


def _backpay(months: int, stage: Stage) -> Duty:
    if stage is Stage.EXPEL:
        return Duty("本人愿意补交的，条款没有写补了怎么办：先请示基层党委，再决定收不收。")
    if months <= BACKPAY_MONTHS:
        return Duty("经支部同意可以补交，补交一般不超过6个月。", (clauses.DUES_MONTHLY,), Tone.ACT)
    words = "跨度已超过补交一般不超过6个月的限度，能不能补、补到哪里，先书面请示基层党委。"
    return Duty(words, (clauses.DUES_MONTHLY,), Tone.WARN)


def _at_six(stage: Stage) -> list[Duty]:
    if stage is Stage.ASK:
        return [Duty("先谈话查明有没有正当理由，再定性；没有查明不能处理。", _EXPEL, Tone.ACT)]
    if stage is Stage.EXCUSED:
        return [Duty("有正当理由或属组织原因的，不按自行脱党处理，把理由查实留证。", _EXPEL)]
    if stage is Stage.EXPEL:
        return [
            Duty(
                "启动前由支委会研究提出意见，报有审批权的基层党委备案。", (clauses.DISPOSAL_START,), Tone.ACT
            ),
            Duty("支部大会讨论决定除名，报上级党组织批准；批准前仍是党员。", _EXPEL, Tone.ACT),
        ]
    return []
