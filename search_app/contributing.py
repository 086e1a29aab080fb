"""Giving: forms for every kind, for changes to what is published, and for what came back from review."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb import privacy, sides
from kb.errors import (
    EntryConflict,
    EntryExists,
    EntryNotFound,
    InvalidEntry,
    SetupError,
    UserError,
)
from kb.types import Entry, Finding, Kind, Publication
from search_app import access, answering, context, drafting, editorial, lookalikes, prefill
from search_app.filekinds import RefusedFile
from search_app.filing import MAX_PER_ENTRY
from search_app.form_page import Clash, Concerns, Said, show
from search_app.forms import opening, reading, rows, writing
from search_app.forms.sheet import NEW_PATHS, Mode, Sheet, Target
from search_app.state.submissions import SubmissionMoved

pages = Blueprint("contributing", __name__)

POSTS = ("create_case", "create_problem", "create_handbook", "create_policy", "change", "send_again")
"""Views that take a whole form; whatever goes wrong, they show it again as it was sent."""


def _new(kind: Kind) -> ResponseReturnValue:
    """An empty form, with what the page that led here wants in it."""
    return show(prefill.sheet(kind, request.args, context.library().snapshot))


def _create(kind: Kind) -> ResponseReturnValue:
    """Hand in a new entry, or do what another button of its form says."""
    return _take(Target(Mode.NEW, str(kind)))


for _kind, _name in zip(Kind, ("policy", "handbook", "problem", "case"), strict=True):
    _fixed = {"kind": _kind}
    pages.add_url_rule(NEW_PATHS[_kind], f"new_{_name}", _new, defaults=_fixed, methods=["GET"])
    pages.add_url_rule(NEW_PATHS[_kind], f"create_{_name}", _create, defaults=_fixed, methods=["POST"])


@pages.get("/entries/<entry_id>/edit")
def edit(entry_id: str) -> ResponseReturnValue:
    """A published entry in its form."""
    entry, version = _published(entry_id)
    return show(opening.opened(entry, Target(Mode.CHANGE, entry.id), version))


@pages.post("/entries/<entry_id>/edit")
def change(entry_id: str) -> ResponseReturnValue:
    """Propose a change to a published entry."""
    return _take(Target(Mode.CHANGE, entry_id))


@pages.get("/submissions/<submission_id>/edit")
def again(submission_id: str) -> ResponseReturnValue:
    """A submission that is not decided yet, in its form; its author only."""
    services, who = context.services(), access.person()
    submission = services.submissions.get(submission_id)
    if submission.author_id != who.id:
        raise EntryNotFound(f"没有编号为“{submission_id[:80]}”的提交")
    if not submission.standing.open:
        return redirect(f"/submissions/{submission_id}", 303)
    entry = services.pending.get(submission_id)
    return show(opening.opened(entry, Target(Mode.AGAIN, submission_id), submission.base))


@pages.post("/submissions/<submission_id>/edit")
def send_again(submission_id: str) -> ResponseReturnValue:
    """Hand in a better text of a submission."""
    return _take(Target(Mode.AGAIN, submission_id))


@pages.get("/lookalikes")
def look_alikes() -> ResponseReturnValue:
    """Entries that look like a title, as a piece of the page."""
    kind = request.args.get("kind", "")
    found = lookalikes.near(
        request.args.get("title", ""),
        context.library(),
        Kind(kind) if kind in tuple(Kind) else Kind.PROBLEM,
        request.args.get("id", ""),
    )
    return render_template("contributing/_alike.html", alike=found)


def show_again(message: str, status: int) -> ResponseReturnValue:
    """The form as it was sent, with a message; nothing is saved."""
    values = request.view_args or {}
    name = (request.endpoint or "").rpartition(".")[2]
    if name == "change":
        target = Target(Mode.CHANGE, str(values["entry_id"]))
    elif name == "send_again":
        target = Target(Mode.AGAIN, str(values["submission_id"]))
    else:
        target = Target(Mode.NEW, str(values["kind"]))
    return show(_sheet(target), Said((Finding("not-saved", message),))), status


def _published(entry_id: str) -> tuple[Entry, str]:
    """The entry readers see and its version. Raises EntryNotFound."""
    record = context.library().store.get(context.library().get(entry_id).id)
    if record.entry.publication is not Publication.PUBLISHED:
        raise EntryNotFound(f"没有编号为“{entry_id[:80]}”的条目，或者它还没有发布")
    return record.entry, record.version


def _original(sheet: Sheet) -> Entry | None:
    """The entry a form was opened with: what no form asks for comes from it.

    None for a new one, and for one that is gone meanwhile: handing it in says so, with the form still there.
    """
    try:
        if sheet.target.mode is Mode.CHANGE:
            return _published(sheet.id)[0]
        return context.services().pending.get(sheet.target.key) if sheet.target.mode is Mode.AGAIN else None
    except EntryNotFound:
        return None


def _sheet(target: Target) -> Sheet:
    fields = ((name, value) for name, values in request.form.lists() for value in values)
    return drafting.sent(fields, target, context.services(), access.person())


def _take(target: Target) -> ResponseReturnValue:
    """Whatever button was pressed: take in the form and its files, then do it."""
    sheet, refused = _with_files(_sheet(target))
    do = request.form.get("do", "send")
    if do == "upload" and not any(sent.filename for sent in request.files.getlist("files")):
        refused = (Finding("no-file", "请先选文件，再按“上传”", "attachments"),)
    if refused:
        return show(sheet, Said(refused, at="attachments")), 422
    if do == "send":
        return _send(sheet)
    if do == "draft":
        return _save_draft(sheet)
    if do == "preview":
        return show(sheet, Said(preview=writing.to_preview(sheet, _original(sheet)), at="preview"))
    at = {"find-rule": "citations", "find-entry": "related", "upload": "attachments"}.get(do, "")
    return show(rows.press(sheet, do), Said(at=at or rows.focus(do, sheet)))


def _with_files(sheet: Sheet) -> tuple[Sheet, tuple[Finding, ...]]:
    """Keep the files that came with the form; those refused are named, the others stay."""
    services, who = context.services(), access.person()
    refused = []
    for sent in request.files.getlist("files"):
        if not sent.filename:
            continue
        try:
            if len(sheet.attachments) >= MAX_PER_ENTRY:
                raise RefusedFile(f"“{sent.filename}”没有收下：一个条目最多 {MAX_PER_ENTRY} 个附件")
            kept = services.attachments.keep(who.id, sent.filename, sent.read())
            services.audit.append(who.name, "uploaded", sheet.id, after=kept.file)
        except (RefusedFile, SetupError) as error:
            refused.append(Finding("refused", str(error), "attachments"))
        else:
            known = kept.file in {a.file for a in sheet.attachments}
            sheet = sheet if known else replace(sheet, attachments=(*sheet.attachments, kept))
    return sheet, tuple(refused)


def _save_draft(sheet: Sheet) -> ResponseReturnValue:
    try:
        drafting.keep(context.services(), access.person(), sheet)
    except (UserError, SetupError) as error:
        return show(sheet, Said((Finding("not-saved", f"草稿没有存下来：{error}"),))), 503
    return redirect(url_for("drafts.resume", number=sheet.number, saved=1), 303)


def _send(sheet: Sheet) -> ResponseReturnValue:
    """Check, ask what must be asked, hand in; or the same form with what is in the way."""
    original = _original(sheet)
    entry, findings = writing.to_entry(sheet, original)
    findings += _foreign_files(sheet, original)
    if entry is None or findings:
        return show(sheet, Said(findings, at="problems")), 422
    if entry == original and sheet.target.mode is Mode.CHANGE:
        return show(sheet, Said(notice="您没有改动任何内容，所以没有提交。")), 422
    if concerns := _concerns(entry, original):
        return show(sheet, Said(concerns=concerns, at="concerns")), 422
    try:
        number = _hand_in(sheet, entry)
    except InvalidEntry as error:
        return show(sheet, Said(error.findings, at="problems")), 422
    except EntryConflict:
        return _clash(sheet, entry)
    except EntryExists as error:
        fresh = replace(sheet, id=reading.new_entry_id(sheet.kind), number=reading.new_number())
        message = f"没有提交：{error}；已换了新编号，请再按一次提交"
        return show(fresh, Said((Finding("not-saved", message),), at="problems")), 409
    except SubmissionMoved as error:
        return show(sheet, Said((Finding("not-saved", str(error)),), at="problems")), 409
    except (UserError, SetupError) as error:
        status = 503 if isinstance(error, SetupError) else 400
        return show(sheet, Said((Finding("not-saved", f"没有提交：{error}"),), at="problems")), status
    return redirect(f"/submissions/{number}", 303)


def _hand_in(sheet: Sheet, entry: Entry) -> str:
    """Id of the submission; its draft is done with."""
    services, who = context.services(), access.person()
    if sheet.target.mode is Mode.AGAIN:
        made = editorial.revise(services, who, sheet.target.key, entry, sheet.base, sheet.why)
    else:
        why = answering.reason(sheet.question) if sheet.question and not sheet.why else sheet.why
        made = editorial.submit(services, who, entry, sheet.base, why, sheet.number)
    services.drafts.drop(who.id, sheet.number)
    return made.id


def _foreign_files(sheet: Sheet, original: Entry | None) -> tuple[Finding, ...]:
    """Attachments are the sender's own or the entry's already: naming one does not open other people's."""
    services, who = context.services(), access.person()
    known = {a.file for a in original.attachments} if original else set()
    return tuple(
        Finding("foreign", f"附件“{a.label or a.file}”不是您传的，请去掉或重新上传", "attachments")
        for a in sheet.attachments
        if a.file not in known and not services.attachments.is_owner(who.id, a.file)
    )


