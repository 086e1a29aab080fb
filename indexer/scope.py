"""Is a question of this field at all? One direction in the light encoder's space.

Fitted by `kb train` as a ridge regression: the collection's own titles and
ways of asking on one side, questions about everything else on the other.
Available whichever encoder serves the semantic leg, even none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.encoder import LightEncoder
from indexer.types import Vectors

FILE = "scope.npy"
RIDGE = 1.0
"""Weight of the penalty; between 0.1 and 10 the calibrated judge did not change."""


class Scope:
    """The fitted direction together with the encoder it belongs to."""

    def __init__(self, encoder: LightEncoder, folder: Path) -> None:
        self._encoder = encoder
        self._direction = np.load(folder / FILE)

    def of(self, text: str) -> float:
        """About 1 for a question of this field, about -1 for any other; 0 without known words."""
        vector = self._encoder.encode([text], query=True)[0]
        return float(_extended(vector[None, :])[0] @ self._direction) if vector.any() else 0.0


def fit(encoder: LightEncoder, inside: Sequence[str], outside: Sequence[str]) -> Vectors:
    """The direction (dimensions + 1, bias last) that separates the two; both sides weigh the same."""
    rows = _extended(encoder.encode([*inside, *outside]))
    target = np.array([1.0] * len(inside) + [-1.0] * len(outside))
    weight = np.array([0.5 / len(inside)] * len(inside) + [0.5 / len(outside)] * len(outside)) * len(target)
    weighted = rows * weight[:, None]
    penalty = RIDGE * np.eye(rows.shape[1])
    return np.linalg.solve(rows.T @ weighted + penalty, weighted.T @ target).astype(np.float32)


def _extended(rows: Vectors) -> Vectors:
    return np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)
