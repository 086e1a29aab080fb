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
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from indexer import coding, recording
from indexer.catalogue import Base, Placed
from indexer.database import Database
from indexer.derived import KIND_ORDER
from indexer.entries import Held
from indexer.recording import Files
from indexer.rows import Row
from indexer.tables import ALIVE, DEAD, INDEXES, OF_ENTRY, SHOWN, TABLES
from kb.store import File

SCHEMA_VERSION = "7"
"""Raise it when what is stored or how it is indexed changes; every index is then rebuilt."""
PURGED_AT_ONCE = 1
"""Dead versions forgotten in one transaction, a millisecond or two: a save may have to wait for one."""
WORDS_AT_ONCE = 50
"""Words whose older counts are forgotten in one."""
PURGE_REST = 0.002
"""Seconds between two of them, for a save that waits."""
KEPT_ENTRIES = 500
"""Entries kept parsed, the last ones asked for: about 11 MiB. In 3,000 pages 84 of a hundred
reads find theirs here; of twice as many 86 would."""


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


@dataclass(frozen=True, slots=True)
class Known:
    """What is recorded of the file of an entry."""

    stamp: str
    version: str
    local: int
    kind: int

    def is_of(self, file: File, version: str) -> bool:
        """True when the file, whose content has that version, is the one recorded but for its stamp."""
        return (self.version, self.local, self.kind) == (version, int(file.local), KIND_ORDER[file.kind])


UNKNOWN = Known("", "", 0, 0)


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
        # As one row, here and below: at every row SQLite lets go of Python's lock (see `tables`).
        [(listed,)] = self.database.fetch("SELECT json_group_object(key, value) FROM meta")
        values: dict[str, int | str] = json.loads(listed)
        return values

    def stamps(self) -> dict[str, str]:
        """Stamp of every indexed file by entry id."""
        return dict(self.database.fetch("SELECT id, stamp FROM entries WHERE died = ?", (ALIVE,)))

    def known(self, ids: Iterable[str]) -> dict[str, Known]:
        """What is recorded of the files of these entries; `UNKNOWN` of those that are not indexed."""
        columns = "SELECT stamp, version, local, kind FROM entries WHERE id = ? AND died = ?"
        found = {entry_id: self.database.fetch(columns, (entry_id, ALIVE)) for entry_id in dict.fromkeys(ids)}
        return {entry_id: Known(*rows[0]) if rows else UNKNOWN for entry_id, rows in found.items()}

    def files(self) -> dict[str, tuple[int, int]]:
        """Files of the keyword index as they were when the rows were written."""
        [(listed,)] = self.database.fetch(
            "SELECT json_group_array(json_array(name, size, checksum)) FROM files"
        )
        return {name: (size, checksum) for name, size, checksum in json.loads(listed)}

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
        if recording.checksum(entry, passages) != checksum:
            raise sqlite3.DatabaseError(f"row {number} is damaged")
        return Held(coding.load_entry(entry), passages)

    def fill(self, rows: Sequence[Row], counted: Counter[str]) -> None:
        """Add rows of a full build; their words are counted into `counted`."""
        with self.database.writing() as ledger:
            counted.update(recording.insert(ledger, rows, 1))

    def finish(self, counted: Counter[str], files: Files) -> None:
        """Write what remains to be written once all rows of a full build are there."""
        with self.database.writing() as ledger:
            ledger.insert("words", [(word, 1, count) for word, count in sorted(counted.items())])
            ledger.run(INDEXES)
            recording.write_files(ledger, {}, files)
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
                fewer.update(recording.bury(ledger, entry_id, revision))
            more = recording.insert(ledger, changed, revision)
            more.subtract(fewer)
            recording.count_anew(ledger, more, revision)
            recording.write_files(ledger, known, files)
            ledger.set(revision=revision)
        return revision

    @property
    def trusted(self) -> bool:
        """False while entries may be indexed otherwise than the versions recorded here say."""
        return not self._meta().get("distrusted", 0)

    def distrust(self) -> None:
        """Say so: the keyword index was found to have gone on without this record."""
        with self.database.writing() as ledger:
            ledger.set(distrusted=1)

    def trust(self) -> None:
        """Say that every file that differed from what is recorded has been indexed since."""
        if not self.trusted:
            with self.database.writing() as ledger:
                ledger.set(distrusted=0)

    def restamp(self, stamps: Mapping[str, str]) -> None:
        """Record other stamps, by entry id, of files with the same content; "" has them indexed anew."""
        with self.database.writing() as ledger:
            for entry_id, stamp in stamps.items():
                for number, name, _, *rest in ledger.delete(
                    "entries", "id = ? AND died = ?", (entry_id, ALIVE)
                ):
                    ledger.insert("entries", [(number, name, stamp, *rest)])

    def record_files(self, known: Files, files: Files) -> None:
        """Record the keyword index's files after some of the `known` ones were merged."""
        with self.database.writing() as ledger:
            recording.write_files(ledger, known, files)

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