def _concerns(entry: Entry, original: Entry | None) -> Concerns | None:
    """What must be looked at first: personal data, and entries that say the same; None when that was done."""
    private = privacy.findings(entry)
    known = original is not None and original.title == entry.title
    alike = () if known else lookalikes.twins(entry, context.library())
    marks = _mark(finding.message for finding in private), _mark(like.entry.id for like in alike)
    open_private = private if marks[0] != request.form.get("seen-private", "") else ()
    open_alike = alike if marks[1] != request.form.get("seen-alike", "") else ()
    if not open_private and not open_alike:
        return None
    return Concerns(private, marks[0], alike, marks[1])


def _mark(texts: Iterable[str]) -> str:
    """A short name for exactly these texts: a box ticked for others does not count. Empty for none."""
    joined = "\n".join(texts)
    return hashlib.sha256(joined.encode()).hexdigest()[:16] if joined else ""


def _clash(sheet: Sheet, mine: Entry) -> ResponseReturnValue:
    """Somebody published another text meanwhile: both are shown, and sending again is against the new one."""
    try:
        theirs, version = _published(sheet.id)
    except EntryNotFound as error:
        return show(sheet, Said((Finding("not-saved", f"没有提交：{error}"),), at="problems")), 409
    changed = tuple(row for row in sides.compare(theirs, mine) if row.mark != "same")
    return show(replace(sheet, base=version), Said(clash=Clash(changed), at="clash")), 409
