"""How much the sketch loses against looking at every vector, measured on the user's own vectors.

Only a sketch that loses at most one answer in a hundred is used; where none of
the widths manages that, every vector is looked at, and that is recorded too.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

from indexer import nearest
from indexer.sketch import Sketch, draw
from indexer.types import Vectors
from indexer.vectors import Block, widen

SKETCHED_FROM = 40_000
"""Rows from which a sketch is faster than one product with the whole matrix (measured: 40,000)."""
LEAST = 0.99
"""Share of the ten best entries a sketch has to find."""
WIDTHS = (256, 384)
"""Coordinates tried, the fastest first. Narrower ones pass on stand-ins and lose on real questions."""
QUESTIONS = 64
BATCH = 8
"""Questions whose exact scores are held at once."""
SAME = 1e-5
"""Scores closer than this are ties: identical passages of two entries stand for each other."""


@dataclass(frozen=True, slots=True)
class Recall:
    """What was measured, and at which size; `width` is 0 where no sketch was good enough."""

    rows: int
    width: int
    at_10: float
    at_100: float
    questions: int


def questions(block: Block, count: int = QUESTIONS) -> Vectors:
    """Stand-ins for what readers ask: between two passages of one entry, as a question is.

    A passage itself would be too easy, and the middle of two strangers too hard:
    judged questions lose as much as these do.
    """
    chance = np.random.default_rng(20261121)
    chosen = chance.integers(0, len(block.ids), count)
    starts, sizes = block.starts[chosen], np.diff(block.starts)[chosen]
    pair = [starts + (chance.random(count) * sizes).astype(np.int64) for _ in range(2)]
    middle = widen(block.rows[pair[0]]) + widen(block.rows[pair[1]])
    norms = np.linalg.norm(middle, axis=1, keepdims=True)
    known: Vectors = (middle / np.maximum(norms, SAME))[norms[:, 0] > SAME]
    return known


def measure(block: Block, sketch: Sketch, asked: Vectors) -> Recall:
    """Compare the sketch with exact search on these questions."""
    at_10, at_100 = [], []
    for start in range(0, len(asked), BATCH):
        some = asked[start : start + BATCH]
        for vector, scores in zip(some, block.scores_of_many(some), strict=True):
            best = nearest.highest(nearest.best_passages(scores, block.starts), nearest.DEPTH)
            exact = nearest.in_order(scores, block.starts, best)
            quick = nearest.through(sketch, block, vector, nearest.DEPTH)
            at_10.append(_share(quick, exact[:10]))
            at_100.append(_share(quick, exact))
    return Recall(len(block), sketch.width, float(np.mean(at_10)), float(np.mean(at_100)), len(asked))


def _share(quick: Vectors, exact: Vectors) -> float:
    """Part of the exact answers that are among the quick ones; equally good ones count as found."""
    return float(np.count_nonzero(quick[: len(exact)] >= exact[-1] - SAME)) / len(exact)


def due(rows: int, known: Recall | None) -> bool:
    """True when a sketch may pay and none was tried at this size."""
    return rows >= SKETCHED_FROM and (known is None or rows >= 2 * known.rows)


def best_sketch(block: Block, known: Sketch | None = None) -> tuple[Sketch | None, Recall]:
    """The fastest sketch that is good enough, `known` first; none if none is. And what was measured last."""
    asked = questions(block)
    drawn = (draw(block, min(width, block.rows.shape[1])) for width in WIDTHS)
    for sketch in chain([known] if known else [], drawn):
        found = measure(block, sketch, asked)
        if found.at_10 >= LEAST:
            return sketch, found
    return None, Recall(found.rows, 0, found.at_10, found.at_100, found.questions)
