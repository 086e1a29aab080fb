"""Who sent which file: so that its owner sees it before anything is published, and nobody fills the disk."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from search_app.state.base import Base, Database, Moment, now

DAY = timedelta(days=1)


class _Upload(Base):
    __tablename__ = "uploads"
    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(String(80), index=True)
    owner_id: Mapped[int] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class Uploads:
    """The table of files sent in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, owner_id: int, file: str, size: int) -> None:
        """Note that a person sent a file."""
        with self._database.session() as session:
            session.add(_Upload(file=file, owner_id=owner_id, size=size, at=now()))

    def sent_today(self, owner_id: int) -> int:
        """Bytes a person sent in the last day."""
        wanted = select(func.coalesce(func.sum(_Upload.size), 0)).where(
            _Upload.owner_id == owner_id, _Upload.at > now() - DAY
        )
        with self._database.reading() as session:
            return int(session.scalar(wanted) or 0)

    def is_owner(self, owner_id: int, file: str) -> bool:
        """True when that person sent the file once."""
        wanted = select(_Upload.id).where(_Upload.owner_id == owner_id, _Upload.file == file).limit(1)
        with self._database.reading() as session:
            return session.scalar(wanted) is not None
