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
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from indexer.elsewhere import environment
from indexer.encoder import LIGHT, NONE, make_encoder
from indexer.rows import Row, make_row
from indexer.segmentation import Segmenter
from indexer.types import Encoder
from kb.store import File, Store

WORTH_IT = 1000
"""Fewer entries are prepared before a second process has started."""
BATCH = 50
AHEAD = 12
"""Batches the helper is given at a time: enough to work on while what is there is being written."""
TROUBLE = (OSError, EOFError, pickle.PickleError)

Alone = Callable[[File], Row]
"""A file -> its row, in this process."""
Rows = list[Row]


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
    if wanted is None or len(files) < least:
        yield from map(alone, files)
        return
    with _process() as process:
        helper = _Helper(process, wanted)
        try:
            yield from _shared([files[n : n + batch] for n in range(0, len(files), batch)], helper, alone)
        finally:
            helper.dismiss()


def _shared(batches: Sequence[Sequence[File]], helper: _Helper, alone: Alone) -> Iterator[Row]:
    """Whoever is free takes the next batch; all are given out in order."""
    waiting = deque(range(len(batches)))
    done: dict[int, Rows] = {}
    for number in range(len(batches)):
        while number not in done:
            helper.give(waiting, batches)
            done |= helper.finished(wait=False)
            if number not in done:
                if waiting:
                    own = waiting.popleft()
                    done[own] = list(map(alone, batches[own]))
                else:
                    done |= helper.finished(wait=True)
            if not helper.alive:
                done |= {n: list(map(alone, batches[n])) for n in helper.unfinished()}
        yield from done.pop(number)


class _Helper:
    """The other process, and what it has been given to do."""

    def __init__(self, process: subprocess.Popen[bytes], wanted: Order) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.alive = True
        self._to, self._back = process.stdin, process.stdout
        self._under_way: deque[int] = deque()
        self._requests: SimpleQueue[object] = SimpleQueue()
        self._answers: SimpleQueue[Rows | None] = SimpleQueue()
        self._requests.put(wanted)
        for work in (self._speak, self._listen):
            threading.Thread(target=work, daemon=True, name="helper").start()

    def give(self, waiting: deque[int], batches: Sequence[Sequence[File]]) -> None:
        """Keep the helper busy with batches that are `waiting`; towards the end both have as much to do."""
        while self.alive and len(self._under_way) < min(AHEAD, len(waiting)):
            number = waiting.popleft()
            self._under_way.append(number)
            self._requests.put(batches[number])

    def finished(self, *, wait: bool) -> dict[int, Rows]:
        """Batches it has finished since it was last asked; at least one with `wait`, as long as it lives."""
        found = {}
        while self.alive and self._under_way and (wait or not self._answers.empty()):
            rows = self._answers.get()
            wait = False
            if rows is None:
                self.alive = False
            else:
                found[self._under_way.popleft()] = rows
        return found

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
                self._answers.put(pickle.load(self._back))
        except (*TROUBLE, ValueError):
            self._answers.put(None)


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
    pickle.dump(message, to, pickle.HIGHEST_PROTOCOL)
    to.flush()


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Prepare batch after batch until nobody asks any more."""
    tools = None
    while True:
        try:
            message = pickle.load(requests)
        except EOFError:
            return
        if isinstance(message, Order):
            tools = message.tools()
        else:
            assert tools is not None, "batches come after the order"
            _send(answers, [make_row(file, *tools, spelled=True) for file in message])


if __name__ == "__main__":
    # By its full name: a pickled Order is an indexer.helper.Order, and this module is called __main__.
    from indexer import helper

    helper.serve(sys.stdin.buffer, sys.stdout.buffer)
