"""Template helpers of the pages about validity: changed stretches, addresses, what applies today."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, request, url_for
from markupsafe import Markup

from indexer.types import Highlighted
from kb.comparing import Clause
from kb.types import Citation, Entry
from search_app import circumstances, context, filters, fulltext, versions

KEPT = ("old", "new", "category", "source", "org", "evidence", "validity", "factor", "year")
"""Parameters that stay when a reader turns a page."""


def install(app: Flask) -> None:
    """Add the filters and globals to the templates of `app`."""
    app.add_template_filter(marked)
    app.add_template_global(same_page)
    app.add_template_global(replacement)
    app.add_template_global(has_full_text)
    app.add_template_global(circumstances.factors, "factors_of")


def marked(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """Text with the stretches `spans` as `<mark>`; everything else escaped."""
    return filters.mark(Highlighted(text, tuple(spans)))


def same_page(page: int) -> str:
    """This address at another page; what readers may have added to it is left out."""
    kept: dict[str, Any] = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return url_for(str(request.endpoint), **(request.view_args or {}), **kept, page=page)


def replacement(citation: Citation) -> tuple[Entry, Clause | None] | None:
    """What a citation of a superseded text should name today."""
    return versions.replacement(citation, context.library().snapshot)


def has_full_text(policy: Entry) -> bool:
    """True when the organisation has attached the official text of a policy."""
    return fulltext.attached(context.config().local, policy.id) is not None
