"""What templates need: marks, dates, addresses and Markdown as safe HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from flask import Flask, request
from markupsafe import Markup, escape

from indexer.types import Highlighted
from kb import markdown
from kb.numerals import article_label
from search_app import audit_words, context, links, outdated

CACHED_TEXTS = 4096
"""About the sections of 500 entries; rendering one takes 0.3 to 3 ms."""

_DEAD_LINK = re.compile(r'<a href="" rel="noopener noreferrer">(.*?)</a>', re.DOTALL)
_SECONDS = re.compile(r"( \d\d:\d\d):\d\d$")
_ONE_PARAGRAPH = re.compile(r"\s*<p>((?:(?!</?p>).)*)</p>\s*", re.DOTALL)


def install(app: Flask) -> None:
    """Add the filters and globals to the templates of `app`."""
    to_html = _cached_html()
    app.add_template_filter(mark)
    app.add_template_filter(chinese_date)
    app.add_template_filter(moment)
    app.add_template_filter(article_label)
    app.add_template_filter(markdown.plain, "plain")
    app.add_template_filter(lambda text: to_html(text), "markdown")
    app.add_template_filter(lambda text: _inline(to_html(text)), "markdown_line")
    app.add_template_global(links.entry_url)
    app.add_template_global(links.citation_url)
    app.add_template_global(links.fragment)
    app.context_processor(_always)


def mark(text: Highlighted) -> Markup:
    """Text with its marked stretches as `<mark>`; everything else escaped."""
    parts: list[str] = []
    at = 0
    for start, end in sorted(text.spans):
        start = max(start, at)
        if start < end <= len(text.value):
            parts += (escape(text.value[at:start]), "<mark>", escape(text.value[start:end]), "</mark>")
            at = end
    return Markup("".join([*parts, escape(text.value[at:])]))


def chinese_date(day: date | None) -> str:
    """2026-08-01 -> 2026年8月1日; nothing for no date."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def moment(at: str | datetime | None) -> str:
    """`2026-11-21T06:05:00+00:00` -> 2026年11月21日 14:05; seconds are for the audit log."""
    return _SECONDS.sub(r"\1", audit_words.moment(at))


def _cached_html() -> Callable[[str], Markup]:
    """A renderer with caches of its own: links depend on which entries are published.

    A change in the collection makes the links be looked up again, but the text
    is rendered again only where one of them leads elsewhere now.
    """
    links_of = lru_cache(maxsize=CACHED_TEXTS)(markdown.links)

    @lru_cache(maxsize=CACHED_TEXTS)
    def rendered(text: str, targets: tuple[tuple[str, str], ...]) -> str:
        leading = dict(targets)
        return _DEAD_LINK.sub(r"\1", markdown.to_html(text, lambda link: leading.get(link, "")))

    @lru_cache(maxsize=CACHED_TEXTS)
    def shown(text: str, revision: int, prefix: str) -> Markup:
        resolver = outdated.Resolver(context.library().snapshot)
        targets = tuple((link, resolver(link)) for link in links_of(text))
        return Markup(resolver.mark(rendered(text, targets)))

    return lambda text: shown(text, context.library().snapshot.revision, request.script_root)


def _inline(html: Markup) -> Markup:
    """A single paragraph without its `<p>`, so that it can stand in a line."""
    match = _ONE_PARAGRAPH.fullmatch(html)
    return Markup(match[1]) if match else html


def _always() -> dict[str, object]:
    return {"site_name": context.config().site_name, "menu": links.SHOWN_ORDER}
