"""One SQLite file shared by threads: a few connections, lent to one caller at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer.tables import Ledger, intact

READING = ("synchronous = NORMAL", "wal_autocheckpoint = 0", "cache_size = -1024")
"""The index is a cache of files that are synced: a commit need not wait for the disk."""
FILLING = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536")
"""A full build starts anew when it is cut short: nothing to roll back to."""
BUSY_SECONDS = 30.0


class Database:
    """Transactions on one file. Never makes it anew where it is gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._free: deque[sqlite3.Connection] = deque()
        self._pragmas = READING
        self._identity: tuple[int, int] | None = None
        self._writing = threading.Lock()

    def create(self) -> None:
        """Make the file and prepare for filling it."""
        self.path.touch()
        self._pragmas = FILLING

    def filled(self) -> None:
        """From now on readers and a writer at a time, neither waiting for the other."""
        self.close()
        self._pragmas = READING
        self.fetch("PRAGMA journal_mode = WAL")

    def close(self) -> None:
        """Let go of the file; Windows does not delete what is open."""
        while self._free:
            self._free.pop().close()

    @property
    def present(self) -> bool:
        """True while the file is the one that was opened: a deleted one can still be read, to no use."""
        try:
            seen = self.path.stat()
        except OSError:
            return False
        return self._identity in (None, (seen.st_dev, seen.st_ino))

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        """A connection for one caller; an error closes it, for nobody knows its state then."""
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._free.append(connection)

    def _connect(self) -> sqlite3.Connection:
        seen = self.path.stat()
        self._identity = self._identity or (seen.st_dev, seen.st_ino)
        uri = f"{self.path.resolve().as_uri()}?mode=rw"
        made = sqlite3.connect(
            uri, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True
        )
        for pragma in self._pragmas:
            made.execute(f"PRAGMA {pragma}")
        return made

    def fetch(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        with self._lent() as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """One transaction; rolled back when the block raises.

        Threads queue here: SQLite would have them look again every now and then, up to 0.1 s too late.
        """
        with self._writing, self._lent() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                ledger = Ledger(connection)
                yield ledger
                ledger.close()
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def intact(self, rest: float = 0.0) -> bool:
        """True when every row is what was written, seen at one moment; see `tables.intact`."""
        with self._lent() as connection:
            connection.execute("BEGIN")
            sound = intact(connection, rest)
            connection.execute("COMMIT")
        return sound
