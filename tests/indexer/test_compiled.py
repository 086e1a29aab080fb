"""The compiled index against stock Whoosh, which answers from the same files: same entries, scores, order."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from whoosh import fields, index
from whoosh.analysis import Token, Tokenizer
from whoosh.scoring import BM25F

from indexer import changes, elsewhere, keyword, lean, merging, postings, segments, sidecar, topk
from indexer.analysis import analyse
from indexer.gathering import gather
from indexer.keyword import KeywordIndex
from indexer.postings import FIELDS
from indexer.query import Reader
from indexer.stock import PHRASE_FIELDS
from indexer.types import Candidate, Filters, Query, Term
from kb.store import Store
from kb.types import Entry, Kind, Publication
from tests.indexer.samples import REPOSITORY, segmenter, words

QUALITY = REPOSITORY / "tests" / "quality" / "queries.tsv"
CLOSE = 1e-9


@cache
def entries() -> tuple[Entry, ...]:
    """The starter content, as far as readers may see it."""
    found = [record.entry for record in Store((REPOSITORY,)).records()[0]]
    return tuple(entry for entry in found if entry.publication is Publication.PUBLISHED)


@cache
def reader() -> Reader:
    """What understands queries; no repairs by what the collection holds."""
    known = {word: 1 for entry in entries() for word in segmenter().index_words(entry.title)[0]}
    return Reader(segmenter(), words(), known, lambda: [])


@cache
def questions() -> tuple[str, ...]:
    lines = QUALITY.read_text(encoding="utf-8").splitlines()
    return tuple(line.split("\t")[0] for line in lines if line and not line.startswith("#"))


def made(folder: Path, listed: Sequence[Entry], chunks: int = 1) -> KeywordIndex:
    """An index with `listed` in so many writes."""
    made = KeywordIndex(folder / "whoosh", segmenter())
    made.create()
    for number in range(chunks):
        made.write(listed[number::chunks], ())
    return made


def opened(folder: Path) -> KeywordIndex:
    """The index in a folder as another process has it."""
    found = KeywordIndex(folder / "whoosh", segmenter())
    found.open()
    return found


def agree(found: list[Candidate], expected: list[Candidate]) -> bool:
    """Same scores; same order wherever scores differ by more than rounding."""
    if len(found) != len(expected):
        return False
    close = all(abs(a.score - b.score) <= CLOSE * b.score for a, b in zip(found, expected, strict=True))
    places = {c.entry_id: place for place, c in enumerate(found)}
    return close and all(
        a.entry_id == b.entry_id
        or (b.entry_id in places and abs(found[places[b.entry_id]].score - b.score) <= CLOSE * b.score)
        or (b.score - expected[-1].score) <= CLOSE * b.score
        for a, b in zip(found, expected, strict=True)
    )


def check(tested: KeywordIndex, asked: Query, limit: int = 100) -> None:
    found, expected = tested.candidates(asked, limit), tested.oracle(asked, limit)
    assert agree(found, expected), (asked.raw, asked.terms, found[:5], expected[:5])


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> KeywordIndex:
    """All starter entries in several segments, some written twice, some deleted."""
    tested = made(tmp_path_factory.mktemp("starter"), entries(), 3)
    for entry in entries()[:40:4]:
        tested.write([replace(entry, summary=f"{entry.summary}，又改过一次")], ())
    tested.write((), [entry.id for entry in entries()[2:60:6]])
    return tested


@pytest.mark.parametrize("part", range(4))
def test_real_questions(starter: KeywordIndex, part: int) -> None:
    for typed in questions()[part::12]:
        check(starter, reader().parse(typed))
        check(starter, reader().parse(typed), 10)


@pytest.mark.parametrize("few", [0, 5, 1000])
@pytest.mark.parametrize("spared", [0.0, 0.5, 0.9])
def test_whatever_is_left_unread(
    starter: KeywordIndex, few: int, spared: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Short cuts that otherwise only collections of thousands take."""
    for name, value in (("LONG", 1), ("COMMON", 100), ("FEW", few), ("SPARED", spared)):
        monkeypatch.setattr(topk, name, value)
    filters = Filters(kinds=("problem",), organisations=("农村", "通用"))
    for number, typed in enumerate(questions()[few % 7 :: 40]):
        for limit in (1, 10, 100):
            check(starter, reader().parse(typed, filters if number % 3 == 0 else None), limit)


