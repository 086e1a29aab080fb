"""Files -> index: built beside the old one, and switched.

    <index folder>/current                 name of the generation in use, replaced atomically
    <index folder>/gen-…/whoosh, compiled  the keyword index
    <index folder>/gen-…/vectors           passage vectors, with an encoder
    <index folder>/gen-…/manifest.sqlite   written last

Whatever is found damaged is not mended but built anew beside it. How an index
is kept fresh afterwards is said in `upkeep`.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from filelock import FileLock

from indexer import helper, soundness
from indexer.errors import IndexUnwritable
from indexer.keyword import KeywordIndex
from indexer.manifest import SCHEMA_VERSION, Manifest
from indexer.rows import Row, analysed_of, make_rows, vectors_of
from indexer.segmentation import Segmenter
from indexer.semantic import VectorIndex
from indexer.types import Encoder
from kb import durable, markdown
from kb.store import File, Store

Progress = Callable[[int, int], None]
"""Called with (entries done, entries in all)."""

BUILD_CHUNK = 500
"""Entries indexed in one go in a full build: bounds memory."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What turns entries into an index."""

    store: Store
    segmenter: Segmenter
    encoder: Encoder | None
    lexicon_fingerprint: str
    words: tuple[str, ...] = ()
    """The lexicon's words, for a helper to make the same segmenter; without them a build has none."""

    @property
    def fingerprint(self) -> str:
        """Changes when anything that shapes the index changes; an older index is then rebuilt."""
        encoder = self.encoder.name if self.encoder else "none"
        shape = repr((SCHEMA_VERSION, self.lexicon_fingerprint, encoder))
        return hashlib.sha256(shape.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Generation:
    """One complete index. Its vectors are those of the last change known to this process."""

    folder: Path
    keyword: KeywordIndex
    manifest: Manifest
    vectors: VectorIndex | None = None


def _generation(folder: Path, segmenter: Segmenter) -> Generation:
    keyword = KeywordIndex(folder / "whoosh", segmenter)
    return Generation(folder, keyword, Manifest(folder / "manifest.sqlite"))


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


def open_current(index_folder: Path, tools: Tools, *, thorough: bool = False) -> Generation | None:
    """The generation in use if it is complete, undamaged and made with these tools; else None.

    Large ones are looked at closely only when asked to be `thorough`. Call under `write_lock`.
    """
    try:
        name = current_name(index_folder)
        found = _generation(index_folder / name, tools.segmenter)
        if not name.startswith("gen-") or found.manifest.fingerprint != tools.fingerprint:
            return None
        return reopened(found, tools, closely=thorough or soundness.is_small(found.folder))
    except Exception:
        return None


def reopened(generation: Generation, tools: Tools, *, closely: bool) -> Generation:
    """The same generation as it lies on disk now. Raises anything at all when it is damaged."""
    folder, manifest = generation.folder, generation.manifest
    keyword = KeywordIndex(folder / "whoosh", tools.segmenter)
    soundness.check_keyword(folder / "whoosh", manifest.files(), closely=closely)
    keyword.open()
    if soundness.names(folder / "whoosh") != manifest.files().keys():
        _reconcile(keyword, manifest)
    if closely:
        soundness.check_rest(folder, manifest)
    vectors = VectorIndex.load(folder / "vectors") if tools.encoder else None
    if vectors is not None and vectors.revision < manifest.revision:
        raise soundness.Unsound("vectors")
    return Generation(folder, keyword, manifest, vectors)


def _reconcile(keyword: KeywordIndex, manifest: Manifest) -> None:
    """The keyword index has gone on without the manifest: entries that one has and not the other start anew.

    Their files differ from what is recorded, and the next refresh takes them in.
    """
    manifest.distrust()
    indexed, recorded = keyword.ids(), set(manifest.placed().positions)
    soundness.check_astray(indexed ^ recorded)
    if unrecorded := indexed - recorded:
        keyword.write_analysed((), unrecorded)
    manifest.restamp(dict.fromkeys(recorded - indexed, ""))


def build(index_folder: Path, tools: Tools, progress: Progress = lambda done, total: None) -> Generation:
    """Index every file into a new generation, then switch to it. Call under `write_lock`."""
    generation = beside(index_folder, tools, progress)
    switch(index_folder, generation)
    remove_others(index_folder, generation.folder)
    return generation


def beside(index_folder: Path, tools: Tools, progress: Progress = lambda done, total: None) -> Generation:
    """Index every file into a new generation that nobody uses yet. Raises IndexUnwritable."""
    generation = _generation(index_folder / f"gen-{secrets.token_hex(6)}", tools.segmenter)
    try:
        generation.folder.mkdir(parents=True)
        generation = _filled(generation, tools, progress)
        generation.manifest.seal(tools.fingerprint)
    except OSError as error:
        shutil.rmtree(generation.folder, ignore_errors=True)
        raise IndexUnwritable(f"建索引时写不进 {index_folder}（{error.strerror}），请检查磁盘空间") from error
    return generation


def switch(index_folder: Path, generation: Generation) -> None:
    """Make a complete generation the one in use. Call under `write_lock`. Raises IndexUnwritable."""
    try:
        durable.write(index_folder / "current", generation.folder.name.encode())
    except OSError as error:
        raise IndexUnwritable(f"索引文件夹 {index_folder} 写不进（{error.strerror}）") from error


def _filled(generation: Generation, tools: Tools, progress: Progress) -> Generation:
    """Everything a new generation holds, chunk by chunk."""
    keyword, manifest = generation.keyword, generation.manifest
    keyword.create()
    manifest.create()
    vectors = _no_vectors(generation, tools)
    counted: Counter[str] = Counter()
    files = [file for _, file in sorted(tools.store.files()[0].items())]
    prepared = _counted(_prepared(files, tools), len(files), progress)
    while rows := [_taken(row, keyword) for row in islice(prepared, BUILD_CHUNK)]:
        manifest.fill(rows, counted)
        if vectors is not None:
            vectors.with_changes(vectors_of(rows)).save(generation.folder / "vectors", 1)
            vectors = VectorIndex.load(generation.folder / "vectors")
        _forget_texts()
    with ThreadPoolExecutor(1) as beside_us:
        # Arithmetic, most of it outside Python's lock: seconds, while the last segment is written.
        folding = beside_us.submit(vectors.folded) if vectors is not None else None
        keyword.finish()
    if folding is not None:
        vectors = folding.result().save(generation.folder / "vectors", 1)
    manifest.finish(counted, soundness.checksums(generation.folder / "whoosh", {}))
    return replace(generation, vectors=vectors)


def _taken(row: Row, keyword: KeywordIndex) -> Row:
    """A row without its words, three quarters of its memory, which the keyword index has taken."""
    keyword.write_analysed(analysed_of([row]), (), bulk=True)
    return replace(row, analysed=None)


def _prepared(files: list[File], tools: Tools) -> Iterator[Row]:
    """Rows of all files, their names spelled."""
    alone = partial(
        make_rows, store=tools.store, segmenter=tools.segmenter, encoder=tools.encoder, spelled=True
    )
    return helper.prepared(files, helper.order(tools.store, tools.words, tools.encoder), alone)


def _counted(rows: Iterator[Row], total: int, progress: Progress) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        progress(number, total)
        yield row


def _no_vectors(generation: Generation, tools: Tools) -> VectorIndex | None:
    """An empty vector index, on disk; None without an encoder."""
    if tools.encoder is None:
        return None
    return VectorIndex.of((), tools.encoder.dimensions).save(generation.folder / "vectors", 1)


def _forget_texts() -> None:
    """Parsed Markdown of entries nobody asks for is not kept."""
    markdown.sections.cache_clear()
    markdown.plain.cache_clear()


def remove_others(index_folder: Path, keep: Path) -> None:
    """Older generations go; on Windows one still open elsewhere stays until the next build."""
    for folder in index_folder.glob("gen-*"):
        if folder != keep:
            shutil.rmtree(folder, ignore_errors=True)
