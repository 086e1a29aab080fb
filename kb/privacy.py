"""Personal data and markings of secrecy in a text, each with where it stands.

Numbers are judged by their own arithmetic (checksum, date of birth, region,
Luhn), so that document numbers and sums of money are left alone. Full-width
digits, and blanks or dashes between the digits, make no difference. Nothing
found here is proof: the author is asked, and decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from kb import markdown
from kb.schema import BY_NAME
from kb.types import Entry, Finding

_GAP = "[ \u00a0\u3000\u200b\u2009·‐‑‒–—−-]?"
"""What people put between the digits of a number, once."""
_ID_18 = re.compile(rf"(?<!\d)(?<!\d\.)(?:\d{_GAP}){{17}}[\dX](?![\dA-Z])", re.IGNORECASE)
_ID_15 = re.compile(rf"(?<!\d)(?<!\d\.)(?:\d{_GAP}){{14}}\d(?!\d)")
_CARD = re.compile(rf"(?<!\d)(?<!\d\.)[3-69](?:{_GAP}\d){{15,18}}(?!\d)")
_MOBILE = re.compile(
    rf"(?<!\d)(?<!\d\.)(?:(?:\+|00){_GAP}86{_GAP})?"
    rf"1[3-9]\d(?:{_GAP}\d{{4}}{_GAP}\d{{4}}|{_GAP}\d{{3}}{_GAP}\d{{5}}|\d{_GAP}\d{{3}}{_GAP}\d{{4}})(?!\d)"
)
_SECRET = re.compile(
    r"(?:绝\s*密|机\s*密|秘\s*密)\s*[★☆＊*]|密\s*级\s*[：:]\s*(?:绝密|机密|秘密)"
    r"|[【\[（(〔]\s*(?:绝密|机密|秘密)\s*[】\])）〕]|^[ \t\u3000]*(?:绝\s*密|机\s*密|秘\s*密)[ \t\u3000]*$",
    re.MULTILINE,
)
_PROVINCES = (0, 5, 3, 7, 6, 4, 5, 1, 3, 1)
"""How many provinces each of the ten regions has: 11 to 15, 21 to 23, and so on."""
_PAPER = "内部(?:资料|文件|材料|刊物|参考|传阅|使用)"
_INTERNAL = re.compile(
    rf"^[ \t\u3000]*{_PAPER}(?=[\s，,、：:；;！!★]|$)|[【\[（(〔]\s*{_PAPER}"
    rf"|{_PAPER}(?=[\s，,、：:；;]*(?:注意|不得|严禁|请勿))"
    r"|(?:仅|只)供内部(?:使用|参考|传阅|掌握)|注意保[存密](?=[】\]）)]|$)"
    r"|(?:本件|此件|本材料|本资料|阅后)[^。\n]{0,6}(?:不得|严禁|请勿)外传",
    re.MULTILINE,
)
_REGIONS = frozenset(n for n in range(11, 92) if 0 < n % 10 <= _PROVINCES[n // 10]) | {50}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_FOLD = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}
"""Full-width signs -> their narrow forms, one for one, so that positions stay."""
CONTEXT_CHARS = 8
"""Shown before a find, so that its author sees where it stands."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One find: what it looks like, where it stands, and how it may be shown without repeating it."""

    code: str
    """id-card, mobile, bank-card, secret or internal."""
    label: str
    start: int
    end: int
    shown: str
    """The words before it and the find itself, its middle hidden when it is a number."""


def is_id_card(number: str) -> bool:
    """True for 18 digits with the right last one, or the 15 of before 1999 with a possible birthday."""
    number = number.upper()
    if len(number) == 15 and number.isdecimal():
        return int(number[:2]) in _REGIONS and _is_day(f"19{number[6:12]}") and number[12:] != "000"
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII) or int(number[:2]) not in _REGIONS:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _is_day(number[6:14]) and _CHECKS[total % 11] == number[17]


def is_bank_card(number: str) -> bool:
    """True for 16 to 19 digits that satisfy Luhn's check and are not one digit over and over."""
    if not 16 <= len(number) <= 19 or len(set(number)) < 3:
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1880
    except ValueError:
        return False


def _always(_: str) -> bool:
    return True


_RULES: tuple[tuple[str, str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("id-card", "身份证号", _ID_18, is_id_card),
    ("bank-card", "银行卡号", _CARD, is_bank_card),
    ("id-card", "旧身份证号", _ID_15, is_id_card),
    ("mobile", "手机号", _MOBILE, _always),
    ("secret", "密级标志", _SECRET, _always),
    ("internal", "内部资料标志", _INTERNAL, _always),
)
"""In order of precedence: what one rule has taken is not looked at by the next."""


def scan(text: str) -> tuple[Mark, ...]:
    """Everything in `text` that should not be published unlooked at, in reading order."""
    folded = text.translate(_FOLD)
    found: list[Mark] = []
    taken = bytearray(len(folded))
    for code, label, pattern, holds in _RULES:
        for match in pattern.finditer(folded):
            number = "".join(c for c in match[0] if c.isalnum())
            if not any(taken[match.start() : match.end()]) and holds(number):
                taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                is_number = pattern not in (_SECRET, _INTERNAL)
                shown = f"{number[:3]}****{number[-2:]}" if is_number else match[0].strip()
                before = text[max(0, match.start() - CONTEXT_CHARS) : match.start()].split("\n")[-1]
                found.append(Mark(code, label, match.start(), match.end(), before + shown))
    return tuple(sorted(found, key=lambda mark: mark.start))


def findings(entry: Entry) -> tuple[Finding, ...]:
    """What `scan` finds in any part of an entry, named by field or section; advice, never fatal."""
    return tuple(
        Finding(mark.code, f"“{place}”里有像{mark.label}的内容：“{mark.shown}”", name, entry.id, fatal=False)
        for name, place, text in _places(entry)
        for mark in scan(text)
    )


def _places(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Field name, what people call it, and its words, for everything readers will see."""
    texts = {name: getattr(entry, name) for name in ("title", "summary", "document_number", "provenance")}
    texts |= {name: "\n".join(getattr(entry, name)) for name in ("tags", "aliases", "factors")}
    texts["citations"] = "\n".join(citation.says for citation in entry.citations)
    texts["attachments"] = "\n".join(attachment.label for attachment in entry.attachments)
    if entry.origin:
        texts["origin"] = f"{entry.origin.author}\n{entry.origin.title}\n{entry.origin.section}"
    for name, text in texts.items():
        yield name, BY_NAME[name].label, text
    for part in markdown.sections(entry.body):
        top = part.chapter or part.heading
        yield (
            f"s-{top}" if top else "body",
            part.heading or "正文",
            f"{part.heading}\n{markdown.plain(part.text)}",
        )
