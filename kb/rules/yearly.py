"""What a branch does in the course of a year, and how many hours of study are left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from kb.rules import clauses
from kb.rules.dates import MONTHS, month_end
from kb.rules.results import Milestone
from kb.types import Citation

HOURS = 32
"""Concentrated study each year, in class hours (generally no fewer)."""
QUARTERS = 4
LAST_DAY = 28
"""The fixed day of a month must exist in every month."""


@dataclass(frozen=True, slots=True)
class Year:
    """What a branch looks like, as far as its calendar depends on it."""

    year: int
    day: int = 10
    """Fixed day of each month for the theme day; which day is ours to suggest."""
    committee: bool = True
    groups: bool = True


def plan(year: Year) -> tuple[Milestone, ...]:
    """Meetings and activities of a year, each with the stretch of time it falls in."""
    steps = [*_theme_days(year), *_assemblies(year), *_once(year.year)]
    if year.committee:
        rule = (clauses.BRANCH_COMMITTEE,)
        steps += [
            _monthly(year.year, m, "committee", "支委会", "支部书记", rule) for m in range(1, MONTHS + 1)
        ]
    if year.groups:
        rule = (clauses.BRANCH_GROUP,)
        steps += [
            _monthly(year.year, m, "group", "党小组会", "党小组组长", rule) for m in range(1, MONTHS + 1)
        ]
    return tuple(
        sorted((replace(step, routine=True) for step in steps), key=lambda m: (m.latest or date.max, m.key))
    )


def _monthly(year: int, month: int, key: str, name: str, who: str, rules: tuple[Citation, ...]) -> Milestone:
    first = date(year, month, 1)
    return Milestone(
        f"{key}-{month:02}", f"{month}月{name}", first, month_end(first), "一般每月1次", rules, who=who
    )


def _theme_days(year: Year) -> list[Milestone]:
    rules = (clauses.EDUCATION_MEETINGS, clauses.BRANCH_THEME_DAY)
    return [
        Milestone(
            f"theme-{month:02}",
            f"{month}月主题党日、交纳党费",
            date(year.year, month, year.day),
            date(year.year, month, year.day),
            "每月1次，相对固定1天",
            rules,
            who="党支部",
            marker=True,
        )
        for month in range(1, MONTHS + 1)
    ]


def _assemblies(year: Year) -> list[Milestone]:
    found = []
    for quarter in range(1, QUARTERS + 1):
        first, last = date(year.year, quarter * 3 - 2, 1), month_end(date(year.year, quarter * 3, 1))
        rules = (clauses.BRANCH_MEETING,)
        found.append(
            Milestone(
                f"assembly-{quarter}",
                f"第{'一二三四'[quarter - 1]}季度党员大会",
                first,
                last,
                "一般每季度1次",
                rules,
                who="支部书记",
            )
        )
    return found


def _once(year: int) -> list[Milestone]:
    first, autumn, last = date(year, 1, 1), date(year, 10, 1), date(year, 12, 31)
    life = (clauses.EDUCATION_LIFE, clauses.BRANCH_LIFE)
    return [
        Milestone("life", "组织生活会", autumn, last, "每年至少1次，一般在第四季度", life, who="党支部"),
        Milestone(
            "appraisal",
            "民主评议党员",
            first,
            last,
            "一般每年1次",
            (clauses.EDUCATION_APPRAISAL,),
            who="党支部",
        ),
        Milestone(
            "talks",
            "谈心谈话覆盖一遍",
            first,
            last,
            "每年一般不少于1次",
            (clauses.BRANCH_TALK,),
            who="支委、党员",
        ),
        Milestone(
            "hours",
            f"党员集中学习培训满{HOURS}学时",
            first,
            last,
            "一般不少于32学时",
            (clauses.EDUCATION_HOURS,),
            who="党员",
        ),
    ]


@dataclass(frozen=True, slots=True)
class Hours:
    """How a member's study stands."""

    done: int
    left: int
    days: int
    """Days to the end of the year, today included."""
    months: int
    """Months to the end of the year, the current one included."""
    monthly: int
    """Hours a month that would still reach the mark, rounded up."""


def hours(done: int, today: date) -> Hours:
    """What is left of the 32 hours of this year. Raises ValueError for fewer than none."""
    if done < 0:
        raise ValueError(f"{done} hours")
    left = max(0, HOURS - done)
    months = MONTHS - today.month + 1
    days = (date(today.year, MONTHS, 31) - today + timedelta(days=1)).days
    return Hours(done, left, days, months, -(-left // months))
