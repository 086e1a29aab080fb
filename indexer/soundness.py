"""Is the index on disk what was written? Small indexes are read whole when they are opened, large ones later.

Whoosh has no checksums, and takes a missing file of word lengths for an empty one.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from indexer import disk, sidecar, vector_files
from indexer.manifest import Manifest

SMALL_BYTES = 48 << 20
"""Up to this size (about 500 entries) every byte is compared at each start; that takes 0.2 s."""
READ_AT_ONCE = 1 << 22
REST = 9.0
"""A check in the background rests nine times as long as it works: requests come first."""

ASTRAY = 200
"""No more entries are taken in at a time (`room.TAKE_CHUNK`), so a killed process leaves no more behind."""

Files = Mapping[str, tuple[int, int]]
"""(size, checksum) by name."""


class Unsound(Exception):
    """The index is not what was written, and has to be built anew."""


def is_small(folder: Path) -> bool:
    """True for an index that is quickly read whole."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= SMALL_BYTES


def names(folder: Path) -> set[str]:
    """Files of a keyword index."""
    return {name for name in os.listdir(folder) if not name.endswith(("LOCK", ".tmp"))}


def checksums(folder: Path, known: Files) -> dict[str, tuple[int, int]]:
    """Size and checksum of each file; those in `known` are not read, for a segment never changes."""
    present = names(folder)
    found = {name: seen for name, seen in known.items() if name in present}
    for name in present - known.keys():
        # A thread that merges segments may have removed it just now.
        with suppress(FileNotFoundError):
            found[name] = ((folder / name).stat().st_size, _checksum(folder / name))
    return found


def check_keyword(folder: Path, recorded: Files, *, closely: bool) -> None:
    """Raises Unsound when a recorded file is missing or another.

    A table of contents that gave way to a newer one is no damage, nor is that
    what only the older one used is gone: somebody works saves in just now, or
    was killed before the manifest was written.
    """
    present = names(folder)
    newer = not any(name.endswith(".toc") for name in present & recorded.keys())
    used = disk.segment_names(folder) if newer else ()
    for name, (size, checksum) in recorded.items():
        path = folder / name
        if name not in present:
            if not newer or name.startswith(used):
                raise Unsound(name)
        elif path.stat().st_size != size or (closely and _checksum(path) != checksum):
            raise Unsound(name)


def check_astray(ids: set[str]) -> None:
    """Raises Unsound when more entries are in one of two places only than a killed process explains."""
    if len(ids) > ASTRAY:
        raise Unsound("entries")


def check_all(folder: Path, manifest: Manifest, rest: float) -> None:
    """Raises what `check_keyword` and `check_rest` raise; reads every byte."""
    check_keyword(folder / "whoosh", manifest.files(), closely=True)
    check_rest(folder, manifest, rest)


def check_rest(folder: Path, manifest: Manifest, rest: float = 0.0) -> None:
    """Raises Unsound, or what SQLite raises, for a changed byte anywhere else in a generation."""
    if not manifest.database.intact(rest):
        raise Unsound("manifest")
    vectors = folder / "vectors"
    card = vector_files.read_card(vectors) if vectors.is_dir() else None
    if card is not None and not vector_files.intact(vectors, card):
        raise Unsound("vectors")
    if not sidecar.verify(folder / "compiled"):
        raise Unsound("compiled")


def _checksum(path: Path) -> int:
    checksum = 0
    with open(path, "rb") as handle:
        while data := handle.read(READ_AT_ONCE):
            checksum = zlib.crc32(data, checksum)
    return checksum
