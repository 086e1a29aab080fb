"""Other engines over the same words; each is an extra, and left out where it is not installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from benchmarks.tokens import Document, Term

LIMIT = 10
"""Entries asked for."""


class Peer(Protocol):
    """An engine to compare with. `build` makes its index in a new folder, the constructor opens it."""

    def build(self, documents: Iterable[Document]) -> None:
        """Index everything."""
        ...

    def prepare(self, wanted: list[Term]) -> Any:
        """A question in the engine's own form; what can be done before the clock runs."""
        ...

    def search(self, prepared: Any, limit: int = LIMIT) -> list[tuple[str, float]]:
        """Ids and scores, best first."""
        ...


class WritingPeer(Peer, Protocol):
    """One that can also take in a single entry."""

    def put(self, document: Document) -> None:
        """Add or replace; searchable on return."""
        ...

    def remove(self, entry_id: str) -> None:
        """Delete; gone on return."""
        ...


NAMES = ("tantivy", "bm25s", "fts5")


def load(name: str, folder: Path) -> Any:
    """The peer of that name over `folder`; None where its package is not installed."""
    try:
        module = import_module(f"benchmarks.peers.{name}_peer")
        make: Callable[[Path], Any] = module.open_peer
        return make(folder)
    except ImportError:
        return None


def version(name: str) -> str:
    """Version of the package behind a peer; empty where it is not installed."""
    peer = load(name, Path())
    return str(peer.version) if peer else ""
