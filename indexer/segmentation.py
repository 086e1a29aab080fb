"""Text -> words, in two modes that are tested as a pair.

Index side: the cut with the party lexicon, and every dictionary word found
inside or across it, at the position of the cut word where it starts. Query
side: whole words of the cut, and apart from them the words inside long ones.
So a query word finds a document whichever way that document was cut, and
adding a term to the lexicon can only add index words, never take one away.

jieba's own Whoosh analyzer is not used: it sets word positions to character
offsets, so that every phrase finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from indexer.cutters import BREAK, Indexed, Numbers, codes_of
from indexer.cutters import Cutter as Cutter
from indexer.cutters import JiebaCutter as JiebaCutter
from indexer.cutters import RjiebaCutter as RjiebaCutter
from indexer.cutters import make_cutter as make_cutter
from indexer.types import Token
from kb.numerals import CHINESE_NUMBER, to_int

_LONG_UNITS = {
    "个工作日": "工作日",
    "个学时": "学时",
    "个小时": "小时",
    "天": "日",
    "块": "元",
    "号": "日",
    "周岁": "岁",
}
_UNITS = "个月|个?工作日|个?学时|个?小时|周岁|周年|年|月|日|号|天|次|人|名|元|块|条|周|届|岁|倍|份|款"
# 统一年度 and 一次性 hold no number; 第三十一条 does.
_NUMBER = rf"(?<![统专唯万])(?P<digits>{CHINESE_NUMBER}|\d+(?:\.\d+)?)(?P<unit>{_UNITS})(?![性度])"
_FRACTION = rf"(?P<whole>百|{CHINESE_NUMBER}|\d+)分之(?P<part>{CHINESE_NUMBER}|\d+)"
_LATIN = r"(?<![\d/])\d{1,2}/\d{1,2}(?![\d/])|[a-z0-9]+(?:\.\d+)?%?"
_PIECE = re.compile(rf"{_FRACTION}|{_NUMBER}|(?P<latin>{_LATIN})")
MAX_DIGITS = 12
"""Longer runs of digits are serial numbers, not amounts; Python refuses to read thousands of them."""
FIRST_HAN, LAST_HAN = 0x3400, 0x9FFF
"""Code points of Han characters, without the rare ones beyond 16 bits."""
_HAN = re.compile(r"[㐀-鿿]+")
_STARTS = re.compile(r"[\da-z零〇一二三四五六七八九十百千两]")
"""Characters a piece can start with; looking for them first is twice as fast as trying every place."""
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
_WIDE = re.compile(f"[{''.join(_FULL_WIDTH)}]")
"""Finds them three times as fast as a set of the characters of the text would."""


def fold(text: str) -> str:
    """Full-width letters and digits to half width, capitals to small; never changes the length."""
    folded = text
    for wide in set(_WIDE.findall(text)):
        folded = folded.replace(wide, _FULL_WIDTH[wide])
    lowered = folded.lower()
    return lowered if len(lowered) == len(folded) else folded


@dataclass(frozen=True, slots=True)
class CutTexts:
    """Several texts cut in one go, the words of each behind those of the one before."""

    numbers: dict[str, int]
    """The texts."""
    folded: str
    """All of them, a line end between each two."""
    offsets: Numbers
    """Where each text begins in `folded`, and where one more would."""
    words: list[str]
    starts: Numbers
    """Where each word begins in `folded`."""
    positions: list[int]
    """Of each word within its text; words that start within another share its position."""
    bounds: list[int]
    """The words of text n are those from `bounds[n]` to `bounds[n + 1]`."""
    ends: dict[int, int]
    """Where numbers and Latin words end, by where they begin: their one form has another length."""

    def words_of(self, text: str) -> tuple[list[str], list[int]]:
        """What `Segmenter.index_words` gives for one of the texts."""
        number = self.numbers[text]
        some = slice(self.bounds[number], self.bounds[number + 1])
        return self.words[some], self.positions[some]

    def tokens_of(self, text: str) -> list[Token]:
        """What `Segmenter.index_tokens` gives for one of the texts."""
        number = self.numbers[text]
        some = slice(self.bounds[number], self.bounds[number + 1])
        base = int(self.offsets[number])
        rows = zip(self.words[some], self.starts[some].tolist(), self.positions[some], strict=True)
        return [
            Token(word, start - base, self.ends.get(start, start + len(word)) - base, position)
            for word, start, position in rows
        ]

    def whole_of(self, text: str) -> list[Token]:
        """What `Segmenter.words` gives for one of the texts."""
        position = 0
        found = []
        for token in self.tokens_of(text):
            if token.position == position:
                found.append(token)
                position += 1
        return found


class Segmenter:
    """Text -> tokens, for the index and for queries.

    `terms` are the lexicon's words; they are cut whole, and still found by
    their parts. Safe to share between threads.
    """

    def __init__(self, terms: Iterable[str] = (), cutter: Cutter | None = None) -> None:
        self._cutter = cutter or make_cutter(terms)
        self._parts = lru_cache(maxsize=20_000)(self._parts_of)

    def words(self, text: str) -> list[Token]:
        """Query side: whole words with their true offsets, at positions 0, 1, 2 …; punctuation left out."""
        folded = fold(text)
        tokens: list[Token] = []
        at = 0
        for start, end, piece in _pieces(folded):
            self._cut_between(folded, at, start, tokens)
            tokens.append(Token(piece, start, end, len(tokens)))
            at = end
        self._cut_between(folded, at, len(folded), tokens)
        return tokens

    def _cut_between(self, folded: str, start: int, end: int, tokens: list[Token]) -> None:
        for run in _HAN.finditer(folded, start, end):
            tokens += self._cut(run[0], run.start(), len(tokens))

    def numbers(self, text: str) -> list[Token]:
        """Those of `words` that are not Chinese: numbers with their units in their one form, Latin words.

        Positions are counted among themselves. Ten times faster than cutting everything.
        """
        return [
            Token(piece, start, end, number) for number, (start, end, piece) in enumerate(_pieces(fold(text)))
        ]

    def index_tokens(self, text: str) -> list[Token]:
        """Index side: the whole words, each followed by the dictionary words that start within it."""
        return self.index_many([text]).tokens_of(text)

    def index_words(self, text: str) -> tuple[list[str], list[int]]:
        """Texts and positions of `index_tokens`, without a Token for each."""
        return self.index_many([text]).words_of(text)

    def index_many(self, texts: Iterable[str]) -> CutTexts:
        """Many texts cut at once, each as if it were alone: several times faster than one by one."""
        numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        folded = _folded([*numbers])
        offsets = np.fromiter(accumulate((len(text) + 1 for text in numbers), initial=0), np.int64)
        pieces = list(_pieces(folded))
        words, starts, whole = self._indexed(folded, pieces)
        # One object for all occurrences of a word: its hash is kept, and another process is sent it once.
        once: dict[str, str] = {}
        words = list(map(once.setdefault, words, words))
        bounds = np.searchsorted(starts, offsets)
        counted = np.concatenate(([0], np.cumsum(whole)))
        positions = counted[1:] - 1 - np.repeat(counted[bounds[:-1]], np.diff(bounds))
        ends = {start: end for start, end, _ in pieces}
        return CutTexts(numbers, folded, offsets, words, starts, positions.tolist(), bounds.tolist(), ends)

    def _indexed(self, folded: str, pieces: Sequence[tuple[int, int, str]]) -> Indexed:
        """Words of a text whose pieces are known; runs of Han characters are cut all in one go."""
        codes = codes_of(folded)
        han = is_han(codes)
        for start, end, _ in pieces:
            han[start:end] = False
        first_behind = ~han[1:] & han[:-1]
        places = np.flatnonzero(np.concatenate((han[:1], han[1:] | first_behind)))
        runs = np.where(han, codes, np.uint32(ord(BREAK)))[places].tobytes().decode("utf-32-le")
        words, starts, whole = self._cutter.index_runs(runs)
        starts = places[starts]
        if not pieces:
            return words, starts, whole
        own = np.array([start for start, _, _ in pieces])
        at = np.searchsorted(starts, own)
        found: list[str] = []
        done = 0
        for place, (_, _, piece) in zip(at.tolist(), pieces, strict=True):
            found += words[done:place]
            found.append(piece)
            done = place
        return found + words[done:], np.insert(starts, at, own), np.insert(whole, at, True)

    def parts(self, word: str) -> tuple[str, ...]:
        """Dictionary words of two characters or more inside `word`, itself left out."""
        return self._parts(word)

    def _parts_of(self, word: str) -> tuple[str, ...]:
        if not _HAN.fullmatch(word):
            return ()
        found = (part for _, part in self._cutter.words_in(word) if part != word)
        return tuple(dict.fromkeys(found))

    def _cut(self, run: str, offset: int, position: int) -> list[Token]:
        tokens = []
        for word in self._cutter.cut(run):
            tokens.append(Token(word, offset, offset + len(word), position))
            offset += len(word)
            position += 1
        return tokens


def _pieces(folded: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, text) of numbers and Latin words; no piece reaches across the end of a line."""
    at = 0
    for begin in _STARTS.finditer(folded):
        if begin.start() >= at and (match := _PIECE.match(folded, begin.start())):
            at = match.end()
            yield match.start(), at, _canonical(match)


