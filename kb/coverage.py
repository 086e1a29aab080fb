"""What the collection covers: topic by source by kind, and what still lacks a case, a basis or a workflow.

Counts only what is published, because that is what readers find. A case or a
workflow belongs to a problem when either of the two lists the other as related.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.types import Category, Entry, Kind, ProblemSource, Publication

UNSORTED = "未分类"
"""Stands for a category or a source that an entry does not name."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One problem and what stands behind it."""

    id: str
    title: str
    category: str
    source: str
    cases: tuple[str, ...]
    """Ids of the cases that answer it."""
    bases: tuple[str, ...]
    """Clauses it cites, as `policy-id#article`."""
    workflows: tuple[str, ...]
    """Ids of the handbook entries that carry it out."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The problems of one category that came to light in one way."""

    category: str
    source: str
    problems: int
    with_case: int
    with_basis: int
    with_workflow: int


@dataclass(frozen=True, slots=True)
class Holding:
    """How many entries of each kind one category holds."""

    category: str
    policies: int
    handbook: int
    problems: int
    cases: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole picture; categories and sources in the order of `kb.types`, topics by id."""

    topics: tuple[Topic, ...]
    cells: tuple[Cell, ...]
    holdings: tuple[Holding, ...]

    @property
    def lacking_case(self) -> tuple[Topic, ...]:
        """Problems that no case answers."""
        return tuple(topic for topic in self.topics if not topic.cases)

    @property
    def lacking_basis(self) -> tuple[Topic, ...]:
        """Problems that cite no clause."""
        return tuple(topic for topic in self.topics if not topic.bases)

    @property
    def lacking_workflow(self) -> tuple[Topic, ...]:
        """Problems that no workflow carries out."""
        return tuple(topic for topic in self.topics if not topic.workflows)

    @property
    def sources(self) -> tuple[tuple[str, int], ...]:
        """How many problems came to light in each way, every known way named."""
        counts = Counter(topic.source for topic in self.topics)
        return tuple((name, counts[name]) for name in _order(ProblemSource, counts))


def coverage(entries: Iterable[Entry]) -> Coverage:
    """Count what the published entries cover."""
    public = sorted((e for e in entries if e.publication == Publication.PUBLISHED), key=lambda e: e.id)
    near = _neighbours(public)
    kinds = {entry.id: entry.kind for entry in public}
    topics = tuple(_topic(entry, near[entry.id], kinds) for entry in public if entry.kind == Kind.PROBLEM)
    return Coverage(topics, _cells(topics), _holdings(public))


def _neighbours(entries: Iterable[Entry]) -> Mapping[str, set[str]]:
    """Relations both ways, whichever side wrote them down."""
    near: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        near[entry.id].update(entry.related)
        for other in entry.related:
            near[other].add(entry.id)
    return near


def _topic(entry: Entry, near: set[str], kinds: Mapping[str, Kind]) -> Topic:
    def of(kind: Kind) -> tuple[str, ...]:
        return tuple(sorted(other for other in near if kinds.get(other) == kind))

    bases = tuple(citation.ref for citation in entry.citations)
    category, source = entry.category or UNSORTED, entry.source or UNSORTED
    return Topic(entry.id, entry.title, category, source, of(Kind.CASE), bases, of(Kind.HANDBOOK))


def _cells(topics: tuple[Topic, ...]) -> tuple[Cell, ...]:
    groups: dict[tuple[str, str], list[Topic]] = defaultdict(list)
    for topic in topics:
        groups[topic.category, topic.source].append(topic)
    categories = _order(Category, (topic.category for topic in topics))
    sources = _order(ProblemSource, (topic.source for topic in topics))
    return tuple(_cell(name, source, groups[name, source]) for name in categories for source in sources)


def _cell(category: str, source: str, topics: list[Topic]) -> Cell:
    with_case = sum(bool(topic.cases) for topic in topics)
    with_basis = sum(bool(topic.bases) for topic in topics)
    with_workflow = sum(bool(topic.workflows) for topic in topics)
    return Cell(category, source, len(topics), with_case, with_basis, with_workflow)


def _holdings(entries: list[Entry]) -> tuple[Holding, ...]:
    counts = Counter((entry.category or UNSORTED, entry.kind) for entry in entries)
    kinds = (Kind.POLICY, Kind.HANDBOOK, Kind.PROBLEM, Kind.CASE)
    categories = _order(Category, (category for category, _ in counts))
    return tuple(Holding(name, *(counts[name, kind] for kind in kinds)) for name in categories)


def _order(known: Iterable[str], found: Iterable[str]) -> tuple[str, ...]:
    """Every known value in its order, then what else was found."""
    names = tuple(str(value) for value in known)
    return names + tuple(sorted(set(found) - set(names)))
