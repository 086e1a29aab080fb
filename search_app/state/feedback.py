"""有用 / 没解决: what readers say of an entry.

Who said it is kept only so that a second word replaces the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, UniqueConstraint, case, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from search_app.state.base import Base, Database, Moment, changed_rows, now


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reader said of one entry."""

    id: int
    entry_id: str
    useful: bool
    remark: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """How many found an entry useful, how many not."""

    useful: int = 0
    useless: int = 0


class _Opinion(Base):
    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("entry_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(64), index=True)
    person_id: Mapped[int]
    useful: Mapped[bool]
    remark: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(Moment)
    handled: Mapped[bool] = mapped_column(default=False, index=True)


class Feedback:
    """The table of opinions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, entry_id: str, person_id: int, useful: bool, remark: str) -> None:
        """Keep what this person says; it replaces what they said of this entry before."""
        with self._database.session() as session:
            mine = (_Opinion.entry_id == entry_id, _Opinion.person_id == person_id)
            values = {"useful": useful, "remark": remark, "at": now(), "handled": False}
            if not changed_rows(session.execute(update(_Opinion).where(*mine).values(**values))):
                session.add(_Opinion(entry_id=entry_id, person_id=person_id, **values))

    def mine(self, entry_id: str, person_id: int) -> Opinion | None:
        """What this person said of the entry."""
        wanted = select(_Opinion).where(_Opinion.entry_id == entry_id, _Opinion.person_id == person_id)
        with self._database.reading() as session:
            row = session.scalars(wanted).first()
            return _read(row) if row else None

    def tallies(self) -> dict[str, Tally]:
        """Counts by entry id; an entry nobody spoke of is not there."""
        useful = func.sum(case((_Opinion.useful, 1), else_=0))
        wanted = select(_Opinion.entry_id, useful, func.count()).group_by(_Opinion.entry_id)
        with self._database.reading() as session:
            return {i: Tally(int(good), int(all_) - int(good)) for i, good, all_ in session.execute(wanted)}

    def unhelpful(self) -> list[Opinion]:
        """What did not help and nobody has looked at yet, by entry, the oldest first."""
        wanted = (
            select(_Opinion)
            .where(_Opinion.useful.is_(False), _Opinion.handled.is_(False))
            .order_by(_Opinion.entry_id, _Opinion.at, _Opinion.id)
        )
        with self._database.reading() as session:
            return [_read(row) for row in session.scalars(wanted)]

    def handle(self, opinions: Iterable[int]) -> int:
        """Mark as looked at; gives how many were not before."""
        with self._database.session() as session:
            changed = session.execute(
                update(_Opinion)
                .where(_Opinion.id.in_(list(opinions)), _Opinion.handled.is_(False))
                .values(handled=True)
            )
            return changed_rows(changed)


def _read(row: _Opinion) -> Opinion:
    return Opinion(row.id, row.entry_id, row.useful, row.remark, row.at)
