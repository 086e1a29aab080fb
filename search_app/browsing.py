"""What the pages for browsing show: entries by kind, category, organisation, factor, source and year."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from indexer.snapshot import Snapshot
from kb.coverage import Coverage, coverage
from kb.types import Category, Entry, Kind
from search_app import circumstances, links, sieves
from search_app.circumstances import Factor
from search_app.sieves import UNSORTED, SieveLink

PAGE_ENTRIES = 80
"""Entries on one page: about 40 KB."""
CARD_PROBLEMS = 3
"""Problems a card names; the case's own page has them all."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind in the overview: how many entries of each category."""

    kind: Kind
    total: int
    categories: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole collection in numbers, each a link."""

    rows: tuple[Row, ...]
    more: tuple[tuple[str, tuple[SieveLink, ...]], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """An entry in a list; a case also with its conditions and the problems it answers."""

    entry: Entry
    factors: tuple[Factor, ...] = ()
    problems: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of one kind."""

    kind: Kind
    total: int
    groups: tuple[tuple[str, tuple[Card, ...]], ...]
    sieves: tuple[tuple[str, tuple[SieveLink, ...]], ...]
    narrowed: bool
    sheet: int
    sheets: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """Missing sides of the triangle problem - clause - case, and what is covered."""

    covered: Coverage
    lacking_case: tuple[Entry, ...]
    lacking_basis: tuple[Entry, ...]
    lacking_problem: tuple[Entry, ...]


def overview(now: Snapshot) -> Overview:
    """The kinds by category, then the other ways in."""
    by_kind = {kind: now.of_kind(kind) for kind in links.SHOWN_ORDER}
    more = (
        ("按适用组织看案例", Kind.CASE, sieves.ORGANISATION),
        ("按关键因素看案例", Kind.CASE, sieves.FACTOR),
        ("按来源看问题", Kind.PROBLEM, sieves.SOURCE),
        ("按适用组织看问题", Kind.PROBLEM, sieves.ORGANISATION),
        ("按年份看制度", Kind.POLICY, sieves.YEAR),
    )
    return Overview(
        tuple(Row(kind, len(entries), _by_category(entries)) for kind, entries in by_kind.items()),
        tuple((label, tuple(sieves.links(kind, sieve, by_kind[kind], {}))) for label, kind, sieve in more),
    )


def shelf(now: Snapshot, kind: Kind, args: MultiDict[str, str]) -> Shelf:
    """The entries of a kind that the address asks for."""
    entries, table = now.of_kind(kind), sieves.SIEVES[kind]
    chosen = {s.param: args[s.param] for s in table if args.get(s.param)}
    found = sieves.sifted(entries, kind, chosen)
    ordered = [entry for _, group in _grouped(found) for entry in group]
    sheets = max(1, -(-len(ordered) // PAGE_ENTRIES))
    asked = args.get("page", "")
    sheet = min(max(int(asked) if asked.isdecimal() and len(asked) < 6 else 1, 1), sheets)
    shown = ordered[(sheet - 1) * PAGE_ENTRIES : sheet * PAGE_ENTRIES]
    return Shelf(
        kind,
        len(ordered),
        tuple((name, tuple(card(entry, now) for entry in group)) for name, group in _grouped(shown)),
        tuple((s.label, tuple(sieves.links(kind, s, entries, chosen))) for s in table),
        bool(chosen),
        sheet,
        sheets,
    )


def card(entry: Entry, now: Snapshot) -> Card:
    """An entry as a list shows it."""
    if entry.kind is not Kind.CASE:
        return Card(entry)
    problems = tuple(other for other in now.related(entry) if other.kind is Kind.PROBLEM)
    return Card(entry, circumstances.factors(entry), problems[:CARD_PROBLEMS])


def gaps(now: Snapshot) -> Gaps:
    """What is missing, by id."""
    found = coverage(now.entries.values())
    return Gaps(
        found,
        tuple(now.entries[topic.id] for topic in found.lacking_case),
        tuple(now.entries[topic.id] for topic in found.lacking_basis),
        tuple(e for e in now.of_kind(Kind.CASE) if all(r.kind is not Kind.PROBLEM for r in now.related(e))),
    )


def _by_category(entries: list[Entry]) -> tuple[tuple[str, int], ...]:
    return tuple((str(name), sum(entry.category == name for entry in entries)) for name in Category)


def _grouped(entries: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """Entries by category, in the order of the five; empty ones left out."""
    names = (*Category, UNSORTED)
    grouped = [(str(name), [e for e in entries if (e.category or UNSORTED) == name]) for name in names]
    return [(name, group) for name, group in grouped if group]
