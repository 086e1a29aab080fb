"""The pages of the four kinds, and browsing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from indexer.snapshot import Snapshot
from kb.types import Entry, Kind
from search_app import blocks, browsing, context, links

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
    return render_template(f"reading/{kind}.html", **shown(entry, now))


def shown(entry: Entry, now: Snapshot) -> dict[str, Any]:
    """What the templates of an entry's page need; a preview shows one that is not published by the same."""
    policy = entry.kind is Kind.POLICY
    parts = () if policy else blocks.blocks(entry)
    return {
        "entry": entry,
        "blocks": tuple(part for part in parts if part.heading != blocks.BASIS),
        "basis": next((part.text for part in parts if part.heading == blocks.BASIS), ""),
        "rules": blocks.rules(entry, now),
        "related": blocks.related(entry, now),
        "articles": blocks.articles(entry, now) if policy else (),
        "other_users": blocks.other_users(entry, now) if policy else (),
        "known": now.entries,
    }


@pages.get("/e/<entry_id>")
def short(entry_id: str) -> ResponseReturnValue:
    """A short address that survives being pasted anywhere; the browser keeps the part after #."""
    return redirect(links.entry_url(context.library().get(entry_id)))


@pages.get("/browse")
def overview() -> ResponseReturnValue:
    """What there is: the four kinds by category, then by organisation, factor, source and year."""
    found = browsing.overview(context.library().snapshot)
    return render_template("reading/overview.html", overview=found)


@pages.get("/browse/<kind>")
def browse(kind: str) -> ResponseReturnValue:
    """One kind, grouped by category, narrowed by links; cases as cards."""
    if kind not in tuple(Kind):
        abort(404)
    found = browsing.shelf(context.library().snapshot, Kind(kind), request.args)
    return render_template("reading/browse.html", kind=found.kind, shelf=found)


@pages.get("/gaps")
def gaps() -> ResponseReturnValue:
    """Problems without a case or a rule, and cases without a problem."""
    return render_template("reading/gaps.html", gaps=browsing.gaps(context.library().snapshot))
