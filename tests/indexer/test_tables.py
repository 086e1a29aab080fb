"""Rows go into the tables many at a time, and their sums stay right."""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter
from typing import Any

import pytest

from indexer import recording
from indexer.tables import TABLES, Ledger, intact, row_sum


@pytest.fixture
def db() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None)
    Ledger(made).run(TABLES)
    return made


def words(count: int, revision: int = 1) -> list[tuple[Any, ...]]:
    return [(f"词{n}", revision, n) for n in range(count)]


def statements(db: sqlite3.Connection) -> list[str]:
    seen: list[str] = []
    db.set_trace_callback(seen.append)
    return seen


@pytest.mark.parametrize("count", [0, 1, 3, 4, 255, 256, 257, 1000])
def test_every_row_is_inserted_once(db: sqlite3.Connection, count: int) -> None:
    ledger = Ledger(db)
    ledger.insert("words", words(count))
    ledger.close()
    assert sorted(ledger.fetch("SELECT * FROM words")) == sorted(words(count))
    assert intact(db)
    db.execute("INSERT INTO words VALUES ('多', 1, 1)")
    assert not intact(db)


def test_hundreds_of_rows_take_few_statements(db: sqlite3.Connection) -> None:
    seen = statements(db)
    Ledger(db).insert("words", words(400))
    assert len(seen) <= 10


def test_wide_rows_keep_to_the_values_a_statement_may_hold(db: sqlite3.Connection) -> None:
    db.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
    ledger = Ledger(db)
    rows = [(n, *["x"] * 3, *[0] * 7) for n in range(300)]
    ledger.insert("entries", rows)
    assert ledger.fetch("SELECT count(*) FROM entries") == [(300,)]


def test_the_sum_of_a_row_is_that_of_its_cells_one_after_another() -> None:
    row = ("词", 7, "", None)
    total = 0
    for cell in row:
        total = zlib.crc32(f"{cell}\0".encode(), total)
    assert row_sum(row) == total


def test_sums_of_meta_notice_a_changed_value(db: sqlite3.Connection) -> None:
    ledger = Ledger(db)
    ledger.set(revision=1, fingerprint="甲")
    ledger.close()
    assert intact(db)
    db.execute("UPDATE meta SET value = 2 WHERE key = 'revision'")
    assert not intact(db)


def test_words_are_counted_on_with_one_look(db: sqlite3.Connection) -> None:
    ledger = Ledger(db)
    recording.count_anew(ledger, Counter({"甲": 2, "乙": 1}), 1)
    seen = statements(db)
    recording.count_anew(ledger, Counter({"甲": -1, "丙": 3, "乙": 0}), 2)
    assert len([sql for sql in seen if sql.startswith("SELECT")]) == 1
    found = sorted(ledger.fetch("SELECT word, count FROM words WHERE revision = 2"))
    assert found == [("丙", 3), ("甲", 1)]
