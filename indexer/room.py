"""One index in use: its tools, its generation on disk, and the collection in memory.

A Library works in one room at a time and moves to another when a different
encoder has finished encoding; a request keeps the room it came into.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

from indexer import build, snapshot
from indexer.build import Generation, Progress, Tools
from indexer.snapshot import Snapshot
from indexer.types import Candidate, Engine, Filters, Query
from indexer.wordlists import Lexicon

LEG_LIMIT = 100
"""Candidates taken from each leg."""
CHECK_SECONDS = 2.0
"""A running server looks for files changed by hand or by git at most this often."""


def quietly(done: int, total: int) -> None:
    """A progress nobody watches."""


class Room:
    """Opens, refreshes and rebuilds one index folder. Safe to share between threads."""

    def __init__(self, tools: Tools, lexicon: Lexicon, index: Path, progress: Progress = quietly) -> None:
        self.tools = tools
        self._lexicon = lexicon
        self._index = index
        self._writing = threading.Lock()
        self._checked = 0.0
        self.generation: Generation
        self.snapshot: Snapshot
        with self._writing, build.write_lock(index):
            self._take(progress)
            build.refresh(self.generation, tools)
            self._load()

    def keyword(self, asked: Query) -> list[Candidate]:
        """Candidates of the keyword leg; a damaged index is rebuilt on the way."""
        try:
            return self._engine.candidates(asked, LEG_LIMIT)
        except Exception:
            # Whoosh raises anything at all for a damaged index. Another process may
            # also have switched and removed ours: `refresh` finds out which it is.
            self._reopen()
            return self._engine.candidates(asked, LEG_LIMIT)

    @property
    def _engine(self) -> Engine:
        """Who answers the keyword leg; nothing above this room may know."""
        return self.generation.keyword

    def semantic(self, asked: Query, allowed: list[bool] | None, now: Snapshot) -> list[Candidate]:
        """Candidates of the semantic leg; none without encoder or without a word it knows."""
        if self.tools.encoder is None or now.vectors is None or not asked.meaning:
            return []
        vector = self.tools.encoder.encode([asked.meaning], query=True)[0]
        return now.vectors.candidates(vector, LEG_LIMIT, allowed)

    def refresh(self) -> list[str]:
        """Take in what changed on disk, by this process or another; returns the ids."""
        with self._writing, build.write_lock(self._index):
            if build.current_name(self._index) != self.generation.folder.name:
                # Another process rebuilt the index and switched; ours is gone or about to go.
                self._take(quietly)
                self._load()
            try:
                changed = build.refresh(self.generation, self.tools)
            except (sqlite3.DatabaseError, EOFError, FileNotFoundError):
                # The index was damaged or deleted under a running server.
                self._take(quietly)
                self._load()
                return sorted(self.snapshot.entries)
            if self.generation.manifest.revision != self.snapshot.revision:
                self._load(self.snapshot)
        self._checked = time.monotonic()
        return changed

    def refresh_if_due(self) -> None:
        """`refresh`, at most every CHECK_SECONDS and never while another thread does it."""
        if time.monotonic() - self._checked > CHECK_SECONDS and not self._writing.locked():
            self._checked = time.monotonic()
            self.refresh()

    def rebuild(self, progress: Progress = quietly) -> None:
        """Build the whole index anew and switch to it."""
        with self._writing, build.write_lock(self._index):
            self.generation = build.build(self._index, self.tools, progress)
            self._load()

    def _reopen(self) -> None:
        with self._writing, build.write_lock(self._index):
            self._take(quietly)
            self._load()

    def _take(self, progress: Progress) -> None:
        """Use the current generation, or build one where there is none that can be trusted."""
        current = build.open_current(self._index, self.tools)
        self.generation = current or build.build(self._index, self.tools, progress)

    def _load(self, previous: Snapshot | None = None) -> None:
        """Make the snapshot of the current generation, reusing what did not change since `previous`."""
        manifest = self.generation.manifest
        encoder, segmenter = self.tools.encoder, self.tools.segmenter
        dimensions = encoder.dimensions if encoder else 0
        revision = manifest.revision
        present = manifest.stamps().keys()
        parts = {i: part for i, part in previous.parts.items() if i in present} if previous else {}
        for row in manifest.rows(previous.revision if previous else -1):
            parts[row.id] = snapshot.prepare(row, dimensions, segmenter)
        self.snapshot = snapshot.make(revision, parts, dimensions, self._lexicon, segmenter)


def allowed(now: Snapshot, filters: Filters) -> list[bool] | None:
    """Which entries of the vector index pass the filters; None for all."""
    from indexer.keyword import passes

    if filters == Filters() or now.vectors is None:
        return None
    return [passes(now.entries[entry_id], filters) for entry_id in now.vectors.ids]
