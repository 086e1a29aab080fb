"""Library: the one object that the command line and the web application hold.

    library = Library.open(Settings(roots=(Path("."),), local=Path("local"), index=Path("local/.kb/index")))
    result = library.search("党费逾期没交怎么办")
    library.save(entry, expected=None)      # on disk, then in the index

Which engine answers is known here and nowhere above.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from indexer import answer, build, confidence, fusion, snapshot, wordlists
from indexer.build import Progress, Tools
from indexer.encoder import LIGHT, LIGHT_FOLDER, LightEncoder, make_encoder
from indexer.errors import EncoderUnavailable
from indexer.fusion import Ranked
from indexer.keyword import passes
from indexer.scope import Scope
from indexer.segmentation import Segmenter
from indexer.snapshot import Snapshot
from indexer.types import Candidate, Encoder, Filters, Query, SearchResult, Suggestion
from kb.errors import EntryNotFound
from kb.store import Store
from kb.types import Entry, Finding, Record

LEG_LIMIT = 100
"""Candidates taken from each leg."""
CHECK_SECONDS = 2.0
"""A running server looks for files changed by hand or by git at most this often."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and which encoder to use."""

    roots: tuple[Path, ...]
    local: Path | None
    index: Path
    encoder: str = LIGHT


class Library:
    """Search, read and save. Safe to share between threads; use `Library.open` to get one."""

    def __init__(
        self, tools: Tools, words: wordlists.Lexicon, index: Path, degraded: tuple[str, ...]
    ) -> None:
        self.store = tools.store
        self.lexicon = words
        self.degraded = degraded
        self._tools = tools
        self._index = index
        self._scope = _load_scope(tools)
        self._judge = confidence.load_judge(tools.encoder.name if tools.encoder else "")
        self._writing = threading.Lock()
        self._checked = 0.0
        self._generation: build.Generation
        self._snapshot: Snapshot

    @classmethod
    def open(cls, settings: Settings, progress: Progress = lambda done, total: None) -> Library:
        """Open the index, bring it up to date, or build it where it is missing or damaged.

        Raises ContentMissing, IndexUnwritable. An encoder that cannot be had
        degrades the search and is named in `degraded`; it does not raise.
        """
        store = Store(settings.roots, settings.local)
        store.recover()
        own = (settings.local / "lexicon",) if settings.local else ()
        words = wordlists.load(wordlists.SHIPPED, *own)
        segmenter = Segmenter(words.words)
        encoder: Encoder | None = None
        degraded: tuple[str, ...] = ()
        try:
            encoder = make_encoder(settings.encoder, segmenter)
        except EncoderUnavailable as error:
            degraded = (f"语义检索没有启用：{error}",)
        if encoder is None and not degraded:
            degraded = ("语义检索没有启用，只按字词检索",)
        library = cls(Tools(store, segmenter, encoder, words.fingerprint), words, settings.index, degraded)
        library._open(progress)
        return library

    @property
    def snapshot(self) -> Snapshot:
        """The collection as it is now; hold it while answering one request."""
        return self._snapshot

    def search(
        self,
        raw: str,
        filters: Filters | None = None,
        page: int = 1,
        size: int = 10,
        off: frozenset[str] = frozenset(),
    ) -> SearchResult:
        """Answer what was typed; never raises for it.

        `off` names features left out: repair kinds (a reader clicked "search
        instead for"), query steps, or the legs `keyword` and `semantic`.
        """
        started = time.perf_counter()
        now = self._snapshot
        asked = now.reader.parse(raw, filters, off)
        words = [] if "keyword" in off else self._keyword(asked)
        meaning = [] if "semantic" in off else self._semantic(now, asked)
        accepts = partial(self._accepts, now, asked)
        result = answer.compose(now, asked, words, meaning, page, size, accepts, off)
        took = (time.perf_counter() - started) * 1000
        return replace(result, degraded=self.degraded, took_ms=round(took, 2))

    def _keyword(self, asked: Query) -> list[Candidate]:
        try:
            return self._generation.keyword.candidates(asked, LEG_LIMIT)
        except Exception:
            self.rebuild()
            return self._generation.keyword.candidates(asked, LEG_LIMIT)

    def _semantic(self, now: Snapshot, asked: Query) -> list[Candidate]:
        encoder = self._tools.encoder
        if encoder is None or now.vectors is None or not asked.meaning:
            return []
        vector = encoder.encode([asked.meaning], query=True)[0]
        return now.vectors.candidates(vector, LEG_LIMIT, _allowed(now, asked.filters))

    def signs(self, now: Snapshot, asked: Query, ranked: list[Ranked]) -> dict[str, float]:
        """What speaks for the best hit being an answer; calibration reads the same values."""
        scope = self._scope.of(asked.meaning) if self._scope else 0.0
        return confidence.signs(now, asked, ranked, scope)

    def signs_of(self, raw: str, off: frozenset[str] = frozenset()) -> dict[str, float]:
        """The signs of a question as `search` would see them."""
        now = self._snapshot
        asked = now.reader.parse(raw, None, off)
        meaning = [] if "semantic" in off else self._semantic(now, asked)
        return self.signs(now, asked, fusion.fuse(self._keyword(asked), meaning))

    def _accepts(self, now: Snapshot, asked: Query, ranked: list[Ranked]) -> bool:
        return bool(ranked) and self._judge.accepts(self.signs(now, asked, ranked))

    def suggest(self, typed: str, limit: int = 8) -> list[Suggestion]:
        """Titles, questions and terms that begin like what is being typed."""
        return self._snapshot.suggester.suggest(typed, limit)

    def get(self, entry_id: str) -> Entry:
        """A published entry. Raises EntryNotFound, also for what is not published."""
        try:
            return self._snapshot.entries[entry_id]
        except KeyError:
            raise EntryNotFound(f"没有编号为“{entry_id[:80]}”的条目，或者它还没有发布") from None

    def save(self, entry: Entry, expected: str | None) -> Record:
        """Write the file durably, then make it searchable.

        File first, index second: if indexing fails the text is safe and the
        next refresh finds it. Raises what `Store.save` raises.
        """
        record = self.store.save(entry, expected)
        self.refresh()
        return record

    def refresh(self) -> list[str]:
        """Take in what changed on disk, by this process or another; returns the ids."""
        with self._writing, build.write_lock(self._index):
            if build.current_name(self._index) != self._generation.folder.name:
                # Another process rebuilt the index and switched; ours is gone or about to go.
                self._take(lambda done, total: None)
                self._load()
            changed = build.refresh(self._generation, self._tools)
            if self._generation.manifest.revision != self._snapshot.revision:
                self._load(self._snapshot)
        self._checked = time.monotonic()
        return changed

    def refresh_if_due(self) -> None:
        """`refresh`, at most every CHECK_SECONDS and never while another thread does it."""
        if time.monotonic() - self._checked > CHECK_SECONDS and not self._writing.locked():
            self._checked = time.monotonic()
            self.refresh()

    def rebuild(self, progress: Progress = lambda done, total: None) -> None:
        """Build the whole index anew and switch to it."""
        with self._writing, build.write_lock(self._index):
            self._generation = build.build(self._index, self._tools, progress)
            self._load()

    def warm(self) -> None:
        """Do now what the first query, the first pinyin and the first suggestion would wait for."""
        self.search("dangfei 没交怎么办")
        self.suggest("hj")

    def findings(self) -> list[Finding]:
        """What is wrong with files, as found when they were read."""
        return [*self.store.files()[1], *self._snapshot.findings]

    def _open(self, progress: Progress) -> None:
        with self._writing, build.write_lock(self._index):
            self._take(progress)
            build.refresh(self._generation, self._tools)
            self._load()

    def _take(self, progress: Progress) -> None:
        """Use the current generation, or build one where there is none that can be trusted."""
        current = build.open_current(self._index, self._tools)
        self._generation = current or build.build(self._index, self._tools, progress)

    def _load(self, previous: Snapshot | None = None) -> None:
        """Make the snapshot of the current generation, reusing what did not change since `previous`."""
        manifest = self._generation.manifest
        encoder = self._tools.encoder
        dimensions = encoder.dimensions if encoder else 0
        revision = manifest.revision
        present = manifest.stamps().keys()
        parts = {i: part for i, part in previous.parts.items() if i in present} if previous else {}
        for row in manifest.rows(previous.revision if previous else -1):
            parts[row.id] = snapshot.prepare(row, dimensions, self._tools.segmenter)
        self._snapshot = snapshot.make(revision, parts, dimensions, self.lexicon, self._tools.segmenter)


def _allowed(now: Snapshot, filters: Filters) -> list[bool] | None:
    """Which entries of the vector index pass the filters; None for all."""
    if filters == Filters() or now.vectors is None:
        return None
    return [passes(now.entries[entry_id], filters) for entry_id in now.vectors.ids]


def _load_scope(tools: Tools) -> Scope | None:
    """The in-scope direction of the light model; without that model questions are judged by their words."""
    try:
        encoder = tools.encoder
        light = encoder if isinstance(encoder, LightEncoder) else LightEncoder(LIGHT_FOLDER, tools.segmenter)
        return Scope(light, LIGHT_FOLDER)
    except (EncoderUnavailable, OSError):
        return None
