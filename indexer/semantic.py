"""The semantic leg: exact search over passage vectors, the best passages speak for their entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from indexer.types import Candidate, Vectors

OPINIONS = 3
"""Passages averaged: an entry that is close in three ways beats one with a lucky alias."""
STORED = np.float16
"""Vectors lie on disk in half precision: half the bytes, and no score changed by more than 0.001."""


def pack(vectors: Vectors) -> bytes:
    """Vectors of one entry -> bytes for the manifest."""
    return vectors.astype(STORED).tobytes()


def unpack(raw: bytes, dimensions: int) -> Vectors:
    """Inverse of `pack`, up to half precision."""
    return np.frombuffer(raw, dtype=STORED).reshape(-1, dimensions).astype(np.float32)


class VectorIndex:
    """All passage vectors in one matrix, entry after entry; never changed after it is made."""

    def __init__(self, rows: Iterable[tuple[str, Vectors]], dimensions: int) -> None:
        packed = [(entry_id, vectors) for entry_id, vectors in rows if len(vectors)]
        self._ids = [entry_id for entry_id, _ in packed]
        sizes = [len(vectors) for _, vectors in packed]
        self._starts = np.cumsum([0, *sizes])[:-1]
        blocks = [vectors for _, vectors in packed]
        self._matrix = np.concatenate(blocks) if blocks else np.zeros((0, dimensions), np.float32)

    def __len__(self) -> int:
        return len(self._matrix)

    def candidates(
        self, vector: Vectors, limit: int, allowed: Sequence[bool] | None = None
    ) -> list[Candidate]:
        """Entries by the cosines of their best passages, best first, ties by id.

        The score is the mean of the best three. `vector` has shape (dimensions,); `allowed`, in the order of
        `ids`, narrows before the cut at `limit`.
        """
        if not self._ids or not np.any(vector):
            return []
        scores = self._matrix @ vector
        best = np.maximum.reduceat(scores, self._starts)
        if allowed is not None:
            best = np.where(np.asarray(allowed, dtype=bool), best, -np.inf)
        first = np.argpartition(-best, min(limit, len(best)) - 1)[:limit]
        found = [self._candidate(scores, int(number)) for number in first if np.isfinite(best[number])]
        return sorted(found, key=lambda c: (-c.score, c.entry_id))

    def _candidate(self, scores: Vectors, number: int) -> Candidate:
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(scores)
        own = scores[start:end]
        several = np.sort(own)[-OPINIONS:].mean()
        return Candidate(self._ids[number], float(several), int(np.argmax(own)))

    @property
    def ids(self) -> list[str]:
        """Entry ids in matrix order."""
        return self._ids
