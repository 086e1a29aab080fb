"""Tools about a member's whereabouts and standing."""

from __future__ import annotations

from datetime import date

from kb.rules import clauses, disposal, membership, yearly
from kb.rules.membership import Lost, Move, Need, Result
from kb.rules.results import Duty
from search_app.calculators.answers import CORRESPONDING_DAY, Answer, Fact, Tool, say
from search_app.calculators.inputs import NAME, TODAY, Field, Values

_ABROAD = "出国（境）学习研究"
_GRADUATE = "毕业生，关系留在学校"
_AT_HOME = "国内外出"


def _answer(result: Result, tone: str, *facts: Fact) -> Answer:
    return Answer(str(result.stage), tone, facts, duties=result.duties, milestones=result.milestones)


def _transfer(values: Values, today: date) -> Answer:
    move = Move(values.text("move"))
    result = membership.transfer(
        values.need("moved"),
        move,
        today,
        values.day("until"),
        not values.flag("unsettled"),
        values.day("letter"),
        values.number("letter-days"),
    )
    tone = "doubt" if result.stage == Need.YES else "good"
    return _answer(result, tone, Fact("情形", f"{move}（{say(values.day('moved'))}）", (clauses.TRANSFER,)))


TRANSFER = Tool(
    slug="transfer",
    title="组织关系要不要转",
    question="换单位、外出多久要转组织关系",
    lead="填从哪天起、属于哪种变动，看该不该转、谁还管着；介绍信的有效期按信上写的天数算。",
    fields=(
        Field("move", "哪种变动", "choice", required=True, choices=tuple((str(m), str(m)) for m in Move)),
        Field("moved", "从哪天起", "date", required=True),
        Field("until", "预计到哪天回来", "date", "外出的才填，说不准的不填。"),
        Field("unsettled", "外出地点不固定", "flag"),
        Field("letter", "介绍信开出日期", "date", group="介绍信（系统内转接的不用填）"),
        Field(
            "letter-days",
            "信上写明的有效期",
            "number",
            "天数各地写法不一，本库没有见到规定原文，照信上填。",
            low=1,
            high=366,
            unit="天",
            group="介绍信（系统内转接的不用填）",
        ),
        NAME,
        TODAY,
    ),
    answer=_transfer,
    entries=(
        "hb-transfer",
        "transfer-delay",
        "transfer-letter-validity",
        "transfer-retire-community",
        "transfer-system",
    ),
    notes=(CORRESPONDING_DAY,),
)


def _mobile(values: Values, today: date) -> Answer:
    kind, left = values.text("kind"), values.need("left")
    if kind == _ABROAD:
        result = membership.abroad(left, values.day("contacted"), today)
        tone = "over" if result.stage == "超过五年" else "good"
    elif kind == _GRADUATE:
        result, tone = membership.graduate(left), "good"
    else:
        result = membership.mobile(left, today, values.flag("settled"))
        tone = "doubt" if today >= result.milestones[0].latest else "good"  # type: ignore[operator]
    return _answer(result, tone, Fact("从哪天起", say(left)))


MOBILE = Tool(
    slug="mobile",
    title="外出党员怎么算",
    question="出去多久算流动党员、出国几年停党籍",
    lead="国内外出、出国（境）学习研究、毕业离校三种情形各有期限，选一种看到哪天。",
    fields=(
        Field(
            "kind",
            "哪种情形",
            "choice",
            required=True,
            choices=tuple((k, k) for k in (_AT_HOME, _ABROAD, _GRADUATE)),
        ),
        Field("left", "从哪天起", "date", "不能参加支部活动、出国或毕业的日期。", required=True),
        Field("settled", "国内外出且地点相对固定", "flag"),
        Field("contacted", "最近一次联系", "date", "出国（境）的填。"),
        NAME,
        TODAY,
    ),
    answer=_mobile,
    entries=(
        "mobile-members",
        "hb-mobile",
        "overseas-members",
        "org-overseas-project",
        "transfer-graduates",
        "mobile-2024",
    ),
    notes=("“3个月以上”算流动党员是过时的口径。", CORRESPONDING_DAY),
)


