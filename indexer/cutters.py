"""jieba and rjieba behind one interface. The only user of both.

Both read the same dictionary. jieba's guessing of unknown words (HMM) is off:
the cut then depends on the dictionary alone, and rjieba, 25 times faster,
gives the same words (see the tests).
"""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Protocol

_BREAK = "\n"
"""Stands between runs that are cut in one call: no word reaches across it."""


Indexed = tuple[list[str], list[int], list[int]]
"""Words of a run, for each the number of the cut word it starts in, and its offset."""


class Cutter(Protocol):
    """What jieba and rjieba have in common; both are asked for runs of Han characters only."""

    def cut(self, run: str) -> list[str]:
        """Words of `run` in order, nothing left out."""
        ...

    def words_in(self, run: str) -> Iterator[tuple[int, str]]:
        """(offset, word) of every dictionary word of two characters or more anywhere in `run`."""
        ...

    def index_runs(self, runs: Sequence[str]) -> Iterator[Indexed]:
        """Of each run its words, each followed by the words that start within it.

        Many runs at once, for a call into the library costs more than a word.
        """
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

    def index_runs(self, runs: Sequence[str]) -> Iterator[Indexed]:
        """See Cutter."""
        return (_with_inner(self, run) for run in runs)


class RjiebaCutter:
    """The same words at native speed; used where the package is installed.

    Never call `add_word` on an instance that others are cutting with: it
    raises in every thread. A changed lexicon makes a new instance.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        import rjieba

        self._rjieba = rjieba.Jieba()
        self._listed = {_BREAK}
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

    def index_runs(self, runs: Sequence[str]) -> Iterator[Indexed]:
        """See Cutter."""
        text = _BREAK.join(runs)
        if not self._lists_all(text):
            yield from (_with_inner(self, run) for run in runs)
            return
        cut = iter(self._rjieba.cut(text, False))
        words: list[str] = []
        homes: list[int] = []
        starts: list[int] = []
        word, home, base = "", -1, 0
        at, home_at, end = -1, -1, 0
        for found in self._rjieba.cut_all(text):
            if len(found) == 1:
                at += 1
                if at < end:
                    continue
                word = found = next(cut)
                home_at, end = at, at + len(word)
                if word == _BREAK:
                    yield words, homes, starts
                    words, homes, starts, home, base = [], [], [], -1, end
                    continue
                home += 1
            elif at == home_at and found == word:
                continue
            words.append(found)
            homes.append(home)
            starts.append(at - base)
        if runs:
            yield words, homes, starts

    def _lists_all(self, text: str) -> bool:
        """True when `cut_all` lists every character of the text by itself, so that starts can be counted."""
        fresh = set(text) - self._listed
        self._listed.update(char for char in fresh if self._rjieba.cut_all(char) == [char])
        return fresh <= self._listed


def _with_inner(cutter: Cutter, run: str) -> Indexed:
    """What `index_runs` promises, for one run and any cutter."""
    whole = cutter.cut(run)
    ends = list(accumulate(map(len, whole)))
    rows = [
        (home, end - len(word), -1, word) for home, (word, end) in enumerate(zip(whole, ends, strict=True))
    ]
    for start, word in cutter.words_in(run):
        home = bisect_right(ends, start)
        if (start, word) != (rows[home][1], whole[home]):
            rows.append((home, start, len(word), word))
    rows.sort(key=lambda row: row[:3])
    return [row[3] for row in rows], [row[0] for row in rows], [row[1] for row in rows]


def make_cutter(terms: Iterable[str]) -> Cutter:
    """The fastest cutter installed here; both give the same words (see the tests)."""
    listed = list(terms)
    try:
        return RjiebaCutter(listed)
    except ImportError:
        return JiebaCutter(listed)
