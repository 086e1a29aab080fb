"""Segments as we write them against stock Whoosh, which reads both ours and those it writes itself."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import accumulate, count
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import fields, index, query, reading, scoring, searching
from whoosh.analysis import Token, Tokenizer
from whoosh.codec import default_codec
from whoosh.codec.whoosh3 import W3TermsReader
from whoosh.filedb.filetables import OrderedHashReader

from indexer import changes, disk, hashing, lean, segments, stock
from indexer.analysis import FILTER_FIELDS, Analysed, analyse
from indexer.blocks import BARE, COUNTED, PLACED, Words
from indexer.gathering import gather
from indexer.postings import FIELDS
from kb.store import Store
from kb.types import Publication
from tests.indexer.samples import REPOSITORY, segmenter

Postings = dict[int, list[int]]
"""Document -> positions of a word."""
KINDS = {"bare": BARE, "counted": COUNTED, "placed": PLACED}
SCHEMA = fields.Schema(bare=fields.ID(), counted=fields.KEYWORD(), placed=fields.TEXT())
DOCUMENTS = 65_800
EDGES = (0, 1, 255, 256, 257, 65_535, 65_536, 65_537, DOCUMENTS - 1)
LENGTHS = np.random.default_rng(3).integers(1, 255, (len(KINDS), DOCUMENTS)).astype(np.uint8)
LENGTHS[list(KINDS).index("bare")] = 0


def ours(storage: Any, held: dict[str, dict[bytes, Postings]]) -> Any:
    """A segment of these words by `lean`."""
    rows = [(n, term, at) for n, name in enumerate(KINDS) for term, at in sorted(held[name].items())]
    words = Words(
        np.array([number for number, _, _ in rows]),
        [term for _, term, _ in rows],
        np.array([len(at) for _, _, at in rows]),
        np.array([doc for _, _, at in rows for doc in at], np.int32),
        np.array([len(p) for _, _, at in rows for p in at.values()], np.int32),
        np.array([each for n, _, at in rows if n == 2 for p in at.values() for each in p], np.int32),
    )
    listed = [lean.Field(name, kind, LENGTHS[n]) for n, (name, kind) in enumerate(KINDS.items())]
    return lean.write_segment(storage, listed, [words] if rows else [], [], {})


def theirs(storage: Any, held: dict[str, dict[bytes, Postings]]) -> Any:
    """The same by Whoosh's own codec."""
    codec = default_codec()
    segment = codec.new_segment(storage, "MAIN")
    writer = codec.field_writer(storage, segment)
    for number, name in enumerate(KINDS):
        writer.start_field(name, SCHEMA[name])
        for term, at in sorted(held[name].items()):
            writer.start_term(term)
            for doc, positions in at.items():
                value = {"bare": b"", "counted": len(positions).to_bytes(4, "big")}.get(name)
                value = SCHEMA[name].format.encode(positions) if value is None else value
                length = lean.BYTE_LENGTHS[LENGTHS[number, doc]]
                writer.add(doc, float(len(positions)), value, length)
            writer.finish_term()
        writer.finish_field()
    writer.close()
    return segment


def described(info: Any) -> tuple[Any, ...]:
    """What Whoosh knows of a word without its postings."""
    names = ("weight", "doc_frequency", "min_length", "max_length", "max_weight", "min_id", "max_id")
    return tuple(getattr(info, name)() for name in names)


def listed(matcher: Any) -> list[tuple[Any, ...]]:
    """Every posting of a word, and what its block says."""
    found = []
    while matcher.is_active():
        value: Any = matcher.value_as("frequency") if matcher.supports("frequency") else None
        at = matcher.value_as("positions") if matcher.supports("positions") else None
        block = (matcher.block_min_length(), matcher.block_max_length(), matcher.block_max_weight())
        found.append((matcher.id(), matcher.weight(), value, at, *block, matcher.block_max_id()))
        matcher.next()
    return found


def terms_reader(storage: Any, segment: Any) -> W3TermsReader:
    return default_codec().terms_reader(storage, segment)


