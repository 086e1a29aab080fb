"""Two versions of a regulation -> rows: which article became which, and what changed in it.

What an author linked is taken as stated. Other articles are paired by how alike
their headings and words are; the same number speaks for a pair but does not make
one, because a revision renumbers. What is left over with the same number stands
side by side and is marked as doubtful.
Both sides may be digests: a changed wording is then the digest's, not the law's.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from kb.numerals import article_anchor

ALIKE = 0.3
"""Likeness from which two articles are taken for one. In the two pairs of versions of the starter content
the closest wrong pair has 0.28, the remotest right one 0.33."""
SAME_NUMBER = 0.15
"""What an equal number adds to the likeness."""
CHARACTER_PAIRS = 4_000_000
"""Pairs of characters worth matching: two articles of 2,000. Longer ones are marked as a whole."""
SHORTEST_MARK = 2
"""Changed stretches below this many characters are particles and punctuation."""

_HEADING_NUMBER = re.compile(
    r"^\s*(第[\d零〇一二三四五六七八九十百千两]+条(之\S+?)?|摘录\S+?)\s+|（条号未见）"
)
_FIGURE = re.compile(
    r"(?:不少于|不超过|至少|超过|最长|以上)?[\d零〇一二三四五六七八九十百两]{1,12}(?:\.\d{1,4})?(?:至[\d一二三四五六七八九十]{1,12})?"
    r"(?:个)?(?:工作日|个月|月|日|天|周|年|学时|小时|名|人|次|倍|元|%|％)|半年|半数|[三五]分之[一二四]"
)


class Match(StrEnum):
    """How two articles came to stand in one row; the value is what the page says."""

    SAME = "条号相同"
    MOVED = "条号变了"
    DOUBTFUL = "只是条号相同，内容对不上"
    NEW_ONLY = "只见于新版"
    OLD_ONLY = "只见于旧版"


@dataclass(frozen=True, slots=True)
class Clause:
    """One article as plain words."""

    anchor: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """An article of the old version beside the one it became."""

    old: Clause | None
    new: Clause | None
    match: Match
    old_marks: tuple[tuple[int, int], ...] = ()
    """Stretches of the old text that the new one does not have."""
    new_marks: tuple[tuple[int, int], ...] = ()
    old_figures: tuple[str, ...] = ()
    """Periods, numbers and shares that stand on the old side only."""
    new_figures: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """False when both sides say the same in the same words."""
        return not (self.old and self.new and self.old.text == self.new.text)


Clauses = tuple[Clause, ...]
Stated = tuple[tuple[str, str], ...]
"""Anchors of the old and the new version that an author linked to each other."""


@lru_cache(maxsize=64)
def compare(old: Clauses, new: Clauses, stated: Stated = ()) -> tuple[Row, ...]:
    """Rows in the order of the new version; what only the old one has follows its neighbour."""
    partner, doubtful = _pair(old, new, stated)
    rows = []
    waiting = [clause for clause in old if clause.anchor not in partner]
    before = {clause.anchor: place for place, clause in enumerate(old)}
    back = {new_anchor: old_anchor for old_anchor, new_anchor in partner.items()}
    by_anchor = {clause.anchor: clause for clause in old}
    for clause in new:
        mate = by_anchor.get(back.get(clause.anchor, ""))
        while mate and waiting and before[waiting[0].anchor] < before[mate.anchor]:
            rows.append(Row(waiting.pop(0), None, Match.OLD_ONLY))
        rows.append(_row(mate, clause, clause.anchor in doubtful))
    return (*rows, *(Row(clause, None, Match.OLD_ONLY) for clause in waiting))


@lru_cache(maxsize=64)
def _pair(old: Clauses, new: Clauses, stated: Stated) -> tuple[dict[str, str], frozenset[str]]:
    """Old anchor -> new anchor, and the new anchors whose pair rests on the number alone."""
    known = {clause.anchor for clause in old}, {clause.anchor for clause in new}
    pairs: dict[str, str] = {}
    linked = [(a, b) for a, b in stated if a in known[0] and b in known[1]]
    for mine, theirs in (*linked, *_by_likeness(old, new)):
        if mine not in pairs and theirs not in pairs.values():
            pairs[mine] = theirs
    left = known[1] - set(pairs.values())
    doubtful = {c.anchor for c in old if c.anchor in left and c.anchor not in pairs and c.anchor[0] != "x"}
    return pairs | {anchor: anchor for anchor in doubtful}, frozenset(doubtful)


def _by_likeness(old: Clauses, new: Clauses) -> list[tuple[str, str]]:
    """Pairs of anchors that are alike enough, the most alike first."""
    grams = {clause: (_grams(_topic(clause.heading)), _grams(clause.text)) for clause in (*old, *new)}
    scored = []
    for a in old:
        for b in new:
            numbers = a.anchor == b.anchor and not a.anchor.startswith("x")
            score = _likeness(grams[a], grams[b]) + (SAME_NUMBER if numbers else 0)
            if score >= ALIKE:
                scored.append((-score, a.anchor, b.anchor))
    return [(mine, theirs) for _, mine, theirs in sorted(scored)]


def counterpart(old: Clauses, new: Clauses, anchor: str, stated: Stated = ()) -> Clause | None:
    """The old article that became the new version's `anchor`; None when none can be named with confidence."""
    pairs, doubtful = _pair(old, new, stated)
    if anchor in doubtful:
        return None
    return next((clause for clause in old if pairs.get(clause.anchor) == anchor), None)


