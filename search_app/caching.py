"""What need not be made or sent twice: pages of entries, packed answers, large files.

Only pages that are the same for everybody are kept: those of entries, as guests
without a session see them and without a form in them. They are kept until
the collection changes, anybody sends a form, or a minute has passed (a file beside
the index, another process). Browsers ask again each time with the page's
ETag and are told in a few bytes that nothing changed.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar, cast

from flask import Flask, Response, g, make_response, request, session
from flask.typing import ResponseReturnValue

from search_app import access, context, fulltext

ENTRY_PAGES = ("reading.problem", "reading.handbook", "reading.case", "reading.policy")
KEPT_PAGES = 2000
"""About 6 KB each, packed."""
KEPT_FILES = 4
"""Whole handbooks, one for each address the site is reached by."""
SECONDS = 60.0
"""How long a page is kept at most: it bounds how long a change we cannot see stays unseen."""
PACKED_FROM = 1000
"""Smaller answers fit into one network packet anyway."""
LEVEL = 1
"""0.2 ms for a page of 25 KB; the highest level takes four times as long and saves 12 % more."""
PACKED_KINDS = ("text/html", "application/json", "text/calendar")

_KEEPER = "kb-keeper"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is sent."""

    packed: bytes
    tag: str


class Kept(Generic[T]):
    """The last things made, by what they depend on. Safe between threads."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._things: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        """What was kept under this key, unless it is too old."""
        with self._lock:
            found = self._things.get(key)
            if found is None or time.monotonic() - found[0] > self._seconds:
                return None
            self._things.move_to_end(key)
            return found[1]

    def put(self, key: Hashable, thing: T) -> T:
        """Keep a thing; the one longest unused gives way."""
        with self._lock:
            self._things[key] = (time.monotonic(), thing)
            self._things.move_to_end(key)
            while len(self._things) > self._most:
                self._things.popitem(last=False)
        return thing

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was kept, or what `make` gives; only one is made at a time, for it takes long."""
        with self._making:
            found = self.get(key)
            return self.put(key, make()) if found is None else found

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._things.clear()


@dataclass(frozen=True, slots=True)
class Keeper:
    """What one application keeps."""

    pages: Kept[Page]
    files: Kept[bytes]


def install(app: Flask) -> None:
    """Pack what `app` sends, and answer what did not change in a few bytes.

    Install before everything else that looks at finished answers: what comes first looks last.
    """
    app.extensions[_KEEPER] = Keeper(Kept(KEPT_PAGES, SECONDS), Kept(KEPT_FILES, SECONDS * 60))
    app.after_request(_forget_after_writing)
    app.after_request(_packed)


def keep_pages(app: Flask) -> None:
    """Keep the pages of entries; call when all of them are registered. Who may read is checked as ever."""
    for endpoint in ENTRY_PAGES:
        app.view_functions[endpoint] = _keeping(app.view_functions[endpoint])


def file(name: str, make: Callable[[], bytes]) -> bytes:
    """A file that depends on the whole collection, on the day, and on the address the site is reached by."""
    return _keeper().files.made((name, *_circumstances()), make)


def _keeper() -> Keeper:
    return cast(Keeper, context.app().extensions[_KEEPER])


def _circumstances() -> tuple[Hashable, ...]:
    """What everything depends on that is shown to everybody."""
    library, config = context.library(), context.config()
    texts = config.local / fulltext.FOLDER
    attached = texts.stat().st_mtime_ns if texts.is_dir() else 0
    return request.host_url, request.script_root, library.snapshot.revision, date.today(), attached


def _keeping(view: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
    """The same view, its pages kept where they are the same for everybody."""

    @functools.wraps(view)
    def answer(**values: Any) -> ResponseReturnValue:
        if request.query_string or session or access.person().id:
            return cast(ResponseReturnValue, view(**values))
        key = (request.path, *_circumstances())
        page = _keeper().pages.get(key)
        if page is None:
            response = make_response(view(**values))
            if response.status_code != 200 or session or "csrf_token" in g:
                return response
            page = _keeper().pages.put(key, _page(response.get_data()))
        return _sent(page)

    return answer


def _page(body: bytes) -> Page:
    return Page(gzip.compress(body, LEVEL, mtime=0), hashlib.sha256(body).hexdigest()[:20])


def _sent(page: Page) -> Response:
    """A kept page as the browser takes it; it may keep it too, and asks each time whether it changed."""
    packed = _takes_gzip()
    response = Response(page.packed if packed else gzip.decompress(page.packed), mimetype="text/html")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(page.tag, weak=True)
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response


def _takes_gzip() -> bool:
    return request.accept_encodings["gzip"] > 0


def _packed(response: Response) -> Response:
    """What compresses well is packed, except for pages with a secret in them.

    The length of a packed page tells a little about it: together with what a
    stranger makes a browser ask for, enough to guess a form's token (BREACH).
    """
    if response.mimetype in PACKED_KINDS and not response.direct_passthrough:
        response.vary.add("Accept-Encoding")
        secret = "csrf_token" in g or bool(session)
        fresh = "Content-Encoding" not in response.headers
        if fresh and not secret and _takes_gzip() and (response.content_length or 0) >= PACKED_FROM:
            response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
    if response.status_code == 200 and "ETag" in response.headers and request.method in ("GET", "HEAD"):
        response.make_conditional(request)
    return response


def _forget_after_writing(response: Response) -> Response:
    """Whatever somebody sent may change any page."""
    if request.method not in ("GET", "HEAD", "OPTIONS") and response.status_code < 400:
        _keeper().pages.clear()
    return response
