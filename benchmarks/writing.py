"""From a save to found: new, changed and withdrawn entries, one at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from benchmarks import children, tokens
from benchmarks.building import open_peers
from benchmarks.measure import Spread, Times, spread
from benchmarks.results import Results
from benchmarks.workspace import Workspace
from indexer.library import Library
from kb.types import Entry, Publication

SAVES = 100
"""Entries added, then changed, then withdrawn."""
SLOW_SAVE = 0.2
"""Seconds; where a save takes longer, a tenth as many are made."""


class _Clock:
    """A store's `save` with a watch on it: the file and its syncing are told apart from the index."""

    def __init__(self, library: Library) -> None:
        self._save = library.store.save
        self.seconds: list[float] = []
        library.store.save = self._timed  # type: ignore[method-assign]

    def _timed(self, entry: Entry, expected: str | None) -> Any:
        started = time.perf_counter()
        record = self._save(entry, expected)
        self.seconds.append(time.perf_counter() - started)
        return record


def update(space: Workspace, results: Results) -> None:
    """The product by `Library.save`; the peers by their own writers, given the words."""
    children.as_served()
    space.forget_saved()
    library = space.library()
    library.warm()
    entries = [_marked(space.corpus.entry(space.size + n), n) for n in range(SAVES)]
    if _first_save(library, entries.pop()) > SLOW_SAVE:
        entries = entries[: SAVES // 10]
    versions: dict[str, str] = {}
    clock = _Clock(library)
    for what, change in (("add", _same), ("change", _changed), ("withdraw", _withdrawn)):
        clock.seconds, times, asking = [], Times(), Times()
        for entry in map(change, entries):
            record = times.take(partial(library.save, entry, versions.get(entry.id)))
            versions[entry.id] = record.version  # type: ignore[attr-defined]
            found = asking.take(partial(library.search, entry.title))
            _insist(what != "withdraw", entry, found)
        _tell(results, space.size, what, clock.seconds, times, asking)
    results.add("update", space.size, "idle", {"ms": round(_idle(library, entries), 3)})
    _peers(space, entries, results)
    _heal(space, library)


def _marked(entry: Entry, number: int) -> Entry:
    """An entry whose title is its own, so that it can be asked for."""
    return replace(entry, title=f"第{number}号测量用条目", publication=Publication.PUBLISHED)


def _same(entry: Entry) -> Entry:
    return entry


def _changed(entry: Entry) -> Entry:
    return replace(entry, summary=entry.summary + "改过一次。")


def _withdrawn(entry: Entry) -> Entry:
    return replace(entry, publication=Publication.WITHDRAWN)


def _first_save(library: Library, entry: Entry) -> float:
    """Seconds of a first save, which is not counted."""
    times = Times()
    times.take(partial(library.save, entry, None))
    return times.wall[0]


def _insist(there: bool, entry: Entry, found: Any) -> None:
    ids = [hit.id for hit in found.hits]
    if (entry.id in ids) is not there:
        raise AssertionError(f"{entry.id} should {'' if there else 'not '}be found by its title")


def _tell(results: Results, size: int, what: str, files: list[float], times: Times, asking: Times) -> None:
    """The index's part of every save, the file's part, and the search right after."""
    index = [whole - file for whole, file in zip(times.wall, files, strict=True)]
    figures = spread(index, times.cpu).figures()
    figures |= spread(files).figures("file_") | asking.spread.figures("search_")
    results.add("update", size, what, figures)


def _idle(library: Library, entries: list[Entry]) -> float:
    """Milliseconds of a search when nothing was saved: what the search after a save is compared with."""
    times = Times()
    for entry in entries:
        times.take(partial(library.search, entry.title))
    return times.spread.p50


def _peers(space: Workspace, entries: list[Entry], results: Results) -> None:
    documents = [tokens.document(entry, tokens.segmenter()) for entry in entries]
    for name, peer in open_peers(space).items():
        if hasattr(peer, "put"):
            doings: tuple[tuple[str, Callable[[Any], object]], ...] = (
                ("add", peer.put),
                ("change", peer.put),
                ("withdraw", partial(_remove, peer)),
            )
            for what, do in doings:
                results.add("update", space.size, f"{name} {what}", _each(do, documents).figures())


def _remove(peer: Any, document: tokens.Document) -> None:
    peer.remove(document.id)


def _each(do: Callable[[Any], object], documents: list[tokens.Document]) -> Spread:
    times = Times()
    for document in documents:
        times.take(partial(do, document))
    return times.spread


def _heal(space: Workspace, library: Library) -> None:
    """The collection as it was made; the last refresh takes the saved entries out of the index."""
    space.forget_saved()
    library.refresh()
