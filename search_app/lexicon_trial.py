"""What a changed lexicon would do to the searches people make: tried on an index of its own.

The trial runs in a thread, for indexing a large collection takes minutes; one
at a time. Nothing that readers use is touched until the words are saved.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.encoder import LIGHT, NONE
from indexer.library import Library, Settings
from kb.errors import SetupError
from search_app import lexicon_files
from search_app.lexicon_files import Words

TOP = 10
MOST_QUERIES = 300
MOST_TITLES = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A search to try: one people make, or the title of an entry, which must find that entry."""

    text: str
    entry_id: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """One search, and what the new words change in its first ten."""

    asked: Asked
    entered: tuple[str, ...]
    left: tuple[str, ...]
    first_before: str
    first_after: str
    lost_itself: bool
    """True for a title that found its own entry first and no longer does."""

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """What a curator should look at first."""
        changed = self.first_before != self.first_after
        return self.lost_itself, changed, len(self.entered) + len(self.left)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the trial found out."""

    tried: int
    shifts: tuple[Shift, ...]
    """Searches whose first ten change, those to look at first in front."""

    @property
    def lost(self) -> int:
        """Entries no longer found first by their own titles."""
        return sum(shift.lost_itself for shift in self.shifts)


@dataclass
class Trial:
    """One trial, under way or done."""

    words: Words
    version: str
    """Of the files the words were written against."""
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    step: str = "正在用新词表建一份临时索引"
    done: int = 0
    total: int = 0
    outcome: Outcome | None = None
    trouble: str = ""
    finished: threading.Event = field(default_factory=threading.Event)


class Trials:
    """The trials of one installation; the latest is remembered."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library = library
        self._settings = settings
        self._running = threading.Lock()
        self._latest: Trial | None = None

    def start(self, words: Words, version: str, asked: Sequence[Asked]) -> Trial:
        """Begin to try these words; a trial under way ends first."""
        trial = Trial(words, version)
        self._latest = trial
        threading.Thread(target=self._run, args=(trial, asked), daemon=True, name="lexicon-trial").start()
        return trial

    def get(self, trial_id: str) -> Trial | None:
        """The latest trial, if that is its id."""
        latest = self._latest
        return latest if latest and latest.id == trial_id else None

    def _run(self, trial: Trial, asked: Sequence[Asked]) -> None:
        with self._running:
            folder = Path(tempfile.mkdtemp(prefix="kb-lexicon-"))
            try:
                trial.outcome = self._compare(trial, folder, asked)
            except (SetupError, OSError) as error:
                trial.trouble = f"没有试成：{error}"
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                trial.finished.set()

    def _compare(self, trial: Trial, folder: Path, asked: Sequence[Asked]) -> Outcome:
        def step(done: int, total: int) -> None:
            trial.done, trial.total = done, total

        other = Library.open(beside(self._settings, folder, trial.words), step)
        trial.step, trial.total = "正在逐条比较搜索结果", len(asked)
        shifts = []
        for number, one in enumerate(asked, 1):
            if found := compare(one, self._first(self._library, one), self._first(other, one)):
                shifts.append(found)
            trial.done = number
        return Outcome(len(asked), tuple(sorted(shifts, key=lambda shift: shift.weight, reverse=True)))

    def _first(self, library: Library, asked: Asked) -> tuple[str, ...]:
        """Words matter to the keyword leg; with a large model the other one is the same on both sides."""
        off = {"rerank"} if self._settings.encoder in (LIGHT, NONE) else {"rerank", "semantic"}
        return tuple(hit.id for hit in library.search(asked.text, size=TOP, off=frozenset(off)).hits)


def beside(settings: Settings, folder: Path, words: Words) -> Settings:
    """Settings of a library over the same content with these words; it writes into `folder` only."""
    lexicon = folder / "local" / "lexicon"
    lexicon.mkdir(parents=True)
    roots = settings.roots
    if settings.local is not None and settings.local.is_dir():
        roots = (*roots, settings.local)
        for path in (settings.local / "lexicon").glob("*.t*"):
            shutil.copy(path, lexicon / path.name)
    lexicon_files.write(lexicon, words)
    encoder = settings.encoder if settings.encoder in (LIGHT, NONE) else NONE
    return replace(
        settings, roots=roots, local=folder / "local", index=folder / "index", encoder=encoder, reranker=""
    )


def compare(asked: Asked, before: tuple[str, ...], after: tuple[str, ...]) -> Shift | None:
    """What changes for one search; nothing when the same entries stay and the first stays first."""
    first_before, first_after = (ids[0] if ids else "" for ids in (before, after))
    entered = tuple(entry_id for entry_id in after if entry_id not in before)
    left = tuple(entry_id for entry_id in before if entry_id not in after)
    if not entered and not left and first_before == first_after:
        return None
    lost = bool(asked.entry_id) and first_before == asked.entry_id != first_after
    return Shift(asked, entered, left, first_before, first_after, lost)


def to_try(
    wordings: Iterable[str], titles: Iterable[tuple[str, str]], changed: frozenset[str]
) -> list[Asked]:
    """What people search, then titles: those with a changed word in them first."""
    queries = list(dict.fromkeys(wordings))[:MOST_QUERIES]
    ordered = sorted(titles, key=lambda row: (not any(word in row[1] for word in changed), row[0]))
    return [Asked(text) for text in queries] + [Asked(title, i) for i, title in ordered[:MOST_TITLES]]
