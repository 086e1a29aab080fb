"""One entry file -> everything that is written for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indexer.derived import derive
from indexer.manifest import Row
from indexer.passages import passages
from indexer.segmentation import Segmenter
from indexer.types import Encoder
from kb.store import File, Store
from kb.types import Entry, Publication


def is_published(entry: Entry | None) -> bool:
    """True for what readers may see."""
    return entry is not None and entry.publication is Publication.PUBLISHED


def make_row(
    file: File, store: Store, segmenter: Segmenter, encoder: Encoder | None, *, spelled: bool
) -> Row:
    """A file read, its passages encoded, and what goes beside it; without pinyin unless `spelled`."""
    record, findings = store.load(file)
    entry = record.entry if record else None
    row = Row(file.id, file.stamp, record.version if record else "", file.local, entry, findings)
    if entry is None or not is_published(entry):
        return row
    parts = passages(entry)
    texts = [f"{part.heading} {part.text}".strip() for part in parts]
    vectors = np.asarray(encoder.encode(texts)) if encoder else None
    return replace(row, passages=parts, vectors=vectors, beside=derive(entry, segmenter, spelled=spelled))