@st.composite
def words_of(draw: st.DrawFn) -> Postings:
    """Documents around the places where a number takes a byte more, and blocks that are just full."""
    size = draw(st.sampled_from((1, 1, 2, 3, 4, 5, 127, 128, 129, 256, 257)))
    chance = random.Random(draw(st.integers(0, 1 << 16)))
    near = [doc for edge in EDGES for doc in range(max(0, edge - 2), min(DOCUMENTS, edge + 3))]
    docs = set(chance.sample(near, min(size, len(near) - 5)))
    while len(docs) < size:
        docs.add(chance.randrange(DOCUMENTS))
    often = draw(st.sampled_from(((1,), (1,), (3,), (1, 2), (1, 255, 256, 257))))
    steps = draw(st.sampled_from(((1,), (1, 254, 255, 256, 257), (1, 65_535, 65_536))))
    return {
        doc: list(accumulate(chance.choice(steps) for _ in range(chance.choice(often))))
        for doc in sorted(docs)
    }


TERMS = st.text("党费支部ab1", min_size=1, max_size=6).map(str.encode)
HELD = st.fixed_dictionaries({name: st.dictionaries(TERMS, words_of(), max_size=6) for name in KINDS})


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(HELD)
def test_words_are_written_as_whoosh_writes_them(held: dict[str, dict[bytes, Postings]]) -> None:
    for at in held["bare"].values():
        at.update({doc: [0] for doc in at})
    agree(held)


def agree(held: dict[str, dict[bytes, Postings]]) -> None:
    storages = lean.in_memory(), lean.in_memory()
    mine = terms_reader(storages[0], ours(storages[0], held))
    stocks = terms_reader(storages[1], theirs(storages[1], held))
    assert list(mine.terms()) == list(stocks.terms())
    assert set(mine.indexed_field_names()) == set(stocks.indexed_field_names())
    for name in KINDS:
        for term in held[name]:
            assert described(mine.term_info(name, term)) == described(stocks.term_info(name, term))
            found, expected = (reader.matcher(name, term, SCHEMA[name].format) for reader in (mine, stocks))
            assert listed(found) == listed(expected), (name, term)


@pytest.mark.parametrize("often", [1, 2, 255, 256, 65_535, 65_536, 70_000])
@pytest.mark.parametrize("documents", [1, 2, 5])
def test_however_often_a_word_occurs(often: int, documents: int) -> None:
    """Equal weights and different ones, and values too long for one byte to say so."""
    docs = EDGES[:documents]
    same: Postings = {doc: list(range(often)) for doc in docs}
    mixed = {**same, EDGES[-1]: [7]}
    agree(
        {
            "bare": {b"a": {doc: [0] for doc in docs}},
            "counted": {b"a": same, b"b": mixed},
            "placed": {b"a": same, b"b": mixed},
        }
    )


def test_skipping_through_blocks_finds_what_whoosh_finds() -> None:
    chance = random.Random(5)
    docs = sorted(chance.sample(range(DOCUMENTS), 1000))
    held: dict[str, dict[bytes, Postings]] = {name: {} for name in KINDS}
    held["placed"][b"a"] = {doc: list(range(1, chance.randrange(2, 5))) for doc in docs}
    storage = lean.in_memory()
    matcher = terms_reader(storage, ours(storage, held)).matcher("placed", b"a", SCHEMA["placed"].format)
    for wanted in (0, docs[3], docs[127], docs[128] + 1, docs[700], docs[999]):
        matcher.skip_to(wanted)
        assert matcher.id() == next(doc for doc in docs if doc >= wanted)


def table_of(keys: Sequence[bytes]) -> OrderedHashReader:
    """Keys behind the number 258 with their own hashes for values, read by Whoosh."""
    values = np.array([crc32(key) for key in keys], ">u8")
    pairs, places, hashes = hashing.pairs(np.full(len(keys), 258), keys, values)
    place = len(hashing.HEADER)
    rest = hashing.rest(hashes, places + place, place + len(pairs), {"more": 1})
    storage = lean.in_memory()
    with storage.create_file("table") as file:
        file.write(hashing.HEADER + pairs.tobytes() + rest)
    return OrderedHashReader(storage.open_file("table"), storage.file_length("table"))


