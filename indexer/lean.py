"""Segments in Whoosh's own on-disk format, written without Whoosh's loops. Knows its codec by heart.

Stock Whoosh reads what is written here (the tests hold it to that); it only
takes a quarter of the time to write, because postings come sorted, blocks are
put together in one go and the small pickles are spelled out. Segments that are
written stay invisible until `disk.commit` puts them into the table of contents.
"""

from __future__ import annotations

import pickle
import struct
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from whoosh.codec import default_codec
from whoosh.codec.whoosh3 import STORED_COLUMN, WHOOSH3_HEADER_MAGIC, W3TermInfo
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import _DEF_INDEX_NAME as INDEX_NAME
from whoosh.util.numeric import byte_to_length, length_to_byte

BYTE_LENGTHS: tuple[int, ...] = tuple(byte_to_length(byte) for byte in range(256))
"""Whoosh keeps the length of a field in one byte; this is what each byte stands for."""
BLOCK = 128
"""Postings in a block, as in stock Whoosh."""
COMPRESSED = 1024
"""Smaller blocks are not worth compressing."""

_int = struct.Struct("!i").pack
_uint = struct.Struct("!I").pack
_float = struct.Struct("!d").pack
_key_sizes = struct.Struct("!ii").pack
_slot = struct.Struct("!Iq").pack
_directory = struct.Struct("!qi").pack
_extent = struct.Struct("!qi").pack
_info = W3TermInfo._struct


@dataclass(frozen=True, slots=True)
class Row:
    """The postings of one word in one field; documents ascend."""

    term: bytes
    docs: Sequence[int]
    weights: Sequence[float]
    values: Sequence[bytes]
    """Positions or counts as Whoosh encodes them; empty strings where the field holds neither."""


@dataclass(frozen=True, slots=True)
class FieldRows:
    """All postings of one field, words ascending."""

    name: str
    rows: Iterable[Row]
    value_size: int | None
    """Bytes of a value where all have the same number, None where they differ."""
    lengths: bytes | None
    """Length byte of each document; None for fields without lengths."""


def length_bytes(lengths: Iterable[int]) -> bytes:
    """Lengths of a field -> the bytes Whoosh keeps of them."""
    return bytes(length_to_byte(length) for length in lengths)


def encode_positions(positions: Sequence[int]) -> bytes:
    """Ascending word positions -> the value of a posting: their number and a pickled list of steps."""
    steps = [positions[0], *(b - a for a, b in pairwise(positions))]
    return b"".join((_uint(len(steps)), b"\x80\x02](", *map(_small, steps), b"e."))


def encode_count(count: int) -> bytes:
    """The value of a posting in a field without positions."""
    return _uint(count)


@cache
def _small(number: int) -> bytes:
    """A natural number as pickle spells it."""
    if number < 256:
        return b"K" + number.to_bytes(1, "little")
    if number < 65536:
        return b"M" + number.to_bytes(2, "little")
    return b"J" + number.to_bytes(4, "little")


def on_disk(folder: Path) -> Any:
    """Where a segment is written to stay."""
    return FileStorage(str(folder))


def in_memory() -> Any:
    """Where a segment is written for as long as somebody holds this."""
    return RamStorage()


def write_segment(
    storage: Any, fields: Iterable[FieldRows], names: Sequence[str], totals: Mapping[str, int]
) -> Any:
    """Write the files of a new segment; returns what `commit` wants. `fields` must come in order of names."""
    codec = default_codec()
    segment = codec.new_segment(storage, INDEX_NAME)
    terms: list[tuple[bytes, bytes]] = []
    numbers: dict[str, int] = {}
    with storage.create_file(segment.make_filename(codec.POSTS_EXT)) as file:
        write, place = file.raw_file().write, 0
        for field in fields:
            prefix = struct.pack("!H", numbers.setdefault(field.name, len(numbers)))
            for row in field.rows:
                info, blocks = _blocks(row, field)
                write(blocks)
                terms.append((prefix + row.term, info + _extent(place, len(blocks))))
                place += len(blocks)
            if field.lengths is not None and any(field.lengths):
                name = codec.column_filename(segment, f"_{field.name}_len")
                _write_file(storage, name, field.lengths)
    _write_file(storage, segment.make_filename(codec.TERMS_EXT), _term_file(terms, numbers))
    _write_stored(storage, codec.column_filename(segment, "_stored"), names)
    segment._fieldlengths = {name: total for name, total in totals.items() if total}
    segment.set_doc_count(len(names))
    return segment


