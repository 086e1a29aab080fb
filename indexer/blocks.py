"""Postings -> blocks as Whoosh keeps them, and what it notes of each word: thousands of words at once.

A block is its size, a pickled tuple about it, and a pickled tuple of its
postings: documents as steps, weights, and values (counts, or counts and
positions). Stock Whoosh reads these and writes the same otherwise: one by one,
weights as floats, positions as lists, compressed. Spelled as short as pickle
allows they take half of its bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.postings import Array
from indexer.spelling import (
    Counts,
    NumberTuples,
    PlaceTuples,
    differences,
    number_sizes,
    put,
    spread,
    starts,
    write_numbers,
)
from indexer.terms import Bytes

BARE, COUNTED, PLACED = range(3)
"""What a field notes of each posting: nothing, how often, and how often and where."""
BLOCK = 128
"""Postings in a block, as in stock Whoosh."""
INFO = np.dtype(
    [
        ("flags", "u1"),
        ("weight", ">f4"),
        ("documents", ">u4"),
        ("shortest", "u1"),
        ("longest", "u1"),
        ("greatest", ">f4"),
        ("first", ">u4"),
        ("last", ">u4"),
        ("place", ">i8"),
        ("size", ">i4"),
    ]
)
"""What Whoosh keeps of a word: `W3TermInfo`, and where its postings lie."""
_MAGIC = np.frombuffer(b"W3Bl", np.uint8)
_FRONT = np.frombuffer(b"\0\0\0\0(K\0", np.uint8)
"""Size of a block and its documents."""
_BACK = np.frombuffer(b"K\0K\0K\0t.", np.uint8)
"""Compression, least and greatest length."""
_END = np.frombuffer(b"\x87.", np.uint8)


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of a segment with their postings; a word of two fields counts as two."""

    fields: Array
    """Number of the field of each word."""
    terms: Sequence[bytes]
    sizes: Array
    """Postings of each word."""
    docs: Array
    """Of each posting, word after word; documents of a word ascend."""
    counts: Array
    positions: Array
    """Of all occurrences in fields that note them, posting after posting."""


def laid_out(words: Words, kinds: Array, lengths: Bytes, place: int) -> tuple[Bytes, Array]:
    """The blocks of some words as they lie at `place` of a file, and an `INFO` of each word.

    `kinds` and `lengths` are by field, `lengths` the byte of each document.
    """
    blocks = _Blocks.of(words, kinds, lengths)
    steps = NumberTuples.of(differences(words.docs, blocks.begins), blocks.sizes)
    weights = _Weights.of(words, blocks)
    values = _Values.of(words, blocks)
    head = blocks.head_sizes()
    sizes = head + steps.sizes + weights.sizes + values.sizes + len(_END)
    at = starts(sizes)
    out = np.empty(int(sizes.sum()), np.uint8)
    blocks.write(out, at, sizes)
    at += head
    steps.write(out, at)
    at += steps.sizes
    weights.write(out, at)
    at += weights.sizes
    values.write(out, at)
    at += values.sizes
    put(out, at, _repeated(_END, len(at)))
    return out, blocks.infos(words, sizes, place)


