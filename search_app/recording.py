"""Notes of searches, written down in the background: a search is never slowed or broken by them.

A thread writes a batch of notes now and then. A full queue or a disk in
trouble costs notes, never an answer.
"""

from __future__ import annotations

import logging
import queue
import threading
import time

from search_app.state.base import StateUnavailable, now
from search_app.state.querylog import Event, QueryTable

_log = logging.getLogger(__name__)

MAX_WAITING = 2000
"""Notes waiting to be written; about a minute of the busiest hour of ten thousand readers."""
BATCH = 200
GATHER_SECONDS = 1.0
"""Notes are gathered this long before they are written together: one disk sync instead of many."""
IDLE_SECONDS = 10.0
"""A writer without work ends; the next note starts one."""


class QueryLog:
    """Takes notes of searches and writes them in the background."""

    def __init__(
        self, table: QueryTable, days: int, gather: float = GATHER_SECONDS, idle: float = IDLE_SECONDS
    ) -> None:
        self.table = table
        self._days = days
        self._gather = gather
        self._idle = idle
        self._waiting: queue.Queue[Event] = queue.Queue(MAX_WAITING)
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None
        self._pruned = ""

    def note(self, event: Event) -> None:
        """Write it down later; dropped when too much is waiting. Never raises, never waits for a disk."""
        with self._starting:
            try:
                self._waiting.put_nowait(event)
            except queue.Full:
                return
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_all, daemon=True, name="query-log")
                self._writer.start()

    def flush(self) -> None:
        """Wait until every note so far is written or dropped."""
        self._waiting.join()

    def _write_all(self) -> None:
        while True:
            try:
                first = self._waiting.get(timeout=self._idle)
            except queue.Empty:
                with self._starting:
                    if self._waiting.empty():
                        self._writer = None
                        return
                continue
            self._write(self._batch(first))

    def _batch(self, first: Event) -> list[Event]:
        batch = [first]
        time.sleep(self._gather)
        while len(batch) < BATCH:
            try:
                batch.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return batch

    def _write(self, batch: list[Event]) -> None:
        try:
            self.table.write(batch)
            today = f"{now():%Y-%m-%d}"
            if today != self._pruned:
                self.table.prune(self._days)
                self._pruned = today
        except StateUnavailable as error:
            _log.warning("%s notes of searches are lost: %s", len(batch), error)
        except Exception:
            _log.exception("%s notes of searches are lost", len(batch))  # a bug must not end the writer
        finally:
            for _ in batch:
                self._waiting.task_done()
