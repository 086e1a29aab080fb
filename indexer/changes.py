"""From one state of the keyword index to the next. Pure."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from indexer.fresh import Fresh
from indexer.journal import Save
from indexer.postings import LARGEST
from indexer.state import Held, State
from indexer.topk import Mask

FRESH = 256
"""Documents kept uncompiled; each costs every query a microsecond, compiling them all 50 ms."""
SMALL = 512
"""Parts up to this size are merged when folding and lose their deleted documents."""
HEAP = 8
"""So many small segments are made one; reading them back takes 4 ms a document, so fewer are left alone."""
WORN = 0.25
"""So are fewer when this share of their documents is deleted."""
SHARE = 8
"""A part that has grown to this share of the one before is joined to it."""


def empty() -> State:
    """The state of an index nobody has opened."""
    return State(-1, -1, -1, (), (), Fresh(FRESH))


def names(segments: Iterable[Any]) -> tuple[str, ...]:
    """What segments are called."""
    return tuple(segment.segid for segment in segments)


def saved(state: State, number: int, save: Save) -> State:
    """The state after a save; what it added is fresh."""
    after = without(state, [doc for entry_id in save.gone for doc in state.find(entry_id)])
    fresh = state.fresh.first(state.fresh_size)
    for entry in save.entries:
        fresh.add(entry)
    return replace(after, number=number, fresh=fresh, fresh_size=fresh.size)


def without(state: State, docs: Iterable[int]) -> State:
    """The state with some documents deleted; Whoosh goes on counting them until they are merged away."""
    segments, parts = list(state.segments), list(state.parts)
    fresh_dead = set(state.fresh_dead)
    for doc in docs:
        place, local = _locate([held.part.size for held in parts], doc)
        if place == len(parts):
            fresh_dead.add(local)
            continue
        parts[place] = replace(parts[place], dead=_with(parts[place], local))
        place, local = _locate([segment.doc_count_all() for segment in segments], doc)
        if segments[place] is state.segments[place]:
            segments[place] = without_docs(segments[place], ())
        segments[place].delete_document(local)
    return replace(state, segments=tuple(segments), parts=tuple(parts), fresh_dead=frozenset(fresh_dead))


def without_docs(segment: Any, docs: Iterable[int]) -> Any:
    """One of Whoosh's segments with these documents deleted too; the given one stays as it is."""
    copied = copy.copy(segment)
    copied._deleted = {*segment.deleted_docs(), *docs}
    return copied


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


def compiled(state: State, made: Made) -> State:
    """The state with what was fresh, and perhaps more, in a segment and its part."""
    return replace(
        state,
        segments=(*state.segments, *(segment for segment, _ in made)),
        parts=(*state.parts, *(held for _, held in made)),
        fresh=Fresh(FRESH),
        fresh_size=0,
        fresh_dead=frozenset(),
    )


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
    own = state.segments[segments_before(state, tail(state)) :]
    documents = sum(segment.doc_count_all() for segment in own)
    worn = sum(segment.deleted_count() for segment in own) > (0 if thorough else WORN * documents)
    return own if worn or len(own) >= (2 if thorough else HEAP) else ()


Made = Sequence[tuple[Any, Held]]
"""A segment and its part, or nothing where all of its documents were deleted."""
Replaced = Callable[[State, State, Made], State | None]
"""(state now, state when the work began, what was made) -> state; None where others were faster."""


def fresh_merged(now: State, before: State, made: Made) -> State | None:
    """`now` with one part instead of what was fresh `before`."""
    if now.fresh is not before.fresh:
        return None
    after = compiled(now, made)
    for entry in now.fresh.entries[before.fresh_size : now.fresh_size]:
        after.fresh.add(entry)
    late = frozenset(doc - before.fresh_size for doc in now.fresh_dead if doc >= before.fresh_size)
    after = replace(after, fresh_size=after.fresh.size, fresh_dead=late)
    living = [doc for doc in range(before.fresh_size) if doc not in before.fresh_dead]
    base = sum(held.part.size for held in now.parts)
    return without(after, [base + place for place, doc in enumerate(living) if doc in now.fresh_dead])


def heap_merged(now: State, before: State, made: Made) -> State | None:
    """`now` with one part instead of the small ones there were `before`, and what died meanwhile deleted."""
    parts = slice(tail(before), len(before.parts))
    own = slice(segments_before(before, parts.start), len(before.segments))
    if names(now.segments) != names(before.segments):
        return None
    late = died_since(before.segments[own], now.segments[own])
    base = sum(held.part.size for held in now.parts[: parts.start])
    segments, held = list(now.segments), list(now.parts)
    segments[own] = [segment for segment, _ in made]
    held[parts] = [part for _, part in made]
    return without(replace(now, segments=tuple(segments), parts=tuple(held)), [base + doc for doc in late])


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
