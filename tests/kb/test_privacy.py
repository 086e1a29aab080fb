"""Personal data and markings: every number with the right arithmetic is found, however it is written."""

from __future__ import annotations

import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import privacy
from kb.store import Store
from kb.types import Attachment, Citation, Entry, Kind

ROOT = Path(__file__).resolve().parents[2]
DIGITS = st.text("0123456789", min_size=3, max_size=3)
REGIONS = st.sampled_from(["110101", "320583", "500103", "440305", "510107", "650102", "810000"])
GAPS = st.sampled_from(["", " ", "-", "　", "–"])
AROUND = st.sampled_from(["", "身份证", "：", "（", "。", "电话 ", "\n"])


def with_check(number: str) -> str:
    total = sum(
        int(d) * w for d, w in zip(number, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    return number + "10X98765432"[total % 11]


def luhn(number: str) -> str:
    """The number with the digit that makes it a card's."""
    for last in "0123456789":
        digits = [int(c) for c in reversed(number + last)]
        total = sum(digits[0::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[1::2])
        if total % 10 == 0:
            return number + last
    raise AssertionError


def wide(text: str, yes: bool) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if yes and c.isascii() and c.isalnum() else c for c in text)


@given(REGIONS, st.dates(date(1930, 1, 1), date(2025, 12, 31)), DIGITS, GAPS, AROUND, st.booleans())
def test_every_id_card_number_is_found(
    region: str, born: date, order: str, gap: str, before: str, full: bool
) -> None:
    number = with_check(f"{region}{born:%Y%m%d}{order}")
    text = before + wide(f"{number[:6]}{gap}{number[6:14]}{gap}{number[14:]}", full) + "，住在城东"
    (mark,) = privacy.scan(text)
    assert mark.code == "id-card" and number[6:14] not in mark.shown
    assert text[mark.start : mark.end].startswith(wide(number[:6], full))


@given(REGIONS, st.dates(date(1930, 1, 1), date(1999, 12, 31)), st.integers(1, 999))
def test_old_id_card_numbers_too(region: str, born: date, order: int) -> None:
    assert [m.code for m in privacy.scan(f"旧证 {region}{born:%y%m%d}{order:03d}。")] == ["id-card"]


@given(st.sampled_from("3456789"), st.text("0123456789", min_size=9, max_size=9), GAPS, AROUND, st.booleans())
def test_every_mobile_number_is_found(second: str, rest: str, gap: str, before: str, full: bool) -> None:
    number = f"1{second}{rest}"
    text = before + wide(f"{number[:3]}{gap}{number[3:7]}{gap}{number[7:]}", full) + "找他"
    assert [m.code for m in privacy.scan(text)] == ["mobile"]
    assert [m.code for m in privacy.scan(f"+86{gap}{number}")] == ["mobile"]


@given(
    st.sampled_from(["6222", "6217", "4563", "5187"]), st.text("0123456789", min_size=11, max_size=14), GAPS
)
def test_every_bank_card_is_found(start: str, middle: str, gap: str) -> None:
    number = luhn(start + middle)
    groups = gap.join(number[n : n + 4] for n in range(0, len(number), 4))
    found = privacy.scan(f"卡号{groups}。")
    assert len(found) == 1 and found[0].code in ("bank-card", "id-card")


@given(st.text("0123456789.,:/〔〕号年月日 ", max_size=60))
def test_whatever_is_typed_gives_an_answer_with_true_places(text: str) -> None:
    marks = privacy.scan(text)
    assert all(0 <= m.start < m.end <= len(text) for m in marks)
    assert all(a.end <= b.start for a, b in pairwise(marks))


@pytest.mark.parametrize(
    "text",
    [
        "中组发〔2008〕3号",
        "10.33142/mem.v5i5.13774",
        "党费 12000.50 元，2026-11-20 交",
        "110101199003070000",
        "订单 20261121000000012345",
        "6222021234567890",
        "涉及国家秘密和内部情况的，按规定办理；机密事项不上网",
        "00000000000000000000",
        "座机 010-12345678",
        "0.13812345678",
    ],
)
def test_ordinary_numbers_and_words_raise_no_alarm(text: str) -> None:
    assert privacy.scan(text) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("绝密★启用前", "secret"),
        ("机 密 ★ 10年", "secret"),
        ("秘密*1年", "secret"),
        ("密级：机密", "secret"),
        ("第一行\n机密\n第三行", "secret"),
        ("【秘密】会议纪要", "secret"),
        ("内部资料　注意保存", "internal"),
        ("内部文件，不得外传", "internal"),
        ("本材料仅供内部使用", "internal"),
        ("（内部资料）", "internal"),
    ],
)
def test_markings_are_found(text: str, code: str) -> None:
    assert privacy.scan(text)[0].code == code


def test_every_part_of_an_entry_is_looked_at_and_named() -> None:
    phone = "13812345678"
    entry = Entry(
        "x",
        Kind.CASE,
        f"标题{phone}",
        aliases=("甲", phone),
        citations=(Citation("p", says=phone),),
        attachments=(Attachment("a" * 32 + ".pdf", phone),),
        body=f"## 背景\n\n联系**{phone[:3]}**{phone[3:]}。\n\n### 小节\n\n{phone}",
    )
    found = privacy.findings(entry)
    assert [f.field for f in found] == ["title", "aliases", "citations", "attachments", "s-背景", "s-背景"]
    assert not any(f.fatal or phone in f.message for f in found) and found[0].where == "x"


def test_no_false_alarm_over_the_starter_content() -> None:
    records, _ = Store((ROOT,)).records()
    assert len(records) > 200
    assert [f for record in records for f in privacy.findings(record.entry)] == []


def test_a_text_full_of_numbers_takes_no_time() -> None:
    started = time.perf_counter()
    assert len(privacy.scan("13812345678 " * 16_000)) == 16_000
    assert time.perf_counter() - started < 3
