"""Postings compiled to arrays: what Whoosh keeps in blocks on disk, laid out for numpy.

A part holds the documents of some Whoosh segments in Whoosh's own order. Its
cells are (document, occurrences) pairs, sorted by word, field and document, so
that the cells of a word in all fields are one slice. Statistics change with
every save and are not stored; only the saturated count of each cell is, for the
average lengths of the moment of compiling, and `scoring` corrects for drift.
Nothing here is ever changed after it is made: readers need no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.terms import SEPARATOR, Bytes, TermTable, pack

Ints = NDArray[np.int64]
Array = NDArray[Any]

WORD_FIELDS = ("title", "aliases", "number", "tags", "headings", "steps", "body")
"""Fields that are searched for words; `grams` is searched for characters and pairs."""
FIELDS = (*WORD_FIELDS, "grams")
GRAMS = len(WORD_FIELDS)
"""Number of the field `grams`."""
K1, B = 1.2, 0.75
"""Whoosh's own constants of BM25F."""
LARGEST = 65_536
"""Documents of the largest part that is made by joining: their numbers fit into 16 bits."""
CHUNK = 4_000_000
"""Cells worked on at a time where all of them would take gigabytes."""
REMEMBERED = 4_000
"""Words whose places are kept, 0.4 KB each and in every part: people ask with the same few thousand."""
SPREAD = 640
"""Rows kept as a byte for every document: a collection of any size has about so many that are in a sixth
of its documents, and two hundred questions ask for two thirds of them."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Words and, for each of `width` fields, where its cells begin: row = word * width + field."""

    terms: Sequence[bytes]
    starts: Ints
    docs: Array
    counts: Array


@dataclass(frozen=True)
class Part:
    """Some documents, compiled. The names of the fields are the names of the files they are kept in."""

    words: Bytes
    word_starts: Array
    """Shape (words * 7 + 1): the cells of word w in field f lie from [w * 7 + f] to the next."""
    word_tops: NDArray[np.uint8]
    """The greatest impact among the cells of each row, and one more."""
    grams: Bytes
    gram_starts: Array
    gram_tops: NDArray[np.uint8]
    docs: Array
    """Document of each cell; this and `counts` in the smallest type that holds them."""
    counts: Array
    """Occurrences."""
    impacts: NDArray[np.uint8]
    """count / (count + norm) with the average lengths in `averages`, in 255ths, rounded up."""
    marks: Bytes
    """Filter values, each behind the name of its filter."""
    mark_starts: Array
    mark_docs: NDArray[np.int32]
    lengths: NDArray[np.uint8]
    """Shape (8, documents): words in each field as Whoosh's byte."""
    totals: Ints
    """Words in each field, of all documents together, deleted ones included."""
    averages: NDArray[np.float64]
    names: Bytes
    """Entry ids in the order of documents."""
    name_starts: Array
    by_name: NDArray[np.int32]
    """Documents in the order of their ids."""

    @property
    def size(self) -> int:
        """Documents, deleted ones included."""
        return len(self.by_name)

    @property
    def scale(self) -> float:
        """What an impact of 1 stands for."""
        return (K1 + 1) / 255

    @cached_property
    def word_table(self) -> TermTable:
        """The words."""
        return TermTable(self.words)

    @cached_property
    def gram_table(self) -> TermTable:
        """Characters and pairs."""
        return TermTable(self.grams)

    @cached_property
    def mark_table(self) -> TermTable:
        """Filter values."""
        return TermTable(self.marks)

    @cached_property
    def word_rows(self) -> Callable[[bytes], Ints]:
        """Shape (3, 7): starts, sizes and greatest impacts of the rows of a word."""
        # These three keep what they need, not the part: in a circle it would not go when it is replaced.
        find = partial(_rows_of, self.word_table, self.word_starts, self.word_tops, GRAMS)
        return lru_cache(maxsize=REMEMBERED)(find)

    @cached_property
    def gram_rows(self) -> Callable[[bytes], Ints]:
        """Shape (3, 1): the same of a character or a pair."""
        find = partial(_rows_of, self.gram_table, self.gram_starts, self.gram_tops, 1)
        return lru_cache(maxsize=REMEMBERED)(find)

    @cached_property
    def spread(self) -> Callable[[int, int], NDArray[np.uint8]]:
        """The impacts of the cells between two places, one row, as a byte for every document."""
        return lru_cache(maxsize=SPREAD)(partial(_spread, self.docs, self.impacts, self.size))

    def names_of(self, docs: Array) -> list[str]:
        """Entry ids of some documents."""
        places = zip((self.name_starts[docs] + 1).tolist(), self.name_starts[docs + 1].tolist(), strict=True)
        return [self.names[start:end].tobytes().decode() for start, end in places]

    def _name(self, doc: int) -> bytes:
        return self.names[self.name_starts[doc] + 1 : self.name_starts[doc + 1]].tobytes()

    def all_names(self) -> list[str]:
        """Entry ids in the order of documents."""
        return [raw.decode() for raw in self.names.tobytes().split(SEPARATOR)[1:-1]]

    def documents(self, entry_id: str) -> list[int]:
        """Documents of an entry; several where an older one is deleted but not yet merged away."""
        wanted = entry_id.encode()
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            if self._name(int(self.by_name[middle])) < wanted:
                low = middle + 1
            else:
                high = middle
        found = []
        while low < self.size and self._name(int(self.by_name[low])) == wanted:
            found.append(int(self.by_name[low]))
            low += 1
        return found

    def marked(self, mark: bytes) -> NDArray[np.int32]:
        """Documents with a filter value."""
        row = self.mark_table.find(mark)
        if row == len(self.mark_table):
            return self.mark_docs[:0]
        return self.mark_docs[self.mark_starts[row] : self.mark_starts[row + 1]]


