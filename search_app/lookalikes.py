"""Entries that look like one being written: shown while it is typed, named once before it is handed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.library import Library
from indexer.snapshot import key
from indexer.types import Filters, SearchResult
from kb.types import Entry, Kind

SAME = 82.0
"""Score out of 100 from which two names say the same thing.

党员逾期没交党费怎么办 and 党员逾期没有缴纳党费怎么办 have 83.
"""
SAME_POLICY = 94.0
"""Names of regulations differ by a word or a year: those of 2018 and 2023 on discipline have 88."""
ALIKE = 62.0
MIN_CHARS = 4
"""Shorter titles look like everything."""
MAX_SHOWN = 5
SEARCHED = 30
"""Entries compared letter by letter: the first ones a search for the title finds."""
OFF = frozenset({"rerank"})
MAX_ALIASES = 3
"""Other ways of asking that are compared besides the title."""
MAX_TITLE_CHARS = 100


@dataclass(frozen=True, slots=True)
class LookAlike:
    """An existing entry, the one of its names that is nearest, and how near."""

    entry: Entry
    name: str
    score: float


def near(title: str, library: Library, kind: Kind, leave_out: str = "") -> tuple[LookAlike, ...]:
    """Entries of any kind that look like `title`, those of its own kind first when equally near.

    What a search for the title finds is compared letter by letter; its first
    hits are shown anyway, because the same thing may be said in quite other words.
    """
    title = " ".join(title.split())[:MAX_TITLE_CHARS]
    if len(key(title)) < MIN_CHARS:
        return ()
    result = library.search(title, Filters(), size=SEARCHED, off=OFF)
    found = _compared(title, library, result, leave_out)
    kept = {id: like for id, like in found.items() if like.score >= ALIKE}
    if result.confident:
        kept |= {hit.id: found[hit.id] for hit in result.hits[:2] if hit.id in found}

    def order(like: LookAlike) -> tuple[int, bool, str]:
        return -round(like.score), like.entry.kind is not kind, like.entry.id

    return tuple(sorted(kept.values(), key=order)[:MAX_SHOWN])


def twins(entry: Entry, library: Library) -> tuple[LookAlike, ...]:
    """Entries of the same kind that are probably the same: named before anything is handed in."""
    least = SAME_POLICY if entry.kind is Kind.POLICY else SAME
    found: dict[str, LookAlike] = {}
    for name in (entry.title, *entry.aliases[:MAX_ALIASES]):
        if len(key(name)) >= MIN_CHARS:
            result = library.search(name, Filters(kinds=(entry.kind,)), size=SEARCHED, off=OFF)
            for like in _compared(name, library, result, entry.id).values():
                if like.score >= least and like.entry.kind is entry.kind:
                    found.setdefault(like.entry.id, like)
    return tuple(sorted(found.values(), key=lambda like: (-like.score, like.entry.id))[:MAX_SHOWN])


def _compared(name: str, library: Library, result: SearchResult, leave_out: str) -> dict[str, LookAlike]:
    """What the search found, and what has exactly that name, measured letter by letter."""
    now, mine = library.snapshot, key(name)
    ids = dict.fromkeys([*filter(None, [now.exact.get(mine)]), *(hit.id for hit in result.hits)])
    return {i: _nearest(mine, now.entries[i]) for i in ids if i in now.entries and i != leave_out}


def _nearest(mine: str, entry: Entry) -> LookAlike:
    from rapidfuzz import fuzz  # a server starts earlier without it

    scored = ((fuzz.ratio(mine, other), name) for name, other in _keys(entry))
    score, name = max(scored)
    return LookAlike(entry, name, score)


def _keys(entry: Entry) -> Iterable[tuple[str, str]]:
    return ((name, key(name)) for name in (entry.title, *entry.aliases))
