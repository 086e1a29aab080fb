"""What of the product's inside the measurements look at, in one place: mend it here when it moves."""

from __future__ import annotations

from itertools import compress
from typing import Any

import numpy as np

from indexer import analysis
from indexer.library import Library
from indexer.postings import WORD_FIELDS
from indexer.segmentation import Segmenter
from indexer.semantic import VectorIndex
from indexer.types import Candidate, Encoder, Query, Vectors
from indexer.vectors import widen
from kb.types import Entry


def keyword_index(library: Library) -> Any:
    """The keyword leg, to be asked without the rest of a search."""
    return library._room.generation.keyword


def oracle(library: Library, asked: Query, limit: int) -> list[Candidate]:
    """The same question to stock Whoosh over the same index."""
    return list(keyword_index(library).oracle(asked, limit))


def texts(entry: Entry) -> dict[str, str]:
    """What the keyword leg cuts, by field; pairs of characters come on top."""
    fields = zip(WORD_FIELDS, analysis.field_texts(entry), strict=True)
    return {name: "\n".join(texts) for name, texts in fields}


def semantic_index(library: Library) -> VectorIndex:
    """The semantic leg's vectors."""
    vectors = library.snapshot.vectors
    assert vectors is not None
    return vectors


def passage_vectors(library: Library) -> tuple[list[str], np.ndarray[Any, Any], Vectors]:
    """Entry ids, where their rows start and the last ends, and every passage vector in full precision."""
    index = semantic_index(library)
    matrix = np.empty((len(index), index.dimensions), np.float32)
    ids, starts, at = [], [], 0
    for entry_id, rows in (*compress(index.base.entries(), index._alive), *index.fresh.entries()):
        matrix[at : at + len(rows)] = widen(rows)
        ids.append(entry_id)
        starts.append(at)
        at += len(rows)
    return ids, np.array([*starts, at]), matrix


def encoder(library: Library) -> Encoder:
    """What turns text into vectors."""
    found = library._room.tools.encoder
    assert found is not None
    return found


def encode(library: Library, asked: Query) -> Vectors:
    """The question as the semantic leg compares it."""
    row: Vectors = encoder(library).encode([asked.meaning], query=True)[0]
    return row


def segmenter(library: Library) -> Segmenter:
    """The cutter in use."""
    return library._room.tools.segmenter
