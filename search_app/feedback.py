"""有用 / 没解决: what members say of an entry, from its own page."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.types import Entry, Kind
from search_app import access, context, links
from search_app.access import Role
from search_app.state.base import StateUnavailable
from search_app.state.feedback import Opinion

REMARK_CHARS = 200
RATE = "60/hour"
ANSWERS = {"yes": True, "no": False}
KINDS = (Kind.PROBLEM, Kind.HANDBOOK, Kind.CASE)
"""Kinds that are there to help; a policy is what it is."""

pages = Blueprint("feedback", __name__)


@pages.post("/feedback")
def give() -> ResponseReturnValue:
    """Keep what somebody says of an entry, and back to it; said again, it replaces what they said."""
    services, who = context.services(), access.person()
    entry, useful = services.library.get(request.form.get("entry", "")), request.form.get("useful", "")
    remark = " ".join(request.form.get("remark", "").split())
    if entry.kind not in KINDS or useful not in ANSWERS:
        abort(400)
    if len(remark) > REMARK_CHARS:
        return show_again(f"补充的话有 {len(remark)} 个字，请压到 {REMARK_CHARS} 个字以内。", 422)
    if not services.pace.allows("feedback", str(who.id), RATE):
        return show_again("评价得太快了，请过一会儿再发送。", 429)
    services.audit.append(who.name, "feedback", entry.id, note="有用" if ANSWERS[useful] else "没解决")
    services.feedback.give(entry.id, who.id, ANSWERS[useful], remark)
    return redirect(links.entry_url(entry) + "#feedback", 303)


def show_again(message: str, status: int) -> ResponseReturnValue:
    """What was sent, with a message; nothing is kept."""
    entry = context.library().get(request.form.get("entry", ""))
    remark = " ".join(request.form.get("remark", "").split())
    return render_template("feedback/again.html", entry=entry, message=message, remark=remark), status


@pages.app_template_global()
def may_give_feedback(entry: Entry) -> bool:
    """True where the page asks whether it helped."""
    return entry.kind in KINDS


@pages.app_template_global()
def my_opinion(entry: Entry) -> Opinion | None:
    """What whoever reads the page said of the entry; guests cost no look into the database."""
    who = access.person()
    if not who.may(Role.MEMBER):
        return None
    try:
        return context.services().feedback.mine(entry.id, who.id)
    except StateUnavailable as error:
        context.app().logger.warning("feedback not shown: %s", error)
        return None


@pages.app_template_global()
def gives_feedback() -> bool:
    """True for whoever may say so; guests are asked to log in."""
    return access.person().may(Role.MEMBER)
