"""The keyword leg: BM25F over an entry's fields, on disk as a Whoosh index, answered from arrays.

Whoosh's segments are the index; `State` is the same in memory, compiled, and
gives the same entries with the same scores. Phrases are Whoosh's. A write notes
what it does in the journal and appends to the fresh documents; `fold` makes a
segment of many writes, in the background, and one of many small segments. Any
exception here means "rebuild": an index folder is a cache.

    <folder>                the Whoosh index, and the journal of what is not in it yet
    <folder>/../compiled    its compiled parts; see `sidecar`
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from indexer import changes, disk, elsewhere, journal, lean, phrases, restoring, segments, sidecar, stock
from indexer.analysis import Analysed, analyse
from indexer.courtesy import Each, at_once
from indexer.gathering import Gatherer
from indexer.journal import Save
from indexer.postings import Part
from indexer.segmentation import Segmenter
from indexer.state import Held, State
from indexer.types import Candidate, Query
from kb.types import Entry

FEW = 32
"""Entries of one write that stay uncompiled for now; more are compiled on the spot."""
MANY = 64
"""Entries that another process writes as a segment: half a second to start it, 14 ms for 32 entries here."""
MERGED = 16
"""Documents of old segments that another process reads back, 4 ms each."""
BULK_TOKENS = 3_000_000
"""Words gathered before a bulk build writes a segment: about 2,500 entries and 75 MiB."""


class KeywordIndex:
    """A keyword index in a folder of its own. Readers never wait for a writer."""

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        self._folder = folder
        self._compiled = folder.parent / "compiled"
        self._segmenter = segmenter
        self._schema = stock.make_schema()
        self._writing = threading.RLock()
        self._folding = threading.Lock()
        self._bulk = Gatherer()
        self._spill = phrases.Spill()
        self._seen = -1
        self._state = changes.empty()

    def create(self) -> None:
        """Make an empty index; the folder must be new."""
        stock.create(self._folder, self._schema)
        self.open()

    def open(self) -> None:
        """Take in what is on disk. Raises whatever Whoosh raises for a damaged index."""
        with self._writing:
            self._reload()

    def candidates(self, asked: Query, limit: int) -> list[Candidate]:
        """Entries by BM25F over the boosted fields, any word matching, phrases required; ties by id."""
        if any(phrase[1:] for phrase in asked.phrases):
            # Where words stand is Whoosh's to say; what they score is added up here, in a tenth of its time.
            state, searcher = self._searcher()
            return state.best_of(stock.holders(searcher, asked), asked, limit)
        state = self._current()
        if not state.documents or not (asked.terms or asked.grams or asked.phrases):
            return []
        if asked.phrases:
            words = [word for (word,) in asked.phrases]
            return state.best_of(state.holders(words, asked.filters), asked, limit)
        return state.candidates(asked, limit)

    def oracle(self, asked: Query, limit: int) -> list[Candidate]:
        """The same from stock Whoosh: what `candidates` is tested against."""
        return stock.candidates(self._searcher()[1], asked, limit)

    def _searcher(self) -> tuple[State, Any]:
        """The state, and stock Whoosh over it."""
        while True:
            state = self._current()
            fresh = self._spill.of(state)
            if searcher := phrases.searcher(self._folder, self._schema, state, fresh):
                return state, searcher
            self.open()

    def write(self, changed: Iterable[Entry], removed: Iterable[str], *, bulk: bool = False) -> None:
        """Replace the documents of `changed` and delete `removed`; it is on disk on return.

        With `bulk` the entries must be new; they are found after `finish`.
        """
        self.write_analysed((analyse(entry, self._segmenter) for entry in changed), removed, bulk=bulk)

    def write_analysed(
        self, changed: Iterable[Analysed], removed: Iterable[str], *, bulk: bool = False
    ) -> None:
        """The same for entries that are cut into words already."""
        if bulk:
            for entry in changed:
                self._bulk.add(entry)
                if len(self._bulk) > BULK_TOKENS:
                    self._flush()
            return
        entries = list({entry.entry_id: entry for entry in changed}.values())
        with self._locked():
            self._write([*removed, *(entry.entry_id for entry in entries)], entries)

    def finish(self) -> None:
        """End a bulk build: everything written is compiled into as few parts as may be, on disk."""
        self._flush()
        with self._locked():
            parts = self._state.parts
            groups = changes.groups([held.part.size for held in parts])
            joined = tuple(sidecar.joined(self._compiled, parts[group]) for group in groups)
            self._state = replace(self._state, parts=joined)
            self._sweep()

    def vocabulary(self) -> dict[str, int]:
        """Every word of the index and the number of entries it is in, summed over fields."""
        return self._current().vocabulary()

    def ids(self) -> set[str]:
        """Ids of all documents; used to see whether index and manifest agree."""
        return self._current().names()

    @property
    def gathered(self) -> int:
        """Saves waiting to be worked in by `fold`; a dozen or two is a good moment."""
        return self._state.number - self._state.holds

    def fold(self, *, thorough: bool = False, each: Each = at_once) -> bool:
        """Make one of small segments, drop their deleted documents; False for nothing to do.

        For a background thread: readers go on, and a writer waits only while the result is put in place.
        With `thorough` also where it is much work for a small gain. `each` may pause between two entries.
        """
        if not self._folding.acquire(blocking=False):
            return False
        try:
            merged = self._merge_fresh(each) or self._merge_small(thorough)
            return self._join_large() or merged
        finally:
            self._folding.release()

    def _merge_fresh(self, each: Each) -> bool:
        """What was written since the last time becomes one segment; all of it is in memory still."""
        state = self._current()
        if state.number - state.holds < 2:
            return False
        state = self._marked(fresh_too=True)
        living = state.living_fresh
        with sidecar.scratch(self._compiled) as scratch:
            many = len(living) >= MANY
            given = living if many else each(living)
            made = [elsewhere.do_if(many, segments.write_together, scratch, given)] if living else []
            return self._put_in_place(state, changes.fresh_merged, made, scratch)

    def _merge_small(self, thorough: bool) -> bool:
        """Many small segments become one; they are read back from disk, 4 ms a document."""
        if not changes.heap(self._current(), thorough=thorough):
            return False
        state = self._marked(fresh_too=False)
        if not (sources := changes.heap(state, thorough=True)):
            return False
        documents = sum(segment.doc_count_all() for segment in sources)
        with sidecar.scratch(self._compiled) as scratch:
            made = elsewhere.do_if(
                documents >= MERGED, segments.merge_segments, self._folder, sources, scratch
            )
            return self._put_in_place(state, changes.heap_merged, [made], scratch)

    def _marked(self, *, fresh_too: bool) -> State:
        """The state that a merging begins with, its number taken; saves go on behind it."""
        with self._locked():
            state = self._state
            holds = state.number + 1 if fresh_too or not state.fresh_size else state.holds
            self._save(Save(holds=holds))
            return replace(self._state, holds=holds)

    def _put_in_place(
        self, before: State, replaced: changes.Replaced, made: Sequence[tuple[Any, Part]], scratch: Path
    ) -> bool:
        """Put a segment where its sources were, unless others were faster; none where nobody is left."""
        held = [(s, sidecar.held(self._compiled, part, (s.segid,))) for s, part in made if part.size]
        with self._locked():
            after = replaced(self._state, before, held) if self._state.commit == before.commit else None
            if after is None:
                return False
            for path in scratch.iterdir() if held else ():
                os.replace(path, self._folder / path.name)
            self._commit(replace(after, commit=before.number, holds=before.holds))
        self._sweep()
        return True

    def _join_large(self) -> bool:
        """Make one part of two neighbours where the second has grown; their segments stay as they are."""
        state = self._current()
        if (place := changes.joinable(state)) < 0:
            return False
        pair = state.parts[place : place + 2]
        joined = sidecar.joined(self._compiled, pair)
        with self._locked():
            now = self._state.parts[place : place + 2]
            if [held.part for held in now] != [held.part for held in pair]:
                return False
            joined = replace(joined, dead=changes.joined_dead(now))
            parts = (*self._state.parts[:place], joined, *self._state.parts[place + 2 :])
            self._state = replace(self._state, parts=parts)
            self._sweep()
        return True

    def _sweep(self) -> None:
        sidecar.sweep(self._compiled, [held.segments for held in self._state.parts])

    def _write(self, gone: Sequence[str], entries: Sequence[Analysed]) -> None:
        save = Save(tuple(entry_id for entry_id in gone if self._state.find(entry_id)), tuple(entries))
        if len(entries) > min(FEW, self._state.fresh.room):
            self._write_through(save)
        elif save.gone or entries:
            self._save(save)

    def _save(self, save: Save) -> None:
        """Note a save in the journal, then let readers see it."""
        number = self._state.number + 1
        journal.write(self._folder, number, save)
        self._state = changes.saved(self._state, number, save)
        self._seen = self._changed()

    def _write_through(self, save: Save) -> None:
        """Make a segment of a large save and of what is fresh; the journal begins anew."""
        state = changes.saved(self._state, self._state.number, Save(save.gone))
        entries = [*state.living_fresh, *save.entries]
        made = [segments.write_together(self._folder, entries)] if entries else []
        self._commit_next(changes.compiled(state, [(s, Held(part, (s.segid,))) for s, part in made]))

    def _flush(self) -> None:
        """Write what a bulk build has gathered as a segment and a part."""
        if not len(self._bulk):
            return
        gathered, self._bulk = self._bulk.gathered(), Gatherer()
        with self._locked():
            if self._state.fresh_size:
                self._write_through(Save())
            written = segments.write_new(lean.on_disk(self._folder), gathered)
            held = sidecar.held(self._compiled, segments.part_of(gathered), (written.segid,))
            self._commit_next(changes.compiled(self._state, ((written, held),)))

    def _commit_next(self, state: State) -> None:
        number = self._state.number + 1
        self._commit(replace(state, number=number, commit=number, holds=number))

    def _commit(self, state: State) -> None:
        """Make `state` what readers see, on disk first."""
        disk.commit(self._folder, self._schema, state.segments, state.commit)
        journal.sweep(self._folder, state.holds, state.commit)
        self._state = state
        self._seen = self._changed()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, in this process and in others, on the latest state."""
        with self._writing, disk.write_lock(self._folder):
            if not restoring.is_latest(self._folder, self._state):
                self._reload()
            yield

    def _changed(self) -> int:
        return os.stat(self._folder).st_mtime_ns

    def _current(self) -> State:
        """The state, after a look whether another process has written; never waits for a writer."""
        if self._changed() != self._seen and self._writing.acquire(blocking=False):
            try:
                seen = self._changed()
                if not restoring.is_latest(self._folder, self._state):
                    self._reload()
                self._seen = seen
            finally:
                self._writing.release()
        return self._state

    def _reload(self) -> None:
        """Take in what others saved; where they committed, begin with what that left."""
        self._seen = self._changed()
        self._state = restoring.latest(self._folder, self._compiled, self._schema, self._state)
