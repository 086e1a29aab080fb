"""Completions while typing: by beginning, by pinyin and by first letters."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable

from indexer.pinyin import plain_letters, spell
from indexer.types import Suggestion
from kb.types import Entry, Kind

TERMS_FIRST = 3
"""Lexicon terms shown before titles and questions."""
_KIND_ORDER = {Kind.PROBLEM: 0, Kind.HANDBOOK: 1, Kind.CASE: 2, Kind.POLICY: 3}


class Suggester:
    """Sorted lists of titles, questions and terms by three keys; a lookup is a bisection."""

    def __init__(self, entries: Iterable[Entry], terms: Iterable[str]) -> None:
        self._found: list[tuple[int, Suggestion]] = []
        for entry in sorted(entries, key=lambda e: (_KIND_ORDER[e.kind], e.id)):
            self._found.append((1, Suggestion(entry.title, "entry", entry.id)))
            self._found += [(2, Suggestion(alias, "alias", entry.id)) for alias in entry.aliases]
        self._found += [(0, Suggestion(term, "term")) for term in terms]
        self._by_text = self._table(lambda text: text)
        self._by_pinyin = self._table(lambda text: "".join(spell(text)))
        self._by_initials = self._table(lambda text: "".join(s[:1] for s in spell(text)))

    def _table(self, key: Callable[[str], str]) -> list[tuple[str, int, int]]:
        return sorted((key(s.text).lower(), rank, n) for n, (rank, s) in enumerate(self._found))

    def suggest(self, typed: str, limit: int = 8) -> list[Suggestion]:
        """At most `limit` completions, terms before titles before questions, none twice."""
        text = typed.strip().lower()
        if not text:
            return []
        tables = [(self._by_text, text)]
        letters = plain_letters(text).replace(" ", "").replace("'", "")
        if letters.isascii() and letters.isalpha():
            tables += [(self._by_initials, letters), (self._by_pinyin, letters)]
        chosen: dict[str, Suggestion] = {}
        for table, start in tables:
            for n in _mixed(_starting(table, start), limit):
                chosen.setdefault(self._found[n][1].text, self._found[n][1])
        if len(chosen) < limit and len(text) > 1:
            for _, suggestion in self._found:
                if text in suggestion.text:
                    chosen.setdefault(suggestion.text, suggestion)
                if len(chosen) >= limit:
                    break
        return list(chosen.values())[:limit]


def _mixed(found: list[tuple[int, int]], limit: int) -> list[int]:
    """A few terms, then titles, then questions: a list of terms alone would hide what they lead to."""
    ordered = sorted(found)
    terms = [number for rank, number in ordered if rank == 0][:TERMS_FIRST]
    return (terms + [number for rank, number in ordered if rank > 0])[:limit]


def _starting(table: list[tuple[str, int, int]], start: str) -> list[tuple[int, int]]:
    first = bisect_left(table, (start, -1, -1))
    found = []
    for text, rank, number in table[first:]:
        if not text.startswith(start):
            break
        found.append((rank, number))
    return found
