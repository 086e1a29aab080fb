"""Completions while typing: by beginning, by pinyin and by first letters."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property

from indexer.derived import spelling
from indexer.lookup import Found, Lookup
from indexer.pinyin import plain_letters
from indexer.segmentation import Segmenter
from indexer.types import Suggestion

TERMS_FIRST = 3
"""Lexicon terms shown before titles and questions."""
KINDS = ("term", "entry", "alias")
"""Kinds of suggestions by role: a role of 0 is a term, the others are `derived.TITLE` and `derived.ALIAS`."""

Table = list[tuple[str, str]]
"""(key, term), sorted."""


class Terms:
    """The lexicon's terms sorted by three keys; a lookup is a bisection."""

    def __init__(self, terms: Iterable[str], segmenter: Segmenter) -> None:
        self._terms = tuple(terms)
        self._order = {term: number for number, term in enumerate(self._terms)}
        self._segmenter = segmenter

    @cached_property
    def _by_start(self) -> Table:
        return sorted((term.lower(), term) for term in self._terms)

    @cached_property
    def _by_letters(self) -> tuple[Table, Table]:
        """By pinyin and by first letters, worked out at the first letters typed."""
        spelled = [(*spelling(term, self._segmenter.words), term) for term in self._terms]
        return sorted((full, term) for full, _, term in spelled), sorted(
            (first, t) for _, first, t in spelled
        )

    def beginning(self, start: str) -> list[str]:
        """Terms that begin so."""
        return self._first(self._by_start, start)

    def spelled(self, column: str, letters: str) -> list[str]:
        """The same by `spelled` or by `initials`."""
        return self._first(self._by_letters[column == "initials"], letters)

    def holding(self, text: str) -> Iterator[str]:
        """Terms with `text` anywhere."""
        return (term for term in self._terms if text in term)

    def _first(self, table: Table, start: str) -> list[str]:
        found = []
        for text, term in table[bisect_left(table, (start, "")) :]:
            if not text.startswith(start):
                break
            found.append(term)
        return sorted(found, key=self._order.__getitem__)[:TERMS_FIRST]


class Suggester:
    """Terms from the lexicon, titles and questions from the manifest, at one revision."""

    def __init__(self, lookup: Lookup, terms: Terms, segmenter: Segmenter) -> None:
        self._lookup = lookup
        self._terms = terms
        self._segmenter = segmenter

    def suggest(self, typed: str, limit: int = 8) -> list[Suggestion]:
        """At most `limit` completions, terms before titles before questions, none twice."""
        text = typed.encode("utf-8", "ignore").decode("utf-8").strip().lower()
        if not text:
            return []
        chosen: dict[str, Suggestion] = {}
        for suggestion in self._suggestions(text, limit):
            chosen.setdefault(suggestion.text, suggestion)
            if len(chosen) >= limit:
                break
        return list(chosen.values())[:limit]

    def _suggestions(self, text: str, limit: int) -> Iterator[Suggestion]:
        """From the best to those that only hold the text somewhere."""
        yield from _mixed(self._terms.beginning(text), self._lookup.beginning(text, limit), limit)
        letters = plain_letters(text).replace(" ", "").replace("'", "")
        if letters.isascii() and letters.isalpha():
            for column in ("initials", "spelled"):
                found = self._spelled(column, letters, limit)
                yield from _mixed(self._terms.spelled(column, letters), found, limit)
        if len(text) > 1:
            yield from map(_suggestion, self._lookup.holding(text, limit))
            yield from (Suggestion(term, "term") for term in self._terms.holding(text))

    def _spelled(self, column: str, letters: str, limit: int) -> list[Found]:
        """Names by pinyin: those written beside their rows, and the few that are not yet."""
        fresh = [name for key, name in self._fresh[column] if key.startswith(letters)]
        return fresh[:limit] + self._lookup.spelled(column, letters, limit)

    @cached_property
    def _fresh(self) -> dict[str, list[tuple[str, Found]]]:
        """The names that have no pinyin beside them yet, by either spelling."""
        spelled = [
            (spelling(name, self._segmenter.words), (role, i, name))
            for role, i, name, *_ in self._lookup.unspelled()
        ]
        return {
            "spelled": [(full, name) for (full, _), name in spelled],
            "initials": [(first, name) for (_, first), name in spelled],
        }


def _mixed(terms: list[str], names: Iterable[Found], limit: int) -> list[Suggestion]:
    """A few terms, then titles, then questions: a list of terms alone would hide what they lead to."""
    ordered = sorted(names, key=lambda name: name[0])
    return [*(Suggestion(term, "term") for term in terms), *map(_suggestion, ordered)][:limit]


def _suggestion(name: Found) -> Suggestion:
    role, entry_id, text = name
    return Suggestion(text, KINDS[role], entry_id)
