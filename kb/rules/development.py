"""From the application to the oath, by the rules of 2026: the timetable of one person.

A step without a date is reckoned as if it were done today at the earliest, so
that the later steps show the earliest day still possible. Latest days appear
only where a clause sets a term and the event that starts it has happened.
The "25 steps" found on the web are no clause and are not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kb.rules import clauses
from kb.rules.dates import ORDINARY, Holidays, add_months, add_years, working_day
from kb.rules.progress import ADULT_YEARS, APPROVAL_MONTHS, Progress, Walk
from kb.rules.results import Milestone
from kb.types import Citation

TALK_MONTHS = 1
REVIEW_MONTHS = 6
CULTIVATION_MONTHS = 12
NOTICE_WORKING_DAYS = 5
MEETING_MONTHS = 1
APPROVAL_MONTHS_AT_MOST = 6
OATH_MONTHS = 1


@dataclass(frozen=True, slots=True)
class Path:
    """The timetable, and the admitting meeting from which probation counts."""

    milestones: tuple[Milestone, ...]
    meeting: date | None
    """As held, or the earliest day still possible; None where that cannot be told."""
    projected: bool
    """True while the meeting has not been held."""


def path(progress: Progress, today: date, holidays: Holidays = ORDINARY) -> Path:
    """Every step from the application to the oath with its earliest and latest day."""
    walk = Walk(progress, today)
    cultivation = _cultivation(walk)
    candidacy, listed = _candidacy(walk, holidays)
    preparation, meeting = _preparation(walk, listed)
    steps = (*cultivation, *candidacy, *preparation, *_approval(walk, meeting))
    return Path(tuple(steps), meeting, progress.meeting is None)


def _plus(day: date | None, months: int) -> date | None:
    return add_months(day, months) if day else None


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)


@dataclass(frozen=True, slots=True)
class _Step:
    """The fixed part of a line of the timetable."""

    key: str
    name: str
    who: str
    limit: str
    rule: Citation
    after: tuple[str, ...] = ()
    """The steps before it; any of them done starts its term."""

    def on(self, walk: Walk, earliest: date | None = None, latest: date | None = None) -> Milestone:
        """The line with its days."""
        return Milestone(
            self.key,
            self.name,
            earliest,
            latest,
            self.limit,
            (self.rule,),
            walk.done(self.key),
            self.who,
            skipped=walk.skipped(self.key),
            pending=bool(self.after) and not any(walk.done(name) for name in self.after),
        )


_APPLIED = _Step("applied", "递交入党申请书", "申请人", "年满十八岁", clauses.DEV_AGE)
_TALKED = _Step("talked", "派人同申请人谈话", "党组织", "收到申请书后一个月内", clauses.DEV_TALK)
_ACTIVIST = _Step(
    "activist", "确定为入党积极分子，报上级党委备案", "支委会", "条款没有定期限", clauses.DEV_ACTIVIST
)
_AGREED = _Step(
    "agreed",
    "支委会研究，报上级党委同意拟列为发展对象",
    "支委会、上级党委",
    "培养教育和考察一年以上",
    clauses.DEV_CANDIDATE,
    ("activist",),
)
_NOTICED = _Step("noticed", "开始公示", "党支部", "上级党委同意后", clauses.DEV_CANDIDATE, ("agreed",))
_LISTED = _Step(
    "listed", "列为发展对象", "支委会", "公示期满、结果不影响", clauses.DEV_CANDIDATE, ("noticed",)
)
_POLITICAL = _Step(
    "political",
    "政治审查，形成结论性材料",
    "党支部、基层党委",
    "未经审查不能发展",
    clauses.DEV_POLITICAL,
    ("listed",),
)
_TRAINED = _Step(
    "trained",
    "短期集中培训",
    "基层党委或县级组织部门",
    "三天以上或二十四学时以上",
    clauses.DEV_TRAINING,
    ("listed",),
)
_PREREVIEWED = _Step(
    "prereviewed",
    "基层党委预审合格，发入党志愿书",
    "基层党委",
    "支委会审查合格后",
    clauses.DEV_PREREVIEW,
    ("listed",),
)
_MEETING = _Step(
    "meeting", "支部大会讨论接收", "党支部", "预审合格后一个月内", clauses.DEV_MEETING, ("prereviewed",)
)
_REPORTED = _Step(
    "reported", "决议连同材料报上级党委", "党支部", "大会后及时", clauses.DEV_REPORT, ("meeting",)
)
_APPROVED = _Step(
    "approved",
    "党委审批",
    "有审批权限的党委",
    "上报决议后三个月内",
    clauses.DEV_APPROVE,
    ("reported", "meeting"),
)
_SWORN = _Step(
    "sworn", "入党宣誓", "基层党委或党支部", "一般在批复后一个月内", clauses.DEV_OATH, ("approved",)
)


def _cultivation(walk: Walk) -> list[Milestone]:
    """The application, the talk, becoming an activist, the half-yearly reviews."""
    applied, born = walk.progress.applied, walk.progress.born
    return [
        _APPLIED.on(walk, add_years(born, ADULT_YEARS) if born else None),
        _TALKED.on(walk, applied, add_months(applied, TALK_MONTHS)),
        _ACTIVIST.on(walk, applied),
        _review(walk),
    ]


def _review(walk: Walk) -> Milestone:
    """The next half-yearly review, until the person is a candidate."""
    last = _latest(walk.progress.reviewed, walk.progress.activist)
    over = walk.done("listed") is not None or walk.skipped("listed")
    return Milestone(
        "review",
        "半年考察" if over else "下一次半年考察",
        latest=None if over else _plus(last, REVIEW_MONTHS),
        limit="列为发展对象前每半年一次",
        rules=(clauses.DEV_REVIEW,),
        done=walk.progress.reviewed if over else None,
        who="党支部",
        skipped=over,
    )


def _candidacy(walk: Walk, holidays: Holidays) -> tuple[list[Milestone], date | None]:
    """A year of cultivation, the superior's consent, the notice; also the day the candidacy counts from."""
    ripe = _plus(walk.base("activist", walk.progress.applied), CULTIVATION_MONTHS)
    agreed = walk.base("agreed", ripe)
    noticed = walk.base("noticed", agreed)
    until = working_day(noticed, NOTICE_WORKING_DAYS, holidays) if noticed else None
    after = until + timedelta(days=1) if until else None
    notice_end = Milestone(
        "notice-end",
        "公示满五个工作日",
        latest=until,
        limit="不少于五个工作日（首日不计）",
        rules=(clauses.DEV_CANDIDATE,),
        marker=True,
        skipped=walk.skipped("noticed"),
        pending=walk.done("noticed") is None,
    )
    steps = [_AGREED.on(walk, ripe), _NOTICED.on(walk, agreed), notice_end, _LISTED.on(walk, after)]
    return steps, walk.base("listed", after)


