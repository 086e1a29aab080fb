"""Every version is kept: numbered, byte for byte, with its note; and none is overwritten."""

from __future__ import annotations

import errno
from functools import partial
from pathlib import Path

import pytest

from kb.errors import ContentReadOnly, EntryNotFound, InvalidId
from kb.history import History, Revision
from tests.kb.faults import Disk

NOTE = Revision(0, "v1", "published", "李四", "2026-11-21T01:02:03+00:00", "补一条\n又一行", "张三")
RECORD = ["create", "write", "write more", "flush", "fsync file", "replace", "open dues", "fsync dues"] * 2


def test_versions_are_numbered_and_come_back_byte_for_byte(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert history.revisions("dues") == () and history.latest("dues") is None
    first = history.record("dues", b"old\r\n", NOTE)
    second = history.record("dues", "新".encode(), Revision(99, "v2", "rolled-back", "王五", "2026-11-22"))
    assert (first.number, second.number) == (1, 2) and history.latest("dues") == second
    assert history.revisions("dues") == (first, second)
    assert (first.why, first.author) == (NOTE.why, "张三")
    assert history.text("dues", 1) == b"old\r\n" and history.holding("dues", "v2") == "新".encode()
    assert history.holding("dues", "v3") is None


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.record("dues", b"x", NOTE)
    for number in (0, 2, 10**8):
        with pytest.raises(EntryNotFound):
            history.text("dues", number)
    for bad in ("../x", "", "A", "con"):
        with pytest.raises(InvalidId):
            history.revisions(bad)
        with pytest.raises(InvalidId):
            history.record(bad, b"", NOTE)


def test_a_text_without_note_is_no_version_and_its_number_stays_taken(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.record("dues", b"one", NOTE)
    (tmp_path / "history/dues/0002.md").write_bytes(b"never acknowledged")
    assert [r.number for r in history.revisions("dues")] == [1]
    assert history.record("dues", b"three", NOTE).number == 3
    assert (tmp_path / "history/dues/0002.md").read_bytes() == b"never acknowledged"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b'{"number": 7, "extra": 1}'])
def test_a_damaged_note_hides_its_own_version_only(tmp_path: Path, damage: bytes) -> None:
    history = History(tmp_path)
    for _ in range(3):
        history.record("dues", b"text", NOTE)
    (tmp_path / "history/dues/0002.json").write_bytes(damage)
    assert [r.number for r in history.revisions("dues") if r.version] == [1, 3]
    assert history.record("dues", b"text", NOTE).number == 4


@pytest.mark.parametrize("step", range(1, len(RECORD) + 1))
def test_a_failure_at_any_step_keeps_what_was_and_trying_again_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    history = History(tmp_path)
    before = history.record("dues", b"one", NOTE)

    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        disk = Disk(tmp_path, step, fail).install(partial(patch.setattr, raising=False))
        with pytest.raises(ContentReadOnly, match="No space left"):
            history.record("dues", b"two", NOTE)
        assert disk.steps == RECORD[:step]
    noted = step > len(RECORD) - 2  # the note has its name already; only the folder was not synced
    assert len(history.revisions("dues")) == 1 + noted and history.revisions("dues")[0] == before
    assert history.text("dues", history.record("dues", b"two", NOTE).number) == b"two"
    assert history.text("dues", 1) == b"one"
