"""Tantivy, the engine to measure up to: our fields and boosts, frequencies without positions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tantivy

from benchmarks.peers import LIMIT
from benchmarks.tokens import Document, Term
from indexer.stock import FIELD_BOOSTS

HEAP = 400_000_000
"""Bytes a bulk load may gather: enough for one segment at 10,000 entries."""
SMALL_HEAP = 15_000_000


class Tantivy:
    """An index with one writer thread, so that it is measured on one core like the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schema = _schema()

    @property
    def version(self) -> str:
        """Of the package."""
        return version("tantivy")

    @cached_property
    def _index(self) -> Any:
        self._folder.mkdir(parents=True, exist_ok=True)
        return tantivy.Index(self._schema, path=str(self._folder))

    @cached_property
    def _writer(self) -> Any:
        return self._index.writer(SMALL_HEAP, 1)

    @cached_property
    def _searcher(self) -> Any:
        return self._index.searcher()

    def build(self, documents: Iterable[Document]) -> None:
        """See Peer."""
        writer = self._index.writer(HEAP, 1)
        for document in documents:
            writer.add_document(_document(document))
        writer.commit()
        writer.wait_merging_threads()
        self._reload()

    def put(self, document: Document) -> None:
        """See WritingPeer."""
        self._writer.delete_documents_by_term("id", document.id)
        self._writer.add_document(_document(document))
        self._writer.commit()
        self._reload()

    def remove(self, entry_id: str) -> None:
        """See WritingPeer."""
        self._writer.delete_documents_by_term("id", entry_id)
        self._writer.commit()
        self._reload()

    def _reload(self) -> None:
        self._index.reload()
        self.__dict__.pop("_searcher", None)

    def prepare(self, wanted: list[Term]) -> Any:
        """Any word in any field, each with its boost."""
        query, should = tantivy.Query, tantivy.Occur.Should
        parts = [
            (should, query.boost_query(query.term_query(self._schema, t.field, t.text, "freq"), t.boost))
            for t in wanted
        ]
        return query.boolean_query(parts)

    def search(self, prepared: Any, limit: int = LIMIT) -> list[tuple[str, float]]:
        """Ids are fetched: a hit without one is no use to anybody."""
        searcher = self._searcher
        hits = searcher.search(prepared, limit, count=False).hits
        return [(searcher.doc(address)["id"][0], score) for score, address in hits]


open_peer = Tantivy


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in FIELD_BOOSTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _document(document: Document) -> Any:
    made = tantivy.Document()
    made.add_text("id", document.id)
    for name, text in document.fields.items():
        made.add_text(name, text)
    return made