def _lost(values: Values, today: date) -> Answer:
    last = values.need("last")
    result = membership.lost(last, today, values.day("stopped"))
    tone = {Lost.SEARCH: "good", Lost.STOPPED: "doubt"}.get(Lost(result.stage), "over")
    return _answer(result, tone, Fact("最后一次联系", say(last), (clauses.MEMBERSHIP,)))


LOST = Tool(
    slug="lost",
    title="失联党员到哪一步",
    question="联系不上多久可以停党籍、多久除名",
    lead="填最后一次联系的日期，看哪天满六个月；已停止党籍的，看哪天满两年。",
    fields=(
        Field("last", "最后一次联系", "date", required=True),
        Field("stopped", "停止党籍的日期", "date", "还没有停止的不填。"),
        NAME,
        TODAY,
    ),
    answer=_lost,
    entries=("lost-contact", "hb-mobile", "mobile-members"),
    notes=("停止党籍要先通过各种方式查找仍然找不到，时间到了不等于可以直接停。", CORRESPONDING_DAY),
)


def _disposal(values: Values, today: date) -> Answer:
    decided = values.need("decided")
    if values.text("kind") == "removed":
        result = disposal.removed(decided, today)
    else:
        result = disposal.rectification(decided, today, values.number("months", disposal.USUAL_MONTHS))
    tone = "over" if result.stage == "改正期已满" else "good"
    return _answer(result, tone, Fact("作出处置", say(decided)))


DISPOSAL = Tool(
    slug="disposal",
    title="限期改正与除名之后",
    question="限期改正到哪天、除名多久能再入党",
    lead="填作出处置的日期，得到改正期满日和极限，或者劝退、除名后满五年的日子。",
    fields=(
        Field(
            "kind",
            "哪种处置",
            "choice",
            required=True,
            choices=(("rectify", "限期改正"), ("removed", "劝其退党或除名")),
        ),
        Field("decided", "作出处置的日期", "date", required=True),
        Field(
            "months",
            "决定的改正期限",
            "number",
            "限期改正的填；一般6个月（据公开摘要），最长12个月。",
            default="6",
            low=1,
            high=12,
            unit="个月",
        ),
        NAME,
        TODAY,
    ),
    answer=_disposal,
    entries=("hb-dispose", "appraisal-unqualified", "hb-appraisal", "voluntary-withdrawal", "disposal-2024"),
    notes=("六个月和五年两个数只见于公开摘要，办理时以正式文本为准。", CORRESPONDING_DAY),
)


def _hours(values: Values, today: date) -> Answer:
    if values.flag("frail"):
        duty = Duty(
            "对年老体弱、行动不便、身患重病的党员不作硬性要求，由党组织送学上门。", (clauses.EDUCATION_FRAIL,)
        )
        return Answer("不作硬性要求", "good", duties=(duty,))
    found = yearly.hours(values.number("done"), today)
    facts = [
        Fact("今年要求", f"一般不少于{yearly.HOURS}学时", (clauses.EDUCATION_HOURS,)),
        Fact("已完成", f"{found.done}学时"),
    ]
    if found.left:
        facts.append(Fact("今年剩下", f"{found.days}天（{found.months}个月，含本月）"))
        facts.append(Fact("平均每月还要", f"{found.monthly}学时", suggested=True))
        return Answer(f"还差{found.left}学时", "doubt", tuple(facts))
    return Answer("已经达到32学时", "good", tuple(facts))


HOURS = Tool(
    slug="hours",
    title="学时还差多少",
    question="党员一年要学多少学时、还差几个",
    lead="填今年已完成的集中学习培训学时，看还差多少、每月要安排多少。",
    fields=(
        Field("done", "今年已完成", "number", required=True, high=2000, unit="学时"),
        Field("frail", "年老体弱、行动不便或重病", "flag"),
        TODAY,
    ),
    answer=_hours,
    entries=("training-hours", "hb-training", "training-online", "training-conflict"),
    notes=("书记、班子成员的学时要求只见于转述，规划原文没有见到，以上级党组织要求为准。",),
)
