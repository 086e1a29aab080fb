"""The tables of the manifest, and a ledger that knows when one of them was damaged.

SQLite notices a broken page, not a changed character, and nothing here is read
as a whole any more. So `meta` holds the sum of the checksums of each table's
rows; whatever is inserted or deleted through a `Ledger` keeps it right, and
`intact` counts it again.

Rows of an entry never change: a new version is a new number, and the old one is
marked with the revision it died in. A snapshot of revision r sees what was born
by then and had not died, so it keeps its answers while newer ones are written.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

ALIVE = 1 << 62
"""Revision of death of what is still alive."""
VISIBLE = "published AND born <= :now AND died > :now"
"""Condition for rows of `entries` that a snapshot of revision `now` shows."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE files (name TEXT PRIMARY KEY, size INTEGER NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE shelves (shelf INTEGER PRIMARY KEY, filters TEXT NOT NULL UNIQUE);
CREATE TABLE entries (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL, stamp TEXT NOT NULL, version TEXT NOT NULL,
  local INTEGER NOT NULL, published INTEGER NOT NULL, flawed INTEGER NOT NULL, kind INTEGER NOT NULL,
  shelf INTEGER NOT NULL, born INTEGER NOT NULL, died INTEGER NOT NULL);
CREATE TABLE texts (
  number INTEGER PRIMARY KEY, sentences TEXT NOT NULL, findings TEXT NOT NULL, checksum INTEGER NOT NULL,
  entry TEXT NOT NULL, passages TEXT NOT NULL);
CREATE TABLE names (
  number INTEGER NOT NULL, place INTEGER NOT NULL, role INTEGER NOT NULL, text TEXT NOT NULL,
  start TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (number, place)) WITHOUT ROWID;
CREATE TABLE spellings (
  number INTEGER NOT NULL, place INTEGER NOT NULL, spelled TEXT NOT NULL, initials TEXT NOT NULL,
  PRIMARY KEY (number, place)) WITHOUT ROWID;
CREATE TABLE edges (
  number INTEGER NOT NULL, place INTEGER NOT NULL, role INTEGER NOT NULL, target TEXT NOT NULL,
  PRIMARY KEY (number, place)) WITHOUT ROWID;
CREATE TABLE words (
  word TEXT NOT NULL, revision INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (word, revision)) WITHOUT ROWID;
"""
SHOWN = f"published AND died = {ALIVE}"
"""Condition for those shown now; written like this, an index holds them ready."""
DEAD = f"died < {ALIVE}"
"""Condition for versions that died. An index of the living by it would tempt SQLite to read them all."""
INDEXES = f"""
CREATE INDEX entries_by_id ON entries (id, died);
CREATE INDEX entries_shown ON entries (id, shelf) WHERE {SHOWN};
CREATE INDEX entries_hidden ON entries (number) WHERE NOT published;
CREATE INDEX entries_by_birth ON entries (born);
CREATE INDEX entries_by_death ON entries (died) WHERE {DEAD};
CREATE INDEX entries_with_flaws ON entries (number) WHERE flawed;
CREATE INDEX names_by_key ON names (key);
CREATE INDEX names_by_start ON names (start);
CREATE INDEX spellings_by_letters ON spellings (spelled);
CREATE INDEX spellings_by_initials ON spellings (initials);
CREATE INDEX edges_by_target ON edges (target, role);
CREATE INDEX words_by_revision ON words (revision);
"""
"""Made after the rows of a full build: sorting once is faster than inserting everywhere."""
SUMMED = ("files", "shelves", "entries", "texts", "names", "spellings", "edges", "words")
OF_ENTRY = ("entries", "texts", "names", "spellings", "edges")
"""Tables with rows under an entry's number."""

_CHUNK = 200
_TOGETHER = (256, 64, 16, 4, 1)
"""Rows inserted by one statement, as many as there are: SQLite lets go of Python's lock at every statement
and every row it returns, and beside a busy thread each time costs up to five milliseconds."""
_VALUES = 999
"""Values one statement may hold in any SQLite."""
_SUM = 1 << 62
_OWN_SUM = "sum of meta"


