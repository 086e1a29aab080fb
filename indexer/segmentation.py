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
from collections.abc import Iterable, Iterator
from functools import lru_cache

from indexer.cutters import Cutter as Cutter
from indexer.cutters import Indexed
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
KEPT_RUNS = 4096
"""Runs of Han characters whose words are remembered: those of some thirty entries, 3 MiB."""
_NO_WORDS: Indexed = ([], [], [])
_HAN = re.compile(r"[㐀-鿿]+")
_STARTS = re.compile(r"[\da-z零〇一二三四五六七八九十百千两]")
"""Characters a piece can start with; looking for them first is twice as fast as trying every place."""
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}


def fold(text: str) -> str:
    """Full-width letters and digits to half width, capitals to small; never changes the length."""
    folded = text
    for wide in _FULL_WIDTH.keys() & set(text):
        folded = folded.replace(wide, _FULL_WIDTH[wide])
    lowered = folded.lower()
    return lowered if len(lowered) == len(folded) else folded


class Segmenter:
    """Text -> tokens, for the index and for queries.

    `terms` are the lexicon's words; they are cut whole, and still found by
    their parts. Safe to share between threads.
    """

    def __init__(self, terms: Iterable[str] = (), cutter: Cutter | None = None) -> None:
        self._cutter = cutter or make_cutter(terms)
        self._parts = lru_cache(maxsize=20_000)(self._parts_of)
        self._known: dict[str, Indexed] = {}

    def words(self, text: str) -> list[Token]:
        """Query side: whole words with their true offsets, at positions 0, 1, 2 …; punctuation left out."""
        folded = fold(text)
        tokens: list[Token] = []
        for start, end, piece in _pieces(folded):
            if piece:
                tokens.append(Token(piece, start, end, len(tokens)))
            else:
                tokens += self._cut(folded[start:end], start, len(tokens))
        return tokens

    def numbers(self, text: str) -> list[Token]:
        """Those of `words` that are not Chinese: numbers with their units in their one form, Latin words.

        Positions are counted among themselves. Ten times faster than cutting everything.
        """
        pieces = (piece for piece in _pieces(fold(text)) if piece[2])
        return [Token(piece, start, end, number) for number, (start, end, piece) in enumerate(pieces)]

    def index_tokens(self, text: str) -> list[Token]:
        """Index side: the whole words, each followed by the dictionary words that start within it."""
        folded = fold(text)
        tokens: list[Token] = []
        position = 0
        for start, end, piece, (words, homes, starts) in self._indexed(folded):
            if piece:
                tokens.append(Token(piece, start, end, position))
                position += 1
            else:
                tokens += [
                    Token(word, start + at, start + at + len(word), position + home)
                    for word, home, at in zip(words, homes, starts, strict=True)
                ]
                position += homes[-1] + 1
        return tokens

    def index_words(self, text: str) -> tuple[list[str], list[int]]:
        """Texts and positions of `index_tokens`: what a bulk build needs, without a Token for each."""
        found: list[str] = []
        positions: list[int] = []
        position = 0
        for _, _, piece, (words, homes, _) in self._indexed(fold(text)):
            if piece:
                found.append(piece)
                positions.append(position)
                position += 1
            else:
                found += words
                positions += [position + home for home in homes]
                position += homes[-1] + 1
        return found, positions

    def _indexed(self, folded: str) -> Iterator[tuple[int, int, str, Indexed]]:
        """Pieces of a text, and for each run of Han characters its words.

        Runs are cut all in one go, and remembered: an entry is cut twice, for
        the keyword leg by field and for the encoder by passage.
        """
        pieces = list(_pieces(folded))
        runs = {folded[start:end] for start, end, piece in pieces if not piece}
        known = self._known if len(self._known) < KEPT_RUNS else {}
        missing = [run for run in runs if run not in known]
        known.update(zip(missing, self._cutter.index_runs(missing), strict=True))
        self._known = known
        for start, end, piece in pieces:
            yield start, end, piece, _NO_WORDS if piece else known[folded[start:end]]

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
    """(start, end, text): numbers and Latin words ready made, runs of Han characters with empty text."""
    at = 0
    for begin in _STARTS.finditer(folded):
        if begin.start() >= at and (match := _PIECE.match(folded, begin.start())):
            yield from _han_runs(folded, at, match.start())
            yield match.start(), match.end(), _canonical(match)
            at = match.end()
    yield from _han_runs(folded, at, len(folded))


def _han_runs(folded: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _HAN.finditer(folded, start, end):
        yield match.start(), match.end(), ""


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
