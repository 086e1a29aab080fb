"""What the index was built from: SQLite, written after everything it speaks of.

A row per entry file (its stamp, content hash, the parsed entry, its passages)
with what is derived from it, the checksums of the other files of the index, and
a fingerprint of everything that shapes it (schema, lexicon, encoder). The
keyword index is committed first and the rows last: after a crash the rows are
old, the next look sees the changed stamp and indexes that entry again.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from indexer import coding
from indexer.analysis import filter_values
from indexer.catalogue import Base, Placed
from indexer.database import Database
from indexer.derived import KIND_ORDER, count_words
from indexer.entries import Held
from indexer.rows import Row
from indexer.tables import ALIVE, DEAD, INDEXES, OF_ENTRY, SHOWN, TABLES, Ledger

SCHEMA_VERSION = "7"
"""Raise it when what is stored or how it is indexed changes; every index is then rebuilt."""
PURGED_AT_ONCE = 1
"""Dead versions forgotten in one transaction, a millisecond or two: a save may have to wait for one."""
WORDS_AT_ONCE = 50
"""Words whose older counts are forgotten in one."""
PURGE_REST = 0.002
"""Seconds between two of them, for a save that waits."""
KEPT_ENTRIES = 1000
"""Entries kept parsed, the last ones asked for: about 15 MiB."""

Files = Mapping[str, tuple[int, int]]
"""(size, checksum) of files by name."""


@dataclass(frozen=True, slots=True)
class State:
    """The manifest in numbers, at one revision."""

    revision: int
    sentences: int
    """Titles, questions, summaries and tags of all published entries together."""
    spelled: int
    """Names of rows up to this number have their pinyin beside them."""
    last: int
    """Number of the last row."""


class Manifest:
    """The record of one index generation. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self.held = lru_cache(maxsize=KEPT_ENTRIES)(self._held)
        """The entry in the row of that number, which never changes. Raises sqlite3.DatabaseError."""

    def create(self) -> None:
        """Make the empty tables; the manifest is not valid before `seal`."""
        self.database.create()
        with self.database.writing() as ledger:
            ledger.run(TABLES)

    def seal(self, fingerprint: str) -> None:
        """Declare a full build complete: the last thing a build does."""
        with self.database.writing() as ledger:
            ledger.set(fingerprint=fingerprint)

    @property
    def fingerprint(self) -> str:
        """Fingerprint of a completed build; empty for one that never finished."""
        return str(self._meta().get("fingerprint", ""))

    @property
    def revision(self) -> int:
        """Number of the last change; another process has written when it is not the one remembered."""
        return self.state().revision

    def state(self) -> State:
        """The numbers that a snapshot starts from, read at one moment."""
        values = self._meta()
        return State(*(int(values.get(name, 0)) for name in ("revision", "sentences", "spelled", "last")))

    def _meta(self) -> dict[str, int | str]:
        return dict(self.database.fetch("SELECT key, value FROM meta"))

    def stamps(self) -> dict[str, str]:
        """Stamp of every indexed file by entry id."""
        return dict(self.database.fetch("SELECT id, stamp FROM entries WHERE died = ?", (ALIVE,)))

    def stamps_of(self, ids: Iterable[str]) -> dict[str, str]:
        """Stamp by id of these entries; empty for what is not indexed."""
        stamp = "SELECT stamp FROM entries WHERE id = ? AND died = ?"
        found = {entry_id: self.database.fetch(stamp, (entry_id, ALIVE)) for entry_id in dict.fromkeys(ids)}
        return {entry_id: rows[0][0] if rows else "" for entry_id, rows in found.items()}

    def files(self) -> dict[str, tuple[int, int]]:
        """Files of the keyword index as they were when the rows were written."""
        found = self.database.fetch("SELECT name, size, checksum FROM files")
        return {name: (size, checksum) for name, size, checksum in found}

    def placed(self) -> Base:
        """Every published entry."""
        return Base.of(
            self.database.fetch(f"SELECT id, number, shelf FROM entries WHERE {SHOWN} ORDER BY id")
        )

    def changes(self, since: int) -> dict[str, Placed | None]:
        """What was written after revision `since`, by id; None for what is no longer published."""
        columns = f"SELECT number, id, shelf, {SHOWN} FROM entries"
        found = self.database.fetch(
            f"{columns} WHERE born > :since UNION ALL {columns} WHERE died > :since AND {DEAD}",
            {"since": since},
        )
        return {i: Placed(number, shelf) if shown else None for number, i, shelf, shown in sorted(found)}

    def shelves(self) -> dict[int, dict[str, tuple[str, ...]]]:
        """Values of the filter fields by shelf: entries with the same values share one."""
        found = self.database.fetch("SELECT shelf, filters FROM shelves")
        return {n: {k: tuple(v) for k, v in json.loads(filters).items()} for n, filters in found}

    def _held(self, number: int) -> Held:
        found = self.database.fetch("SELECT entry, passages, checksum FROM texts WHERE number = ?", (number,))
        if not found:
            raise sqlite3.DatabaseError(f"row {number} is missing")
        entry, passages, checksum = found[0]
        if _checksum(entry, passages) != checksum:
            raise sqlite3.DatabaseError(f"row {number} is damaged")
        return Held(coding.load_entry(entry), passages)

    def fill(self, rows: Sequence[Row], counted: Counter[str]) -> None:
        """Add rows of a full build; their words are counted into `counted`."""
        with self.database.writing() as ledger:
            counted.update(_insert(ledger, rows, 1))

    def finish(self, counted: Counter[str], files: Files) -> None:
        """Write what remains to be written once all rows of a full build are there."""
        with self.database.writing() as ledger:
            ledger.insert("words", [(word, 1, count) for word, count in sorted(counted.items())])
            ledger.run(INDEXES)
            _write_files(ledger, {}, files)
            ledger.set(revision=1, spelled=ledger.number("last"))
        self.database.filled()

    def write(self, changed: Sequence[Row], removed: Iterable[str], known: Files, files: Files) -> int:
        """Record changes in one transaction, and the keyword index's files where it had the `known` ones.

        Returns the new revision.
        """
        with self.database.writing() as ledger:
            revision = ledger.number("revision") + 1
            fewer: Counter[str] = Counter()
            for entry_id in (*(row.id for row in changed), *removed):
                fewer.update(_bury(ledger, entry_id, revision))
            more = _insert(ledger, changed, revision)
            more.subtract(fewer)
            _count_anew(ledger, more, revision)
            _write_files(ledger, known, files)
            ledger.set(revision=revision)
        return revision

    def record_files(self, known: Files, files: Files) -> None:
        """Record the keyword index's files after some of the `known` ones were merged."""
        with self.database.writing() as ledger:
            _write_files(ledger, known, files)

    def spell(self, rows: Sequence[tuple[int, int, str, str]]) -> None:
        """Put the pinyin of a row's names beside them, unless that was done; rows come in order."""
        with self.database.writing() as ledger:
            if rows[0][0] > ledger.number("spelled"):
                ledger.insert("spellings", rows)
                ledger.set(spelled=rows[0][0])

    def purge(self, until: int) -> None:
        """Forget what had died by revision `until`, bit by bit; no snapshot older than that may be in use."""
        dead = f"SELECT number FROM entries WHERE died <= ? AND {DEAD} LIMIT {PURGED_AT_ONCE}"
        while numbers := self.database.fetch(dead, (until,)):
            with self.database.writing() as ledger:
                for number in numbers:
                    for table in OF_ENTRY:
                        ledger.delete(table, "number = ?", number)
            time.sleep(PURGE_REST)
        newer = self.database.fetch(
            "SELECT word, max(revision) FROM words WHERE revision <= ?"
            " AND revision > coalesce((SELECT value FROM meta WHERE key = 'purged'), 0) GROUP BY word",
            (until,),
        )
        for start in range(0, len(newer), WORDS_AT_ONCE):
            with self.database.writing() as ledger:
                for word, revision in newer[start : start + WORDS_AT_ONCE]:
                    ledger.delete("words", "word = ? AND revision < ?", (word, revision))
            time.sleep(PURGE_REST)
        with self.database.writing() as ledger:
            ledger.set(purged=until)
        self.database.fetch("PRAGMA wal_checkpoint(PASSIVE)")


