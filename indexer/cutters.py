"""jieba and rjieba behind one interface. The only user of both.

Both read the same dictionary. jieba's guessing of unknown words (HMM) is off:
the cut then depends on the dictionary alone, and rjieba, 25 times faster,
gives the same words (see the tests).
"""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from itertools import accumulate, compress, groupby
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

BREAK = "\n"
"""Stands between runs that are cut in one call: no word reaches across it."""

Numbers = NDArray[np.int64]
Indexed = tuple[list[str], Numbers, NDArray[np.bool_]]
"""Words, where each starts, and whether it is a word of the cut or one that starts within such a word."""


class Cutter(Protocol):
    """What jieba and rjieba have in common; both are asked for runs of Han characters only."""

    def cut(self, run: str) -> list[str]:
        """Words of `run` in order, nothing left out."""
        ...

    def words_in(self, run: str) -> Iterator[tuple[int, str]]:
        """(offset, word) of every dictionary word of two characters or more anywhere in `run`."""
        ...

    def index_runs(self, runs: str) -> Indexed:
        """Words of runs with a line end between each two, each followed by the words that start within it.

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

    def index_runs(self, runs: str) -> Indexed:
        """See Cutter."""
        return one_by_one(self, runs)


class RjiebaCutter:
    """The same words at native speed; used where the package is installed.

    Never call `add_word` on an instance that others are cutting with: it
    raises in every thread. A changed lexicon makes a new instance.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self._rjieba = _native_class()()
        self._listed = {BREAK}
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

    def index_runs(self, runs: str) -> Indexed:
        """See Cutter."""
        if self._lists_all(runs):
            return self._together(runs)
        found, at = [], 0
        for listed, lines in groupby(runs.split(BREAK), self._lists_all):
            text = BREAK.join(lines)
            words, starts, whole = self._together(text) if listed else one_by_one(self, text)
            found.append((words, starts + at, whole))
            at += len(text) + 1
        return _joined(found)

    def _together(self, text: str) -> Indexed:
        """`index_runs` where `cut_all` lists every character, and behind it the words that start there."""
        found, cut = self._rjieba.cut_all(text), self._rjieba.cut(text, False)
        lengths, ends = _lengths(found), np.cumsum(_lengths(cut))
        single = lengths == 1
        starts = np.cumsum(single) - 1
        # The cut word that starts at a character takes the character's place, and is not listed again.
        longest = np.zeros(len(text), np.int64)
        longest[ends[:-1]] = np.diff(ends)
        longest[:1] = ends[:1]
        here = longest[starts]
        whole = single & (here > 0)
        for place, word in zip(np.flatnonzero(whole).tolist(), cut, strict=True):
            found[place] = word
        kept = np.where(single, whole & (codes_of(text) != ord(BREAK))[starts], here != lengths)
        return [*compress(found, kept.tolist())], starts[kept], whole[kept]

    def _lists_all(self, text: str) -> bool:
        """True when `cut_all` lists every character of the text by itself, so that starts can be counted."""
        fresh = set(text) - self._listed
        self._listed.update(char for char in fresh if self._rjieba.cut_all(char) == [char])
        return fresh <= self._listed


def _native_class() -> Any:
    """rjieba's class alone: the package makes a cutter for everybody too, 25 MiB and a tenth of a second."""
    package = find_spec("rjieba")
    alone = package and PathFinder.find_spec("rjieba.rjieba", package.submodule_search_locations)
    if not alone or not alone.loader:
        import rjieba

        return rjieba.Jieba
    module = module_from_spec(alone)
    alone.loader.exec_module(module)
    return module.Jieba


def one_by_one(cutter: Cutter, runs: str) -> Indexed:
    """What `index_runs` promises, with any cutter and no more than it needs."""
    found, at = [], 0
    for run in runs.split(BREAK):
        words, starts, whole = _with_inner(cutter, run)
        found.append((words, np.array(starts, np.int64) + at, np.array(whole, bool)))
        at += len(run) + 1
    return _joined(found)


def _with_inner(cutter: Cutter, run: str) -> tuple[list[str], list[int], list[bool]]:
    """The words of one run, each followed by the words that start within it."""
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
    return [row[3] for row in rows], [row[1] for row in rows], [row[2] < 0 for row in rows]


def _joined(several: list[Indexed]) -> Indexed:
    words = [word for found, _, _ in several for word in found]
    return (
        words,
        np.concatenate([starts for _, starts, _ in several]),
        np.concatenate([whole for _, _, whole in several]),
    )


def codes_of(text: str) -> NDArray[np.uint32]:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _lengths(words: list[str]) -> Numbers:
    return np.fromiter(map(len, words), np.int64, len(words))


def make_cutter(terms: Iterable[str]) -> Cutter:
    """The fastest cutter installed here; both give the same words (see the tests)."""
    listed = list(terms)
    try:
        return RjiebaCutter(listed)
    except ImportError:
        return JiebaCutter(listed)
