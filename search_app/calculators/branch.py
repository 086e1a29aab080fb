"""Tools for the branch as a whole: election, ballots, the year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kb.rules import ballots, clauses, election, yearly
from kb.rules.results import Duty, Tone
from search_app.calculators.answers import (
    CORRESPONDING_DAY,
    Answer,
    Fact,
    Tool,
    distance,
    say,
)
from search_app.calculators.inputs import NAME, TODAY, Field, Values

_LEADS = "倒排提前量（本库建议，可改）"


def _election(values: Values, today: date) -> Answer:
    term = election.term(
        values.need("start"),
        election.body(values.text("kind")),
        values.number("years"),
        values.day("extended"),
        values.day("meeting"),
        _leads(values),
    )
    facts = (
        Fact("本届任期", f"{term.years}年", (term.body.rule, clauses.CONSTITUTION_TERM)),
        Fact("任期届满", f"{say(term.end)}（{distance(term.end, today)}）"),
        Fact("上级提前六个月提醒", say(term.reminder), (clauses.BRANCH_REMINDER,)),
        Fact("提前换届一般不早于", say(term.earliest), (clauses.TERM_KEEP, clauses.ELECTION_KEEP)),
        Fact("延期换届一般不晚于", say(term.limit), (clauses.TERM_KEEP, clauses.ELECTION_KEEP)),
        Fact("倒排以哪天为大会日", say(term.meeting), suggested=not values.day("meeting")),
    )
    headline, tone = _headline(term, values.day("meeting"), today)
    extra = _late_duties(term, values.day("meeting"), today)
    return Answer(headline, tone, facts, duties=(*extra, *term.duties), milestones=term.milestones)


def _leads(values: Values) -> tuple[election.Lead, ...]:
    return tuple(
        replace(lead, days=values.number(lead.key, abs(lead.days)) * (1 if lead.days >= 0 else -1))
        for lead in election.LEADS
    )


def _headline(term: election.Term, meeting: date | None, today: date) -> tuple[str, str]:
    if meeting and meeting <= today:
        return f"大会已于{say(meeting)}召开；本届任期到{say(term.end)}", "good"
    if today > term.deadline:
        days = (today - term.deadline).days
        return f"任期已于{say(term.deadline)}届满，超期{days}天", "over"
    left = f"任期{say(term.deadline)}届满，{distance(term.deadline, today)}"
    if term.deadline > term.end:
        left = f"批准延期到{say(term.deadline)}，{distance(term.deadline, today)}"
    if today >= term.reminder:
        return f"{left}：已在届满前六个月以内，应当启动", "doubt"
    return left, "good"


def _late_duties(term: election.Term, meeting: date | None, today: date) -> tuple[Duty, ...]:
    if today <= term.deadline or (meeting and meeting <= today):
        return ()
    rules = (clauses.TERM_KEEP, clauses.ELECTION_KEEP)
    return (
        Duty(
            "届满未换届、又没有批准的延期：尽快书面报告上级党组织，写明原因和拟定的大会日期。",
            rules,
            Tone.WARN,
        ),
        Duty("把拟定的大会日期填进表单，倒排时间表就会按新的日期重排。"),
    )


ELECTION = Tool(
    slug="election",
    title="换届时间表",
    question="换届还有多久该启动",
    lead="填上本届任期从哪天算起、是哪一类组织，得到届满日、六个月提醒、延期极限和一张倒排时间表。",
    fields=(
        Field(
            "start",
            "本届任期起算日",
            "date",
            "一般填上次选举大会的日期；上级批复另有写明的，填批复的日期。",
            required=True,
        ),
        Field(
            "kind",
            "哪一类组织",
            "choice",
            required=True,
            choices=tuple((b.key, b.label) for b in election.BODIES),
        ),
        Field(
            "years",
            "批复写明的任期",
            "choice",
            "批复没有另外写明的不用选。",
            choices=(("3", "3年"), ("4", "4年"), ("5", "5年")),
        ),
        Field("meeting", "拟定（或已开）的选举大会日期", "date", "不填就按届满日倒排。"),
        Field("extended", "上级批准延期到", "date", "没有批准过延期的不填。"),
        *(
            Field(
                lead.key,
                lead.name,
                "number",
                default=str(abs(lead.days)),
                high=365,
                unit="天前" if lead.days >= 0 else "天后",
                group=_LEADS,
                advice=True,
            )
            for lead in election.LEADS
        ),
        NAME,
        TODAY,
    ),
    answer=_election,
    entries=(
        "hb-election",
        "election-due-reminder",
        "election-overdue",
        "election-extension",
        "election-application",
        "election-result-report",
        "case-election-reminder",
        "term-opinion",
        "election-regulation",
    ),
    notes=(
        "任期从哪一天算起没有见到条文，以上级批复为准；常见的填法是选举大会之日。",
        "支部自己提前多久报请示，中央没有统一时限，表里的提前量是本库建议，上级有要求的改成上级的数。",
        CORRESPONDING_DAY,
    ),
)


def _ballots(values: Values, _: date) -> Answer:
    counts = []
    if seats := values.number("seats"):
        counts.append(ballots.candidates(seats))
    if due := values.number("due"):
        counts.append(ballots.election_quorum(due))
    if voting := values.number("voting"):
        counts += [
            each(voting)
            for each in (ballots.admission_quorum, ballots.admission_votes, ballots.meeting_votes)
        ]
    if not counts:
        return Answer("请至少填一个人数", "doubt")
    facts = tuple(Fact(count.name, f"至少{count.least}人（{count.how}）", count.rules) for count in counts)
    duty = Duty("选举中得票多少算当选，条文原文本库没有见到，开会前向上级核准并写进选举办法。", (), Tone.WARN)
    return Answer(
        "；".join(f"{count.name}至少{count.least}人" for count in counts[:2]), "good", facts, duties=(duty,)
    )


BALLOTS = Tool(
    slug="ballots",
    title="人数够不够",
    question="到会多少人才算数、要几个候选人",
    lead="填人数，算出差额候选人、选举到会人数，以及接收、转正和一般表决的过半数。",
    fields=(
        Field("seats", "应选委员名额", "number", low=1, high=99, unit="名"),
        Field(
            "due",
            "选举大会应到会人数",
            "number",
            "有选举权的；经同意不计入的六类党员已扣除。",
            low=1,
            high=9999,
            unit="人",
        ),
        Field(
            "voting",
            "应到会有表决权的党员",
            "number",
            "讨论接收、转正或一般事项时用；预备党员不计。",
            low=1,
            high=9999,
            unit="人",
        ),
    ),
    answer=_ballots,
    entries=(
        "election-quorum",
        "election-margin",
        "election-absent-vote",
        "election-candidates",
        "admission-meeting",
        "meeting-quorum",
        "hb-election",
    ),
    notes=("人数只能是整数，算出小数的一律进一；正好一半不算超过半数。",),
)


def _year(values: Values, today: date) -> Answer:
    year = yearly.Year(
        values.number("year", today.year),
        values.number("day", 10),
        committee=not values.flag("no-committee"),
        groups=values.flag("groups"),
    )
    plan = yearly.plan(year)
    facts = (
        Fact("党员大会", "一般每季度1次", (clauses.BRANCH_MEETING,)),
        Fact(
            "支委会", "一般每月1次" if year.committee else "不设支委会，没有排", (clauses.BRANCH_COMMITTEE,)
        ),
        Fact("党小组会", "一般每月1次" if year.groups else "没有划分党小组，没有排", (clauses.BRANCH_GROUP,)),
        Fact(
            "主题党日",
            f"每月相对固定1天，排在{year.day}日",
            (clauses.EDUCATION_MEETINGS, clauses.BRANCH_THEME_DAY),
        ),
    )
    return Answer(f"{year.year}年要安排{len(plan)}次会议和活动", "good", facts, milestones=plan)


YEAR = Tool(
    slug="year",
    title="支部一年日程",
    question="一年要开哪些会、什么时候开",
    lead="选年份和每月固定的一天，得到三会、主题党日、组织生活会、民主评议的全年日程，可以打印或放进日历。",
    fields=(
        Field("year", "哪一年", "number", "不填就是今年。", low=2019, high=2100, unit="年"),
        Field(
            "day",
            "主题党日固定在每月几日",
            "number",
            "哪一天由支部自己定（本库建议10日，可改）。",
            default="10",
            low=1,
            high=yearly.LAST_DAY,
            unit="日",
            advice=True,
        ),
        Field("groups", "划分了党小组", "flag"),
        Field("no-committee", "不设支部委员会", "flag"),
        NAME,
        TODAY,
    ),
    answer=_year,
    entries=(
        "hb-three-meetings",
        "meeting-frequency",
        "meeting-not-held",
        "theme-day",
        "hb-theme-day",
        "hb-secretary-duties",
        "org-life-meeting",
        "hb-org-life",
        "branch-regulation",
    ),
    notes=("每季度1次党课只见于模板和问答，没有条文依据，所以没有排；上级有要求的照上级要求办。",),
)
