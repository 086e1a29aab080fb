"""The life of an index: built, reopened, refreshed, damaged, shared; never wrong for long."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import build, room, soundness, upkeep
from indexer.analysis import Analysed
from indexer.coding import dump_entry, load_entry
from indexer.errors import IndexUnwritable
from indexer.keyword import KeywordIndex
from indexer.library import Library, Settings
from indexer.manifest import Manifest
from indexer.rows import Row
from kb.store import Store
from kb.types import Publication
from tests.indexer.samples import (
    HIDDEN,
    REPOSITORY,
    FakeEncoder,
    make_content,
    make_tools,
    new_case,
    open_library,
    segmenter,
    write_entry,
)

QUESTIONS = (
    "党费逾期没交怎么办",
    "换届选举流程",
    "“三会一课”",
    "关系转接",
    "示组发〔2019〕7号",
    "六个月",
    "倒班 党课",
)


def answers(library: Library) -> dict[str, Any]:
    """Everything a reader can see for a handful of questions."""
    found: dict[str, Any] = {"entries": list(library.snapshot.entries.values())}
    for question in QUESTIONS:
        result = library.search(question)
        hits = [(hit.id, hit.title, hit.snippet, hit.reasons) for hit in result.hits]
        found[question] = (hits, result.total, result.confident, result.facets)
    return found | {"suggestions": library.suggest("党") + library.suggest("hj")}


def generation(folder: Path) -> str:
    """Name of the generation in use, wherever below `folder`/index it lies."""
    [current] = (folder / "index").rglob("current")
    return current.read_text(encoding="utf-8")


def ids(library: Library, typed: str) -> list[str]:
    return [hit.id for hit in library.search(typed, size=50).hits]


def holding(library: Library, phrase: str) -> list[str]:
    """Ids of the entries that hold a phrase word for word."""
    result = library.search(f"“{phrase}”", size=50, off=frozenset({"semantic", "neighbours"}))
    return [hit.id for hit in result.hits]


def test_built_once_then_only_opened(folder: Path) -> None:
    settings = Settings((folder / "content",), folder / "local", folder / "index", "none")
    steps: list[tuple[int, int]] = []
    first = Library.open(settings, lambda done, total: steps.append((done, total)))
    assert steps[-1] == (14, 14) and [done for done, _ in steps] == sorted(done for done, _ in steps)
    built = generation(folder)
    again = Library.open(settings, lambda done, total: pytest.fail("was built again"))
    assert answers(again) == answers(first) and generation(folder) == built


def test_a_file_changed_by_hand_is_picked_up(folder: Path) -> None:
    library = open_library(folder, FakeEncoder())
    built = generation(folder)
    path = folder / "content" / "issues" / "fee-late.md"
    path.write_text(path.read_text(encoding="utf-8").replace("当面约谈", "登门石榴树约谈"), encoding="utf-8")
    assert holding(library, "石榴树约谈") == []
    assert library.refresh() == ["fee-late"]
    assert holding(library, "石榴树约谈") == ["fee-late"]
    assert library.refresh() == []
    assert generation(folder) == built


def test_files_copied_or_touched_are_not_indexed_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = open_library(folder, FakeEncoder())
    before, revision = answers(library), library.snapshot.revision
    shutil.copytree(folder / "content", folder / "copy")
    shutil.rmtree(folder / "content")
    (folder / "copy").rename(folder / "content")
    room = library._room
    assert len(upkeep.stale(room.generation, room.tools)) > 10
    read: list[str] = []
    make_rows = upkeep.make_rows
    monkeypatch.setattr(
        upkeep,
        "make_rows",
        lambda files, *rest, **more: read.extend(files) or make_rows(files, *rest, **more),
    )
    assert library.refresh() == [] and not read and not upkeep.stale(room.generation, room.tools)
    assert answers(library) == before and library.snapshot.revision == revision
    assert answers(open_library(folder, FakeEncoder())) == before and not read


def test_a_copy_in_our_own_folder_is_another_file(folder: Path) -> None:
    """The same text, but ours: it says so, and may be changed here."""
    library = open_library(folder)
    starter = library.get("fee-late")
    mine = folder / "local" / "issues" / "fee-late.md"
    mine.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "content" / "issues" / "fee-late.md", mine)
    assert library.refresh() == ["fee-late"]
    assert library.get("fee-late") == starter


def test_new_removed_and_renamed_files(folder: Path) -> None:
    library = open_library(folder)
    content = folder / "content"
    path = write_entry(content, new_case("case-new", "石榴树下的支部大会"))
    assert library.refresh() == ["case-new"] and ids(library, "石榴树")[0] == "case-new"
    path.unlink()
    assert library.refresh() == ["case-new"] and "case-new" not in ids(library, "石榴树")
    write_entry(content, replace(library.get("fee-late"), id="fee-overdue"))
    (content / "issues" / "fee-late.md").unlink()
    assert set(library.refresh()) == {"fee-overdue", "fee-late"}
    assert "fee-overdue" in ids(library, "党费逾期") and "fee-late" not in ids(library, "党费逾期")
    assert answers(open_library(folder)) == answers(library)


def test_a_broken_file_leaves_the_rest_alone_and_is_named(folder: Path) -> None:
    library = open_library(folder)
    path = folder / "content" / "issues" / "fee-late.md"
    good = path.read_bytes()
    path.write_bytes(b"---\ntitle: [\n---\n")
    library.refresh()
    assert "fee-late" not in library.snapshot.entries and "guide-fee" in ids(library, "党费")
    assert "fee-late" in {finding.where for finding in library.findings()}
    path.write_bytes(good)
    library.refresh()
    assert ids(library, "党费逾期")[0] == "fee-late" and not library.findings()


def test_publishing_and_withdrawing(folder: Path) -> None:
    library = open_library(folder, FakeEncoder())
    draft = Store((folder / "content",)).get("secret-draft").entry
    for publication in (
        Publication.PUBLISHED,
        Publication.WITHDRAWN,
        Publication.SUBMITTED,
        Publication.DRAFT,
    ):
        write_entry(folder / "content", replace(draft, publication=publication))
        assert library.refresh() == ["secret-draft"]
        shown = publication is Publication.PUBLISHED
        assert ("secret-draft" in ids(library, "琉璃瓦")) == shown
        assert ("琉璃瓦" in "".join(s.text for s in library.suggest("草稿"))) == shown


@pytest.mark.parametrize("encoder", [None, FakeEncoder()])
def test_what_is_not_published_is_nowhere(folder: Path, encoder: FakeEncoder | None) -> None:
    library = open_library(folder, encoder)
    assert not set(HIDDEN) & library.snapshot.entries.keys()
    for _ in range(2):
        for typed in ("琉璃瓦", "草稿里的暗号琉璃瓦怎么办", "已经撤下的琉璃瓦案例", "琉璃瓦问法", "学校"):
            result = library.search(typed, size=50)
            assert not {hit.id for hit in result.hits} & set(HIDDEN)
            assert not any("琉璃瓦" in hit.snippet.value + hit.title.value for hit in result.hits)
            assert "学校" not in {facet.value for facet in result.facets}
        shown = [s for typed in ("琉璃", "草稿", "已经", "cg", "caogao") for s in library.suggest(typed)]
        assert not any("琉璃瓦" in s.text or s.entry_id in HIDDEN for s in shown)
        library = open_library(folder, encoder)


def test_the_fingerprint_names_everything_that_shapes_the_index(folder: Path) -> None:
    fingerprints = {
        make_tools(folder).fingerprint,
        make_tools(folder, FakeEncoder()).fingerprint,
        make_tools(folder, fingerprint="other words").fingerprint,
    }
    assert len(fingerprints) == 3 and make_tools(folder).fingerprint in fingerprints


def test_another_encoder_or_lexicon_rebuilds(folder: Path) -> None:
    seen = []
    for encoder, words in ((None, "a"), (FakeEncoder(), "a"), (FakeEncoder(), "b"), (None, "b")):
        library = open_library(folder, encoder, words)
        seen.append(generation(folder))
        assert ids(library, "党费逾期没交")[0] == "fee-late"
    assert len(set(seen)) == 4
    assert [path.name for path in (folder / "index").glob("gen-*")] == [seen[-1]]


def test_index_deleted_and_built_twice_gives_the_same(folder: Path) -> None:
    found = []
    for _ in range(3):
        shutil.rmtree(folder / "index", ignore_errors=True)
        found.append(answers(open_library(folder, FakeEncoder())))
    assert found[0] == found[1] == found[2]


def test_refreshing_and_rebuilding_end_in_the_same_answers(folder: Path) -> None:
    library = open_library(folder, FakeEncoder())
    for round_ in range(4):
        library.save(new_case("case-new", f"第{round_}轮改写的石榴树案例"), version(library, "case-new"))
    built = generation(folder)
    assert answers(open_library(folder, FakeEncoder())) == answers(library)
    assert generation(folder) == built, "many small writes were taken for damage"
    found = answers(library)
    library.rebuild()
    assert [hit[0] for hit in answers(library)[QUESTIONS[0]][0]] == [hit[0] for hit in found[QUESTIONS[0]][0]]


def test_many_saves_do_not_pile_up_files(folder: Path) -> None:
    library = open_library(folder)
    for round_ in range(40):
        library.save(new_case("case-new", f"第{round_}轮改写的石榴树案例"), version(library, "case-new"))
    whoosh = folder / "index" / generation(folder) / "whoosh"
    until = time.monotonic() + 20
    while len(list(whoosh.iterdir())) >= 250 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(list(whoosh.iterdir())) < 250


def version(library: Library, entry_id: str) -> str | None:
    files, _ = library.store.files()
    return library.store.get(entry_id).version if entry_id in files else None


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sound index, which has been refreshed once; copied, never written."""
    folder = tmp_path_factory.mktemp("sound")
    make_content(folder)
    library = open_library(folder, FakeEncoder())
    library.save(new_case("case-saved", "保存过的石榴树案例"), None)
    return folder


