"""A wording people use becomes another way of asking for an entry: shown, confirmed, published, tried."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.snapshot import key
from kb.types import Entry, Finding
from search_app import access, answering, context, publishing

SHORTEST, LONGEST = 2, 60

pages = Blueprint("curating_aliases", __name__)


@pages.get("/curate/alias")
def form() -> ResponseReturnValue:
    """`text` as it will be kept, the entry it leads to, and what a search for it finds now."""
    return _form(request.args.get("text", ""), request.args.get("entry", ""))


@pages.post("/curate/alias")
def add() -> ResponseReturnValue:
    """Publish the entry with its new way of being asked for; a question that led here is answered."""
    services, who = context.services(), access.person()
    text = " ".join(request.form.get("text", "").split())
    question_id = request.form.get("question", "")
    record = services.library.store.get(services.library.get(request.form.get("entry", "")).id)
    if findings := wrong(text, record.entry):
        return _form(text, record.entry.id, findings), 422
    if not knows(record.entry, text):
        longer = replace(record.entry, aliases=(*record.entry.aliases, text))
        publishing.put(services, longer, record.version, "published", who, f"加一种问法：{text}")
    answering.settle(services, who, answering.reason(question_id), record.entry.id)
    return redirect(
        url_for("curating_aliases.tried", text=text, entry=record.entry.id, question=question_id or None), 303
    )


@pages.get("/curate/alias/tried")
def tried() -> ResponseReturnValue:
    """What a search for the wording finds now: the entry first, or what stands before it."""
    library = context.library()
    entry, text = library.get(request.args.get("entry", "")), request.args.get("text", "")
    hits = library.search(text, size=5).hits
    return render_template(
        "curating/alias_tried.html",
        entry=entry,
        text=text,
        hits=hits,
        first=bool(hits) and hits[0].id == entry.id,
        question=request.args.get("question", ""),
    )


def wrong(text: str, entry: Entry) -> tuple[Finding, ...]:
    """What keeps a wording from becoming an alias."""
    if not SHORTEST <= len(key(text)) <= LONGEST:
        message = f"问法要有 {SHORTEST} 到 {LONGEST} 个字，现在是 {len(key(text))} 个"
        return (Finding("length", message, "text"),)
    return ()


def knows(entry: Entry, text: str) -> bool:
    """True when the entry is called so already."""
    return key(text) in {key(name) for name in (entry.title, *entry.aliases)}


def _form(text: str, entry_id: str, findings: tuple[Finding, ...] = ()) -> str:
    library = context.library()
    entry = library.get(entry_id)
    hits = library.search(text, size=3).hits
    return render_template(
        "curating/alias.html",
        entry=entry,
        text=text,
        known=knows(entry, text),
        hits=hits,
        question=request.values.get("question", ""),
        wrong={finding.field: finding.message for finding in findings},
        most=LONGEST,
    )
