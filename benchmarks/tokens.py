"""The token stream every engine is given: our fields, cut by our segmenter, as the keyword leg sees them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.corpus import Corpus
from indexer import wordlists
from indexer.analysis import analyse
from indexer.postings import WORD_FIELDS
from indexer.segmentation import Segmenter
from indexer.stock import FIELD_BOOSTS
from indexer.types import Query
from kb.types import Entry

CHUNK = 250
"""Entries cut by one process in one go."""
FEW = 1000
"""Up to this many entries, starting processes takes longer than cutting."""


@dataclass(frozen=True, slots=True)
class Document:
    """An entry as words per field, blanks between them."""

    id: str
    fields: dict[str, str]

    @property
    def words(self) -> list[str]:
        """All fields as one: for engines that know no fields."""
        return " ".join(self.fields.values()).split(" ")


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a question, the field it is looked for in, and what a match counts."""

    field: str
    text: str
    boost: float


def terms(asked: Query) -> list[Term]:
    """A question as the keyword leg asks it: every word in every field, pairs in their own."""
    words = [
        Term(name, term.text, boost * term.weight)
        for term in asked.terms
        for name, boost in FIELD_BOOSTS.items()
        if name != "grams"
    ]
    return words + [Term("grams", pair, FIELD_BOOSTS["grams"]) for pair in asked.grams]


def documents(corpus: Corpus, size: int) -> Iterator[Document]:
    """The first `size` entries as words, cut by as many processes as there are cores."""
    if size <= FEW:
        yield from cut(corpus, 0, size)
        return
    starts = range(0, size, CHUNK)
    ends = [min(size, start + CHUNK) for start in starts]
    with ProcessPoolExecutor() as pool:
        for found in pool.map(cut, [corpus] * len(starts), starts, ends):
            yield from found


def cut(corpus: Corpus, start: int, end: int) -> list[Document]:
    """Entries `start` … `end` - 1 as words."""
    return [document(entry, segmenter()) for entry in corpus.entries(end, start)]


def document(entry: Entry, own: Segmenter) -> Document:
    """An entry as the keyword leg cuts it."""
    found = analyse(entry, own)
    cut_up = {name: " ".join(words) for name, words in zip(WORD_FIELDS, found.words, strict=True)}
    return Document(entry.id, cut_up | {"grams": " ".join(found.grams)})


@lru_cache(maxsize=1)
def segmenter() -> Segmenter:
    """The product's segmenter, one a process."""
    return Segmenter(wordlists.load(wordlists.SHIPPED).words)
