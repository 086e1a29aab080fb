"""The best documents of a part: Whoosh's own, with its scores, in a hundredth of its time.

First the rare words are added up, in 32 bits and from stored impacts. The k-th
best sum so far shows which of the commonest words cannot lift a document among
the best alone; nine tenths of all postings belong to such words and are never
read, only looked up for the documents that are left. Those few are scored again
with Whoosh's own formula, today's statistics and 64 bits, word by word in the
order Whoosh adds them.

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

ROUNDING = 5e-5
"""Relative error of a sum of some hundred 32-bit numbers, generously."""
COMMON = 64
"""A row is common when more than one in so many documents have it."""
SPARED = 0.5
"""Share of the sum that is needed which the rows left unread may add up to at most."""
LONG = 300
"""No row shorter than this is common."""
FEW = 1000
"""Documents that all rows may be looked up for at once."""
LEAST = 1e-30
"""Any match at all."""
GROUPS = 8
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
    factors: NDArray[np.float32]
    """What a row's stored impacts are multiplied with: idf, boost and scale."""
    bounds: Floats
    """The most a row can add to a sum."""
    slack: float
    """By how much a sum can be too great because impacts are rounded up."""
    off: float
    """How wrong a sum can be besides, as a factor."""
    allowed: Mask | None

    def cells(self, row: int) -> slice:
        """Where the cells of a row lie."""
        start = int(self.starts[row])
        return slice(start, start + int(self.sizes[row]))

    def add_up(self, sums: NDArray[np.float32], rows: Ints) -> Ints:
        """Add the impacts of some rows to the sums of their documents; returns the documents, row by row."""
        if not len(rows):
            return NOTHING.docs
        slices = [self.cells(row) for row in rows.tolist()]
        impacts = np.repeat(self.factors[rows], self.sizes[rows])
        impacts *= np.concatenate([self.part.impacts[cells] for cells in slices])
        docs = np.concatenate([self.part.docs[cells] for cells in slices], dtype=np.intp)
        np.add.at(sums, docs, impacts)
        if self.allowed is not None:
            sums *= self.allowed
        return docs

    def needed(self, sums: NDArray[np.float32], limit: int, floor: float) -> float:
        """A sum without which no document is among the best `limit` with at least `floor`."""
        reached = (_threshold(sums, limit) - self.slack) / self.off
        return max(reached, floor) / self.off


@dataclass(frozen=True, slots=True)
class Found:
    """Cells of a few documents: the row each is in, whose it is, and where it lies."""

    rows: Ints
    whose: Ints
    cells: Ints

    def of(self, kept: Mask) -> Found:
        """The cells of those documents that are kept."""
        own = kept[self.whose]
        renumbered = np.cumsum(kept) - 1
        return Found(self.rows[own], renumbered[self.whose[own]], self.cells[own])


def best_in(search: Search, wanted: Wanted, idf: Floats, norms: Floats, limit: int, floor: float) -> Best:
    """The documents that may be among the best `limit` with at least `floor`, scored exactly."""
    if not len(search.numbers):
        return NOTHING
    sums = np.zeros(search.part.size, np.float32)
    common = search.sizes > search.part.size // COMMON + LONG
    rare = np.flatnonzero(~common)
    read = search.add_up(sums, rare)
    needed = search.needed(sums, limit, floor) if common.any() else 0.0
    spared, later = _spare(search, np.flatnonzero(common), needed)
    search.add_up(sums, later)
    least = max(search.needed(sums, limit, floor) - search.bounds[spared].sum(), LEAST)
    docs = np.flatnonzero(sums >= least).astype(search.part.docs.dtype)
    if len(spared) and len(docs) > FEW:
        docs = _sift(search, spared, docs, sums[docs], limit, floor)
    looked_up = _look_up(search, spared, docs)
    if len(spared):
        kept = _reaching(search, looked_up, sums[docs], limit, floor)
        docs, looked_up = docs[kept], looked_up.of(kept)
    found = (_pick(search, rare, read, docs), _look_up(search, later, docs), looked_up)
    return Best(docs, _score(search, found, docs, wanted, idf, norms))


def _spare(search: Search, common: Ints, needed: float) -> tuple[Ints, Ints]:
    """(rows to leave unread, rows to read): all the first together lift nobody as far as is needed."""
    order = common[np.argsort(search.bounds[common], kind="stable")]
    count = int(np.searchsorted(np.cumsum(search.bounds[order]), needed * SPARED, side="right"))
    return order[:count], order[count:]


def _sift(
    search: Search, spared: Ints, docs: Array, sums: NDArray[np.float32], limit: int, floor: float
) -> Array:
    """Look the spared rows up, those first that can add most, until few enough documents keep up."""
    for place in range(len(spared) - 1, -1, -1):
        found = _look_up(search, spared[place : place + 1], docs)
        sums[found.whose] += _impacts(search, found)
        rest = search.bounds[spared[:place]].sum()
        kept = sums >= max(search.needed(sums, limit, floor) - rest, LEAST)
        docs, sums = docs[kept], sums[kept]
        if len(docs) <= FEW:
            break
    return docs


def _reaching(search: Search, found: Found, sums: NDArray[np.float32], limit: int, floor: float) -> Mask:
    """Which documents still may be among the best when what was found is added to their sums."""
    np.add.at(sums, found.whose, _impacts(search, found))
    kept: Mask = sums >= max(search.needed(sums, limit, floor), LEAST)
    return kept


def _impacts(search: Search, found: Found) -> NDArray[np.float32]:
    weighed: NDArray[np.float32] = search.part.impacts[found.cells] * search.factors[found.rows]
    return weighed


def _look_up(search: Search, rows: Ints, docs: Array) -> Found:
    """The cells of a few documents in some long rows, by bisection."""
    own = search.part.docs
    at = np.empty((len(rows), len(docs)), np.int64)
    for place, row in enumerate(rows.tolist()):
        at[place] = own[search.cells(row)].searchsorted(docs)
    np.minimum(at, search.sizes[rows, None] - 1, out=at)
    at += search.starts[rows, None]
    found, whose = np.nonzero(own[at] == docs)
    return Found(rows[found], whose, at[found, whose])


def _pick(search: Search, rows: Ints, read: Ints, docs: Array) -> Found:
    """The cells of a few documents in some short rows, which have been `read` one after another."""
    place = np.full(search.part.size, -1, np.int32)
    place[docs] = np.arange(len(docs))
    whose = place.take(read)
    hits = np.flatnonzero(whose >= 0)
    ends = np.cumsum(search.sizes[rows])
    own = np.searchsorted(ends, hits, side="right")
    cells = hits + (search.starts[rows] - ends + search.sizes[rows])[own]
    return Found(rows[own], whose[hits].astype(np.int64), cells)


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
    return Search(
        part=part,
        numbers=present,
        starts=rows.starts[present],
        sizes=rows.sizes[present],
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


def _threshold(sums: NDArray[np.float32], limit: int) -> float:
    """A score that at least `limit` documents reach, or 0: the maxima of groups are the scores of some."""
    if len(sums) <= limit:
        return 0.0
    depth = len(sums) // (limit * GROUPS)
    if depth > 1:
        # The few documents left over by the groups can only raise the threshold.
        sums = sums[: depth * limit * GROUPS].reshape(depth, -1).max(axis=0)
    return float(np.partition(sums, -limit)[-limit])
