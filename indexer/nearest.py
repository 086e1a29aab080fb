"""Scores of passages -> the entries they speak for. Pure arithmetic over arrays.

An entry comes into question by its best passage and is scored by the mean of
its best three: one that is close in three ways beats one with a lucky alias.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.sketch import Sketch
from indexer.types import Vectors
from indexer.vectors import Block, Numbers, rows_of

OPINIONS = 3
"""Passages averaged."""
DEPTH = 100
"""Entries a search asks for; what a sketch loses is measured at this depth."""
NEAR = 2
"""For each entry asked for, entries the sketch puts in front that are scored again exactly."""

Mask = NDArray[np.bool_]

NOTHING: Vectors = np.zeros(0, np.float32)
"""The scores of no fresh entries."""


def best_passages(scores: Vectors, starts: Numbers) -> Vectors:
    """Best score of each entry."""
    best: Vectors = np.maximum.reduceat(scores, starts[:-1]) if len(starts) > 1 else scores[:0]
    return best


def narrowed(best: Vectors, among: Mask | None) -> Vectors:
    """The same scores; minus infinity for entries not `among` the wanted."""
    return best if among is None else np.where(among, best, np.float32(-np.inf))


def worth_a_look(best: Vectors, limit: int) -> Numbers:
    """The entries a sketch puts in front, more than are asked for."""
    return highest(best, NEAR * max(limit, DEPTH))


def highest(values: Vectors, limit: int) -> Numbers:
    """Numbers of the `limit` highest finite values, in no order; of equal ones the first.

    Passages that many entries share word by word are equal: whom a cut leaves out must not be chance.
    """
    if limit < len(values):
        last = np.partition(values, len(values) - limit)[len(values) - limit]
        above = np.flatnonzero(values > last)
        first = np.concatenate([above, np.flatnonzero(values == last)[: limit - len(above)]])
    else:
        first = np.arange(len(values))
    found: Numbers = first[np.isfinite(values[first])]
    return found


def opinions(scores: Vectors, starts: Numbers, entries: Numbers) -> tuple[Vectors, Numbers]:
    """Mean of the best three scores of each of these entries, and the number of its best passage."""
    rows, begins = rows_of(entries, starts)
    sizes = np.diff(np.append(begins, len(rows)))
    there = np.arange(sizes.max(initial=1)) < sizes[:, None]
    table = np.full(there.shape, -np.inf, np.float32)
    table[there] = scores[rows]
    counted = np.minimum(sizes, OPINIONS).astype(np.float32)
    several = np.sort(table, axis=1)[:, -OPINIONS:]
    total = np.add.reduce(np.where(np.isfinite(several), several, np.float32(0)), axis=1)
    return total / counted, np.argmax(table, axis=1)


def look_closer(
    block: Block, fresh: Vectors, starts: Numbers, near: Numbers, vector: Vectors
) -> tuple[Vectors, Numbers]:
    """Exact scores of all passages of the entries `near`, one entry after the other, and where each begins.

    Rows behind the block's own are those of fresh entries (see `semantic`), whose scores are known.
    """
    rows, begins = rows_of(near, starts)
    scores = np.empty(len(rows), np.float32)
    own = rows < len(block)
    scores[own] = block.scores_at(rows[own], vector)
    scores[~own] = fresh[rows[~own] - len(block)]
    return scores, np.append(begins, len(rows))


def through(sketch: Sketch, block: Block, vector: Vectors, limit: int) -> Vectors:
    """What the sketch finds in a block alone: exact means of the entries found, best first."""
    near = worth_a_look(sketch.best(vector, block.starts), limit)
    scores, starts = look_closer(block, NOTHING, block.starts, near, vector)
    return in_order(scores, starts, highest(best_passages(scores, starts), limit))


def in_order(scores: Vectors, starts: Numbers, entries: Numbers) -> Vectors:
    """Means of these entries, best first."""
    means, _ = opinions(scores, starts, entries)
    found: Vectors = np.sort(means)[::-1]
    return found
