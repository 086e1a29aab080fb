"""Dates and money: the overview, one page per tool, and its calendar file.

Everything asked is in the address, so that a result can be sent to somebody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.snapshot import Snapshot
from kb.numerals import article_label
from kb.types import Citation
from search_app import blocks, context
from search_app.calculators import agenda, inputs, registry
from search_app.calculators.answers import Tool
from search_app.exchange import calendar

CHINA = timezone(timedelta(hours=8))
"""No daylight saving since 1991, and Windows has no time zone database."""
_PRIVATE = ("today", "name")
"""What does not tell one branch or person from another, or is told apart otherwise."""

pages = Blueprint("tools", __name__)
pages.add_app_template_global(registry.for_entry, "tools_for")


@pages.get("/tools")
def overview() -> ResponseReturnValue:
    """What can be reckoned."""
    return render_template("tools/overview.html", groups=registry.GROUPS)


@pages.get("/tools/<slug>")
def tool(slug: str) -> ResponseReturnValue:
    """A form, and the answer once it is filled in."""
    chosen = _tool(slug)
    asked = _asked(chosen)
    if asked and asked != request.args.to_dict():
        return redirect(url_for("tools.tool", slug=slug, **asked))  # type: ignore[arg-type]
    values = inputs.read(chosen.fields, asked)
    problems = values.problems if request.args else {}
    answer = chosen.answer(values, _today(values)) if asked and not problems else None
    now = context.library().snapshot
    page = render_template(
        "tools/tool.html",
        tool=chosen,
        asked=asked,
        values=values,
        problems=problems,
        answer=answer,
        today=_today(values),
        rules=_rules(answer.rules, now) if answer else {},
        entries=[now.entries[entry] for entry in chosen.entries if entry in now.entries],
        dated=bool(answer and _events(chosen, values, asked)),
    )
    return page, 422 if problems else 200


@pages.get("/tools/<slug>.ics")
def calendar_file(slug: str) -> ResponseReturnValue:
    """What is still to come, for any calendar; with nothing to come, back to the page that says why."""
    chosen = _tool(slug)
    asked = _asked(chosen)
    values = inputs.read(chosen.fields, asked)
    events = () if values.problems else _events(chosen, values, asked)
    address = url_for("tools.tool", slug=slug, **asked)  # type: ignore[arg-type]
    if not events:
        return redirect(address)
    name = values.text("name") or chosen.title
    link = url_for("tools.tool", slug=slug, _external=True, **asked)
    answer = Response(calendar.render(name, events, datetime.now(UTC), link), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    return answer


def _tool(slug: str) -> Tool:
    found = registry.TOOLS.get(slug)
    return found if found else abort(404)


def _asked(chosen: Tool) -> dict[str, str]:
    """What was typed and differs from the default, in the order of the form."""
    typed = {field.name: request.args.get(field.name, "").strip() for field in chosen.fields}
    return {f.name: typed[f.name] for f in chosen.fields if typed[f.name] and typed[f.name] != f.default}


def _today(values: inputs.Values) -> date:
    return values.day("today") or datetime.now(CHINA).date()


def _events(chosen: Tool, values: inputs.Values, asked: dict[str, str]) -> tuple[calendar.Event, ...]:
    """Events of the answer; the first required fields tell one branch or person from another."""
    today = _today(values)
    identity = "|".join(asked.get(f.name, "") for f in chosen.fields if f.required and f.name not in _PRIVATE)
    titles = {entry.id: entry.title for entry in context.library().snapshot.entries.values()}
    milestones = chosen.answer(values, today).milestones
    return agenda.events(chosen.slug, values.text("name"), identity, milestones, today, titles)


def _rules(citations: Iterable[Citation], now: Snapshot) -> dict[Citation, blocks.Rule]:
    """Clauses with the policies readers can see."""
    return {c: blocks.Rule(c, now.entries.get(c.policy), article_label(c.article)) for c in citations}
