"""Text -> words, in two modes that are tested as a pair. The only user of jieba.

Index side: the cut with the party lexicon, and every dictionary word found
inside or across it, at the position of the cut word where it starts. Query
side: whole words of the cut, and apart from them the words inside long ones.
So a query word finds a document whichever way that document was cut, and
adding a term to the lexicon can only add index words, never take one away.

jieba's guessing of unknown words (HMM) is off: the cut then depends on the
dictionary alone, and rjieba, which reads the same dictionary and is 25 times
faster, gives the same tokens. jieba's own Whoosh analyzer is not used: it sets
word positions to character offsets, so that every phrase finds nothing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Protocol

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
_HAN = re.compile(r"[㐀-鿿]+")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def fold(text: str) -> str:
    """Full-width letters and digits to half width, capitals to small; never changes the length."""
    folded = text.translate(_FULL_WIDTH)
    lowered = folded.lower()
    return lowered if len(lowered) == len(folded) else folded


class Cutter(Protocol):
    """What jieba and rjieba have in common; both are asked for runs of Han characters only."""

    def cut(self, run: str) -> list[str]:
        """Words of `run` in order, nothing left out."""
        ...

    def words_in(self, run: str) -> Iterator[tuple[int, str]]:
        """(offset, word) of every dictionary word of two characters or more anywhere in `run`."""
        ...


class JiebaCutter:
    """The reference: jieba with a dictionary of its own, so that nothing global is changed."""

    def __init__(self, terms: Iterable[str]) -> None:
        import jieba

        jieba.setLogLevel("WARNING")
        self._jieba = jieba.Tokenizer()
        # jieba loads `marshal` data from its cache folder unchecked; the shared
        # temporary folder of the system is no place for that.
        with tempfile.TemporaryDirectory(prefix="kb-jieba-") as folder:
            self._jieba.tmp_dir = folder
            self._jieba.initialize()
        for term in terms:
            if self.cut(term) != [term]:
                # jieba counts a word it knows already twice in its total, rjieba does not.
                known = self._jieba.FREQ.get(term, 0)
                self._jieba.add_word(term)
                self._jieba.total -= known

    def cut(self, run: str) -> list[str]:
        """See Cutter."""
        return list(self._jieba.cut(run, HMM=False))

    def words_in(self, run: str) -> Iterator[tuple[int, str]]:
        """See Cutter."""
        for start, ends in self._jieba.get_DAG(run).items():
            for end in ends:
                if end > start:
                    yield start, run[start : end + 1]


class RjiebaCutter:
    """The same words at native speed; used where the package is installed.

    Never call `add_word` on an instance that others are cutting with: it
    raises in every thread. A changed lexicon makes a new instance.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        import rjieba

        self._rjieba = rjieba.Jieba()
        for term in terms:
            if self.cut(term) != [term]:
                self._rjieba.add_word(term, None, None)

    def cut(self, run: str) -> list[str]:
        """See Cutter."""
        return list(self._rjieba.cut(run, False))

    def words_in(self, run: str) -> Iterator[tuple[int, str]]:
        """See Cutter."""
        # cut_all lists the words by start, shortest first, at least one a start;
        # the starts have to be counted back.
        start, length = -1, 0
        for word in self._rjieba.cut_all(run):
            if start < 0 or len(word) <= length or not run.startswith(word, start):
                start += 1
            length = len(word)
            if length > 1:
                yield start, word


def make_cutter(terms: Iterable[str]) -> Cutter:
    """The fastest cutter installed here; both give the same words (see the tests)."""
    listed = list(terms)
    try:
        return RjiebaCutter(listed)
    except ImportError:
        return JiebaCutter(listed)


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
        for start, end, piece in _pieces(folded):
            if piece:
                tokens.append(Token(piece, start, end, len(tokens)))
            else:
                tokens += self._cut(folded[start:end], start, len(tokens))
        return tokens

    def index_tokens(self, text: str) -> list[Token]:
        """Index side: the whole words, each followed by the dictionary words that start within it."""
        folded = fold(text)
        tokens: list[Token] = []
        position = 0
        for start, end, piece in _pieces(folded):
            if piece:
                tokens.append(Token(piece, start, end, position))
                position += 1
            else:
                words = self._cut(folded[start:end], start, position)
                tokens += self._with_inner(folded[start:end], start, words)
                position += len(words)
        return tokens

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

    def _with_inner(self, run: str, offset: int, words: list[Token]) -> list[Token]:
        at = [word for word in words for _ in word.text]
        inner: dict[int, list[Token]] = {}
        for start, text in self._cutter.words_in(run):
            home = at[start]
            token = Token(text, offset + start, offset + start + len(text), home.position)
            if token != home:
                inner.setdefault(home.position, []).append(token)
        return [token for word in words for token in (word, *inner.get(word.position, ()))]


def _pieces(folded: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, text): numbers and Latin words ready made, runs of Han characters with empty text."""
    at = 0
    for match in _PIECE.finditer(folded):
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
