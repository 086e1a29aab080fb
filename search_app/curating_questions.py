"""What people asked and nobody has answered yet: answer by an entry, by a new problem, or by a word."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from search_app import access, context, curating_links, meaning
from search_app.state.questions import UNANSWERED, Question, Stage

SHOWN = 50
NEAR = 5
REPLY_CHARS = 500

pages = Blueprint("curating_questions", __name__)


@pages.get("/curate/questions")
def overview() -> ResponseReturnValue:
    """The questions that wait, those that mean the same together, the oldest first."""
    services = context.services()
    waiting = services.questions.find(stages=UNANSWERED)
    sense = meaning.sense_of(context.config(), services.library)
    groups = meaning.group(sense, waiting, lambda question: question.text)
    return render_template(
        "curating/questions.html",
        groups=groups[:SHOWN],
        total=len(waiting),
        left=max(0, len(groups) - SHOWN),
        settled=services.questions.find(stages=(Stage.ANSWERED, Stage.CLOSED))[-SHOWN:][::-1],
        entries=services.library.snapshot.entries,
    )


@pages.get("/curate/questions/<question_id>")
def one(question_id: str) -> ResponseReturnValue:
    """A question with what may answer it; `q` in the address looks for something else."""
    return _page(context.services().questions.get(question_id))


@pages.post("/curate/questions/<question_id>/start")
def start(question_id: str) -> ResponseReturnValue:
    """A new problem will answer it: the asker is told so, and its form opens filled in."""
    services, who = context.services(), access.person()
    services.audit.append(who.name, "question-started", question_id)
    question = services.questions.move(question_id, Stage.WORKING)
    return redirect(curating_links.write_problem(question.text, question.details, question.id), 303)


@pages.post("/curate/questions/<question_id>/close")
def close(question_id: str) -> ResponseReturnValue:
    """No entry will answer it; the asker reads why."""
    services, who = context.services(), access.person()
    question, reply = services.questions.get(question_id), request.form.get("reply", "").strip()
    if not reply:
        return _page(question, wrong="请写一句给提问人的话：为什么不整理，可以去哪里问"), 422
    if len(reply) > REPLY_CHARS:
        return _page(question, wrong=f"有 {len(reply)} 个字，请压到 {REPLY_CHARS} 个字以内"), 422
    services.audit.append(who.name, "question-closed", question_id, note=reply)
    services.questions.move(question_id, Stage.CLOSED, reply=reply)
    return redirect(url_for("curating_questions.overview"), 303)


def _page(question: Question, wrong: str = "") -> str:
    library = context.library()
    handed_in = context.services().submissions.find() if question.stage is Stage.WORKING else []
    words = " ".join(request.args.get("q", "").split()) or question.text
    return render_template(
        "curating/question.html",
        question=question,
        words=words,
        hits=library.search(words, size=NEAR).hits,
        wrong=wrong,
        answers=[submission for submission in handed_in if question.id in submission.why],
        reply=request.form.get("reply", ""),
        most=REPLY_CHARS,
        entries=library.snapshot.entries,
    )
