"""A query as rows of cells, and Whoosh's BM25F over them, to the last bit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from indexer.postings import GRAMS, K1, Array, Ints, Part

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query as rows: each word in each field, then each gram."""

    words: tuple[bytes, ...]
    grams: tuple[bytes, ...]
    boosts: Floats
    """Of each row."""
    fields: Ints
    """Number of the field of each row."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the cells of each row of a query lie in one part."""

    starts: Ints
    sizes: Ints
    tops: Ints
    """The greatest impact of each row."""


def want(
    words: Sequence[str], weights: Sequence[float], grams: Sequence[str], boosts: Sequence[float]
) -> Wanted:
    """`boosts` of the seven word fields and of the grams, times the weight of each word."""
    of_words = [boost * weight for weight in weights for boost in boosts[:GRAMS]]
    return Wanted(
        tuple([word.encode() for word in words]),
        tuple([gram.encode() for gram in grams]),
        np.array(of_words + [boosts[GRAMS]] * len(grams)),
        _fields(len(words), len(grams)),
    )


@lru_cache(maxsize=2000)
def _fields(words: int, grams: int) -> Ints:
    return np.concatenate((np.tile(np.arange(GRAMS), words), np.full(grams, GRAMS)))


def rows_in(part: Part, wanted: Wanted) -> Rows:
    """Look the words up."""
    found = [*map(part.word_rows, wanted.words), *map(part.gram_rows, wanted.grams)]
    return Rows(*np.concatenate(found, axis=1))


def rarity(frequencies: Ints, documents: int) -> Floats:
    """Whoosh's idf of each row."""
    return np.array([math.log(documents / (n + 1)) + 1 for n in frequencies.tolist()])


def exact(
    row: Ints,
    which: Array,
    docs: Array,
    counts: Array,
    lengths: NDArray[np.uint8],
    wanted: Wanted,
    idf: Floats,
    norms: Floats,
) -> Floats:
    """Scores of `docs` from their cells, in Whoosh's formula and order; `which` says whose a cell is."""
    field = wanted.fields[row]
    below = norms[field, lengths[field, docs[which]]]
    counted = counts.astype(np.float64)
    parts = idf[row] * ((counted * (K1 + 1)) / (counted + below)) * wanted.boosts[row]
    scores: Floats = np.bincount(which, parts, minlength=len(docs)).astype(np.float64, copy=False)
    return scores
