"""Numbers, byte strings and tuples as pickle spells them, many at once: what Whoosh's blocks are made of.

All is measured first and then written into one array of bytes, at places the
caller has worked out in between. Nothing says which protocol it is: pickle
reads on without.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.postings import Array
from indexer.terms import Bytes

STOP = b"."
SMALL, LARGE = 1 << 8, 1 << 16
"""Numbers below take one and two bytes; all others four."""
UNMARKED = 3
"""Tuples of so many and fewer need no mark before them."""
_CLOSERS = np.frombuffer(b")\x85\x86\x87t", np.uint8)
"""What ends a tuple of 0, 1, 2, 3 and more."""


def put(out: Bytes, at: Array, records: Array) -> None:
    """Write records, or rows of bytes, to their places."""
    if len(records):
        width = records.nbytes // len(records)
        kind = np.dtype((np.void, width))
        # Every byte begins a window as wide as a record; windows overlap, what is written does not.
        windows: Array = np.ndarray((len(out) - width + 1,), kind, out.data, 0, (1,))
        windows[at] = records.ravel().view(kind)


def starts(sizes: Array) -> Array:
    """Where each of several things begins when they lie one after another."""
    return np.cumsum(sizes) - sizes


def spread(begins: Array, sizes: Array) -> Array:
    """Where everything lies in lists that begin at `begins` and are `sizes` long."""
    return np.repeat(begins - starts(sizes), sizes) + np.arange(int(sizes.sum()))


def differences(ascending: Array, begins: Array) -> Array:
    """Numbers of several lists, one behind the other, as steps; each list begins anew at `begins`."""
    steps = ascending.copy()
    steps[1:] -= ascending[:-1]
    steps[begins] = ascending[begins]
    return steps


def number_sizes(numbers: Array) -> Array:
    """Bytes that natural numbers take."""
    sizes = (numbers >= SMALL).astype(np.int64)
    sizes += 2
    sizes += 2 * (numbers >= LARGE)
    return sizes


def write_numbers(out: Bytes, at: Array, numbers: Array, sizes: Array) -> None:
    """Spell natural numbers; `sizes` are theirs."""
    out[at] = ord("K")
    out[at + 1] = numbers & 255
    wide = np.flatnonzero(sizes > 2)
    if len(wide):
        out[at[wide]] = ord("M")
        out[at[wide] + 2] = numbers[wide] >> 8 & 255
        wide = wide[sizes[wide] > 3]
        out[at[wide]] = ord("J")
        out[at[wide] + 3] = numbers[wide] >> 16 & 255
        out[at[wide] + 4] = numbers[wide] >> 24


def string_heads(lengths: Array) -> Array:
    """Bytes that stand before byte strings of these lengths."""
    return np.where(lengths < SMALL, 2, 5)


def write_string_heads(out: Bytes, at: Array, lengths: Array) -> None:
    """Spell what stands before byte strings of these lengths."""
    out[at] = ord("C")
    out[at + 1] = lengths & 255
    long = np.flatnonzero(lengths >= SMALL)
    if len(long):
        out[at[long]] = ord("B")
        put(out, at[long] + 1, lengths[long].astype("<u4"))


def marks(counts: Array) -> Array:
    """1 for tuples of so many that begin with a mark, 0 for others."""
    return (counts > UNMARKED).astype(np.int64)


def write_ends(out: Bytes, at: Array, sizes: Array, counts: Array) -> None:
    """Spell what begins and ends tuples that take so many bytes and hold so many things."""
    out[at[counts > UNMARKED]] = ord("(")
    out[at + sizes - 1] = _CLOSERS[np.minimum(counts, UNMARKED + 1)]


def sums(each: Array, counts: Array) -> Array:
    """Sizes of so many things in each tuple, added up."""
    ends = np.concatenate(([0], np.cumsum(each)))
    last = np.cumsum(counts)
    found: Array = ends[last] - ends[last - counts]
    return found


def inside(at: Array, each: Array, counts: Array) -> Array:
    """Places of things of `each` size in tuples that begin `at` and hold so many."""
    within = starts(each)
    places: Array = within + np.repeat(at + marks(counts) - within[starts(counts)], counts)
    return places


@dataclass(frozen=True, slots=True)
class NumberTuples:
    """Tuples of natural numbers, one behind the other."""

    counts: Array
    """Numbers in each."""
    numbers: Array
    sizes: Array
    """Bytes of each tuple."""
    _each: Array
    """Bytes of each number."""

    @classmethod
    def of(cls, numbers: Array, counts: Array) -> NumberTuples:
        """Measured."""
        each = number_sizes(numbers)
        return cls(counts, numbers, sums(each, counts) + marks(counts) + 1, each)

    def write(self, out: Bytes, at: Array) -> None:
        """Spell each tuple at its place."""
        write_ends(out, at, self.sizes, self.counts)
        write_numbers(out, inside(at, self._each, self.counts), self.numbers, self._each)


@dataclass(frozen=True, slots=True)
class Counts:
    """Byte strings of four bytes a number, one behind the other."""

    counts: Array
    """Numbers in each."""
    numbers: Array
    sizes: Array

    @classmethod
    def of(cls, numbers: Array, counts: Array) -> Counts:
        """Measured."""
        return cls(counts, numbers, string_heads(4 * counts) + 4 * counts)

    def write(self, out: Bytes, at: Array) -> None:
        """Spell each string at its place."""
        write_string_heads(out, at, 4 * self.counts)
        first = at + self.sizes - 4 * self.counts
        places = np.repeat(first - 4 * starts(self.counts), self.counts) + 4 * np.arange(len(self.numbers))
        put(out, places, self.numbers.astype(">u4"))


@dataclass(frozen=True, slots=True)
class PlaceTuples:
    """Tuples of byte strings: how often a word occurs, and a pickled tuple of where."""

    counts: Array
    """Strings in each."""
    numbers: Array
    """How often, string after string."""
    sizes: Array
    _lengths: Array
    """Of the strings."""
    _places: NumberTuples

    @classmethod
    def of(cls, positions: Array, numbers: Array, counts: Array) -> PlaceTuples:
        """Measured; so many positions of each string, as they ascend."""
        places = NumberTuples.of(differences(positions, starts(numbers)), numbers)
        lengths = 4 + places.sizes + len(STOP)
        each = string_heads(lengths) + lengths
        return cls(counts, numbers, sums(each, counts) + marks(counts) + 1, lengths, places)

    def write(self, out: Bytes, at: Array) -> None:
        """Spell each tuple at its place."""
        write_ends(out, at, self.sizes, self.counts)
        heads = string_heads(self._lengths)
        at = inside(at, heads + self._lengths, self.counts)
        write_string_heads(out, at, self._lengths)
        at += heads
        put(out, at, self.numbers.astype(">u4"))
        self._places.write(out, at + 4)
        out[at + self._lengths - 1] = ord(STOP)
