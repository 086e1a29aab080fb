"""Saves that Whoosh does not hold yet: a small file for each, read back in order.

    <whoosh folder>/save-<number>.json      a checksum, then what was deleted and what was added

Saves and Whoosh's commits share one count, so the next number tells everybody
what comes next. A commit holds the saves before it. One that is made while
others go on saving takes its number first, with a `mark` that says which saves
it will hold; those after it are read back on top of it. Nothing is synced here:
the files of the entries are, and this folder is a cache of them.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.analysis import Analysed


@dataclass(frozen=True, slots=True)
class Save:
    """One write: entries that were deleted, and documents that came in after that."""

    gone: tuple[str, ...] = ()
    entries: tuple[Analysed, ...] = ()
    holds: int = -1
    """For a mark: the last save that the commit of this number holds."""


def write(folder: Path, number: int, save: Save) -> None:
    """Write a save down; it is there as a whole or not at all."""
    listed = [(e.entry_id, e.words, e.positions, e.grams, e.marks) for e in save.entries]
    text = json.dumps((save.gone, listed, save.holds), ensure_ascii=False, separators=(",", ":")).encode()
    path = _path(folder, number)
    beside = path.with_suffix(".tmp")
    beside.write_bytes(b"%08x\n%b" % (zlib.crc32(text), text))
    os.replace(beside, path)


def read(folder: Path, number: int) -> Save | None:
    """The save of that number; None where there is none. Raises ValueError for one that was damaged."""
    try:
        checksum, text = _path(folder, number).read_bytes().split(b"\n", 1)
    except FileNotFoundError:
        return None
    if int(checksum, 16) != zlib.crc32(text):
        raise ValueError(f"save {number} in {folder} is damaged")
    gone, listed, holds = json.loads(text)
    return Save(tuple(gone), tuple(map(_analysed, listed)), holds)


def _analysed(values: list[Any]) -> Analysed:
    entry_id, words, positions, grams, marks = values
    return Analysed(
        entry_id, tuple(words), tuple(positions), grams, tuple((name, value) for name, value in marks)
    )


def following(folder: Path, number: int) -> Iterator[tuple[int, Save]]:
    """The saves after that number, up to the first that is not there."""
    while save := read(folder, number := number + 1):
        yield number, save


def exists(folder: Path, number: int) -> bool:
    """True when there is a save of that number."""
    return _path(folder, number).exists()


def sweep(folder: Path, held: int, commit: int) -> None:
    """Remove the saves that a commit holds; its own mark stays."""
    for path in folder.glob("save-*"):
        number = path.stem.removeprefix("save-")
        if path.suffix == ".tmp" or (number.isdigit() and int(number) <= held and int(number) != commit):
            path.unlink(missing_ok=True)


def _path(folder: Path, number: int) -> Path:
    return folder / f"save-{number}.json"
