"""What the index was built from: SQLite, written after everything it speaks of.

A row per entry file (its stamp, content hash, the parsed entry, its vectors),
the checksums of the keyword index's files, and a fingerprint of everything that
shapes the index (schema, lexicon, encoder). Whoosh is committed first and the
rows last: after a crash the rows are old, the next refresh sees the changed
stamp and indexes that entry again. Rows carry a checksum too: SQLite notices a
broken page, not a changed character.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kb.types import Citation, Entry, Finding, Grade, Kind, Origin, Publication, Validity

SCHEMA_VERSION = "3"
"""Raise it when what is stored or how it is indexed changes; every index is then rebuilt."""

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
  id TEXT PRIMARY KEY, stamp TEXT NOT NULL, version TEXT NOT NULL, local INTEGER NOT NULL,
  entry TEXT NOT NULL, findings TEXT NOT NULL, vectors BLOB NOT NULL, checksum INTEGER NOT NULL,
  revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, checksum INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS by_revision ON entries (revision);
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One indexed file. `entry` is None where the file could not be read; then `findings` say why."""

    id: str
    stamp: str
    version: str
    local: bool
    entry: Entry | None
    findings: tuple[Finding, ...]
    vectors: bytes


class Manifest:
    """The record of one index generation. Every call opens and closes its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=30.0)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def create(self) -> None:
        """Make the empty tables; the manifest is not valid before `seal`."""
        with self._open() as db:
            db.executescript(_TABLES)

    def seal(self, fingerprint: str) -> None:
        """Declare a full build complete: the last thing a build does."""
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('fingerprint', ?)", (fingerprint,))

    @property
    def fingerprint(self) -> str:
        """Fingerprint of a completed build; empty for one that never finished."""
        return self._meta("fingerprint")

    @property
    def revision(self) -> int:
        """Number of the last change; another process has written when it is not the one remembered."""
        return int(self._meta("revision") or 0)

    def _meta(self, key: str) -> str:
        with self._open() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def stamps(self) -> dict[str, str]:
        """Stamp of every indexed file by entry id."""
        with self._open() as db:
            return dict(db.execute("SELECT id, stamp FROM entries"))

    def files(self) -> dict[str, int]:
        """Checksum of every file of the keyword index as it was when the rows were written."""
        with self._open() as db:
            return dict(db.execute("SELECT name, checksum FROM files"))

    def rows(self, since: int = -1) -> list[Row]:
        """Rows changed after revision `since`, by id. Raises sqlite3.DatabaseError for a damaged one."""
        with self._open() as db:
            found = db.execute(
                "SELECT id, stamp, version, local, entry, findings, vectors, checksum FROM entries"
                " WHERE revision > ? ORDER BY id",
                (since,),
            ).fetchall()
        return [_row(*values) for values in found]

    def write(self, changed: Iterable[Row], removed: Iterable[str], files: Mapping[str, int]) -> int:
        """Record changes, and the keyword index's files, in one transaction; returns the new revision."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            row = db.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
            revision = int(row[0]) + 1 if row else 1
            db.executemany("DELETE FROM entries WHERE id = ?", [(entry_id,) for entry_id in removed])
            db.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(*values, _checksum(values), revision) for values in map(_values, changed)],
            )
            db.execute("DELETE FROM files")
            db.executemany("INSERT INTO files VALUES (?, ?)", files.items())
            db.execute("INSERT OR REPLACE INTO meta VALUES ('revision', ?)", (str(revision),))
        return revision


def _values(row: Row) -> tuple[Any, ...]:
    entry = json.dumps(encode_entry(row.entry), ensure_ascii=False) if row.entry else ""
    findings = json.dumps([dataclasses.asdict(f) for f in row.findings], ensure_ascii=False)
    return (row.id, row.stamp, row.version, int(row.local), entry, findings, row.vectors)


def _checksum(values: tuple[Any, ...]) -> int:
    *texts, vectors = values
    return zlib.crc32(vectors, zlib.crc32("\0".join(map(str, texts)).encode()))


def _row(*values: Any) -> Row:
    *cells, checksum = values
    if _checksum(tuple(cells)) != checksum:
        raise sqlite3.DatabaseError(f"row {cells[0]} is damaged")
    entry_id, stamp, version, local, entry, findings, vectors = cells
    found = tuple(Finding(**values) for values in json.loads(findings))
    parsed = decode_entry(json.loads(entry)) if entry else None
    return Row(entry_id, stamp, version, bool(local), parsed, found, vectors)


def encode_entry(entry: Entry) -> dict[str, Any]:
    """Entry -> JSON values, empty fields left out."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(entry):
        value = getattr(entry, field.name)
        if isinstance(value, date):
            values[field.name] = value.isoformat()
        elif isinstance(value, Origin):
            values[field.name] = dataclasses.asdict(value)
        elif field.name == "citations":
            values[field.name] = [dataclasses.asdict(citation) for citation in value]
        elif value not in ("", (), None):
            values[field.name] = value
    return values


def decode_entry(values: dict[str, Any]) -> Entry:
    """JSON values -> entry; inverse of `encode_entry`."""
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name in _DATES:
            read[name] = date.fromisoformat(value)
        elif name == "citations":
            read[name] = tuple(Citation(**{**c, "grade": Grade(c["grade"])}) for c in value)
        elif name == "origin":
            read[name] = Origin(**value)
        elif name == "extra":
            read[name] = tuple((key, text) for key, text in value)
        elif isinstance(value, list):
            read[name] = tuple(value)
        else:
            read[name] = _ENUMS[name](value) if name in _ENUMS else value
    return Entry(**read)


_DATES = frozenset({"issued", "effective", "created", "updated", "verified_on"})
_ENUMS: dict[str, Any] = {"kind": Kind, "validity": Validity, "publication": Publication}
