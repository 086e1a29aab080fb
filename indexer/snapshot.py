"""The collection at one revision. Never changed, and nothing read before it is asked for."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby, islice
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import FILTER_FIELDS
from indexer.catalogue import Catalogue, Mask
from indexer.courtesy import Each
from indexer.derived import key as key
from indexer.derived import spelling
from indexer.entries import Entries
from indexer.lookup import Looked, Lookup
from indexer.manifest import Manifest
from indexer.query import Reader
from indexer.segmentation import Segmenter
from indexer.semantic import VectorIndex
from indexer.suggest import Suggester, Terms
from indexer.types import Filters, Passage
from indexer.wordlists import Lexicon
from kb.types import Citation, Entry, Finding, Kind, Publication

LEARNT_AT_ONCE = 1000
"""Up to so many entries every save is learnt from at once; above, the next fold does it in the background."""

Cited = dict[str, list[tuple[Entry, Citation]]]
"""Article -> who rests on it."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Published entries by id, with the tables derived from them."""

    catalogue: Catalogue
    entries: Entries
    lookup: Lookup
    vectors: VectorIndex | None
    reader: Reader
    terms: Terms

    @property
    def revision(self) -> int:
        """Number of the last change taken in."""
        return self.lookup.state.revision

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with the files, as found when they were read."""
        return self.lookup.findings()

    @cached_property
    def exact(self) -> Mapping[str, str]:
        """Title, other ways of asking and document number, by `key` -> entry id."""
        return Looked(self.lookup.exact, tuple)

    @cached_property
    def cited_by(self) -> Mapping[str, Cited]:
        """Policy id -> article -> who rests on it."""
        return Looked(partial(_citing, self.lookup, self.entries), partial(_ids, self.catalogue))

    @cached_property
    def linked_from(self) -> Mapping[str, list[str]]:
        """Entry id -> ids of the entries that name it as related."""
        return Looked(self.lookup.naming, partial(_ids, self.catalogue))

    @cached_property
    def links(self) -> Mapping[str, dict[str, int]]:
        """Entry id -> linked published entries, 2 where both name each other."""
        look = partial(_links, self.catalogue, self.entries, self.linked_from)
        return Looked(look, partial(_ids, self.catalogue))

    @cached_property
    def withdrawn(self) -> Mapping[str, Entry]:
        """Entries that were published once and are no longer shown, by id."""
        return {e.id: e for e in self.lookup.hidden() if e.publication is Publication.WITHDRAWN}

    @cached_property
    def suggester(self) -> Suggester:
        """Completions over titles, questions and lexicon terms."""
        return Suggester(self.lookup, self.terms, self.reader.segmenter)

    def spell(self) -> Iterator[list[tuple[int, int, str, str]]]:
        """(row, place, pinyin, first letters) of the names that have none beside them yet, row by row."""
        cut = self.reader.segmenter.words
        unspelled = sorted((row, place, name) for _, _, name, row, place in self.lookup.unspelled())
        for _, names in groupby(unspelled, itemgetter(0)):
            yield [(row, place, *spelling(name, cut)) for row, place, name in names]

    def rarity(self, word: str) -> float:
        """How much a word says: log of sentences over sentences with it; unknown words say most."""
        return math.log((self.sentence_count + 1) / (self.reader.vocabulary.get(word, 0) + 0.5))

    @property
    def sentence_count(self) -> int:
        """Titles, questions, summaries and tags together."""
        return self.lookup.state.sentences

    def folded_text(self, entry_id: str) -> str:
        """All words of an entry in one case and width."""
        return self.entries.held(entry_id).folded

    def passages(self, entry_id: str) -> tuple[Passage, ...]:
        """Passages of an entry, in the order their vectors lie in."""
        return self.entries.held(entry_id).passages

    def related(self, entry: Entry) -> list[Entry]:
        """What the entry names, then what names it; published only, each once."""
        ids = dict.fromkeys((*entry.related, *self.linked_from.get(entry.id, ())))
        return [self.entries[i] for i in ids if i in self.entries and i != entry.id]

    def of_kind(self, kind: Kind) -> list[Entry]:
        """Entries of one kind, by id. Reads them all: for pages that show them all."""
        return [self.entries[entry_id] for entry_id in self.catalogue.of_kind(kind)]

    def count(self, kind: Kind, category: str = "") -> int:
        """Number of entries of a kind and, where one is given, of a category."""
        return self._counts[kind, category]

    @cached_property
    def _counts(self) -> Counter[tuple[str, str]]:
        """Entries by kind and category, and by kind alone."""
        found: Counter[tuple[str, str]] = Counter()
        for shelf, count in self.catalogue.stock.items():
            values = self.catalogue.shelves[shelf]
            for category in (*values["categories"], ""):
                found[values["kinds"][0], category] += count
        return found

    def most_named(self, kind: Kind, category: str, limit: int) -> tuple[Entry, ...]:
        """The entries that most others name as related, of a kind and, where one is given, of a category."""
        named = self._most_named.get((kind, category), [])[:limit]
        others = self.catalogue.of_kind(kind, category) if len(named) < limit else []
        ids = dict.fromkeys((*named, *others))
        return tuple(self.entries[entry_id] for entry_id in islice(ids, limit))

    @cached_property
    def _most_named(self) -> dict[tuple[str, str], list[str]]:
        """Ids of what anybody names, the most named first, by kind and category, and by kind alone."""
        counts = self.lookup.named_counts()
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for entry_id in sorted(counts.keys() & self.entries.keys(), key=lambda i: (-counts[i], i)):
            values = self.catalogue.values(entry_id)
            for category in (*values["categories"], ""):
                groups[values["kinds"][0], category].append(entry_id)
        return dict(groups)

    def tally(self, ids: list[str]) -> dict[str, Counter[str]]:
        """Filter field -> how many of `ids` have each value, values in the order in which they appear."""
        shelves = self.catalogue.tally(ids)
        found: dict[str, Counter[str]] = {name: Counter() for name in FILTER_FIELDS}
        for shelf, count in shelves.items():
            for name in FILTER_FIELDS:
                for value in self.catalogue.shelves[shelf][name]:
                    found[name][value] += count
        return found

    def allowed(self, filters: Filters) -> Mask | None:
        """Which entries of the vector index pass the filters; None for all."""
        if filters == Filters() or self.vectors is None:
            return None
        return self.catalogue.mask(self._shelves, filters)

    @cached_property
    def _shelves(self) -> NDArray[np.int32]:
        """Shelves in the order of the vector index; worked out at the first filter."""
        return self.catalogue.shelves_of(self.vectors.ids if self.vectors else [])


# What a snapshot keeps must not know the snapshot: in a circle it would outlive its last reader, and with it
# a mapping of all vectors, until Python looks for circles, which a server seldom does.


def _ids(catalogue: Catalogue) -> Iterable[str]:
    return catalogue.ids


def _citing(lookup: Lookup, entries: Entries, policy: str) -> Cited | None:
    table: Cited = defaultdict(list)
    for entry_id in lookup.citing(policy):
        entry = entries[entry_id]
        for citation in entry.citations:
            if citation.policy == policy:
                table[citation.article].append((entry, citation))
    return dict(table) or None


def _links(
    catalogue: Catalogue, entries: Entries, linked_from: Mapping[str, list[str]], entry_id: str
) -> dict[str, int] | None:
    if entry_id not in catalogue:
        return None
    both = (*entries[entry_id].related, *linked_from.get(entry_id, ()))
    found = Counter(other for other in both if other in catalogue and other != entry_id)
    return dict(found) or None


def first(
    manifest: Manifest, vectors: VectorIndex | None, terms: Terms, lexicon: Lexicon, segmenter: Segmenter
) -> Snapshot:
    """The snapshot of an index that has just been opened. Call under the write lock."""
    lookup = Lookup(manifest, manifest.state())
    catalogue = Catalogue.of(manifest.placed(), manifest.shelves())
    reader = Reader(segmenter, lexicon, _vocabulary(lookup), lookup.sentences)
    return Snapshot(catalogue, Entries(catalogue, manifest), lookup, vectors, reader, terms)


def after(previous: Snapshot, manifest: Manifest, vectors: VectorIndex | None) -> Snapshot:
    """The snapshot of the same index at its latest revision. Call under the write lock."""
    lookup = Lookup(manifest, manifest.state())
    changes = manifest.changes(previous.revision)
    known = previous.catalogue.shelves
    new = any(placed is not None and placed.shelf not in known for placed in changes.values())
    catalogue = previous.catalogue.with_changes(changes, manifest.shelves() if new else known)
    learnt = len(catalogue) > LEARNT_AT_ONCE
    reader = previous.reader.renewed(_vocabulary(lookup), lookup.sentences, learnt=learnt)
    made = Snapshot(catalogue, Entries(catalogue, manifest), lookup, vectors, reader, previous.terms)
    if learnt and "_most_named" in vars(previous):
        vars(made)["_most_named"] = previous._most_named
    return made


def folded(now: Snapshot, reader: Reader, each: Each) -> Snapshot:
    """The same snapshot with its changes worked in, and with what `reader` has learnt; `after` may follow."""
    catalogue = now.catalogue.folded(each)
    learnt = len(catalogue) > LEARNT_AT_ONCE
    reader = reader.renewed(_vocabulary(now.lookup), now.lookup.sentences, learnt=learnt)
    return Snapshot(
        catalogue, Entries(catalogue, now.lookup.manifest), now.lookup, now.vectors, reader, now.terms
    )


def _vocabulary(lookup: Lookup) -> Mapping[str, int]:
    """Words of titles, questions, summaries and tags, and how often each occurs."""
    return Looked(lambda word: lookup.count_of(word) or None, lookup.words)
