"""Where generated collections and their indexes lie; made once, used by every step."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks import corpus
from benchmarks.corpus import QUERIES, Corpus
from indexer.library import Library, Settings
from kb.types import Kind

MADE = "made"
"""A file that is written last: without it a folder is not finished and is made again."""


@dataclass(frozen=True)
class Workspace:
    """One size of collection in a folder of its own."""

    folder: Path
    size: int
    corpus: Corpus
    asked: int = QUERIES
    """Questions asked; tests ask fewer."""

    @property
    def content(self) -> Path:
        """The content root."""
        return self.folder / f"{self.size}" / "content"

    @property
    def local(self) -> Path:
        """The organisation's own root: what a step saves goes here."""
        return self.folder / f"{self.size}" / "local"

    @property
    def index(self) -> Path:
        """The product's index."""
        return self.folder / f"{self.size}" / "index"

    def peer(self, name: str) -> Path:
        """The index of another engine."""
        return self.folder / f"{self.size}" / f"peer-{name}"

    @property
    def settings(self) -> Settings:
        """The product over this collection."""
        return Settings((self.content,), self.local, self.index)

    def make(self) -> None:
        """Write the collection if it is not there."""
        self.local.mkdir(parents=True, exist_ok=True)
        mark = self.content / MADE
        if not mark.exists():
            shutil.rmtree(self.content, ignore_errors=True)
            corpus.write(self.corpus, self.size, self.content)
            mark.write_text("", encoding="utf-8")

    def questions(self) -> list[str]:
        """What is asked, from the file beside the entries: a measured process need not make a collection."""
        return (self.content / "queries.txt").read_text(encoding="utf-8").splitlines()[: self.asked]

    def library(self) -> Library:
        """The product, its index built if it is not there."""
        self.make()
        return Library.open(self.settings)

    def forget_saved(self) -> None:
        """Take away what a step saved, so that the next one finds the collection as it was made."""
        for kind in Kind:
            shutil.rmtree(self.local / kind.folder, ignore_errors=True)
