"""Clauses of different policies that say nearly the same, and what they say differently.

For 制度精简: what stands twice can be merged, what stands twice with different
numbers must be settled. Versions of one regulation repeat each other on purpose
and are left out. Likeness is by words: two clauses that say the same in quite
different words are not found.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from kb import lineage, markdown
from kb.numerals import CHINESE_NUMBER, article_anchor, to_int
from kb.types import Entry, Kind

ALIKE = 0.42
"""Share of common character pairs from which two clauses are shown. Of the starter content four pairs pass,
all of them about one matter; below come dates of entry into force and other set phrases. A copy with its
figures and some words changed has 0.6 and more."""
SHORTEST = 12
"""Characters below which a clause is a heading or a definition, and likeness says nothing."""
COMMON = 60
"""Clauses a pair of characters may stand in before it is too common to lead from one clause to another."""
SHARED = 0.2
"""Part of its rarer pairs two clauses must share before they are compared in full."""

_CHINESE = re.compile(CHINESE_NUMBER)
_NUMERAL = r"[\d零〇一二三四五六七八九十百千两]+(?:\.\d+)?"
_UNIT_TIME = r"(?:个)?(?:工作日|月|日|天|周|年|学时|小时|季度)"
_DAY = rf"{_NUMERAL}年{_NUMERAL}月(?:{_NUMERAL}日)?"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("期限", re.compile(rf"{_DAY}|{_NUMERAL}(?:至{_NUMERAL})?{_UNIT_TIME}|半年|每年|每月|每季度|每半年")),
    (
        "数量",
        re.compile(
            rf"{_NUMERAL}分之{_NUMERAL}|{_NUMERAL}(?:至{_NUMERAL})?(?:以上|以下)?(?:名|人|次|倍|元|%|％|份)|半数|过半"
        ),
    ),
    (
        "主体",
        re.compile(
            r"(?:上一?级|基层|县级|市级|省级|地方|所在)?"
            r"(?:党支部委员会|支部委员会|支部委员|党员大会|支部大会|党小组|党支部书记|党支部|党总支|党委会?|党组织|党组|"
            r"纪律检查委员会|纪委|组织部门|组织部|监察机关|职工大会|理事会|办公室)"
        ),
    ),
)
"""What makes two clauses differ in substance: period, number, body. Earlier rows take their stretch first."""


@dataclass(frozen=True, slots=True)
class Article:
    """A clause as plain words, and where it stands."""

    policy: str
    title: str
    anchor: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What one side says and the other does not, of one sort."""

    sort: str
    """期限, 数量 or 主体."""
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two clauses that say nearly the same."""

    one: Article
    other: Article
    share: float
    differences: tuple[Difference, ...]
    one_marks: Spans = ()
    other_marks: Spans = ()

    @property
    def contrary(self) -> bool:
        """True when a period, a number or a body differs: then merging needs a decision."""
        return bool(self.differences)


@dataclass(frozen=True, slots=True)
class Twins:
    """Two policies that repeat one another."""

    one: str
    other: str
    titles: tuple[str, str]
    pairs: int
    share: float
    """Part of the shorter one that also stands in the other."""


def articles(policies: Iterable[Entry]) -> tuple[Article, ...]:
    """Every clause of every policy, long enough to be compared."""
    return tuple(
        Article(policy.id, policy.title, part.anchor, part.heading, text)
        for policy in policies
        for part in markdown.sections(policy.body)
        if article_anchor(part.heading) and len(text := markdown.plain(part.text)) >= SHORTEST
    )


@lru_cache(maxsize=4)
def alike(policies: tuple[Entry, ...], threshold: float = ALIKE) -> tuple[Pair, ...]:
    """Pairs across families that say nearly the same: differing figures first, then by likeness."""
    clauses = articles(policy for policy in policies if policy.kind is Kind.POLICY)
    home = _families(policies)
    grams = [_pairs(clause.text) for clause in clauses]
    found = []
    for here, there in _candidates(grams):
        if home[clauses[here].policy] != home[clauses[there].policy]:
            share = _dice(grams[here], grams[there])
            if share >= threshold:
                found.append(_pair(clauses[here], clauses[there], share))
    return tuple(
        sorted(found, key=lambda p: (not p.contrary, -p.share, p.one.policy, p.one.anchor, p.other.policy))
    )


def twins(policies: Sequence[Entry], pairs: Iterable[Pair], least: float = 0.3) -> tuple[Twins, ...]:
    """Policies that have at least that part of their clauses in common, the most alike first."""
    sizes = Counter(clause.policy for clause in articles(policies))
    titles = {policy.id: policy.title for policy in policies}
    shared: dict[tuple[str, str], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for pair in pairs:
        ours, theirs = shared[pair.one.policy, pair.other.policy]
        ours.add(pair.one.anchor)
        theirs.add(pair.other.anchor)
    found = []
    for (one, other), (ours, theirs) in shared.items():
        count = min(len(ours), len(theirs))
        share = count / min(sizes[one], sizes[other])
        if share >= least:
            found.append(Twins(one, other, (titles[one], titles[other]), count, share))
    return tuple(sorted(found, key=lambda twin: (-twin.share, twin.one, twin.other)))


def figures(text: str) -> tuple[tuple[str, int, int], ...]:
    """Every period, number and body of a clause: its sort and where it stands."""
    taken: list[tuple[str, int, int]] = []
    for sort, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if all(match.end() <= start or end <= match.start() for _, start, end in taken):
                taken.append((sort, match.start(), match.end()))
    return tuple(sorted(taken, key=lambda figure: figure[1]))


def _pair(one: Article, other: Article, share: float) -> Pair:
    ours, theirs = figures(one.text), figures(other.text)
    here = {(sort, _said(one.text[start:end])) for sort, start, end in ours}
    there = {(sort, _said(other.text[start:end])) for sort, start, end in theirs}
    differences = tuple(
        difference
        for sort, _ in _PATTERNS
        if (difference := _difference(sort, here, there)).ours or difference.theirs
    )
    only_ours, only_theirs = here - there, there - here
    return Pair(
        one,
        other,
        share,
        differences,
        tuple((a, b) for sort, a, b in ours if (sort, _said(one.text[a:b])) in only_ours),
        tuple((a, b) for sort, a, b in theirs if (sort, _said(other.text[a:b])) in only_theirs),
    )


def _said(figure: str) -> str:
    """六个月 and 6个月 say the same."""
    return _CHINESE.sub(lambda match: str(to_int(match[0])), figure)


def _difference(sort: str, here: set[tuple[str, str]], there: set[tuple[str, str]]) -> Difference:
    def only(mine: set[tuple[str, str]], theirs: set[tuple[str, str]]) -> tuple[str, ...]:
        return tuple(sorted(text for kind, text in mine - theirs if kind == sort))

    return Difference(sort, only(here, there), only(there, here))


def _families(policies: Iterable[Entry]) -> Mapping[str, int]:
    """Policy id -> number of its family."""
    return {
        version.entry.id: number
        for number, family in enumerate(lineage.families(policies))
        for version in family.versions
    }


def _candidates(grams: Sequence[Counter[str]]) -> Iterator[tuple[int, int]]:
    """Pairs worth comparing, found through what is not too common; each once, in order."""
    holders: dict[str, list[int]] = defaultdict(list)
    for number, pairs in enumerate(grams):
        for pair in pairs:
            holders[pair].append(number)
    rare = {pair: numbers for pair, numbers in holders.items() if 1 < len(numbers) <= COMMON}
    shared = Counter(both for numbers in rare.values() for both in combinations(numbers, 2))
    sizes = [sum(len(holders[pair]) <= COMMON for pair in pairs) for pairs in grams]
    for (here, there), count in sorted(shared.items()):
        if count >= SHARED * min(sizes[here], sizes[there]):
            yield here, there


def _pairs(text: str) -> Counter[str]:
    bare = "".join(char for char in text if char.isalnum())
    return Counter(bare[at : at + 2] for at in range(len(bare) - 1))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0