@pytest.fixture(scope="module")
def expected(sound: Path) -> dict[str, Any]:
    """What every damaged copy of `sound` must answer once it is open."""
    return answers(open_library(sound, FakeEncoder()))


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index folder of another collection, made with the same tools."""
    folder = tmp_path_factory.mktemp("foreign")
    for number in range(3):
        write_entry(folder / "content", new_case(f"foreign-{number}", f"别处的第{number}个案例"))
    open_library(folder, FakeEncoder())
    return next((folder / "index").glob("gen-*"))


def copy_of(sound: Path, folder: Path) -> Path:
    """A second index over the very same content files."""
    shutil.copytree(sound / "index", folder / "index")
    for name in ("content", "local"):
        (folder / name).symlink_to(sound / name)
    return next((folder / "index").glob("gen-*"))


def flip(path: Path, chance: random.Random) -> None:
    raw = bytearray(path.read_bytes())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    path.write_bytes(raw)


def truncate(path: Path, chance: random.Random) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: chance.randrange(len(raw))])


def remove(path: Path, chance: random.Random) -> None:
    path.unlink()


def scribble(path: Path, chance: random.Random) -> None:
    path.write_bytes(chance.randbytes(chance.randrange(1, 5000)))


@pytest.mark.parametrize("seed", range(48))
def test_a_damaged_file_is_noticed_and_mended(
    sound: Path, expected: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    inside = copy_of(sound, tmp_path)
    files = sorted(path for path in inside.rglob("*") if path.is_file() and path.stat().st_size)
    # The manifest is one file of many, and the one with most to lose.
    path = inside / "manifest.sqlite" if seed % 4 == 0 else chance.choice(files)
    (flip, truncate, remove, scribble)[seed // 4 % 4](path, chance)
    assert answers(open_library(tmp_path, FakeEncoder())) == expected
    assert answers(open_library(tmp_path, FakeEncoder())) == expected


def no_current(inside: Path, foreign: Path) -> None:
    (inside.parent / "current").unlink()


def empty_current(inside: Path, foreign: Path) -> None:
    (inside.parent / "current").write_bytes(b"")


def binary_current(inside: Path, foreign: Path) -> None:
    (inside.parent / "current").write_bytes(b"\xff\x00gen-")


def current_elsewhere(inside: Path, foreign: Path) -> None:
    (inside.parent / "current").write_text("../index")


def current_of_nothing(inside: Path, foreign: Path) -> None:
    (inside.parent / "current").write_text("gen-000000000000")


def no_generation(inside: Path, foreign: Path) -> None:
    shutil.rmtree(inside)


def no_keyword_index(inside: Path, foreign: Path) -> None:
    shutil.rmtree(inside / "whoosh")


def foreign_manifest(inside: Path, foreign: Path) -> None:
    shutil.copy(foreign / "manifest.sqlite", inside)


def foreign_keyword_index(inside: Path, foreign: Path) -> None:
    shutil.rmtree(inside / "whoosh")
    shutil.copytree(foreign / "whoosh", inside / "whoosh")


def empty_files(inside: Path, foreign: Path) -> None:
    for path in inside.rglob("*.*"):
        path.write_bytes(b"") if path.is_file() else None


def unsealed(inside: Path, foreign: Path) -> None:
    Manifest(inside / "manifest.sqlite").seal("")


LOSSES: tuple[Callable[[Path, Path], None], ...] = (
    no_current,
    empty_current,
    binary_current,
    current_elsewhere,
    current_of_nothing,
    no_generation,
    no_keyword_index,
    foreign_manifest,
    foreign_keyword_index,
    empty_files,
    unsealed,
)


@pytest.mark.parametrize("lose", LOSSES)
def test_a_lost_or_exchanged_part_is_noticed_and_mended(
    sound: Path, expected: dict[str, Any], foreign: Path, tmp_path: Path, lose: Callable[[Path, Path], None]
) -> None:
    lose(copy_of(sound, tmp_path), foreign)
    assert answers(open_library(tmp_path, FakeEncoder())) == expected
    assert len(list((tmp_path / "index").glob("gen-*"))) == 1


def test_a_whole_foreign_generation_becomes_ours(
    sound: Path, expected: dict[str, Any], foreign: Path, tmp_path: Path
) -> None:
    """Undamaged and made with the same tools, it is an index of which every file has changed."""
    inside = copy_of(sound, tmp_path)
    shutil.rmtree(inside)
    shutil.copytree(foreign, inside)
    library = open_library(tmp_path, FakeEncoder())
    assert list(library.snapshot.entries.values()) == expected["entries"]
    assert [ids(library, typed)[0] for typed in QUESTIONS] == [
        expected[typed][0][0][0] for typed in QUESTIONS
    ]


def test_a_fold_that_the_manifest_does_not_know_of_is_no_damage(folder: Path) -> None:
    """Another process looks between the two, or this one is killed there."""
    library, watching = open_library(folder, FakeEncoder()), open_library(folder, FakeEncoder())
    for number in range(5):
        library.save(new_case(f"case-{number}", f"第{number}个石榴树案例"), None)
    built = generation(folder)
    keyword = library._room.generation.keyword
    assert keyword.fold() and not keyword.gathered
    watching.refresh()
    assert answers(watching) == answers(library) == answers(open_library(folder, FakeEncoder()))
    library.save(new_case("case-more", "又一个石榴树案例"), None)
    watching.refresh()
    assert answers(watching) == answers(library) and generation(folder) == built


def test_what_a_fold_left_in_use_may_not_be_missing(folder: Path) -> None:
    library = open_library(folder, FakeEncoder())
    for number in range(2):
        library.save(new_case(f"case-{number}", f"第{number}个石榴树案例"), None)
    assert library._room.generation.keyword.fold()
    recorded = library._room.generation.manifest.files()
    whoosh = folder / "index" / generation(folder) / "whoosh"
    kept = next(path for path in whoosh.glob("MAIN_*.pst") if path.name in recorded)
    kept.unlink()
    built = generation(folder)
    assert ids(open_library(folder, FakeEncoder()), "石榴树")[:2] and generation(folder) != built


@pytest.mark.parametrize("lost", ["whoosh", "manifest.sqlite", ""])
def test_damage_while_running_is_mended_by_the_next_request(
    sound: Path, expected: dict[str, Any], tmp_path: Path, lost: str
) -> None:
    inside = copy_of(sound, tmp_path)
    library = open_library(tmp_path, FakeEncoder())
    path = inside / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert ids(library, "党费逾期没交怎么办")[0] == "fee-late"
    library.refresh()
    assert answers(library) == expected


class Crash(BaseException):
    """Stands for the process being killed."""


class CrashingManifest(Manifest):
    """Dies where the rows should be written: Whoosh has committed, the manifest knows nothing of it."""

    def write(self, *args: Any) -> int:
        raise Crash


class CrashingKeywordIndex(KeywordIndex):
    """Dies with the keyword index half written."""

    def write_analysed(
        self, changed: Iterable[Analysed], removed: Iterable[str], *, bulk: bool = False
    ) -> None:
        raise Crash


def changes(folder: Path) -> None:
    """One entry changed, one new, one removed, one withdrawn."""
    content = folder / "content"
    entries = Store((content,)).records()[0]
    by_id = {record.entry.id: record.entry for record in entries}
    write_entry(content, replace(by_id["fee-late"], title="党费晚交了石榴树怎么办"))
    write_entry(content, new_case("case-new", "新写的石榴树案例"))
    (content / "cases" / "case-fee-app.md").unlink()
    write_entry(content, replace(by_id["life-meeting"], publication=Publication.WITHDRAWN))


def die_taking_in(current: build.Generation, tools: build.Tools, crashing: str = "manifest") -> None:
    """Be killed while what changed is taken in."""
    if crashing == "manifest":
        dying = replace(current, manifest=CrashingManifest(current.manifest.database.path))
    else:
        dying = replace(current, keyword=CrashingKeywordIndex(current.folder / "whoosh", segmenter()))
    with pytest.raises(Crash):
        upkeep.take(dying, tools, upkeep.stale(dying, tools))


@pytest.mark.parametrize("crashing", ["keyword", "manifest"])
def test_a_crash_during_a_refresh_heals(folder: Path, tmp_path_factory: Any, crashing: str) -> None:
    open_library(folder, FakeEncoder())
    tools = make_tools(folder, FakeEncoder())
    current = build.open_current(folder / "index", tools)
    assert current is not None
    changes(folder)
    die_taking_in(current, tools, crashing)
    healed = open_library(folder, FakeEncoder())
    assert generation(folder) == current.folder.name
    shutil.rmtree(folder / "index")
    fresh = open_library(folder, FakeEncoder())
    assert healed.snapshot.entries == fresh.snapshot.entries
    assert ids(healed, "石榴树")[:2] == ids(fresh, "石榴树")[:2] and "case-new" in ids(healed, "石榴树")
    assert not {"case-fee-app", "life-meeting"} & {*ids(healed, "党费提醒"), *ids(healed, "组织生活会批评")}


def test_a_text_restored_after_a_crash_is_indexed_again(folder: Path) -> None:
    """The keyword index has the text that was being saved; what was recorded is the restored one."""
    open_library(folder)
    tools = make_tools(folder)
    current = build.open_current(folder / "index", tools)
    assert current is not None
    path = folder / "content" / "issues" / "fee-late.md"
    kept = path.read_bytes()
    path.write_bytes(kept.replace("党费".encode(), "石榴树".encode()))
    die_taking_in(current, tools)
    path.write_bytes(kept)
    healed = open_library(folder)
    assert ids(healed, "石榴树") == [] and ids(healed, "党费逾期没交怎么办")[0] == "fee-late"
    assert healed._room.generation.manifest.trusted


@pytest.mark.parametrize("step", range(14))
def test_a_build_cut_short_leaves_the_old_index(folder: Path, step: int) -> None:
    library = open_library(folder)
    built = generation(folder)

    def die(done: int, total: int) -> None:
        if done > step:
            raise Crash

    with pytest.raises(Crash):
        build.build(folder / "index", make_tools(folder, FakeEncoder()), die)
    assert generation(folder) == built
    assert answers(open_library(folder)) == answers(library)
    library.rebuild()
    assert len(list((folder / "index").glob("gen-*"))) == 1


def test_an_index_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "index").write_text("in the way")
    with pytest.raises(IndexUnwritable, match="索引文件夹"):
        open_library(folder)


def test_the_manifest_gives_every_entry_back(folder: Path) -> None:
    for record in Store((REPOSITORY, folder / "content")).records()[0]:
        assert load_entry(dump_entry(record.entry)) == record.entry


def test_a_changed_character_in_the_manifest_is_noticed(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "manifest.sqlite")
    manifest.create()
    row = Row("case-new", "1:2:3", "abc", True, new_case("case-new", "石榴树"), ())
    manifest.fill([row], Counter())
    manifest.finish(Counter(), {})
    assert manifest.database.intact() and manifest.held(1).entry == row.entry
    manifest.database.close()
    raw = manifest.database.path.read_bytes()
    manifest.database.path.write_bytes(raw.replace("石榴树".encode(), "石榴花".encode()))
    damaged = Manifest(manifest.database.path)
    assert not damaged.database.intact()
    with pytest.raises(sqlite3.DatabaseError, match="damaged"):
        damaged.held(1)


def test_threads_queue_for_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for SQLite's patience, which sleeps longer and longer."""
    monkeypatch.setattr("indexer.database.BUSY_SECONDS", 0.0)
    manifest = Manifest(tmp_path / "manifest.sqlite")
    manifest.create()
    manifest.finish(Counter(), {})
    failed: list[sqlite3.Error] = []

    def write(first: int) -> None:
        try:
            for number in range(first, first + 30):
                manifest.write((), (), {}, {f"file-{number}": (1, 1)})
        except sqlite3.Error as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and manifest.revision == 91 and len(manifest.files()) == 90