def _preparation(walk: Walk, listed: date | None) -> tuple[list[Milestone], date | None]:
    """Candidate to admitting meeting; also the day of that meeting."""
    political, trained = walk.base("political", listed), walk.base("trained", listed)
    prereviewed = walk.base("prereviewed", listed)
    ready = _latest(prereviewed, political, trained)
    steps = [
        _POLITICAL.on(walk, listed),
        _TRAINED.on(walk, listed),
        _PREREVIEWED.on(walk, listed),
        _MEETING.on(walk, ready, _plus(walk.done("prereviewed"), MEETING_MONTHS)),
    ]
    return steps, walk.base("meeting", ready)


def _approval(walk: Walk, meeting: date | None) -> list[Milestone]:
    """The meeting's resolution, the committee's approval, the oath."""
    reported = walk.base("reported", meeting)
    approved = walk.base("approved", reported)
    sent = walk.done("reported") or walk.done("meeting")
    steps = [_REPORTED.on(walk, meeting), _APPROVED.on(walk, reported, _plus(sent, APPROVAL_MONTHS))]
    if sent and not walk.done("approved"):
        steps.append(_approval_limit(sent))
    steps.append(_SWORN.on(walk, approved, _plus(walk.done("approved"), OATH_MONTHS)))
    return steps


def _approval_limit(sent: date) -> Milestone:
    return Milestone(
        "approved-limit",
        "审批的极限（有特殊情况的）",
        latest=add_months(sent, APPROVAL_MONTHS_AT_MOST),
        limit="特殊情况不超过六个月",
        rules=(clauses.DEV_APPROVE,),
        who="有审批权限的党委",
        marker=True,
        aside=True,
    )
