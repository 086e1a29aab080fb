"""Tools for those on their way into the Party: development of members, probation."""

from __future__ import annotations

from datetime import date

from kb.rules import clauses, development, probation
from kb.rules.dates import add_months
from kb.rules.probation import Probation
from kb.rules.progress import LABELS, Progress, findings, out_of_order
from kb.rules.results import Milestone, Standing, overdue
from search_app.calculators.answers import CORRESPONDING_DAY, Answer, Fact, Tool, distance, say
from search_app.calculators.inputs import NAME, OFF, ON, TODAY, Field, Values

_DONE = "已经办了的步骤（办到哪填到哪）"
_FULL = "转正"


def _progress(values: Values) -> Progress:
    steps = {name: values.day(name) for name in LABELS if name != "applied"}
    return Progress(
        applied=values.need("applied"),
        born=values.day("born"),
        reviewed=values.day("reviewed"),
        leaving=values.day("leaving"),
        **steps,
    )


def _probation(values: Values, meeting: date, projected: bool = False) -> Probation:
    return Probation(
        meeting,
        values.number("extension"),
        values.flag("transferred"),
        values.day("asked"),
        values.day("converted"),
        values.day("full-reported"),
        values.day("full-approved"),
        projected,
    )


def _development(values: Values, today: date) -> Answer:
    progress = _progress(values)
    path = development.path(progress, today, values.holidays())
    milestones, duties = path.milestones, (*out_of_order(progress), *findings(progress, today))
    facts = [Fact("最近办完的一步", _last_done(progress))]
    if path.meeting:
        candidate = _probation(values, path.meeting, path.projected)
        milestones += probation.timetable(candidate, values.number("remind", probation.REMIND_DAYS))
        word = "最早能在" if path.projected else ""
        facts.append(Fact("支部大会", word + say(path.meeting), (clauses.DEV_MEETING,)))
        facts.append(Fact("预备期满", word + say(probation.end(candidate)), (clauses.DEV_PROBATION,)))
        duties += () if path.projected else probation.findings(candidate, today)
    headline, tone = _headline(milestones, today)
    return Answer(headline, tone, tuple(facts), duties=duties, milestones=milestones)


def _last_done(progress: Progress) -> str:
    done = [(getattr(progress, name), label) for name, label in LABELS.items() if getattr(progress, name)]
    day, label = done[-1]
    return f"{label}（{say(day)}）"


def _headline(milestones: tuple[Milestone, ...], today: date) -> tuple[str, str]:
    wrong = overdue(milestones, today)
    if late := [m for m in wrong if m.standing(today) is Standing.OVERDUE]:
        return "今天已超期：" + "；".join(f"{m.name}（最迟{say(m.latest)}）" for m in late), "over"
    if wrong:
        return "有步骤的日期不合规定：" + "、".join(m.name for m in wrong), "over"
    open_now = [m for m in milestones if m.standing(today) in (Standing.OPEN, Standing.RUNNING) and m.rules]
    if open_now:
        return "没有超期。现在可办：" + "、".join(m.name for m in open_now[:2]), "good"
    return "没有超期的步骤", "good"


_EXTENSION = Field(
    "extension",
    "已决定延长预备期",
    "number",
    "没有延长的不填；不少于6个月、不超过12个月。",
    low=6,
    high=12,
    unit="个月",
    group=_FULL,
)
_FULL_FIELDS = (
    _EXTENSION,
    Field("asked", "递交转正申请", "date", group=_FULL),
    Field("converted", "支部大会讨论转正", "date", group=_FULL),
    Field("full-reported", "转正决议报上级", "date", group=_FULL),
    Field("full-approved", "党委批准转正", "date", group=_FULL),
    Field(
        "remind",
        "期满前多少天提醒写申请",
        "number",
        "本库建议30天，可改。",
        default=str(probation.REMIND_DAYS),
        high=365,
        unit="天",
        group=_FULL,
        advice=True,
    ),
)

DEVELOPMENT = Tool(
    slug="development",
    title="发展党员时间表",
    question="递了申请书，每一步最早最晚什么时候",
    lead="只填申请日期就能看到每一步最早的日子；把已经办完的步骤填上，再看哪一步今天已经超期。按2026年修订的细则。",
    fields=(
        Field("applied", "递交入党申请书", "date", required=True),
        Field("born", "出生日期", "date", "只用来核对是否年满十八岁，可不填。"),
        *(Field(name, label, "date", group=_DONE) for name, label in LABELS.items() if name != "applied"),
        Field("reviewed", "最近一次半年考察", "date", group=_DONE),
        Field("leaving", "将离开工作、学习单位的日期", "date", "如毕业、离职；没有的不填。", group=_DONE),
        *_FULL_FIELDS,
        OFF,
        ON,
        NAME,
        TODAY,
    ),
    answer=_development,
    entries=(
        "hb-development",
        "application-talk",
        "activist-selection",
        "activist-training",
        "candidate-selection",
        "candidate-training",
        "candidate-political-review",
        "prereview",
        "admission-meeting",
        "admission-approval-time",
        "oath",
        "activist-transfer",
        "develop-quota",
        "development-2026",
    ),
    notes=(
        "没有填日期的步骤按“今天就办”往后推，所以“最早”是从今天看还来得及的最早一天。",
        "只有条款定了期限、而且起算的那一步已经填了日期，才会有“最迟”。",
        "公示的五个工作日从公示次日数起，第五个工作日过完、次日才列为发展对象，这是从严的算法。",
        CORRESPONDING_DAY,
    ),
)


def _becoming_full(values: Values, today: date) -> Answer:
    member = _probation(values, values.need("meeting"))
    milestones = probation.timetable(member, values.number("remind", probation.REMIND_DAYS))
    over = probation.end(member)
    facts = [
        Fact(
            "预备期",
            f"{say(member.meeting)}至{say(over)}",
            (clauses.DEV_PROBATION, clauses.CONSTITUTION_PROBATION),
        ),
        Fact("预备期满", f"{say(over)}（{distance(over, today)}）"),
    ]
    if member.transferred:
        facts.append(
            Fact("推迟讨论不超过", say(add_months(over, probation.POSTPONE_MONTHS)), (clauses.DEV_POSTPONE,))
        )
    wrong = overdue(milestones, today)
    if wrong:
        headline, tone = _headline(milestones, today)
    elif member.converted and member.converted <= today:
        headline, tone = f"已于{say(member.converted)}讨论转正", "good"
    elif today >= over:
        headline, tone = f"预备期已满（{say(over)}），应当及时讨论转正", "doubt"
    else:
        headline, tone = f"预备期{say(over)}满，{distance(over, today)}", "good"
    return Answer(
        headline, tone, tuple(facts), duties=probation.findings(member, today), milestones=milestones
    )


PROBATION = Tool(
    slug="probation",
    title="预备期与转正",
    question="预备期到哪天、什么时候讨论转正",
    lead="填支部大会通过接收的日期，得到预备期满日、转正各步的时间和延长的上下限。",
    fields=(
        Field("meeting", "支部大会通过接收的日期", "date", "不是党委批准的日期。", required=True),
        Field("transferred", "预备期内从别的支部转入", "flag"),
        *_FULL_FIELDS,
        NAME,
        TODAY,
    ),
    answer=_becoming_full,
    entries=(
        "probation-period",
        "probation-extend",
        "probation-late-application",
        "probation-cancel",
        "dues-probationary-start",
        "file-date-join",
        "hb-development",
    ),
    notes=(CORRESPONDING_DAY,),
)
