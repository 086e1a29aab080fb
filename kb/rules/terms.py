"""Every fixed term as one table: from what event, how long, at least or at most, by which clause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kb.rules import clauses
from kb.rules.dates import ORDINARY, Holidays, add_months, working_day
from kb.types import Citation


@dataclass(frozen=True, slots=True)
class FixedTerm:
    """A term a clause sets; exactly one of `months` and `working_days` is not zero."""

    key: str
    group: str
    name: str
    since: str
    """The event it counts from."""
    months: int
    bound: str
    """满: something is so from that day on; 内: to be done by then; 前: that much before."""
    rules: tuple[Citation, ...]
    working_days: int = 0

    @property
    def length(self) -> str:
        """1个月, 3年, 5个工作日."""
        if self.working_days:
            return f"{self.working_days}个工作日"
        months = abs(self.months)
        return f"{months // 12}年" if months % 12 == 0 else f"{months}个月"


def _term(
    key: str, group: str, name: str, since: str, months: int, bound: str, *rules: Citation
) -> FixedTerm:
    return FixedTerm(key, group, name, since, months, bound, rules)


TERMS = (
    _term("talk", "发展党员", "派人同申请人谈话", "收到入党申请书", 1, "内", clauses.DEV_TALK),
    _term("review", "发展党员", "考察入党积极分子", "上一次考察", 6, "内", clauses.DEV_REVIEW),
    _term("candidate", "发展党员", "可以研究列为发展对象", "确定为积极分子", 12, "满", clauses.DEV_CANDIDATE),
    FixedTerm(
        "notice", "发展党员", "公示期满", "开始公示", 0, "满", (clauses.DEV_CANDIDATE,), working_days=5
    ),
    _term("admission", "发展党员", "提交支部大会讨论", "预审合格", 1, "内", clauses.DEV_MEETING),
    _term("approval", "发展党员", "党委审批接收决议", "支部上报决议", 3, "内", clauses.DEV_APPROVE),
    _term(
        "approval-most",
        "发展党员",
        "党委审批接收决议（特殊情况的极限）",
        "支部上报决议",
        6,
        "内",
        clauses.DEV_APPROVE,
    ),
    _term("oath", "发展党员", "入党宣誓（一般）", "批复同意接收", 1, "内", clauses.DEV_OATH),
    _term(
        "probation",
        "转正",
        "预备期满",
        "支部大会通过",
        12,
        "满",
        clauses.DEV_PROBATION,
        clauses.CONSTITUTION_PROBATION,
    ),
    _term("extension-least", "转正", "延长预备期的最短期限", "原预备期满", 6, "满", clauses.DEV_PROBATION),
    _term("extension-most", "转正", "延长预备期的最长期限", "原预备期满", 12, "内", clauses.DEV_PROBATION),
    _term("postpone", "转正", "转入的预备党员推迟讨论", "预备期满", 6, "内", clauses.DEV_POSTPONE),
    _term("conversion", "转正", "党委审批转正决议", "支部上报决议", 3, "内", clauses.DEV_CONVERT_APPROVE),
    _term("branch-term", "换届", "总支、支部任期届满（一般）", "任期起算", 36, "满", clauses.TERM_YEARS),
    _term(
        "long-term", "换届", "基层委员会、村和社区党组织任期届满", "任期起算", 60, "满", clauses.TERM_YEARS
    ),
    _term("reminder", "换届", "上级提醒准备换届", "任期届满日", -6, "前", clauses.BRANCH_REMINDER),
    _term(
        "extension",
        "换届",
        "延期换届的一般极限（须批准）",
        "任期届满日",
        12,
        "内",
        clauses.TERM_KEEP,
        clauses.ELECTION_KEEP,
    ),
    _term("setup", "支部设置", "基层党委批复成立支部（一般）", "提出申请", 1, "内", clauses.BRANCH_APPROVAL),
    _term(
        "dues",
        "党费",
        "连续不交按自行脱党处理（无正当理由）",
        "第一个未交月份的1日",
        6,
        "满",
        clauses.CONSTITUTION_EXPEL,
        clauses.EXPEL,
    ),
    _term("transfer", "组织关系", "外出且地点固定的应当转组织关系", "外出之日", 6, "满", clauses.TRANSFER),
    _term("graduate", "组织关系", "毕业生关系保留在学校（一般）", "毕业", 24, "内", clauses.ABROAD),
    _term(
        "mobile",
        "组织关系",
        "符合流动党员的时间条件",
        "不能参加支部活动",
        6,
        "满",
        clauses.MOBILE_2024,
        clauses.MOBILE,
    ),
    _term("lost", "党籍", "失联停止党籍", "最后一次联系", 6, "满", clauses.MEMBERSHIP),
    _term("lost-expel", "党籍", "停止党籍后仍失联按自行脱党除名", "停止党籍", 24, "满", clauses.MEMBERSHIP),
    _term("abroad-contact", "党籍", "联系出国学习研究党员", "上一次联系", 6, "内", clauses.ABROAD),
    _term("abroad", "党籍", "出国学习研究满五年（超过即一般停止党籍）", "出国", 60, "满", clauses.MEMBERSHIP),
    _term("rectify", "处置处分", "限期改正的极限", "作出处置", 12, "内", clauses.RECTIFY),
    _term("rectify-usual", "处置处分", "限期改正的一般期限", "作出处置", 6, "内", clauses.DISPOSAL_TERM),
    _term("rejoin", "处置处分", "劝退、除名后可以重新申请入党", "受到处置", 60, "满", clauses.DISPOSAL_TERM),
    _term(
        "probation-penalty", "处置处分", "留党察看的极限", "受到处分", 24, "内", clauses.CONSTITUTION_PENALTY
    ),
)


def fixed_term(key: str) -> FixedTerm:
    """The term called `key`. Raises KeyError."""
    return {each.key: each for each in TERMS}[key]


def due(term: FixedTerm, since: date, holidays: Holidays = ORDINARY) -> date:
    """The day a term is full, or the last day within it."""
    if term.working_days:
        return working_day(since, term.working_days, holidays)
    return add_months(since, term.months)
