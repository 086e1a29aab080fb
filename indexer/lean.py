"""Segments in Whoosh's own on-disk format, written without Whoosh's loops. Knows its codec by heart.

Stock Whoosh reads what is written here (the tests hold it to that); it only
takes a small part of the time to write, because postings come sorted and numpy
lays out thousands of words at once. Segments that are written stay invisible
until `disk.commit` puts them into the table of contents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import default_codec
from whoosh.codec.whoosh3 import STORED_COLUMN
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import _DEF_INDEX_NAME as INDEX_NAME
from whoosh.util.numeric import byte_to_length, length_to_byte

from indexer import hashing
from indexer.blocks import Words, laid_out
from indexer.terms import Bytes

BYTE_LENGTHS: tuple[int, ...] = tuple(byte_to_length(byte) for byte in range(256))
"""Whoosh keeps the length of a field in one byte; this is what each byte stands for."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a segment."""

    name: str
    kind: int
    """What it notes of a posting: one of those in `blocks`."""
    lengths: Bytes
    """Length byte of each document; zeros for a field without lengths."""


def length_bytes(lengths: Iterable[int]) -> bytes:
    """Lengths of a field -> the bytes Whoosh keeps of them."""
    return bytes(length_to_byte(length) for length in lengths)


def on_disk(folder: Path) -> Any:
    """Where a segment is written to stay."""
    return FileStorage(str(folder))


def in_memory() -> Any:
    """Where a segment is written for as long as somebody holds this."""
    return RamStorage()


def write_segment(
    storage: Any,
    fields: Sequence[Field],
    words: Iterable[Words],
    names: Sequence[str],
    totals: Mapping[str, int],
) -> Any:
    """Write the files of a new segment; returns what `commit` wants.

    `fields` must come in order of names, and all their `words` in order of field and word.
    """
    codec = default_codec()
    segment = codec.new_segment(storage, INDEX_NAME)
    posts, terms = (segment.make_filename(ending) for ending in (codec.POSTS_EXT, codec.TERMS_EXT))
    with storage.create_file(posts) as postings, storage.create_file(terms) as table:
        _write_words(postings.raw_file().write, table.raw_file().write, fields, words)
    for field in fields:
        if field.lengths.any():
            name = codec.column_filename(segment, f"_{field.name}_len")
            with storage.create_file(name) as file:
                file.write(field.lengths.tobytes())
    _write_stored(storage, codec.column_filename(segment, "_stored"), names)
    segment._fieldlengths = {name: total for name, total in totals.items() if total}
    segment.set_doc_count(len(names))
    return segment


def _write_words(postings: Any, table: Any, fields: Sequence[Field], words: Iterable[Words]) -> None:
    """The postings, and the table of words that says where they are; some thousand words at a time."""
    kinds = np.array([field.kind for field in fields], dtype=np.int64)
    lengths = np.stack([field.lengths for field in fields])
    places, hashes = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)]
    table(hashing.HEADER)
    posted, place = 0, len(hashing.HEADER)
    for some in words:
        blocks, infos = laid_out(some, kinds, lengths, posted)
        pairs, begins, found = hashing.pairs(some.fields, some.terms, infos)
        postings(blocks)
        table(pairs)
        places.append(begins + place)
        hashes.append(found)
        posted += len(blocks)
        place += len(pairs)
    extras = {"fieldmap": {field.name: number for number, field in enumerate(fields)}}
    table(hashing.rest(np.concatenate(hashes), np.concatenate(places), place, extras))


def _write_stored(storage: Any, name: str, names: Sequence[str]) -> None:
    file = storage.create_file(name)
    column = STORED_COLUMN.writer(file)
    for doc, entry_id in enumerate(names):
        column.add(doc, {"id": entry_id})
    column.finish(len(names))
    file.close()