def _insert(ledger: Ledger, rows: Sequence[Row], revision: int) -> Counter[str]:
    """New versions of rows; returns how often each word of their sentences occurs."""
    first = ledger.number("last") + 1
    words: Counter[str] = Counter()
    sentences = 0
    tables: dict[str, list[tuple[Any, ...]]] = {table: [] for table in OF_ENTRY}
    for number, row in enumerate(rows, first):
        shelf = _shelf(ledger, row)
        for table, values in _cells(row, number, shelf, revision):
            tables[table].append(values)
        if row.beside:
            words.update(count_words(row.beside.sentences))
            sentences += weight(row.beside.sentences)
    for table, made in tables.items():
        ledger.insert(table, made)
    ledger.set(last=first + len(rows) - 1, sentences=ledger.number("sentences") + sentences)
    return words


def weight(sentences: str) -> int:
    """What an entry adds to the number of sentences."""
    return sentences.count("\n") + 2


def _shelf(ledger: Ledger, row: Row) -> int:
    """Number of the shelf of a row, a new one where there is none with its values."""
    if row.entry is None:
        return 0
    filters = json.dumps(filter_values(row.entry), ensure_ascii=False)
    known = ledger.fetch("SELECT shelf FROM shelves WHERE filters = ?", (filters,))
    if known:
        return int(known[0][0])
    [(count,)] = ledger.fetch("SELECT count(*) FROM shelves")
    ledger.insert("shelves", [(count + 1, filters)])
    return int(count) + 1


