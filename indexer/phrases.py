"""What only stock Whoosh answers, phrases above all, from its segments on disk and the fresh entries.

Fresh entries are in no segment on disk yet. Who asks for a phrase has them
written as segments in memory, each once: a save does not wait for that.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from indexer import changes, disk, lean, segments, stock
from indexer.fresh import Fresh
from indexer.gathering import gather
from indexer.state import State


class Spill:
    """The fresh documents as segments in memory. Safe to share between threads."""

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._fresh: Fresh | None = None
        self._made: list[tuple[Any, Any, int]] = []

    def of(self, state: State) -> list[tuple[Any, Any]]:
        """(storage, segment) of all fresh documents of a state, those that are deleted marked so."""
        with self._writing:
            if self._fresh is not state.fresh:
                self._fresh, self._made = state.fresh, []
            start = sum(segment.doc_count_all() for _, segment, _ in self._made)
            for doc in range(start, state.fresh_size):
                storage = lean.in_memory()
                written = segments.write_new(storage, gather([state.fresh.entries[doc]]))
                self._made.append((storage, written, doc))
            return [
                (storage, changes.without_docs(written, (0,) if doc in state.fresh_dead else ()))
                for storage, written, doc in self._made[: state.fresh_size]
            ]


def searcher(folder: Path, schema: Any, state: State, fresh: list[tuple[Any, Any]]) -> Any:
    """Stock Whoosh over a state; None where somebody has committed since, and its files may be gone."""
    with disk.write_lock(folder):
        if not disk.is_committed(folder, state.commit):
            return None
        storage = lean.on_disk(folder)
        return stock.searcher(schema, [*((storage, segment) for segment in state.segments), *fresh])
