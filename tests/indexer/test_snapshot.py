"""The collection at one revision: what it derives, and that it stays what it was."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import room, snapshot
from indexer.analysis import FILTER_FIELDS, filter_values, passes
from indexer.derived import load_sentences
from indexer.library import Library, Settings
from indexer.manifest import Manifest
from indexer.snapshot import Snapshot, key
from indexer.types import Filters
from kb.types import Kind, Publication
from tests.indexer.samples import REPOSITORY, FakeEncoder, new_case, open_library, write_entry


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """The repository's own content."""
    index = tmp_path_factory.mktemp("whole")
    yield Library.open(Settings((REPOSITORY,), None, index, "none")).snapshot


def told(now: Snapshot) -> dict[str, Any]:
    """Everything a snapshot knows, read out."""
    entries = list(now.entries.values())
    words = {word for text in now.lookup.sentences() for word in text}
    return {
        "entries": entries,
        "exact": {key(name): now.exact.get(key(name)) for e in entries for name in (e.title, *e.aliases)},
        "related": {e.id: [other.id for other in now.related(e)] for e in entries},
        "links": {e.id: dict(now.links.get(e.id, {})) for e in entries},
        "cited": {e.id: now.cited_by.get(e.id) for e in entries},
        "kinds": {kind: [e.id for e in now.of_kind(kind)] for kind in Kind},
        "counts": {kind: now.count(kind) for kind in Kind},
        "named": {kind: [e.id for e in now.most_named(kind, "", 5)] for kind in Kind},
        "words": {word: now.reader.vocabulary[word] for word in sorted(words)},
        "sentences": now.sentence_count,
        "findings": now.findings,
        "passages": {e.id: now.passages(e.id) for e in entries},
        "suggested": [
            now.suggester.suggest(typed, 20) for typed in ("党", "石榴", "shiliu", "sls", "支部大会")
        ],
    }


def test_exact_names(whole: Snapshot) -> None:
    titles = {key(e.title): e.id for e in whole.entries.values()}
    others: dict[str, str] = {}
    for entry in whole.entries.values():
        for name in filter(None, (entry.document_number, *entry.aliases)):
            others.setdefault(key(name), entry.id)
    for name, entry_id in (others | titles).items():
        assert whole.exact[name] == entry_id
    assert whole.exact.get("没有这样的名称") is None and "没有这样的名称" not in whole.exact


def test_links_both_ways(whole: Snapshot) -> None:
    strength: Counter[tuple[str, str]] = Counter()
    naming: dict[str, list[str]] = {}
    for entry in whole.entries.values():
        for other in entry.related:
            naming.setdefault(other, []).append(entry.id)
            if other in whole.entries and other != entry.id:
                strength[entry.id, other] += 1
                strength[other, entry.id] += 1
    found = {(i, other): n for i in whole.entries for other, n in whole.links.get(i, {}).items()}
    assert found == strength
    assert {i: whole.linked_from.get(i, []) for i in naming} == naming


def test_who_cites_what(whole: Snapshot) -> None:
    expected: dict[str, dict[str, list[Any]]] = {}
    for entry in whole.entries.values():
        for citation in entry.citations:
            articles = expected.setdefault(citation.policy, {})
            articles.setdefault(citation.article, []).append((entry, citation))
    assert {policy: whole.cited_by[policy] for policy in expected} == expected
    assert whole.cited_by.get("no-such-policy") is None


def test_words_and_how_rare_they_are(whole: Snapshot) -> None:
    cut = whole.reader.segmenter.words
    texts = [
        text for e in whole.entries.values() for text in (e.title, *e.aliases, e.summary, *e.tags) if text
    ]
    counts = Counter(token.text for text in texts for token in cut(text))
    assert {word: whole.reader.vocabulary.get(word, 0) for word in counts} == counts
    assert set(whole.reader.vocabulary) == counts.keys() and "龘龘" not in whole.reader.vocabulary
    assert whole.sentence_count == sum(3 + len(e.aliases) + len(e.tags) for e in whole.entries.values())
    assert whole.rarity("党费") < whole.rarity("龘龘")
    assert [*filter(None, whole.reader.sentences())] == [tuple(t.text for t in cut(text)) for text in texts]
    assert load_sentences("") == ((),)


