"""The newest entries, in memory: found the moment they are saved, compiled later.

Only ever appended to, by one writer at a time. A reader holds the number of
documents it may see and passes over what came later, so it needs no lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from indexer.analysis import Analysed
from indexer.lean import length_bytes
from indexer.postings import FIELDS, GRAMS, Ints, mark

_FIELD_BITS, _COUNT_BITS = 3, 20
_COUNTS = (1 << _COUNT_BITS) - 1
"""A cell is one number: document, field, occurrences. No text has a million words."""


class Fresh:
    """Documents by word. `size` grows; everything below it stays as it is."""

    def __init__(self, capacity: int) -> None:
        self.entries: list[Analysed] = []
        self.lengths = np.zeros((len(FIELDS), capacity), np.uint8)
        """Shape (8, capacity): words in each field as Whoosh's byte."""
        self.totals: list[Ints] = [np.zeros(len(FIELDS), np.int64)]
        """Words in each field of the first 0, 1, 2 … documents."""
        self._cells: dict[bytes, list[int]] = {}
        self._grams: dict[bytes, list[int]] = {}
        self._marks: dict[bytes, list[int]] = {}
        self._documents: dict[str, list[int]] = {}

    def first(self, size: int) -> Fresh:
        """These with their first `size` documents: itself, or a copy where a write failed after adding."""
        if size == len(self.entries):
            return self
        copied = Fresh(self.lengths.shape[1])
        for entry in self.entries[:size]:
            copied.add(entry)
        return copied

    @property
    def size(self) -> int:
        """Documents so far."""
        return len(self.entries)

    @property
    def room(self) -> int:
        """Documents that may still come."""
        return self.lengths.shape[1] - len(self.entries)

    def add(self, entry: Analysed) -> None:
        """Append a document; it is visible to whoever is told the new size."""
        doc = len(self.entries)
        for field, words in enumerate(entry.words):
            _count(self._cells, words, doc, field)
        _count(self._grams, entry.grams, doc, GRAMS)
        for name, value in entry.marks:
            self._marks.setdefault(mark(name, value), []).append(doc)
        self._documents.setdefault(entry.entry_id, []).append(doc)
        sizes = [*map(len, entry.words), len(entry.grams)]
        self.lengths[:, doc] = np.frombuffer(length_bytes(sizes), np.uint8)
        self.totals.append(self.totals[-1] + np.array(sizes, np.int64))
        self.entries.append(entry)

    def documents(self, entry_id: str) -> Sequence[int]:
        """Documents of an entry, the newest last."""
        return self._documents.get(entry_id, ())

    def cells(self, words: Sequence[bytes], grams: Sequence[bytes], size: int) -> tuple[Ints, Ints, Ints]:
        """(row, document, occurrences) of what is asked for among the first `size` documents.

        Rows are numbered word by word and field by field, then gram by gram.
        """
        if not size:
            return _NOTHING
        found = [tuple(self._cells.get(word, ())) for word in words]
        found += [tuple(self._grams.get(gram, ())) for gram in grams]
        packed = np.fromiter((cell for cells in found for cell in cells), dtype=np.int64)
        asked = np.repeat(np.arange(len(found)), [len(cells) for cells in found])
        doc = packed >> (_FIELD_BITS + _COUNT_BITS)
        field = packed >> _COUNT_BITS & (1 << _FIELD_BITS) - 1
        row = np.where(asked < len(words), asked * GRAMS + field, asked + len(words) * (GRAMS - 1))
        seen = doc < size
        return row[seen], doc[seen], (packed & _COUNTS)[seen]

    def marked(self, value: bytes) -> Sequence[int]:
        """Documents with a filter value; may include some that came later."""
        return self._marks.get(value, ())


_NOTHING = (np.zeros(0, np.int64),) * 3


def _count(cells: dict[bytes, list[int]], words: Sequence[str], doc: int, field: int) -> None:
    place = (doc << _FIELD_BITS | field) << _COUNT_BITS
    for word, count in Counter(words).items():
        cells.setdefault(word.encode(), []).append(place | count)
