"""The keyword leg: BM25F over an entry's fields. The only user of Whoosh.

An index folder is a cache: Whoosh neither syncs its files nor checks them, so
any exception here means "rebuild", and no index folder is ever imported from
elsewhere (its blocks are pickles). Known defects decide how it is used: never
`refresh()` (it brings deleted entries back), one searcher per call,
`compound=False` (opening a searcher then costs 0.2 ms instead of 8-24),
`merge=False` (merging in a commit costs 150 ms and more).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from whoosh import fields, index, query, scoring
from whoosh.analysis import RegexTokenizer, Tokenizer
from whoosh.analysis import Token as WhooshToken

from indexer.segmentation import Segmenter, grams
from indexer.types import Candidate, Filters, Query
from kb import markdown, schema
from kb.types import Entry

T = TypeVar("T")

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
FILTER_FIELDS = ("kinds", "categories", "sources", "organisations", "validity", "years")
"""Names of `Filters` and of the index fields behind them."""
MAX_SEGMENTS = 16
"""Each save adds a segment; beyond this many the small ones are merged in the same commit."""
OPEN_ATTEMPTS = 3
"""Opening during another process's commit may miss a file; a second look finds the new ones."""


class _WordTokenizer(Tokenizer):  # type: ignore[misc]
    """Our tokens in Whoosh's clothing: word positions, sub-words at the word's place, true offsets."""

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def __getstate__(self) -> dict[str, Any]:
        """Whoosh pickles its schema into the index; ours is always given anew when one is opened."""
        return {}

    def __call__(self, value: str, positions: bool = False, chars: bool = False, **_: Any) -> Iterator[Any]:
        token = WhooshToken(positions, chars, removestops=False)
        for found in self._segmenter.index_tokens(value):
            token.text = found.text
            token.boost = 1.0
            token.stopped = False
            if positions:
                token.pos = found.position
            if chars:
                token.startchar, token.endchar = found.start, found.end
            yield token


class KeywordIndex:
    """A Whoosh index in a folder of its own. Any exception means that it must be rebuilt."""

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        self._folder = folder
        self._schema = _schema(segmenter)
        self._index: Any = None

    def create(self) -> None:
        """Make an empty index; the folder must be new."""
        self._folder.mkdir(parents=True)
        self._index = index.create_in(str(self._folder), self._schema)

    def open(self) -> None:
        """Open what is there. Raises whatever Whoosh raises for a damaged index."""
        self._index = _retry(lambda: index.open_dir(str(self._folder), schema=self._schema))

    def write(self, changed: Iterable[Entry], removed: Iterable[str]) -> None:
        """Replace the documents of `changed`, delete `removed`, and commit."""
        writer = self._index.writer(compound=False, timeout=30.0)
        try:
            for entry_id in removed:
                writer.delete_by_term("id", entry_id)
            for entry in changed:
                writer.update_document(**_document(entry))
            writer.commit(merge=self._segments() > MAX_SEGMENTS)
        except BaseException:
            # A failed commit keeps Whoosh's lock, and every later write would fail.
            writer.cancel()
            raise

    def _segments(self) -> int:
        return len(self._index._segments())

    def candidates(self, asked: Query, limit: int) -> list[Candidate]:
        """Entries by BM25F over the boosted fields, any word matching, phrases required."""
        wanted = _whoosh_query(asked)
        if wanted is None:
            return []
        with self._searcher() as searcher:
            found = searcher.search(wanted, limit=limit, filter=_filter(asked.filters))
            hits = [Candidate(hit["id"], float(hit.score)) for hit in found]
        return sorted(hits, key=lambda hit: (-hit.score, hit.entry_id))

    def vocabulary(self) -> dict[str, int]:
        """Every word of the index and the number of entries it is in, summed over fields."""
        counts: dict[str, int] = {}
        with self._searcher() as searcher:
            reader = searcher.reader()
            for name in ("title", "aliases", "tags", "headings", "steps", "body"):
                for raw in reader.lexicon(name):
                    word = raw.decode("utf-8")
                    counts[word] = counts.get(word, 0) + reader.doc_frequency(name, raw)
        return counts

    def ids(self) -> set[str]:
        """Ids of all documents; used to see whether index and manifest agree."""
        with self._searcher() as searcher:
            return {stored["id"] for stored in searcher.reader().all_stored_fields()}

    def _searcher(self) -> Any:
        return _retry(lambda: self._index.searcher(weighting=scoring.BM25F()))


