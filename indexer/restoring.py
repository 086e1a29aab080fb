"""What lies on disk -> the state it stands for: the last commit, and the journal of what came after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from indexer import changes, disk, journal, sidecar
from indexer.disk import read_rows
from indexer.merging import merge_parts, read_part
from indexer.postings import Part
from indexer.state import Held, State
from indexer.topk import Mask

READ_AT_ONCE = 4096
"""Documents read back from Whoosh's postings into one part; more take too much memory."""


def is_latest(folder: Path, state: State) -> bool:
    """True while nobody has saved or committed after a state."""
    following = state.number + 1
    return disk.is_committed(folder, state.commit) and not (
        journal.exists(folder, following) or disk.is_committed(folder, following)
    )


def latest(folder: Path, compiled: Path, schema: Any, state: State) -> State:
    """What was saved after `state`, taken in; where somebody committed, the commit and what follows it.

    Raises whatever Whoosh raises for a damaged index. Waits for nobody: where
    files go while they are read, it reads again.
    """
    while True:
        number = disk.latest(folder)
        try:
            after = state if number == state.commit else committed(folder, compiled, schema, state)
            for saved, save in journal.following(folder, after.number):
                after = changes.saved(after, saved, save)
        except OSError:
            if disk.latest(folder) == number:
                raise
        else:
            if disk.is_committed(folder, after.commit):
                return after


def committed(folder: Path, compiled: Path, schema: Any, known: State) -> State:
    """The last commit: compiled parts for what has one, Whoosh's postings for the rest."""
    number, listed = disk.read_toc(folder, schema)
    mark = journal.read(folder, number)
    holds = mark.holds if mark else number
    parts = [(held.segments, held.part) for held in known.parts] + sidecar.load_all(compiled)
    return replace(
        changes.empty(),
        number=holds,
        commit=number,
        holds=holds,
        segments=tuple(listed),
        parts=cover(folder, listed, parts),
    )


def cover(
    folder: Path, listed: Sequence[Any], known: Iterable[tuple[tuple[str, ...], Part]]
) -> tuple[Held, ...]:
    """Parts for all segments: those known already, and for the rest parts read from their postings."""
    wanted = changes.names(listed)
    sizes = [segment.doc_count_all() for segment in listed]
    found: list[Held] = []
    place = 0
    usable = sorted(known, key=lambda pair: -len(pair[0]))
    missing: list[Any] = []
    while place < len(listed):
        for own, part in usable:
            end = place + len(own)
            if own == wanted[place:end] and part.size == sum(sizes[place:end]):
                found += _read(folder, missing)
                missing = []
                found.append(Held(part, own, _dead(listed[place:end])))
                place = end
                break
        else:
            missing.append(listed[place])
            place += 1
    return (*found, *_read(folder, missing))


def _read(folder: Path, missing: Sequence[Any]) -> list[Held]:
    """Segments without a part, read back, as few parts."""
    parts: list[tuple[Part, Sequence[Any]]] = []
    some: list[Any] = []
    for number, segment in enumerate(missing, 1):
        some.append(segment)
        if number == len(missing) or sum(s.doc_count_all() for s in some) >= READ_AT_ONCE:
            read = read_part([(read_rows(folder, s), s.doc_count_all()) for s in some])
            parts.append((read, some))
            some = []
    found = []
    for group in changes.groups([part.size for part, _ in parts]):
        own = [segment for _, several in parts[group] for segment in several]
        whole = merge_parts([part for part, _ in parts[group]])
        found.append(Held(whole, changes.names(own), _dead(own)))
    return found


def _dead(segments: Sequence[Any]) -> Mask | None:
    """Deleted documents of segments that lie one after another."""
    if not any(segment.deleted_count() for segment in segments):
        return None
    mask = np.zeros(sum(segment.doc_count_all() for segment in segments), bool)
    base = 0
    for segment in segments:
        mask[[base + doc for doc in segment.deleted_docs()]] = True
        base += segment.doc_count_all()
    return mask
