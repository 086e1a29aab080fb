"""Candidate lists -> one ranking. Pure arithmetic, ties broken by id.

    score = KEYWORD * keyword / best keyword + SEMANTIC * closeness / best closeness

and then the entries that the leaders name as related gain a share of the
leaders' scores, without ever passing the first. Reciprocal rank fusion with
equal weights was measured and loses: it throws away how much better the first
is than the second, which is what both legs know best (docs/log.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

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


class Ranked(NamedTuple):
    """An entry with its fused score and what each leg gave for it. A tuple: each search makes 170 of them."""

    entry_id: str
    score: float
    keyword: float = 0.0
    cosine: float = 0.0
    passage: int = -1
    via: str = ""
    """The leader whose neighbour this is, when that moved it."""


def fuse(keyword: Sequence[Candidate], semantic: Sequence[Candidate]) -> list[Ranked]:
    """One list, best first. An entry missing from a leg scores nothing there."""
    words, meaning = _shares(keyword), _shares(semantic)
    near = {c.entry_id: c for c in semantic}
    ranked = []
    for entry_id in words.keys() | meaning.keys():
        share = words.get(entry_id, 0.0)
        score = KEYWORD_WEIGHT * share + SEMANTIC_WEIGHT * meaning.get(entry_id, 0.0)
        closest = near.get(entry_id)
        cosine, passage = (closest.score, closest.passage) if closest else (0.0, -1)
        ranked.append(Ranked(entry_id, score, share, cosine, passage))
    return in_order(ranked)


def _shares(leg: Sequence[Candidate]) -> dict[str, float]:
    """Each candidate's score as a part of the best of its leg, between 0 and 1."""
    best = max((c.score for c in leg), default=0.0)
    return {c.entry_id: max(0.0, c.score) / best if best > 0 else 0.0 for c in leg}


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
                found[neighbour] = item._replace(score=item.score + gain, via=item.via or leader.entry_id)
    kept = [
        r if r.score <= ceiling or r.entry_id == ranked[0].entry_id else r._replace(score=ceiling)
        for r in found.values()
    ]
    return in_order(kept)


def in_order(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Best first, ties by id."""
    return sorted(ranked, key=lambda r: (-r.score, r.entry_id))