def _folded(texts: Sequence[str]) -> str:
    """The texts folded, a line end between each two."""
    joined = BREAK.join(texts)
    # The one character that grows when it is made small keeps its own text as it is, not all of them.
    return fold(joined) if "\u0130" not in joined else BREAK.join(map(fold, texts))


def is_han(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which code points are Han characters."""
    return (codes >= FIRST_HAN) & (codes <= LAST_HAN)


def _canonical(match: re.Match[str]) -> str:
    """六个月 and 6个月 -> 6个月; 五分之四 -> 4/5; 百分之二十 -> 20%; Latin as it is."""
    if match["part"]:
        if len(match["part"]) + len(match["whole"]) > 2 * MAX_DIGITS:
            return match[0]
        part = to_int(match["part"])
        return f"{part}%" if match["whole"] == "百" else f"{part}/{to_int(match['whole'])}"
    if match["unit"]:
        digits = match["digits"]
        if len(digits) > MAX_DIGITS:
            return match[0]
        number = digits if "." in digits else str(to_int(digits))
        return number + _LONG_UNITS.get(match["unit"], match["unit"])
    return match["latin"]


def grams(text: str) -> Iterator[str]:
    """Han characters and pairs of neighbours: what still matches when words are cut differently."""
    before = ""
    for char in fold(text):
        han = "㐀" <= char <= "鿿"
        if han:
            yield char
            if before:
                yield before + char
        before = char if han else ""
