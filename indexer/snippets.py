"""Passages and words -> the lines shown under a title. Pure; spans are data, not HTML."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from indexer.segmentation import Segmenter, fold
from indexer.types import Highlighted, Passage

TYPICAL_CHARS = 600
"""A passage of this length halves the weight of its words."""
SNIPPET_CHARS = 110
"""Three lines on a phone."""


def mark(text: str, words: Iterable[str], segmenter: Segmenter) -> Highlighted:
    """`text` with every typed word marked whole, wherever it stands, overlaps merged.

    Words are found as letters, not as tokens, so that a word inside a longer
    one is marked too; numbers written otherwise (六个月 for 6个月) are found as
    tokens.
    """
    folded = fold(text)
    wanted = [word for word in words if word]
    spans: list[tuple[int, int]] = []
    for word in wanted:
        at = folded.find(word)
        while at >= 0:
            spans.append((at, at + len(word)))
            at = folded.find(word, at + len(word))
    numbers = {word for word in wanted if any(char.isdigit() for char in word)}
    if numbers:
        spans += [(t.start, t.end) for t in segmenter.numbers(text) if t.text in numbers]
    return Highlighted(text, _merged(spans))


def fit(passage: Passage, weights: Mapping[str, float]) -> float:
    """How much of what was typed a passage says: rare words and repeated ones count more, length less."""
    text = fold(f"{passage.heading} {passage.text}")
    counts = {word: text.count(word) for word in weights}
    said = sum(weights[word] * (1 + math.log(count)) for word, count in counts.items() if count)
    return said / (1 + len(text) / TYPICAL_CHARS)


def snippet(passage: Passage, words: tuple[str, ...], segmenter: Segmenter) -> Highlighted:
    """The stretch of the passage with the most different words, marked."""
    text = " ".join(passage.text.split())
    marked = mark(text, words, segmenter)
    if len(text) <= SNIPPET_CHARS:
        return marked
    start = _densest(marked)
    cut = text[start : start + SNIPPET_CHARS]
    lead = "…" if start else ""
    tail = "…" if start + SNIPPET_CHARS < len(text) else ""
    return mark(f"{lead}{cut}{tail}", words, segmenter)


def _densest(marked: Highlighted) -> int:
    """Start of the window that holds the most different marked words, moved back to a sentence start."""
    best, best_count = 0, 0
    for start, _ in marked.spans:
        inside = {marked.value[s:e] for s, e in marked.spans if start <= s < start + SNIPPET_CHARS - 20}
        if len(inside) > best_count:
            best, best_count = start, len(inside)
    before = marked.value[max(0, best - 30) : best]
    stop = max(before.rfind(mark_) for mark_ in "。；！？：")
    return best - len(before) + stop + 1 if stop >= 0 else max(0, best - 10)


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
