"""bm25s: all fields as one and no boosts, for it knows neither; every score is worked out beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bm25s

from benchmarks.peers import LIMIT
from benchmarks.tokens import Document, Term


class Bm25s:
    """The numpy back end; it cannot take in a single entry."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def version(self) -> str:
        """Of the package."""
        return version("bm25s")

    @cached_property
    def _index(self) -> Any:
        return bm25s.BM25.load(str(self._folder))

    @cached_property
    def _ids(self) -> list[str]:
        return list(json.loads((self._folder / "ids.json").read_text(encoding="utf-8")))

    def build(self, documents: Iterable[Document]) -> None:
        """See Peer."""
        ids: list[str] = []
        numbers: list[list[int]] = []
        vocabulary: dict[str, int] = {}
        for document in documents:
            ids.append(document.id)
            # One int object a word: lists of strings would take several times the memory.
            numbers.append([vocabulary.setdefault(word, len(vocabulary)) for word in document.words])
        index = bm25s.BM25()
        index.index((numbers, vocabulary), show_progress=False)
        index.save(str(self._folder))
        (self._folder / "ids.json").write_text(json.dumps(ids), encoding="utf-8")

    def prepare(self, wanted: list[Term]) -> Any:
        """Each word once."""
        known = self._index.vocab_dict
        return list(dict.fromkeys(term.text for term in wanted if term.text in known))

    def search(self, prepared: Any, limit: int = LIMIT) -> list[tuple[str, float]]:
        """See Peer."""
        if not prepared:
            return []
        limit = min(limit, len(self._ids))
        found = self._index.retrieve([prepared], k=limit, show_progress=False)
        return [(self._ids[n], float(s)) for n, s in zip(found.documents[0], found.scores[0], strict=True)]


open_peer = Bm25s
