"""SQLite FTS5: our fields as columns with our boosts; comes with Python."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.peers import LIMIT
from benchmarks.tokens import Document, Term
from indexer.stock import FIELD_BOOSTS

_FIELDS = tuple(FIELD_BOOSTS)
_WORDS = f"{{{' '.join(name for name in _FIELDS if name != 'grams')}}}"
_WEIGHTS = ", ".join(str(weight) for weight in (0.0, *FIELD_BOOSTS.values()))
_CREATE = f"""CREATE VIRTUAL TABLE entries USING fts5(id UNINDEXED, {", ".join(_FIELDS)},
    tokenize="unicode61 remove_diacritics 0 tokenchars '/.%'")"""
_INSERT = (
    f"INSERT INTO entries(rowid, id, {', '.join(_FIELDS)}) VALUES ({', '.join('?' * (len(_FIELDS) + 2))})"
)
_SEARCH = f"SELECT id, bm25(entries, {_WEIGHTS}) AS s FROM entries WHERE entries MATCH ? ORDER BY s LIMIT ?"


class Fts5:
    """One table; the number in an id is the number of its row."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def version(self) -> str:
        """Of SQLite."""
        return sqlite3.sqlite_version

    @cached_property
    def _db(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._folder / "entries.sqlite")
        # Syncing is not counted for the product either.
        db.execute("PRAGMA synchronous = OFF")
        return db

    def build(self, documents: Iterable[Document]) -> None:
        """See Peer."""
        self._folder.mkdir(parents=True)
        with self._db as db:
            db.execute(_CREATE)
            db.executemany(_INSERT, map(_row, documents))
        with self._db as db:
            db.execute("INSERT INTO entries(entries) VALUES ('optimize')")

    def put(self, document: Document) -> None:
        """See WritingPeer."""
        with self._db as db:
            db.execute("DELETE FROM entries WHERE rowid = ?", (_number(document.id),))
            db.execute(_INSERT, _row(document))

    def remove(self, entry_id: str) -> None:
        """See WritingPeer."""
        with self._db as db:
            db.execute("DELETE FROM entries WHERE rowid = ?", (_number(entry_id),))

    def prepare(self, wanted: list[Term]) -> Any:
        """Any word in any column of words, pairs in theirs."""
        words = dict.fromkeys(f'"{term.text}"' for term in wanted if term.field != "grams")
        pairs = dict.fromkeys(f'"{term.text}"' for term in wanted if term.field == "grams")
        parts = ((_WORDS, words), ("grams", pairs))
        return " OR ".join(f"{columns} : ({' OR '.join(found)})" for columns, found in parts if found)

    def search(self, prepared: Any, limit: int = LIMIT) -> list[tuple[str, float]]:
        """See Peer."""
        found = self._db.execute(_SEARCH, (prepared, limit)) if prepared else ()
        return [(entry_id, -score) for entry_id, score in found]


open_peer = Fts5


def _number(entry_id: str) -> int:
    return int(entry_id[1:])


def _row(document: Document) -> tuple[int | str, ...]:
    return (_number(document.id), document.id, *(document.fields[name] for name in _FIELDS))
