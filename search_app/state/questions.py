"""Questions that found no answer: who waits for one, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from kb.errors import EntryNotFound, UserError
from search_app.state.base import Base, Database, Moment, changed_rows, new_id, now


class Stage(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    WORKING = "working"
    ANSWERED = "answered"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """What the asker reads."""
        return _LABELS[self]


_LABELS = {
    Stage.OPEN: "等待整理",
    Stage.WORKING: "正在写成条目",
    Stage.ANSWERED: "已有答案",
    Stage.CLOSED: "已关闭",
}
UNANSWERED = (Stage.OPEN, Stage.WORKING)
"""Somebody still has to act."""


class QuestionMoved(UserError):
    """Somebody else settled the question first."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asked, and what became of it."""

    id: str
    text: str
    details: str
    contact: str
    """How to reach the asker; only people with an account are asked for it."""
    asker_id: int
    """0 for a guest."""
    asker: str
    stage: Stage
    entry_id: str
    """The entry that answers it; empty until there is one."""
    reply: str
    """What the asker is told when the question is closed."""
    created: datetime
    updated: datetime


class _Question(Base):
    __tablename__ = "questions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
    details: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(String(100), default="")
    asker_id: Mapped[int] = mapped_column(default=0, index=True)
    asker: Mapped[str] = mapped_column(String(80), default="")
    stage: Mapped[str] = mapped_column(String(16), index=True)
    entry_id: Mapped[str] = mapped_column(String(64), default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    created: Mapped[datetime] = mapped_column(Moment)
    updated: Mapped[datetime] = mapped_column(Moment)


class Questions:
    """The table of questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, text: str, details: str, contact: str, asker: tuple[int, str]) -> Question:
        """Keep a new question."""
        moment = now()
        row = _Question(
            id=new_id("q"),
            text=text,
            details=details,
            contact=contact,
            asker_id=asker[0],
            asker=asker[1],
            stage=str(Stage.OPEN),
            entry_id="",
            reply="",
            created=moment,
            updated=moment,
        )
        with self._database.session() as session:
            session.add(row)
            session.flush()
            return _read(row)

    def get(self, question_id: str) -> Question:
        """One question. Raises EntryNotFound."""
        with self._database.reading() as session:
            row = session.get(_Question, question_id)
            if row is None:
                raise EntryNotFound(f"没有编号为“{question_id[:80]}”的提问")
            return _read(row)

    def find(self, *, stages: Iterable[Stage] = (), asker_id: int | None = None) -> list[Question]:
        """Questions narrowed by stage and asker, the oldest first."""
        wanted = select(_Question).order_by(_Question.created, _Question.id)
        if chosen := [str(stage) for stage in stages]:
            wanted = wanted.where(_Question.stage.in_(chosen))
        if asker_id is not None:
            wanted = wanted.where(_Question.asker_id == asker_id)
        with self._database.reading() as session:
            return [_read(row) for row in session.scalars(wanted)]

    def waiting(self) -> int:
        """How many somebody still has to act on."""
        with self._database.reading() as session:
            chosen = [str(stage) for stage in UNANSWERED]
            wanted = select(func.count()).where(_Question.stage.in_(chosen))
            return session.scalar(wanted) or 0

    def move(self, question_id: str, to: Stage, entry_id: str = "", reply: str = "") -> Question:
        """Settle a question nobody has settled yet. Raises EntryNotFound, QuestionMoved."""
        with self._database.session() as session:
            changed = session.execute(
                update(_Question)
                .where(_Question.id == question_id, _Question.stage.in_([str(s) for s in UNANSWERED]))
                .values(stage=str(to), entry_id=entry_id, reply=reply, updated=now())
            )
            row = session.get(_Question, question_id, populate_existing=True)
            if row is None:
                raise EntryNotFound(f"没有编号为“{question_id[:80]}”的提问")
            if not changed_rows(changed):
                raise QuestionMoved(f"这个提问已经是“{Stage(row.stage).label}”，没有再改动")
            return _read(row)


def _read(row: _Question) -> Question:
    return Question(
        row.id,
        row.text,
        row.details,
        row.contact,
        row.asker_id,
        row.asker,
        Stage(row.stage),
        row.entry_id,
        row.reply,
        row.created,
        row.updated,
    )
