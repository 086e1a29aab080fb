"""Is a question of this field at all? Two signs, both from the light encoder's vocabulary.

`scope` is a linear model over units, `stranger` the closeness to questions
known to belong elsewhere. The model is fitted by `kb train` (logistic
regression, sublinear tf-idf): the collection's own titles and ways of asking
on one side, questions about everything else on the other, the near ones
(工会会费怎么交) weighing most. A direction in the encoder's vector space was
tried first and rejected half as many strangers: that space is made to tell our
topics apart, not to tell them from the rest.

Available whichever encoder serves the semantic leg, even none.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import LightEncoder, units
from indexer.segmentation import Segmenter
from indexer.types import Vectors

FILE = "scope.npy"
STRANGERS_FILE = "strangers.npy"
NEAREST = 3
"""Strangers whose closeness is averaged."""
INT8 = 127.0
PENALTY = 8.0
"""Inverse strength of the regularisation; 1, 4 and 16 rejected 2-5 in a hundred fewer."""
MAX_STEPS = 400


class Scope:
    """The fitted weights, on the vocabulary of a light encoder."""

    def __init__(self, encoder: LightEncoder, folder: Path) -> None:
        self._encoder = encoder
        self._table = np.load(folder / FILE)
        self._strangers = np.load(folder / STRANGERS_FILE).astype(np.float32) / INT8

    def of(self, text: str) -> float:
        """Log-odds that a question belongs to this field; 0 without known words."""
        counts = self._encoder.count_units(text)
        if not counts:
            return 0.0
        rows = np.fromiter(counts, dtype=np.int64)
        values = _sublinear(counts) * self._table[0, rows]
        length = float(np.linalg.norm(values)) or 1.0
        return float(values @ self._table[1, rows]) / length + float(self._table[1, -1])

    def stranger(self, text: str) -> float:
        """Mean cosine to the nearest questions that belong elsewhere."""
        vector = self._encoder.encode([text], query=True)[0]
        near = np.partition(self._strangers @ vector, -NEAREST)[-NEAREST:]
        return float(np.sort(near).mean())


def strangers(encoder: LightEncoder, questions: Sequence[str]) -> NDArray[np.int8]:
    """Vectors of questions that belong elsewhere, as `Scope` reads them."""
    return np.round(encoder.encode(list(questions)) * INT8).astype(np.int8)


def fit(
    vocabulary: Sequence[str],
    segmenter: Segmenter,
    inside: Sequence[str],
    outside: Sequence[tuple[str, float]],
) -> Vectors:
    """The table of `Scope`: row 0 inverse document frequencies, row 1 weights, the bias in the last column.

    `outside` is (question, weight); questions inside weigh one each.
    """
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    row_of = {unit: row for row, unit in enumerate(vocabulary)}
    texts = [*inside, *(text for text, _ in outside)]
    counted = [Counter(row_of[u] for u in units(text, segmenter) if u in row_of) for text in texts]
    frequency = Counter(row for counts in counted for row in counts)
    idf = np.array([math.log((1 + len(texts)) / (1 + frequency[r])) + 1 for r in range(len(vocabulary))])
    columns = [row for counts in counted for row in counts]
    starts = np.cumsum([0, *(len(counts) for counts in counted)])
    blocks = [_unit(_sublinear(counts) * idf[list(counts)]) for counts in counted]
    matrix = csr_matrix((np.concatenate(blocks), columns, starts), shape=(len(texts), len(vocabulary)))
    target = [1] * len(inside) + [0] * len(outside)
    weights = [1.0] * len(inside) + [weight for _, weight in outside]
    model: Any = LogisticRegression(C=PENALTY, max_iter=MAX_STEPS).fit(matrix, target, sample_weight=weights)
    table = np.zeros((2, len(vocabulary) + 1), dtype=np.float32)
    table[0, :-1], table[1, :-1], table[1, -1] = idf, model.coef_[0], model.intercept_[0]
    return table


def _sublinear(counts: Counter[int]) -> Vectors:
    return np.asarray([1 + math.log(count) for count in counts.values()], dtype=np.float32)


def _unit(values: Vectors) -> Vectors:
    length = float(np.linalg.norm(values))
    return values / length if length else values
