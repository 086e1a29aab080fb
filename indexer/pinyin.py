"""Letters -> the Chinese they spell, and characters that only sound right -> the term that was meant.

A small input method over the words of this collection: the cheapest path of
words through the letters, with word and word-pair counts from titles, other
ways of asking and the lexicon. Built on first need, because few queries need it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

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


@lru_cache(maxsize=50_000)
def spell(word: str) -> tuple[str, ...]:
    """Syllables of a word without tones, ü written v: 党费 -> ("dang", "fei")."""
    from pypinyin import lazy_pinyin

    return tuple(s.replace("ü", "v") for s in lazy_pinyin(word))


def plain_letters(text: str) -> str:
    """Tone marks and tone digits dropped, ü written v: Dǎng3fèi -> dangfei."""
    spelled = text.lower().replace("ü", "v").replace("u:", "v")
    stripped = "".join(c for c in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(c))
    return re.sub(r"(?<=[a-z])[1-5](?![0-9])", "", stripped)


class PinyinModel:
    """Words of the collection by their spelling, with how often they are used and after which word."""

    def __init__(self, sentences: Iterable[tuple[str, ...]], terms: Iterable[str] = ()) -> None:
        self._count: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        for words in sentences:
            self._count.update(words)
            self._pairs.update(zip(["", *words], words, strict=False))
        self._total = sum(self._count.values()) + 1
        self._terms = frozenset(terms)
        self._by_spelling: dict[str, list[str]] = {}
        for word in (*self._count, *(t for t in self._terms if t not in self._count)):
            if all("㐀" <= char <= "鿿" for char in word):
                self._by_spelling.setdefault("".join(spell(word)), []).append(word)
        for homophones in self._by_spelling.values():
            homophones.sort(key=lambda word: (-self._count[word], word))
            del homophones[WORDS_PER_SPELLING:]

    def homophones(self, syllables: tuple[str, ...]) -> list[str]:
        """Known words of exactly this sound, the most frequent first."""
        return [w for w in self._by_spelling.get("".join(syllables), []) if spell(w) == syllables]

    def frequency(self, word: str) -> int:
        """How often the collection uses `word` in titles and questions."""
        return self._count[word]

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
        count = self._count[word]
        single = (count + 0.1) / self._total
        pair = self._pairs[before, word] / max(1, self._count[before] if before else self._total)
        penalty = UNSEEN_PENALTY if not count else 0.0
        return penalty - math.log(PAIR_WEIGHT * pair + (1 - PAIR_WEIGHT) * single)
