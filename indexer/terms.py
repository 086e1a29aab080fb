"""A sorted word list that opens at once: bytes on disk, a look-up instead of a dictionary in memory.

A Python dictionary of 300,000 words takes 40 MiB and a quarter of a second at
every start. Here the words lie one after another in one array of bytes, and
memory holds every 64th of them: a look-up bisects those and searches one block.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

SEPARATOR = b"\xff"
"""Occurs in no UTF-8 text."""
BLOCK = 64
"""Words between two that are held in memory."""


class TermTable:
    """Words in order of their bytes, each known by its number. Never changed after it is made."""

    def __init__(self, blob: Bytes) -> None:
        """`blob` is what `pack` made, in memory or mapped from a file."""
        self.blob = blob
        ends = np.flatnonzero(blob == SEPARATOR[0])
        self._size = max(0, len(ends) - 1)
        firsts = ends[: self._size : BLOCK]
        self._starts = [*firsts.tolist(), int(ends[-1]) if len(ends) else 0]
        seconds = ends[1 : self._size + 1 : BLOCK]
        self._samples = [
            blob[start + 1 : end].tobytes()
            for start, end in zip(firsts.tolist(), seconds.tolist(), strict=True)
        ]

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        """All words in order."""
        return iter(self.blob.tobytes().split(SEPARATOR)[1:-1])

    def find(self, term: bytes) -> int:
        """Number of a word, or the number of words where it is not among them."""
        block = bisect_right(self._samples, term) - 1
        if block < 0:
            return self._size
        near = self.blob[self._starts[block] : self._starts[block + 1] + 1].tobytes()
        at = near.find(SEPARATOR + term + SEPARATOR)
        return self._size if at < 0 else block * BLOCK + near.count(SEPARATOR, 0, at)


def pack(terms: Iterable[bytes]) -> Bytes:
    """Sorted distinct words -> the bytes of their table."""
    joined = SEPARATOR.join((b"", *terms, b""))
    return np.frombuffer(joined if joined else SEPARATOR, dtype=np.uint8)
