"""Vectors on disk: files that only ever grow, and a small card that says how far they count.

    <folder>/card.json                written last, line behind line: the last whole line counts
    <folder>/set-…/rows               half precision, row after row
    <folder>/set-…/ids, sizes         entries in the order of their rows
    <folder>/set-…/dead               entries that gave way to a later one or were removed
    <folder>/set-…/sketch-…           see `sketch`; its rows grow with the others

Taking in one entry appends its few rows and a line to the card; nothing is
copied, and whoever has the files mapped goes on undisturbed. (To put a new card
in place of one written a moment ago takes milliseconds: the system first
finishes writing the old one, only to throw it away.) What a killed process left
behind the end that the card gives is written over by the next one.
The files are a cache without fsync: small ones are compared with their
checksums when they are opened, the large ones by `intact`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.recall import Recall
from indexer.sketch import Sketch
from indexer.vectors import Block, Halves, starts_of

CARD = "card.json"
FORMAT = 1
LONGEST = 1 << 19
"""Bytes of a card that begins anew: some hundred lines."""
TAIL = 1 << 14
"""Bytes that hold a line for certain."""
AT_ONCE = 1 << 22
"""Bytes written or checked in one go."""
SMALL = ("ids", "sizes", "dead")
"""Files read whole when the vectors are opened."""

Dead = NDArray[np.int32]
"""Numbers of entries that no longer answer, in the order they died."""


@dataclass(frozen=True, slots=True)
class Card:
    """What counts: the folder of the files, and size and checksum of each."""

    name: str
    dimensions: int
    revision: int = -1
    sketch: str = ""
    width: int = 0
    recall: Recall | None = None
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    format: int = FORMAT

    def same_files(self, other: Card | None) -> bool:
        """True when the other card speaks of the same bytes."""
        return other is not None and (self.name, self.sketch, self.files) == (
            other.name,
            other.sketch,
            other.files,
        )

    @property
    def entries(self) -> int:
        """Entries written, dead ones too."""
        return self.files["sizes"][0] // np.dtype(np.int32).itemsize

    @property
    def deaths(self) -> int:
        """How many of them are known to be dead."""
        return self.files["dead"][0] // np.dtype(np.int32).itemsize


@dataclass(frozen=True, slots=True)
class Stored:
    """A block as it lies in a folder."""

    block: Block
    dead: Dead
    sketch: Sketch | None
    card: Card


def read_card(folder: Path) -> Card | None:
    """The card of a folder; None where there is none. Raises ValueError for one that is no card."""
    try:
        text = _tail(folder / CARD)
    except FileNotFoundError:
        return None
    *lines, torn = text.split(b"\n")
    values = json.loads(lines[-1] if lines else torn)
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError(f"not a card of vectors: {folder / CARD}")
    recall = Recall(**values["recall"]) if values["recall"] else None
    files = {name: (int(size), int(checksum)) for name, (size, checksum) in values["files"].items()}
    return Card(**{**values, "recall": recall, "files": files})


def load(folder: Path) -> Stored:
    """Open what lies in a folder, large files mapped. Raises OSError or ValueError when it is damaged."""
    card = read_card(folder)
    if card is None:
        raise FileNotFoundError(f"no vectors in {folder}")
    small = {name: _whole(folder, card, name) for name in SMALL}
    ids = small["ids"].decode("utf-8").splitlines()
    starts = starts_of(np.frombuffer(small["sizes"], np.int32))
    rows = _mapped(folder, card, "rows", np.dtype(np.float16), card.dimensions)
    if len(starts) != len(ids) + 1 or starts[-1] != len(rows):
        raise ValueError(f"vectors and entries in {folder} do not belong together")
    return Stored(
        Block(ids, starts, rows), np.frombuffer(small["dead"], np.int32), _sketch(folder, card), card
    )


def _sketch(folder: Path, card: Card) -> Sketch | None:
    if not card.sketch:
        return None
    base = np.frombuffer(_whole(folder, card, f"{card.sketch}-base"), np.float32).reshape(-1, card.width)
    rows = _mapped(folder, card, card.sketch, np.dtype(np.int8), card.width)
    return Sketch(base[:-1], base[-1], rows, card.sketch)


def intact(folder: Path, card: Card) -> bool:
    """True when every file has the bytes it was written with; reads them all, a gigabyte a second."""
    return all(
        _checksum(folder / card.name / name, size) == known for name, (size, known) in card.files.items()
    )


def begin(folder: Path, dimensions: int) -> Card:
    """A card for files yet to be written, in a new folder of their own."""
    card = Card(f"set-{secrets.token_hex(6)}", dimensions)
    (folder / card.name).mkdir(parents=True)
    return _appended(folder, card, dict.fromkeys(("rows", *SMALL), ()))


def with_sketch(folder: Path, card: Card, sketch: Sketch) -> Card:
    """The card once a new sketch, with the rows it has, lies beside the vectors."""
    name = f"sketch-{secrets.token_hex(4)}"
    base = np.concatenate([sketch.rotation, sketch.steps[None]]).astype(np.float32)
    card = _appended(folder, card, {f"{name}-base": (base.tobytes(),), name: _pieces(sketch.rows)})
    return dataclasses.replace(card, sketch=name, width=sketch.width)


def grown(folder: Path, card: Card, entries: Iterable[tuple[str, Halves]], sketch: Sketch | None) -> Card:
    """The card once these entries lie behind those that are there."""
    for ids, blocks in _batches(entries):
        rows = np.concatenate(blocks)
        parts: dict[str, Iterable[bytes]] = {
            "ids": ("".join(f"{entry_id}\n" for entry_id in ids).encode(),),
            "sizes": (np.array([len(block) for block in blocks], np.int32).tobytes(),),
            "rows": (rows.tobytes(),),
        }
        if sketch is not None:
            parts[card.sketch] = (sketch.drawn(rows).tobytes(),)
        card = _appended(folder, card, parts)
    return card


def _batches(entries: Iterable[tuple[str, Halves]]) -> Iterator[tuple[list[str], list[Halves]]]:
    """Ids and rows of a few megabytes of entries at a time."""
    ids: list[str] = []
    blocks: list[Halves] = []
    waiting = 0
    for entry_id, rows in entries:
        ids.append(entry_id)
        blocks.append(rows)
        waiting += rows.nbytes
        if waiting > AT_ONCE:
            yield ids, blocks
            ids, blocks, waiting = [], [], 0
    if ids:
        yield ids, blocks


def buried(folder: Path, card: Card, dead: Dead) -> Card:
    """The card once all of `dead` is written down; what was before is its beginning."""
    return _appended(folder, card, {"dead": (dead[card.deaths :].tobytes(),)})


def _tail(path: Path) -> bytes:
    with open(path, "rb") as handle:
        handle.seek(max(0, os.fstat(handle.fileno()).st_size - TAIL))
        return handle.read()


def put(folder: Path, card: Card) -> None:
    """Make this the card that counts; files of others go where nobody holds them open."""
    line = json.dumps(dataclasses.asdict(card)).encode() + b"\n"
    path = folder / CARD
    if path.exists() and path.stat().st_size < LONGEST and _tail(path).endswith(b"\n"):
        with open(path, "ab", buffering=0) as handle:
            handle.write(line)
    else:
        temporary = folder / f".{CARD}-{secrets.token_hex(4)}"
        temporary.write_bytes(line)
        os.replace(temporary, path)
    for other in folder.glob("set-*"):
        if other.name != card.name:
            shutil.rmtree(other, ignore_errors=True)


def _appended(folder: Path, card: Card, parts: Mapping[str, Iterable[bytes]]) -> Card:
    """The card once each file has grown by its pieces, behind the end that the card gives."""
    files = dict(card.files)
    for name, pieces in parts.items():
        size, checksum = files.get(name, (0, 0))
        path = folder / card.name / name
        path.touch()
        with open(path, "r+b") as handle:
            handle.seek(size)
            for piece in pieces:
                handle.write(piece)
                size, checksum = size + len(piece), zlib.crc32(piece, checksum)
        files[name] = (size, checksum)
    return dataclasses.replace(card, files=files)


def _pieces(rows: NDArray[Any]) -> Iterator[bytes]:
    each = max(1, AT_ONCE // max(1, rows[:1].nbytes))
    return (rows[start : start + each].tobytes() for start in range(0, len(rows), each))


def _whole(folder: Path, card: Card, name: str) -> bytes:
    size, checksum = card.files[name]
    with open(folder / card.name / name, "rb") as handle:
        data = handle.read(size)
    if len(data) != size or zlib.crc32(data) != checksum:
        raise ValueError(f"{name} of the vectors in {folder} is damaged")
    return data


def _mapped(folder: Path, card: Card, name: str, kind: np.dtype[Any], width: int) -> NDArray[Any]:
    size, _ = card.files[name]
    path = folder / card.name / name
    if path.stat().st_size < size or size % (kind.itemsize * width):
        raise ValueError(f"{name} of the vectors in {folder} is cut off")
    shape = (size // (kind.itemsize * width), width)
    return np.asarray(np.memmap(path, kind, "r", shape=shape)) if size else np.zeros(shape, kind)


def _checksum(path: Path, size: int) -> int:
    checksum, left = 0, size
    with open(path, "rb") as handle:
        while left and (data := handle.read(min(AT_ONCE, left))):
            checksum, left = zlib.crc32(data, checksum), left - len(data)
    return -1 if left else checksum
