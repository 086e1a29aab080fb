"""The best documents of a part: Whoosh's own, with its scores, in a hundredth of its time.

First the rare words are added up, in 32 bits and from stored impacts. The k-th
best sum so far shows which of the commonest words cannot lift a document among
the best alone; most postings belong to such words and are never read, only
looked up for the documents that are left: common rows are kept spread out, a
byte for every document, and looking one up is one step. Those few that remain
are scored again with Whoosh's own formula, today's statistics and 64 bits, word
by word in the order Whoosh adds them.

Impacts are rounded up, and were computed for the average lengths of their day;
how far both can be off is known, and by that much the net is cast wider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.postings import Array, Ints, Part
from indexer.scoring import Floats, Rows, Wanted, exact

Mask = NDArray[np.bool_]
Sums = NDArray[np.float32]

ROUNDING = 5e-5
"""Relative error of a sum of some hundred 32-bit numbers, generously."""
COMMON = 6
"""A row is common when more than one in so many documents have it: spread out it is then read faster."""
LONG = 300
"""No row shorter than this is common."""
SPARED = 0.4
"""Share of the sum that is needed which the rows left unread may add up to at most."""
FEW = 1000
"""Documents that are not worth another look whether all of them can still be among the best."""
LEAST = 1e-30
"""Any match at all."""
BISECTED = 16
"""Cells that are read in the time in which one is found by bisection."""
GROUPS = 16
"""Groups per wanted result whose maxima bound the score of the last one."""


@dataclass(frozen=True, slots=True)
class Best:
    """Documents of one part with their scores, in no order."""

    docs: Array
    scores: Floats


NOTHING = Best(np.zeros(0, np.int64), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Search:
    """One query in one part: the rows that have cells there, and how to judge what they add up to."""

    part: Part
    numbers: Ints
    """Which of the wanted rows these are."""
    starts: Ints
    sizes: Ints
    spans: list[tuple[int, int]]
    """Where the cells of each row begin and end."""
    factors: NDArray[np.float32]
    """What a row's stored impacts are multiplied with: idf, boost and scale."""
    bounds: Floats
    """The most a row can add to a sum."""
    slack: float
    """By how much a sum can be too great because impacts are rounded up."""
    off: float
    """How wrong a sum can be besides, as a factor."""
    allowed: Mask | None

    def add_up(self, sums: Sums, rows: Ints) -> Ints:
        """Add the impacts of some rows to the sums of their documents; returns the documents, row by row."""
        if not len(rows):
            return NOTHING.docs
        spans = [self.spans[row] for row in rows.tolist()]
        own, stored = self.part.docs, self.part.impacts
        impacts = np.repeat(self.factors[rows], self.sizes[rows])
        impacts *= np.concatenate([stored[start:end] for start, end in spans])
        docs = np.concatenate([own[start:end] for start, end in spans], dtype=np.intp)
        np.add.at(sums, docs, impacts)
        self._forget(sums)
        return docs

    def add_spread(self, sums: Sums, rows: Ints) -> None:
        """The same for common rows."""
        if len(rows):
            one = np.empty_like(sums)
            for row in rows.tolist():
                sums += np.multiply(self.part.spread(*self.spans[row]), self.factors[row], out=one)
            self._forget(sums)

    def _forget(self, sums: Sums) -> None:
        if self.allowed is not None:
            sums *= self.allowed

    def needed(self, sums: Sums, limit: int, floor: float) -> float:
        """A sum without which no document is among the best `limit` with at least `floor`."""
        reached = (_threshold(sums, limit) - self.slack) / self.off
        return max(reached, floor) / self.off


@dataclass(frozen=True, slots=True)
class Found:
    """Cells of a few documents: the row each is in, whose it is, and where it lies."""

    rows: Ints
    whose: Ints
    cells: Ints


def best_in(search: Search, wanted: Wanted, idf: Floats, norms: Floats, limit: int, floor: float) -> Best:
    """The documents that may be among the best `limit` with at least `floor`, scored exactly."""
    if not len(search.numbers) or search.bounds.sum() * search.off < floor:
        return NOTHING
    sums = np.zeros(search.part.size, np.float32)
    is_common = search.sizes > search.part.size // COMMON + LONG
    rare, common = np.flatnonzero(~is_common), np.flatnonzero(is_common)
    read = search.add_up(sums, rare)
    spared, later = _spare(search, common, search.needed(sums, limit, floor) if len(common) else 0.0)
    search.add_spread(sums, later)
    least = max(search.needed(sums, limit, floor) - search.bounds[spared].sum(), LEAST)
    docs = np.flatnonzero(sums >= least)
    if len(spared):
        docs = _sift(search, spared, docs, sums[docs], limit, floor)
    found = (_pick(search, rare, read, docs), _look_up(search, common, docs))
    return Best(docs, _score(search, found, docs, wanted, idf, norms))


