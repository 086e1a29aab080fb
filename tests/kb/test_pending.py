"""What waits for review waits whole, apart from the collection, and under nobody's chosen path."""

from __future__ import annotations

import errno
import os
import time
from functools import partial
from pathlib import Path

import pytest

from kb.errors import ContentReadOnly, EntryNotFound, InvalidEntry, InvalidId
from kb.pending import Pending
from kb.store import Store
from kb.types import Entry, Kind, Publication
from tests.kb.faults import Disk

ENTRY = Entry(
    "dues", Kind.PROBLEM, "逾期没交", publication=Publication.PUBLISHED, body="## 问题描述\n\n没交。"
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store((), tmp_path)


def test_a_text_comes_back_as_submitted_and_is_no_entry(store: Store) -> None:
    pending = Pending(store)
    pending.put("s-1", ENTRY)
    assert pending.get("s-1").publication is Publication.SUBMITTED
    assert (pending.get("s-1").title, pending.get("s-1").body) == (ENTRY.title, ENTRY.body)
    assert store.files() == ({}, [])
    before = pending.read("s-1").version
    pending.put("s-1", Entry("dues", Kind.PROBLEM, "另一个标题"))
    assert pending.read("s-1").version != before
    pending.drop("s-1")
    pending.drop("s-1")
    with pytest.raises(EntryNotFound):
        pending.get("s-1")


@pytest.mark.parametrize("bad", ["../x", "a/b", "", "A", "s_1", "con", "x" * 65, "..\\x"])
def test_no_id_leads_elsewhere(store: Store, bad: str) -> None:
    for touch in (lambda: Pending(store).get(bad), lambda: Pending(store).put(bad, ENTRY)):
        with pytest.raises(InvalidId):
            touch()


def test_what_is_no_entry_is_not_kept(store: Store, tmp_path: Path) -> None:
    for bad in (Entry("dues", Kind.PROBLEM, ""), Entry("dues", Kind.PROBLEM, "半个字符\ud800")):
        with pytest.raises(InvalidEntry):
            Pending(store).put("s-1", bad)
    assert not (tmp_path / "submissions").exists()


def test_a_file_broken_by_hand_is_named(store: Store, tmp_path: Path) -> None:
    Pending(store).put("s-1", ENTRY)
    (tmp_path / "submissions/s-1.md").write_bytes(b"not an entry")
    with pytest.raises(InvalidEntry):
        Pending(store).get("s-1")


def test_a_full_disk_is_said_and_leaves_the_old_text(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = Pending(store)
    pending.put("s-1", ENTRY)

    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for step in range(1, 6):
        with monkeypatch.context() as patch:
            Disk(tmp_path, step, fail).install(partial(patch.setattr, raising=False))
            with pytest.raises(ContentReadOnly, match="No space left"):
                pending.put("s-1", Entry("dues", Kind.PROBLEM, "新标题"))
        assert pending.get("s-1").title == ENTRY.title
    pending.put("s-1", Entry("dues", Kind.PROBLEM, "新标题"))
    assert pending.get("s-1").title == "新标题"


def test_old_texts_are_listed(store: Store, tmp_path: Path) -> None:
    pending = Pending(store)
    assert pending.older_than(0) == []
    for name in ("s-2", "s-1"):
        pending.put(name, ENTRY)
    (tmp_path / "submissions/Not-An-Id.md").write_text("x")
    old = time.time() - 1000
    os.utime(tmp_path / "submissions/s-2.md", (old, old))
    assert pending.older_than(500) == ["s-2"] and pending.older_than(2000) == []


def test_what_a_killed_process_left_is_cleared_at_the_next_start(store: Store, tmp_path: Path) -> None:
    for folder in ("submissions", "history/dues", "attachments", "issues"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / ".x.md.0011.kbtmp").write_text("half")
    assert len(store.recover()) == 4 and not list(tmp_path.rglob("*.kbtmp"))