def _spread(docs: Array, impacts: NDArray[np.uint8], size: int, start: int, end: int) -> NDArray[np.uint8]:
    spread = np.zeros(size, np.uint8)
    spread[docs[start:end]] = impacts[start:end]
    return spread


def _rows_of(table: TermTable, starts: Array, tops: NDArray[np.uint8], count: int, term: bytes) -> Ints:
    """Starts, sizes and greatest impacts of the rows of a term; nothing in them where there is none."""
    first = table.find(term) * count
    if first + count >= len(starts):
        return _no_rows(count)
    own = starts[first : first + count + 1].astype(np.int64)
    return np.array((own[:-1], np.diff(own), tops[first : first + count]))


@lru_cache(maxsize=2)
def _no_rows(count: int) -> Ints:
    """One for all words that are not there: most words are in few parts."""
    found = np.zeros((3, count), np.int64)
    found.setflags(write=False)
    return found


def mark(name: str, value: str) -> bytes:
    """A filter value as the tables know it."""
    return f"{name}\0{value}".encode()


def norms(averages: Array, byte_lengths: Sequence[int]) -> NDArray[np.float64]:
    """Shape (8, 256): what BM25F adds to a count below the line, by field and length byte."""
    lengths = np.asarray(byte_lengths, dtype=np.float64)
    return K1 * ((1 - B) + B * lengths[None, :] / np.asarray(averages, np.float64)[:, None])


def averages(totals: Array, documents: int) -> NDArray[np.float64]:
    """Average length of each field as Whoosh counts it: 1 for a field nobody has."""
    mean = np.asarray(totals, np.float64) / (documents or 1)
    return np.where(mean == 0, 1.0, mean)


def compile_part(
    words: Lists,
    grams: Lists,
    marks: Mapping[bytes, Sequence[int]],
    lengths: NDArray[np.uint8],
    totals: Ints,
    names: Sequence[str],
    byte_lengths: Sequence[int],
) -> Part:
    """Sorted lists of some documents -> their part. `byte_lengths` is Whoosh's table of lengths by byte."""
    kind = np.uint16 if len(names) <= LARGEST else np.int32
    docs = np.concatenate((words.docs, grams.docs), dtype=kind, casting="unsafe")
    counts = np.concatenate((words.counts, grams.counts))
    counts = counts.astype(np.min_scalar_type(int(counts.max(initial=0))), copy=False)
    mean = averages(totals, len(names))
    sizes = np.diff(words.starts)
    of_words = np.repeat(np.tile(np.arange(GRAMS, dtype=np.uint8), len(words.terms)), sizes)
    field = np.concatenate((of_words, np.full(len(grams.docs), GRAMS, np.uint8)))
    impacts = _impacts(docs, counts, field, lengths, norms(mean, byte_lengths))
    raw, listed = [name.encode() for name in names], sorted(marks)
    return Part(
        words=pack(words.terms),
        word_starts=_compact(words.starts),
        word_tops=_tops(impacts, words.starts),
        grams=pack(grams.terms),
        gram_starts=_compact(grams.starts + len(words.docs)),
        gram_tops=_tops(impacts[len(words.docs) :], grams.starts),
        docs=docs,
        counts=counts,
        impacts=impacts,
        marks=pack(listed),
        mark_starts=_compact(starts_of([len(marks[value]) for value in listed])),
        mark_docs=np.array([doc for value in listed for doc in marks[value]], dtype=np.int32),
        lengths=lengths,
        totals=totals,
        averages=mean,
        names=pack(raw),
        name_starts=_compact(starts_of([len(name) + 1 for name in raw])),
        by_name=np.array(sorted(range(len(raw)), key=raw.__getitem__), dtype=np.int32),
    )


def _tops(impacts: NDArray[np.uint8], starts: Ints) -> NDArray[np.uint8]:
    """The greatest impact of each row, 0 for an empty one and for the one behind the last."""
    tops = np.zeros(len(starts), np.uint8)
    filled = np.flatnonzero(np.diff(starts))
    if len(filled):
        tops[filled] = np.maximum.reduceat(impacts[: starts[-1]], starts[filled])
    return tops


def _impacts(
    docs: Array, counts: Array, field: Array, lengths: NDArray[np.uint8], below: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Impacts of all cells in one byte each; some millions at a time, to spare memory."""
    impacts = np.empty(len(docs), np.uint8)
    for start in range(0, len(docs), CHUNK):
        some = slice(start, start + CHUNK)
        counted = counts[some].astype(np.float32)
        norm = below.astype(np.float32)[field[some], lengths[field[some], docs[some]]]
        impacts[some] = np.ceil(counted / (counted + norm) * 255)
    return impacts


def starts_of(sizes: Sequence[int] | Array) -> Ints:
    """Where each of several lists begins when they lie one after another, and where the last ends."""
    return np.concatenate(([0], np.cumsum(np.asarray(sizes, dtype=np.int64))))


def _compact(starts: Ints) -> Array:
    """32 bits hold the place of any cell of some million entries."""
    return starts.astype(np.uint32) if starts[-1] < 2**32 else starts
