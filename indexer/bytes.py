"""Products of bytes: one question with millions of rows. The only user of numkong.

numkong multiplies bytes as bytes, in one call that leaves Python's lock to
others; numpy has to widen them first, step by step. Both give the same whole
numbers (see the tests).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from indexer.types import Vectors

Bytes = NDArray[np.int8]

STEP = 2048
"""Rows numpy widens together: their single precision copy fits the processor's cache. Fewer are a little
faster alone; but at every step another thread may take its turn, and a hundred turns are enough."""
LARGEST = 127
"""Of a byte's values, those that have an opposite."""


def to_bytes(values: Vectors, steps: Vectors | np.float32) -> Bytes:
    """Each value as so many of its steps; what is beyond the largest byte is cut."""
    cut: Bytes = np.clip(np.rint(values / steps), -LARGEST, LARGEST).astype(np.int8)
    return cut


def products(rows: Bytes, asked: Bytes) -> Vectors:
    """Product of every row with `asked`: whole numbers, exact up to 1,000 bytes a row."""
    return _multiplier()(rows, asked) if len(rows) else np.zeros(0, np.float32)


@cache
def _multiplier() -> Callable[[Bytes, Bytes], Vectors]:
    try:
        import numkong
    except ImportError:
        return widened

    def native(rows: Bytes, asked: Bytes) -> Vectors:
        found: Vectors = np.asarray(numkong.cdist(asked[None], rows, "dot", out_dtype="float32"))[0]
        return found

    return native


def widened(rows: Bytes, asked: Bytes) -> Vectors:
    """The same by numpy alone."""
    out = np.empty(len(rows), np.float32)
    room = np.empty((min(STEP, len(out)), rows.shape[1]), np.float32)
    wide = asked.astype(np.float32)
    for start in range(0, len(out), STEP):
        part = slice(start, min(start + STEP, len(out)))
        seen = room[: part.stop - part.start]
        np.copyto(seen, rows[part])
        np.dot(seen, wide, out=out[part])
    return out