class Ledger:
    """Inserts and deletes within one transaction; `close` writes the sums."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._added: Counter[str] = Counter()

    def insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows to a table, every column given."""
        _insert(self._db, f"INSERT INTO {table}", rows)
        if rows:
            self._added[table] += sum(map(row_sum, rows))

    def delete(self, table: str, condition: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Delete and return the rows that fulfil a condition."""
        given = tuple(values)
        rows = self._db.execute(f"SELECT * FROM {table} WHERE {condition}", given).fetchall()
        if rows:
            self._db.execute(f"DELETE FROM {table} WHERE {condition}", given)
            self._added[table] -= sum(map(row_sum, rows))
        return rows

    def run(self, script: str) -> None:
        """Statements that make tables and indexes, separated by semicolons."""
        for statement in filter(str.strip, script.split(";")):
            self._db.execute(statement)

    def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement, as this transaction sees them."""
        return self._db.execute(sql, values).fetchall()

    def get(self, key: str, default: int | str = 0) -> int | str:
        """One value of `meta`."""
        return _meta(self._db, key, default)

    def number(self, key: str) -> int:
        """One value of `meta` that counts something."""
        return int(self.get(key, 0))

    def set(self, **values: int | str) -> None:
        """Set values of `meta`."""
        _insert(self._db, "INSERT OR REPLACE INTO meta", list(values.items()))

    def close(self) -> None:
        """Bring the sums up to date; the last thing before the commit."""
        values = _all_meta(self._db)
        sums = {
            _sum_of(table): (int(values.get(_sum_of(table), 0)) + added) % _SUM
            for table, added in self._added.items()
        }
        self.set(**sums, **{_OWN_SUM: _sum_of_meta(values | sums)})


def _insert(db: sqlite3.Connection, start: str, rows: Sequence[Sequence[Any]]) -> None:
    done = 0
    width = len(rows[0]) if rows else 1
    for size in _TOGETHER:
        marks = ", ".join([f"({', '.join('?' * width)})"] * size)
        while len(rows) - done >= size and (size * width <= _VALUES or size == 1):
            db.execute(f"{start} VALUES {marks}", [*chain.from_iterable(rows[done : done + size])])
            done += size


def _meta(db: sqlite3.Connection, key: str, default: int | str) -> int | str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else default


def row_sum(row: Iterable[Any]) -> int:
    """Checksum of one row."""
    return zlib.crc32("".join([f"{cell}\0" for cell in row]).encode())


def intact(db: sqlite3.Connection, rest: float = 0.0) -> bool:
    """True when every row of every table is what was written.

    With `rest`, rests that many times as long as each chunk took, to let requests pass.
    Raises sqlite3.DatabaseError for what SQLite itself finds.
    """
    if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        return False
    for table in SUMMED:
        total = sum(_sums(db, table, rest)) % _SUM
        if total != int(_meta(db, _sum_of(table), 0)):
            return False
    return _sum_of_meta(_all_meta(db)) == int(_meta(db, _OWN_SUM, -1))


def _sums(db: sqlite3.Connection, table: str, rest: float) -> Iterator[int]:
    cursor = db.execute(f"SELECT * FROM {table}")
    started = time.perf_counter()
    while rows := cursor.fetchmany(_CHUNK):
        yield sum(map(row_sum, rows))
        if rest:
            time.sleep(rest * (time.perf_counter() - started))
            started = time.perf_counter()


def _sum_of(table: str) -> str:
    return f"sum of {table}"


def _all_meta(db: sqlite3.Connection) -> dict[str, int | str]:
    """All of `meta`, as one row."""
    [(listed,)] = db.execute("SELECT json_group_object(key, value) FROM meta")
    values: dict[str, int | str] = json.loads(listed)
    return values


def _sum_of_meta(values: Mapping[str, int | str]) -> int:
    return sum(row_sum(row) for row in values.items() if row[0] != _OWN_SUM) % _SUM
