"""Passage vectors of many entries in half precision, entry after entry, in memory or mapped from a file.

Half precision halves bytes and reading time, and no score changes by more than
0.001. numpy has no fast way back: `widen` is exact and four times faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from indexer.courtesy import Each, at_once
from indexer.types import Vectors

Halves = NDArray[np.float16]
"""Vectors as they lie on disk, shape (rows, dimensions)."""
Numbers = NDArray[np.int64]

KEPT_WIDE = 40_000
"""Up to this many rows (60 MB at 384 dimensions) the widened matrix is kept: one BLAS call a query."""
STEP = 512
"""Rows widened at a time: they and their copy stay in the processor's own cache."""
_EXPONENT = np.float32(2.0**112)
"""By how much the exponents of half and single precision are counted differently."""
_SIGN_AND_VALUE = np.int32(-0x70000001)


def halve(vectors: Vectors | Halves) -> Halves:
    """To half precision, the form every vector is compared in, wherever it lies."""
    return vectors.astype(np.float16, copy=False)


def widen(halves: Halves) -> Vectors:
    """To single precision, exactly: the bits are moved to where single precision wants them."""
    bits = halves.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= _SIGN_AND_VALUE
    wide: Vectors = bits.view(np.float32)
    wide *= _EXPONENT
    return wide


def stretches(rows: int, step: int = STEP) -> Iterator[slice]:
    """Consecutive slices that cover `rows` rows."""
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of many entries: those of entry n are `rows[starts[n]:starts[n + 1]]`."""

    ids: list[str]
    starts: Numbers
    rows: Halves

    @classmethod
    def of(cls, entries: Iterable[tuple[str, Halves]], dimensions: int) -> Block:
        """Entries with their rows -> a block in memory; entries without any are left out."""
        kept = [(entry_id, rows) for entry_id, rows in entries if len(rows)]
        blocks = [rows for _, rows in kept]
        rows = np.concatenate(blocks) if blocks else np.zeros((0, dimensions), np.float16)
        return cls([entry_id for entry_id, _ in kept], starts_of([len(block) for block in blocks]), rows)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Number of each entry; the last where one stands twice."""
        return self._numbered(at_once)

    def prepare(self, each: Each) -> None:
        """Work out `numbers` now, as quickly as `each` lets it, and not while a save waits for them."""
        if "numbers" not in vars(self):
            vars(self)["numbers"] = self._numbered(each)

    def _numbered(self, each: Each) -> dict[str, int]:
        return {entry_id: number for number, entry_id in enumerate(each(self.ids))}

    @cached_property
    def _wide(self) -> Vectors:
        return widen(self.rows)

    @property
    def sizes(self) -> Numbers:
        """Rows of each entry."""
        return np.diff(self.starts)

    def entries(self) -> Iterator[tuple[str, Halves]]:
        """Every entry with its rows."""
        for number, entry_id in enumerate(self.ids):
            yield entry_id, self.rows[self.starts[number] : self.starts[number + 1]]

    def scores(self, vector: Vectors) -> Vectors:
        """Cosine of every row with `vector`."""
        if len(self) <= KEPT_WIDE:
            found: Vectors = self._wide @ vector
            return found
        out = np.empty(len(self), np.float32)
        for part in stretches(len(self)):
            np.dot(widen(self.rows[part]), vector, out=out[part])
        return out

    def scores_of_many(self, vectors: Vectors) -> Vectors:
        """`scores` for several vectors at once, one row of the answer for each."""
        out = np.empty((len(vectors), len(self)), np.float32)
        for part in stretches(len(self)):
            out[:, part] = vectors @ widen(self.rows[part]).T
        return out

    def scores_at(self, rows: Numbers, vector: Vectors) -> Vectors:
        """Cosine of the rows with these numbers."""
        out = np.empty(len(rows), np.float32)
        for part in stretches(len(rows)):
            np.dot(widen(self.rows[rows[part]]), vector, out=out[part])
        return out


def starts_of(sizes: Sequence[int] | NDArray[np.int32]) -> Numbers:
    """Sizes of entries -> where each begins, and the end of the last."""
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts


def rows_of(entries: Numbers, starts: Numbers) -> tuple[Numbers, Numbers]:
    """Numbers of all rows of these entries, one after the other, and where each entry begins in them."""
    sizes = starts[entries + 1] - starts[entries]
    begins = np.cumsum(sizes) - sizes
    rows = np.arange(int(sizes.sum())) + np.repeat(starts[entries] - begins, sizes)
    return rows, begins
