"""The database behind the pages: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, DateTime, Engine, Result, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from kb.errors import SetupError

WRITING = "kb_writing"
"""Execution option of a connection: whether the transaction about to begin will write."""
BUSY_SECONDS = 30
"""How long a writer waits for another one: SQLite has one writer at a time."""


class StateUnavailable(SetupError):
    """The database cannot be opened or written."""


class Base(DeclarativeBase):
    """Every table of this package."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets time zones, so they are put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """UTC goes in."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """UTC comes out."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def now() -> datetime:
    """This moment, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def changed_rows(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE touched."""
    return result.rowcount if isinstance(result, CursorResult) else 0


def new_id(prefix: str) -> str:
    """An id nobody can guess or meet twice: `q-20261121-5f3a9c1e`."""
    return f"{prefix}-{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"


class Database:
    """One database. Opened, and its tables made, at the first use: reading needs none of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opening = threading.Lock()
        self._sessions: sessionmaker[Session] | None = None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back on any error. Raises StateUnavailable."""
        with self._transaction(writing=True) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads, and so waits for no writer. Raises StateUnavailable."""
        with self._transaction(writing=False) as session:
            yield session

    @contextmanager
    def _transaction(self, *, writing: bool) -> Iterator[Session]:
        sessions = self._sessions or self._open()
        try:
            with sessions.begin() as session:
                session.connection(execution_options={WRITING: writing})
                yield session
        except DBAPIError as error:
            if _is_ours(error):
                raise
            raise StateUnavailable(f"账号与提交记录的数据库暂时不能用：{error.orig}") from error

    def _open(self) -> sessionmaker[Session]:
        with self._opening:
            if self._sessions is None:
                engine = _engine(self.url)
                try:
                    Base.metadata.create_all(engine)
                except DBAPIError as error:
                    raise StateUnavailable(
                        f"打不开账号数据库（{error.orig}），请检查 KB_DATABASE 和文件夹权限"
                    ) from error
                self._sessions = sessionmaker(engine, expire_on_commit=False)
            return self._sessions

    def close(self) -> None:
        """Give back every connection; the next use opens anew."""
        with self._opening:
            if self._sessions is not None:
                self._sessions.kw["bind"].dispose()
                self._sessions = None


def _is_ours(error: DBAPIError) -> bool:
    """True for a broken constraint: that is a bug or a race the repository must settle, not the disk."""
    return type(error).__name__ in ("IntegrityError", "ProgrammingError", "DataError")


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StateUnavailable(
            "KB_DATABASE 的写法不对或缺少驱动，例：postgresql+psycopg://用户:密码@主机/库"
        ) from error
    except OSError as error:
        raise StateUnavailable(f"建不了账号数据库的文件夹（{error.strerror}），请检查权限") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Readers beside one writer, waiting instead of failing, durable after a power cut."""
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    """A writer takes the lock at once: reading first and then writing would fail when busy."""
    writing = connection.get_execution_options().get(WRITING, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
