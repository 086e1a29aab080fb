"""A small real library over a dozen entries, and a fake encoder to go with it."""

from __future__ import annotations

import shutil
import zlib
from functools import cache
from pathlib import Path

import numpy as np

from indexer import wordlists
from indexer.build import Tools
from indexer.library import Library
from indexer.room import Room
from indexer.segmentation import Segmenter, grams
from indexer.types import Encoder, Vectors
from indexer.wordlists import Lexicon
from kb import schema
from kb.store import Store
from kb.types import Entry, Kind, Publication

REPOSITORY = Path(__file__).resolve().parents[2]
CONTENT = Path(__file__).parent / "fixtures" / "content"
HIDDEN = ("secret-draft", "case-withdrawn")
"""Entries of the samples that no reader may ever meet; their word is 琉璃瓦."""


class FakeEncoder:
    """Hashed characters and pairs of neighbours: similar text is near, and no model is needed."""

    name = "fake"
    dimensions = 256

    def encode(self, texts: list[str], *, query: bool = False) -> Vectors:
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for gram in grams(text):
                number = zlib.crc32(gram.encode())
                row[number % self.dimensions] += 1 if number >> 16 & 1 else -1
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / np.where(norms, norms, 1)


@cache
def words() -> Lexicon:
    """The lexicon that ships, read once."""
    return wordlists.load(wordlists.SHIPPED)


@cache
def segmenter() -> Segmenter:
    """The segmenter of the shipped lexicon; making one takes longer than most tests."""
    return Segmenter(words().words)


def make_content(folder: Path) -> Path:
    """A content root with the sample entries, in `folder`/content."""
    shutil.copytree(CONTENT, folder / "content")
    return folder / "content"


def make_tools(folder: Path, encoder: Encoder | None = None, fingerprint: str = "shipped") -> Tools:
    """Tools over `folder`/content and `folder`/local."""
    return Tools(Store((folder / "content",), folder / "local"), segmenter(), encoder, fingerprint)


def open_library(folder: Path, encoder: Encoder | None = None, fingerprint: str = "shipped") -> Library:
    """The library over `folder`/content, as `Library.open` makes it, with an encoder of one's own."""
    room = Room(make_tools(folder, encoder, fingerprint), words(), folder / "index")
    return Library(room, words(), None, ())


def write_entry(root: Path, entry: Entry) -> Path:
    """Put an entry into a content root by hand, as an editor or `git pull` would."""
    path = root / entry.kind.folder / f"{entry.id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema.dump(entry), encoding="utf-8")
    return path


def new_case(entry_id: str, title: str) -> Entry:
    """A published case to save."""
    body = f"## 背景\n\n{title}。"
    return Entry(entry_id, Kind.CASE, title, body=body, publication=Publication.PUBLISHED)
