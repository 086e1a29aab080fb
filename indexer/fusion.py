"""Candidate lists -> one ranking. Pure arithmetic, ties broken by id.

    score = KEYWORD * keyword / best keyword + SEMANTIC * closeness / best closeness

and then the entries that the leaders name as related gain a share of the
leaders' scores, without ever passing the first. Reciprocal rank fusion with
equal weights was measured and loses: it throws away how much better the first
is than the second, which is what both legs know best (docs/log.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.types import Candidate

KEYWORD_WEIGHT = 0.62
SEMANTIC_WEIGHT = 0.38
"""Chosen on the tuning half and STARD together; between 0.3 and 0.5 the figures hardly move."""
NEIGHBOUR_SHARE = 0.2
"""Part of a leader's score that an entry linked to it gains; twice when both name each other."""
LEADERS = (1.0, 0.5, 0.33)
"""How much the first, second and third hit pass on to their neighbours."""
BELOW_FIRST = 0.999
"""A neighbour may come this close to the first hit and no closer."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry with its fused score and what each leg gave for it."""

    entry_id: str
    score: float
    keyword: float = 0.0
    cosine: float = 0.0
    passage: int = -1
    via: str = ""
    """The leader whose neighbour this is, when that moved it."""


def fuse(keyword: Sequence[Candidate], semantic: Sequence[Candidate]) -> list[Ranked]:
    """One list, best first. An entry missing from a leg scores nothing there."""
    words: Mapping[str, Candidate] = {c.entry_id: c for c in keyword}
    meaning: Mapping[str, Candidate] = {c.entry_id: c for c in semantic}
    best_word = max((c.score for c in keyword), default=0.0)
    best_meaning = max((c.score for c in semantic), default=0.0)
    ranked = []
    for entry_id in words.keys() | meaning.keys():
        share = _share(words.get(entry_id), best_word)
        near = meaning.get(entry_id)
        score = KEYWORD_WEIGHT * share + SEMANTIC_WEIGHT * _share(near, best_meaning)
        ranked.append(
            Ranked(entry_id, score, share, near.score if near else 0.0, near.passage if near else -1)
        )
    return in_order(ranked)


def _share(candidate: Candidate | None, best: float) -> float:
    """A candidate's score as a part of the best of its leg, between 0 and 1."""
    return max(0.0, candidate.score) / best if candidate and best > 0 else 0.0


def with_neighbours(ranked: Sequence[Ranked], links: Callable[[str], Mapping[str, int]]) -> list[Ranked]:
    """Raise what the first hits name as related; `links` gives neighbour ids and the strength of each link.

    Whoever asks about overdue dues is also helped by the collection workflow,
    in whatever words the question came.
    """
    if not ranked:
        return []
    found = {item.entry_id: item for item in ranked}
    ceiling = ranked[0].score * BELOW_FIRST
    for leader, passed_on in zip(ranked[: len(LEADERS)], LEADERS, strict=False):
        for neighbour, strength in links(leader.entry_id).items():
            item = found.get(neighbour, Ranked(neighbour, 0.0))
            if neighbour != ranked[0].entry_id:
                gain = NEIGHBOUR_SHARE * passed_on * strength * leader.score
                found[neighbour] = replace(item, score=item.score + gain, via=item.via or leader.entry_id)
    kept = [
        r if r.score <= ceiling or r.entry_id == ranked[0].entry_id else replace(r, score=ceiling)
        for r in found.values()
    ]
    return in_order(kept)


def in_order(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Best first, ties by id."""
    return sorted(ranked, key=lambda r: (-r.score, r.entry_id))
