"""The keyword index in memory at one moment: compiled parts, then the newest entries. Never changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from indexer.analysis import FILTER_FIELDS, Analysed
from indexer.fresh import Fresh
from indexer.lean import BYTE_LENGTHS
from indexer.postings import FIELDS, GRAMS, WORD_FIELDS, Ints, Part, averages, mark, norms, starts_of
from indexer.scoring import Floats, Rows, Wanted, exact, rarity, rows_in, want
from indexer.stock import FIELD_BOOSTS, PHRASE_FIELDS
from indexer.topk import NOTHING, Best, Mask, best_in, prepare, scores_of
from indexer.types import Candidate, Filters, Query, Term

_BOOSTS = tuple(FIELD_BOOSTS[name] for name in FIELDS)
_PHRASE_BOOSTS = tuple(FIELD_BOOSTS[name] if name in PHRASE_FIELDS else 0.0 for name in FIELDS)


@dataclass(frozen=True, slots=True)
class Held:
    """A part in use: the Whoosh segments it stands for, and which of its documents are deleted."""

    part: Part
    segments: tuple[str, ...]
    dead: Mask | None = None

    def is_dead(self, doc: int) -> bool:
        """True for a deleted document."""
        return self.dead is not None and bool(self.dead[doc])

    def allowed(self, marks: Sequence[Sequence[bytes]]) -> Mask | None:
        """Living documents that pass the filters; None for all."""
        mask = None if self.dead is None else ~self.dead
        for alternatives in marks:
            passing = np.zeros(self.part.size, bool)
            for value in alternatives:
                passing[self.part.marked(value)] = True
            mask = passing if mask is None else mask & passing
        return mask


@dataclass(frozen=True, slots=True)
class _Sought:
    """The words of a query, and where they are."""

    wanted: Wanted
    rows: list[Rows]
    """In each part."""
    cells: tuple[Ints, Ints, Ints]
    """Row, document and occurrences among the fresh entries."""
    idf: Floats
    """Of each row."""


@dataclass(frozen=True)
class State:
    """All documents in Whoosh's order: those of the parts, then the fresh ones."""

    number: int
    """Of the last save or commit; see `journal`."""
    commit: int
    """Number of Whoosh's last commit."""
    holds: int
    """Number of the last save it holds."""
    segments: tuple[Any, ...]
    """Whoosh's own, deletions included: those of the parts. Fresh documents are in none yet."""
    parts: tuple[Held, ...]
    fresh: Fresh
    fresh_size: int = 0
    fresh_dead: frozenset[int] = frozenset()

    @cached_property
    def documents(self) -> int:
        """Documents, deleted ones included, as Whoosh counts them."""
        return sum(held.part.size for held in self.parts) + self.fresh_size

    @property
    def living_fresh(self) -> list[Analysed]:
        """Fresh documents that are not deleted, in order."""
        entries = self.fresh.entries[: self.fresh_size]
        return [entry for doc, entry in enumerate(entries) if doc not in self.fresh_dead]

    @cached_property
    def averages(self) -> Floats:
        """Average length of each field."""
        totals = self.fresh.totals[self.fresh_size] + sum(held.part.totals for held in self.parts)
        return averages(totals, self.documents)

    @cached_property
    def norms(self) -> Floats:
        """What BM25F adds below the line, by field and length byte."""
        return norms(self.averages, BYTE_LENGTHS)

    def candidates(self, asked: Query, limit: int) -> list[Candidate]:
        """Whoosh's best `limit` entries for a query without phrases, best first, ties by id."""
        sought = self._sought(asked)
        marks = _marks(asked.filters)
        results: list[Best] = []
        floor = 0.0
        for held, found in zip(self.parts, sought.rows, strict=True):
            search = prepare(held.part, found, sought.wanted, sought.idf, self.averages, held.allowed(marks))
            results.append(best_in(search, sought.wanted, sought.idf, self.norms, limit, floor))
            floor = max(floor, _last(results[-1], limit))
        results.append(self._best_fresh(sought, marks))
        return self._in_order(results, limit)

    def best_of(self, some: Best, asked: Query, limit: int) -> list[Candidate]:
        """The best `limit` of some documents, ascending, when what the words of a query add is added."""
        several = self._by_part(some)
        if asked.terms or asked.grams:
            words = self._scores(self._sought(asked), [own.docs for own in several])
            several = [Best(o.docs, o.scores + more) for o, more in zip(several, words, strict=True)]
        return self._in_order(several, limit)

    def holders(self, words: Iterable[str], filters: Filters) -> Best:
        """Documents that hold each of some words where phrases are looked for; what the words score there."""
        everybody = [np.arange(size) for size in np.diff(self._bases, append=self.documents).tolist()]
        scores = np.zeros(self.documents)
        held = self._allowed(_marks(filters))
        for word in words:
            sought = self._sought(Query("", terms=(Term(word, 1.0),)), _PHRASE_BOOSTS)
            found = np.concatenate(self._scores(sought, everybody))
            held &= found > 0
            scores += found
        docs = np.flatnonzero(held)
        return Best(docs, scores[docs])

    def _scores(self, sought: _Sought, docs: Sequence[Ints]) -> list[Floats]:
        """What some documents of each part score, ascending, and some of the fresh."""
        found = []
        for held, rows, own in zip(self.parts, sought.rows, docs, strict=False):
            search = prepare(held.part, rows, sought.wanted, sought.idf, self.averages, None)
            found.append(scores_of(search, own, sought.wanted, sought.idf, self.norms))
        return [*found, self._fresh_scores(sought)[docs[-1]]]

    def _allowed(self, marks: Sequence[Sequence[bytes]]) -> Mask:
        """Living documents that pass the filters, of all."""
        several = [(held.allowed(marks), held.part.size) for held in self.parts]
        parts = [np.ones(size, bool) if mask is None else mask for mask, size in several]
        return np.concatenate([*parts, self._fresh_allowed(marks)])

    def _by_part(self, some: Best) -> list[Best]:
        """Documents by the part they are in and numbered there; the fresh ones last."""
        cuts = np.searchsorted(some.docs, self._bases[1:])
        docs, scores = np.split(some.docs, cuts), np.split(some.scores, cuts)
        return [Best(own - base, of) for own, of, base in zip(docs, scores, self._bases, strict=True)]

    def _sought(self, asked: Query, boosts: Sequence[float] = _BOOSTS) -> _Sought:
        texts, weights = [t.text for t in asked.terms], [t.weight for t in asked.terms]
        wanted = want(texts, weights, asked.grams, boosts)
        rows = [rows_in(held.part, wanted) for held in self.parts]
        cells = self.fresh.cells(wanted.words, wanted.grams, self.fresh_size)
        frequencies: Ints = np.bincount(cells[0], minlength=len(wanted.fields))
        for found in rows:
            frequencies = frequencies + found.sizes
        return _Sought(wanted, rows, cells, rarity(frequencies, self.documents))

    def _fresh_scores(self, sought: _Sought) -> Floats:
        row, doc, count = sought.cells
        docs = np.arange(self.fresh_size)
        return exact(row, doc, docs, count, self.fresh.lengths, sought.wanted, sought.idf, self.norms)

    def _best_fresh(self, sought: _Sought, marks: Sequence[Sequence[bytes]]) -> Best:
        if not len(sought.cells[0]):
            return NOTHING
        docs, scores = np.arange(self.fresh_size), self._fresh_scores(sought)
        allowed = self._fresh_allowed(marks) & (scores > 0)
        return Best(docs[allowed], scores[allowed])

    def _fresh_allowed(self, marks: Sequence[Sequence[bytes]]) -> Mask:
        allowed = np.ones(self.fresh_size, bool)
        allowed[list(self.fresh_dead)] = False
        for alternatives in marks:
            passing = {doc for value in alternatives for doc in self.fresh.marked(value)}
            allowed &= np.isin(np.arange(self.fresh_size), list(passing))
        return allowed

    def _in_order(self, results: Sequence[Best], limit: int) -> list[Candidate]:
        """The best of all parts: equal scores at the cut go to the older document, then order is by id."""
        docs = np.concatenate([found.docs + base for found, base in zip(results, self._bases, strict=True)])
        scores = np.concatenate([found.scores for found in results])
        chosen = np.lexsort((docs, -scores))[:limit]
        hits = map(Candidate, self._names(docs[chosen]), scores[chosen].tolist())
        return sorted(hits, key=lambda hit: (-hit.score, hit.entry_id))

    def _names(self, docs: Ints) -> list[str]:
        """Entry ids of documents."""
        names = np.empty(len(docs), dtype=object)
        places = np.searchsorted(self._bases, docs, side="right") - 1
        for place in set(places.tolist()):
            own = places == place
            local = docs[own] - self._bases[place]
            if place < len(self.parts):
                names[own] = self.parts[place].part.names_of(local)
            else:
                names[own] = [self.fresh.entries[doc].entry_id for doc in local.tolist()]
        return names.tolist()

    @cached_property
    def _bases(self) -> Ints:
        """Number of the first document of each part, and of the first fresh one."""
        return starts_of([held.part.size for held in self.parts])

    def find(self, entry_id: str) -> list[int]:
        """Living documents of an entry."""
        found: list[int] = []
        base = 0
        for held in self.parts:
            found += [base + doc for doc in held.part.documents(entry_id) if not held.is_dead(doc)]
            base += held.part.size
        fresh = (doc for doc in self.fresh.documents(entry_id) if doc < self.fresh_size)
        return found + [base + doc for doc in fresh if doc not in self.fresh_dead]

    def names(self) -> set[str]:
        """Ids of all living entries."""
        found: set[str] = set()
        for held in self.parts:
            names = held.part.all_names()
            found.update(names if held.dead is None else (names[i] for i in np.flatnonzero(~held.dead)))
        fresh = self.fresh.entries[: self.fresh_size]
        return found | {entry.entry_id for doc, entry in enumerate(fresh) if doc not in self.fresh_dead}

    def vocabulary(self) -> dict[str, int]:
        """Every word and the number of documents it is in, summed over fields; numbers of papers left out."""
        counts: Counter[str] = Counter()
        for held in self.parts:
            sizes = np.diff(held.part.word_starts.astype(np.int64)).reshape(-1, GRAMS)
            sums = np.delete(sizes, WORD_FIELDS.index("number"), axis=1).sum(axis=1)
            counts.update(
                {raw.decode(): n for raw, n in zip(held.part.word_table, sums.tolist(), strict=True) if n}
            )
        for entry in self.fresh.entries[: self.fresh_size]:
            for name, words in zip(WORD_FIELDS, entry.words, strict=True):
                counts.update(() if name == "number" else set(words))
        return dict(counts)


def _marks(filters: Filters) -> list[list[bytes]]:
    """Values of one filter are alternatives, filters narrow each other."""
    return [
        [mark(name, value) for value in getattr(filters, name)]
        for name in FILTER_FIELDS
        if getattr(filters, name)
    ]


def _last(found: Best, limit: int) -> float:
    """The score of the last of the best `limit`, 0 where there are fewer."""
    return float(np.partition(found.scores, -limit)[-limit]) if len(found.scores) >= limit else 0.0
