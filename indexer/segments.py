"""What we hold -> Whoosh segments: new entries, or several small segments made into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from indexer.analysis import FILTER_FIELDS, Analysed
from indexer.blocks import BARE, COUNTED, PLACED, Words
from indexer.disk import Row, read_rows
from indexer.gathering import Gathered, gather
from indexer.lean import Field, on_disk, write_segment
from indexer.merging import PartReader, to_bytes
from indexer.merging import part_of as part_of
from indexer.postings import FIELDS, GRAMS, WORD_FIELDS, Array, Ints, Lists, Part, starts_of
from indexer.spelling import spread, starts
from indexer.stock import PHRASE_FIELDS

AT_ONCE = 1 << 15
"""Postings laid out at a time: those of 2,500 entries all together would take 300 MiB more."""
_ALL = sorted((*FIELDS, *FILTER_FIELDS, "id"))
_KINDS = [PLACED if name in PHRASE_FIELDS else BARE if name == "id" else COUNTED for name in _ALL]


def write_new(storage: Any, gathered: Gathered) -> Any:
    """New entries as a segment, not yet committed."""
    lengths = np.zeros((len(_ALL), len(gathered.names)), np.uint8)
    lengths[[_ALL.index(name) for name in FIELDS]] = to_bytes(gathered.lengths)
    fields = [Field(*each) for each in zip(_ALL, _KINDS, lengths, strict=True)]
    totals = dict(zip(FIELDS, gathered.lengths.sum(axis=1).tolist(), strict=True))
    return write_segment(storage, fields, _words(gathered), gathered.names, totals)


def write_together(folder: Path, entries: Iterable[Analysed]) -> tuple[Any, Part]:
    """New entries as one segment, and compiled."""
    gathered = gather(entries)
    return write_new(on_disk(folder), gathered), part_of(gathered)


def merge_segments(source: Path, segments: Sequence[Any], target: Path) -> tuple[Any, Part]:
    """Living documents of some segments as one new segment in another folder, and compiled."""
    gathered = _read_back(source, segments)
    return write_new(on_disk(target), gathered), part_of(gathered)


def _read_back(folder: Path, segments: Sequence[Any]) -> Gathered:
    """Living documents of some segments."""
    reader = PartReader(sum(segment.doc_count() for segment in segments), placed=True)
    base = 0
    for segment in segments:
        dead = set(segment.deleted_docs())
        living = [doc for doc in range(segment.doc_count_all()) if doc not in dead]
        numbers = {doc: place for place, doc in enumerate(living)}
        for field, row in read_rows(folder, segment):
            reader.add(field, _living(row, numbers) if dead else row, base)
        base += len(living)
    return reader.gathered()


def _living(row: Row, numbers: Mapping[int, int]) -> Row:
    """The living postings of a row, documents numbered anew."""
    kept = [place for place, doc in enumerate(row.docs) if doc in numbers]
    return Row(
        row.term,
        [numbers[row.docs[place]] for place in kept],
        [row.weights[place] for place in kept],
        [row.values[place] for place in kept],
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """All words of a segment in order of field and word, and where their postings are."""

    fields: Ints
    terms: list[bytes]
    begins: Ints
    """First posting of each word."""
    sizes: Ints
    docs: Array
    counts: Array
    """Of all postings, not in the order of words; those in `Gathered.words` are first."""


def _words(gathered: Gathered) -> Iterator[Words]:
    """All words of all fields, some at a time."""
    table = _table(gathered)
    placed = np.array(_KINDS)[table.fields] == PLACED
    firsts = starts(gathered.words.counts)
    ends = np.flatnonzero(np.diff(np.cumsum(table.sizes) // AT_ONCE)) + 1
    for first, last in pairwise((0, *ends.tolist(), len(table.terms)) if table.terms else ()):
        some = slice(first, last)
        sizes = table.sizes[some]
        postings = spread(table.begins[some], sizes)
        noted = postings[np.repeat(placed[some], sizes)]
        occurrences = spread(firsts[noted], table.counts[noted])
        yield Words(
            table.fields[some],
            table.terms[some],
            sizes,
            table.docs[postings],
            table.counts[postings],
            gathered.positions[occurrences],
        )


def _table(gathered: Gathered) -> _Table:
    found: dict[str, tuple[list[bytes], Ints, Ints]] = {}
    size = 0
    sources = _sources(gathered)
    for lists, names in sources:
        sizes = np.diff(lists.starts)
        for column, name in enumerate(names):
            rows = column + len(names) * np.flatnonzero(sizes[column :: len(names)])
            terms = [lists.terms[row] for row in (rows // len(names)).tolist()]
            found[name] = terms, size + lists.starts[rows], sizes[rows]
        size += len(lists.docs)
    fields = [found[name] for name in _ALL]
    return _Table(
        np.repeat(np.arange(len(_ALL)), [len(terms) for terms, _, _ in fields]),
        [term for terms, _, _ in fields for term in terms],
        np.concatenate([begins for _, begins, _ in fields]),
        np.concatenate([sizes for _, _, sizes in fields]),
        np.concatenate([lists.docs for lists, _ in sources], dtype=np.int32, casting="unsafe"),
        np.concatenate([lists.counts for lists, _ in sources], dtype=np.int32, casting="unsafe"),
    )


def _sources(gathered: Gathered) -> list[tuple[Lists, tuple[str, ...]]]:
    """Everything as lists, and the fields that each stands for."""
    ids = sorted((entry_id.encode(), [doc]) for doc, entry_id in enumerate(gathered.names))
    marks: dict[str, list[tuple[bytes, list[int]]]] = {name: [] for name in FILTER_FIELDS}
    for value, docs in sorted(gathered.marks.items()):
        name, _, shown = value.partition(b"\0")
        marks[name.decode()].append((shown, docs))
    return [
        (gathered.words, WORD_FIELDS),
        (gathered.grams, FIELDS[GRAMS:]),
        *((_once(listed), (name,)) for name, listed in marks.items()),
        (_once(ids), ("id",)),
    ]


def _once(postings: Sequence[tuple[bytes, Sequence[int]]]) -> Lists:
    """What is in a document once or not at all."""
    docs = np.array([doc for _, listed in postings for doc in listed], dtype=np.int32)
    sizes = [len(listed) for _, listed in postings]
    return Lists([term for term, _ in postings], starts_of(sizes), docs, np.ones(len(docs), np.int32))
