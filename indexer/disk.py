"""Whoosh's files as they lie on disk: its lock, its table of contents, and postings read back from blocks."""

from __future__ import annotations

import io
import pickle
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import W3TermInfo
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.filetables import OrderedHashReader
from whoosh.index import _DEF_INDEX_NAME as INDEX_NAME
from whoosh.index import TOC, LockError, clean_files
from whoosh.util.filelock import try_for

LOCK_SECONDS = 30.0
"""How long another process may keep the index locked."""
_EXTENT = struct.Struct("!qi").unpack_from


@dataclass(frozen=True, slots=True)
class Row:
    """The postings of one word in one field; documents ascend."""

    term: bytes
    docs: Sequence[int]
    weights: Sequence[float]
    values: Sequence[bytes]
    """Positions or counts as Whoosh encodes them; empty strings where the field holds neither."""

    def positions(self) -> Iterator[int]:
        """All places of all postings; zeros in a field that does not note them."""
        for weight, value in zip(self.weights, self.values, strict=True):
            yield from accumulate(pickle.loads(value[4:])) if len(value) > 4 else [0] * int(weight)


def commit(folder: Path, schema: Any, segments: Sequence[Any], number: int) -> None:
    """Make `segments` the index, atomically; then remove older commits first, and what only they used."""
    storage = FileStorage(str(folder))
    TOC(schema, list(segments), number).write(storage, INDEX_NAME)
    for path in folder.glob(f"_{INDEX_NAME}_*.toc"):
        if path.name != TOC._filename(INDEX_NAME, number):
            with suppress(OSError):
                path.unlink()
    clean_files(storage, INDEX_NAME, number, segments)


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
    """Number and segments of the last commit. Raises whatever Whoosh raises for a damaged one."""
    toc = TOC.read(FileStorage(str(folder)), INDEX_NAME, schema=schema)
    return toc.generation, toc.segments


def is_committed(folder: Path, number: int) -> bool:
    """True while the commit of that number is there: the next one removes it before anything it used."""
    return (folder / str(TOC._filename(INDEX_NAME, number))).exists()


def segment_names(folder: Path) -> tuple[str, ...]:
    """What the files of the last commit's segments begin with. Raises what `read_toc` raises."""
    return tuple(f"{segment.segment_id()}." for segment in read_toc(folder, None)[1])


def latest(folder: Path) -> int:
    """Number of the last commit, -1 where there is none."""
    return int(TOC._latest_generation(FileStorage(str(folder)), INDEX_NAME))


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
