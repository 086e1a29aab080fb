"""The same answers as JSON."""

from __future__ import annotations

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from indexer.types import Hit, Suggestion
from search_app import asking, context, links

MAX_SUGGESTIONS = 8

pages = Blueprint("api", __name__)


@pages.get("/api/v1/search")
def search() -> ResponseReturnValue:
    """What the page of results shows, for programs."""
    asked = asking.read(request.args)
    result = asked.answer(context.library())
    return jsonify(
        {
            "hits": [_hit(hit) for hit in result.hits],
            "total": result.total,
            "confident": result.confident,
            "repairs": [{"kind": r.kind, "before": r.before, "after": r.after} for r in result.query.repairs],
            "took_ms": result.took_ms,
            "page": result.page,
            "size": result.size,
            "degraded": list(result.degraded),
        }
    )


@pages.get("/api/v1/suggest")
def suggest() -> ResponseReturnValue:
    """Completions for what is being typed."""
    found = context.library().suggest(request.args.get("q", "")[:60], MAX_SUGGESTIONS)
    return jsonify({"suggestions": [_suggestion(suggestion) for suggestion in found]})


@pages.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Whether the server answers, and over how many entries."""
    library = context.library()
    return jsonify(
        {"status": "ok", "entries": len(library.snapshot.entries), "degraded": list(library.degraded)}
    )


def _hit(hit: Hit) -> dict[str, object]:
    return {
        "id": hit.id,
        "kind": str(hit.kind),
        "title": hit.title.value,
        "score": hit.score,
        "snippet": hit.snippet.value,
        "url": links.entry_url(hit.entry, hit.anchor),
    }


def _suggestion(suggestion: Suggestion) -> dict[str, str]:
    entry = context.library().snapshot.entries.get(suggestion.entry_id)
    url = links.entry_url(entry) if entry else url_for("searching.search", q=suggestion.text)
    return {"text": suggestion.text, "kind": suggestion.kind, "url": url}
