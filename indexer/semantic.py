"""The semantic leg: search over passage vectors, the best passages speak for their entry.

    vectors = VectorIndex.load(folder)                    # milliseconds, rows mapped
    vectors = vectors.with_changes(changed, removed)      # what did not change is shared
    vectors = vectors.save(folder, revision)              # appends what is new: milliseconds
    vectors = vectors.folded()                            # in the background, now and then; `save` it too

Every vector is looked at, exactly, until a sketch is faster and has been
measured to lose nothing (`recall`). Whoever narrows a search does so before the cut.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from pathlib import Path

import numpy as np

from indexer import nearest, recall, vector_files
from indexer.courtesy import Each, at_once
from indexer.nearest import Mask
from indexer.recall import Recall
from indexer.sketch import Sketch
from indexer.types import Candidate, Vectors
from indexer.vector_files import Card, Dead
from indexer.vectors import Block, Halves, Numbers, halve, widen

WASTE = 0.25
"""Share of dead rows from which the files are written anew."""


def pack(vectors: Vectors) -> bytes:
    """Vectors of one entry -> bytes for the manifest."""
    return halve(vectors).tobytes()


def unpack(raw: bytes, dimensions: int) -> Vectors:
    """Inverse of `pack`, up to half precision."""
    return widen(np.frombuffer(raw, np.float16).reshape(-1, dimensions))


@dataclass(frozen=True, eq=False)
class VectorIndex:
    """Passage vectors of all entries; never changed after it is made."""

    base: Block
    fresh: Block
    """Entries that came since the base was made; their vectors are always looked at exactly."""
    dead: Dead
    """Numbers of entries of the base, or of `written`, that were removed or came again."""
    sketch: Sketch | None = None
    recall: Recall | None = None
    home: Path | None = None
    """Where the base lies on disk, once it does, and with it the entries `written`."""
    card: Card | None = None
    written: Mapping[str, int] = field(default_factory=dict)
    """Fresh entries that are on disk already, and their numbers there."""

    @classmethod
    def of(cls, entries: Iterable[tuple[str, Vectors]], dimensions: int) -> VectorIndex:
        """An index in memory."""
        base = Block.of(((i, halve(vectors)) for i, vectors in entries), dimensions)
        return cls(base, Block.of((), dimensions), np.zeros(0, np.int32))

    @classmethod
    def load(cls, folder: Path) -> VectorIndex:
        """What was saved. Raises OSError or ValueError when it is damaged or missing."""
        found = vector_files.load(folder)
        nothing = Block.of((), found.card.dimensions)
        return cls(found.block, nothing, found.dead, found.sketch, found.card.recall, folder, found.card)

    def __len__(self) -> int:
        """Passages searched."""
        alive = self._alive[: len(self.base.ids)]
        return int(self.base.sizes[alive].sum()) + len(self.fresh)

    @property
    def revision(self) -> int:
        """The revision last given to `save`; -1 for what was never saved."""
        return self.card.revision if self.card else -1

    @property
    def dimensions(self) -> int:
        """Numbers in one vector."""
        return int(self.base.rows.shape[1])

    @cached_property
    def ids(self) -> list[str]:
        """Ids of the entries searched, each once: those of the base in its order, then the fresh ones."""
        if not len(self.dead):
            return self.base.ids + self.fresh.ids
        return [*compress(self.base.ids, self._alive[: len(self.base.ids)]), *self.fresh.ids]

    @cached_property
    def _alive(self) -> Mask:
        """Which entries are searched, in the order of `_starts`."""
        alive = np.ones(len(self.base.ids) + len(self.fresh.ids), bool)
        alive[self.dead[self.dead < len(self.base.ids)]] = False
        return alive

    @cached_property
    def _starts(self) -> Numbers:
        if not self.fresh.ids:
            return self.base.starts
        return np.concatenate([self.base.starts, self.fresh.starts[1:] + len(self.base)])

    def candidates(
        self, vector: Vectors, limit: int, allowed: Sequence[bool] | Mask | None = None
    ) -> list[Candidate]:
        """Entries by the cosines of their best passages, best first, ties by id.

        The score is the mean of the best three. `vector` has shape (dimensions,); `allowed`, in the order of
        `ids`, narrows before the cut at `limit`.
        """
        if len(self._starts) == 1 or not np.any(vector):
            return []
        among = self._among(allowed)
        if self.sketch is None:
            scores = self.base.scores(vector)
            if len(self.fresh):
                scores = np.concatenate([scores, self.fresh.scores(vector)])
            best = nearest.narrowed(nearest.best_passages(scores, self._starts), among)
            first = nearest.highest(best, limit)
            return self._candidates(first, *nearest.opinions(scores, self._starts, first))
        fresh = self.fresh.scores(vector)
        parts = [self.sketch.best(vector, self.base.starts), nearest.best_passages(fresh, self.fresh.starts)]
        near = nearest.worth_a_look(nearest.narrowed(np.concatenate(parts), among), limit)
        scores, starts = nearest.look_closer(self.base, fresh, self._starts, near, vector)
        first = nearest.highest(nearest.best_passages(scores, starts), limit)
        return self._candidates(near[first], *nearest.opinions(scores, starts, first))

    def _among(self, allowed: Sequence[bool] | Mask | None) -> Mask | None:
        """Which entries may be found, in the order of `_starts`; None for all."""
        if allowed is None:
            return self._alive if len(self.dead) else None
        among = self._alive.copy()
        among[among] = np.asarray(allowed, bool)
        return among

    def _candidates(self, entries: Numbers, means: Vectors, passages: Numbers) -> list[Candidate]:
        ids = map(self._id, entries.tolist())
        found = map(Candidate, ids, means.tolist(), passages.tolist())
        return sorted(found, key=lambda c: (-c.score, c.entry_id))

    def _id(self, number: int) -> str:
        own = len(self.base.ids)
        return self.base.ids[number] if number < own else self.fresh.ids[number - own]

    def with_changes(
        self, changed: Iterable[tuple[str, Vectors | Halves]], removed: Iterable[str] = ()
    ) -> VectorIndex:
        """With these vectors for these entries (none takes one out), and without those; this index stays."""
        latest = {entry_id: halve(vectors) for entry_id, vectors in changed}
        gone = {*latest, *removed}
        kept = [(entry_id, rows) for entry_id, rows in self.fresh.entries() if entry_id not in gone]
        fresh = Block.of([*kept, *latest.items()], self.dimensions)
        numbers, written = self.base.numbers, self.written
        slots = {slot for i in gone for slot in (numbers.get(i), written.get(i)) if slot is not None}
        died = sorted(slots.difference(self.dead.tolist()))
        return dataclasses.replace(
            self,
            fresh=fresh,
            dead=np.concatenate([self.dead, np.array(died, np.int32)]),
            written={entry_id: slot for entry_id, slot in written.items() if entry_id not in gone},
        )

    def save(self, folder: Path, revision: int) -> VectorIndex:
        """Make the folder hold this index; the same index, knowing that. One writer at a time.

        What is there already is not written again, unless somebody else wrote there in between.
        """
        card, sketch = self.card, self.sketch
        if card is None or folder != self.home or not card.same_files(vector_files.read_card(folder)):
            return self._moved(folder).save(folder, revision)
        if sketch is None:
            card = dataclasses.replace(card, sketch="", width=0)
        elif not sketch.name or sketch.name != card.sketch:
            card = vector_files.with_sketch(folder, card, sketch)
            sketch = dataclasses.replace(sketch, name=card.sketch)
        new = [(entry_id, rows) for entry_id, rows in self.fresh.entries() if entry_id not in self.written]
        numbers = {entry_id: card.entries + n for n, (entry_id, _) in enumerate(new)}
        card = vector_files.grown(folder, card, new, sketch)
        card = vector_files.buried(folder, card, self.dead)
        card = dataclasses.replace(card, revision=revision, recall=self.recall)
        vector_files.put(folder, card)
        return dataclasses.replace(self, card=card, sketch=sketch, written={**self.written, **numbers})

    def _moved(self, folder: Path) -> VectorIndex:
        """The same index with its base in new files, without the dead."""
        card = vector_files.begin(folder, self.dimensions)
        if self.sketch is not None:
            card = vector_files.with_sketch(folder, card, self.sketch.bare())
        card = vector_files.grown(folder, card, compress(self.base.entries(), self._alive), self.sketch)
        vector_files.put(folder, dataclasses.replace(card, recall=self.recall))
        return dataclasses.replace(VectorIndex.load(folder), fresh=self.fresh)

    def folded(self, each: Each = at_once) -> VectorIndex:
        """The same answers, quicker: fresh entries join the base, and a sketch is made when one pays.

        Takes seconds on a large index. Changes not saved yet are left as they are.
        """
        whole = self._in_one_piece()
        whole.base.prepare(each)
        return whole.measured() if recall.due(len(whole.base), whole.recall) else whole

    def measured(self) -> VectorIndex:
        """The same index with the fastest sketch that is good enough, or with none, and what was measured."""
        sketch, found = recall.best_sketch(self.base, self.sketch)
        return dataclasses.replace(self, sketch=sketch, recall=found)

    def _in_one_piece(self) -> VectorIndex:
        if not self.fresh.ids and not len(self.dead):
            return self
        if self.home is None or self.card is None:
            living = [*compress(self.base.entries(), self._alive), *self.fresh.entries()]
            nothing = Block.of((), self.dimensions)
            return VectorIndex(Block.of(living, self.dimensions), nothing, self.dead[:0])
        if len(self.written) < len(self.fresh.ids) or self.card.deaths < len(self.dead):
            return self
        loaded = VectorIndex.load(self.home)
        wasted = len(loaded.base) - len(loaded)
        return loaded._homeless() if wasted > WASTE * len(loaded.base) else loaded

    def _homeless(self) -> VectorIndex:
        """The next `save` writes everything anew, without the dead."""
        return dataclasses.replace(self, home=None, card=None)

    def exactly(self) -> VectorIndex:
        """The same index without its sketch: what recall is measured against."""
        return dataclasses.replace(self, sketch=None)
