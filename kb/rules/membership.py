"""Transfer of membership relation, mobile members, and members who cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kb.rules import clauses
from kb.rules.dates import add_months, add_years
from kb.rules.results import Duty, Milestone, Tone

AWAY_MONTHS = 6
LOST_MONTHS = 6
EXPEL_YEARS = 2
GRADUATE_YEARS = 2
ABROAD_YEARS = 5
CONTACT_MONTHS = 6


class Move(StrEnum):
    """Why the question of a transfer arises."""

    WORK = "工作单位变动"
    HOME = "经常居住地变动"
    AWAY = "外出学习、工作、生活"


class Need(StrEnum):
    """Whether the relation is to be transferred."""

    YES = "应当转移组织关系"
    NOT_YET = "满六个月且地点固定时应当转移"
    NO = "暂不要求转移，按流动党员管理"


@dataclass(frozen=True, slots=True)
class Result:
    """An answer in a few words, with dates and duties."""

    stage: str
    milestones: tuple[Milestone, ...]
    duties: tuple[Duty, ...]


_TRANSFER_DUTIES = (
    Duty(
        "转出而没有被接收之前，原党组织继续负责管理：收党费、通知组织生活、保持联系。",
        (clauses.TRANSFER,),
        Tone.ACT,
    ),
    Duty("有预备党员审批权限的基层党委之间可以在全国直接互转，不得无故拒转拒接。", (clauses.TRANSFER,)),
    Duty("介绍信的有效期以信上写明的为准；本库没有见到规定天数的原文。"),
)


def transfer(
    moved: date,
    move: Move,
    today: date,
    until: date | None = None,
    settled: bool = True,
    letter: date | None = None,
    letter_days: int = 0,
) -> Result:
    """Whether a member's relation has to move, and until when the old branch stays responsible.

    `until` is the expected end of the stay, `letter` and `letter_days` what is
    written on the letter of introduction: its validity is fixed by no text seen here.
    """
    need = _need(moved, move, today, until, settled)
    six = add_months(moved, AWAY_MONTHS)
    dates = []
    if move is Move.AWAY:
        dates.append(
            Milestone(
                "six",
                "外出满六个月",
                latest=six,
                limit="外出6个月以上",
                rules=(clauses.TRANSFER,),
                marker=True,
            )
        )
    if letter and letter_days:
        last = letter + timedelta(days=letter_days)
        words = f"介绍信上写明的{letter_days}天"
        dates.append(Milestone("letter", "介绍信有效期的最后一天", latest=last, limit=words, who="本人"))
    return Result(need, tuple(dates), _TRANSFER_DUTIES)


def _need(moved: date, move: Move, today: date, until: date | None, settled: bool) -> Need:
    if move is not Move.AWAY:
        return Need.YES
    if not settled:
        return Need.NO
    six = add_months(moved, AWAY_MONTHS)
    if today >= six or (until and until >= six):
        return Need.YES
    return Need.NO if until else Need.NOT_YET


def graduate(graduated: date) -> Result:
    """How long a school generally keeps a graduate's relation."""
    last = add_years(graduated, GRADUATE_YEARS)
    mark = Milestone(
        "kept",
        "组织关系保留在学校的一般极限",
        latest=last,
        limit="一般不超过2年",
        rules=(clauses.ABROAD,),
        who="高校党组织",
    )
    duty = Duty("符合转出条件的及时转出，不必等满两年。", (clauses.ABROAD,), Tone.ACT)
    return Result("保留期内学校党组织继续管理", (mark,), (duty,))


