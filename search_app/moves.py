"""Where entries went that readers cannot see any more: withdrawn, renamed or merged into another.

A withdrawn entry stays a file. `moved_to` in it leads on; without it the reason
in the history says why it is gone. Drafts and submissions were never public:
of them nothing is known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from indexer.snapshot import Snapshot
from kb.types import Entry

LONGEST_CHAIN = 20
"""Renames followed one after another; a longer chain is a circle made by hand."""


def gone(entry_id: str, now: Snapshot) -> Entry | None:
    """The withdrawn entry of that id, None for one that is there or never was."""
    return now.withdrawn.get(entry_id)


def target(entry_id: str, now: Snapshot) -> Entry | None:
    """The published entry that took this one's place, through as many moves as there were."""
    for _ in range(LONGEST_CHAIN):
        left = now.withdrawn.get(entry_id)
        if left is None or not left.moved_to:
            return None
        entry_id = left.moved_to
        if entry_id in now.entries:
            return now.entries[entry_id]
    return None


def there(entry_id: str, now: Snapshot) -> Entry | None:
    """A published entry by its id, or the one that took its place."""
    return now.entries.get(entry_id) or target(entry_id, now)


def former(entry_id: str, now: Snapshot) -> tuple[str, ...]:
    """Ids under which this published entry, or what was merged into it, was known before."""
    return _former(now).get(entry_id, ())


@lru_cache(maxsize=1)
def _former(now: Snapshot) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(now.withdrawn):
        if to := target(name, now):
            found[to.id] = (*found.get(to.id, ()), name)
    return found