def test_filters_and_tallies(whole: Snapshot) -> None:
    entries = list(whole.entries.values())
    tally = whole.tally([e.id for e in entries])
    for name in FILTER_FIELDS:
        expected = Counter(value for e in entries for value in filter_values(e)[name])
        assert tally[name] == expected and list(tally[name]) == list(expected), "counts and their order"
        for value in expected:
            filters = Filters(**{name: (value,)})
            assert [whole.catalogue.passes(e.id, filters) for e in entries] == [
                passes(e, filters) for e in entries
            ]


def test_the_most_named_first(whole: Snapshot) -> None:
    named = Counter(other for e in whole.entries.values() for other in e.related)
    for kind in Kind:
        here = sorted(whole.of_kind(kind), key=lambda e: (-named[e.id], e.id))
        assert whole.most_named(kind, "", 400) == tuple(here)
        for category in {e.category for e in here if e.category}:
            ranked = [e for e in here if e.category == category]
            assert whole.most_named(kind, category, 5) == tuple(ranked[:5])
            assert whole.count(kind, category) == len(ranked)


def changes(folder: Path, library: Library) -> Iterator[None]:
    """One change after the other, of every sort."""
    content = folder / "content"
    title = "石榴树下的支部大会"
    related = replace(new_case("case-new", title), related=("fee-late", "case-fee-app"), aliases=("石榴树",))
    yield library.save(related, None) and None
    late = library.get("fee-late")
    write_entry(content, replace(late, title="党费晚交了", aliases=late.aliases[1:], related=()))
    yield library.refresh() and None
    write_entry(content, replace(library.get("life-meeting"), publication=Publication.WITHDRAWN))
    yield library.refresh() and None
    (content / "cases" / "case-fee-app.md").unlink()
    yield library.take("case-fee-app") and None
    (content / "handbook").mkdir(exist_ok=True)
    (content / "issues" / "ballot-tie.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    yield library.refresh() and None
    library.fold()
    yield None


def test_a_held_snapshot_stays_what_it_was(folder: Path) -> None:
    library = open_library(folder, FakeEncoder())
    held = [(library.snapshot, told(library.snapshot))]
    for _ in changes(folder, library):
        held.append((library.snapshot, told(library.snapshot)))
        for now, was in held[-4:]:
            assert told(now) == was
    assert len({now.revision for now, _ in held}) == len(held) - 1, "folding changes nothing"


def test_kept_up_to_date_is_as_if_built_anew(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    library = open_library(folder, FakeEncoder())
    for number, _ in enumerate(changes(folder, library)):
        other = tmp_path_factory.mktemp(f"anew-{number}")
        for name in ("content", "local"):
            if (folder / name).exists():
                (other / name).symlink_to(folder / name)
        assert told(library.snapshot) == told(open_library(other, FakeEncoder()).snapshot)
        assert told(open_library(folder, FakeEncoder()).snapshot) == told(library.snapshot)


def test_nothing_dead_is_kept_for_ever(folder: Path) -> None:
    library = open_library(folder)
    record = library.save(new_case("case-new", "第0轮"), None)
    for round_ in range(1, 4):
        record = library.save(replace(record.entry, title=f"第{round_}轮"), record.version)
        library.fold()
    library.fold()
    database = library.snapshot.lookup.manifest.database
    for table in ("entries", "texts"):
        assert database.fetch(f"SELECT count(*) FROM {table}") == [(len(library.store.files()[0]),)]
    assert database.intact()


def test_pinyin_is_put_beside_names_once_though_two_set_out_to(folder: Path) -> None:
    library, other = open_library(folder), open_library(folder)
    for number in range(3):
        library.save(new_case(f"case-{number}", f"石榴树第{number}个案例"), None)
    other.refresh()
    late = [*other.snapshot.spell()]
    assert [len({row for row, *_ in rows}) for rows in late] == [1, 1, 1]
    library.snapshot.lookup.manifest.spell(next(library.snapshot.spell()))
    library.fold()
    other.snapshot.lookup.manifest.spell(late[-1])
    assert not [*library.snapshot.spell()] and library.snapshot.lookup.manifest.database.intact()
    assert [s.entry_id for s in library.suggest("shiliushu")] == [f"case-{number}" for number in range(3)]


def test_saves_go_on_while_a_fold_is_prepared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are in what the fold puts in place, and what it prepared is not given up for them."""
    library = open_library(folder, FakeEncoder())
    library.save(new_case("case-old", "银杏树"), None)
    folded = snapshot.folded

    def slow(*given: Any) -> Snapshot:
        made = folded(*given)
        library.save(new_case("case-new", "石榴树"), None)
        return made

    monkeypatch.setattr(snapshot, "folded", slow)
    library.fold()
    assert set(library.snapshot.catalogue.fresh) == {"case-new"}
    assert [library.search(word).hits[0].id for word in ("石榴树", "银杏树")] == ["case-new", "case-old"]


def test_what_stays_in_memory_is_not_looked_through_again(folder: Path) -> None:
    library = open_library(folder)
    try:
        gc.unfreeze()
        library.fold()
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()


def test_a_save_reads_no_other_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = open_library(folder, FakeEncoder())

    def refuse() -> None:
        raise AssertionError("looked at every file")

    monkeypatch.setattr(library.store, "files", refuse)
    read: list[str] = []
    load = library.store.load
    monkeypatch.setattr(library.store, "load", lambda file: read.append(file.id) or load(file))
    record = library.save(new_case("case-new", "石榴树"), None)
    library.save(replace(record.entry, title="银杏树"), record.version)
    assert read == ["case-new", "case-new"]
    assert library.search("银杏树").hits[0].id == "case-new"


def test_entries_are_read_when_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_library(folder)
    seen: list[int] = []
    held = Manifest._held
    monkeypatch.setattr(Manifest, "_held", lambda self, number: seen.append(number) or held(self, number))
    library = open_library(folder)
    assert seen == []
    library.get("fee-late")
    library.get("fee-late")
    assert len(seen) == 1
    assert len(library.snapshot.entries) == 12


def test_many_changed_files_are_taken_in_chunks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "TAKE_CHUNK", 3)
    library = open_library(folder)
    for number in range(8):
        write_entry(folder / "content", new_case(f"case-{number}", f"石榴树第{number}个案例"))
    revision = library.snapshot.revision
    assert sorted(library.refresh()) == [f"case-{number}" for number in range(8)]
    assert library.snapshot.revision == revision + 3


def test_what_was_replaced_goes_with_its_last_reader(folder: Path) -> None:
    """In a circle of references it would stay until Python looks for circles, with all vectors mapped."""
    library = open_library(folder, FakeEncoder())
    gone: list[weakref.ref[object]] = []
    gc.collect()
    gc.disable()
    try:
        for number in range(4):
            library.save(new_case(f"case-{number}", f"第{number}个石榴树案例"), None)
            library.search("石榴树 党费")
            now, state = library.snapshot, library._room.generation.keyword._state
            parts = [held.part for held in state.parts]
            gone += map(weakref.ref, (now, now.vectors, now.lookup, now.catalogue, state, *parts))
            del now, state, parts
            library.fold()
        library.search("石榴树 党费")
        library.save(new_case("case-last", "最后的石榴树案例"), None)
        library.fold()
        assert [found() for found in gone if found() is not None] == []
    finally:
        gc.enable()
