"""What every rule answers with: dates to keep, things to do, and where each stands today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kb.types import Citation


class Standing(StrEnum):
    """Where a milestone stands on a given day; the value is what readers see."""

    DONE = "已完成"
    EARLY = "早于规定"
    LATE = "晚于规定"
    PLANNED = "已安排"
    OVERDUE = "已超期"
    PASSED = "已过建议时间"
    OPEN = "现在可办"
    RUNNING = "期限内"
    REACHED = "已到"
    WAITING = "还没到"
    UNDATED = "等前一步"
    SKIPPED = "没有填日期"
    GONE = "时间已过"

    @property
    def wrong(self) -> bool:
        """True where a clause is not kept."""
        return self in (Standing.EARLY, Standing.LATE, Standing.OVERDUE)


class Tone(StrEnum):
    """How loudly a duty is said."""

    INFO = "说明"
    ACT = "应当做"
    WARN = "注意"

    @property
    def loud(self) -> int:
        """0 for what must be seen first."""
        return (Tone.WARN, Tone.ACT, Tone.INFO).index(self)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A line of a timetable: between which days something is done, and which clause says so."""

    key: str
    """Stable within a timetable; calendar events are named after it."""
    name: str
    earliest: date | None = None
    latest: date | None = None
    limit: str = ""
    """The term in words, as far as a clause gives one."""
    rules: tuple[Citation, ...] = ()
    """Empty where the date is only our suggestion."""
    done: date | None = None
    """When it was done, or is planned to be."""
    who: str = ""
    marker: bool = False
    """True for a day on which something is so, rather than something to do."""
    skipped: bool = False
    """True where a later step is done and this one has no date."""
    aside: bool = False
    """True for a bound that matters only in a case that has not arisen; kept out of calendars."""
    pending: bool = False
    """True while the step before it is not done: its dates are only reckoned."""
    routine: bool = False
    """True for a line of a plan, where nobody asks whether it was done."""

    @property
    def suggested(self) -> bool:
        """True where no clause fixes the date."""
        return not self.rules

    def standing(self, today: date) -> Standing:
        """Where this stands on the day `today`; the last permitted day is still in time."""
        if self.done:
            return self._standing_done(self.done, today)
        if self.skipped:
            return Standing.SKIPPED
        if self.pending or not (self.earliest or self.latest):
            return Standing.UNDATED
        if self.marker:
            return Standing.REACHED if (self.latest or self.earliest or today) <= today else Standing.WAITING
        if self.latest and today > self.latest:
            return self._standing_past
        if not self.earliest:
            return Standing.RUNNING
        return Standing.WAITING if today < self.earliest else Standing.OPEN

    @property
    def _standing_past(self) -> Standing:
        if self.routine:
            return Standing.GONE
        return Standing.PASSED if self.suggested else Standing.OVERDUE

    def _standing_done(self, done: date, today: date) -> Standing:
        if self.earliest and done < self.earliest:
            return Standing.EARLY
        if self.latest and done > self.latest and not self.suggested:
            return Standing.LATE
        return Standing.PLANNED if done > today else Standing.DONE


@dataclass(frozen=True, slots=True)
class Duty:
    """Something the branch owes, may do, or must know; without clauses it is our suggestion."""

    text: str
    rules: tuple[Citation, ...] = ()
    tone: Tone = Tone.INFO


def overdue(milestones: Iterable[Milestone], today: date) -> tuple[Milestone, ...]:
    """The milestones whose clause is not kept on the day `today`."""
    return tuple(m for m in milestones if m.standing(today).wrong)
