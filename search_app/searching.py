"""The start page and the page of results."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.snapshot import Snapshot
from kb.types import Category, Entry, Kind
from search_app import asking, context, links, querylog

EXAMPLES = (
    "党费逾期没交怎么办",
    "换届选举提前多久准备",
    "预备期多长",
    "流动党员怎么过组织生活",
    "三会一课没有按时开",
)
COMMON_PER_CATEGORY = 5

pages = Blueprint("searching", __name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category and the problems of it that other entries point to most."""

    category: Category
    count: int
    entries: tuple[Entry, ...]


@pages.get("/")
def home() -> ResponseReturnValue:
    """Search box, examples, common questions, and what there is."""
    now = context.library().snapshot
    return render_template(
        "searching/home.html",
        examples=EXAMPLES,
        shelves=shelves(now),
        workflows=now.most_named(Kind.HANDBOOK, "", COMMON_PER_CATEGORY),
        counts=tuple((kind, now.count(kind)) for kind in links.SHOWN_ORDER),
    )


@pages.get("/search")
def search() -> ResponseReturnValue:
    """Results for what was typed; without words, browsing."""
    asked = asking.read(request.args)
    if not asked.q:
        return redirect(_browsing(asked))
    result = asked.answer(context.library())
    if asked.page > result.pages:
        return redirect(asked.at_page(result.pages).url())
    querylog.searched(asked, result)
    groups = asking.groups(asked, result.facets)
    return render_template(
        "searching/results.html",
        asked=asked,
        result=result,
        groups=groups,
        chips=tuple(choice for group in groups for choice in group.choices if choice.active),
        numbers=asking.page_numbers(result.page, result.pages),
    )


def _browsing(asked: asking.Asked) -> str:
    kind = asked.filters.kinds[0] if asked.filters.kinds else ""
    if kind not in tuple(Kind):
        return url_for("reading.overview")
    category = asked.filters.categories[0] if asked.filters.categories else None
    return url_for("reading.browse", kind=kind, category=category)


def shelves(now: Snapshot) -> tuple[Shelf, ...]:
    """The common questions by category: those most others name, the best guess without a query log.

    A category without problems is left out.
    """
    return tuple(
        Shelf(
            category,
            now.count(Kind.PROBLEM, category),
            now.most_named(Kind.PROBLEM, category, COMMON_PER_CATEGORY),
        )
        for category in Category
        if now.count(Kind.PROBLEM, category)
    )
