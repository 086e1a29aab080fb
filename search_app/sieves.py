"""Ways to narrow a list while browsing: each value as a link with its count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from indexer.analysis import filter_values
from kb.types import ORGANISATIONS, Category, Entry, Evidence, Kind, ProblemSource, Validity
from search_app import circumstances

UNSORTED = "其他"
_ORDER = {
    str(value): place
    for place, value in enumerate((*Category, UNSORTED, *ProblemSource, *Validity, *Evidence, *ORGANISATIONS))
}


@dataclass(frozen=True, slots=True)
class Sieve:
    """One way to narrow a list."""

    param: str
    label: str
    values: Callable[[Entry], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SieveLink:
    """A value to narrow to, or the chosen one to leave."""

    label: str
    count: int
    active: bool
    url: str


CATEGORY = Sieve("category", "类别", lambda entry: (entry.category or UNSORTED,))
SOURCE = Sieve("source", "问题来源", lambda entry: (entry.source,) if entry.source else ())
ORGANISATION = Sieve("org", "适用组织", lambda entry: entry.organisations)
EVIDENCE = Sieve("evidence", "证据性质", lambda entry: (entry.evidence,) if entry.evidence else ())
FACTOR = Sieve("factor", "关键因素", circumstances.themes)
VALIDITY = Sieve("validity", "效力", lambda entry: (str(entry.validity),) if entry.validity else ())
YEAR = Sieve("year", "年份", lambda entry: filter_values(entry)["years"])

SIEVES: dict[Kind, tuple[Sieve, ...]] = {
    Kind.PROBLEM: (CATEGORY, SOURCE, ORGANISATION, YEAR),
    Kind.HANDBOOK: (CATEGORY, ORGANISATION, YEAR),
    Kind.CASE: (CATEGORY, EVIDENCE, ORGANISATION, FACTOR, YEAR),
    Kind.POLICY: (CATEGORY, VALIDITY, ORGANISATION, YEAR),
}


def sifted(entries: list[Entry], kind: Kind, chosen: dict[str, str]) -> list[Entry]:
    """The entries that pass every chosen value."""
    for sieve in SIEVES[kind]:
        if value := chosen.get(sieve.param):
            entries = [entry for entry in entries if value in sieve.values(entry)]
    return entries


def links(kind: Kind, sieve: Sieve, entries: list[Entry], chosen: dict[str, str]) -> list[SieveLink]:
    """Every value of a sieve with its count under the other sieves; the chosen one leads back."""
    others = {param: value for param, value in chosen.items() if param != sieve.param}
    reachable = sifted(entries, kind, others)
    found = []
    for value in _in_order(sieve, entries):
        active = chosen.get(sieve.param) == value
        wanted: dict[str, Any] = dict(others) if active else others | {sieve.param: value}
        count = sum(value in sieve.values(entry) for entry in reachable)
        if count or active:
            found.append(SieveLink(value, count, active, url_for("reading.browse", kind=kind, **wanted)))
    return found


def tally(kind: Kind, sieve: Sieve, entries: list[Entry]) -> list[SieveLink]:
    """Every value of one sieve over all entries of a kind."""
    return links(kind, sieve, entries, {})


def _in_order(sieve: Sieve, entries: list[Entry]) -> list[str]:
    seen = {value for entry in entries for value in sieve.values(entry)}
    if sieve is YEAR:
        return sorted(seen, reverse=True)
    order = {c.theme: at for at, c in enumerate(circumstances.table())} if sieve is FACTOR else _ORDER
    return sorted(seen, key=lambda value: (order.get(value, len(order)), value))
