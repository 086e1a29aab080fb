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
AHEAD = 24
"""Batches the helper is given at a time: enough to work on while a segment is being written."""
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
    with _process() as process:
        helper = _Helper(process, wanted)
        try:
            yield from _shared(batches, helper, alone)
        finally:
            helper.dismiss()


def _shared(batches: Sequence[Sequence[File]], helper: _Helper, alone: Alone) -> Iterator[Row]:
    """Whoever is free takes another batch; all are given out in order."""
    waiting = list(range(len(batches)))
    done: dict[int, Rows] = {}
    for number in range(len(batches)):
        while number not in done:
            helper.give(waiting, batches)
            found = helper.finished(number, wait=not waiting)
            if found is not None:
                done[number] = found
            elif waiting:
                own = waiting.pop(0)
                done[own] = alone(batches[own])
            if not helper.alive:
                waiting = sorted((*waiting, *helper.unfinished()))
        yield from done.pop(number)


class _Helper:
    """The other process, and what it has been given to do."""

    def __init__(self, process: subprocess.Popen[bytes], wanted: Order) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.alive = True
        self._to, self._back = process.stdin, process.stdout
        self._under_way: deque[int] = deque()
        self._requests: SimpleQueue[object] = SimpleQueue()
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        self._arrived: dict[int, bytes] = {}
        """As they came until somebody wants them: as rows they take four times the memory."""
        self._requests.put(wanted)
        for work in (self._speak, self._listen):
            threading.Thread(target=work, daemon=True, name="helper").start()

    def give(self, waiting: list[int], batches: Sequence[Sequence[File]]) -> None:
        """Keep the helper busy with batches that are `waiting`; towards the end both have as much to do.

        Every other one: the batch wanted next is then there or for us to make, and few of ours wait.
        """
        while self.alive and len(self._under_way) < min(AHEAD, len(waiting)):
            number = waiting.pop(min(len(self._under_way) + 1, len(waiting) - 1))
            self._under_way.append(number)
            self._requests.put(batches[number])

    def finished(self, number: int, *, wait: bool) -> Rows | None:
        """What it made of a batch, None as long as it has not; with `wait` only where it never will."""
        while number not in self._arrived and self._under_way and (wait or not self._answers.empty()):
            if answer := self._answers.get():
                self._arrived[self._under_way.popleft()] = answer
            else:
                self.alive = False
                break
        rows: Rows | None = pickle.loads(self._arrived.pop(number)) if number in self._arrived else None
        return rows

    def dismiss(self) -> None:
        """Nothing more is asked."""
        self._requests.put(None)

    def unfinished(self) -> list[int]:
        """Batches it died over."""
        left, self._under_way = list(self._under_way), deque()
        return left

    def _speak(self) -> None:
        """Pass requests on; a pipe that is full would keep whoever asks waiting."""
        with suppress(*TROUBLE, ValueError):
            while (message := self._requests.get()) is not None:
                _send(self._to, message)

    def _listen(self) -> None:
        try:
            while True:
                self._answers.put(_received(self._back))
        except (*TROUBLE, ValueError):
            self._answers.put(b"")


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
    while True:
        try:
            message = pickle.loads(_received(requests))
        except EOFError:
            return
        if isinstance(message, Order):
            tools = message.tools()
        else:
            assert tools is not None, "batches come after the order"
            _send(answers, make_rows(message, *tools, spelled=True))


if __name__ == "__main__":
    # By its full name: a pickled Order is an indexer.helper.Order, and this module is called __main__.
    from indexer import helper

    helper.serve(sys.stdin.buffer, sys.stdout.buffer)
