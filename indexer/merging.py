"""Small parts -> a larger one, and Whoosh's postings -> a part: how compiled arrays grow and come back."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer import postings
from indexer.analysis import FILTER_FIELDS
from indexer.disk import Row
from indexer.gathering import Gathered, taken
from indexer.lean import BYTE_LENGTHS
from indexer.postings import (
    FIELDS,
    GRAMS,
    LARGEST,
    WORD_FIELDS,
    Array,
    Ints,
    Lists,
    Part,
    compile_part,
    mark,
    starts_of,
)
from indexer.spelling import spread, starts
from indexer.terms import SEPARATOR, Bytes


def merge_parts(parts: Sequence[Part]) -> Part:
    """One part with the documents of all, in order."""
    if len(parts) == 1:
        return parts[0]
    bases = np.cumsum([0, *(part.size for part in parts)])
    words = [
        Lists(_split(p.words), p.word_starts, *_cells(p, slice(0, int(p.word_starts[-1])))) for p in parts
    ]
    grams = [
        Lists(
            _split(p.grams), p.gram_starts - p.gram_starts[0], *_cells(p, slice(int(p.gram_starts[0]), None))
        )
        for p in parts
    ]
    marks: dict[bytes, list[int]] = {}
    for part, base in zip(parts, bases.tolist(), strict=False):
        for value in part.mark_table:
            marks.setdefault(value, []).extend(doc + base for doc in part.marked(value).tolist())
    return compile_part(
        _merge_lists(words, bases, GRAMS),
        _merge_lists(grams, bases, 1),
        marks,
        np.concatenate([part.lengths for part in parts], axis=1),
        sum((part.totals for part in parts), np.zeros(len(FIELDS), np.int64)),
        [name for part in parts for name in part.all_names()],
        BYTE_LENGTHS,
    )


def _split(blob: Bytes) -> list[bytes]:
    return blob.tobytes().split(SEPARATOR)[1:-1]


def _cells(part: Part, where: slice) -> tuple[Array, Array]:
    return part.docs[where], part.counts[where]


def _merge_lists(several: Sequence[Lists], bases: Ints, width: int) -> Lists:
    """Lists over all words of `several`; the documents of each are numbered from its base.

    What is merged may lie in mapped files: only the result, in the smallest types, takes memory.
    """
    terms = sorted(set().union(*(lists.terms for lists in several)))
    number = {term: place for place, term in enumerate(terms)}
    rows = [
        (
            np.array([number[t] for t in lists.terms], dtype=np.int64)[:, None] * width + np.arange(width)
        ).ravel()
        for lists in several
    ]
    sizes = np.zeros(len(terms) * width, np.int64)
    for lists, row in zip(several, rows, strict=True):
        sizes[row] += np.diff(lists.starts)
    starts = starts_of(sizes)
    docs = np.empty(starts[-1], np.uint16 if bases[-1] <= LARGEST else np.int32)
    counts = np.empty(starts[-1], np.result_type(np.uint8, *(lists.counts.dtype for lists in several)))
    free = starts[:-1].copy()
    for lists, row, base in zip(several, rows, bases.tolist(), strict=False):
        for some in _stretches(lists.starts):
            cells = slice(int(lists.starts[some.start]), int(lists.starts[some.stop]))
            sizes = np.diff(lists.starts[some.start : some.stop + 1])
            places = np.repeat(free[row[some]] - lists.starts[some], sizes)
            places += np.arange(cells.start, cells.stop)
            docs[places] = lists.docs[cells] + docs.dtype.type(base)
            counts[places] = lists.counts[cells]
        free[row] += np.diff(lists.starts)
    return Lists(terms, starts, docs, counts)


def _stretches(starts: Ints) -> Iterator[slice]:
    """Consecutive rows with about `postings.CHUNK` cells: to say where each goes takes eight bytes a cell."""
    last = len(starts) - 1
    begin = 0
    while begin < last:
        end = int(np.searchsorted(starts, int(starts[begin]) + postings.CHUNK, side="right")) - 1
        end = min(max(end, begin + 1), last)
        yield slice(begin, end)
        begin = end


def part_of(gathered: Gathered) -> Part:
    """New entries, compiled."""
    lengths = gathered.lengths
    return compile_part(
        gathered.words,
        gathered.grams,
        gathered.marks,
        to_bytes(lengths),
        lengths.sum(axis=1),
        gathered.names,
        BYTE_LENGTHS,
    )


class PartReader:
    """Takes Whoosh's postings in, row by row, and makes the entries they stand for; positions if `placed`."""

    def __init__(self, documents: int, *, placed: bool = False) -> None:
        self._names = [""] * documents
        self._marks: dict[bytes, list[int]] = {}
        self._words = _RowList(GRAMS)
        self._grams = _RowList(1)
        self._placed = placed

    def add(self, field: str, row: Row, base: int = 0) -> None:
        """One word's postings; its documents are numbered from `base`."""
        docs = [base + doc for doc in row.docs] if base else row.docs
        if not docs:
            return
        if field in _NUMBERS:
            positions = row.positions() if self._placed else ()
            self._words.add(row.term, _NUMBERS[field], docs, row.weights, positions)
        elif field == FIELDS[GRAMS]:
            self._grams.add(row.term, 0, docs, row.weights)
        elif field in FILTER_FIELDS:
            self._marks.setdefault(mark(field, row.term.decode()), []).extend(docs)
        else:
            for doc in docs:
                self._names[doc] = row.term.decode()

    def gathered(self) -> Gathered:
        """The entries."""
        size = len(self._names)
        words, positions = self._words.lists()
        grams, _ = self._grams.lists()
        lengths = np.concatenate((self._words.lengths(size), self._grams.lengths(size)))
        return Gathered(self._names, words, grams, positions, self._marks, lengths)


