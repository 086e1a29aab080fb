"""Notes of searches: written in the background, lost rather than in the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from search_app import recording
from search_app.recording import QueryLog
from search_app.state.base import Database, StateUnavailable
from search_app.state.querylog import Event, QueryTable, Searched
from tests.search_app.databases import database_url

ONE = Searched("党费怎么交", 3, True, "dues-overdue")


class Broken(QueryTable):
    """A table on a disk in trouble."""

    def __init__(self, error: Exception | None = None) -> None:
        self.tried = 0
        self.error = error or StateUnavailable("磁盘满了")

    def write(self, events: Iterable[Event]) -> None:
        self.tried += 1
        raise self.error


class Slow(Broken):
    """A table whose disk does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def write(self, events: Iterable[Event]) -> None:
        self.released.wait(10)

    def prune(self, days: int) -> int:
        return 0


def test_many_notes_become_few_batches(tmp_path: Path) -> None:
    table = QueryTable(Database(database_url(tmp_path)))
    log = QueryLog(table, 180, gather=0.01)
    for _ in range(50):
        log.note(ONE)
    log.flush()
    [wording] = table.wordings(7, 10)
    assert (wording.text, wording.times, wording.answered) == ("党费怎么交", 50, 50)


def test_a_disk_in_trouble_costs_the_notes_and_nothing_else() -> None:
    table = Broken()
    log = QueryLog(table, 180, gather=0)
    log.note(ONE)
    log.flush()
    log.note(ONE)
    log.flush()
    assert table.tried == 2


def test_a_bug_costs_the_notes_too_and_the_writer_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    table = Broken(ZeroDivisionError("ours"))
    log = QueryLog(table, 180, gather=0)
    for _ in range(2):
        log.note(ONE)
        log.flush()
    assert table.tried == 2 and "ZeroDivisionError" in caplog.text


def test_a_disk_that_hangs_stops_nobody_and_the_queue_stays_bounded() -> None:
    table = Slow()
    log = QueryLog(table, 180, gather=0)
    started = time.perf_counter()
    for _ in range(recording.MAX_WAITING * 2):
        log.note(ONE)
    assert time.perf_counter() - started < 1
    assert log._waiting.qsize() <= recording.MAX_WAITING
    table.released.set()
    log.flush()


def test_the_writer_ends_when_idle_and_begins_again(tmp_path: Path) -> None:
    table = QueryTable(Database(database_url(tmp_path)))
    log = QueryLog(table, 180, gather=0, idle=0.01)
    log.note(ONE)
    log.flush()
    deadline = time.monotonic() + 5
    while log._writer is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert log._writer is None
    log.note(ONE)
    log.flush()
    assert table.wordings(7, 10)[0].times == 2
