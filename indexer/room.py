"""One index in use: its tools, its generation on disk, and the collection as it is now.

A Library works in one room at a time and moves to another when a different
encoder has finished encoding; a request keeps the room it came into.

A save is written behind what is there (`take`); when enough has gathered, a
thread works it in (`fold`). Readers wait for neither.
"""

from __future__ import annotations

import gc
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from indexer import build, courtesy, memory, snapshot, soundness, upkeep
from indexer.build import Generation, Progress, Tools
from indexer.snapshot import Snapshot
from indexer.suggest import Terms
from indexer.types import Candidate, Engine, Query
from indexer.wordlists import Lexicon
from kb.errors import SetupError

LEG_LIMIT = 100
"""Candidates taken from each leg."""
CHECK_SECONDS = 2.0
"""A running server looks for files changed by hand or by git at most this often."""
CHECK_SHARE = 0.02
"""And spends at most this part of its time on it."""
STALL_SECONDS = 0.05
"""A look at all files that takes longer than this is not done while a reader waits."""
TAKE_CHUNK = 200
"""Entries taken in one go when many changed: others may save in between."""
FOLD_AFTER = 32
"""Segments of the keyword index, one a save, after which they are worked into it: each is seven files."""
REST_SECONDS = 0.005
"""Between two pieces of work in the background that a save has to wait for."""
FIRST_SECONDS = 3.0
"""What a large index leaves for later waits so long, or until the library is warm."""
LEARN_SHARE = 0.02
"""Part of the entries that must have changed before pinyin is learnt from them anew, in large collections."""
DAMAGE = (sqlite3.DatabaseError, EOFError, OSError, soundness.Unsound)
"""What reading and writing an index raises when it was damaged or deleted under a running server."""


def quietly(done: int, total: int) -> None:
    """A progress nobody watches."""