def _cells(row: Row, number: int, shelf: int, revision: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """(table, values) of everything that is written for one row."""
    kind = KIND_ORDER[row.entry.kind] if row.entry else 0
    flags = (int(row.local), int(row.beside is not None), int(bool(row.findings)), kind, shelf)
    yield "entries", (number, row.id, row.stamp, row.version, *flags, revision, ALIVE)
    entry = coding.dump_entry(row.entry) if row.entry else ""
    passages = coding.dump_passages(row.passages)
    sentences = row.beside.sentences if row.beside else ""
    findings = coding.dump_findings(row.findings)
    yield "texts", (number, sentences, findings, _checksum(entry, passages), entry, passages)
    if row.beside is None:
        return
    for place, name in enumerate(row.beside.names):
        yield "names", (number, place, name.role, name.text, name.start, name.key)
    for place, spelling in enumerate(row.beside.spellings):
        yield "spellings", (number, place, *spelling)
    for place, edge in enumerate(row.beside.edges):
        yield "edges", (number, place, *edge)


def _bury(ledger: Ledger, entry_id: str, revision: int) -> Counter[str]:
    """Mark the living version of an entry as dead; returns the words that are gone with it."""
    gone: Counter[str] = Counter()
    for row in ledger.delete("entries", "id = ? AND died = ?", (entry_id, ALIVE)):
        ledger.insert("entries", [(*row[:-1], revision)])
        [(sentences,)] = ledger.fetch("SELECT sentences FROM texts WHERE number = ?", row[:1])
        if sentences:
            ledger.set(sentences=ledger.number("sentences") - weight(sentences))
            gone.update(count_words(sentences))
    return gone


def _count_anew(ledger: Ledger, more: Counter[str], revision: int) -> None:
    """New counts for the words that became more or fewer."""
    changed = {word: difference for word, difference in more.items() if difference}
    latest = "SELECT count FROM words WHERE word = value ORDER BY revision DESC LIMIT 1"
    listed = json.dumps([*changed])
    known = dict(ledger.fetch(f"SELECT value, ({latest}) FROM json_each(?)", (listed,)))
    ledger.insert("words", [(w, revision, (known[w] or 0) + d) for w, d in changed.items()])


def _write_files(ledger: Ledger, known: Files, files: Files) -> None:
    for name in known.keys() - files.keys():
        ledger.delete("files", "name = ?", (name,))
    ledger.insert("files", [(name, *seen) for name, seen in files.items() if name not in known])


def _checksum(entry: str, passages: str) -> int:
    return zlib.crc32(passages.encode(), zlib.crc32(entry.encode()))