def mobile(left: date, today: date, settled: bool = False) -> Result:
    """Whether somebody away from the branch counts as a mobile member."""
    six = add_months(left, AWAY_MONTHS)
    mark = Milestone(
        "mobile",
        "不能参加支部活动连续满六个月",
        latest=six,
        limit="连续6个月以上",
        rules=(clauses.MOBILE_2024, clauses.MOBILE),
        marker=True,
    )
    duties = [
        Duty(
            "保持经常联系，跟进教育培训和管理服务；可在流入地参加组织生活和民主评议。",
            (clauses.MOBILE,),
            Tone.ACT,
        )
    ]
    if settled:
        duties.append(
            Duty("外出6个月以上且地点相对固定的，应当转移组织关系。", (clauses.TRANSFER,), Tone.ACT)
        )
    duties.append(Duty("“三个月以上算流动党员”是过时的口径。", (clauses.MOBILE_2024,), Tone.WARN))
    stage = "符合流动党员的时间条件" if today >= six else "还不满六个月，先保持联系"
    return Result(stage, (mark,), tuple(duties))


def abroad(left: date, contacted: date | None, today: date) -> Result:
    """A member studying abroad: contact each half year, and what follows after five years."""
    following = add_months(contacted or left, CONTACT_MONTHS)
    five = add_years(left, ABROAD_YEARS)
    dates = (
        Milestone(
            "contact",
            "下一次联系",
            latest=following,
            limit="每半年至少1次",
            rules=(clauses.ABROAD,),
            who="保留关系的党组织",
        ),
        Milestone(
            "five",
            "出国学习研究满五年",
            latest=five,
            limit="超过5年未返回",
            rules=(clauses.MEMBERSHIP,),
            marker=True,
        ),
    )
    duties = [Duty("保留其组织关系的党组织每半年至少联系1次。", (clauses.ABROAD,), Tone.ACT)]
    if today > five:
        duties.append(
            Duty(
                "超过5年仍未返回的，一般予以停止党籍，由保留关系的党组织按规定决定。",
                (clauses.MEMBERSHIP,),
                Tone.WARN,
            )
        )
    stage = "超过五年" if today > five else "在五年以内"
    return Result(stage, dates, tuple(duties))


class Lost(StrEnum):
    """Where a member who cannot be reached stands."""

    SEARCH = "继续查找，还不满六个月"
    STOP = "失联已满六个月，查找仍无结果的停止党籍"
    STOPPED = "已停止党籍，继续查找"
    EXPEL = "停止党籍已满两年，确实无法联系的按自行脱党除名"


def lost(last_contact: date, today: date, stopped: date | None = None) -> Result:
    """A member who cannot be reached: the day six months are over, and two years after the stop."""
    six = add_months(last_contact, LOST_MONTHS)
    rule = (clauses.MEMBERSHIP,)
    dates = [
        Milestone("six", "失去联系满六个月", latest=six, limit="6个月以上", rules=rule, marker=True),
        Milestone(
            "stopped",
            "停止党籍",
            earliest=six,
            limit="各种方式查找未果",
            rules=rule,
            done=stopped,
            who="党支部或上级党组织",
        ),
    ]
    duties = [Duty("查找要穷尽各种方式，每次的时间、对象、结果留下记录。", rule, Tone.ACT)]
    if stopped:
        two = add_years(stopped, EXPEL_YEARS)
        dates.append(
            Milestone("two", "停止党籍满两年", latest=two, limit="2年后确实无法联系", rules=rule, marker=True)
        )
        duties.append(Duty("停止党籍的，符合条件可以按规定程序恢复。", rule))
        if today >= two:
            words = "按自行脱党除名：先报基层党委备案，支部大会决定，报上级党组织批准。"
            duties.append(
                Duty(
                    words, (clauses.MEMBERSHIP, clauses.CONSTITUTION_EXPEL, clauses.DISPOSAL_START), Tone.ACT
                )
            )
        if stopped < six:
            duties.append(Duty("停止党籍的日期早于失联满六个月，请核对。", rule, Tone.WARN))
        stage = Lost.EXPEL if today >= two else Lost.STOPPED
    else:
        stage = Lost.STOP if today >= six else Lost.SEARCH
    return Result(stage, tuple(dates), tuple(duties))