def _blocks(row: Row, field: FieldRows) -> tuple[bytes, bytes]:
    """The term's statistics, and its postings in blocks."""
    docs, weights, lengths = row.docs, row.weights, field.lengths
    if len(docs) == 1:
        length = lengths[docs[0]] if lengths is not None else 0
        value = row.values[0]
        info, before, after = _around(docs[0], weights[0], length, field.value_size, len(value))
        return info, b"".join((before, value, after))
    out = [WHOOSH3_HEADER_MAGIC]
    shortest, longest = 255, 0
    for start in range(0, len(docs), BLOCK):
        part = slice(start, start + BLOCK)
        some = docs[part]
        found = [lengths[doc] for doc in some] if lengths is not None else [0]
        low, high = min(found), max(found)
        shortest, longest = min(shortest, low), max(longest, high)
        body, packed = _body(some, weights[part], row.values[part], field.value_size)
        head = _head(len(some), some[-1], max(weights[part]), packed, low, high)
        size = len(head) + len(body)
        out += (_int(-size if start + BLOCK >= len(docs) else size), head, body)
    info = _info.pack(0, sum(weights), len(docs), shortest, longest, max(weights), docs[0], docs[-1])
    return info, b"".join(out)


def _head(*values: float) -> bytes:
    """Documents, last document, greatest weight, compression, least and greatest length."""
    return pickle.dumps(values, 2)


@lru_cache(maxsize=50_000)
def _around(
    doc: int, weight: float, length: int, size: int | None, bytes_: int
) -> tuple[bytes, bytes, bytes]:
    """Statistics of a word found once, and what stands before and after the value in its only block.

    Half of all words are found once, and most of those look alike but for the value.
    """
    spelled = b"N" if weight == 1.0 else b"G" + _float(weight)
    sized = b"C" + bytes_.to_bytes(1, "little") if bytes_ < 256 else b"B" + struct.pack("<I", bytes_)
    sized, after = (b"N", b"\x87.") if size == 0 else (sized, b"\x85\x87." if size is None else b"\x87.")
    body = b"".join((b"\x80\x03", _small(doc), b"\x85", spelled, sized))
    head = _head(1, doc, weight, 0, length, length)
    block_size = _int(-len(head) - len(body) - bytes_ - len(after))
    info = _info.pack(0, weight, 1, length, length, weight, doc, doc)
    return info, b"".join((WHOOSH3_HEADER_MAGIC, block_size, head, body)), after


def _body(
    docs: Sequence[int], weights: Sequence[float], values: Sequence[bytes], size: int | None
) -> tuple[bytes, int]:
    """The content of a block, and the compression level it was packed with."""
    steps = (docs[0], *(b - a for a, b in pairwise(docs)))
    least, most = min(weights), max(weights)
    same = None if least == most == 1.0 else float(least) if least == most else tuple(map(float, weights))
    spelled = tuple(values) if size is None else None if size == 0 else b"".join(values)
    body = pickle.dumps((steps, same, spelled), 4)
    return (body, 0) if len(body) < COMPRESSED else (zlib.compress(body, 1), 1)


def _term_file(terms: Sequence[tuple[bytes, bytes]], numbers: Mapping[str, int]) -> bytes:
    """Sorted (key, value) pairs as Whoosh's ordered hash: the pairs, 256 hash tables, what points at them."""
    pairs = [_sizes_of(len(key), len(value)) + key + value for key, value in terms]
    places = array("q", accumulate(map(len, pairs), initial=_HASH_HEADER))
    place = places.pop()
    buckets: list[list[tuple[int, int]]] = [[] for _ in range(256)]
    for (key, _), start in zip(terms, places, strict=True):
        found = zlib.crc32(key)
        buckets[found & 255].append((found, start))
    tables: list[bytes] = []
    directory = []
    for bucket in buckets:
        directory.append(_directory(place, 2 * len(bucket)))
        tables += _hash_table(bucket)
        place += 24 * len(bucket)
    extras = pickle.dumps({"fieldmap": dict(numbers), "indextype": "q", "indexlen": len(places)}, 2)
    places.byteswap()
    size = _int(len(extras) + 8 * len(places))
    return b"".join((b"HSH3\x01", bytes(8), *pairs, *tables, *directory, extras, places.tobytes(), size))


_HASH_HEADER = 13
_sizes_of = cache(_key_sizes)


def _hash_table(bucket: Sequence[tuple[int, int]]) -> list[bytes]:
    """Open addressing in twice as many slots as there are keys."""
    slots = [_EMPTY] * (2 * len(bucket))
    for found, place in bucket:
        at = (found >> 8) % len(slots)
        while slots[at] is not _EMPTY:
            at = (at + 1) % len(slots)
        slots[at] = _slot(found, place)
    return slots


_EMPTY = struct.pack("!Iq", 0, 0)


def _write_file(storage: Any, name: str, data: bytes) -> None:
    with storage.create_file(name) as file:
        file.write(data)


def _write_stored(storage: Any, name: str, names: Sequence[str]) -> None:
    file = storage.create_file(name)
    column = STORED_COLUMN.writer(file)
    for doc, entry_id in enumerate(names):
        column.add(doc, {"id": entry_id})
    column.finish(len(names))
    file.close()