def _retry(action: Callable[[], T]) -> T:
    for attempt in range(OPEN_ATTEMPTS):
        try:
            return action()
        except FileNotFoundError:
            if attempt == OPEN_ATTEMPTS - 1:
                raise
            time.sleep(0.02)
    raise AssertionError("unreachable")


def _schema(segmenter: Segmenter) -> Any:
    words = _WordTokenizer(segmenter)
    text = {name: fields.TEXT(analyzer=words, phrase=name in PHRASE_FIELDS) for name in FIELD_BOOSTS}
    text["grams"] = fields.TEXT(analyzer=RegexTokenizer(r"\S+"), phrase=False)
    filters = {name: fields.KEYWORD(commas=True) for name in FILTER_FIELDS}
    return fields.Schema(id=fields.ID(stored=True, unique=True), **text, **filters)


def _document(entry: Entry) -> dict[str, str]:
    step_section = schema.STEP_SECTIONS.get(entry.kind, "")
    parts = markdown.sections(entry.body)
    steps = markdown.plain(markdown.section(entry.body, step_section)) if step_section else ""
    body = [entry.summary, *entry.factors, *(c.says for c in entry.citations)]
    body += [markdown.plain(part.text) for part in parts if part.heading != step_section]
    pairs = grams("\n".join((entry.title, *entry.aliases, entry.summary)))
    return {
        "id": entry.id,
        "title": entry.title,
        "aliases": "\n".join(entry.aliases),
        "number": entry.document_number,
        "tags": "\n".join(entry.tags),
        "headings": "\n".join(part.heading for part in parts),
        "steps": steps,
        "body": "\n".join(body),
        "grams": " ".join(pairs),
        **{name: ",".join(values) for name, values in filter_values(entry).items()},
    }


def filter_values(entry: Entry) -> dict[str, tuple[str, ...]]:
    """What an entry answers to each filter; facets count the same values."""
    when = entry.effective or entry.issued or entry.updated or entry.created
    return {
        "kinds": (str(entry.kind),),
        "categories": (entry.category,) if entry.category else (),
        "sources": (entry.source,) if entry.source else (),
        "organisations": entry.organisations,
        "validity": (str(entry.validity),) if entry.validity else (),
        "years": (str(when.year),) if when else (),
    }


def passes(entry: Entry, filters: Filters) -> bool:
    """True when the entry answers every filter that is set: what the index's own filter says too."""
    values = filter_values(entry)
    return all(
        set(getattr(filters, name)) & set(values[name]) for name in FILTER_FIELDS if getattr(filters, name)
    )


def _whoosh_query(asked: Query) -> Any:
    """Any word in any field, weighted; every phrase in at least one field; None for nothing to ask."""
    words = [
        query.Term(name, term.text, boost=boost * term.weight)
        for term in asked.terms
        for name, boost in FIELD_BOOSTS.items()
        if name != "grams"
    ]
    words += [query.Term("grams", pair, boost=FIELD_BOOSTS["grams"]) for pair in asked.grams]
    phrases = [
        query.Or([_phrase(name, phrase, FIELD_BOOSTS[name]) for name in PHRASE_FIELDS])
        for phrase in asked.phrases
    ]
    if phrases:
        return query.AndMaybe(query.And(phrases), query.Or(words)) if words else query.And(phrases)
    return query.Or(words) if words else None


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
