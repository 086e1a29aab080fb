"""Which entries there are and what each answers to a filter: all that every query needs of every entry.

Small enough to stay in memory (160 bytes an entry), never changed: a save makes
the next one by putting the few changed entries over the many old ones.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import FILTER_FIELDS
from indexer.courtesy import Each, at_once
from indexer.types import Filters

Values = Mapping[str, tuple[str, ...]]
"""Filter field -> values."""
Mask = NDArray[np.bool_]


class Placed(NamedTuple):
    """Where a published entry stands: the number of its row, and its shelf."""

    number: int
    shelf: int
    """Entries with the same filter values share one."""


@dataclass(frozen=True)
class Base:
    """What was read in one go."""

    positions: dict[str, int]
    """Where each entry stands in the arrays, in the order of the ids."""
    numbers: NDArray[np.int64]
    shelves: NDArray[np.int32]

    @classmethod
    def of(cls, placed: Sequence[tuple[str, int, int]]) -> Base:
        """(id, number, shelf) of every entry, in the order of the ids."""
        ids, numbers, shelves = zip(*placed, strict=True) if placed else ((), (), ())
        positions = dict(zip(ids, range(len(ids)), strict=True))
        return cls(positions, np.array(numbers, np.int64), np.array(shelves, np.int32))

    def with_changes(self, changes: Mapping[str, Placed | None], each: Each = at_once) -> Base:
        """The base after these changes; this one stays as it is."""
        numbers, shelves = self.numbers.copy(), self.shelves.copy()
        gone, added = [], []
        for entry_id, placed in sorted(changes.items()):
            position = self.positions.get(entry_id)
            if position is None:
                added += [(entry_id, *placed)] if placed else []
            elif placed is None:
                gone.append(position)
            else:
                numbers[position], shelves[position] = placed
        if not gone and not added:
            return Base(self.positions, numbers, shelves)
        ids = list(self.positions)
        for position in reversed(gone):
            del ids[position]
        places = [bisect(ids, entry_id) for entry_id, _, _ in added]
        for before, (place, (entry_id, _, _)) in enumerate(zip(places, added, strict=True)):
            ids.insert(place + before, entry_id)
        return Base(
            {entry_id: position for position, entry_id in enumerate(each(ids))},
            np.insert(np.delete(numbers, gone), places, [number for _, number, _ in added]),
            np.insert(np.delete(shelves, gone), places, [shelf for _, _, shelf in added]),
        )

    @cached_property
    def shelves_or_none(self) -> NDArray[np.int32]:
        """Shelf at each position, and 0 at -1."""
        return np.append(self.shelves, np.int32(0))


@dataclass(frozen=True)
class Catalogue:
    """Published entries by id, at one revision."""

    base: Base
    shelves: Mapping[int, Values]
    fresh: Mapping[str, Placed | None]
    """What changed since the base was read; None for what is gone."""
    count: int

    @classmethod
    def of(cls, base: Base, shelves: Mapping[int, Values]) -> Catalogue:
        """A catalogue of these entries and no others."""
        return cls(base, shelves, {}, len(base.positions))

    def with_changes(self, changes: Mapping[str, Placed | None], shelves: Mapping[int, Values]) -> Catalogue:
        """The catalogue after these changes; this one stays as it is."""
        more = sum((new is not None) - (i in self) for i, new in changes.items())
        return replace(self, shelves=shelves, fresh={**self.fresh, **changes}, count=self.count + more)

    def folded(self, each: Each = at_once) -> Catalogue:
        """The same catalogue with nothing lying over its base."""
        whole = self.base.with_changes(self.fresh, each) if self.fresh else self.base
        return self.of(whole, self.shelves)

    @cached_property
    def _whole(self) -> Base:
        """The base with what changed since."""
        return self.folded().base

    def _placed(self, entry_id: str) -> Placed:
        """Where an entry stands. Raises KeyError."""
        if entry_id not in self.fresh:
            position = self.base.positions[entry_id]
            return Placed(int(self.base.numbers[position]), int(self.base.shelves[position]))
        found = self.fresh[entry_id]
        if found is None:
            raise KeyError(entry_id)
        return found

    def __len__(self) -> int:
        return self.count

    def __contains__(self, entry_id: object) -> bool:
        if entry_id in self.fresh:
            return self.fresh[str(entry_id)] is not None
        return entry_id in self.base.positions

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Every id, in order."""
        return tuple(self._whole.positions)

    def number(self, entry_id: str) -> int:
        """Number of the entry's row. Raises KeyError."""
        if entry_id in self.fresh:
            return self._placed(entry_id).number
        return int(self.base.numbers[self.base.positions[entry_id]])

    def values(self, entry_id: str) -> Values:
        """What the entry answers to each filter. Raises KeyError."""
        return self.shelves[self._placed(entry_id).shelf]

    def passes(self, entry_id: str, filters: Filters) -> bool:
        """True when the entry answers every filter that is set."""
        return _passes(self.values(entry_id), filters)

    def shelves_of(self, ids: Sequence[str]) -> NDArray[np.int32]:
        """Shelf of each of `ids`, 0 for what is not in the catalogue."""
        at = np.fromiter(map(self.base.positions.get, ids, repeat(-1)), np.int64, len(ids))
        found = self.base.shelves_or_none[at]
        for number, entry_id in enumerate(ids if self.fresh else ()):
            if entry_id in self.fresh:
                placed = self.fresh[entry_id]
                found[number] = placed.shelf if placed else 0
        return found

    def mask(self, shelves: NDArray[np.int32], filters: Filters) -> Mask:
        """Which of the entries on these shelves pass."""
        passing = [shelf for shelf, values in self.shelves.items() if _passes(values, filters)]
        table = np.zeros(max(self.shelves, default=0) + 1, bool)
        table[passing] = True
        return table[shelves]

    def tally(self, ids: Sequence[str]) -> Counter[int]:
        """How many of `ids`, all published, stand on each shelf, in the order in which the shelves appear."""
        return Counter(self.shelves_of(ids).tolist())

    @cached_property
    def stock(self) -> Counter[int]:
        """Entries on each shelf."""
        numbers, counts = np.unique(self._whole.shelves, return_counts=True)
        return Counter(dict(zip(numbers.tolist(), counts.tolist(), strict=True)))

    def of_kind(self, kind: str, category: str = "") -> list[str]:
        """Ids of a kind, and of a category where one is given, in order."""
        filters = Filters(kinds=(kind,), categories=(category,) if category else ())
        passing = self.mask(self._whole.shelves, filters)
        return [self.ids[position] for position in np.flatnonzero(passing).tolist()]


def _passes(values: Values, filters: Filters) -> bool:
    """Values of one field are alternatives, fields narrow each other."""
    return all(
        set(getattr(filters, name)) & set(values[name]) for name in FILTER_FIELDS if getattr(filters, name)
    )
