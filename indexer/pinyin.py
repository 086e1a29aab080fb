"""Letters -> the Chinese they spell, and characters that only sound right -> the term that was meant.

A small input method over the words of this collection: the cheapest path of
words through the letters, with word and word-pair counts from titles, other
ways of asking and the lexicon. Built on first need, because few queries need it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer import readings
from indexer.courtesy import Each, at_once

WORDS_PER_SPELLING = 10
"""Homophones considered for one spelling, the most frequent first."""
BEAM = 8
"""Paths kept at each letter; more changed no decoded query of the tuning half."""
PAIR_WEIGHT = 0.7
"""Share of the word-pair model against single-word counts."""
UNSEEN_PENALTY = 4.0
"""Extra cost (nats) of a word known only from the lexicon or as a single character."""
MAX_SPELLING = 36
"""Letters of the longest word looked up: six syllables."""


@lru_cache(maxsize=4_000)
def spell(word: str) -> tuple[str, ...]:
    """Syllables of a word without tones, ü written v: 党费 -> ("dang", "fei")."""
    return readings.table().read(word)


def plain_letters(text: str) -> str:
    """Tone marks and tone digits dropped, ü written v: Dǎng3fèi -> dangfei."""
    spelled = text.lower().replace("ü", "v").replace("u:", "v")
    stripped = "".join(c for c in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(c))
    return re.sub(r"(?<=[a-z])[1-5](?![0-9])", "", stripped)


class PinyinModel:
    """Words of the collection by their spelling, with how often they are used and after which word."""

    def __init__(
        self, sentences: Iterable[tuple[str, ...]], terms: Iterable[str] = (), each: Each = at_once
    ) -> None:
        """Learns from `sentences`, as quickly as `each` lets it; `terms` are known without being used."""
        numbers = {"": 0}
        pairs = array("q")
        for words in each(sentences):
            before = 0
            for word in words:
                number = numbers.setdefault(word, len(numbers))
                pairs.append(before << 32 | number)
                before = number
        for term in terms:
            numbers.setdefault(term, len(numbers))
        # As copies they lie together, and the memory of all that was read goes back to the system.
        self._numbers = {word: n for n, word in enumerate("\n".join(numbers).split("\n"))}
        self._total = len(pairs) + 1
        self._counts, self._followers = _counted(pairs, len(numbers))
        by_spelling: dict[str, list[str]] = {}
        for word in each(self._numbers):
            if word and all("㐀" <= char <= "鿿" for char in word):
                by_spelling.setdefault("".join(readings.table().read(word)), []).append(word)
        self._by_spelling = {
            spelling: tuple(sorted(homophones, key=self._rank)[:WORDS_PER_SPELLING])
            for spelling, homophones in each(by_spelling.items())
        }

    def _rank(self, word: str) -> tuple[int, str]:
        """The most frequent first."""
        return -self.frequency(word), word

    def homophones(self, syllables: tuple[str, ...]) -> list[str]:
        """Known words of exactly this sound, the most frequent first."""
        return [w for w in self._by_spelling.get("".join(syllables), []) if spell(w) == syllables]

    def frequency(self, word: str) -> int:
        """How often the collection uses `word` in titles and questions."""
        return self._counts[self._numbers.get(word, 0)]

    def decode(self, letters: str) -> str:
        """The likeliest Chinese for a run of letters; empty when they spell nothing known."""
        paths: list[list[tuple[float, tuple[str, ...]]]] = [[] for _ in range(len(letters) + 1)]
        paths[0] = [(0.0, ())]
        for start in range(len(letters)):
            if not paths[start]:
                continue
            for end in range(start + 1, min(len(letters), start + MAX_SPELLING) + 1):
                for word in self._by_spelling.get(letters[start:end], ()):
                    for cost, words in paths[start]:
                        paths[end].append(
                            (cost + self._cost(word, words[-1] if words else ""), (*words, word))
                        )
            for end in range(start + 1, min(len(letters), start + MAX_SPELLING) + 1):
                paths[end] = sorted(paths[end])[:BEAM]
        best = paths[len(letters)]
        return "".join(best[0][1]) if best else ""

    def _cost(self, word: str, before: str) -> float:
        number, earlier = self._numbers[word], self._numbers[before]
        count = self._counts[number]
        single = (count + 0.1) / self._total
        pair = self._followers.count(earlier, number) / max(
            1, self._counts[earlier] if before else self._total
        )
        penalty = UNSEEN_PENALTY if not count else 0.0
        return penalty - math.log(PAIR_WEIGHT * pair + (1 - PAIR_WEIGHT) * single)


@dataclass(frozen=True, slots=True)
class _Followers:
    """Which words come after which, and how often: as arrays, a tenth of what a dictionary of pairs takes."""

    starts: array[int]
    """Where those of a word begin, by its number; the last one: where all end."""
    words: array[int]
    """Their numbers, ascending for each word before them."""
    counts: array[int]

    def count(self, before: int, word: int) -> int:
        """How often `word` comes right after `before`."""
        end = self.starts[before + 1]
        at = bisect_left(self.words, word, self.starts[before], end)
        return self.counts[at] if at < end and self.words[at] == word else 0


def _counted(pairs: array[int], size: int) -> tuple[array[int], _Followers]:
    """How often each of `size` words occurs, and after which; pairs hold the earlier word above."""
    found, counts = np.unique(np.array(pairs, np.int64), return_counts=True)
    before, words = found >> 32, found & 0xFFFFFFFF
    alone = np.bincount(words, counts, size)
    starts = np.searchsorted(before, np.arange(size + 1))
    return _array(alone), _Followers(_array(starts), _array(words), _array(counts))


def _array(values: NDArray[Any]) -> array[int]:
    """What Python reads one by one three times as fast as from numpy."""
    return array("I", values.astype(np.uintc).tobytes())
