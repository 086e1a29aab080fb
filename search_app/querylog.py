"""What was searched and what came of it, without anybody's name.

What came of a search is told by the address of the page a reader came from,
which browsers send within one site (`Referrer-Policy: same-origin`): an entry
opened from /search?q=… was opened from that search. So addresses carry no mark
that could be passed on, nothing is stored in the browser, and it works without
JavaScript. A browser that keeps the address to itself leaves the search without
a sequel: the page that lists such searches says so.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, request

from indexer.types import SearchResult
from search_app import context
from search_app.asking import Asked
from search_app.state.querylog import Opened, Refined, Searched

MAX_TEXT = 200
ENTRY_PAGES = frozenset({"reading.problem", "reading.handbook", "reading.case", "reading.policy"})
ASK_PAGES = frozenset({"questions.form"})

_LONG_NUMBER = re.compile(r"\d(?:[\s-]?\d){8,}[xX]?")


def clean(text: str) -> str:
    """A search as it is kept: one line, and long numbers (identity cards, telephones, accounts) hidden."""
    return _LONG_NUMBER.sub("＊", " ".join(text.split()))[:MAX_TEXT]


def searched(asked: Asked, result: SearchResult) -> None:
    """Note a search that a page answers; turning pages and narrowing are no new search."""
    came_from, text = _search_before(), clean(asked.q)
    if asked.page > 1 or text == came_from or not _wanted():
        return
    log = context.services().queries
    if came_from:
        log.note(Refined(came_from))
    first = result.hits[0].id if result.hits else ""
    log.note(Searched(text, result.total, result.confident, first))


def install(app: Flask) -> None:
    """Note what is opened or asked from a page of results."""

    def follow(response: Response) -> Response:
        followed = request.endpoint in ENTRY_PAGES | ASK_PAGES and response.status_code == 200
        if followed and _wanted() and (text := _search_before()):
            entry_id = (request.view_args or {}).get("entry_id", "")
            event = Opened(text, entry_id) if request.endpoint in ENTRY_PAGES else Refined(text)
            context.services().queries.note(event)
        return response

    app.after_request(follow)


def _wanted() -> bool:
    """False for what a browser fetched before anybody asked for it."""
    return request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")


def _search_before() -> str:
    """What was searched on the page this request came from; empty when it came from elsewhere."""
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:  # anybody can send anything as the address they come from
        return ""
    if came.netloc != request.host or came.path != f"{request.script_root}/search":
        return ""
    return clean(parse_qs(came.query).get("q", [""])[0])
