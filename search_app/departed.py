"""The answer to an address whose entry is gone: where it went, or why, and what there is instead."""

from __future__ import annotations

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.types import Filters
from kb.types import Entry
from search_app import access, context, links, moves
from search_app.audit_words import moment

MAX_OTHERS = 5
"""Entries offered instead of a withdrawn one."""


def answer() -> ResponseReturnValue | None:
    """For a reader's address of a withdrawn entry: 301 to its successor, or 410; None for others."""
    entry_id = (request.view_args or {}).get("entry_id", "")
    if not entry_id or access.ROUTES.get(str(request.endpoint)) != access.READING:
        return None
    now = context.library().snapshot
    gone = moves.gone(entry_id, now)
    if gone is None:
        return None
    if there := moves.target(entry_id, now):
        return _lead_on(there)
    return _say(gone)


def _lead_on(there: Entry) -> ResponseReturnValue:
    """To the same page of the entry that took its place; not to be remembered, for it may be undone."""
    if str(request.endpoint).startswith("reading."):
        address = links.entry_url(there)
    else:
        address = url_for(str(request.endpoint), **{**(request.view_args or {}), "entry_id": there.id})
    response = redirect(address, 301)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _say(gone: Entry) -> ResponseReturnValue:
    why, day = _reason(gone.id)
    others = _others(gone)
    if request.path.startswith("/api/"):
        pointers = [{"id": other.id, "title": other.title} for other in others]
        return jsonify({"error": f"这个条目已经撤下：{why}", "instead": pointers}), 410
    page = render_template("reading/gone.html", gone=gone, why=why, day=day, others=others)
    return page, 410


def _reason(entry_id: str) -> tuple[str, str]:
    """Why and on which day it was withdrawn, as its reviewer wrote it; empty where it was done by hand."""
    found = [r for r in context.services().history.revisions(entry_id) if r.action == "withdrawn"]
    return (found[-1].why, moment(found[-1].at).partition(" ")[0]) if found else ("", "")


def _others(gone: Entry) -> tuple[Entry, ...]:
    """What it was linked to, then what a search for its title finds; published entries only."""
    now = context.library().snapshot
    hits = context.library().search(gone.title, Filters(), size=MAX_OTHERS, off=frozenset({"rerank"})).hits
    found = {entry.id: entry for entry in (*now.related(gone), *(hit.entry for hit in hits))}
    return tuple(found.values())[:MAX_OTHERS]
