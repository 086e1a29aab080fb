"""Chinese numerals as clauses write them: 第三十一条 <-> 31."""

from __future__ import annotations

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}

_SIGN = "[零〇一二三四五六七八九十百千两]"
CHINESE_NUMBER = f"{_SIGN}+"
_COUNT = rf"({_SIGN}{{1,9}}|\d{{1,4}})"  # 九千九百九十九 is the longest that is right
_ARTICLE = re.compile(rf"第\s*{_COUNT}\s*条(?:之{_COUNT})?")
_EXCERPT = re.compile(rf"摘录\s*{_COUNT}")
_ANCHOR = re.compile(r"x(?P<excerpt>[1-9]\d{0,2})|(?P<main>[1-9]\d{0,3})(?:-(?P<sub>[1-9]\d?))?")


def to_int(text: str) -> int:
    """三十一 -> 31, 二〇二六 -> 2026, 12 and １２ -> 12. Raises ValueError for anything else."""
    if text.isdecimal():
        return int(text)
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        raise ValueError(f"not a Chinese numeral: {text!r}")
    if len(text) > 1 and all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def from_int(number: int) -> str:
    """31 -> 三十一, for 1 to 9999 (the range of article numbers)."""
    if not 0 < number < 10_000:
        raise ValueError(f"out of range: {number}")
    names = "零一二三四五六七八九"
    out, gap = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            out += ("零" if gap and out else "") + names[digit] + sign
            gap = False
        else:
            gap = bool(out)
    return out[1:] if out.startswith("一十") else out


def article_anchor(heading: str) -> str:
    """第三十一条 预备期 -> "31"; 第八条之一 -> "8-1"; 摘录一 -> "x1"; anything else -> ""."""
    if match := _ARTICLE.match(heading.strip()):
        main, sub = match.groups()
        return f"{to_int(main)}-{to_int(sub)}" if sub else str(to_int(main))
    if match := _EXCERPT.match(heading.strip()):
        return f"x{to_int(match[1])}"
    return ""


def article_label(anchor: str) -> str:
    """ "31" -> 第三十一条; "8-1" -> 第八条之一; "x1" -> 摘录一; anything else as it is."""
    match = _ANCHOR.fullmatch(anchor)
    if not match:
        return anchor
    if match["excerpt"]:
        return "摘录" + from_int(int(match["excerpt"]))
    label = f"第{from_int(int(match['main']))}条"
    return f"{label}之{from_int(int(match['sub']))}" if match["sub"] else label