@pytest.mark.parametrize("seed", range(4))
def test_generated_queries(starter: KeywordIndex, seed: int) -> None:
    chance = random.Random(seed)
    vocabulary = sorted(starter.vocabulary())
    for _ in range(40):
        texts = chance.sample(vocabulary, chance.randint(1, 12)) + chance.sample(("党员", "支部", "没有"), 2)
        terms = tuple(Term(text, chance.choice((1.0, 0.7, 0.4, 0.28))) for text in texts)
        pairs = tuple(chance.sample(("党", "员", "党员", "会", "支部", "部", "龘"), chance.randint(0, 5)))
        check(starter, Query("", terms=terms, grams=pairs), chance.choice((1, 3, 10, 100, 1000)))


@pytest.mark.parametrize("typed", ["党费", "换届选举怎么办", "党员", "流动党员组织关系"])
def test_filters(starter: KeywordIndex, typed: str) -> None:
    for filters in (
        Filters(kinds=("problem",)),
        Filters(kinds=("case", "policy"), categories=("基本组织", "基本制度")),
        Filters(organisations=("农村", "国有企业"), years=("2026",)),
        Filters(validity=("现行",)),
        Filters(sources=("没有这种来源",)),
    ):
        asked = reader().parse(typed, filters)
        check(starter, asked)
        check(starter, asked, 3)


PHRASES = (
    (("党员",),),
    (("支部", "党员", "大会"),),
    (("组织", "关系"),),
    (("党费",), ("支部",)),
    (("没有", "没有"),),
    (("龘龘",),),
)


@pytest.mark.parametrize("bisected", [0, 16, 10_000])
def test_phrases(starter: KeywordIndex, bisected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoosh says who holds them; the rest is added up here, cell by cell or by looking them up."""
    monkeypatch.setattr(topk, "BISECTED", bisected)
    filters = (Filters(), Filters(kinds=("problem",)), Filters(kinds=("case",), organisations=("农村",)))
    found = 0
    for typed in questions()[::60]:
        asked = reader().parse(typed)
        for phrases in PHRASES:
            for narrowed in filters:
                for limit in (3, 100):
                    quoted = replace(asked, phrases=phrases, filters=narrowed)
                    check(starter, quoted, limit)
                    found += len(starter.candidates(quoted, limit))
    assert found > 100


def test_phrases_and_nothing_else(starter: KeywordIndex) -> None:
    assert starter.candidates(Query("", phrases=PHRASES[0]), 10)
    for phrases in PHRASES:
        check(starter, Query("", phrases=phrases))
        check(starter, Query("", phrases=phrases, terms=(Term("龘", 1.0),)))


def test_after_opening_again_and_folding(tmp_path: Path) -> None:
    tested = made(tmp_path, entries()[:60], 12)
    tested.write((), [entry.id for entry in entries()[:10]])
    asked = [reader().parse(typed) for typed in questions()[::60]]
    for step in ("written", "opened", "folded", "opened again", "without parts"):
        if step == "folded":
            assert tested.fold() and not tested.fold()
        elif step == "without parts":
            shutil.rmtree(tmp_path / "compiled")
        if step not in ("written", "folded"):
            tested = KeywordIndex(tmp_path / "whoosh", segmenter())
            tested.open()
        assert tested.ids() == {entry.id for entry in entries()[10:60]}, step
        for query in asked:
            check(tested, query)


def test_folding_leaves_what_a_fresh_build_has(tmp_path: Path) -> None:
    """Statistics too: nothing remembers the documents that are gone."""
    worn = made(tmp_path / "worn", entries()[:50], 25)
    worn.write((), [entry.id for entry in entries()[30:50]])
    worn.write([replace(entry, title="改") for entry in entries()[:30]], ())
    worn.write(entries()[:30], ())
    while worn.fold():
        pass
    fresh = made(tmp_path / "fresh", entries()[:30])
    for typed in questions()[::20]:
        asked = reader().parse(typed)
        assert agree(worn.candidates(asked, 100), fresh.candidates(asked, 100))


def test_a_bulk_build_is_the_same_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword, "BULK_TOKENS", 20_000)
    bulk = KeywordIndex(tmp_path / "bulk" / "whoosh", segmenter())
    bulk.create()
    for start in range(0, 60, 7):
        bulk.write(entries()[start : min(60, start + 7)], (), bulk=True)
    bulk.finish()
    single = made(tmp_path / "single", entries()[:60])
    assert bulk.ids() == single.ids() and bulk.vocabulary() == single.vocabulary()
    assert len(list((tmp_path / "bulk" / "compiled").iterdir())) == 1
    for typed in questions()[::30]:
        asked = reader().parse(typed)
        check(bulk, asked)
        assert agree(bulk.candidates(asked, 100), single.candidates(asked, 100))


def test_a_segment_written_bit_by_bit_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many postings are laid out at a time."""

    def files(folder: Path) -> list[bytes]:
        made(folder, entries()[:40])
        found = [path for path in (folder / "whoosh").iterdir() if path.suffix in (".pst", ".trm")]
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.suffix)]

    whole = files(tmp_path / "whole")
    calls: list[int] = []
    laid_out = lean.laid_out
    monkeypatch.setattr(lean, "laid_out", lambda *given: calls.append(1) or laid_out(*given))
    monkeypatch.setattr(segments, "AT_ONCE", 50)
    assert files(tmp_path / "bits") == whole
    assert len(calls) > 100, "each field in many pieces"


