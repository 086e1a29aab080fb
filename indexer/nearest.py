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


def best_passages(scores: Vectors, starts: Numbers, among: Mask | None) -> Vectors:
    """Best score of each entry; minus infinity for those not `among` the wanted."""
    best: Vectors = np.maximum.reduceat(scores, starts[:-1])
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
    scores: Vectors, block: Block, starts: Numbers, near: Numbers, vector: Vectors, limit: int
) -> Numbers:
    """Replace the sketched `scores` of the entries `near` by exact ones; the best `limit` of them.

    Rows behind the block's own (fresh ones, see `semantic`) are exact already.
    """
    if not len(near):
        return near
    rows, begins = rows_of(near, starts)
    sketched = rows[rows < len(block)]
    scores[sketched] = block.scores_at(sketched, vector)
    return near[highest(np.maximum.reduceat(scores[rows], begins), limit)]


def through(sketch: Sketch, block: Block, vector: Vectors, limit: int) -> tuple[Vectors, Numbers]:
    """What the sketch finds in a block alone: exact means of the entries found, best first, and which."""
    scores = sketch.scores(vector)
    near = worth_a_look(best_passages(scores, block.starts, None), limit)
    return in_order(scores, block.starts, look_closer(scores, block, block.starts, near, vector, limit))


def in_order(scores: Vectors, starts: Numbers, entries: Numbers) -> tuple[Vectors, Numbers]:
    """Means of these entries, best first, and the entries in the same order."""
    means, _ = opinions(scores, starts, entries)
    order = np.argsort(-means, kind="stable")
    return means[order], entries[order]
