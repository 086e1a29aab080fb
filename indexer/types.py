"""From entries to hits: the data that passes between the rooms of this package. Read this first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.types import Entry, Kind

Vectors = NDArray[np.float32]
"""Shape (texts, dimensions), each row of length one or zero."""


class Encoder(Protocol):
    """Text -> meaning as a vector. One method, so that any model can take the seat."""

    name: str
    """Goes into the index fingerprint: vectors of different encoders must never mix."""
    dimensions: int

    def encode(self, texts: list[str], *, query: bool = False) -> Vectors:
        """Rows of length one (zero for a text without known words), in the order of `texts`."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """A word as the index knows it, and where it stands in the text it came from."""

    text: str
    start: int
    end: int
    position: int
    """Number of the cut word; words found inside another share its position."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an entry small enough to answer one question."""

    entry_id: str
    role: str
    """title, alias, summary, factor, section or article."""
    heading: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader narrowed the search to; empty means everything."""

    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    validity: tuple[str, ...] = ()
    years: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A word to look for, how much it counts, and how it came into the query."""

    text: str
    weight: float = 1.0
    origin: str = "typed"
    """typed, part (found inside a typed word) or synonym."""
    source: str = ""
    """What was typed, when `text` is not."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A change made to what was typed; shown on the page and undone by one click."""

    kind: str
    """script, pinyin, wrong-character or english."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, understood."""

    raw: str
    text: str = ""
    """After folding and repairs, fillers still in."""
    terms: tuple[Term, ...] = ()
    grams: tuple[str, ...] = ()
    """Characters and pairs of neighbours of the meaningful part."""
    phrases: tuple[tuple[str, ...], ...] = ()
    """What stood in quotes, each as its words; every phrase must be found."""
    repairs: tuple[Repair, ...] = ()
    filters: Filters = field(default_factory=Filters)
    notes: tuple[str, ...] = ()
    """Things the page should say, e.g. that the query was cut at its maximum length."""
    meaning: str = ""
    """The text the semantic leg encodes: repaired, with formal words added."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry one leg proposes. Scores of different legs are on different scales."""

    entry_id: str
    score: float
    passage: int = -1
    """Number of the best passage within the entry, -1 when the leg does not know."""


@dataclass(frozen=True, slots=True)
class Highlighted:
    """Text and the stretches to mark in it; turned into HTML only by a template filter."""

    value: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of why a hit is there, in Chinese, and the leg it speaks for."""

    leg: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry in a list of results."""

    entry: Entry
    score: float
    title: Highlighted
    snippet: Highlighted
    heading: str = ""
    anchor: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def id(self) -> str:
        """Entry id."""
        return self.entry.id

    @property
    def kind(self) -> Kind:
        """Which collection it is from."""
        return self.entry.kind


@dataclass(frozen=True, slots=True)
class Facet:
    """A value readers can narrow to, with the number of hits behind it."""

    field: str
    value: str
    label: str
    count: int
    active: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Everything a page, the CLI or the API needs to answer one search."""

    query: Query
    hits: tuple[Hit, ...] = ()
    total: int = 0
    page: int = 1
    size: int = 10
    confident: bool = False
    """False when nothing fits well enough to be called an answer."""
    facets: tuple[Facet, ...] = ()
    degraded: tuple[str, ...] = ()
    """What did not take part, said in Chinese, e.g. the semantic leg."""
    did_you_mean: str = ""
    related: tuple[str, ...] = ()
    """Questions readers of these hits also ask."""
    took_ms: float = 0.0

    @property
    def pages(self) -> int:
        """Number of pages at this size, at least one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion offered while typing."""

    text: str
    kind: str
    """entry, alias or term."""
    entry_id: str = ""


class Engine(Protocol):
    """One retrieval leg behind the Library; a distributed one may take the seat later."""

    def candidates(self, query: Query, limit: int) -> list[Candidate]:
        """The best entries for `query` within its filters, best first, ties by id."""
        ...
