"""Whoosh's files as they lie on disk: its lock, its table of contents, and postings read back from blocks."""

from __future__ import annotations

import io
import pickle
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import W3TermInfo
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.filetables import OrderedHashReader
from whoosh.index import _DEF_INDEX_NAME as INDEX_NAME
from whoosh.index import TOC, LockError, clean_files
from whoosh.util.filelock import try_for

from indexer.lean import Row

LOCK_SECONDS = 30.0
"""How long another process may keep the index locked."""
_EXTENT = struct.Struct("!qi").unpack_from


def commit(folder: Path, schema: Any, segments: Sequence[Any], generation: int, *, clean: bool) -> None:
    """Make `segments` the index, atomically; with `clean` remove the files of all others."""
    storage = FileStorage(str(folder))
    TOC(schema, list(segments), generation).write(storage, INDEX_NAME)
    if clean:
        clean_files(storage, INDEX_NAME, generation, segments)
    else:
        with suppress(OSError):
            (folder / TOC._filename(INDEX_NAME, generation - 1)).unlink()


@contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Whoosh's own lock of the index. Raises LockError when another process keeps it for long."""
    lock = FileStorage(str(folder)).lock(f"{INDEX_NAME}_WRITELOCK")
    if not try_for(lock.acquire, timeout=LOCK_SECONDS, delay=0.002):
        raise LockError
    try:
        yield
    finally:
        lock.release()


def read_toc(folder: Path, schema: Any) -> tuple[int, list[Any]]:
    """Generation and segments of the index. Raises whatever Whoosh raises for a damaged one."""
    toc = TOC.read(FileStorage(str(folder)), INDEX_NAME, schema=schema)
    return toc.generation, toc.segments


def is_latest(folder: Path, generation: int) -> bool:
    """True while nobody has committed after `generation`: every commit makes exactly the next one."""
    names = (TOC._filename(INDEX_NAME, number) for number in (generation, generation + 1))
    here, following = ((folder / name).exists() for name in names)
    return here and not following


def read_rows(folder: Path, segment: Any) -> Iterator[tuple[str, Row]]:
    """(field, postings) of every term of a segment in the order they were written."""
    storage = FileStorage(str(folder))
    name = segment.make_filename(segment.codec().TERMS_EXT)
    with storage.open_file(name) as file:
        table = OrderedHashReader(file, storage.file_length(name))
        names = {number: field for field, number in table.extras["fieldmap"].items()}
        postings = (folder / segment.make_filename(segment.codec().POSTS_EXT)).read_bytes()
        for key, value in table.items():
            place, _ = _EXTENT(value, W3TermInfo._struct.size)
            yield names[key[0] << 8 | key[1]], _read_row(key[2:], postings, place)


def _read_row(term: bytes, postings: bytes, place: int) -> Row:
    docs: list[int] = []
    weights: list[float] = []
    values: list[bytes] = []
    place, size = place + 4, 1
    while size > 0:
        (size,) = struct.unpack_from("!i", postings, place)
        block = io.BytesIO(postings[place + 4 : place + 4 + abs(size)])
        packed = pickle.load(block)[3]
        body = block.read()
        steps, same, spelled = pickle.loads(zlib.decompress(body) if packed else body)
        doc = 0
        for step in steps:
            doc += step
            docs.append(doc)
        count = len(steps)
        weights += [1.0] * count if same is None else [same] * count if isinstance(same, float) else same
        values += _split(spelled, count)
        place += 4 + abs(size)
    return Row(term, docs, weights, values)


def _split(spelled: Any, count: int) -> Sequence[bytes]:
    """Values of a block: apart already, joined at a fixed size, or none."""
    if spelled is None:
        return [b""] * count
    if isinstance(spelled, tuple):
        return spelled
    size = len(spelled) // count
    return [spelled[at : at + size] for at in range(0, len(spelled), size)]
