"""One entry file -> everything that is written for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from indexer.analysis import Analysed, analyse
from indexer.derived import Derived, derive
from indexer.passages import passages
from indexer.segmentation import Segmenter
from indexer.types import Encoder, Passage
from indexer.vectors import Halves, halve
from kb.store import File, Store
from kb.types import Entry, Finding, Publication


@dataclass(frozen=True, slots=True)
class Row:
    """One indexed file. `entry` is None where the file could not be read; then `findings` say why."""

    id: str
    stamp: str
    version: str
    local: bool
    entry: Entry | None
    findings: tuple[Finding, ...]
    passages: tuple[Passage, ...] = ()
    vectors: Halves | None = None
    analysed: Analysed | None = None
    beside: Derived | None = None
    """None for what is not published: only its findings are of use to anybody."""


def is_published(entry: Entry | None) -> bool:
    """True for what readers may see."""
    return entry is not None and entry.publication is Publication.PUBLISHED


def make_row(
    file: File, store: Store, segmenter: Segmenter, encoder: Encoder | None, *, spelled: bool
) -> Row:
    """A file read, cut into words and encoded, and what goes beside it; with pinyin only if `spelled`."""
    record, findings = store.load(file)
    entry = record.entry if record else None
    row = Row(file.id, file.stamp, record.version if record else "", file.local, entry, findings)
    if entry is None or not is_published(entry):
        return row
    parts = passages(entry)
    texts = [f"{part.heading} {part.text}".strip() for part in parts]
    return replace(
        row,
        passages=parts,
        analysed=analyse(entry, segmenter),
        vectors=halve(np.asarray(encoder.encode(texts))) if encoder else None,
        beside=derive(entry, segmenter, spelled=spelled),
    )
