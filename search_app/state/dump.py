"""Every table as plain rows and back: what the archive holds of the database, whichever database it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, Table, func, insert, select, text

from kb.errors import UserError
from search_app.state.base import Base, Database, Moment

LEFT_OUT = frozenset({"sessions"})
"""Who is logged in right now is nobody's business later."""


class NotEmpty(UserError):
    """There is something in the database already; restoring would mix two histories."""


def tables() -> tuple[str, ...]:
    """Names of the tables an archive holds, referred-to ones first."""
    return tuple(table.name for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT)


def dump(database: Database) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each table's rows as JSON values, all of them as they were at one moment."""
    with database.reading() as session:
        for name in tables():
            table = Base.metadata.tables[name]
            rows = session.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            yield name, [{key: _plain(value) for key, value in row.items()} for row in rows]


def load(database: Database, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> int:
    """Fill an empty database; returns the number of rows. Raises NotEmpty."""
    count = 0
    with database.session() as session:
        for name in tables():
            table = Base.metadata.tables[name]
            if session.scalar(select(func.count()).select_from(table)):
                raise NotEmpty("账号数据库里已经有内容，不能恢复。请换一个空的 KB_DATABASE 再试。")
            found = [_typed(table, row) for row in rows.get(name, ())]
            if found:
                session.execute(insert(table), found)
            count += len(found)
            if session.get_bind().dialect.name == "postgresql":
                _catch_up(session, table)
    return count


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Known columns only, moments as moments; a column this version does not know is left out."""
    return {name: _value(table.columns[name], value) for name, value in row.items() if name in table.columns}


def _value(column: Column[Any], value: Any) -> Any:
    is_moment = isinstance(column.type, Moment) and isinstance(value, str)
    return datetime.fromisoformat(value) if is_moment else value


def _catch_up(session: Any, table: Table) -> None:
    """PostgreSQL counts on from where its own counter stands, not from the rows put in."""
    key = list(table.primary_key.columns)
    if len(key) == 1 and isinstance(key[0].type, Integer):
        sequence = session.scalar(
            text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": key[0].name}
        )
        highest = session.scalar(select(func.max(key[0])))
        if sequence and highest:
            session.execute(text("SELECT setval(:s, :n)"), {"s": sequence, "n": highest})
