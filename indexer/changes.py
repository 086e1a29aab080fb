"""From one state of the keyword index to the next. Pure, but for `cover`, which may read postings back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from indexer.disk import read_rows
from indexer.fresh import Fresh
from indexer.gathering import gather
from indexer.merging import merge_parts, read_part
from indexer.postings import LARGEST, Part
from indexer.segments import part_of
from indexer.state import Held, State
from indexer.topk import Mask

FRESH = 256
"""Documents kept uncompiled; each costs every query a microsecond, compiling them all 50 ms."""
SMALL = 512
"""Parts up to this size are merged when folding and lose their deleted documents."""
HEAP = 8
"""So many small segments are made one; reading them back takes 10 ms a document, so fewer are left alone."""
WORN = 0.25
"""So are fewer when this share of their documents is deleted."""
SHARE = 8
"""A part that has grown to this share of the one before is joined to it."""
READ_AT_ONCE = 4096
"""Documents read back from Whoosh's postings into one part; more take too much memory."""


def empty() -> State:
    """The state of an index nobody has opened."""
    return State(-1, (), (), Fresh(FRESH))


def names(segments: Iterable[Any]) -> tuple[str, ...]:
    """What segments are called."""
    return tuple(segment.segid for segment in segments)


def without(state: State, docs: Iterable[int]) -> State:
    """The state with some documents deleted; Whoosh goes on counting them until they are merged away."""
    segments, parts = list(state.segments), list(state.parts)
    fresh_dead = set(state.fresh_dead)
    for doc in docs:
        place, local = _locate([segment.doc_count_all() for segment in segments], doc)
        if segments[place] is state.segments[place]:
            segments[place] = copy.copy(segments[place])
            segments[place]._deleted = set(segments[place].deleted_docs())
        segments[place].delete_document(local)
        place, local = _locate([held.part.size for held in parts], doc)
        if place == len(parts):
            fresh_dead.add(local)
        else:
            parts[place] = replace(parts[place], dead=_with(parts[place], local))
    return replace(state, segments=tuple(segments), parts=tuple(parts), fresh_dead=frozenset(fresh_dead))


def _locate(sizes: Sequence[int], doc: int) -> tuple[int, int]:
    """Which of several lists a document is in, and where; the number of lists for what lies behind them."""
    for place, size in enumerate(sizes):
        if doc < size:
            return place, doc
        doc -= size
    return len(sizes), doc


def _with(held: Held, doc: int) -> Mask:
    """The deleted documents of a part, and one more."""
    dead = np.zeros(held.part.size, bool) if held.dead is None else held.dead.copy()
    dead[doc] = True
    return dead


def sealed(state: State) -> State:
    """The state with its fresh documents compiled."""
    if not state.fresh_size:
        return state
    part = part_of(gather(state.fresh.entries[: state.fresh_size]))
    dead = None
    if state.fresh_dead:
        dead = np.zeros(part.size, bool)
        dead[list(state.fresh_dead)] = True
    own = names(state.segments[segments_before(state, len(state.parts)) :])
    parts = (*state.parts, Held(part, own, dead))
    return replace(state, parts=parts, fresh=Fresh(FRESH), fresh_size=0, fresh_dead=frozenset())


def died_since(before: Sequence[Any], now: Sequence[Any]) -> list[int]:
    """Documents deleted since `before`, by the numbers they got when the segments were merged."""
    died: list[int] = []
    number = 0
    for old, new in zip(before, now, strict=True):
        gone, going = set(old.deleted_docs()), set(new.deleted_docs())
        for doc in range(old.doc_count_all()):
            if doc not in gone:
                if doc in going:
                    died.append(number)
                number += 1
    return died


def tail(state: State) -> int:
    """Number of the first of the small parts at the end."""
    first = len(state.parts)
    while first and state.parts[first - 1].part.size <= SMALL:
        first -= 1
    return first


