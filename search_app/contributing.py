"""Giving: the form for a new case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb import schema
from kb.errors import EntryExists, EntryNotFound, InvalidEntry, SetupError
from kb.types import ORGANISATIONS, Draft, Entry, Finding, Kind
from search_app import case_form, context, prefill

QUESTION_CHARS = 200
"""As long as a query may be."""

pages = Blueprint("contributing", __name__)


@pages.get("/cases/new")
def new_case() -> ResponseReturnValue:
    """An empty form; `problem` and `rule` in the address say what the case will be linked to."""
    linked = prefill.read(request.args, context.library().snapshot)
    return _form(Draft(Kind.CASE, case_form.new_id(date.today()), linked))


@pages.post("/cases/new")
def create_case() -> ResponseReturnValue:
    """Save the case and go to its page; or the same form, with what is missing and all that was typed."""
    draft = case_form.read(request.form, date.today())
    entry, findings = case_form.to_entry(draft, date.today())
    if entry is None:
        return _form(draft, findings), 422
    try:
        saved = _save(entry)
    except InvalidEntry as error:
        return _form(draft, error.findings), 422
    except EntryExists as error:
        again = replace(draft, id=case_form.new_id(date.today()))
        return _form(again, (Finding("not-saved", f"没有保存：{error}"),)), 409
    except SetupError as error:
        return _form(draft, (Finding("not-saved", _where_the_text_is(draft.id, error)),)), 503
    return redirect(url_for("reading.case", entry_id=saved), 303)


@pages.post("/ask")
def ask() -> ResponseReturnValue:
    """Keep a question that found no answer, as a submitted problem that readers do not see."""
    question = " ".join(request.form.get("question", "").split())[:QUESTION_CHARS]
    if not question:
        return redirect(url_for("searching.home"), 303)
    context.library().save(case_form.to_question(question, date.today()), expected=None)
    return redirect(url_for("contributing.asked"), 303)


@pages.get("/asked")
def asked() -> ResponseReturnValue:
    """Thanks, and what happens next."""
    return render_template("contributing/asked.html")


def show_again(message: str, status: int) -> ResponseReturnValue:
    """The form as it was sent, with a message; nothing is saved."""
    draft = case_form.read(request.form, date.today())
    return _form(draft, (Finding("not-saved", message),)), status


def _save(entry: Entry) -> str:
    """Save and return the id; sending the same form twice makes one case, not two."""
    library = context.library()
    try:
        library.save(entry, expected=None)
    except EntryExists:
        try:
            kept = library.get(entry.id)
        except EntryNotFound:
            raise EntryExists("这份表单已经提交过，请重新打开“添加案例”页面") from None
        if (kept.title, kept.body) != (entry.title, entry.body):
            raise EntryExists("这份表单已存成一个案例，现在的文字与它不同；要另存请再按一次保存") from None
    return entry.id


def _where_the_text_is(entry_id: str, error: SetupError) -> str:
    """The file comes before the index: when only indexing failed, the case is safe already."""
    try:
        context.library().store.find(entry_id)
    except EntryNotFound:
        return f"没有保存：{error}"
    return f"案例已经写进文件，不用再存一次；只是暂时还搜不到：{error}"


def _form(draft: Draft, findings: tuple[Finding, ...] = ()) -> str:
    blank = max(case_form.STEP_ROWS, len(draft.steps) + 1) - len(draft.steps)
    return render_template(
        "contributing/new_case.html",
        draft=draft,
        findings=findings,
        wrong={finding.field: finding.message for finding in reversed(findings)},
        fields=schema.BY_NAME,
        texts=case_form.TEXT_FIELDS,
        organisations=ORGANISATIONS,
        chosen_organisations=draft.get("organisations").split("、"),
        blank_rows=blank,
        links=prefill.shown(draft, context.library().snapshot),
    )
