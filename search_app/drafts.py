"""Drafts: saved while somebody types, continued or deleted later. Their owner's only."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.errors import EntryNotFound, SetupError, UserError
from kb.types import Kind
from search_app import access, context, drafting, form_page
from search_app.audit_words import BEIJING
from search_app.form_page import Said
from search_app.forms.sheet import Mode, target_of

pages = Blueprint("drafts", __name__)


@pages.get("/drafts")
def overview() -> ResponseReturnValue:
    """What this person is still writing."""
    found = context.services().drafts.of(access.person().id)
    return render_template(
        "contributing/drafts.html", drafts=[(draft, _what(draft.target)) for draft in found], clock=clock
    )


@pages.post("/drafts")
def save() -> ResponseReturnValue:
    """Save a form as it stands; called by the page every few seconds while somebody types."""
    services, who = context.services(), access.person()
    target = target_of(request.form.get("target", ""))
    if target is None:
        return {"error": "表单认不出来"}, 400
    try:
        fields = ((name, value) for name, values in request.form.lists() for value in values)
        saved = drafting.keep(services, who, drafting.sent(fields, target, services, who))
    except (UserError, SetupError) as error:
        return {"error": str(error)}, 503 if isinstance(error, SetupError) else 400
    return {"saved": clock(saved.saved), "url": url_for("drafts.resume", number=saved.id)}


@pages.get("/drafts/<number>")
def resume(number: str) -> ResponseReturnValue:
    """Go on writing where it was left."""
    services, who = context.services(), access.person()
    saved = services.drafts.get(who.id, number)
    sheet = drafting.opened(saved, services, who)
    notice = f"这是 {clock(saved.saved)} 存下的草稿，只有您自己看得到。"
    if request.args.get("saved"):
        notice = f"草稿已存下（{clock(saved.saved)}）。可以接着写，也可以以后从“草稿”里打开。"
    return form_page.show(sheet, Said(notice=notice))


@pages.post("/drafts/<number>/delete")
def delete(number: str) -> ResponseReturnValue:
    """Throw a draft away."""
    context.services().drafts.drop(access.person().id, number)
    return redirect(url_for("drafts.overview"), 303)


def clock(moment: datetime) -> str:
    """14:03 in Beijing, with the day when that was not today."""
    here, today = moment.astimezone(BEIJING), datetime.now(BEIJING).date()
    return f"{here:%H:%M}" if here.date() == today else f"{here.month}月{here.day}日 {here:%H:%M}"


def _what(target: str) -> str:
    """What a draft is, in words."""
    found = target_of(target)
    if found is None:
        return "草稿"
    if found.mode is Mode.NEW:
        return f"新的{Kind(found.key).label}"
    if found.mode is Mode.AGAIN:
        return "重新提交"
    try:
        return f"修改“{context.library().get(found.key).title}”"
    except EntryNotFound:
        return "修改一个已经不在的条目"