def successor(old: Clauses, new: Clauses, anchor: str, stated: Stated = ()) -> Clause | None:
    """The new article that the old version's `anchor` became; None when none can be named with confidence."""
    pairs, doubtful = _pair(old, new, stated)
    wanted = pairs.get(anchor, "")
    return next((clause for clause in new if clause.anchor == wanted and wanted not in doubtful), None)


def _row(old: Clause | None, new: Clause, doubtful: bool) -> Row:
    if old is None:
        return Row(None, new, Match.NEW_ONLY)
    if doubtful:
        return Row(old, new, Match.DOUBTFUL)
    old_marks, new_marks = _differences(old.text, new.text)
    old_figures, new_figures = _figures(old.text), _figures(new.text)
    return Row(
        old,
        new,
        Match.SAME if old.anchor == new.anchor else Match.MOVED,
        old_marks,
        new_marks,
        tuple(figure for figure in old_figures if figure not in new_figures),
        tuple(figure for figure in new_figures if figure not in old_figures),
    )


def _topic(heading: str) -> str:
    """第三十一条 预备期 -> 预备期."""
    return _HEADING_NUMBER.sub("", heading) if article_anchor(heading) else heading


def _grams(text: str) -> Counter[str]:
    """Neighbouring pairs of characters, without punctuation."""
    words = "".join(char for char in text if char.isalnum())
    return Counter(words[at : at + 2] for at in range(len(words) - 1))


def _likeness(a: tuple[Counter[str], Counter[str]], b: tuple[Counter[str], Counter[str]]) -> float:
    """Mean of headings and texts; texts alone where a side has no heading of its own."""
    text = _dice(a[1], b[1])
    return (_dice(a[0], b[0]) + text) / 2 if a[0] and b[0] else text


def _dice(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def _differences(old: str, new: str) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """The stretches of each side that the other does not have."""
    if len(old) * len(new) > CHARACTER_PAIRS:
        return (((0, len(old)),), ((0, len(new)),)) if old != new else ((), ())
    gone, come = [], []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += [(a, b)] if b - a >= SHORTEST_MARK else []
            come += [(c, d)] if d - c >= SHORTEST_MARK else []
    return tuple(gone), tuple(come)


def _figures(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found[0] for found in _FIGURE.finditer(text)))
