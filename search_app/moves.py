"""Where entries went that readers cannot see any more: withdrawn, renamed or merged into another.

A withdrawn entry stays a file. `moved_to` in it leads on; without it the reason
in the history says why it is gone. Drafts and submissions were never public:
of them nothing is known here.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from indexer.library import Library
from indexer.snapshot import Snapshot
from kb.types import Entry, Publication

LONGEST_CHAIN = 20
"""Renames followed one after another; a longer chain is a circle made by hand."""


@dataclass(frozen=True, slots=True)
class _Table:
    revision: int
    gone: dict[str, Entry]


class Moves:
    """The withdrawn entries of one library, read again when the collection changes."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._reading = threading.Lock()
        self._table = _Table(-1, {})

    def gone(self, entry_id: str) -> Entry | None:
        """The withdrawn entry of that id, None for one that is there or never was."""
        return self._read().get(entry_id)

    def target(self, entry_id: str) -> Entry | None:
        """The published entry that took this one's place, through as many moves as there were."""
        now, gone = self._library.snapshot, self._read()
        for _ in range(LONGEST_CHAIN):
            left = gone.get(entry_id)
            if left is None or not left.moved_to:
                return None
            entry_id = left.moved_to
            if entry_id in now.entries:
                return now.entries[entry_id]
        return None

    def former(self, entry_id: str) -> tuple[str, ...]:
        """Ids under which this published entry, or what was merged into it, was known before."""
        gone = self._read()
        found = (name for name, left in gone.items() if left.moved_to and name != entry_id)
        return tuple(name for name in sorted(found) if (to := self.target(name)) and to.id == entry_id)

    def _read(self) -> dict[str, Entry]:
        now = self._library.snapshot
        if self._table.revision != now.revision:
            with self._reading:
                if self._table.revision != now.revision:
                    self._table = _Table(now.revision, self._withdrawn(now))
        return self._table.gone

    def _withdrawn(self, now: Snapshot) -> dict[str, Entry]:
        """Reads only the few files that readers do not see."""
        store = self._library.store
        unseen = (file for name, file in store.files()[0].items() if name not in now.entries)
        records = (store.load(file)[0] for file in unseen)
        found = (record.entry for record in records if record)
        return {entry.id: entry for entry in found if entry.publication is Publication.WITHDRAWN}
