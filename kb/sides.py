"""Two texts side by side: which line became which, and what changed in it. Nothing is ever left out.

Entries are compared as plain words, field by field and then the body, because
a reviewer reads Chinese and not front matter; two entries that differ in
anything differ in these words (`tests/kb/test_sides.py` holds that).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from kb import schema
from kb.types import Entry, Grade, Kind, Publication

LINE_PAIRS = 1_000_000
"""Pairs of differing lines worth matching; a larger stretch is shown as replaced as a whole."""
ALIGNED_PAIRS = 10_000
"""Pairs of lines within one changed stretch that are weighed against each other."""
CHARACTER_PAIRS = 1_000_000
"""Pairs of characters worth matching within a line; a longer one is marked from first to last change."""
ALIKE = 0.35
"""Share of common character pairs from which two lines are one line that was changed."""
KEPT_AROUND = 3
"""Unchanged lines shown before and after a change."""
FOLDED_FROM = 4
"""Fewer unchanged lines than this are not worth folding away."""

_LABEL = re.compile(r"\s*(- )?[^\s：]{2,8}：")

Marks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a comparison; the mark is same, changed, removed or added."""

    mark: str
    old: str
    new: str
    old_marks: Marks = ()
    """Stretches of the old line that the new one does not have."""
    new_marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows that belong together; `folded` where nothing changed and a page may keep them closed."""

    rows: tuple[Row, ...]
    folded: bool = False


def compare(old: Entry | None, new: Entry) -> tuple[Row, ...]:
    """Two states of an entry in plain words, side by side; None for an entry that is new."""
    return side_by_side(words(old) if old else (), words(new))


def side_by_side(old: Sequence[str], new: Sequence[str]) -> tuple[Row, ...]:
    """Two texts line by line; a changed line stands opposite what it became."""
    start, end = _ends(old, new)
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    rows = [Row("same", line, line) for line in old[:start]]
    rows += _middle(a, b) if a or b else ()
    rows += [Row("same", line, line) for line in old[len(old) - end :]] if end else ()
    return tuple(rows)


def stretches(rows: Sequence[Row]) -> tuple[Stretch, ...]:
    """Rows with the long unchanged runs set apart, so that a page can fold them away."""
    near = [False] * len(rows)
    for at, row in enumerate(rows):
        if row.mark != "same":
            for close in range(max(0, at - KEPT_AROUND), min(len(rows), at + KEPT_AROUND + 1)):
                near[close] = True
    found: list[Stretch] = []
    at = 0
    while at < len(rows):
        end = next((n for n in range(at, len(rows)) if near[n] != near[at]), len(rows))
        found.append(Stretch(tuple(rows[at:end]), not near[at] and end - at >= FOLDED_FROM))
        at = end
    return tuple(found)


def words(entry: Entry) -> tuple[str, ...]:
    """An entry in plain words: a line per value, then the body's own lines."""
    lines: list[str] = []
    for name, value in schema.write(entry).items():
        field = schema.BY_NAME.get(name)
        lines += _told(field.label if field else name, value)
    return (*lines, "", *entry.body.split("\n")) if entry.body else tuple(lines)


def _told(label: str, value: Any) -> Iterator[str]:
    if isinstance(value, list) and value:
        yield f"{label}："
        yield from (f"　· {_item(item)}" for item in value)
    else:
        yield f"{label}：{_item(value, label)}"


_VALUES = {
    "种类": {str(kind): kind.label for kind in Kind},
    "发布状态": {
        str(Publication.DRAFT): "草稿",
        str(Publication.SUBMITTED): "待审核",
        str(Publication.PUBLISHED): "已发布",
        str(Publication.WITHDRAWN): "已撤下",
    },
}
_PARTS = {
    "ref": "",
    "says": "规定：",
    "grade": "等级 ",
    "historical": "历史依据：",
    "file": "",
    "label": "说明：",
}
_PARTS |= {"author": "作者：", "title": "题目：", "section": "章节："}


def _item(value: Any, label: str = "") -> str:
    """One value in one line; what is not text or a known mapping as JSON, so that nothing can hide."""
    if (
        isinstance(value, dict)
        and value
        and all(isinstance(v, str) and key in _PARTS for key, v in value.items())
    ):
        return "；".join(
            _PARTS[key] + (_grade(v) if key == "grade" else _line(v)) for key, v in value.items()
        )
    if isinstance(value, str):
        return _VALUES.get(label, {}).get(value) or _line(value)
    return str(value) if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def _grade(value: str) -> str:
    return f"{value}（{Grade(value).label}）" if value in tuple(Grade) else _line(value)


def _line(text: str) -> str:
    """Text that fits in a line as it is; one with line breaks in a form that shows them."""
    return json.dumps(text, ensure_ascii=False) if len(text.splitlines()) > 1 else text


def _ends(old: Sequence[Any], new: Sequence[Any]) -> tuple[int, int]:
    """How much both have in common at their beginning, and of the rest at their end."""
    most = min(len(old), len(new))
    start = next((n for n in range(most) if old[n] != new[n]), most)
    most -= start
    end = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    return start, end


def _middle(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    if len(old) * len(new) > LINE_PAIRS:
        yield from _replaced(old, new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Row("same", line, line) for line in old[a:b])
        else:
            yield from _replaced(old[a:b], new[c:d])


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """A stretch that changed: lines that are alike opposite each other, the others alone, in both orders."""
    at = below = 0
    for mine, theirs in (*_partners(old, new), (len(old), len(new))):
        yield from (Row("removed", line, "") for line in old[at:mine])
        yield from (Row("added", "", line) for line in new[below:theirs])
        if mine < len(old):
            yield Row("changed", old[mine], new[theirs], *_marks(old[mine], new[theirs]))
        at, below = mine + 1, theirs + 1


def _partners(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of lines that are alike, in order on both sides, chosen so that the likeness adds up to most."""
    if len(old) * len(new) > ALIGNED_PAIRS:
        return []
    grams = [_grams(line) for line in (*old, *new)]
    left, right = grams[: len(old)], grams[len(old) :]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            likeness = ALIKE if _same_label(old[i], new[j]) else 0.0
            likeness = max(likeness, _dice(left[i], right[j]))
            paired = likeness + best[i + 1][j + 1] if likeness >= ALIKE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def _same_label(one: str, other: str) -> bool:
    """True for two values of one field, however different: 责任人：书记 and 责任人：组织委员."""
    label = _LABEL.match(one)
    return bool(label and other.startswith(label[0]))


def _grams(line: str) -> Counter[str]:
    """Neighbouring pairs of characters."""
    return Counter(line[n : n + 2] for n in range(max(len(line) - 1, 1)))


def _dice(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def _marks(old: str, new: str) -> tuple[Marks, Marks]:
    """The stretches of each line that the other does not have, down to a single character: 5 may become 6."""
    start, end = _ends(old, new)
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    if len(a) * len(b) > CHARACTER_PAIRS or _dice(_grams(old), _grams(new)) < ALIKE:
        return ((start, start + len(a)),), ((start, start + len(b)),)
    gone, come = [], []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += [(start + i, start + j)] if j > i else []
            come += [(start + k, start + m)] if m > k else []
    return tuple(gone), tuple(come)
