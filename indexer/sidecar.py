"""Compiled parts on disk, beside the Whoosh index: mapped into memory, not read, when it is opened.

    compiled/<part>/<array>.npy
    compiled/<part>/part.json     written last: the segments it stands for, size and checksum of each array

A part is only ever used for exactly the segments it names, and segment names
are random and never used again: a part left behind by a crash or an older
generation is passed over and swept away, and what has no part is read from
Whoosh's own postings.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from indexer import changes
from indexer.merging import merge_parts
from indexer.postings import Part
from indexer.state import Held

RECORD = "part.json"


def save(folder: Path, part: Part, segments: Sequence[str]) -> Part:
    """Write a part below `folder`; returns it mapped, so that the arrays in memory can go."""
    beside = folder / f"tmp-{secrets.token_hex(6)}"
    beside.mkdir(parents=True)
    files = {}
    for field in fields(part):
        path = beside / f"{field.name}.npy"
        np.save(path, getattr(part, field.name))
        files[field.name] = [path.stat().st_size, path.stat().st_mtime_ns, _checksum(path)]
    text = json.dumps({"segments": list(segments), "files": files})
    (beside / RECORD).write_text(f"{zlib.crc32(text.encode()):08x}\n{text}", encoding="utf-8")
    final = folder / _name(segments)
    shutil.rmtree(final, ignore_errors=True)
    os.replace(beside, final)
    stored = load(final)
    if stored is None:
        raise OSError(f"{final} cannot be read back")
    return stored[1]


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder below `folder` for what is not finished; `sweep` takes what a killed process leaves."""
    beside = folder / f"tmp-{secrets.token_hex(6)}"
    beside.mkdir(parents=True)
    try:
        yield beside
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _name(segments: Sequence[str]) -> str:
    return f"part-{zlib.crc32(' '.join(segments).encode()):08x}-{len(segments)}"


def held(folder: Path, part: Part, segments: tuple[str, ...]) -> Held:
    """A part in use, written down and mapped."""
    return Held(save(folder, part, segments), segments)


def joined(folder: Path, several: Sequence[Held]) -> Held:
    """Neighbouring parts as one, written down and mapped."""
    if len(several) == 1:
        return several[0]
    own = tuple(name for part in several for name in part.segments)
    whole = held(folder, merge_parts([one.part for one in several]), own)
    return replace(whole, dead=changes.joined_dead(several))


def load(folder: Path) -> tuple[tuple[str, ...], Part] | None:
    """A part, mapped; None where it is incomplete or damaged.

    Files that look as they did when they were written are trusted: their
    checksums are compared only where size or time differ.
    """
    try:
        checksum, text = (folder / RECORD).read_text(encoding="utf-8").split("\n", 1)
        if int(checksum, 16) != zlib.crc32(text.encode()):
            return None
        record = json.loads(text)
        if not all(_is_intact(folder / f"{name}.npy", *known) for name, known in record["files"].items()):
            return None
        arrays = {field.name: _mapped(folder / f"{field.name}.npy") for field in fields(Part)}
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return tuple(record["segments"]), Part(**arrays)


def load_all(folder: Path) -> list[tuple[tuple[str, ...], Part]]:
    """Every part that can be used, with the segments it stands for."""
    found = (load(path) for path in sorted(folder.glob("part-*")))
    return [stored for stored in found if stored is not None]


def verify(folder: Path) -> bool:
    """True when every byte of every part is as it was written; reads them all."""
    for path in folder.glob("part-*"):
        record = json.loads((path / RECORD).read_text(encoding="utf-8").split("\n", 1)[1])
        if any(_checksum(path / f"{name}.npy") != known[2] for name, known in record["files"].items()):
            return False
    return True


def sweep(folder: Path, keep: Iterable[Sequence[str]]) -> None:
    """Remove all parts but those of these segments; on Windows one mapped elsewhere stays for now."""
    kept = {_name(segments) for segments in keep}
    for path in folder.glob("*-*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _mapped(path: Path) -> Any:
    """An array on disk as a plain array; numpy's own class for mapped ones is slow to slice."""
    try:
        return np.load(path, mmap_mode="r").view(np.ndarray)
    except ValueError:
        return np.load(path)  # nothing in it, which cannot be mapped


def _is_intact(path: Path, size: int, changed: int, checksum: int) -> bool:
    stat = path.stat()
    return stat.st_size == size and (stat.st_mtime_ns == changed or _checksum(path) == checksum)


def _checksum(path: Path) -> int:
    found = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found = zlib.crc32(block, found)
    return found
