"""Searches that found nothing, or found something nobody opened: grouped by meaning, each with a remedy."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.types import Hit
from search_app import access, context, meaning
from search_app.meaning import Group, Sense
from search_app.services import Services
from search_app.state.querylog import Wording

NOTHING = "nothing"
ABANDONED = "abandoned"
SORTS = {NOTHING: "没搜到", ABANDONED: "搜到了却没人点开"}
DAYS = 90
"""Older searches are still counted in the usage page; what nobody has asked for a season can wait."""
MOST = 600
"""Wordings grouped at once: comparing each with each takes about half a second with the light encoder."""
GROUPS = 20
"""Groups on a page: each is searched once more, so that what can be found by now is left out."""
MOST_TRIED = 60
"""Groups searched for one page; a search takes some 10 ms."""
NEAR = 3
SHOWN_CHARS = 200

pages = Blueprint("curating_queries", __name__)


@dataclass(frozen=True, slots=True)
class Missed:
    """Wordings of one question, and what is near it now."""

    wordings: tuple[Wording, ...]
    times: int
    """How often it went wrong, all wordings together."""
    near: tuple[Hit, ...]
    settled: bool
    """True when the first wording has an answer by now."""

    @property
    def text(self) -> str:
        """The wording asked most."""
        return self.wordings[0].text


@dataclass(frozen=True, slots=True)
class Counts:
    """How many wordings went wrong in each way."""

    nothing: int
    abandoned: int


@pages.get("/curate/queries")
def overview() -> ResponseReturnValue:
    """The groups, those asked most first."""
    sort = request.args.get("sort", NOTHING)
    sort = sort if sort in SORTS else NOTHING
    services = context.services()
    found, left = missed(services, meaning.sense_of(context.config(), services.library), sort)
    return render_template(
        "curating/queries.html",
        sort=sort,
        sorts=SORTS,
        groups=[group for group in found if not group.settled],
        settled=[group for group in found if group.settled],
        left=left,
        days=DAYS,
        entries=context.library().snapshot.entries,
    )


@pages.post("/curate/queries/ignore")
def ignore() -> ResponseReturnValue:
    """These wordings need no answer here: of another field, or a slip of the finger."""
    services, who = context.services(), access.person()
    texts = [text for text in request.form.getlist("text") if text][:MOST]
    services.audit.append(who.name, "query-ignored", note="、".join(texts)[:SHOWN_CHARS])
    services.queries.table.ignore(texts)
    sort = request.form.get("sort", NOTHING)
    return redirect(url_for("curating_queries.overview", sort=sort if sort in SORTS else NOTHING), 303)


def missed(services: Services, sense: Sense, sort: str) -> tuple[list[Missed], int]:
    """The first groups that went wrong that way, and how many more there are."""
    wrong = [w for w in _wordings(services) if _times(w, sort)]
    wrong.sort(key=lambda wording: (-_times(wording, sort), wording.text))
    groups = meaning.group(sense, wrong, lambda wording: wording.text)
    groups.sort(key=lambda group: -_weight(group, sort))
    shown: list[Missed] = []
    for tried, group in enumerate(groups):
        if sum(not one.settled for one in shown) == GROUPS or tried == MOST_TRIED:
            return shown, len(groups) - tried
        shown.append(_missed(services, group, sort))
    return shown, 0


def counts(services: Services) -> Counts:
    """How many wordings went wrong, not counting what was ignored."""
    wordings = _wordings(services)
    return Counts(*(sum(bool(_times(wording, sort)) for wording in wordings) for sort in SORTS))


def _wordings(services: Services) -> list[Wording]:
    return services.queries.table.wordings(DAYS, MOST)


def _times(wording: Wording, sort: str) -> int:
    return wording.times - wording.answered if sort == NOTHING else wording.abandoned


def _weight(group: Group[Wording], sort: str) -> int:
    return sum(_times(wording, sort) for wording in group.members)


def _missed(services: Services, group: Group[Wording], sort: str) -> Missed:
    result = services.library.search(group.members[0].text, size=NEAR)
    settled = sort == NOTHING and result.confident
    return Missed(group.members, _weight(group, sort), result.hits, settled)
