"""Work in the background that lets saves go first.

Python runs one thread at a time, and a save has to ask for its turn after every statement of SQLite.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")

EVERY = 100
"""Items between two looks whether somebody is saving: a fifth of a millisecond of learning words."""
LOOK_SECONDS = 0.001
LONGEST = 0.05
"""Nobody is let go first for longer than this at a time: somebody may save for minutes."""


class Each(Protocol):
    """Goes through items one by one, in its own time."""

    def __call__(self, items: Iterable[T], /) -> Iterator[T]:
        """The same items in the same order."""
        ...


def at_once(items: Iterable[T], /) -> Iterator[T]:
    """Without a pause."""
    return iter(items)


def while_not(busy: Callable[[], bool], every: int = EVERY) -> Each:
    """Rests while somebody is `busy`; looks so before `every` so many items."""

    def each(items: Iterable[T], /) -> Iterator[T]:
        for number, item in enumerate(items):
            if number % every == 0:
                _wait(busy)
            yield item

    return each


def _wait(busy: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST
    while busy() and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