def beside(folder: Path, work: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.indexer.other_process", str(folder), work, str(count)]
    return subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(process: subprocess.Popen[str]) -> list[str]:
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return out.split()


def test_two_processes_on_one_folder(folder: Path) -> None:
    """One saves in a loop; the other searches, refreshes and saves too. Nobody loses anything."""
    library = open_library(folder)
    process = beside(folder, "save", 15)
    own, most = 0, 0
    while process.poll() is None:
        assert ids(library, "党费逾期没交怎么办")[0] == "fee-late"
        library.refresh()
        library.save(new_case(f"own-{own}", f"本进程存的第{own}个石榴树案例"), None)
        own += 1
        seen = sum(entry_id.startswith("other-") for entry_id in library.snapshot.entries)
        assert seen >= most
        most = seen
    saved = finished(process)
    library.refresh()
    assert len(saved) == 15 and own
    assert {*saved, *(f"own-{n}" for n in range(own))} <= library.snapshot.entries.keys()
    assert all(holding(library, f"另一进程存的第{n}个石榴树案例") == [f"other-{n}"] for n in range(15))
    assert not list(folder.rglob("*.kbtmp"))
    assert open_library(folder).snapshot.entries == library.snapshot.entries


def test_another_process_rebuilds_while_this_one_answers(folder: Path) -> None:
    library = open_library(folder)
    process = beside(folder, "rebuild", 6)
    saved = 0
    while process.poll() is None:
        assert ids(library, "党费逾期没交怎么办")[0] == "fee-late"
        library.save(new_case(f"own-{saved}", f"重建期间存的第{saved}个案例"), None)
        saved += 1
    assert len(finished(process)) == 6 and saved
    library.refresh()
    assert {f"own-{n}" for n in range(saved)} <= library.snapshot.entries.keys()
    assert len(list((folder / "index").glob("gen-*"))) == 1


@pytest.mark.parametrize(("seconds", "warmed"), [(60.0, True), (0.0, False)])
def test_a_large_index_answers_first_and_looks_at_the_files_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, warmed: bool
) -> None:
    settings = Settings((folder / "content",), folder / "local", folder / "index", "none")
    Library.open(settings)
    write_entry(folder / "local", new_case("while-away", "停机期间写下的案例"))
    monkeypatch.setattr(soundness, "SMALL_BYTES", 0)
    monkeypatch.setattr(room, "FIRST_SECONDS", seconds)
    library = Library.open(settings, background=True)
    if warmed:
        library.refresh_if_due()
        time.sleep(0.2)
        assert "while-away" not in library.snapshot.entries, "not beside the first answers"
        library.warm()
    until = time.monotonic() + 20
    while "while-away" not in library.snapshot.entries and time.monotonic() < until:
        time.sleep(0.01)
    assert library.search("停机期间写下的案例").hits[0].id == "while-away"
