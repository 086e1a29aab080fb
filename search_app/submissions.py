"""What I handed in: where each stands, what reviewers said, and my answer."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from search_app import access, context, editorial, reading
from search_app.access import Role
from search_app.editorial import RemarkMissing
from search_app.state.imports import Stage

pages = Blueprint("submissions", __name__)

HANDED_IN = (Stage.WAITING, Stage.PUBLISHING, Stage.DONE, Stage.REJECTED)
"""How far an imported list has come once its author has let go of it."""


@pages.get("/submissions")
def mine() -> ResponseReturnValue:
    """Everything this person handed in, what needs their hand first, then the latest."""
    services, who = context.services(), access.person()
    found = services.submissions.find(author_id=who.id)
    found.sort(key=lambda one: one.updated, reverse=True)
    return render_template(
        "reviewing/mine.html",
        acting=[one for one in found if one.standing == "returned"],
        waiting=[one for one in found if one.standing == "waiting"],
        settled=[one for one in found if not one.standing.open],
        lists=services.imports.find(*HANDED_IN, author_id=who.id),
    )


@pages.get("/submissions/<submission_id>")
def one(submission_id: str) -> ResponseReturnValue:
    """One submission: where it stands, what was said, and the text as readers would see it."""
    return _page(submission_id)


@pages.post("/submissions/<submission_id>/comment")
def comment(submission_id: str) -> ResponseReturnValue:
    """Say something about it; goes back to the page it was said on."""
    text = request.form.get("text", "")
    try:
        editorial.comment(context.services(), access.person(), submission_id, text)
    except RemarkMissing as error:
        return _page(submission_id, str(error), text), 422
    review = access.person().may(Role.REVIEWER) and request.form.get("back") == "review"
    endpoint = "reviewing.review" if review else "submissions.one"
    return redirect(url_for(endpoint, submission_id=submission_id, _anchor="remarks"), 303)


@pages.post("/submissions/<submission_id>/take-back")
def take_back(submission_id: str) -> ResponseReturnValue:
    """The author gives it up; the text stays readable for them."""
    editorial.take_back(context.services(), access.person(), submission_id)
    return redirect(url_for("submissions.one", submission_id=submission_id), 303)


def _page(submission_id: str, wrong: str = "", typed: str = "") -> str:
    services, who = context.services(), access.person()
    found = editorial.proposal(services, who, submission_id)
    return render_template(
        "reviewing/submission.html",
        proposal=found,
        submission=found.submission,
        remarks=services.submissions.remarks(submission_id),
        own=found.submission.author_id == who.id,
        preview=reading.shown(found.entry, context.library().snapshot),
        wrong=wrong,
        typed=typed,
    )
