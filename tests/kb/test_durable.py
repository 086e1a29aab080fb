"""Saved means saved: in the right order, whole at every moment, and still there after kill -9.

`KB_KILLS=1000` runs the long version of the last test (some minutes).
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kb import durable, schema
from kb.errors import ContentReadOnly
from kb.store import Store, version_of
from kb.types import Entry, Kind
from tests.kb.faults import Disk

KILLS = int(os.environ.get("KB_KILLS", "20"))
OLD, NEW = b"old " * 2_000, b"new " * 3_000
SAVE = ["create", "write", "write more", "flush", "fsync file", "replace", "open issues", "fsync issues"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    return partial(monkeypatch.setattr, raising=False)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def entry(entry_id: str = "dues-overdue", **values: Any) -> Entry:
    return Entry(entry_id, Kind.PROBLEM, "逾期没有缴纳党费怎么办", **values)


def run(target: Callable[..., None], *args: object) -> Any:
    """A process of its own that starts as a copy of this one, which spares it the imports."""
    process = multiprocessing.get_context("fork").Process(target=target, args=args, daemon=True)
    process.start()
    return process


# Order


def test_the_file_is_on_disk_before_its_name_and_the_name_before_the_answer(
    tmp_path: Path, put: Callable[..., None]
) -> None:
    (tmp_path / "issues").mkdir()
    disk = Disk(tmp_path).install(put)
    durable.write(tmp_path / "issues" / "a.md", NEW)
    assert disk.steps == SAVE


def test_a_new_folder_is_on_disk_before_what_lies_in_it(tmp_path: Path, put: Callable[..., None]) -> None:
    disk = Disk(tmp_path).install(put)
    durable.write(tmp_path / "site" / "issues" / "a.md", NEW)
    made = [
        "mkdir site",
        f"open {tmp_path.name}",
        f"fsync {tmp_path.name}",
        "mkdir issues",
        "open site",
        "fsync site",
    ]
    assert disk.steps == made + SAVE


def test_a_save_is_acknowledged_last(tmp_path: Path, put: Callable[..., None]) -> None:
    (tmp_path / "issues").mkdir()
    disk = Disk(tmp_path).install(put)
    Store((), tmp_path).save(entry(), None)
    disk.step("acknowledged")
    assert disk.steps == [*SAVE, "acknowledged"]


# A failure at every step


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("old", [OLD, None], ids=["replacing", "creating"])
@pytest.mark.parametrize("step", range(1, len(SAVE) + 1), ids=SAVE)
def test_a_failure_leaves_the_old_or_the_new_file_whole_and_nothing_else(
    tmp_path: Path, put: Callable[..., None], step: int, old: bytes | None, failure: BaseException
) -> None:
    path = tmp_path / "issues" / "a.md"
    path.parent.mkdir()
    if old is not None:
        path.write_bytes(old)

    def fail() -> None:
        raise failure

    Disk(tmp_path, step, fail).install(put)
    with pytest.raises(type(failure)):
        durable.write(path, NEW)
    replaced = step > SAVE.index("replace") + 1
    assert (path.read_bytes() if path.exists() else None) == (NEW if replaced else old)
    assert names(path.parent) == (["a.md"] if replaced or old else [])


@pytest.mark.parametrize("step", range(1, len(SAVE) + 1), ids=SAVE)
def test_after_a_full_disk_saving_works_again_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    store = Store((), tmp_path)
    first = store.save(entry(), None)

    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        Disk(tmp_path, step, fail).install(partial(patch.setattr, raising=False))
        with pytest.raises(ContentReadOnly, match="No space left"):
            store.save(entry(summary="先提醒"), first.version)
    store.save(entry(summary="先提醒"), store.get("dues-overdue").version)
    assert store.get("dues-overdue").entry.summary == "先提醒"


# A crash at every step


def _crash(path: Path, step: int) -> None:
    Disk(path.parents[1], step, lambda: os.kill(os.getpid(), signal.SIGKILL)).install()
    durable.write(path, NEW)


@posix
@pytest.mark.parametrize("old", [OLD, None], ids=["replacing", "creating"])
@pytest.mark.parametrize("step", range(1, len(SAVE) + 1), ids=SAVE)
def test_a_crash_leaves_the_old_or_the_new_file_whole(tmp_path: Path, step: int, old: bytes | None) -> None:
    path = tmp_path / "issues" / "a.md"
    path.parent.mkdir()
    if old is not None:
        path.write_bytes(old)
    process = run(_crash, path, step)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    replaced = step > SAVE.index("replace") + 1
    assert (path.read_bytes() if path.exists() else None) == (NEW if replaced else old)
    left = durable.remove_leftovers(path.parent)
    assert len(left) == (SAVE.index("create") + 1 < step < SAVE.index("replace") + 2)
    assert names(path.parent) == (["a.md"] if replaced or old else [])


# Windows: a virus scanner holds the file


class _Windows:
    """`os` as Windows shows it: the first `refusals` replacements are refused."""

    def __init__(self, refusals: int) -> None:
        self.name = "nt"
        self.refusals = refusals

    def replace(self, source: Path, target: Path) -> None:
        self.refusals -= 1
        if self.refusals >= 0:
            raise PermissionError(13, "Access is denied")
        os.replace(source, target)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


@pytest.mark.parametrize("refusals", [0, 1, durable.REPLACE_ATTEMPTS - 1])
def test_a_file_held_for_a_moment_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusals: int
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(durable, "os", _Windows(refusals))
    monkeypatch.setattr(durable, "time", SimpleNamespace(sleep=waits.append))
    durable.write(tmp_path / "a.md", NEW)
    assert (tmp_path / "a.md").read_bytes() == NEW
    assert len(waits) == refusals
    assert sum(waits) < 3


def test_a_file_held_for_good_is_an_error_and_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_bytes(OLD)
    monkeypatch.setattr(durable, "os", _Windows(100))
    monkeypatch.setattr(durable, "time", SimpleNamespace(sleep=lambda seconds: None))
    with pytest.raises(PermissionError):
        durable.write(tmp_path / "a.md", NEW)
    assert (tmp_path / "a.md").read_bytes() == OLD
    assert names(tmp_path) == ["a.md"]


# kill -9, at any moment


def _save_for_ever(root: Path, number: int, answers: Any) -> None:
    """Save new entries, and one counter again and again; tell what was acknowledged, as soon as it was."""
    store = Store((), root)
    counter = store.get("counter")
    for turn in range(1_000_000):
        new = store.save(entry(f"case-{number}-{turn}", body="新的\n" * 300), None)
        answers.send((new.entry.id, new.version))
        count = int(counter.entry.body.split("\n")[0]) + 1
        counter = store.save(entry("counter", body=f"{count}\n" + "旧的\n" * 300), counter.version)
        answers.send(("counter", count))


def _acknowledged(reading: Any) -> list[tuple[str, Any]]:
    found = []
    try:
        while True:
            found.append(reading.recv())
    except (EOFError, OSError):  # the kill may tear a message too
        return found


@posix
@pytest.mark.timeout(120 + KILLS)
def test_no_acknowledged_entry_is_lost_or_torn_by_kill_9(tmp_path: Path) -> None:
    draw = random.Random(20261120)
    store = Store((), tmp_path)
    store.save(entry("counter", body="0"), None)
    answered: dict[str, Any] = {}
    for number in range(KILLS):
        reading, answers = multiprocessing.Pipe(duplex=False)
        process = run(_save_for_ever, tmp_path, number, answers)
        answers.close()
        assert reading.poll(20)
        process.join(draw.uniform(0, 0.03))
        process.kill()
        process.join()
        answered |= dict(_acknowledged(reading))
        reading.close()
    assert len(answered) >= KILLS
    store.recover()
    _nothing_lost(store, answered)
    assert not list(tmp_path.rglob(f"*{durable.TEMP_SUFFIX}"))


def _nothing_lost(store: Store, answered: dict[str, Any]) -> None:
    records, findings = store.records()
    assert findings == []
    found = {record.entry.id: record for record in records}
    counter = found.pop("counter").entry
    assert int(counter.body.split("\n")[0]) >= answered.pop("counter", 0)
    assert {
        entry_id: version for entry_id, version in answered.items() if found[entry_id].version != version
    } == {}
    for record in (*found.values(), store.get("counter")):
        assert version_of(schema.dump(record.entry).encode()) == record.version, "torn"
