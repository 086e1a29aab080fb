"""Asking: a question that found nothing is searched once more with its details, then kept."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from indexer.snapshot import key
from indexer.types import Hit
from kb.errors import SetupError
from kb.types import Finding
from search_app import access, context, meaning, querylog
from search_app.access import Person, Role
from search_app.meaning import Sense
from search_app.services import Services
from search_app.state.questions import UNANSWERED, Question

QUESTION_CHARS = 200
"""As long as a query may be."""
DETAIL_CHARS = 2000
CONTACT_CHARS = 100
RATE = "20/hour"
"""Questions from one address: an office shares one, a machine that asks without end does too."""
NEAR_ENTRIES = 5
NEAR_QUESTIONS = 3

pages = Blueprint("questions", __name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed into the form."""

    text: str = ""
    details: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """What there is already: entries that may answer it, and questions like it that wait."""

    entries: tuple[Hit, ...] = ()
    questions: tuple[Question, ...] = ()
    confident: bool = False

    def __bool__(self) -> bool:
        return bool(self.entries or self.questions)


@pages.get("/ask")
def form() -> ResponseReturnValue:
    """The form; `q` in the address is what was searched."""
    return _form(Wish(" ".join(request.args.get("q", "").split())[:QUESTION_CHARS]))


@pages.post("/ask")
def ask() -> ResponseReturnValue:
    """Search again and show what is like it; sent once more, or with nothing alike, it is kept."""
    services, who = context.services(), access.person()
    wish = read(request.form, who)
    if findings := wrong(wish):
        return _form(wish, findings), 422
    near = Near() if request.form.get("sure") else look_again(services, _sense(), wish)
    if near:
        return _form(wish, near=near)
    if not services.pace.allows("ask", request.remote_addr or "", RATE):
        return _form(wish, (_slow_down(),), sure=True), 429
    try:
        keep(services, who, wish)
    except SetupError as error:
        return _form(wish, (Finding("not-sent", f"没有发送：{error}"),), sure=True), 503
    return redirect(url_for("questions.asked", sent=1), 303)


@pages.get("/asked")
def asked() -> ResponseReturnValue:
    """Thanks and what happens next; people with an account see where their questions stand."""
    services, who = context.services(), access.person()
    mine = services.questions.find(asker_id=who.id) if who.may(Role.MEMBER) else []
    return render_template(
        "questions/asked.html",
        sent="sent" in request.args,
        who=who,
        mine=mine[::-1],
        entries=context.library().snapshot.entries,
    )


def show_again(message: str, status: int) -> ResponseReturnValue:
    """The form as it was sent, with a message; nothing is kept."""
    wish = read(request.form, access.person())
    return _form(wish, (Finding("not-sent", message),), sure=bool(request.form.get("sure"))), status


def read(sent: MultiDict[str, str], who: Person) -> Wish:
    """What was sent; only people with an account are asked how to reach them."""
    contact = sent.get("contact", "").strip() if who.may(Role.MEMBER) else ""
    text = " ".join(sent.get("question", "").split())
    return Wish(_printable(text), _printable(sent.get("details", "").strip()), _printable(contact))


def wrong(wish: Wish) -> tuple[Finding, ...]:
    """What keeps a question from being sent, by field."""
    found = []
    if not any(char.isalnum() for char in wish.text):
        found.append(Finding("required", "请用一句话写出您的问题", "question"))
    limits = (
        ("question", "问题", wish.text, QUESTION_CHARS),
        ("details", "具体情况", wish.details, DETAIL_CHARS),
        ("contact", "联系方式", wish.contact, CONTACT_CHARS),
    )
    for name, label, text, most in limits:
        if len(text) > most:
            found.append(Finding("too-long", f"“{label}”有 {len(text)} 个字，请压到 {most} 个字以内", name))
    return tuple(found)


def look_again(services: Services, sense: Sense, wish: Wish) -> Near:
    """Entries and waiting questions that are like it: first by question and details together."""
    library = services.library
    with_details = library.search(f"{wish.text} {wish.details}".strip(), size=NEAR_ENTRIES)
    alone = library.search(wish.text, size=NEAR_ENTRIES)
    hits = {hit.id: hit for hit in (*with_details.hits, *alone.hits)}
    waiting = services.questions.find(stages=UNANSWERED)
    places = meaning.nearest(sense, wish.text, [question.text for question in waiting], NEAR_QUESTIONS)
    return Near(
        tuple(hits.values())[:NEAR_ENTRIES],
        tuple(waiting[place] for place in places),
        with_details.confident or alone.confident,
    )


def keep(services: Services, who: Person, wish: Wish) -> Question:
    """Keep the question; the very same one waiting already is not kept twice."""
    for waiting in services.questions.find(stages=UNANSWERED, asker_id=who.id):
        if (key(waiting.text), waiting.details) == (key(wish.text), wish.details):
            return waiting
    asker = (who.id, who.display if who.may(Role.MEMBER) else "")
    made = services.questions.create(wish.text, wish.details, wish.contact, asker)
    services.audit.append(who.name, "asked", made.id)
    return made


@pages.app_template_filter()
def hide_numbers(text: str) -> str:
    """A question as others may see it: without long numbers, which may be somebody's."""
    return querylog.clean(text)


def _sense() -> Sense:
    return meaning.sense_of(context.config(), context.library())


def _slow_down() -> Finding:
    return Finding("too-often", "这个网络刚才提问太多了，文字还在下面，请过一会儿再发送。")


def _printable(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char.isprintable() or char == "\n")


def _form(
    wish: Wish, findings: tuple[Finding, ...] = (), near: Near | None = None, *, sure: bool = False
) -> str:
    return render_template(
        "questions/form.html",
        wish=wish,
        findings=findings,
        wrong={finding.field: finding.message for finding in reversed(findings)},
        near=near,
        sure=sure or near is not None,
        who=access.person(),
        most={"question": QUESTION_CHARS, "details": DETAIL_CHARS, "contact": CONTACT_CHARS},
    )
