"""The same answers as JSON."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from indexer.types import Suggestion
from kb import markdown, schema
from kb.types import Category, Entry, Kind
from search_app import as_json, asking, blocks, browsing, context, links

MAX_SUGGESTIONS = 8
DESCRIPTION = Path(__file__).parent / "data" / "openapi.json"
_NOT_PUBLIC = frozenset({"publication", "related"})

pages = Blueprint("api", __name__)


@pages.get("/api/v1/search")
def search() -> ResponseReturnValue:
    """What the page of results shows, for programs."""
    asked = asking.read(request.args)
    result = asked.answer(context.library())
    answer = as_json.result(result)
    answer["hits"] = [
        as_json.hit(hit) | {"url": links.entry_url(hit.entry, hit.anchor)} for hit in result.hits
    ]
    return jsonify(answer)


@pages.get("/api/v1/suggest")
def suggest() -> ResponseReturnValue:
    """Completions for what is being typed."""
    found = context.library().suggest(request.args.get("q", "")[:60], MAX_SUGGESTIONS)
    return jsonify({"suggestions": [_suggestion(suggestion) for suggestion in found]})


@pages.get("/api/v1/entries/<entry_id>")
def entry(entry_id: str) -> ResponseReturnValue:
    """One published entry: its fields, its sections as Markdown and its steps."""
    found = context.library().get(entry_id)
    now = context.library().snapshot
    return jsonify(
        {
            **public(found),
            "url": links.entry_url(found),
            "sections": [
                {"heading": part.heading, "level": part.level, "anchor": part.anchor, "text": part.text}
                for part in markdown.sections(found.body)
            ],
            "steps": [asdict(step) for block in blocks.blocks(found) for step in block.steps],
            "related": [
                {"id": other.id, "kind": str(other.kind), "title": other.title}
                for other in now.related(found)
            ],
        }
    )


@pages.get("/api/v1/categories")
def categories() -> ResponseReturnValue:
    """The five categories, and how many entries of each kind they hold."""
    now = context.library().snapshot
    return jsonify(
        {
            "categories": [
                {"name": str(category), "counts": {str(kind): now.count(kind, category) for kind in Kind}}
                for category in Category
            ]
        }
    )


@pages.get("/api/v1/stats")
def stats() -> ResponseReturnValue:
    """How large the collection is and how much of it is linked."""
    library = context.library()
    now = library.snapshot
    gaps = browsing.gaps(now)
    return jsonify(
        {
            "entries": len(now.entries),
            "kinds": {str(kind): now.count(kind) for kind in Kind},
            "aliases": sum(len(entry.aliases) for entry in now.entries.values()),
            "citations": sum(len(entry.citations) for entry in now.entries.values()),
            "problems_without_case": len(gaps.lacking_case),
            "problems_without_basis": len(gaps.lacking_basis),
            "revision": now.revision,
            "degraded": list(library.degraded),
        }
    )


@pages.get("/api/v1/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of this interface, OpenAPI 3.1."""
    return Response(DESCRIPTION.read_bytes(), mimetype="application/json")


@pages.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Whether the server answers, and over how many entries."""
    library = context.library()
    return jsonify(
        {"status": "ok", "entries": len(library.snapshot.entries), "degraded": list(library.degraded)}
    )


def _suggestion(suggestion: Suggestion) -> dict[str, str]:
    entry = context.library().snapshot.entries.get(suggestion.entry_id)
    url = links.entry_url(entry) if entry else url_for("searching.search", q=suggestion.text)
    return {"text": suggestion.text, "kind": suggestion.kind, "url": url}


def public(entry: Entry) -> dict[str, Any]:
    """The fields of an entry as its file writes them; keys this version does not know are left out."""
    header = schema.write(entry)
    return {name: header[name] for name in schema.BY_NAME if name in header and name not in _NOT_PUBLIC}
