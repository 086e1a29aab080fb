"""A second process that reads and prepares entries for a full build, so that two cores have work.

    python -m indexer.helper        requests on standard input, rows on standard output

A process of our own making rather than a pool: it needs nothing of the program
that asked for it, neither its main module nor its threads. Both ends are the
same program, so pickles are safe. Where it cannot be had, or dies, the build
goes on alone.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from indexer.elsewhere import environment
from indexer.encoder import LIGHT, NONE, make_encoder
from indexer.rows import Row, make_rows
from indexer.segmentation import Segmenter
from indexer.types import Encoder
from kb.store import File, Store

WORTH_IT = 1000
"""Fewer entries are prepared before a second process has started."""
BATCH = 50
GIVEN = 2
"""Batches the helper holds: the one it makes, and the next. All others may still be made by us."""
AHEAD = 24
"""Batches it may be ahead of us: enough to work on while a segment is being written."""
OURS = 8
"""Batches we may be ahead of it, which happens while it starts."""
_SIZE = 8
"""Bytes that say how long a message is."""
TROUBLE = (OSError, EOFError, pickle.PickleError)

Rows = list[Row]
Alone = Callable[[Sequence[File]], Rows]
"""Files -> their rows, in this process."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the helper needs to work as we do."""

    roots: tuple[Path, ...]
    local: Path | None
    words: tuple[str, ...]
    encoder: str
    """`light` or `none`."""

    def tools(self) -> tuple[Store, Segmenter, Encoder | None]:
        """Store, segmenter and encoder, made anew."""
        segmenter = Segmenter(self.words)
        return Store(self.roots, self.local), segmenter, make_encoder(self.encoder, segmenter)


def order(store: Store, words: tuple[str, ...], encoder: Encoder | None) -> Order | None:
    """The order for these tools; None where a second process could not have the same."""
    if not words or (os.cpu_count() or 1) < 2 or not sys.executable:
        return None
    if encoder is not None and not encoder.name.startswith(f"{LIGHT}:"):
        return None
    return Order(store.roots, store.local, words, LIGHT if encoder else NONE)


def prepared(
    files: Sequence[File], wanted: Order | None, alone: Alone, *, least: int = WORTH_IT, batch: int = BATCH
) -> Iterator[Row]:
    """Rows of all files in their order, prepared by two processes where there are at `least` so many."""
    batches = [files[n : n + batch] for n in range(0, len(files), batch)]
    if wanted is None or len(files) < least:
        yield from chain.from_iterable(map(alone, batches))
        return
    shares = Shares(len(batches))
    with _process() as process:
        try:
            _converse(process, wanted, batches, shares)
            yield from shared(batches, shares, alone)
        finally:
            shares.close()


def shared(batches: Sequence[Sequence[File]], shares: Shares, alone: Alone) -> Iterator[Row]:
    """Rows of all batches in order; what the helper has no time for is made here, in time."""
    done: dict[int, Rows] = {}
    for number in range(len(batches)):
        while number not in done:
            found = shares.wanted(number)
            if isinstance(found, bytes):
                done[number] = pickle.loads(found)
            else:
                done[found] = alone(batches[found])
        yield from done.pop(number)


class Shares:
    """Who makes which batch: both take the next that nobody has begun, we only when we would wait.

    Whoever writes the index is busy with that most of the time; with a fixed share for
    each the helper was idle for a third of a build.
    """

    def __init__(self, count: int) -> None:
        self._waiting = deque(range(count))
        self._given: deque[int] = deque()
        self._arrived: dict[int, bytes] = {}
        """As they came until somebody wants them: as rows they take four times the memory."""
        self._wanted = 0
        self._helped = True
        self._changed = threading.Condition()

    def give(self) -> int | None:
        """The next batch for the helper, once it may have one; None when there is none left."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_helped or self._may_have_more())
            if not self._is_helped:
                return None
            self._given.append(self._waiting.popleft())
            return self._given[-1]

    @property
    def _is_helped(self) -> bool:
        return self._helped and bool(self._waiting)

    def _may_have_more(self) -> bool:
        return len(self._given) < GIVEN and self._waiting[0] < self._wanted + AHEAD

    def take(self, made: bytes) -> None:
        """The helper has made the oldest of the batches that were given to it."""
        with self._changed:
            self._arrived[self._given.popleft()] = made
            self._changed.notify_all()

    def lose(self) -> None:
        """The helper is gone: what it had is to be made again."""
        with self._changed:
            self._waiting.extendleft(reversed(self._given))
            self._given.clear()
            self._helped = False
            self._changed.notify_all()

    def wanted(self, number: int) -> bytes | int:
        """What the helper made of a batch; until it has, the number of another to be made meanwhile."""
        with self._changed:
            self._wanted = number
            self._changed.notify_all()
            self._changed.wait_for(lambda: number in self._arrived or self._is_near(number))
            return self._arrived.pop(number) if number in self._arrived else self._waiting.popleft()

    def _is_near(self, number: int) -> bool:
        """True when the next batch is wanted soon: rows that were made here wait as rows."""
        return bool(self._waiting) and self._waiting[0] <= number + OURS

    def close(self) -> None:
        """Nothing more is to be made."""
        with self._changed:
            self._helped = False
            self._changed.notify_all()


def _converse(
    process: subprocess.Popen[bytes], wanted: Order, batches: Sequence[Sequence[File]], shares: Shares
) -> None:
    """Threads that give the helper its batches and take what it makes of them."""
    assert process.stdin is not None and process.stdout is not None
    to, back = process.stdin, process.stdout

    def speak() -> None:
        with suppress(*TROUBLE, ValueError):
            _send(to, wanted)
            while (number := shares.give()) is not None:
                _send(to, batches[number])

    def listen() -> None:
        try:
            while True:
                shares.take(_received(back))
        except (*TROUBLE, ValueError):
            shares.lose()

    for work in (speak, listen):
        threading.Thread(target=work, daemon=True, name="helper").start()


@contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "indexer.helper"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _send(to: IO[bytes], message: object) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    to.write(len(data).to_bytes(_SIZE, "big") + data)
    to.flush()


def _received(back: IO[bytes]) -> bytes:
    """The next message, still pickled. Raises EOFError where there is none."""
    size = int.from_bytes(back.read(_SIZE), "big")
    data = back.read(size)
    if not size or len(data) < size:
        raise EOFError
    return data


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Prepare batch after batch until nobody asks any more."""
    tools = None
    made: SimpleQueue[Rows | None] = SimpleQueue()
    writer = threading.Thread(target=_write, args=(made, answers), daemon=True)
    writer.start()
    with suppress(EOFError):
        while True:
            message = pickle.loads(_received(requests))
            if isinstance(message, Order):
                tools = message.tools()
            else:
                assert tools is not None, "batches come after the order"
                made.put(make_rows(message, *tools, spelled=True))
    made.put(None)
    writer.join()


def _write(made: SimpleQueue[Rows | None], answers: IO[bytes]) -> None:
    """Hand over what was made, beside making more: the pipe holds a tenth of a batch."""
    with suppress(OSError):
        while (rows := made.get()) is not None:
            _send(answers, rows)


if __name__ == "__main__":
    # By its full name: a pickled Order is an indexer.helper.Order, and this module is called __main__.
    from indexer import helper

    helper.serve(sys.stdin.buffer, sys.stdout.buffer)
