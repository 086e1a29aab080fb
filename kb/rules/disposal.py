"""Rectification within a term, and when somebody removed may apply again."""

from __future__ import annotations

from datetime import date

from kb.rules import clauses
from kb.rules.dates import add_months, add_years
from kb.rules.membership import Result
from kb.rules.results import Duty, Milestone, Tone

USUAL_MONTHS = 6
LONGEST_MONTHS = 12
REJOIN_YEARS = 5


def rectification(decided: date, today: date, months: int = USUAL_MONTHS) -> Result:
    """The term for mending one's ways. Raises ValueError above one year or below one month."""
    if not 1 <= months <= LONGEST_MONTHS:
        raise ValueError(f"rectification of {months} months")
    end = add_months(decided, months)
    usual = (clauses.RECTIFY, clauses.DISPOSAL_TERM)
    dates = (
        Milestone(
            "end", "限期改正期满", latest=end, limit=f"{months}个月，不超过1年", rules=usual, marker=True
        ),
        Milestone(
            "longest",
            "限期改正的极限",
            latest=add_months(decided, LONGEST_MONTHS),
            limit="不超过1年",
            rules=(clauses.RECTIFY,),
            marker=True,
            aside=months != LONGEST_MONTHS,
        ),
    )
    duties = [Duty("改正期间要有帮助教育措施，做好记录。", (clauses.RECTIFY,), Tone.ACT)]
    if today >= end:
        words = "期满：有转变的如实作出结论；仍无转变的劝其退党，劝而不退的除名，由支部大会决定并报批。"
        duties.append(Duty(words, (clauses.EXPEL, clauses.CONSTITUTION_EXPEL), Tone.ACT))
    duties.append(
        Duty("启动前由支委会提出意见，报有审批权的基层党委备案。", (clauses.DISPOSAL_START,), Tone.ACT)
    )
    return Result("改正期已满" if today >= end else "改正期内", dates, tuple(duties))


def removed(decided: date, today: date) -> Result:
    """After a removal: the five years before another application."""
    last = add_years(decided, REJOIN_YEARS)
    mark = Milestone(
        "rejoin",
        "劝退、除名满五年",
        latest=last,
        limit="5年内不得重新入党",
        rules=(clauses.DISPOSAL_TERM,),
        marker=True,
    )
    stage = "已满五年" if today >= last else "五年以内，不得重新入党"
    duty = Duty("被劝退、除名的原则上不能恢复党籍，符合条件的可以重新申请入党。", (clauses.MEMBERSHIP,))
    return Result(stage, (mark,), (duty,))