def crowded(tables: int, slots: int, home: int, wanted: int) -> list[bytes]:
    """Keys that all want the same slot of one table."""
    found: list[bytes] = []
    for number in count():
        hashed = crc32(b"\x01\x02%d" % number)
        if hashed & 255 == tables and (hashed >> 8) % slots == home:
            found.append(b"%d" % number)
            if len(found) == wanted:
                return sorted(found)
    raise AssertionError


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [b""],
        sorted(b"%d" % number for number in range(5000)),
        crowded(7, 10, 9, 5),
        crowded(7, 10, 8, 5),
        crowded(255, 10, 0, 5),
        sorted([*crowded(255, 12, 11, 3), *crowded(255, 12, 0, 2), *crowded(255, 12, 10, 1)]),
    ],
    ids=["none", "empty key", "many", "all at the end", "before the end", "at the start", "round the end"],
)
def test_hash_tables(keys: list[bytes]) -> None:
    table = table_of(keys)
    assert table.extras["more"] == 1
    assert list(table.keys()) == [b"\x01\x02" + key for key in keys]
    for key in keys:
        assert list(table.all(b"\x01\x02" + key)) == [crc32(key).to_bytes(8, "big")]
    for missing in (b"", b"\x01\x02missing", b"\x01\x03" + (keys or [b"1"])[0]):
        assert missing == b"\x01\x02" or table.get(missing) is None
    for wanted in (b"\x01\x02", b"\x01\x0230", b"\x01\x03"):
        later = [b"\x01\x02" + key for key in keys if b"\x01\x02" + key >= wanted]
        assert table.closest_key(wanted) == (later[0] if later else None)


class _Ready(Tokenizer):  # type: ignore[misc]
    """Hands stock Whoosh the words we cut."""

    def __call__(self, value: str, **_: Any) -> Iterator[Any]:
        for line in value.splitlines():
            text, position = line.split("\t")
            token = Token()
            token.text, token.pos, token.boost, token.stopped = text, int(position), 1.0, False
            yield token


def stock_index(folder: Path, entries: Sequence[Analysed]) -> reading.SegmentReader:
    """The entries as one segment by stock Whoosh's own writer."""
    text = {name: fields.TEXT(analyzer=_Ready(), phrase=name in stock.PHRASE_FIELDS) for name in FIELDS}
    filters = {name: fields.KEYWORD(commas=True) for name in FILTER_FIELDS}
    folder.mkdir()
    schema = fields.Schema(id=fields.ID(stored=True), **text, **filters)
    writer = index.create_in(str(folder), schema).writer(compound=False)
    for entry in entries:
        cut = dict(zip(FIELDS, zip(entry.words, entry.positions, strict=True), strict=False))
        cut["grams"] = (entry.grams, list(range(len(entry.grams))))
        told = {
            name: "\n".join(f"{word}\t{at}" for word, at in zip(*pair, strict=True))
            for name, pair in cut.items()
        }
        for name in FILTER_FIELDS:
            told[name] = ",".join(value for of, value in entry.marks if of == name)
        writer.add_document(id=entry.entry_id, **{name: value for name, value in told.items() if value})
    writer.commit()
    return index.open_dir(str(folder), schema=schema).reader()


def check(found: Any, expected: Any) -> None:
    """Two segments say the same of everything."""
    assert list(found.all_terms()) == list(expected.all_terms())
    assert found.doc_count() == expected.doc_count()
    assert list(found.all_stored_fields()) == list(expected.all_stored_fields())
    for name in (*FIELDS, *FILTER_FIELDS, "id"):
        assert list(found.lexicon(name)) == list(expected.lexicon(name))
        assert list(found.expand_prefix(name, "党")) == list(expected.expand_prefix(name, "党"))
    for name in FIELDS:
        assert found.field_length(name) == expected.field_length(name)
        for doc in range(found.doc_count()):
            length, wanted = (reader.doc_field_length(doc, name) for reader in (found, expected))
            assert (length or 0) == (wanted or 0), (name, doc)
    for name, term in expected.all_terms():
        assert described(found.term_info(name, term)) == described(expected.term_info(name, term))
        assert listed(found.postings(name, term)) == listed(expected.postings(name, term)), (name, term)


