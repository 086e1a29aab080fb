"""The collection in memory at one revision. Never changed; a refresh makes the next one."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from indexer.manifest import Row
from indexer.passages import passages
from indexer.query import Reader
from indexer.segmentation import Segmenter, fold
from indexer.semantic import VectorIndex, unpack
from indexer.suggest import Suggester
from indexer.types import Passage, Vectors
from indexer.wordlists import Lexicon
from kb.types import Citation, Entry, Finding, Kind, Publication


def key(text: str) -> str:
    """A question without case, width, spaces and punctuation: what "the same words" means."""
    return "".join(char for char in fold(text) if char.isalnum())


@dataclass(frozen=True)
class Snapshot:
    """Published entries by id, with the tables derived from them."""

    revision: int
    parts: dict[str, Prepared]
    entries: dict[str, Entry]
    vectors: VectorIndex | None
    reader: Reader

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with the files, as found when they were read."""
        return [finding for part in self.parts.values() for finding in part.findings]

    @cached_property
    def exact(self) -> dict[str, str]:
        """Title, other ways of asking and document number -> entry id."""
        table: dict[str, str] = {}
        for entry in self.entries.values():
            for name in (entry.document_number, *entry.aliases):
                if name:
                    table.setdefault(key(name), entry.id)
        return table | {key(entry.title): entry.id for entry in self.entries.values()}

    @cached_property
    def cited_by(self) -> dict[str, dict[str, list[tuple[Entry, Citation]]]]:
        """Policy id -> article -> who rests on it."""
        table: dict[str, dict[str, list[tuple[Entry, Citation]]]] = defaultdict(lambda: defaultdict(list))
        for entry in self.entries.values():
            for citation in entry.citations:
                table[citation.policy][citation.article].append((entry, citation))
        return table

    @cached_property
    def linked_from(self) -> dict[str, list[str]]:
        """Entry id -> ids of the entries that name it as related."""
        table: dict[str, list[str]] = defaultdict(list)
        for entry in self.entries.values():
            for other in entry.related:
                table[other].append(entry.id)
        return table

    @cached_property
    def suggester(self) -> Suggester:
        """Completions over titles, questions and lexicon terms."""
        return Suggester(self.entries.values(), self.reader.lexicon.terms)

    @cached_property
    def links(self) -> dict[str, dict[str, int]]:
        """Entry id -> linked published entries, 2 where both name each other."""
        table: dict[str, dict[str, int]] = defaultdict(dict)
        for entry in self.entries.values():
            for other in entry.related:
                if other in self.entries and other != entry.id:
                    table[entry.id][other] = table[entry.id].get(other, 0) + 1
                    table[other][entry.id] = table[other].get(entry.id, 0) + 1
        return table

    def rarity(self, word: str) -> float:
        """How much a word says: log of sentences over sentences with it; unknown words say most."""
        return math.log((self.sentence_count + 1) / (self.reader.vocabulary.get(word, 0) + 0.5))

    @cached_property
    def sentence_count(self) -> int:
        """Titles, questions, summaries and tags together."""
        return sum(3 + len(e.aliases) + len(e.tags) for e in self.entries.values())

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {}

    def folded_text(self, entry_id: str) -> str:
        """All words of an entry in one case and width; computed once per entry."""
        if entry_id not in self._folded:
            self._folded[entry_id] = fold("\n".join(p.text for p in self.passages(entry_id)))
        return self._folded[entry_id]

    def related(self, entry: Entry) -> list[Entry]:
        """What the entry names, then what names it; published only, each once."""
        ids = dict.fromkeys((*entry.related, *self.linked_from.get(entry.id, ())))
        return [self.entries[i] for i in ids if i in self.entries and i != entry.id]

    def of_kind(self, kind: Kind) -> list[Entry]:
        """Entries of one kind, by id."""
        return sorted((e for e in self.entries.values() if e.kind is kind), key=lambda e: e.id)

    def passages(self, entry_id: str) -> tuple[Passage, ...]:
        """Passages of an entry, in the order their vectors lie in."""
        return passages(self.entries[entry_id])


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one manifest row gives, worked out once and kept while the row does not change."""

    entry: Entry | None
    findings: tuple[Finding, ...]
    vectors: Vectors | None
    sentences: tuple[tuple[str, ...], ...]
    """Title, questions, summary and tags cut into words: what the input method learns from."""


def prepare(row: Row, dimensions: int, segmenter: Segmenter) -> Prepared:
    """A manifest row -> its part of the snapshot; unpublished entries leave only their findings."""
    entry = row.entry
    if entry is None or entry.publication is not Publication.PUBLISHED:
        return Prepared(None, row.findings, None, ())
    texts = (entry.title, *entry.aliases, entry.summary, *entry.tags)
    cut = tuple(tuple(token.text for token in segmenter.words(text)) for text in texts)
    vectors = unpack(row.vectors, dimensions) if dimensions and row.vectors else None
    return Prepared(entry, row.findings, vectors, cut)


def make(
    revision: int, parts: dict[str, Prepared], dimensions: int, lexicon: Lexicon, segmenter: Segmenter
) -> Snapshot:
    """Parts by entry id -> snapshot; `dimensions` is 0 when there is no semantic leg."""
    published = {entry_id: part.entry for entry_id, part in sorted(parts.items()) if part.entry is not None}
    rows = [(i, vectors) for i in published if (vectors := parts[i].vectors) is not None]
    words = Counter(word for i in published for sentence in parts[i].sentences for word in sentence)

    def sentences() -> list[tuple[str, ...]]:
        return [sentence for i in published for sentence in parts[i].sentences]

    return Snapshot(
        revision,
        parts,
        published,
        VectorIndex(rows, dimensions) if dimensions else None,
        Reader(segmenter, lexicon, words, sentences),
    )