def test_parts_merged_bit_by_bit_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all cells go is worked out for a few million of them at a time."""
    cut = [analyse(entry, segmenter()) for entry in entries()[:60]]
    several = [segments.part_of(gather(cut[start : start + 20])) for start in (0, 20, 40)]
    whole = merging.merge_parts(several)
    bits: list[int] = []
    stretches = merging._stretches
    monkeypatch.setattr(postings, "CHUNK", 500)
    monkeypatch.setattr(
        merging, "_stretches", lambda starts: (bits.append(1) or s for s in stretches(starts))
    )
    again = merging.merge_parts(several)
    assert len(bits) > 50
    assert all(np.array_equal(getattr(whole, f.name), getattr(again, f.name)) for f in fields_of(whole))


class _Ready(Tokenizer):  # type: ignore[misc]
    """Hands stock Whoosh the words we cut."""

    def __call__(self, value: str, **_: Any) -> Iterator[Any]:
        for found in value.split("\n"):
            if found:
                text, position = found.split("\t")
                token = Token()
                token.text, token.pos, token.boost, token.stopped = text, int(position), 1.0, False
                yield token


def test_stock_whoosh_writes_what_we_write(tmp_path: Path) -> None:
    """The oracle reads our files; here it wrote its own, and says the same, phrases included."""
    ours = made(tmp_path / "ours", entries()[:40])
    text = {name: fields.TEXT(analyzer=_Ready(), phrase=name in PHRASE_FIELDS) for name in FIELDS}
    (tmp_path / "stock").mkdir()
    schema = fields.Schema(id=fields.ID(stored=True), **text)
    writer = index.create_in(str(tmp_path / "stock"), schema).writer()
    for entry in entries()[:40]:
        analysed = analyse(entry, segmenter())
        cut = dict(zip(FIELDS, zip(analysed.words, analysed.positions, strict=True), strict=False))
        cut["grams"] = (analysed.grams, list(range(len(analysed.grams))))
        joined = {
            name: "\n".join(f"{word}\t{at}" for word, at in zip(*pair, strict=True))
            for name, pair in cut.items()
        }
        writer.add_document(id=entry.id, **joined)
    writer.commit()
    for typed in (*questions()[::40], "“民主评议党员”", "“组织关系” 转接", "“没有这句话”"):
        asked = reader().parse(typed)
        searcher = index.open_dir(str(tmp_path / "stock"), schema=schema).searcher(weighting=BM25F())
        expected = keyword.stock.candidates(searcher, asked, 100)
        assert agree(ours.candidates(asked, 100), expected), typed


def test_another_process_is_noticed(tmp_path: Path) -> None:
    one = made(tmp_path, entries()[:5])
    other = KeywordIndex(tmp_path / "whoosh", segmenter())
    other.open()
    for entry in entries()[5:9]:
        one.write([entry], ())
        other.open()
        assert entry.id in other.ids()
        other.write((), [entry.id])
        one.open()
        assert one.ids() == {e.id for e in entries()[:5]}
    one.fold()
    assert other.ids() == one.ids()
    check(other, reader().parse(entries()[0].title))


def test_readers_never_see_half_a_change(tmp_path: Path) -> None:
    tested = made(tmp_path, entries()[:30], 10)
    asked = reader().parse(entries()[3].title)
    stop, wrong = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            found = [c.entry_id for c in tested.candidates(asked, 1000)]
            if len(found) != len(set(found)) or entries()[3].id not in found:
                wrong.append(found)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(12):
        tested.write([replace(entries()[3], summary=f"第{number}次修改")], ())
        if number % 4 == 3:
            tested.fold()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]
    check(tested, asked)


@pytest.mark.parametrize("way", ["write_together", "merge_segments"])
@pytest.mark.parametrize("again", [False, True])
def test_writes_during_a_fold_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, again: bool
) -> None:
    """Both ways: what is not in Whoosh yet is in memory, a worn segment is read back."""
    tested = made(tmp_path, entries()[:20], 10)
    if way == "merge_segments":
        assert tested.fold()
        monkeypatch.setattr(changes, "WORN", 0)
        tested.write((), [entries()[2].id])
        tested.write([entries()[2]], ())
        monkeypatch.setattr(KeywordIndex, "_merge_fresh", lambda self, each: False)
    if again:
        tested = KeywordIndex(tmp_path / "whoosh", segmenter())
        tested.open()
    do_if, ways = elsewhere.do_if, []

    def slow(much: bool, work: Any, *given: Any) -> Any:
        done = do_if(much, work, *given)
        tested.write([entries()[25]], [entries()[1].id])
        ways.append(work.__name__)
        return done

    monkeypatch.setattr(elsewhere, "do_if", slow)
    assert tested.fold() and ways == [way]
    assert tested.ids() == {e.id for e in (*entries()[:20], entries()[25])} - {entries()[1].id}
    for typed in (entries()[25].title, entries()[1].title, "党员"):
        check(tested, reader().parse(typed))
    opened = KeywordIndex(tmp_path / "whoosh", segmenter())
    opened.open()
    assert opened.ids() == tested.ids()


def segment_names(folder: Path) -> set[str]:
    return {path.name.split(".")[0] for path in (folder / "whoosh").glob("MAIN_*.trm")}


def test_folding_one_worn_segment_leaves_no_file_behind(tmp_path: Path) -> None:
    tested = made(tmp_path, entries()[:40])
    tested.write((), [entry.id for entry in entries()[:10]])
    assert not tested.fold(), "a quarter may stay"
    tested.write((), [entries()[10].id])
    assert tested.fold()
    assert len(segment_names(tmp_path)) == 1 and tested.ids() == {entry.id for entry in entries()[11:40]}


def test_a_busy_month_leaves_few_segments(tmp_path: Path) -> None:
    tested = made(tmp_path, entries()[:3])
    most = 0
    for number, entry in enumerate(entries()[:60]):
        tested.write([replace(entry, summary=f"第{number}次修改")], ())
        if tested.gathered > 4:
            while tested.fold():
                pass
            most = max(most, len(segment_names(tmp_path)))
    assert 1 < most <= changes.HEAP and tested.ids() == {entry.id for entry in entries()[:60]}
    check(tested, reader().parse("第59次修改"))


@pytest.mark.parametrize("many", [1, 40])
def test_a_failed_save_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """Whether it would have been noted in the journal or committed."""
    tested = made(tmp_path, entries()[:4], 4)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(keyword.disk, "commit", fail)
        patch.setattr(keyword.journal, "write", fail)
        with pytest.raises(OSError, match="disk full"):
            tested.write(entries()[5 : 5 + many], [entries()[0].id])
    assert tested.ids() == {entry.id for entry in entries()[:4]}
    tested.write([entries()[6]], ())
    assert tested.ids() == {entry.id for entry in (*entries()[:4], entries()[6])}
    for entry in entries()[:7]:
        check(tested, reader().parse(entry.title))


@pytest.fixture
def folded(tmp_path: Path) -> Path:
    made(tmp_path, entries()[:20], 4).fold()
    return tmp_path


@pytest.mark.parametrize("array", ["docs", "counts", "impacts", "words", "word_starts", "names", "lengths"])
def test_damaged_parts_are_made_anew(folded: Path, array: str) -> None:
    (path,) = folded.glob(f"compiled/part-*/{array}.npy")
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 0x55
    path.write_bytes(raw)
    assert not sidecar.verify(folded / "compiled")
    tested = KeywordIndex(folded / "whoosh", segmenter())
    tested.open()
    assert tested.ids() == {entry.id for entry in entries()[:20]}
    check(tested, reader().parse("党员大会怎么开"))


@pytest.mark.parametrize("harm", ["record", "half", "short", "empty", "foreign"])
def test_parts_that_cannot_be_used_are_passed_over(folded: Path, harm: str) -> None:
    (part,) = folded.glob("compiled/part-*")
    if harm == "record":
        (part / "part.json").write_text("0badcafe\n{}", encoding="utf-8")
    elif harm == "half":
        (part / "docs.npy").unlink()
    elif harm == "short":
        (part / "docs.npy").write_bytes((part / "docs.npy").read_bytes()[:-100])
    elif harm == "empty":
        (part / "part.json").write_bytes(b"")
    else:
        made(folded / "other", entries()[40:60], 2).fold()
        shutil.rmtree(part)
        shutil.copytree(folded / "other" / "compiled", folded / "compiled", dirs_exist_ok=True)
    tested = KeywordIndex(folded / "whoosh", segmenter())
    tested.open()
    assert tested.ids() == {entry.id for entry in entries()[:20]}
    check(tested, reader().parse("党员大会怎么开"))


def test_what_a_killed_writer_leaves_is_swept_away(folded: Path) -> None:
    (folded / "compiled" / "tmp-dead").mkdir()
    (folded / "whoosh" / "MAIN_0000000000000000.trm").write_bytes(b"half a segment")
    tested = KeywordIndex(folded / "whoosh", segmenter())
    tested.open()
    for entry in entries()[30:32]:
        tested.write([entry], ())
    assert tested.fold()
    assert {path.name[:5] for path in (folded / "compiled").iterdir()} == {"part-"}
    assert not (folded / "whoosh" / "MAIN_0000000000000000.trm").exists()


WORDS = ("党费", "党员", "换届", "选举", "支部", "学习", "六个月", "4/5", "a4", "民主评议党员")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map("，".join)
IDS = st.sampled_from([f"entry-{number}" for number in range(12)])


class EditsAgainstWhoosh(RuleBasedStateMachine):
    """Any order of adding, changing, deleting, folding and opening again."""

    folder: Path
    number = 0

    @initialize()
    def start(self) -> None:
        type(self).number += 1
        self.place = self.folder / f"run-{self.number}"
        self.tested = made(self.place, ())
        self.other = opened(self.place)
        self.held: set[str] = set()

    @rule(entry_id=IDS, title=TEXTS, summary=TEXTS, tag=st.sampled_from(WORDS), kind=st.sampled_from(Kind))
    def save(self, entry_id: str, title: str, summary: str, tag: str, kind: Kind) -> None:
        entry = Entry(
            entry_id, kind, title, summary, tags=(tag,), aliases=(summary,), body=f"## {title}\n\n{tag}"
        )
        self.tested.write([entry], ())
        self.held.add(entry_id)

    @rule(ids=st.sets(IDS, max_size=4))
    def delete(self, ids: set[str]) -> None:
        self.tested.write((), ids)
        self.held -= ids

    @rule(first=st.integers(0, 10**6))
    def add_many(self, first: int) -> None:
        many = [Entry(f"many-{first}-{n}", Kind.CASE, WORDS[n % 7], body=WORDS[n % 9]) for n in range(40)]
        self.tested.write(many, ())
        self.held |= {entry.id for entry in many}

    @rule()
    def fold(self) -> None:
        self.tested.fold()

    @rule(lost=st.booleans())
    def open_again(self, lost: bool) -> None:
        if lost:
            shutil.rmtree(self.place / "compiled", ignore_errors=True)
        self.tested = opened(self.place)

    @rule()
    def another_process(self) -> None:
        """Whose index was opened at any time before."""
        self.tested, self.other = self.other, self.tested

    @rule(fresh_too=st.booleans())
    def a_fold_is_killed(self, fresh_too: bool) -> None:
        """It took its number, and never commits."""
        self.tested._marked(fresh_too=fresh_too)

    @precondition(lambda self: self.held)
    @rule(
        terms=st.lists(st.sampled_from((*WORDS, "评议", "没有")), min_size=1, max_size=5, unique=True),
        kinds=st.sets(st.sampled_from(("case", "policy", "none"))),
        limit=st.sampled_from((1, 2, 5, 100)),
    )
    def ask(self, terms: list[str], kinds: set[str], limit: int) -> None:
        filters = Filters(kinds=tuple(sorted(kinds)))
        asked = Query("", terms=tuple(map(Term, terms)), grams=("党", "党费", "支"), filters=filters)
        check(self.tested, asked, limit)
        assert agree(self.other.candidates(asked, limit), opened(self.place).candidates(asked, limit))

    @invariant()
    def holds_what_was_saved(self) -> None:
        if hasattr(self, "held"):
            assert self.tested.ids() == self.held


@pytest.mark.parametrize("long", [0, 300])
def test_any_order_of_edits(tmp_path: Path, long: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LONG", "FEW"):
        monkeypatch.setattr(topk, name, long)
    EditsAgainstWhoosh.folder = tmp_path
    machine: Any = EditsAgainstWhoosh
    from hypothesis.stateful import run_state_machine_as_test

    quick = settings(
        max_examples=15,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(machine, settings=quick)


def test_very_large_collections_have_several_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LARGEST", 25)
    monkeypatch.setattr(keyword, "BULK_TOKENS", 10_000)
    tested = made(tmp_path, ())
    tested.write(entries()[:70], (), bulk=True)
    tested.finish()
    sizes = [held.part.size for held in tested._state.parts]
    assert len(sizes) > 2 and max(sizes) <= 25 and sum(sizes) == 70
    for typed in questions()[::50]:
        check(tested, reader().parse(typed))
        check(tested, reader().parse(typed), 5)


def test_parts_grow_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts too large to be merged are joined when the later one has grown."""
    monkeypatch.setattr(changes, "SMALL", 4)
    tested = made(tmp_path, ())
    for start in range(0, 60, 6):
        for entry in entries()[start : start + 6]:
            tested.write([entry], ())
        while tested.fold():
            pass
    assert len(tested._state.parts) <= 3
    tested.write((), [entries()[7].id])
    for typed in questions()[::60]:
        check(tested, reader().parse(typed))
    assert tested.ids() == {entry.id for entry in entries()[:60]} - {entries()[7].id}
