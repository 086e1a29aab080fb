"""The pages of the four kinds, and browsing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.types import ORGANISATIONS, Category, Entry, Evidence, Kind, ProblemSource, Validity
from search_app import blocks, context, links

UNSORTED = "其他"
_ORDER = {
    str(value): place
    for place, value in enumerate((*Category, UNSORTED, *ProblemSource, *Validity, *Evidence, *ORGANISATIONS))
}

pages = Blueprint("reading", __name__)


@pages.get("/problems/<entry_id>")
def problem(entry_id: str) -> ResponseReturnValue:
    """A problem: answer, steps, rules, cases."""
    return _page(entry_id, Kind.PROBLEM)


@pages.get("/handbook/<entry_id>")
def handbook(entry_id: str) -> ResponseReturnValue:
    """A workflow: steps, papers, questions."""
    return _page(entry_id, Kind.HANDBOOK)


@pages.get("/cases/<entry_id>")
def case(entry_id: str) -> ResponseReturnValue:
    """A case: what was done where, and what it took."""
    return _page(entry_id, Kind.CASE)


@pages.get("/policies/<entry_id>")
def policy(entry_id: str) -> ResponseReturnValue:
    """A regulation: is it in force, what each article says, who rests on it."""
    return _page(entry_id, Kind.POLICY)


def _page(entry_id: str, kind: Kind) -> ResponseReturnValue:
    library = context.library()
    entry, now = library.get(entry_id), library.snapshot
    if entry.kind is not kind:
        return redirect(links.entry_url(entry))
    parts = blocks.blocks(entry) if kind is not Kind.POLICY else ()
    return render_template(
        f"reading/{kind}.html",
        entry=entry,
        blocks=tuple(part for part in parts if part.heading != blocks.BASIS),
        basis=next((part.text for part in parts if part.heading == blocks.BASIS), ""),
        rules=blocks.rules(entry, now),
        related=blocks.related(entry, now),
        articles=blocks.articles(entry, now) if kind is Kind.POLICY else (),
        other_users=blocks.other_users(entry, now) if kind is Kind.POLICY else (),
        known=now.entries,
    )


@pages.get("/e/<entry_id>")
def short(entry_id: str) -> ResponseReturnValue:
    """A short address that survives being pasted anywhere; the browser keeps the part after #."""
    return redirect(links.entry_url(context.library().get(entry_id)))


@dataclass(frozen=True, slots=True)
class Sieve:
    """One way to narrow a list while browsing."""

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


SIEVES: dict[Kind, tuple[Sieve, ...]] = {
    Kind.PROBLEM: (
        Sieve("category", "类别", lambda entry: (entry.category or UNSORTED,)),
        Sieve("source", "问题来源", lambda entry: (entry.source,) if entry.source else ()),
        Sieve("org", "适用组织", lambda entry: entry.organisations),
    ),
    Kind.HANDBOOK: (Sieve("category", "类别", lambda entry: (entry.category or UNSORTED,)),),
    Kind.CASE: (
        Sieve("category", "类别", lambda entry: (entry.category or UNSORTED,)),
        Sieve("evidence", "证据性质", lambda entry: (entry.evidence,) if entry.evidence else ()),
        Sieve("org", "适用组织", lambda entry: entry.organisations),
    ),
    Kind.POLICY: (
        Sieve("category", "类别", lambda entry: (entry.category or UNSORTED,)),
        Sieve("validity", "效力", lambda entry: (str(entry.validity),) if entry.validity else ()),
    ),
}


@pages.get("/browse")
def overview() -> ResponseReturnValue:
    """What there is: the four kinds by category."""
    now = context.library().snapshot
    table = {
        kind: {category: sum(e.category == category for e in now.of_kind(kind)) for category in Category}
        for kind in links.SHOWN_ORDER
    }
    totals = {kind: len(now.of_kind(kind)) for kind in Kind}
    return render_template("reading/overview.html", table=table, totals=totals)


@pages.get("/browse/<kind>")
def browse(kind: str) -> ResponseReturnValue:
    """One kind, grouped by category, narrowed by links."""
    if kind not in tuple(Kind):
        abort(404)
    chosen_kind = Kind(kind)
    entries = context.library().snapshot.of_kind(chosen_kind)
    sieves = SIEVES[chosen_kind]
    chosen = {s.param: request.args[s.param] for s in sieves if request.args.get(s.param)}
    shown = _sifted(entries, sieves, chosen)
    names = (*Category, UNSORTED)
    grouped = {name: [e for e in shown if (e.category or UNSORTED) == name] for name in names}
    return render_template(
        "reading/browse.html",
        kind=chosen_kind,
        total=len(shown),
        grouped={name: group for name, group in grouped.items() if group},
        sieves=[(s.label, _sieve_links(chosen_kind, s, entries, chosen)) for s in sieves],
        narrowed=bool(chosen),
    )


def _sifted(entries: list[Entry], sieves: tuple[Sieve, ...], chosen: dict[str, str]) -> list[Entry]:
    for sieve in sieves:
        if value := chosen.get(sieve.param):
            entries = [entry for entry in entries if value in sieve.values(entry)]
    return entries


def _sieve_links(kind: Kind, sieve: Sieve, entries: list[Entry], chosen: dict[str, str]) -> list[SieveLink]:
    """Every value of a sieve with its count under the other sieves; the chosen one leads back."""
    others = {param: value for param, value in chosen.items() if param != sieve.param}
    reachable = _sifted(entries, SIEVES[kind], others)
    seen = {value for entry in entries for value in sieve.values(entry)}
    found = []
    for value in sorted(seen, key=lambda value: (_ORDER.get(value, len(_ORDER)), value)):
        active = chosen.get(sieve.param) == value
        wanted: dict[str, Any] = dict(others) if active else others | {sieve.param: value}
        count = sum(value in sieve.values(entry) for entry in reachable)
        if count or active:
            found.append(SieveLink(value, count, active, url_for("reading.browse", kind=kind, **wanted)))
    return found