def _repeated(row: Bytes, times: int) -> Bytes:
    return np.tile(row, (times, 1))


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Postings cut into blocks."""

    words: Array
    """First block of each word."""
    begins: Array
    """First posting of each block."""
    sizes: Array
    kinds: Array
    last: Array
    """Last document."""
    least: Array
    """Least weight."""
    greatest: Array
    shortest: Array
    """Length byte of the shortest field."""
    longest: Array

    @classmethod
    def of(cls, words: Words, kinds: Array, lengths: Bytes) -> _Blocks:
        several = -(-words.sizes // BLOCK)
        first = starts(several)
        nth = np.arange(int(several.sum())) - np.repeat(first, several)
        begins = np.repeat(starts(words.sizes), several) + nth * BLOCK
        sizes = np.minimum(np.repeat(words.sizes, several) - nth * BLOCK, BLOCK)
        long = lengths.ravel()[np.repeat(words.fields * lengths.shape[1], words.sizes) + words.docs]
        return cls(
            first,
            begins,
            sizes,
            np.repeat(kinds[words.fields], several),
            words.docs[begins + sizes - 1],
            np.minimum.reduceat(words.counts, begins),
            np.maximum.reduceat(words.counts, begins),
            np.minimum.reduceat(long, begins),
            np.maximum.reduceat(long, begins),
        )

    def postings(self, some: Array) -> Array:
        """All postings of some blocks."""
        return spread(self.begins[some], self.sizes[some])

    def _magic(self) -> Array:
        """Bytes before each block: the first of a word has some."""
        sizes = np.zeros(len(self.begins), np.int64)
        sizes[self.words] = len(_MAGIC)
        return sizes

    def head_sizes(self) -> Array:
        """Bytes before the postings of each block."""
        numbers = number_sizes(self.last) + number_sizes(self.greatest)
        sizes: Array = self._magic() + len(_FRONT) + numbers + len(_BACK)
        return sizes

    def write(self, out: Bytes, at: Array, sizes: Array) -> None:
        """Everything before the postings of each block; a block's `sizes` are with that."""
        put(out, at[self.words], _repeated(_MAGIC, len(self.words)))
        magic = self._magic()
        at = at + magic
        size = sizes - magic - 4
        final = np.append(self.words[1:], len(at)) - 1
        size[final] *= -1
        front = _repeated(_FRONT, len(at))
        front[:, :4] = size.astype(">i4").view(np.uint8).reshape(-1, 4)
        front[:, 6] = self.sizes
        put(out, at, front)
        at += len(_FRONT)
        for numbers in (self.last, self.greatest):
            wide = number_sizes(numbers)
            write_numbers(out, at, numbers, wide)
            at += wide
        back = _repeated(_BACK, len(at))
        back[:, 3], back[:, 5] = self.shortest, self.longest
        put(out, at, back)

    def infos(self, words: Words, sizes: Array, place: int) -> Array:
        """What Whoosh notes of each word; its blocks take so many bytes and begin at `place`."""
        found = np.zeros(len(self.words), INFO)
        begins = starts(words.sizes)
        found["weight"] = np.add.reduceat(words.counts, begins, dtype=np.int64)
        found["documents"] = words.sizes
        found["shortest"] = np.minimum.reduceat(self.shortest, self.words)
        found["longest"] = np.maximum.reduceat(self.longest, self.words)
        found["greatest"] = np.maximum.reduceat(self.greatest, self.words)
        found["first"] = words.docs[begins]
        found["last"] = words.docs[begins + words.sizes - 1]
        found["place"] = place + starts(sizes)[self.words]
        found["size"] = np.add.reduceat(sizes, self.words)
        return found


@dataclass(frozen=True, slots=True)
class _Weights:
    """Weights of each block: nothing where all are 1, one float where they are equal, or a tuple."""

    sizes: Array
    _equal: Array
    _weight: Array
    """Of blocks with equal weights."""
    _mixed: Array
    _tuples: NumberTuples

    @classmethod
    def of(cls, words: Words, blocks: _Blocks) -> _Weights:
        equal = np.flatnonzero((blocks.least == blocks.greatest) & (blocks.greatest != 1))
        mixed = np.flatnonzero(blocks.least != blocks.greatest)
        tuples = NumberTuples.of(words.counts[blocks.postings(mixed)], blocks.sizes[mixed])
        sizes = np.ones(len(blocks.begins), np.int64)
        sizes[equal] = 9
        sizes[mixed] = tuples.sizes
        return cls(sizes, equal, blocks.greatest[equal], mixed, tuples)

    def write(self, out: Bytes, at: Array) -> None:
        out[at] = ord("N")
        out[at[self._equal]] = ord("G")
        put(out, at[self._equal] + 1, self._weight.astype(">f8"))
        self._tuples.write(out, at[self._mixed])


@dataclass(frozen=True, slots=True)
class _Values:
    """Values of each block: nothing, counts in one string, or a tuple of strings."""

    sizes: Array
    _counted: Array
    """Blocks with the one and with the other."""
    _placed: Array
    _counts: Counts
    _places: PlaceTuples

    @classmethod
    def of(cls, words: Words, blocks: _Blocks) -> _Values:
        counted, placed = (np.flatnonzero(blocks.kinds == kind) for kind in (COUNTED, PLACED))
        counts = Counts.of(words.counts[blocks.postings(counted)], blocks.sizes[counted])
        places = PlaceTuples.of(words.positions, words.counts[blocks.postings(placed)], blocks.sizes[placed])
        sizes = np.ones(len(blocks.begins), np.int64)
        sizes[counted] = counts.sizes
        sizes[placed] = places.sizes
        return cls(sizes, counted, placed, counts, places)

    def write(self, out: Bytes, at: Array) -> None:
        out[at] = ord("N")
        self._counts.write(out, at[self._counted])
        self._places.write(out, at[self._placed])
