"""What every tool answers with: said in words, with tables and a timetable, ready for one template."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kb.rules.results import Duty, Milestone
from kb.types import Citation
from search_app.calculators.inputs import Field, Values


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the result: what, and how much or when."""

    label: str
    value: str
    rules: tuple[Citation, ...] = ()
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table."""

    cells: tuple[str, ...]
    here: bool = False
    """True for the line that applies."""


@dataclass(frozen=True, slots=True)
class Table:
    """A small table, such as the brackets of a rate."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a tool."""

    headline: str
    tone: str = "good"
    """good, doubt or over: the colour of the headline."""
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    duties: tuple[Duty, ...] = ()
    milestones: tuple[Milestone, ...] = ()

    @property
    def rules(self) -> tuple[Citation, ...]:
        """Every clause the answer rests on, once, in the order of appearance."""
        parts: Iterable[tuple[Citation, ...]] = (
            *(fact.rules for fact in self.facts),
            *(milestone.rules for milestone in self.milestones),
            *(duty.rules for duty in self.duties),
        )
        return tuple(dict.fromkeys(rule for rules in parts for rule in rules))


@dataclass(frozen=True, slots=True)
class Tool:
    """One page: what it is called, what it asks, how it answers, where it belongs."""

    slug: str
    title: str
    question: str
    """What somebody comes with, in their words."""
    lead: str
    fields: tuple[Field, ...]
    answer: Callable[[Values, date], Answer]
    entries: tuple[str, ...]
    """Ids of the entries whose pages link here."""
    notes: tuple[str, ...] = ()
    """Conventions of ours that the result depends on."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Headings of the parts of the form that can be folded away."""
        return tuple(dict.fromkeys(field.group for field in self.fields if field.group))


def say(day: date | None) -> str:
    """2026-08-01 -> 2026年8月1日."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def yuan(amount: Decimal) -> str:
    """1234.5 -> 1,234.50元."""
    return f"{amount:,.2f}元"


def distance(day: date, today: date) -> str:
    """还有 30 天, 就是今天, 已过 3 天."""
    days = (day - today).days
    if days == 0:
        return "就是今天"
    return f"还有{days}天" if days > 0 else f"已过{-days}天"


CORRESPONDING_DAY = (
    "按月、按年的期限算到对应的那一天；那个月没有这一天的，算到月末"
    "（如8月31日起六个月到2月的最后一天）。条款没有写算法，这是本库的约定。"
)
