"""Saves that Whoosh does not hold yet: found at once by everybody, lost by nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from whoosh import index
from whoosh.scoring import BM25F

from indexer import changes, elsewhere, journal, stock
from indexer.analysis import analyse
from indexer.journal import Save
from tests.indexer.samples import segmenter
from tests.indexer.test_compiled import agree, check, entries, made, opened, questions, reader, segment_names


def saves(folder: Path) -> set[str]:
    return {path.name for path in (folder / "whoosh").glob("save-*")}


def test_a_save_comes_back_as_it_was(tmp_path: Path) -> None:
    save = Save(("a", "b"), tuple(analyse(entry, segmenter()) for entry in entries()[:3]))
    journal.write(tmp_path, 7, save)
    assert journal.read(tmp_path, 7) == save and journal.read(tmp_path, 8) is None
    assert [number for number, _ in journal.following(tmp_path, 6)] == [7]
    assert not [*journal.following(tmp_path, 5)], "what a missing one may have changed is not guessed"


@pytest.mark.parametrize("harm", ["flip", "cut", "empty"])
def test_a_damaged_save_is_noticed(tmp_path: Path, harm: str) -> None:
    made(tmp_path, entries()[:2], 2)
    path = tmp_path / "whoosh" / "save-2.json"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw if harm == "flip" else raw[:-9] if harm == "cut" else b"")
    with pytest.raises(ValueError, match=r"damaged|unpack"):
        opened(tmp_path)


def test_a_save_writes_no_segment_until_it_is_folded(tmp_path: Path) -> None:
    tested = made(tmp_path, entries()[:6], 6)
    tested.write((), [entries()[0].id])
    assert not segment_names(tmp_path) and len(saves(tmp_path)) == tested.gathered == 7
    assert tested.fold()
    assert len(segment_names(tmp_path)) == 1 and tested.gathered == 0
    assert saves(tmp_path) == {"save-8.json"}, "the mark of the commit"
    assert tested.ids() == opened(tmp_path).ids() == {entry.id for entry in entries()[1:6]}


def test_phrases_see_a_save_at_once_and_alike_when_it_is_folded(tmp_path: Path) -> None:
    tested = made(tmp_path, entries()[:12], 3)
    other = opened(tmp_path)
    asked = reader().parse("“石榴树下的支部”")
    assert asked.phrases and not tested.candidates(asked, 10)
    grown = [replace(entry, summary=f"石榴树下的支部{entry.summary}") for entry in entries()[3:8]]
    for entry in grown:
        tested.write([entry], ())
        assert entry.id in {c.entry_id for c in tested.candidates(asked, 10)}
    tested.write([entries()[4]], ())
    found = tested.candidates(asked, 10)
    assert {c.entry_id for c in found} == {entry.id for entry in grown} - {entries()[4].id}
    assert other.candidates(asked, 10) == opened(tmp_path).candidates(asked, 10) == found
    while tested.fold():
        pass
    assert {c.entry_id for c in tested.candidates(asked, 10)} == {c.entry_id for c in found}
    assert other.candidates(asked, 10) == tested.candidates(asked, 10)


def test_whoosh_alone_says_the_same_after_a_fold(tmp_path: Path) -> None:
    """The oracle is given fresh entries by us; here it gets what is on disk and nothing else."""
    tested = made(tmp_path, entries()[:30], 15)
    tested.write([replace(entries()[3], title="改过的题目")], [entries()[4].id])
    asked = [reader().parse(typed) for typed in questions()[::40]]
    while tested.fold():
        pass
    for query in asked:
        searcher = index.open_dir(str(tmp_path / "whoosh")).searcher(weighting=BM25F())
        assert agree(tested.candidates(query, 100), stock.candidates(searcher, query, 100))


def test_more_than_memory_should_hold_goes_straight_to_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "FRESH", 4)
    tested = made(tmp_path, entries()[:11], 11)
    assert tested._state.fresh_size < 4 and len(segment_names(tmp_path)) == 2
    tested.write(entries()[20:60], [entries()[0].id])
    assert not tested._state.fresh_size and not saves(tmp_path)
    expected = {entry.id for entry in (*entries()[1:11], *entries()[20:60])}
    assert tested.ids() == opened(tmp_path).ids() == expected
    check(tested, reader().parse(entries()[5].title))


@pytest.mark.parametrize("others", ["save", "fold", "write many", "save and fold"])
def test_two_processes_fold_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: str) -> None:
    """Whoever is second finds that the index has moved on, and leaves it alone."""
    tested = made(tmp_path, entries()[:8], 8)
    other, do_if = opened(tmp_path), elsewhere.do_if

    def meanwhile(much: bool, work: Any, *given: Any) -> Any:
        done = do_if(much, work, *given)
        monkeypatch.setattr(elsewhere, "do_if", do_if)
        if "save" in others:
            other.write([replace(entries()[9], title="别的进程存的")], [entries()[0].id])
        if "fold" in others:
            assert other.fold()
        if "many" in others:
            other.write(entries()[40:80], ())
        return done

    monkeypatch.setattr(elsewhere, "do_if", meanwhile)
    assert tested.fold() is (others == "save")
    expected = other.ids()
    assert tested.ids() == expected == opened(tmp_path).ids()
    check(tested, reader().parse("别的进程存的"))
    tested.write([entries()[0]], ())
    assert tested.ids() == other.ids() == opened(tmp_path).ids() == {*expected, entries()[0].id}


def test_saves_during_a_merging_of_old_segments_are_kept(tmp_path: Path) -> None:
    """Its commit holds less than its number says: what was fresh all the while is read back after it."""
    tested = made(tmp_path, entries()[:40])
    tested.write((), [entry.id for entry in entries()[:20]])
    tested.write([entries()[50]], ())
    assert tested._merge_small(True) and tested._state.fresh_size == 1
    tested.write([entries()[51]], [entries()[30].id])
    expected = {entry.id for entry in (*entries()[20:30], *entries()[31:40], *entries()[50:52])}
    assert tested.ids() == opened(tmp_path).ids() == expected
    check(opened(tmp_path), reader().parse(entries()[50].title))
    assert tested.fold() and opened(tmp_path).ids() == tested.ids() == expected


def test_what_a_killed_process_leaves_is_swept(tmp_path: Path) -> None:
    tested = made(tmp_path, entries()[:4], 4)
    for name in ("save-2.tmp", "save-0.json"):
        (tmp_path / "whoosh" / name).write_text(json.dumps("half"))
    assert tested.fold() and saves(tmp_path) == {"save-5.json"}
