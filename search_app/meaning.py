"""Which wordings mean the same: by the text encoder where there is one, by shared characters otherwise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from indexer.encoder import LIGHT, NONE, make_encoder
from indexer.errors import EncoderUnavailable
from indexer.library import Library
from indexer.segmentation import Segmenter
from indexer.types import Encoder
from search_app.config import Config

SAME_MEANING = 0.45
"""Cosine from which two questions ask the same. With the light encoder 食堂几点开饭 and 食堂什么时候开饭
have 0.61, 支部换届人数不够 and 选举到会人数不足怎么办 0.45; different matters stay below 0.25."""
SAME_WORDS = 0.4
"""Share of common pairs of characters, where there is no encoder."""

_ASKING = re.compile(
    r"什么时候|怎么办|怎么样|怎么|怎样|如何|什么|咋办|咋整|咋|要不要|能不能|可不可以|可以|应该|应当|多久|几点|吗|呢|吧|呀"
)
"""What every question has, and so says nothing about which one it is."""

T = TypeVar("T")
Likeness = Callable[[Sequence[str], Sequence[str]], list[list[float]]]
"""Two lists of texts -> a row per text of the first: how alike it is to each of the second, 1.0 the same."""


@dataclass(frozen=True, slots=True)
class Sense:
    """A way of telling how alike texts are, and from where on they count as the same."""

    likeness: Likeness
    same: float


@dataclass(frozen=True, slots=True)
class Group(Generic[T]):
    """Things whose texts mean the same; the first came first in the list they were taken from."""

    members: tuple[T, ...]


def sense_of(config: Config, library: Library) -> Sense:
    """The light encoder, unless meaning is switched off or the model cannot be read; then characters."""
    encoder = None if config.encoder == NONE else _light(library.snapshot.reader.segmenter)
    return Sense(_by_vectors(encoder), SAME_MEANING) if encoder else Sense(by_pairs, SAME_WORDS)


@lru_cache(maxsize=2)
def _light(segmenter: Segmenter) -> Encoder | None:
    """The light one whatever encoder searches: it costs nothing, and its threshold is measured."""
    try:
        return make_encoder(LIGHT, segmenter)
    except EncoderUnavailable:
        return None


def _by_vectors(encoder: Encoder) -> Likeness:
    def likeness(ours: Sequence[str], theirs: Sequence[str]) -> list[list[float]]:
        one = encoder.encode(list(ours), query=True)
        other = encoder.encode(list(theirs), query=True)
        rows: list[list[float]] = (one @ other.T).tolist()
        return rows

    return likeness


def by_pairs(ours: Sequence[str], theirs: Sequence[str]) -> list[list[float]]:
    """Likeness by neighbouring characters."""
    there = [_pairs(text) for text in theirs]
    return [[_dice(_pairs(text), other) for other in there] for text in ours]


def nearest(sense: Sense, text: str, others: Sequence[str], limit: int) -> list[int]:
    """Places in `others` of what means the same as `text`, the most alike first."""
    if not others:
        return []
    [row] = sense.likeness([text], others)
    found = sorted((-value, place) for place, value in enumerate(row) if value >= sense.same)
    return [place for _, place in found[:limit]]


def group(sense: Sense, things: Sequence[T], text: Callable[[T], str]) -> list[Group[T]]:
    """Each thing joins the group whose first member is most like it, or begins one; order is kept."""
    if not things:
        return []
    texts = [text(thing) for thing in things]
    rows = sense.likeness(texts, texts)
    groups: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        near = [(row[leader], -leader) for leader in groups if row[leader] >= sense.same]
        groups.setdefault(-max(near)[1] if near else place, []).append(place)
    return [Group(tuple(things[place] for place in places)) for places in groups.values()]


def _pairs(text: str) -> Counter[str]:
    bare = "".join(char for char in _ASKING.sub("", text.casefold()) if char.isalnum())
    return Counter(bare[at : at + 2] for at in range(max(1, len(bare) - 1)))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0
