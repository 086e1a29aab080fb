"""Library: the one object that the command line and the web application hold.

    library = Library.open(Settings(roots=(Path("."),), local=Path("local"), index=Path("local/.kb/index")))
    result = library.search("党费逾期没交怎么办")
    library.save(entry, expected=None)      # on disk, then in the index

Which engine answers is known here and nowhere above.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from indexer import answer, confidence, fusion, wordlists
from indexer.build import Progress, Tools
from indexer.encoder import LIGHT, LIGHT_FOLDER, NONE, LightEncoder, encoder_folder, make_encoder
from indexer.errors import EncoderUnavailable
from indexer.fusion import Ranked
from indexer.rerank import CrossEncoderReranker, Reranker
from indexer.room import DAMAGE, Room, quietly
from indexer.scope import Scope
from indexer.segmentation import Segmenter
from indexer.snapshot import Snapshot
from indexer.types import Encoder, Filters, Query, SearchResult, Suggestion
from kb.errors import EntryNotFound
from kb.store import Store
from kb.types import Entry, Finding, Record


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and which models to use."""

    roots: tuple[Path, ...]
    local: Path | None
    index: Path
    encoder: str = LIGHT
    reranker: str = ""


class Library:
    """Search, read and save. Safe to share between threads; use `Library.open` to get one."""

    def __init__(
        self,
        room: Room,
        lexicon: wordlists.Lexicon,
        reranker: Reranker | None,
        degraded: tuple[str, ...],
        own_words: Path | None = None,
    ) -> None:
        self.store = room.tools.store
        self._own_words = own_words
        self._moving = threading.Lock()
        self.lexicon = lexicon
        self.degraded = degraded
        self._reranker = reranker
        self._turns = threading.BoundedSemaphore(cores())
        self._enter(room)

    @classmethod
    def open(cls, settings: Settings, progress: Progress = quietly, *, background: bool = False) -> Library:
        """Open the index, bring it up to date, or build it where it is missing or damaged.

        With `background`, what takes long is done in a thread while there are
        answers already: loading and encoding with a large model, looking for
        changed files in a large collection. Raises ContentMissing,
        IndexUnwritable. A model that cannot be had degrades the search and is
        named in `degraded`; it does not raise.
        """
        store = Store(settings.roots, settings.local)
        store.recover()
        own_words = settings.local / "lexicon" if settings.local else None
        lexicon = _load_words(own_words)
        segmenter = Segmenter(lexicon.words)
        later = background and settings.encoder not in (LIGHT, NONE)
        encoder, notes = _try_encoder(LIGHT if later else settings.encoder, segmenter)
        reranker, more = _try_reranker(settings.reranker)
        tools = Tools(store, segmenter, encoder, lexicon.fingerprint, tuple(lexicon.words))
        name = LIGHT if later else settings.encoder
        folder = encoder_folder(settings.index, name)
        room = Room(tools, lexicon, folder, progress, background=background)
        library = cls(room, lexicon, reranker, (*notes, *more), own_words)
        if later:
            library._move_later(settings, tools)
        return library

    def _enter(self, room: Room) -> None:
        """Work in `room` from now on; requests under way keep theirs."""
        name = room.tools.encoder.name if room.tools.encoder else ""
        self._scope = _load_scope(room.tools)
        self._judge = confidence.load_judge(name)
        self._room = room

    def _move_later(self, settings: Settings, tools: Tools) -> None:
        """Load and encode with the wanted model in a thread, then move there."""
        waiting = f"语义模型“{settings.encoder}”正在后台准备，现在用内置模型检索"
        before = self.degraded
        self.degraded = (*before, waiting)

        def move() -> None:
            with self._moving:
                encoder, notes = _try_encoder(settings.encoder, tools.segmenter)
                if encoder is not None:
                    folder = encoder_folder(settings.index, settings.encoder)
                    self._enter(Room(replace(tools, encoder=encoder), self.lexicon, folder))
                    self._room.refresh()  # what was saved meanwhile
            self.degraded = (*before, *notes)

        threading.Thread(target=move, daemon=True, name="encoder").start()

    def reload_lexicon(self) -> bool:
        """Read the word lists again and index with them; returns whether they had changed.

        Readers search with the old words and saves go on until the new index is
        complete. Raises IndexUnwritable; the old words then stay in use.
        """
        with self._moving:
            lexicon, tools = _load_words(self._own_words), self._room.tools
            if lexicon.fingerprint == tools.lexicon_fingerprint:
                return False
            segmenter, encoder = Segmenter(lexicon.words), tools.encoder
            if isinstance(encoder, LightEncoder):  # it reads by the segmenter's words
                encoder = LightEncoder(LIGHT_FOLDER, segmenter)
            tools = Tools(self.store, segmenter, encoder, lexicon.fingerprint, tuple(lexicon.words))
            room = self._room.followed(tools, lexicon)
            self.lexicon = lexicon
            self._enter(room)
            room.refresh()  # what was saved while it was built
            room.tidy()
            return True

    @property
    def snapshot(self) -> Snapshot:
        """The collection as it is now; hold it while answering one request."""
        return self._room.snapshot

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
        instead for"), query steps, the legs `keyword` and `semantic`,
        `neighbours`, `exact` or `rerank`.
        """
        started = time.perf_counter()
        with self._turns:
            try:
                result = self._answer(raw, filters, page, size, off)
            except DAMAGE:
                self._room.mend()
                result = self._answer(raw, filters, page, size, off)
        took = (time.perf_counter() - started) * 1000
        return replace(result, degraded=self.degraded, took_ms=round(took, 2))

    def _answer(
        self, raw: str, filters: Filters | None, page: int, size: int, off: frozenset[str]
    ) -> SearchResult:
        now = self._room.snapshot
        asked, ranked = self._ranked(now, raw, filters, off)
        accepts = bool(ranked) and self._judge.accepts(self._signs(now, asked, ranked))
        reread = None if "rerank" in off else self._reranker
        return answer.compose(now, asked, ranked, page, size, accepts, off, reread)

    def _ranked(
        self, now: Snapshot, raw: str, filters: Filters | None, off: frozenset[str]
    ) -> tuple[Query, list[Ranked]]:
        """The query and the fused candidates of both legs."""
        room = self._room
        asked = now.reader.parse(raw, filters, off)
        words = [] if "keyword" in off else room.keyword(asked)
        meaning = [] if "semantic" in off else room.semantic(asked, now)
        words = [c for c in words if c.entry_id in now.catalogue]
        # A phrase in quotes is asked for literally: only what holds it may be found.
        known = {c.entry_id for c in words} if asked.phrases else now.catalogue
        return asked, fusion.fuse(words, [c for c in meaning if c.entry_id in known])

    def _signs(self, now: Snapshot, asked: Query, ranked: list[Ranked]) -> dict[str, float]:
        return confidence.signs(now, asked, ranked, self._scope)

    def signs_of(self, raw: str, off: frozenset[str] = frozenset()) -> dict[str, float]:
        """What speaks for a question being answered here, as `search` sees it; calibration reads it."""
        now = self._room.snapshot
        return self._signs(now, *self._ranked(now, raw, None, off))

    def suggest(self, typed: str, limit: int = 8) -> list[Suggestion]:
        """Titles, questions and terms that begin like what is being typed."""
        return self._room.snapshot.suggester.suggest(typed, limit)

    def get(self, entry_id: str) -> Entry:
        """A published entry. Raises EntryNotFound, also for what is not published."""
        try:
            return self._room.snapshot.entries[entry_id]
        except KeyError:
            raise EntryNotFound(f"没有编号为“{entry_id[:80]}”的条目，或者它还没有发布") from None

    def save(self, entry: Entry, expected: str | None) -> Record:
        """Write the file durably, then make it searchable.

        File first, index second: if indexing fails the text is safe and the
        next refresh finds it. Raises what `Store.save` raises.
        """
        record = self.store.save(entry, expected)
        self._room.take([entry.id])
        return record

    def take(self, *ids: str) -> list[str]:
        """Look at the files of these entries again, also at those that are gone; returns what changed."""
        return self._room.take(ids)

    def refresh(self) -> list[str]:
        """Take in what changed on disk, by this process or another; returns the ids."""
        return self._room.refresh()

    def refresh_if_due(self) -> None:
        """`refresh`, but only every few seconds, and without making anybody wait long."""
        self._room.refresh_if_due()

    def rebuild(self, progress: Progress = quietly) -> None:
        """Build the whole index anew and switch to it."""
        self._room.rebuild(progress)

    def fold(self) -> None:
        """Work all that was saved into the index; most is done in the background when much has gathered."""
        self._room.fold(thorough=True)

    def warm(self) -> None:
        """Do now what the first query, the first pinyin and the first suggestion would wait for."""
        self.search("dangfei 没交怎么办")
        self.suggest("hj")
        self._room.settle()

    def findings(self) -> list[Finding]:
        """What is wrong with files, as found when they were read."""
        return [*self.store.files()[1], *self._room.snapshot.findings]


def _load_words(own: Path | None) -> wordlists.Lexicon:
    """The shipped word lists and those of this place."""
    return wordlists.load(wordlists.SHIPPED, *((own,) if own else ()))


def cores() -> int:
    """Searches answered at once: more would only take the processor from each other, and all finish later."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _try_encoder(name: str, segmenter: Segmenter) -> tuple[Encoder | None, tuple[str, ...]]:
    """The encoder, or none and what the page says about it."""
    try:
        encoder = make_encoder(name, segmenter)
    except EncoderUnavailable as error:
        return None, (f"语义检索没有启用：{error}",)
    return encoder, () if encoder else ("语义检索没有启用，只按字词检索",)


def _try_reranker(name: str) -> tuple[Reranker | None, tuple[str, ...]]:
    """The reranker, or none and what the page says about it; no name, no word."""
    if not name:
        return None, ()
    try:
        return CrossEncoderReranker(name), ()
    except EncoderUnavailable as error:
        return None, (str(error),)


def _load_scope(tools: Tools) -> Scope | None:
    """What tells strangers' questions; without the light model questions are judged by their words."""
    try:
        encoder = tools.encoder
        light = encoder if isinstance(encoder, LightEncoder) else LightEncoder(LIGHT_FOLDER, tools.segmenter)
        return Scope(light, LIGHT_FOLDER)
    except (EncoderUnavailable, OSError):
        return None