def heap(state: State, *, thorough: bool) -> Sequence[Any]:
    """Segments of the small parts, when it is time to make them one (`thorough`: when it gains anything)."""
    first, last = tail(state), len(state.parts)
    own = state.segments[segments_before(state, first) : segments_before(state, last)]
    documents = sum(segment.doc_count_all() for segment in own)
    worn = sum(segment.deleted_count() for segment in own) > (0 if thorough else WORN * documents)
    return own if worn or len(own) >= (2 if thorough else HEAP) else ()


def written_since(state: State) -> Sequence[Any]:
    """Segments of the fresh documents: each holds one write."""
    return state.segments[segments_before(state, len(state.parts)) :]


Made = Sequence[tuple[Any, Held]]
"""A segment and its part, or nothing where all of its documents were deleted."""
Replaced = Callable[[State, State, Made], State | None]
"""(state now, state when the work began, what was made) -> state; None where others were faster."""


def fresh_merged(now: State, before: State, made: Made) -> State | None:
    """`now` with one part instead of what was fresh `before`."""
    if now.fresh is not before.fresh:
        return None
    fresh = Fresh(FRESH)
    for entry in now.fresh.entries[before.fresh_size : now.fresh_size]:
        fresh.add(entry)
    dead = frozenset(doc - before.fresh_size for doc in now.fresh_dead if doc >= before.fresh_size)
    parts = slice(len(before.parts), None)
    after = replace(now, fresh=fresh, fresh_size=fresh.size, fresh_dead=dead)
    return _merged(
        after, now, before, parts, slice(segments_before(before, parts.start), len(before.segments)), made
    )


def heap_merged(now: State, before: State, made: Made) -> State | None:
    """`now` with one part instead of the small ones there were `before`."""
    parts = slice(tail(before), len(before.parts))
    own = slice(segments_before(before, parts.start), segments_before(before, parts.stop))
    return _merged(now, now, before, parts, own, made)


def _merged(after: State, now: State, before: State, parts: slice, own: slice, made: Made) -> State | None:
    """`after`, its parts and segments in these places replaced, and what died meanwhile deleted again."""
    if names(now.segments[: own.stop]) != names(before.segments[: own.stop]):
        return None
    late = died_since(before.segments[own], now.segments[own])
    base = sum(held.part.size for held in now.parts[: parts.start])
    segments, held = list(after.segments), list(after.parts)
    segments[own] = [segment for segment, _ in made]
    held[parts] = [part for _, part in made]
    after = replace(after, segments=tuple(segments), parts=tuple(held))
    return without(after, [base + doc for doc in late])


def segments_before(state: State, part: int) -> int:
    """Number of the first segment of a part."""
    return sum(len(held.segments) for held in state.parts[:part])


def joinable(state: State) -> int:
    """Number of a part that the next one should be joined to, -1 for none."""
    sizes = [held.part.size for held in state.parts]
    for place, (size, following) in enumerate(pairwise(sizes)):
        if following > SMALL and following * SHARE >= size and size + following <= LARGEST:
            return place
    return -1


def groups(sizes: Sequence[int]) -> list[slice]:
    """Neighbours that make parts as large as may be, together all."""
    found: list[slice] = []
    start = total = 0
    for place, size in enumerate(sizes):
        if total and total + size > LARGEST:
            found.append(slice(start, place))
            start, total = place, 0
        total += size
    return [*found, slice(start, len(sizes))] if sizes else []


def joined_dead(several: Sequence[Held]) -> Mask | None:
    """Deleted documents of parts that become one."""
    if all(held.dead is None for held in several):
        return None
    return np.concatenate([np.zeros(h.part.size, bool) if h.dead is None else h.dead for h in several])


def cover(
    folder: Path, listed: Sequence[Any], known: Iterable[tuple[tuple[str, ...], Part]]
) -> tuple[Held, ...]:
    """Parts for all segments: those known already, and for the rest parts read from their postings."""
    wanted = names(listed)
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
    for group in groups([part.size for part, _ in parts]):
        own = [segment for _, several in parts[group] for segment in several]
        whole = merge_parts([part for part, _ in parts[group]])
        found.append(Held(whole, names(own), _dead(own)))
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
