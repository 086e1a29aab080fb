"""整理: what is missing, stale or unhelpful, and the work of mending it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.coverage import coverage
from kb.types import Category, ProblemSource, Publication
from search_app import access, context, curating_queries, curating_queues, publishing
from search_app.services import Services
from search_app.state.submissions import Standing

PAGE = 50
"""Entries of a queue on one page; nobody mends more at a sitting."""

pages = Blueprint("curating", __name__)


@dataclass(frozen=True, slots=True)
class Tile:
    """One queue on the dashboard."""

    label: str
    count: int
    url: str


@pages.get("/curate")
def dashboard() -> ResponseReturnValue:
    """Every queue with how much waits in it, and the ways to the rest."""
    services = context.services()
    return render_template("curating/dashboard.html", people=_people(services), entries=_entries(services))


@pages.get("/curate/queue/<name>")
def queue(name: str) -> ResponseReturnValue:
    """One queue: the entries, why they are there, and what to do."""
    wanted = curating_queues.BY_NAME.get(name) or abort(404)
    category, source = (request.args.get(key, "") if wanted.topical else "" for key in ("category", "source"))
    found = curating_queues.narrowed(wanted.find(context.services(), date.today()), category, source)
    sheets = max(1, -(-len(found) // PAGE))
    asked = request.args.get("page", "1")
    sheet = min(max(int(asked) if asked.isdecimal() and len(asked) < 6 else 1, 1), sheets)
    return render_template(
        "curating/queue.html",
        queue=wanted,
        found=found[(sheet - 1) * PAGE : sheet * PAGE],
        total=len(found),
        sheet=sheet,
        sheets=sheets,
        kept={key: value for key, value in (("category", category), ("source", source)) if value},
        entries=context.library().snapshot.entries,
    )


@pages.post("/curate/verified")
def verified() -> ResponseReturnValue:
    """Somebody compared the entry with the rules of today and found nothing to change."""
    services, who = context.services(), access.person()
    record = services.library.store.get(request.form.get("entry", ""))
    if record.entry.publication is not Publication.PUBLISHED:
        abort(400)
    checked = replace(record.entry, verified_on=date.today())
    publishing.put(services, checked, record.version, "published", who, "核对过，没有变化")
    return redirect(url_for("curating.queue", name="stale"), 303)


@pages.post("/curate/handled")
def handled() -> ResponseReturnValue:
    """The remarks on an entry have been looked at."""
    services, who = context.services(), access.person()
    entry_id = request.form.get("entry", "")
    chosen = [int(text) for text in request.form.getlist("opinion") if text.isdecimal() and len(text) < 18]
    services.audit.append(who.name, "feedback-handled", entry_id, note=f"{len(chosen)} 条")
    services.feedback.handle(chosen)
    return redirect(url_for("curating.queue", name="unhelpful"), 303)


@pages.get("/curate/coverage")
def coverage_map() -> ResponseReturnValue:
    """Topic by source by kind, each number leading to what it counts."""
    found = coverage(context.library().snapshot.entries.values())
    cells = {(cell.category, cell.source): cell for cell in found.cells}
    return render_template(
        "curating/coverage.html",
        found=found,
        cells=cells,
        categories=tuple(dict.fromkeys(cell.category for cell in found.cells)),
        sources=tuple(dict.fromkeys(cell.source for cell in found.cells)),
        known=(*Category, *ProblemSource),
    )


def _people(services: Services) -> tuple[Tile, ...]:
    """What people wait for."""
    missed = curating_queries.counts(services)
    return (
        Tile("等待审核的提交", services.submissions.count(Standing.WAITING), request.script_root + "/review"),
        Tile("等待整理的提问", services.questions.waiting(), url_for("curating_questions.overview")),
        Tile("没搜到的问法", missed.nothing, url_for("curating_queries.overview")),
        Tile(
            "搜到了却没人点开的问法",
            missed.abandoned,
            url_for("curating_queries.overview", sort=curating_queries.ABANDONED),
        ),
    )


def _entries(services: Services) -> tuple[Tile, ...]:
    """What the entries need."""
    counts = curating_queues.counts(services, date.today())
    return tuple(
        Tile(queue.label, counts[queue.name], url_for("curating.queue", name=queue.name))
        for queue in curating_queues.QUEUES
    )
