"""Term of office: when it ends, how far it may move, and a timetable planned back from the meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kb.rules import clauses
from kb.rules.dates import add_months, add_years
from kb.rules.results import Duty, Milestone, Tone
from kb.types import Citation

YEARS_ALLOWED = (3, 4, 5)
"""What the Party constitution allows; a superior's written approval may name any of them."""
REMINDER_MONTHS = 6
SHIFT_YEARS = 1
"""Extension and advance both: generally no more than a year."""
_KEEP = (clauses.TERM_KEEP, clauses.ELECTION_KEEP)


@dataclass(frozen=True, slots=True)
class Body:
    """A kind of organisation with the length of its term."""

    key: str
    label: str
    years: int
    rule: Citation


BODIES = (
    Body("branch", "党支部委员会", 3, clauses.TERM_YEARS),
    Body("general", "党总支部委员会", 3, clauses.TERM_YEARS),
    Body("committee", "党的基层委员会", 5, clauses.TERM_YEARS),
    Body("village", "村、社区的党支部、总支、党委", 5, clauses.TERM_YEARS),
    Body("organ-branch", "机关党支部（设不设委员会都算）", 3, clauses.ORGAN_BRANCH),
    Body("organ-general", "机关党总支部委员会", 3, clauses.ORGAN_GENERAL),
    Body("organ-committee", "机关党的基层委员会", 5, clauses.ORGAN_COMMITTEE),
)


def body(key: str) -> Body:
    """The kind of organisation called `key`. Raises KeyError."""
    return {each.key: each for each in BODIES}[key]


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead time that no clause fixes: days before the meeting, after it when negative."""

    key: str
    name: str
    days: int
    who: str


LEADS = (
    Lead("motion", "支委会动议、核清党员名册", 90, "支部书记、组织委员"),
    Lead("request", "报换届请示", 60, "支部书记"),
    Lead("nominate", "党员推荐提名、征求意见", 40, "支部委员会"),
    Lead("candidates", "候选人预备人选报上级审查", 30, "支部书记"),
    Lead("notice", "选举办法和选票备齐、通知到人", 7, "党务干事"),
    Lead("report", "选举结果、书记副书记报上级批准", -3, "新任支部书记"),
    Lead("archive", "系统更新、材料归档", -30, "党务干事"),
)


@dataclass(frozen=True, slots=True)
class Term:
    """A term of office and what follows from it."""

    body: Body
    start: date
    years: int
    end: date
    reminder: date
    """Six months before the end: the superior's reminder is due."""
    earliest: date
    """An early election lies no further back than this."""
    limit: date
    """An approved extension generally reaches no further than this."""
    deadline: date
    """The end, or the day a superior's approval extends it to."""
    meeting: date
    """The planned meeting, or the deadline."""
    milestones: tuple[Milestone, ...]
    duties: tuple[Duty, ...]


def term(
    start: date,
    kind: Body,
    years: int = 0,
    extended: date | None = None,
    meeting: date | None = None,
    leads: tuple[Lead, ...] = LEADS,
) -> Term:
    """From the day the term began to its end and the timetable.

    `years` 0 takes the length the clause gives the kind of organisation.
    Raises ValueError for a length the Party constitution does not allow.
    """
    length = years or kind.years
    if length not in YEARS_ALLOWED:
        raise ValueError(f"term of {length} years")
    end = add_years(start, length)
    deadline = max(end, extended) if extended else end
    planned = meeting or deadline
    return Term(
        body=kind,
        start=start,
        years=length,
        end=end,
        reminder=add_months(end, -REMINDER_MONTHS),
        earliest=add_years(end, -SHIFT_YEARS),
        limit=add_years(end, SHIFT_YEARS),
        deadline=deadline,
        meeting=planned,
        milestones=_milestones(
            end, deadline, meeting, planned, leads, (kind.rule, clauses.CONSTITUTION_TERM)
        ),
        duties=_duties(end, extended, meeting),
    )


def _milestones(
    end: date,
    deadline: date,
    meeting: date | None,
    planned: date,
    leads: tuple[Lead, ...],
    length_rules: tuple[Citation, ...],
) -> tuple[Milestone, ...]:
    fixed = [
        Milestone(
            "reminder",
            "上级提醒做好换届准备",
            latest=add_months(end, -REMINDER_MONTHS),
            limit="届满前一般提前6个月",
            rules=(clauses.BRANCH_REMINDER,),
            who="上级党组织",
            marker=True,
        ),
        Milestone("end", "任期届满", latest=end, limit="任期满", rules=length_rules, marker=True),
        Milestone(
            "meeting",
            "选举大会",
            earliest=add_years(end, -SHIFT_YEARS) if meeting else None,
            latest=deadline,
            limit="届满按期换届" if deadline == end else "批准延期的期限内",
            rules=_KEEP,
            done=meeting,
            who="支部委员会",
        ),
        _limit(end, deadline),
    ]
    fixed += [_advised(lead, planned) for lead in leads]
    return tuple(sorted(fixed, key=lambda m: (m.latest or end, m.key == "limit")))


def _limit(end: date, deadline: date) -> Milestone:
    return Milestone(
        "limit",
        "延期的极限（须先经上级批准）",
        latest=add_years(end, SHIFT_YEARS),
        limit="延长一般不超过1年",
        rules=_KEEP,
        marker=True,
        aside=deadline == end,
    )


def _advised(lead: Lead, planned: date) -> Milestone:
    words = f"大会前{lead.days}天" if lead.days >= 0 else f"大会后{-lead.days}天"
    return Milestone(
        lead.key, lead.name, latest=planned - timedelta(days=lead.days), limit=words, who=lead.who
    )


def _duties(end: date, extended: date | None, meeting: date | None) -> tuple[Duty, ...]:
    found = [Duty("书记、副书记选出后，要报上级党组织批准。", (clauses.CONSTITUTION_TERM,), Tone.ACT)]
    if extended and extended > add_years(end, SHIFT_YEARS):
        found.append(Duty("填写的延期超过了一般不超过1年的限度，请核对批复。", _KEEP, Tone.WARN))
    if extended and extended <= end:
        found.append(Duty("填写的延期日没有晚于届满日，没有采用。", (), Tone.WARN))
    if meeting and meeting < add_years(end, -SHIFT_YEARS):
        found.append(Duty("大会比届满早了一年以上，超过提前换届的一般限度。", _KEEP, Tone.WARN))
    elif meeting and meeting < end:
        found.append(Duty("大会早于届满日，属于提前换届，要先报上级党组织批准。", _KEEP, Tone.ACT))
    deadline = max(end, extended or end)
    if meeting and meeting > deadline:
        found.append(Duty("大会晚于期限，要先报上级党组织批准延期。", _KEEP, Tone.WARN))
    return tuple(found)
