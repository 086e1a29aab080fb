"""The organisation's terms and synonyms: edited in rows, tried on stored searches, then saved."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.types import Finding
from search_app import access, context, lexicon_files, lexicon_trial
from search_app.access import Role
from search_app.lexicon_files import Synonym, Words
from search_app.lexicon_trial import Asked, Trial

BLANK_ROWS = 3
PATIENCE_SECONDS = 3.0
"""A small collection is tried within this time, and nobody has to see the page that waits."""
REFRESH_SECONDS = "2"
SHOWN = 60
DAYS = 180

pages = Blueprint("curating_terms", __name__)


@pages.get("/curate/terms")
def overview() -> ResponseReturnValue:
    """The rows as they are saved; `said` in the address begins a new one."""
    folder = _folder()
    words = lexicon_files.read(folder)
    said = " ".join(request.args.get("said", "").split())[: lexicon_files.LONGEST]
    if said and said not in {row.said for row in words.synonyms}:
        words = Words(words.terms, (*words.synonyms, Synonym(said, ())))
    return _form(words, lexicon_files.version(folder), saved="saved" in request.args)


@pages.post("/curate/terms")
def preview() -> ResponseReturnValue:
    """Try the rows as typed on what people search; nothing is saved."""
    services, words = context.services(), _typed()
    version = request.form.get("version", "")
    if "more" in request.form:
        return _form(words, version, blank=BLANK_ROWS * 3)
    if findings := lexicon_files.wrong(words):
        return _form(words, version, findings), 422
    trial = services.trials.start(words, version, _searches(words))
    trial.finished.wait(PATIENCE_SECONDS)
    return redirect(url_for("curating_terms.trial", trial_id=trial.id), 303)


@pages.get("/curate/terms/trial/<trial_id>")
def trial(trial_id: str) -> ResponseReturnValue:
    """How far the trial is, or what it found out."""
    found = context.services().trials.get(trial_id)
    if found is None:
        return redirect(url_for("curating_terms.overview"), 303)
    answer = _trial_page(found)
    if not found.finished.is_set():
        answer.headers["Refresh"] = REFRESH_SECONDS
    return answer


@pages.post("/curate/terms/save")
def save() -> ResponseReturnValue:
    """Save rows whose effect has been looked at; they come into use at once, or with the next start."""
    services, who, words, folder = context.services(), access.person(), _typed(), _folder()
    tried, now = services.trials.get(request.form.get("trial", "")), lexicon_files.version(folder)
    if tried is None or not tried.finished.is_set() or tried.words != words:
        message = "还没有保存：服务重启过，或者文字又改过，请再按一次“看看影响”。"
        return _form(words, now, (Finding("not-tried", message),)), 409
    if tried.version != now:
        message = "还没有保存：词表刚被别人改过。下面是您写的，请对照现在的词表改好，再按“看看影响”。"
        return _form(words, now, (Finding("changed", message),), theirs=lexicon_files.read(folder)), 409
    services.audit.append(who.name, "lexicon-saved", "lexicon", now, note=_difference(words))
    lexicon_files.write(folder, words)
    services.lexicon_effect.begin()
    return redirect(url_for("curating_terms.overview", saved=1), 303)


def _searches(words: Words) -> list[Asked]:
    services = context.services()
    wordings = services.queries.table.wordings(DAYS, lexicon_trial.MOST_QUERIES, ignored=True)
    titles = [(entry.id, entry.title) for entry in services.library.snapshot.entries.values()]
    changed = words.all ^ lexicon_files.read(_folder()).all
    said = (row.said for row in words.synonyms if row.said in changed)
    return lexicon_trial.to_try((*said, *(wording.text for wording in wordings)), titles, changed)


def _trial_page(trial: Trial) -> Response:
    return make_response(
        render_template(
            "curating/trial.html",
            trial=trial,
            outcome=trial.outcome,
            shifts=trial.outcome.shifts[:SHOWN] if trial.outcome else (),
            entries=context.library().snapshot.entries,
            may_save=access.person().may(Role.ADMIN),
        )
    )


def _form(
    words: Words,
    version: str,
    findings: tuple[Finding, ...] = (),
    *,
    blank: int = BLANK_ROWS,
    saved: bool = False,
    theirs: Words | None = None,
) -> str:
    return render_template(
        "curating/terms.html",
        words=words,
        version=version,
        findings=findings,
        blank=blank,
        saved=saved,
        under_way=context.services().lexicon_effect.under_way,
        theirs=theirs,
        longest=lexicon_files.LONGEST,
        shipped=len(context.library().lexicon.terms),
    )


def _typed() -> Words:
    rows = (request.form.getlist(name) for name in ("term", "said", "meant", "note"))
    return lexicon_files.from_form(*rows)


def _difference(words: Words) -> str:
    """What the audit log says: the words that came and went."""
    before = lexicon_files.read(_folder()).all
    return f"加：{'、'.join(sorted(words.all - before))}；减：{'、'.join(sorted(before - words.all))}"


def _folder() -> Path:
    return context.config().local / "lexicon"
