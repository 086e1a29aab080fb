"""Does our content know the examination? Near copies of judged queries among aliases and lexicon rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.segmentation import fold

NEAR = 0.75
"""Share of common character pairs (Jaccard) from which two questions count as copies."""
BARE = 6
"""Characters up to which a query is bare keywords, which everybody writes alike."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A text of ours that is (nearly) a judged query."""

    where: str
    text: str
    query: str
    likeness: float


def near_copies(texts: Iterable[tuple[str, str]], queries: Iterable[str]) -> list[Leak]:
    """Compare (where, text) rows with judged queries; bare keywords of the same letters are left out."""
    by_pair: dict[str, list[str]] = defaultdict(list)
    wanted = {query: _pairs(query) for query in queries if len(_letters(query)) > BARE}
    for query, pairs in wanted.items():
        for pair in pairs:
            by_pair[pair].append(query)
    found = []
    for where, text in texts:
        own = _pairs(text)
        for query in {q for pair in own for q in by_pair.get(pair, ())}:
            likeness = len(own & wanted[query]) / len(own | wanted[query])
            if likeness >= NEAR:
                found.append(Leak(where, text, query, round(likeness, 2)))
    return sorted(found, key=lambda leak: (-leak.likeness, leak.where, leak.text))


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def _pairs(text: str) -> frozenset[str]:
    letters = _letters(text)
    return frozenset(letters[i : i + 2] for i in range(len(letters) - 1))
