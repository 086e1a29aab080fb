"""The content folders as one collection: who wins, who may write, and what is refused by name."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from kb import durable, schema
from kb import store as store_module
from kb.errors import (
    ContentBusy,
    ContentMissing,
    ContentReadOnly,
    EntryConflict,
    EntryExists,
    EntryNotFound,
    InvalidEntry,
    InvalidId,
)
from kb.store import Store, version_of
from kb.types import Entry, Kind, Validity
from tests.kb.strategies import NO_IDS, entries

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and symbolic links")


def entry(entry_id: str = "dues-overdue", kind: Kind = Kind.PROBLEM, **values: Any) -> Entry:
    validity = Validity.IN_FORCE if kind is Kind.POLICY else None
    return Entry(entry_id, kind, **({"title": "逾期没有缴纳党费怎么办", "validity": validity} | values))


def put(root: Path, found: Entry, name: str = "", folder: str = "") -> Path:
    """A file as a person writes it, without the store."""
    path = root / (folder or found.kind.folder) / f"{name or found.id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema.dump(found), "utf-8")
    return path


def codes(store: Store) -> list[tuple[str, str]]:
    """What the whole collection complains of: code and place."""
    return [(finding.code, finding.where) for finding in store.records()[1]]


def ids(store: Store) -> list[str]:
    return sorted(record.entry.id for record in store.records()[0])


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    (tmp_path / "starter").mkdir()
    return tmp_path / "starter"


@pytest.fixture
def local(tmp_path: Path) -> Path:
    (tmp_path / "local").mkdir()
    return tmp_path / "local"


@pytest.fixture
def store(starter: Path, local: Path) -> Store:
    return Store((starter,), local)


# Layers


def test_the_local_entry_wins_over_the_starter_entry(store: Store, starter: Path, local: Path) -> None:
    put(starter, entry(title="旧题"))
    put(starter, entry("only-here"))
    put(local, entry(title="新题"))
    assert store.get("dues-overdue").entry.title == "新题"
    assert {(r.entry.title, r.local) for r in store.records()[0]} == {
        ("新题", True),
        ("逾期没有缴纳党费怎么办", False),
    }
    assert codes(store) == []


def test_of_several_starter_folders_the_later_wins(tmp_path: Path) -> None:
    roots = (tmp_path / "a", tmp_path / "b")
    for root in roots:
        put(root, entry(title=root.name))
    assert Store(roots).get("dues-overdue").entry.title == "b"
    assert [record.entry.title for record in Store(roots).records()[0]] == ["b"]


def test_every_kind_lies_in_its_folder(store: Store, local: Path) -> None:
    for kind in Kind:
        saved = store.save(entry(f"a-{kind}", kind), None)
        assert Path(saved.path) == local.resolve() / kind.folder / f"a-{kind}.md"
        assert store.get(f"a-{kind}") == saved


def test_saving_a_starter_entry_writes_the_local_folder_only(
    store: Store, starter: Path, local: Path
) -> None:
    path = put(starter, entry())
    before = path.read_bytes()
    opened = store.get("dues-overdue")
    store.save(replace(opened.entry, summary="先提醒"), opened.version)
    assert path.read_bytes() == before
    assert (local / "issues" / "dues-overdue.md").is_file()
    assert store.get("dues-overdue").entry.summary == "先提醒"


def test_without_a_local_folder_nothing_is_saved_and_the_remedy_is_named(starter: Path) -> None:
    put(starter, entry())
    store = Store((starter,))
    assert ids(store) == ["dues-overdue"]
    assert store.recover() == []
    with pytest.raises(ContentReadOnly, match="kb init"):
        store.save(entry("new"), None)


def test_a_root_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentMissing, match="no-such"):
        Store((tmp_path / "no-such",))


def test_a_local_folder_may_appear_with_the_first_save(starter: Path, tmp_path: Path) -> None:
    store = Store((starter,), tmp_path / "later")
    assert (store.recover(), ids(store)) == ([], [])
    store.save(entry(), None)
    assert ids(store) == ["dues-overdue"]


# Saving


@given(found=entries)
@settings(max_examples=30)
def test_what_is_saved_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, found: Entry) -> None:
    store = Store((), tmp_path_factory.mktemp("local"))
    saved = store.save(found, None)
    assert saved.entry == found
    assert replace(store.get(found.id), findings=()) == saved
    again = store.save(saved.entry, saved.version)
    assert again.version == saved.version == version_of(Path(saved.path).read_bytes())


def test_a_new_entry_never_overwrites_another(store: Store, starter: Path) -> None:
    store.save(entry(title="先来的"), None)
    put(starter, entry("starter-entry"))
    for taken in ("dues-overdue", "starter-entry"):
        with pytest.raises(EntryExists, match=taken):
            store.save(entry(taken, title="后到的"), None)
    assert store.get("dues-overdue").entry.title == "先来的"


def test_the_second_of_two_editors_gets_both_texts(store: Store) -> None:
    opened = store.save(entry(body="原文"), None)
    store.save(entry(body="甲改的"), opened.version)
    with pytest.raises(EntryConflict) as conflict:
        store.save(entry(body="乙改的"), opened.version)
    assert "甲改的" in conflict.value.theirs
    assert "乙改的" in conflict.value.ours
    assert store.get("dues-overdue").entry.body == "甲改的"


def test_a_change_by_hand_is_a_conflict_too(store: Store, local: Path) -> None:
    opened = store.save(entry(), None)
    (local / "issues" / "dues-overdue.md").write_bytes("乱写的 \xff".encode("latin-1", "replace"))
    with pytest.raises(EntryConflict) as conflict:
        store.save(entry(summary="x"), opened.version)
    assert conflict.value.ours == schema.dump(entry(summary="x"))


def test_an_entry_deleted_meanwhile_is_a_conflict_that_keeps_the_text(store: Store) -> None:
    opened = store.save(entry(), None)
    Path(opened.path).unlink()
    with pytest.raises(EntryConflict) as conflict:
        store.save(entry(summary="x"), opened.version)
    assert (conflict.value.theirs, conflict.value.ours) == ("", schema.dump(entry(summary="x")))


@pytest.mark.parametrize("version", [True, False], ids=["as an edit", "as new"])
def test_an_id_is_not_taken_over_by_another_kind(store: Store, version: bool) -> None:
    opened = store.save(entry(), None)
    with pytest.raises(EntryExists, match="问题"):
        store.save(entry(kind=Kind.CASE), opened.version if version else None)
    assert (ids(store), codes(store)) == (["dues-overdue"], [])


@pytest.mark.parametrize(
    "bad",
    [
        entry(title=""),
        entry(title="  "),
        entry(kind=Kind.POLICY, validity=None),
        entry(category="没有的类别"),
        entry(body="<<<<<<< HEAD\n甲"),
        entry(body="断\x00电"),
        entry(body="半个字符 \ud83d"),
        entry(title="半个字符 \ud83d"),
        entry(body="长" * 400_000),
        entry(summary="长" * 70_000),
    ],
    ids=[
        "no title",
        "blank",
        "no validity",
        "category",
        "conflict",
        "NUL",
        "surrogate",
        "in title",
        "1 MB",
        "header",
    ],
)
def test_what_could_not_be_read_again_is_not_written(store: Store, local: Path, bad: Entry) -> None:
    with pytest.raises(InvalidEntry) as refused:
        store.save(bad, None)
    assert all(finding.message for finding in refused.value.findings)
    assert not list(local.rglob("*.md"))


# Ids and paths


@pytest.mark.parametrize("text", NO_IDS)
def test_what_is_no_id_reaches_no_file(store: Store, local: Path, text: str) -> None:
    with pytest.raises(InvalidId):
        store.find(text)
    with pytest.raises((InvalidId, InvalidEntry)):
        store.save(entry(text), None)
    assert not list(local.parent.rglob("*.md"))


def test_an_id_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(EntryNotFound, match="no-such-entry"):
        store.get("no-such-entry")


@pytest.mark.parametrize(
    "name", ["Dues-Overdue", "党费", "a b", "con", "1a", "a.b", "a--b", "副本 dues-overdue"]
)
def test_a_file_whose_name_is_no_id_is_a_finding(store: Store, local: Path, name: str) -> None:
    put(local, entry(), name)
    assert codes(store) == [("file-name", f"issues/{name}.md")]
    assert ids(store) == []


def test_other_files_are_left_alone(store: Store, local: Path) -> None:
    put(local, entry())
    for name in ("notes.txt", ".hidden.md", "_template.md", ".a.md.1234.kbtmp", "a.md~"):
        (local / "issues" / name).write_text("x", "utf-8")
    (local / "issues" / "folder.md").mkdir()
    assert (ids(store), codes(store)) == (["dues-overdue"], [])


@pytest.mark.parametrize(
    ("inside", "folder", "name"),
    [
        (entry("other-id"), "issues", "dues-overdue"),
        (entry(kind=Kind.CASE), "issues", "dues-overdue"),
        (entry(), "corpus/handbook", "dues-overdue"),
    ],
    ids=["another id inside", "another kind inside", "in the wrong folder"],
)
def test_a_misplaced_file_is_a_finding(
    store: Store, local: Path, inside: Entry, folder: str, name: str
) -> None:
    put(local, inside, name, folder)
    put(local, entry("healthy"))
    assert codes(store) == [("misplaced", "dues-overdue")]
    assert ids(store) == ["healthy"]
    with pytest.raises(InvalidEntry, match="里面却写着"):
        store.get("dues-overdue")


def test_an_id_used_by_two_kinds_is_a_finding_and_the_first_is_kept(store: Store, local: Path) -> None:
    for kind in (Kind.CASE, Kind.PROBLEM, Kind.HANDBOOK):
        put(local, entry(kind=kind))
    assert codes(store) == [("duplicate-id", "dues-overdue")] * 2
    assert [record.entry.kind for record in store.records()[0]] == [Kind.HANDBOOK]
    assert store.get("dues-overdue").entry.kind is Kind.HANDBOOK


# Hostile folders


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00", "binary"),
        (b"x" * 5_000_000, "too-large"),
        (b"---\nid: dues-overdue\n", "unclosed-header"),
        (b"---\nid: a\nid: b\n---\n", "yaml"),
        (b"---\nkind: case\n---\n<<<<<<< HEAD\n", "git-conflict"),
        (b"---\nid: broken\nkind: problem\ntitle: x\ncreated: 2024-13-42\n---\n", "value"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_bad_file_is_a_finding_and_the_others_are_unaffected(
    store: Store, local: Path, raw: bytes, code: str
) -> None:
    put(local, entry("healthy"))
    (local / "issues" / "broken.md").write_bytes(raw)
    assert codes(store) == [(code, "broken")]
    assert ids(store) == ["healthy"]
    with pytest.raises(InvalidEntry):
        store.get("broken")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_from_a_windows_editor_is_read(store: Store, local: Path, encoding: str) -> None:
    path = put(local, entry(body="正文"))
    path.write_bytes(path.read_text("utf-8").replace("\n", "\r\n").encode(encoding))
    opened = store.get("dues-overdue")
    assert opened.entry == entry(body="正文")
    store.save(opened.entry, opened.version)
    assert path.read_bytes() == schema.dump(entry(body="正文")).encode()


@posix
def test_a_link_out_of_the_folder_is_never_followed(store: Store, local: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "elsewhere", entry())
    (local / "issues").mkdir()
    (local / "issues" / "dues-overdue.md").symlink_to(secret)
    assert (ids(store), codes(store)) == ([], [("symlink", "issues/dues-overdue.md")])
    with pytest.raises(EntryNotFound):
        store.get("dues-overdue")
    store.save(entry(title="自己的"), None)
    assert "自己的" not in secret.read_text("utf-8")
    assert store.get("dues-overdue").entry.title == "自己的"


@posix
def test_a_folder_that_is_a_link_out_is_neither_read_nor_written(
    store: Store, local: Path, tmp_path: Path
) -> None:
    put(tmp_path / "elsewhere", entry())
    (local / "issues").symlink_to(tmp_path / "elsewhere" / "issues")
    assert (ids(store), codes(store)) == ([], [("symlink", "issues")])
    with pytest.raises(ContentReadOnly, match="链接"):
        store.save(entry("new"), None)
    assert [path.name for path in (tmp_path / "elsewhere" / "issues").iterdir()] == ["dues-overdue.md"]


@posix
def test_links_that_lead_nowhere_or_in_a_circle_do_not_raise(store: Store, local: Path) -> None:
    put(local, entry("healthy"))
    (local / "issues" / "circle.md").symlink_to("circle.md")
    (local / "issues" / "dangling.md").symlink_to("gone.md")
    assert ids(store) == ["healthy"]
    assert codes(store) == [("symlink", "issues/circle.md")]
    for name in ("circle", "dangling"):
        with pytest.raises(EntryNotFound):
            store.get(name)


@posix
def test_a_content_folder_may_itself_be_reached_by_a_link(local: Path, tmp_path: Path) -> None:
    put(local, entry())
    (tmp_path / "link").symlink_to(local)
    store = Store((), tmp_path / "link")
    assert (ids(store), codes(store)) == (["dues-overdue"], [])
    store.save(entry("new"), None)


def test_a_file_that_vanishes_while_it_is_read_is_a_finding(store: Store, local: Path) -> None:
    put(local, entry("healthy"))
    path = put(local, entry("vanishing"))
    files, _ = store.files()
    path.unlink()
    assert store.load(files["vanishing"])[0] is None
    assert store.load(files["vanishing"])[1][0].code == "unreadable"


def test_a_rewritten_file_has_another_stamp(store: Store, local: Path) -> None:
    path = put(local, entry())
    before = store.find("dues-overdue")
    assert store.files()[0]["dues-overdue"] == before
    path.with_suffix(".new").write_text(schema.dump(entry(title="党费逾期没有缴纳怎么办")), "utf-8")
    os.replace(path.with_suffix(".new"), path)
    assert store.find("dues-overdue").stamp != before.stamp


# A folder that cannot be written


@pytest.mark.parametrize("blocked", [".", "issues", ".kb"])
def test_a_file_where_a_folder_is_needed_is_a_named_error(tmp_path: Path, blocked: str) -> None:
    root = tmp_path / "local"
    if blocked != ".":
        root.mkdir()
    (root / blocked).write_text("x", "utf-8")
    store = Store((), root)
    assert store.records() == ([], [])
    with pytest.raises(ContentReadOnly):
        store.save(entry(), None)


@posix
def test_a_folder_without_write_permission_is_a_named_error_and_still_readable(
    store: Store, local: Path
) -> None:
    saved = store.save(entry(), None)
    (local / "issues").chmod(0o555)
    try:
        if os.access(local / "issues", os.W_OK):
            pytest.skip("permissions do not bind this user (root)")
        with pytest.raises(ContentReadOnly, match="权限"):
            store.save(entry(summary="x"), saved.version)
        assert store.get("dues-overdue") == saved
    finally:
        (local / "issues").chmod(0o755)


def test_a_refused_write_says_so_and_changes_nothing(
    store: Store, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = store.save(entry(), None)

    def refuse(path: Path, data: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", refuse)
        with pytest.raises(ContentReadOnly, match="权限"):
            store.save(entry(summary="x"), saved.version)
    assert store.get("dues-overdue") == saved


# Two processes


def run(target: Callable[..., None], *args: object) -> Any:
    process = multiprocessing.get_context("fork").Process(target=target, args=args, daemon=True)
    process.start()
    return process


def _save_twenty(root: Path, name: str) -> None:
    store = Store((), root)
    for number in range(20):
        store.save(entry(f"{name}-{number}"), None)
        while True:
            opened = store.get("counter")
            try:
                store.save(entry("counter", body=str(int(opened.entry.body) + 1)), opened.version)
                break
            except EntryConflict:
                continue


@posix
def test_two_processes_lose_nothing_of_each_other(store: Store, local: Path) -> None:
    store.save(entry("counter", body="0"), None)
    processes = [run(_save_twenty, local, name) for name in ("left", "right")]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert store.get("counter").entry.body == "40"
    assert ids(store) == sorted(
        ["counter", *(f"{name}-{n}" for name in ("left", "right") for n in range(20))]
    )
    assert codes(store) == []


def _save_with_a_pause(root: Path, paused: Any, go_on: Any) -> None:
    real = os.replace

    def replace_later(source: Path, target: Path) -> None:
        paused.set()
        go_on.wait()
        real(source, target)

    os.replace = replace_later  # type: ignore[assignment]
    Store((), root).save(entry("slow"), None)


@posix
def test_the_temporary_file_of_a_living_process_is_safe(
    store: Store, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = multiprocessing.get_context("fork")
    paused, go_on = context.Event(), context.Event()
    process = run(_save_with_a_pause, local, paused, go_on)
    assert paused.wait(20)
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.2)
    with pytest.raises(ContentBusy):
        store.recover()
    with pytest.raises(ContentBusy):
        store.save(entry(), None)
    assert len(list(local.rglob("*.kbtmp"))) == 1
    go_on.set()
    process.join()
    assert (process.exitcode, ids(store), list(local.rglob("*.kbtmp"))) == (0, ["slow"], [])


@posix
def test_the_temporary_file_of_a_killed_process_is_cleared(store: Store, local: Path) -> None:
    store.save(entry(), None)
    context = multiprocessing.get_context("fork")
    paused, go_on = context.Event(), context.Event()
    process = run(_save_with_a_pause, local, paused, go_on)
    assert paused.wait(20)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    left = list(local.rglob("*.kbtmp"))
    assert len(left) == 1
    started = time.monotonic()
    assert [path.resolve() for path in store.recover()] == [left[0].resolve()]
    assert time.monotonic() - started < 5, "the lock died with its holder"
    assert ids(store) == ["dues-overdue"]
    store.save(entry("slow"), None)
    assert store.recover() == []


def test_recovering_touches_nothing_but_our_temporary_files(store: Store, local: Path) -> None:
    store.save(entry(), None)
    for name in ("notes.tmp", "a.kbtmp", ".a.md.swp", "b.md"):
        (local / "issues" / name).write_text("x", "utf-8")
    before = sorted(path.name for path in (local / "issues").iterdir())
    assert store.recover() == []
    assert sorted(path.name for path in (local / "issues").iterdir()) == before
