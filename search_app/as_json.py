"""A search result as plain values: what the API and `kb search --json` both give."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from indexer.types import Hit, SearchResult


def result(found: SearchResult) -> dict[str, Any]:
    """Everything but addresses, which only the web application knows."""
    return {
        "hits": [hit(one) for one in found.hits],
        "total": found.total,
        "confident": found.confident,
        "repairs": [asdict(repair) for repair in found.query.repairs],
        "took_ms": found.took_ms,
        "page": found.page,
        "size": found.size,
        "degraded": list(found.degraded),
    }


def hit(one: Hit) -> dict[str, Any]:
    """One hit."""
    return {
        "id": one.id,
        "kind": str(one.kind),
        "title": one.entry.title,
        "score": one.score,
        "snippet": one.snippet.value,
    }