class _RowList:
    """Rows in any order of words, documents of a word ascending."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._numbers: dict[bytes, int] = {}
        self._rows, self._sizes = array("q"), array("q")
        self._docs, self._counts, self._positions = array("i"), array("f"), array("i")

    def add(
        self,
        term: bytes,
        field: int,
        docs: Sequence[int],
        counts: Sequence[float],
        positions: Iterable[int] = (),
    ) -> None:
        number = self._numbers.setdefault(term, len(self._numbers))
        self._rows.append(number * self._width + field)
        self._sizes.append(len(docs))
        self._docs.extend(docs)
        self._counts.extend(counts)
        self._positions.extend(positions)

    def _cells(self) -> tuple[Ints, Ints, Ints]:
        """(row, document, count) of every cell as it came."""
        rows = np.repeat(taken(self._rows, np.int64), taken(self._sizes, np.int64))
        return rows, taken(self._docs, np.int32), taken(self._counts, np.float32).astype(np.int64)

    def lengths(self, documents: int) -> Ints:
        """Shape (width, documents): how many words each document has in each field."""
        rows, docs, counts = self._cells()
        place = rows % self._width * documents + docs
        return (
            np.bincount(place, counts, minlength=self._width * documents)
            .astype(np.int64)
            .reshape(self._width, documents)
        )

    def lists(self) -> tuple[Lists, NDArray[np.int32]]:
        """Sorted, and the positions in the same order if there are any."""
        terms = sorted(self._numbers)
        rank = np.empty(len(terms), np.int64)
        rank[[self._numbers[term] for term in terms]] = np.arange(len(terms))
        rows, docs, counts = self._cells()
        rows = rank[rows // self._width] * self._width + rows % self._width
        order = np.argsort(rows, kind="stable")
        sizes = np.bincount(rows, minlength=len(terms) * self._width)
        positions = taken(self._positions, np.int32)
        if len(positions):
            positions = positions[spread(starts(counts)[order], counts[order])]
        return Lists(terms, starts_of(sizes), docs[order], counts[order]), positions


_NUMBERS = {name: number for number, name in enumerate(WORD_FIELDS)}


def to_bytes(lengths: Ints) -> NDArray[np.uint8]:
    """Lengths -> the bytes Whoosh keeps of them."""
    return np.minimum(np.searchsorted(np.array(BYTE_LENGTHS), lengths), 255).astype(np.uint8)


def read_part(segments: Iterable[tuple[Iterable[tuple[str, Row]], int]]) -> Part:
    """(rows, documents) of some segments in order -> their part."""
    listed = list(segments)
    reader = PartReader(sum(size for _, size in listed))
    base = 0
    for rows, size in listed:
        for field, row in rows:
            reader.add(field, row, base)
        base += size
    return part_of(reader.gathered())
