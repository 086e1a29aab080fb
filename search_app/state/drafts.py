"""What people are still writing: forms saved as they stand, for their owner only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, Text, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from kb.errors import EntryNotFound, UserError
from search_app.state.base import Base, Database, Moment, now

MAX_DRAFTS = 100
"""One person's; who has more is not writing them."""
MAX_CHARS = 1_000_000
"""A draft is a form, and a form has at most a body and a header."""


class TooManyDrafts(UserError):
    """The owner must finish or delete some first."""


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A form as it was last saved."""

    id: str
    """The number the submission will have."""
    owner_id: int
    target: str
    title: str
    fields: tuple[tuple[str, str], ...]
    """Names and values as the browser sent them, in order."""
    saved: datetime


class _Draft(Base):
    __tablename__ = "drafts"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner_id: Mapped[int] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200), default="")
    fields: Mapped[str] = mapped_column(Text)
    saved: Mapped[datetime] = mapped_column(Moment, index=True)


class Drafts:
    """The table of drafts. Nobody reads or changes another person's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self, owner_id: int, id: str, target: str, title: str, fields: Sequence[tuple[str, str]]
    ) -> SavedDraft:
        """Save a form, replacing what was saved under its number before. Raises TooManyDrafts, UserError."""
        text = json.dumps(list(fields), ensure_ascii=False)
        if len(text) > MAX_CHARS:
            raise UserError("草稿太长，存不下，请删减或拆成几条")
        with self._database.session() as session:
            row = session.get(_Draft, (id, owner_id))
            if row is None:
                mine = select(func.count()).where(_Draft.owner_id == owner_id)
                if (session.scalar(mine) or 0) >= MAX_DRAFTS:
                    raise TooManyDrafts(f"已经有 {MAX_DRAFTS} 份草稿，请先提交或删除一些")
                row = _Draft(id=id, owner_id=owner_id)
                session.add(row)
            row.target, row.title, row.fields, row.saved = target, title[:200], text, now()
            session.flush()
            return _read(row)

    def get(self, owner_id: int, id: str) -> SavedDraft:
        """One draft of that person. Raises EntryNotFound."""
        with self._database.reading() as session:
            row = session.get(_Draft, (id, owner_id))
            if row is None:
                raise EntryNotFound("没有这份草稿，可能已经提交或删除")
            return _read(row)

    def of(self, owner_id: int) -> list[SavedDraft]:
        """All drafts of a person, the latest first."""
        wanted = select(_Draft).where(_Draft.owner_id == owner_id).order_by(_Draft.saved.desc(), _Draft.id)
        with self._database.reading() as session:
            return [_read(row) for row in session.scalars(wanted)]

    def drop(self, owner_id: int, id: str) -> None:
        """Forget a draft; one that is not there is forgotten already."""
        with self._database.session() as session:
            session.execute(delete(_Draft).where(_Draft.id == id, _Draft.owner_id == owner_id))


def _read(row: _Draft) -> SavedDraft:
    fields = tuple((str(name), str(value)) for name, value in json.loads(row.fields))
    return SavedDraft(row.id, row.owner_id, row.target, row.title, fields, row.saved)