def starter(number: int) -> list[Analysed]:
    records = Store((REPOSITORY,)).records()[0]
    entries = [record.entry for record in records if record.entry.publication is Publication.PUBLISHED]
    return [analyse(entry, segmenter()) for entry in entries[:number]]


NOTHING = Analysed("nothing", ([],) * 7, ([],) * 7, [], ())
LITTLE = Analysed("little", (["党"], *([],) * 6), ([70_000], *([],) * 6), ["党", "党"], (("kinds", "case"),))


@pytest.mark.parametrize("others", [0, 1, 25])
@pytest.mark.parametrize("odd", [[NOTHING], [LITTLE], [replace(NOTHING, entry_id="a"), LITTLE, NOTHING]])
def test_entries_are_written_as_whoosh_writes_them(others: int, odd: list[Analysed], tmp_path: Path) -> None:
    """A single one, some without words in a field or in all, and many."""
    entries = [*odd, *starter(others)]
    storage = lean.in_memory()
    found = reading.SegmentReader(storage, stock.make_schema(), segments.write_new(storage, gather(entries)))
    with closing(stock_index(tmp_path / "stock", entries)) as expected:
        check(found, expected)


def test_phrases_are_found_in_what_is_written(tmp_path: Path) -> None:
    entries = starter(40)
    storage = lean.in_memory()
    reader = reading.SegmentReader(storage, stock.make_schema(), segments.write_new(storage, gather(entries)))
    body = FIELDS.index("body")
    searcher = searching.Searcher(reader, weighting=scoring.BM25F())
    for entry in entries[::5]:
        words, at = entry.words[body], entry.positions[body]
        place = next(place for place in range(40, len(at)) if at[place + 1] == at[place] + 1)
        asked = query.Phrase("body", words[place : place + 2])
        assert entry.entry_id in {hit["id"] for hit in searcher.search(asked, limit=None)}
    assert not searcher.search(query.Phrase("body", ["党员", "党员", "党员"]))


@pytest.mark.parametrize("writer", ["ours", "stock"])
def test_merged_segments_are_as_if_written_at_once(writer: str, tmp_path: Path) -> None:
    """Stock Whoosh's segments too: earlier versions compressed theirs and spelled positions as lists."""
    entries = starter(30)
    source, target = tmp_path / "source", tmp_path / "target"
    target.mkdir()
    if writer == "ours":
        source.mkdir()
        made = [segments.write_together(source, entries[first : first + 10])[0] for first in (0, 10, 20)]
    else:
        with closing(stock_index(source, entries)) as whole:
            made = [whole.segment()]
    dead = (0, 3, 9)
    made[0] = changes.without_docs(made[0], dead)
    merged, part = segments.merge_segments(source, made, target)
    living = [entry for doc, entry in enumerate(entries) if doc not in dead]
    with (
        closing(reading.SegmentReader(lean.on_disk(target), stock.make_schema(), merged)) as found,
        closing(stock_index(tmp_path / "new", living)) as expected,
    ):
        check(found, expected)
    mine, stocks = (
        sum(path.stat().st_size for path in folder.glob("*.pst")) for folder in (target, tmp_path / "new")
    )
    assert mine < stocks / 2, "short without compression"
    fresh = segments.part_of(gather(living))
    for name in ("words", "grams", "word_starts", "docs", "counts", "lengths", "totals", "marks", "names"):
        assert np.array_equal(getattr(part, name), getattr(fresh, name)), name


def test_nothing_is_left_of_dead_segments(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    segment, _ = segments.write_together(tmp_path, [LITTLE])
    dead = changes.without_docs(segment, (0,))
    merged, part = segments.merge_segments(tmp_path, [dead], tmp_path / "target")
    storage = lean.on_disk(tmp_path / "target")
    with closing(reading.SegmentReader(storage, stock.make_schema(), merged)) as found:
        assert not list(found.all_terms()) and found.doc_count_all() == part.size == 0


def test_rows_read_back_say_where_words_are(tmp_path: Path) -> None:
    segment, _ = segments.write_together(tmp_path, [LITTLE])
    rows = {(field, row.term): row for field, row in disk.read_rows(tmp_path, segment)}
    assert list(rows["title", "党".encode()].positions()) == [70_000]
    assert list(rows["grams", "党".encode()].positions()) == [0, 0]