def scores_of(search: Search, docs: Ints, wanted: Wanted, idf: Floats, norms: Floats) -> Floats:
    """Exact scores of some documents, ascending; 0 for those that have none of the words."""
    rows = np.arange(len(search.numbers))
    if not len(rows) or not len(docs):
        return np.zeros(len(docs))
    if len(rows) * len(docs) * BISECTED < search.sizes.sum():
        found = _look_up(search, rows, docs)
    else:
        own = search.part.docs
        read = np.concatenate([own[start:end] for start, end in search.spans], dtype=np.intp)
        found = _pick(search, rows, read, docs)
    return _score(search, (found,), docs, wanted, idf, norms)


def _spare(search: Search, common: Ints, needed: float) -> tuple[Ints, Ints]:
    """(rows to leave unread, rows to read): all the first together lift nobody as far as is needed."""
    order = common[np.argsort(search.bounds[common], kind="stable")]
    count = int(np.searchsorted(np.cumsum(search.bounds[order]), needed * SPARED, side="right"))
    return order[:count], order[count:]


def _sift(search: Search, spared: Ints, docs: Ints, sums: Sums, limit: int, floor: float) -> Ints:
    """Documents that still may be among the best once the spared rows, greatest first, are looked up too."""
    rests = np.cumsum(search.bounds[spared]) - search.bounds[spared]
    for row, rest in zip(spared[::-1].tolist(), rests[::-1].tolist(), strict=True):
        sums += search.part.spread(*search.spans[row]).take(docs) * search.factors[row]
        if len(docs) > FEW or row == spared[0]:
            kept = sums >= max(search.needed(sums, limit, floor) - rest, LEAST)
            docs, sums = docs[kept], sums[kept]
    return docs


def _look_up(search: Search, rows: Ints, docs: Ints) -> Found:
    """The cells of a few documents in some long rows, by bisection."""
    own = search.part.docs
    some = docs.astype(own.dtype)
    at = np.empty((len(rows), len(docs)), np.int64)
    for place, row in enumerate(rows.tolist()):
        start, end = search.spans[row]
        at[place] = own[start:end].searchsorted(some)
    np.minimum(at, search.sizes[rows, None] - 1, out=at)
    at += search.starts[rows, None]
    found, whose = np.nonzero(own.take(at) == some)
    return Found(rows[found], whose, at[found, whose])


def _pick(search: Search, rows: Ints, read: Ints, docs: Ints) -> Found:
    """The cells of a few documents in some short rows, which have been `read` one after another."""
    wanted = np.zeros(search.part.size, bool)
    wanted[docs] = True
    hits = np.flatnonzero(wanted.take(read))
    ends = np.cumsum(search.sizes[rows])
    own = np.searchsorted(ends, hits, side="right")
    cells = hits + (search.starts[rows] - ends + search.sizes[rows])[own]
    return Found(rows[own], np.searchsorted(docs, read[hits]), cells)


def _score(
    search: Search,
    several: Sequence[Found],
    docs: Array,
    wanted: Wanted,
    idf: Floats,
    norms: Floats,
) -> Floats:
    """Exact scores of a few documents from all their cells."""
    rows = np.concatenate([found.rows for found in several])
    order = np.argsort(rows.astype(np.uint16), kind="stable")
    whose = np.concatenate([found.whose for found in several])[order]
    counts = search.part.counts[np.concatenate([found.cells for found in several])[order]]
    numbers = search.numbers[rows[order]]
    return exact(numbers, whose, docs, counts, search.part.lengths, wanted, idf, norms)


def prepare(
    part: Part, rows: Rows, wanted: Wanted, idf: Floats, averages: Floats, allowed: Mask | None
) -> Search:
    """What a part has of a query."""
    present = np.flatnonzero(rows.sizes)
    factors = (idf * wanted.boosts)[present] * part.scale
    starts, sizes = rows.starts[present], rows.sizes[present]
    return Search(
        part=part,
        numbers=present,
        starts=starts,
        sizes=sizes,
        spans=list(zip(starts.tolist(), (starts + sizes).tolist(), strict=True)),
        factors=factors.astype(np.float32),
        bounds=factors * rows.tops[present] * (1 + ROUNDING),
        slack=float(factors.sum()),
        off=drift(part, averages, wanted.fields[present]),
        allowed=allowed,
    )


def drift(part: Part, averages: Floats, fields: Ints) -> float:
    """How wrong an impact may be, as a factor: by averages that changed since, and 32 bits."""
    ratio = averages[fields] / part.averages[fields]
    return float(np.maximum(ratio, 1 / ratio).max(initial=1.0)) * (1 + ROUNDING)


def _threshold(sums: Sums, limit: int) -> float:
    """A score that at least `limit` documents reach, or 0: the maxima of groups are the scores of some."""
    if len(sums) <= limit:
        return 0.0
    depth = len(sums) // (limit * GROUPS)
    if depth > 1:
        # The few documents left over by the groups can only raise the threshold.
        sums = sums[: depth * limit * GROUPS].reshape(depth, -1).max(axis=0)
    return float(np.partition(sums, -limit)[-limit])
