"""Sorted (key, value) pairs -> the ordered hash that Whoosh keeps its words in, made by numpy.

HSH3, kind, 8 bytes | pairs | 256 tables | where they are | extras | where each pair is | size of these two
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np

from indexer.postings import Array
from indexer.spelling import put, spread, starts
from indexer.terms import Bytes

HEADER = b"HSH3\x01" + bytes(8)
TABLES = 256
_SIZES = np.dtype([("key", ">i4"), ("value", ">i4"), ("prefix", ">u2")])
_SLOT = np.dtype([("hash", ">u4"), ("place", ">i8")])
_TABLE = np.dtype([("place", ">i8"), ("slots", ">i4")])


def pairs(prefixes: Array, keys: Sequence[bytes], values: Array) -> tuple[Bytes, Array, Array]:
    """Pairs as they lie on disk, where each begins among them, and the hash of each key.

    Two bytes of a number stand before each key.
    """
    lengths = np.fromiter(map(len, keys), np.int64, len(keys))
    sizes = _SIZES.itemsize + lengths + values.itemsize
    at = starts(sizes)
    out = np.empty(int(sizes.sum()), np.uint8)
    before = np.empty(len(keys), _SIZES)
    before["key"], before["value"], before["prefix"] = lengths + 2, values.itemsize, prefixes
    put(out, at, before)
    out[spread(at + _SIZES.itemsize, lengths)] = np.frombuffer(b"".join(keys), np.uint8)
    put(out, at + _SIZES.itemsize + lengths, values)
    seeds = {prefix: crc32(int(prefix).to_bytes(2, "big")) for prefix in np.unique(prefixes).tolist()}
    hashes = map(crc32, keys, map(seeds.__getitem__, prefixes.tolist()))
    return out, at, np.fromiter(hashes, np.uint32, len(keys))


def rest(hashes: Array, places: Array, place: int, extras: Mapping[str, Any]) -> bytes:
    """What follows the pairs, which end at `place`; `places` are those of the pairs."""
    slots = 2 * np.bincount(hashes & (TABLES - 1), minlength=TABLES)
    directory = np.empty(TABLES, _TABLE)
    directory["place"], directory["slots"] = place + starts(slots) * _SLOT.itemsize, slots
    more = pickle.dumps({**extras, "indextype": "q", "indexlen": len(places)}, 2)
    index = places.astype(">i8").tobytes()
    size = (len(more) + len(index)).to_bytes(4, "big")
    return b"".join((_tables(hashes, places, slots).tobytes(), directory.tobytes(), more, index, size))


def _tables(hashes: Array, places: Array, slots: Array) -> Array:
    """Open addressing: each pair in its slot or in the next that is free, round the end to the beginning."""
    table = hashes & (TABLES - 1)
    home = (hashes >> 8) % np.maximum(slots, 1)[table]
    # Room for all behind the end of each table, so that nobody runs into the next one.
    room = starts(slots + slots // 2)[table]
    wanted = room + home
    order = np.argsort(wanted, kind="stable")
    each = np.arange(len(order))
    slot = np.maximum.accumulate(wanted[order] - each) + each - room[order]
    table, hashes, places = table[order], hashes[order], places[order]
    found = np.zeros(int(slots.sum()), _SLOT)
    first = starts(slots)[table]
    fits = slot < slots[table]
    found["hash"][first[fits] + slot[fits]] = hashes[fits]
    found["place"][first[fits] + slot[fits]] = places[fits]
    for one in np.flatnonzero(~fits).tolist():
        free = int(first[one])
        while found["place"][free]:
            free += 1
        found[free] = hashes[one], places[one]
    return found
