"""What the product is compared with end to end: tantivy and exact numpy in the seats of the two legs.

Everything else (understanding the question, fusion, snippets, facets, the page)
is the product's own, so that a ratio speaks of the legs and of nothing else.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import inside
from benchmarks.tokens import terms
from indexer import nearest
from indexer.library import Library
from indexer.room import LEG_LIMIT
from indexer.types import Candidate, Query, Vectors


@dataclass(frozen=True)
class ExactVectors:
    """Every passage vector in one matrix of full precision, multiplied with the question.

    What follows (best passages, the cut, the mean of three) is the semantic
    leg's own code: there is nothing to gain by writing it worse.
    """

    ids: list[str]
    starts: np.ndarray[Any, Any]
    matrix: Vectors

    def candidates(self, vector: Vectors, limit: int) -> list[Candidate]:
        """Entries by their best passage; the score is the mean of the best three."""
        if not self.ids or not np.any(vector):
            return []
        scores = self.matrix @ vector
        first = nearest.highest(nearest.best_passages(scores, self.starts), limit)
        means, passages = nearest.opinions(scores, self.starts, first)
        found = zip(first.tolist(), means.tolist(), passages.tolist(), strict=True)
        candidates = [Candidate(self.ids[number], score, passage) for number, score, passage in found]
        return sorted(candidates, key=lambda c: (-c.score, c.entry_id))

    def best(self, vector: Vectors) -> Vectors:
        """Cosine of every entry's best passage, in the order of `ids`."""
        return nearest.best_passages(self.matrix @ vector, self.starts)


def exact_vectors(library: Library) -> ExactVectors:
    """The library's own passage vectors, to be searched exactly."""
    return ExactVectors(*inside.passage_vectors(library))


class PeerRoom:
    """The library's room with other legs; all else is asked of the room itself."""

    def __init__(self, room: Any, tantivy: Any, vectors: ExactVectors) -> None:
        self._room = room
        self._tantivy = tantivy
        self._vectors = vectors

    def __getattr__(self, name: str) -> Any:
        return getattr(self._room, name)

    def keyword(self, asked: Query, *_: object) -> list[Candidate]:
        """Candidates of the keyword leg, from tantivy."""
        prepared = self._tantivy.prepare(terms(asked))
        return [Candidate(entry_id, score) for entry_id, score in self._tantivy.search(prepared, LEG_LIMIT)]

    def semantic(self, asked: Query, *_: object) -> list[Candidate]:
        """Candidates of the semantic leg, from one matrix product."""
        vector = self._room.tools.encoder.encode([asked.meaning], query=True)[0]
        return self._vectors.candidates(vector, LEG_LIMIT)


def stand_in(library: Library, tantivy: Any) -> Library:
    """The same library answering through tantivy and numpy."""
    other = copy.copy(library)
    other._room = PeerRoom(library._room, tantivy, exact_vectors(library))  # type: ignore[assignment]
    return other
