"""The site as a search engine of the browser: OpenSearch 1.1 description, and suggestions in its format."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from search_app import context, links

SHORT_NAME = 16
"""Characters the format allows for a name."""
MAX_SUGGESTIONS = 8
MAX_TYPED = 60

pages = Blueprint("opensearch", __name__)


@pages.get("/opensearch.xml")
def description() -> ResponseReturnValue:
    """What a browser needs to know; addresses are absolute, as the format asks."""
    xml = render_template("shared/opensearch.xml", short_name=context.config().site_name[:SHORT_NAME])
    return xml, {"Content-Type": "application/opensearchdescription+xml; charset=utf-8"}


@pages.get("/opensearch/suggest")
def suggest() -> ResponseReturnValue:
    """`[typed, completions, descriptions, addresses]`."""
    typed = request.args.get("q", "")[:MAX_TYPED]
    library = context.library()
    found = library.suggest(typed, MAX_SUGGESTIONS)
    entries = [library.snapshot.entries.get(s.entry_id) for s in found]
    kinds = [entry.kind.label if entry else "" for entry in entries]
    paths = [
        links.entry_url(entry) if entry else url_for("searching.search", q=s.text)
        for s, entry in zip(found, entries, strict=True)
    ]
    site = request.host_url.rstrip("/")
    answer = jsonify([typed, [s.text for s in found], kinds, [site + path for path in paths]])
    answer.mimetype = "application/x-suggestions+json"
    return answer