class Room:
    """Opens, refreshes and rebuilds one index folder. Safe to share between threads."""

    def __init__(
        self,
        tools: Tools,
        lexicon: Lexicon,
        index: Path,
        progress: Progress = quietly,
        *,
        background: bool = False,
    ) -> None:
        self.tools = tools
        self._lexicon = lexicon
        self._index = index
        self._terms = Terms(lexicon.terms, tools.segmenter)
        self._writing = threading.Lock()
        self._behind = threading.Lock()
        self._warm = threading.Event()
        self._checked = 0.0
        self._pause = CHECK_SECONDS
        self._folded = self._learnt = -1
        self._left = self._settled = False
        self.generation: Generation
        self.snapshot: Snapshot
        with self._writing, build.write_lock(index):
            self._open(progress)
        if background and not soundness.is_small(self.generation.folder):
            self._later(self._catch_up)
        else:
            self.refresh()

    def keyword(self, asked: Query) -> list[Candidate]:
        """Candidates of the keyword leg; a damaged index is rebuilt on the way."""
        try:
            return self._engine.candidates(asked, LEG_LIMIT)
        except Exception:
            # Whoosh raises anything at all for a damaged index. Another process may
            # also have switched and removed ours: `mend` finds out which it is.
            self.mend()
            return self._engine.candidates(asked, LEG_LIMIT)

    @property
    def _engine(self) -> Engine:
        """Who answers the keyword leg; nothing above this room may know."""
        return self.generation.keyword

    def semantic(self, asked: Query, now: Snapshot) -> list[Candidate]:
        """Candidates of the semantic leg; none without encoder or without a word it knows."""
        if self.tools.encoder is None or now.vectors is None or not asked.meaning:
            return []
        vector = self.tools.encoder.encode([asked.meaning], query=True)[0]
        return now.vectors.candidates(vector, LEG_LIMIT, now.allowed(asked.filters))

    def take(self, ids: Iterable[str]) -> list[str]:
        """Look at the files of these entries and take in what changed; returns the ids that did.

        A room that was left takes nothing in: the one that followed it does.
        """
        with self._writing, build.write_lock(self._index):
            if self._left:
                return []
            self._follow()
            try:
                self.generation, changed = upkeep.take(self.generation, self.tools, ids)
                self._show()
            except DAMAGE:
                self._open(quietly)
                changed = sorted(self.snapshot.entries)
        if self.generation.keyword.gathered >= FOLD_AFTER:
            self._later(self.fold)
        return changed

    def refresh(self) -> list[str]:
        """Take in what changed on disk, by this process or another; returns the ids."""
        started = time.monotonic()
        try:
            with self._writing, build.write_lock(self._index):
                if self._left:
                    return []
                self._follow()
            ids = upkeep.stale(self.generation, self.tools)
            changed = []
            for start in range(0, len(ids), TAKE_CHUNK):
                changed += self.take(ids[start : start + TAKE_CHUNK])
            if not self.generation.manifest.trusted:
                self._trust()
        except DAMAGE:
            self.mend()
            changed = sorted(self.snapshot.entries)
        self._checked = time.monotonic()
        self._pause = max(CHECK_SECONDS, (self._checked - started) / CHECK_SHARE)
        return changed

    def _trust(self) -> None:
        """Whatever a killed process left half done has been taken in."""
        with self._writing, build.write_lock(self._index):
            if not self._left:
                self.generation.manifest.trust()

    def refresh_if_due(self) -> None:
        """`refresh`, at most every CHECK_SECONDS; in the background where there are many files."""
        if time.monotonic() - self._checked < self._pause or self._behind.locked():
            return
        self._checked = time.monotonic()
        if self._pause * CHECK_SHARE > STALL_SECONDS:
            self._later(self.refresh)
        else:
            self.refresh()

    def rebuild(self, progress: Progress = quietly) -> None:
        """Build the whole index anew and switch to it."""
        with self._writing, build.write_lock(self._index):
            self._enter(build.build(self._index, self.tools, progress))

    def mend(self) -> None:
        """Look at the whole index closely, and build it anew where it is damaged."""
        with self._writing, build.write_lock(self._index):
            if not self._left:
                self._open(quietly, thorough=True)

    def followed(self, tools: Tools, lexicon: Lexicon) -> Room:
        """A room that works with other tools on the same entries; this one is left, and only answers.

        Its index is built beside ours, and until it is complete saves go on here.
        """
        generation = build.beside(self._index, tools)
        with self._writing, build.write_lock(self._index):
            build.switch(self._index, generation)
            self._left = True
        return Room(tools, lexicon, self._index)

    def tidy(self) -> None:
        """Remove the indexes of rooms that were left."""
        with self._writing, build.write_lock(self._index):
            build.remove_others(self._index, self.generation.folder)

    def fold(self, *, thorough: bool = False) -> None:
        """Work what was saved into the index. Nothing a reader sees changes; others may save meanwhile.

        Everything is prepared while they do: what is left to do under the lock is to put it in place.
        """
        before = self.snapshot
        self._spell(before)
        due = before.revision - self._learnt > len(before.entries) * LEARN_SHARE
        each = courtesy.while_not(self._writing.locked)
        reader, learnt = before.reader.taught(each) if due else before.reader, before.revision
        one_by_one = courtesy.while_not(self._writing.locked, every=1)
        while self.generation.keyword.fold(thorough=thorough, each=one_by_one):
            pass
        folder, manifest = self.generation.folder, self.generation.manifest
        files = soundness.checksums(folder / "whoosh", manifest.files())
        before = self.snapshot
        vectors = before.vectors.folded(each) if before.vectors else None
        made = snapshot.folded(before, reader, each)
        with self._writing, build.write_lock(self._index):
            if self._left:
                return
            self._follow()
            if manifest is not before.lookup.manifest or manifest is not self.generation.manifest:
                return
            if vectors is not None and self.snapshot.vectors is before.vectors:
                vectors = vectors.save(folder / "vectors", manifest.revision)
                self.generation = replace(self.generation, vectors=vectors)
            known = manifest.files()
            manifest.record_files(known, soundness.checksums(folder / "whoosh", {**files, **known}))
            outdated, self._folded = self._folded, self.snapshot.revision
            self._learnt = learnt if due else self._learnt
            self.snapshot = snapshot.after(made, manifest, self.generation.vectors)
        manifest.purge(outdated)
        self.settle()
        memory.give_back()

    def _spell(self, now: Snapshot) -> None:
        """Put pinyin beside the names that have none yet, a few entries at a time."""
        manifest = now.lookup.manifest
        for rows in now.spell():
            with self._writing, build.write_lock(self._index):
                if self._left or manifest is not self.generation.manifest:
                    return
                manifest.spell(rows)
            time.sleep(REST_SECONDS)

    def settle(self) -> None:
        """Tell Python that what is in memory now stays: looking it all through takes 50 ms, amid a save.

        What an earlier room left behind is looked for first: the frozen is never looked at again.
        What was left for later at the start may begin then.
        """
        if not self._settled:
            self._settled = True
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        self._warm.set()

    def _later(self, work: Callable[[], object]) -> None:
        """Do something in a thread, unless another such thing is being done."""

        def run() -> None:
            try:
                work()
            except (*DAMAGE, SetupError):
                logging.getLogger(__name__).exception("working on the index failed")
            finally:
                self._behind.release()

        if self._behind.acquire(blocking=False):
            threading.Thread(target=run, daemon=True, name="index").start()

    def _catch_up(self) -> None:
        """What a large index leaves for later when it is opened."""
        self._warm.wait(FIRST_SECONDS)
        self.refresh()
        generation = self.generation
        try:
            soundness.check_all(generation.folder, generation.manifest, soundness.REST)
        except DAMAGE:
            if generation is self.generation:
                self.mend()

    def _follow(self) -> None:
        """Take over what another process wrote. Call under both locks."""
        manifest = self.generation.manifest
        if build.current_name(self._index) != self.generation.folder.name or not manifest.database.present:
            # Another process rebuilt the index and switched, or somebody deleted it.
            self._open(quietly)
        elif manifest.revision != self.snapshot.revision:
            self.generation = build.reopened(self.generation, self.tools, closely=False)
            self._show()

    def _open(self, progress: Progress, *, thorough: bool = False) -> None:
        """Use the current generation, or build one where there is none that can be trusted."""
        current = build.open_current(self._index, self.tools, thorough=thorough)
        self._enter(current or build.build(self._index, self.tools, progress))

    def _enter(self, generation: Generation) -> None:
        self.generation = generation
        manifest, vectors = generation.manifest, generation.vectors
        self.snapshot = snapshot.first(manifest, vectors, self._terms, self._lexicon, self.tools.segmenter)
        self._folded = self._learnt = self.snapshot.revision

    def _show(self) -> None:
        """Make the snapshot of the latest revision."""
        generation = self.generation
        self.snapshot = snapshot.after(self.snapshot, generation.manifest, generation.vectors)
