"""What was searched and what came of it. No names, no addresses, the hour and not the minute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, case, delete, func, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from search_app.state.base import Base, Database, Moment, now

FOLLOWS_HOURS = 12
"""A page left open longer than this no longer counts as the search something was opened from."""


@dataclass(frozen=True, slots=True)
class Searched:
    """Somebody searched."""

    text: str
    hits: int
    confident: bool
    first: str
    """Id of the first entry shown; empty when there was none."""


@dataclass(frozen=True, slots=True)
class Opened:
    """From the results for `text` an entry was opened."""

    text: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class Refined:
    """From the results for `text` somebody searched or asked anew."""

    text: str


Event = Searched | Opened | Refined


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a search over a stretch of time."""

    text: str
    times: int
    answered: int
    """How often there was an answer worth the name."""
    abandoned: int
    """How often there was, and yet nothing was opened nor searched anew."""
    latest: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """What one day brought."""

    day: str
    """2026-11-21, as the clock runs where the server stands."""
    searches: int
    answered: int
    opened: int


class _Search(Base):
    __tablename__ = "searches"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    text: Mapped[str] = mapped_column(String(200), index=True)
    hits: Mapped[int]
    confident: Mapped[bool]
    first: Mapped[str] = mapped_column(String(64), default="")
    opened: Mapped[bool] = mapped_column(default=False)
    refined: Mapped[bool] = mapped_column(default=False)


class _Opening(Base):
    __tablename__ = "searches_opened"
    id: Mapped[int] = mapped_column(primary_key=True)
    search_id: Mapped[int] = mapped_column(ForeignKey("searches.id"), index=True)
    entry_id: Mapped[str] = mapped_column(String(64), index=True)


class _Ignored(Base):
    __tablename__ = "searches_ignored"
    text: Mapped[str] = mapped_column(String(200), primary_key=True)


class QueryTable:
    """The table of searches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, events: Iterable[Event]) -> None:
        """Keep a batch, in one transaction. Raises StateUnavailable."""
        with self._database.session() as session:
            for event in events:
                _write(session, event)

    def prune(self, days: int) -> int:
        """Forget what is older; gives how many searches are gone."""
        before = now() - timedelta(days=days)
        with self._database.session() as session:
            old = select(_Search.id).where(_Search.at < before)
            session.execute(delete(_Opening).where(_Opening.search_id.in_(old)))
            gone = session.scalars(delete(_Search).where(_Search.at < before).returning(_Search.id)).all()
            return len(gone)

    def wordings(self, days: int, limit: int, *, ignored: bool = False) -> list[Wording]:
        """What was searched since, the most frequent first; ignored wordings only where asked for."""
        nothing_followed = _Search.opened.is_(False) & _Search.refined.is_(False) & (_Search.at < _hour())
        times = func.count()
        wanted = (
            select(
                _Search.text,
                times,
                func.sum(case((_Search.confident, 1), else_=0)),
                func.sum(case((_Search.confident & nothing_followed, 1), else_=0)),
                func.max(_Search.at),
            )
            .where(_Search.at >= now() - timedelta(days=days))
            .where(_Search.text.not_in(select(_Ignored.text)) if not ignored else true())
            .group_by(_Search.text)
            .order_by(times.desc(), _Search.text)
            .limit(limit)
        )
        with self._database.reading() as session:
            return [
                Wording(text, count, int(answered), int(abandoned), latest)
                for text, count, answered, abandoned, latest in session.execute(wanted)
            ]

    def days(self, days: int) -> list[Day]:
        """Counts by day, the oldest first; days without a search are left out."""
        good, opened = (func.sum(case((flag, 1), else_=0)) for flag in (_Search.confident, _Search.opened))
        wanted = (
            select(_Search.at, func.count(), good, opened)
            .where(_Search.at >= now() - timedelta(days=days))
            .group_by(_Search.at)
        )
        counts: dict[str, list[int]] = {}
        with self._database.reading() as session:
            for at, *of_the_hour in session.execute(wanted):
                row = counts.setdefault(f"{at.astimezone():%Y-%m-%d}", [0, 0, 0])
                row[:] = (before + int(more) for before, more in zip(row, of_the_hour, strict=True))
        return [Day(day, *row) for day, row in sorted(counts.items())]

    def most_opened(self, days: int, limit: int) -> list[tuple[str, int]]:
        """Entry ids by how often they were opened from a result, the most often first."""
        times = func.count()
        wanted = (
            select(_Opening.entry_id, times)
            .join(_Search, _Search.id == _Opening.search_id)
            .where(_Search.at >= now() - timedelta(days=days))
            .group_by(_Opening.entry_id)
            .order_by(times.desc(), _Opening.entry_id)
            .limit(limit)
        )
        with self._database.reading() as session:
            return [(entry_id, count) for entry_id, count in session.execute(wanted)]

    def ignore(self, texts: Iterable[str]) -> None:
        """Leave these wordings out of the lists from now on; usage still counts them."""
        with self._database.session() as session:
            for text in texts:
                session.merge(_Ignored(text=text))


def _hour() -> datetime:
    return now().replace(minute=0, second=0)


def _write(session: Session, event: Event) -> None:
    if isinstance(event, Searched):
        row = _Search(at=_hour(), text=event.text, hits=event.hits, confident=event.confident)
        row.first, row.opened, row.refined = event.first, False, False
        session.add(row)
        session.flush()
        return
    since = now() - timedelta(hours=FOLLOWS_HOURS)
    latest = select(_Search).where(_Search.text == event.text, _Search.at >= since)
    found = session.scalars(latest.order_by(_Search.id.desc()).limit(1)).first()
    if found is None:
        return
    if isinstance(event, Refined):
        found.refined = True
    else:
        found.opened = True
        session.add(_Opening(search_id=found.id, entry_id=event.entry_id))
