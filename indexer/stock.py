"""Whoosh as it comes: the schema, phrases, and the oracle the compiled index is held to.

An index folder is a cache: Whoosh neither syncs its files nor checks them, so
any exception here means "rebuild", and no index folder is ever imported from
elsewhere (its blocks are pickles). Known defects decide how it is used: never
`refresh()` (it brings deleted entries back), one searcher per call, no compound
segments (opening a searcher then costs 0.2 ms instead of 8-24).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import fields, index, query, reading, scoring, searching
from whoosh.analysis import RegexTokenizer

from indexer.analysis import FILTER_FIELDS
from indexer.topk import Best
from indexer.types import Candidate, Filters, Query

FIELD_BOOSTS = {
    "title": 3.0,
    "aliases": 2.5,
    "number": 4.0,
    "tags": 1.5,
    "headings": 1.0,
    "steps": 0.8,
    "body": 0.6,
    "grams": 0.35,
}
"""How much a match in each field counts; chosen by the ablation in docs/log.md."""

PHRASE_FIELDS = ("title", "aliases", "headings", "steps", "body")


def make_schema() -> Any:
    """Fields and their formats. The analyzers are never asked: documents come analysed."""
    words = RegexTokenizer(r"\S+")
    text = {name: fields.TEXT(analyzer=words, phrase=name in PHRASE_FIELDS) for name in FIELD_BOOSTS}
    filters = {name: fields.KEYWORD(commas=True) for name in FILTER_FIELDS}
    return fields.Schema(id=fields.ID(stored=True, unique=True), **text, **filters)


def create(folder: Path, schema: Any) -> None:
    """Make an empty index; the folder must be new."""
    folder.mkdir(parents=True)
    index.create_in(str(folder), schema)


def candidates(searcher: Any, asked: Query, limit: int) -> list[Candidate]:
    """Entries by BM25F over the boosted fields, any word matching, phrases required. Closes the searcher."""
    with searcher:
        wanted = _whoosh_query(asked)
        if wanted is None:
            return []
        # With several phrases Whoosh skips documents that belong among the best, so it may not stop early.
        found = searcher.search(
            wanted, limit=None if asked.phrases[1:] else limit, filter=_filter(asked.filters)
        )
        hits = [Candidate(hit["id"], float(hit.score)) for hit in found[:limit]]
    return sorted(hits, key=lambda hit: (-hit.score, hit.entry_id))


def holders(searcher: Any, asked: Query) -> Best:
    """Documents that hold every phrase and pass the filters, ascending, and what the phrases score.

    Closes the searcher.
    """
    with searcher:
        found = searcher.search(query.And(_phrases(asked)), limit=None, filter=_filter(asked.filters))
        listed = sorted((hit.docnum, float(hit.score)) for hit in found)
    docs, scores = [doc for doc, _ in listed], [score for _, score in listed]
    return Best(np.array(docs, np.int64), np.array(scores))


def searcher(schema: Any, segments: Sequence[tuple[Any, Any]]) -> Any:
    """A searcher over (storage, segment) in order. Open it while nobody commits: a file may go in between."""
    readers = [reading.SegmentReader(storage, schema, segment) for storage, segment in segments]
    reader = reading.MultiReader(readers) if readers else reading.EmptyReader(schema)
    return searching.Searcher(reader, weighting=scoring.BM25F())


def _whoosh_query(asked: Query) -> Any:
    """Any word in any field, weighted; every phrase in at least one field; None for nothing to ask."""
    words = [
        query.Term(name, term.text, boost=boost * term.weight)
        for term in asked.terms
        for name, boost in FIELD_BOOSTS.items()
        if name != "grams"
    ]
    words += [query.Term("grams", pair, boost=FIELD_BOOSTS["grams"]) for pair in asked.grams]
    phrases = _phrases(asked)
    if phrases:
        return query.AndMaybe(query.And(phrases), query.Or(words)) if words else query.And(phrases)
    return query.Or(words) if words else None


def _phrases(asked: Query) -> list[Any]:
    return [
        query.Or([_phrase(name, phrase, FIELD_BOOSTS[name]) for name in PHRASE_FIELDS])
        for phrase in asked.phrases
    ]


def _phrase(name: str, words: tuple[str, ...], boost: float) -> Any:
    if len(words) == 1:
        return query.Term(name, words[0], boost=boost)
    return query.Phrase(name, list(words), boost=boost)


def _filter(filters: Filters) -> Any:
    """Values of one field are alternatives, fields narrow each other."""
    narrowed = [
        query.Or([query.Term(name, value) for value in getattr(filters, name)])
        for name in FILTER_FIELDS
        if getattr(filters, name)
    ]
    return query.And(narrowed) if narrowed else None
