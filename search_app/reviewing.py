"""The reviewer's desk: what waits, what changed in it, what is to be minded, and the decision."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb import sides
from kb.errors import UserError
from kb.types import Entry
from search_app import access, answering, context, editorial, findings, reading, rebasing
from search_app.editorial import NotAllowed, Proposal, RemarkMissing
from search_app.state.imports import Stage
from search_app.state.submissions import Standing, Submission, SubmissionMoved

pages = Blueprint("reviewing", __name__)


@pages.get("/review")
def queue() -> ResponseReturnValue:
    """What waits for a decision, the longest first, and what waits for its authors."""
    services, who = context.services(), access.person()
    editorial.clear_orphans(services)
    found = services.submissions.find(standings=(Standing.WAITING, Standing.RETURNED))
    rivals = Counter(one.entry_id for one in found)
    return render_template(
        "reviewing/queue.html",
        waiting=[one for one in found if one.standing is Standing.WAITING],
        returned=[one for one in found if one.standing is Standing.RETURNED],
        decidable={one.id for one in found if editorial.may_decide(services, who, one)},
        rivals=rivals,
        lists=services.imports.find(Stage.WAITING, Stage.PUBLISHING),
    )


@pages.get("/review/<submission_id>")
def review(submission_id: str) -> ResponseReturnValue:
    """One submission beside the published text, with what is to be minded about it."""
    return _page(submission_id)


@pages.post("/review/<submission_id>")
def decide(submission_id: str) -> ResponseReturnValue:
    """Publish, return or reject; whatever prevents it, the words typed stay on the page."""
    text, seen = request.form.get("text", ""), request.form.get("seen", "")
    try:
        done = _decided(submission_id, request.form.get("decision", ""), text, seen)
    except RemarkMissing as error:
        return _page(submission_id, str(error), text), 422
    except SubmissionMoved as error:
        return _page(submission_id, str(error), text), 409
    except NotAllowed as error:
        return _page(submission_id, str(error), text), 403
    flash(done)
    # Named, or browsers keep the place of the buttons and the news stands out of sight.
    return redirect(url_for("reviewing.review", submission_id=submission_id, _anchor="main"), 303)


@pages.app_template_filter()
def age(since: datetime) -> str:
    """How long ago that was, in the largest unit that says something."""
    minutes = max(0, int((datetime.now(UTC) - since).total_seconds() // 60))
    if minutes < 1:
        return "不到 1 分钟"
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)} 天"


def _decided(submission_id: str, decision: str, text: str, seen: str) -> str:
    """Do what the button says; returns what to tell the reviewer. Raises UserError, SetupError."""
    services, who = context.services(), access.person()
    if decision == "publish":
        record = editorial.publish(services, who, submission_id, text, seen)
        why = services.submissions.get(submission_id).why
        answered = answering.settle(services, who, why, record.entry.id)
        told = f"提问“{answered.text}”也记为“{answered.stage.label}”。" if answered else ""
        return f"已发布，读者现在就能搜到。{told}"
    if decision == "return":
        editorial.send_back(services, who, submission_id, text)
        return "已退回，提交人在“我的提交”里能看到您写的话。"
    if decision == "reject":
        editorial.reject(services, who, submission_id, text)
        return "已记为“未采用”，提交人能看到理由。"
    if decision == "rebase":
        rebasing.rebase(services, who, submission_id, seen)
        return "两边的修改已合在一起，请再看一遍下面的对照，然后发布。"
    raise UserError("请按页面上的按钮来决定")


def _page(submission_id: str, wrong: str = "", typed: str = "") -> str:
    services, who = context.services(), access.person()
    found = editorial.proposal(services, who, submission_id)
    submission = found.submission
    return render_template(
        "reviewing/review.html",
        proposal=found,
        submission=submission,
        remarks=services.submissions.remarks(submission_id),
        own=submission.author_id == who.id,
        may_decide=editorial.may_decide(services, who, submission),
        changes=_beside(found.current, found.entry) if found.current else (),
        threefold=_threefold(found),
        mergeable=found.outdated and rebasing.together(found) is not None,
        findings=findings.of(found.entry, context.library()) if submission.standing.open else None,
        rivals=_rivals(submission),
        others=_others(submission_id),
        preview=reading.shown(found.entry, context.library().snapshot),
        wrong=wrong,
        typed=typed,
    )


def _threefold(found: Proposal) -> tuple[tuple[str, tuple[sides.Stretch, ...]], ...]:
    """For a text that was overtaken: what its author changed, and what others changed meanwhile."""
    if not found.outdated or found.base is None or found.current is None:
        return ()
    return (
        ("提交人改了什么（从打开时的文字算起）", _beside(found.base, found.entry)),
        ("这期间别人改了什么", _beside(found.base, found.current)),
    )


def _beside(old: Entry, new: Entry) -> tuple[sides.Stretch, ...]:
    """What a change says; standing and dates are not what its author wrote."""
    kept = {name: getattr(old, name) for name in ("publication", "created", "updated")}
    return sides.stretches(sides.compare(old, replace(new, **kept)))


def _others(submission_id: str) -> int:
    """How many other submissions wait for a decision."""
    found = context.services().submissions.find(standings=(Standing.WAITING,))
    return sum(one.id != submission_id for one in found)


def _rivals(submission: Submission) -> list[Submission]:
    """Other submissions about the same entry that still wait."""
    open_ones = (Standing.WAITING, Standing.RETURNED)
    found = context.services().submissions.find(entry_id=submission.entry_id, standings=open_ones)
    return [one for one in found if one.id != submission.id]
