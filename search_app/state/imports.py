"""Files handed in, between upload and entry: what was read in them, and how far the work is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String, Text, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from kb.errors import EntryNotFound, UserError
from search_app.state.base import Base, Database, Moment, changed_rows, new_id, now

KEPT = timedelta(days=30)
"""An upload nobody went on with is forgotten after this time."""


class Stage(StrEnum):
    """How far an upload has come."""

    READ = "read"
    WAITING = "waiting"
    PUBLISHING = "publishing"
    DONE = "done"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """What people read."""
        return _LABELS[self]


_LABELS = {
    Stage.READ: "等待确认",
    Stage.WAITING: "等待审核",
    Stage.PUBLISHING: "正在发布",
    Stage.DONE: "已发布",
    Stage.REJECTED: "未采用",
}


class ImportMoved(UserError):
    """Somebody else went on with it first."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was read: a document to be placed, or a list to be published row by row."""

    id: str
    sort: str
    """document or list."""
    name: str
    stage: Stage
    author_id: int
    author: str
    payload: Mapping[str, Any]
    """What was read, and what was decided about it so far; JSON values."""
    done: int
    total: int
    note: str
    created: datetime


class _Upload(Base):
    __tablename__ = "imports"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sort: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(16), index=True)
    author_id: Mapped[int] = mapped_column(index=True)
    author: Mapped[str] = mapped_column(String(80))
    payload: Mapped[str] = mapped_column(Text)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    created: Mapped[datetime] = mapped_column(Moment)


class Imports:
    """The table of uploads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, sort: str, name: str, author: tuple[int, str], payload: Mapping[str, Any]) -> Upload:
        """Keep what was read in a file; uploads left lying for too long go."""
        row = _Upload(
            id=new_id("u"),
            sort=sort,
            name=name[:200],
            stage=str(Stage.READ),
            author_id=author[0],
            author=author[1],
            payload=json.dumps(payload, ensure_ascii=False),
            done=0,
            total=0,
            note="",
            created=now(),
        )
        with self._database.session() as session:
            old = now() - KEPT
            session.execute(delete(_Upload).where(_Upload.stage == str(Stage.READ), _Upload.created < old))
            session.add(row)
            session.flush()
            return _read(row)

    def get(self, upload_id: str) -> Upload:
        """One upload. Raises EntryNotFound."""
        with self._database.reading() as session:
            row = session.get(_Upload, upload_id)
            if row is None:
                raise EntryNotFound("没有这次上传，可能已经过期，请重新上传")
            return _read(row)

    def find(self, *stages: Stage, author_id: int | None = None) -> list[Upload]:
        """Uploads at these stages, the oldest first."""
        wanted = select(_Upload).where(_Upload.stage.in_([str(s) for s in stages])).order_by(_Upload.created)
        if author_id is not None:
            wanted = wanted.where(_Upload.author_id == author_id)
        with self._database.reading() as session:
            return [_read(row) for row in session.scalars(wanted)]

    def decide(self, upload_id: str, payload: Mapping[str, Any]) -> None:
        """Keep what was decided about it, as long as it is its author's to decide. Raises ImportMoved."""
        with self._database.session() as session:
            values = {"payload": json.dumps(payload, ensure_ascii=False)}
            undecided = (_Upload.id == upload_id, _Upload.stage == str(Stage.READ))
            if not changed_rows(session.execute(update(_Upload).where(*undecided).values(**values))):
                raise ImportMoved("清单已经交出去了，不能再改")

    def move(self, upload_id: str, allowed: Stage, to: Stage, note: str = "", total: int = 0) -> Upload:
        """Go on, if it still stands where the caller saw it. Raises EntryNotFound, ImportMoved."""
        with self._database.session() as session:
            moved = session.execute(
                update(_Upload)
                .where(_Upload.id == upload_id, _Upload.stage == str(allowed))
                .values(stage=str(to), note=note, **({"total": total} if total else {}))
            )
            if not changed_rows(moved):
                raise ImportMoved("这次导入已经由别人处理过了，请刷新页面看结果")
        return self.get(upload_id)

    def progress(self, upload_id: str, done: int) -> None:
        """So many rows are written."""
        with self._database.session() as session:
            session.execute(update(_Upload).where(_Upload.id == upload_id).values(done=done))

    def note(self, upload_id: str, text: str) -> None:
        """Say what stopped it."""
        with self._database.session() as session:
            session.execute(update(_Upload).where(_Upload.id == upload_id).values(note=text))

    def drop(self, upload_id: str) -> None:
        """Forget an upload: its content has become a draft."""
        with self._database.session() as session:
            session.execute(delete(_Upload).where(_Upload.id == upload_id))


def _read(row: _Upload) -> Upload:
    return Upload(
        row.id,
        row.sort,
        row.name,
        Stage(row.stage),
        row.author_id,
        row.author,
        json.loads(row.payload),
        row.done,
        row.total,
        row.note,
        row.created,
    )
