"""What we hold -> Whoosh segments: new entries, or several small segments made into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from indexer.analysis import FILTER_FIELDS, Analysed
from indexer.disk import read_rows
from indexer.gathering import Gathered, gather
from indexer.lean import (
    BYTE_LENGTHS,
    FieldRows,
    Row,
    encode_count,
    encode_positions,
    on_disk,
    write_segment,
)
from indexer.merging import PartReader, to_bytes
from indexer.postings import FIELDS, GRAMS, WORD_FIELDS, Ints, Lists, Part, compile_part
from indexer.stock import PHRASE_FIELDS

COUNT_SIZE = 4
"""Bytes of a value in fields without positions."""
AT_ONCE = 1 << 16
"""Postings made into Whoosh's form at a time."""
_ALL = sorted((*FIELDS, *FILTER_FIELDS, "id"))

count_value = cache(encode_count)


@cache
def _at(position: int) -> bytes:
    """Most words occur once in a text, and at the same places in all."""
    return encode_positions((position,))


def part_of(gathered: Gathered) -> Part:
    """New entries, compiled."""
    lengths = gathered.lengths
    return compile_part(
        gathered.words,
        gathered.grams,
        gathered.marks,
        to_bytes(lengths),
        lengths.sum(axis=1),
        gathered.names,
        BYTE_LENGTHS,
    )


def write_new(storage: Any, gathered: Gathered) -> Any:
    """New entries as a segment, not yet committed."""
    lengths = to_bytes(gathered.lengths)
    fields = (_field(name, _rows(gathered, name), lengths) for name in _ALL)
    return write_segment(
        storage, fields, gathered.names, dict(zip(FIELDS, gathered.lengths.sum(axis=1).tolist(), strict=True))
    )


def write_together(folder: Path, entries: Sequence[Analysed]) -> tuple[Any, Part]:
    """New entries as one segment, and compiled."""
    gathered = gather(entries)
    return write_new(on_disk(folder), gathered), part_of(gathered)


def _field(name: str, rows: Iterator[Row], lengths: Any) -> FieldRows:
    size = None if name in PHRASE_FIELDS else 0 if name == "id" else COUNT_SIZE
    return FieldRows(name, rows, size, lengths[FIELDS.index(name)].tobytes() if name in FIELDS else None)


def _rows(gathered: Gathered, name: str) -> Iterator[Row]:
    if name == "id":
        ids = sorted((entry_id.encode(), doc) for doc, entry_id in enumerate(gathered.names))
        return (Row(term, (doc,), (1.0,), (b"",)) for term, doc in ids)
    if name in FILTER_FIELDS:
        return _mark_rows(gathered.marks, name)
    if name == FIELDS[GRAMS]:
        return _word_rows(gathered.grams, 0, 1, None)
    positions = gathered.positions if name in PHRASE_FIELDS else None
    return _word_rows(gathered.words, WORD_FIELDS.index(name), GRAMS, positions)


def _mark_rows(marks: Mapping[bytes, Sequence[int]], name: str) -> Iterator[Row]:
    prefix = f"{name}\0".encode()
    for value in sorted(value for value in marks if value.startswith(prefix)):
        docs = marks[value]
        yield Row(value[len(prefix) :], docs, (1.0,) * len(docs), (count_value(1),) * len(docs))


def _word_rows(lists: Lists, field: int, width: int, positions: Any) -> Iterator[Row]:
    """Rows of one field; with positions where the field answers phrases."""
    sizes = np.diff(lists.starts)[field::width]
    present = np.flatnonzero(sizes)
    # As Python's lists the postings of a field take twenty times the memory: some words at a time.
    ends = np.flatnonzero(np.diff(np.cumsum(sizes[present]) // AT_ONCE)) + 1
    firsts = np.cumsum(lists.counts) - lists.counts if positions is not None else None
    for some in np.split(present, ends):
        yield from _some_rows(lists, field, width, some, positions, firsts)


def _some_rows(
    lists: Lists, field: int, width: int, present: Ints, positions: Any, firsts: Any
) -> Iterator[Row]:
    sizes = np.diff(lists.starts)[field::width]
    cells = _spread(lists.starts[:-1][field::width][present], sizes[present])
    docs, counts = lists.docs[cells].tolist(), lists.counts[cells]
    values = (
        list(_position_values(firsts[cells], lists.counts[cells], positions))
        if positions is not None
        else None
    )
    counted = counts.tolist()
    at = 0
    for word, size in zip(present.tolist(), sizes[present].tolist(), strict=True):
        row = slice(at, at + size)
        at += size
        found = values[row] if values is not None else list(map(count_value, counted[row]))
        yield Row(lists.terms[word], docs[row], counted[row], found)


def _position_values(firsts: Ints, sizes: Ints, positions: Any) -> Iterator[bytes]:
    listed = positions[_spread(firsts, sizes)].tolist()
    at = 0
    for size in sizes.tolist():
        yield _at(listed[at]) if size == 1 else encode_positions(listed[at : at + size])
        at += size


def _spread(starts: Ints, sizes: Ints) -> Ints:
    """Where everything lies in lists that begin at `starts` and are `sizes` long."""
    return np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))


def merge_segments(source: Path, segments: Sequence[Any], target: Path) -> tuple[Any, Part]:
    """Living documents of some segments as one new segment in another folder, and compiled."""
    found: dict[str, dict[bytes, _Postings]] = {name: {} for name in _ALL}
    size = 0
    for segment in segments:
        dead = set(segment.deleted_docs())
        living = [doc for doc in range(segment.doc_count_all()) if doc not in dead]
        number = {doc: size + place for place, doc in enumerate(living)}
        for field, row in read_rows(source, segment):
            _take(found[field], row, number)
        size += len(living)
    rows = {
        name: [Row(term, *postings) for term, postings in sorted(found.pop(name).items())] for name in _ALL
    }
    reader = PartReader(size)
    for name, listed in rows.items():
        for row in listed:
            reader.add(name, row)
    part = reader.part()
    fields = (_field(name, iter(listed), part.lengths) for name, listed in rows.items())
    totals = dict(zip(FIELDS, part.totals.tolist(), strict=True))
    return write_segment(on_disk(target), fields, part.all_names(), totals), part


_Postings = tuple[list[int], list[float], list[bytes]]
"""Documents, weights and values of a word."""


def _take(rows: dict[bytes, _Postings], row: Row, number: Mapping[int, int]) -> None:
    """Append the living postings of a row to what earlier segments have for its word."""
    kept = [place for place, doc in enumerate(row.docs) if doc in number]
    if kept:
        docs, weights, values = rows.setdefault(row.term, ([], [], []))
        docs += [number[row.docs[place]] for place in kept]
        weights += [row.weights[place] for place in kept]
        values += [row.values[place] for place in kept]
