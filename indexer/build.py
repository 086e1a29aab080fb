"""Files -> index: built beside and switched, then kept fresh entry by entry.

    <index folder>/current          name of the generation in use, replaced atomically
    <index folder>/gen-…/whoosh     the keyword index
    <index folder>/gen-…/manifest.sqlite   written last

Whatever is found damaged is not mended but built anew beside it.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock

from indexer import semantic
from indexer.errors import IndexUnwritable
from indexer.keyword import KeywordIndex
from indexer.manifest import SCHEMA_VERSION, Manifest, Row
from indexer.passages import passages
from indexer.segmentation import Segmenter
from indexer.types import Encoder
from kb import durable
from kb.store import File, Store
from kb.types import Entry, Publication

Progress = Callable[[int, int], None]
"""Called with (entries done, entries in all)."""

BUILD_CHUNK = 500
"""Entries indexed per commit in a full build: bounds memory, costs one segment each."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What turns entries into an index."""

    store: Store
    segmenter: Segmenter
    encoder: Encoder | None
    lexicon_fingerprint: str

    @property
    def fingerprint(self) -> str:
        """Changes when anything that shapes the index changes; an older index is then rebuilt."""
        encoder = self.encoder.name if self.encoder else "none"
        return hashlib.sha256(repr((SCHEMA_VERSION, self.lexicon_fingerprint, encoder)).encode()).hexdigest()[
            :24
        ]


@dataclass(frozen=True, slots=True)
class Generation:
    """One complete index."""

    folder: Path
    keyword: KeywordIndex
    manifest: Manifest


def _generation(folder: Path, segmenter: Segmenter) -> Generation:
    return Generation(
        folder, KeywordIndex(folder / "whoosh", segmenter), Manifest(folder / "manifest.sqlite")
    )


@contextmanager
def write_lock(index_folder: Path) -> Iterator[None]:
    """Only one process at a time builds or refreshes. Raises IndexUnwritable."""
    try:
        index_folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index_folder / "lock", timeout=120)
        lock.acquire()
    except OSError as error:
        raise IndexUnwritable(
            f"索引文件夹 {index_folder} 不能写入（{error.strerror}），请检查权限或换一个位置"
        ) from error
    try:
        yield
    finally:
        lock.release()


def current_name(index_folder: Path) -> str:
    """Name of the generation in use; empty when there is none."""
    try:
        return (index_folder / "current").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def open_current(index_folder: Path, tools: Tools) -> Generation | None:
    """The generation in use if it is complete, undamaged and made with these tools; else None."""
    try:
        name = current_name(index_folder)
        generation = _generation(index_folder / name, tools.segmenter)
        if not name.startswith("gen-") or generation.manifest.fingerprint != tools.fingerprint:
            return None
        if not _intact(generation):
            return None
        generation.keyword.open()
        published = {row.id for row in generation.manifest.rows() if is_published(row.entry)}
        return generation if generation.keyword.ids() == published else None
    except Exception:
        return None


def is_published(entry: Entry | None) -> bool:
    """True for what readers may see."""
    return entry is not None and entry.publication is Publication.PUBLISHED


def build(index_folder: Path, tools: Tools, progress: Progress = lambda done, total: None) -> Generation:
    """Index every file into a new generation, then switch to it. Call under `write_lock`."""
    generation = _generation(index_folder / f"gen-{secrets.token_hex(6)}", tools.segmenter)
    try:
        generation.folder.mkdir(parents=True)
        generation.keyword.create()
        generation.manifest.create()
        files = list(tools.store.files()[0].values())
        for start in range(0, len(files), BUILD_CHUNK):
            rows = [_row(file, tools) for file in files[start : start + BUILD_CHUNK]]
            done = start

            def step(n: int, base: int = done) -> None:
                progress(base + n, len(files))

            _write(generation, _with_vectors(rows, tools, step), (), fresh=True)
        generation.manifest.seal(tools.fingerprint)
        durable.write(index_folder / "current", generation.folder.name.encode())
    except OSError as error:
        shutil.rmtree(generation.folder, ignore_errors=True)
        raise IndexUnwritable(f"建索引时写不进 {index_folder}（{error.strerror}），请检查磁盘空间") from error
    _remove_others(index_folder, generation.folder)
    return generation


def refresh(generation: Generation, tools: Tools) -> list[str]:
    """Index what changed on disk since; returns the ids changed or removed. Call under `write_lock`."""
    files, _ = tools.store.files()
    known = generation.manifest.stamps()
    changed = [file for file in files.values() if known.get(file.id) != file.stamp]
    removed = sorted(known.keys() - files.keys())
    if not changed and not removed:
        return []
    rows = _with_vectors([_row(file, tools) for file in changed], tools, lambda done: None)
    _write(generation, rows, removed, fresh=False)
    return [row.id for row in rows] + removed


def _row(file: File, tools: Tools) -> Row:
    record, findings = tools.store.load(file)
    entry = record.entry if record else None
    return Row(file.id, file.stamp, record.version if record else "", file.local, entry, findings, b"")


def _with_vectors(rows: list[Row], tools: Tools, progress: Callable[[int], None]) -> list[Row]:
    """Rows with the vectors of their published entries, encoded in batches."""
    if tools.encoder is None:
        progress(len(rows))
        return rows
    finished = []
    for number, row in enumerate(rows, 1):
        if row.entry is not None and is_published(row.entry):
            texts = [f"{p.heading} {p.text}".strip() for p in passages(row.entry)]
            vectors = tools.encoder.encode(texts)
            row = Row(
                row.id,
                row.stamp,
                row.version,
                row.local,
                row.entry,
                row.findings,
                semantic.pack(np.asarray(vectors)),
            )
        finished.append(row)
        progress(number)
    return finished


def _write(
    generation: Generation, rows: list[Row], removed: tuple[str, ...] | list[str], *, fresh: bool
) -> None:
    """Keyword index first, manifest last: a crash in between is seen as a changed stamp and done again."""
    published = [row.entry for row in rows if row.entry is not None and is_published(row.entry)]
    gone = [*removed, *(() if fresh else (row.id for row in rows if not is_published(row.entry)))]
    generation.keyword.write(published, gone)
    generation.manifest.write(rows, removed, _checksums(generation, generation.manifest.files()))


def _checksums(generation: Generation, known: Mapping[str, int]) -> dict[str, int]:
    """Files of the keyword index by name; those in `known` are not read, for a segment never changes."""
    files = [path for path in (generation.folder / "whoosh").iterdir() if not path.name.endswith("LOCK")]
    return {path.name: known.get(path.name) or zlib.crc32(path.read_bytes()) for path in files}


def _intact(generation: Generation) -> bool:
    """True when the keyword index is what the manifest was written for.

    Whoosh has no checksums, and takes a missing file of word lengths for an
    empty one. A table of contents that gave way to a newer one is no damage
    but the trace of a crash before the manifest was written.
    """
    found = _checksums(generation, {})
    recorded = generation.manifest.files().items()
    return all(found.get(name, known if name.endswith(".toc") else -1) == known for name, known in recorded)


def _remove_others(index_folder: Path, keep: Path) -> None:
    """Older generations go; on Windows one still open elsewhere stays until the next build."""
    for folder in index_folder.glob("gen-*"):
        if folder != keep:
            shutil.rmtree(folder, ignore_errors=True)
