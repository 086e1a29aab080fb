"""The keyword leg: BM25F over an entry's fields, on disk as a Whoosh index, answered from arrays.

Whoosh's segments are the index; `State` is the same in memory, compiled, and
gives the same entries with the same scores. Phrases are Whoosh's. A write adds
one segment and appends to the fresh documents; `fold` makes the many small
segments of a busy day one again, in the background. Any exception here means
"rebuild": an index folder is a cache.

    <folder>                the Whoosh index
    <folder>/../compiled    its compiled parts; see `sidecar`
"""

from __future__ import annotations

import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from indexer import changes, disk, elsewhere, merging, segments, sidecar, stock
from indexer.analysis import FILTER_FIELDS as FILTER_FIELDS
from indexer.analysis import Analysed, analyse
from indexer.analysis import filter_values as filter_values
from indexer.analysis import passes as passes
from indexer.gathering import Gatherer, gather
from indexer.postings import Part
from indexer.segmentation import Segmenter
from indexer.state import Held, State
from indexer.stock import FIELD_BOOSTS as FIELD_BOOSTS
from indexer.types import Candidate, Query
from kb.types import Entry

FEW = 32
"""Entries of one write that stay uncompiled for now; more are compiled on the spot."""
MANY = 16
"""Entries that are merged by another process: it takes half a second to start, and this one goes on."""
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
        state = self._current()
        if asked.phrases:
            return self.oracle(asked, limit)
        if not state.documents or not (asked.terms or asked.grams):
            return []
        return state.candidates(asked, limit)

    def oracle(self, asked: Query, limit: int) -> list[Candidate]:
        """The same from stock Whoosh: what `candidates` is tested against."""
        return stock.candidates(self._folder, self._schema, asked, limit)

    def write(self, changed: Iterable[Entry], removed: Iterable[str], *, bulk: bool = False) -> None:
        """Replace the documents of `changed`, delete `removed`, and commit.

        With `bulk` the entries must be new; they are committed as they add up,
        and found after `finish`.
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
            self._write(entries, [*removed, *(entry.entry_id for entry in entries)])

    def finish(self) -> None:
        """End a bulk build: everything written is compiled into as few parts as may be, on disk."""
        self._flush()
        with self._locked():
            parts = self._state.parts
            groups = changes.groups([held.part.size for held in parts])
            joined = tuple(self._joined(parts[group]) for group in groups)
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
        """Segments waiting to be made one by `fold`; a dozen or two is a good moment."""
        return len(changes.written_since(self._state))

    def fold(self, *, thorough: bool = False) -> bool:
        """Make one of small segments, drop their deleted documents; False for nothing to do.

        For a background thread: readers go on, and a writer waits only while the result is put in place.
        With `thorough` also where it is much work for a small gain.
        """
        if not self._folding.acquire(blocking=False):
            return False
        try:
            merged = self._merge_fresh() or self._merge_small(thorough)
            return self._join_large() or merged
        finally:
            self._folding.release()

    def _merge_fresh(self) -> bool:
        """What was written since the last time becomes one segment; all of it is in memory still."""
        state = self._current()
        if len(changes.written_since(state)) < 2:
            return False
        living = state.living_fresh
        with self._scratch() as scratch:
            written, part = _worked(len(living), segments.write_together, scratch, living)
            return self._put_in_place(state, changes.fresh_merged, written, part, scratch)

    def _merge_small(self, thorough: bool) -> bool:
        """Many small segments become one; they are read back from disk, 10 ms a document."""
        state = self._current()
        sources = changes.heap(state, thorough=thorough)
        if not sources:
            return False
        with self._scratch() as scratch:
            documents = sum(segment.doc_count_all() for segment in sources)
            written, part = _worked(documents, segments.merge_segments, self._folder, sources, scratch)
            return self._put_in_place(state, changes.heap_merged, written, part, scratch)

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        folder = self._compiled / f"tmp-{secrets.token_hex(6)}"
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _put_in_place(
        self, state: State, replaced: changes.Replaced, written: Any, part: Part, scratch: Path
    ) -> bool:
        """Put a segment where its sources were, unless others were faster; none where nobody is left."""
        held = self._stored(part, (written.segid,)) if part.size else None
        with self._locked():
            after = replaced(self._state, state, ((written, held),) if held else ())
            if after is None:
                return False
            for path in scratch.iterdir() if held else ():
                os.replace(path, self._folder / path.name)
            self._commit(after)
            self._sweep()
        return True

    def _join_large(self) -> bool:
        """Make one part of two neighbours where the second has grown; their segments stay as they are."""
        state = self._current()
        place = changes.joinable(state)
        if place < 0:
            return False
        pair = state.parts[place : place + 2]
        joined = self._joined(pair)
        with self._locked():
            now = self._state.parts[place : place + 2]
            if [held.part for held in now] != [held.part for held in pair]:
                return False
            joined = replace(joined, dead=changes.joined_dead(now))
            parts = (*self._state.parts[:place], joined, *self._state.parts[place + 2 :])
            self._state = replace(self._state, parts=parts)
            self._sweep()
        return True

    def _joined(self, several: Sequence[Held]) -> Held:
        """Neighbouring parts as one, on disk."""
        if len(several) == 1:
            return several[0]
        own = tuple(name for held in several for name in held.segments)
        whole = self._stored(merging.merge_parts([held.part for held in several]), own)
        return replace(whole, dead=changes.joined_dead(several))

    def _stored(self, part: Part, names: tuple[str, ...]) -> Held:
        """A part written to disk and mapped from there."""
        return Held(sidecar.save(self._compiled, part, names), names)

    def _sweep(self) -> None:
        sidecar.sweep(self._compiled, [held.segments for held in self._state.parts])

    def _write(self, entries: Sequence[Analysed], gone: Iterable[str]) -> None:
        state = self._state
        numbers = [doc for entry_id in gone for doc in state.find(entry_id)]
        gathered = gather(entries)
        added = [segments.write_new(self._folder, gathered)] if entries else []
        if not numbers and not added:
            return
        after = changes.without(replace(state, fresh=state.fresh.first(state.fresh_size)), numbers)
        if entries and (len(entries) > FEW or len(entries) > after.fresh.room):
            after = changes.sealed(after)
        if len(entries) > FEW:
            held = Held(segments.part_of(gathered), (added[0].segid,))
            after = replace(after, parts=(*after.parts, held))
        else:
            for entry in entries:
                after.fresh.add(entry)
            after = replace(after, fresh_size=after.fresh.size)
        self._commit(replace(after, segments=(*after.segments, *added)))

    def _flush(self) -> None:
        """Write what a bulk build has gathered as a segment and a part."""
        if not len(self._bulk):
            return
        gathered, self._bulk = self._bulk.gathered(), Gatherer()
        with self._locked():
            state = changes.sealed(self._state)
            added = segments.write_new(self._folder, gathered)
            held = self._stored(segments.part_of(gathered), (added.segid,))
            self._commit(replace(state, parts=(*state.parts, held), segments=(*state.segments, added)))

    def _commit(self, state: State) -> None:
        """Make `state` what readers see, on disk first."""
        state = replace(state, generation=self._state.generation + 1)
        gone = {*changes.names(self._state.segments)} - {*changes.names(state.segments)}
        disk.commit(self._folder, self._schema, state.segments, state.generation, clean=bool(gone))
        self._state = state
        self._seen = self._changed()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, in this process and in others, on the latest state."""
        with self._writing, disk.write_lock(self._folder):
            if not disk.is_latest(self._folder, self._state.generation):
                self._reload()
            yield

    def _changed(self) -> int:
        return os.stat(self._folder).st_mtime_ns

    def _current(self) -> State:
        """The state, after a look whether another process has written; never waits for a writer."""
        if self._changed() != self._seen and self._writing.acquire(blocking=False):
            try:
                seen = self._changed()
                if not disk.is_latest(self._folder, self._state.generation):
                    self._reload()
                self._seen = seen
            finally:
                self._writing.release()
        return self._state

    def _reload(self) -> None:
        """Read the table of contents; compiled parts for what has one, Whoosh's postings for the rest."""
        self._seen = self._changed()
        generation, listed = disk.read_toc(self._folder, self._schema)
        known = [(held.segments, held.part) for held in self._state.parts]
        known += sidecar.load_all(self._compiled)
        parts = changes.cover(self._folder, listed, known)
        self._state = replace(changes.empty(), generation=generation, segments=tuple(listed), parts=parts)


def _worked(documents: int, work: Callable[..., tuple[Any, Part]], *given: object) -> tuple[Any, Part]:
    """A segment and its part, made elsewhere where they are many."""
    return elsewhere.do(work, *given) if documents >= MANY else work(*given)
