"""Numbers of articles, as regulations write them and as anchors spell them."""

from __future__ import annotations

import pytest

from kb.numerals import article_anchor, article_label, from_int, to_int

BOTH_WAYS = {
    1: "一", 2: "二", 9: "九", 10: "十", 11: "十一", 19: "十九", 20: "二十", 31: "三十一", 99: "九十九",
    100: "一百", 101: "一百零一", 110: "一百一十", 111: "一百一十一", 210: "二百一十", 305: "三百零五",
    1000: "一千", 1001: "一千零一", 1010: "一千零一十", 1100: "一千一百", 2026: "二千零二十六",
    9999: "九千九百九十九",
}  # fmt: skip
READ_ONLY = {
    "两": 2, "两千": 2000, "〇": 0, "零": 0, "二〇二六": 2026, "二零二六": 2026, "一二": 12, "一十": 10,
    "百二十": 120, "一千零五十": 1050, "12": 12, "007": 7, "１２": 12,
}  # fmt: skip


@pytest.mark.parametrize(("number", "text"), BOTH_WAYS.items())
def test_written_and_read(number: int, text: str) -> None:
    assert from_int(number) == text
    assert to_int(text) == number


@pytest.mark.parametrize(("text", "number"), READ_ONLY.items())
def test_also_read(text: str, number: int) -> None:
    assert to_int(text) == number


@pytest.mark.parametrize("text", ["", " ", "abc", "-1", "1.5", "第一", "三十一条", "²", "①", "萬", "十 一"])
def test_anything_else_is_no_numeral(text: str) -> None:
    with pytest.raises(ValueError, match="not a Chinese numeral"):
        to_int(text)


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_only_1_to_9999_are_written(number: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        from_int(number)


def test_every_number_comes_back() -> None:
    assert [to_int(from_int(number)) for number in range(1, 10_000)] == list(range(1, 10_000))


def test_every_number_has_a_name_of_its_own() -> None:
    assert len({from_int(number) for number in range(1, 10_000)}) == 9_999


@pytest.mark.parametrize(
    ("heading", "anchor", "label"),
    [
        ("第一条", "1", "第一条"),
        ("第三十一条 预备期", "31", "第三十一条"),
        ("第 三十一 条", "31", "第三十一条"),
        ("第31条　预备期", "31", "第三十一条"),
        ("第３１条", "31", "第三十一条"),
        ("第一百零五条", "105", "第一百零五条"),
        ("第八条之一", "8-1", "第八条之一"),
        ("第8条之2", "8-2", "第八条之二"),
        ("摘录一 补交（条号未见）", "x1", "摘录一"),
        ("摘录12", "x12", "摘录十二"),
        ("  第二条  ", "2", "第二条"),
        ("总则", "", ""),
        ("第一章 总则", "", ""),
        ("按照第八条规定", "", ""),
        ("第条", "", ""),
        ("第" + "9" * 5_000 + "条", "", ""),
        ("第" + "一" * 5_000 + "条", "", ""),
        ("", "", ""),
    ],
)
def test_headings_and_their_anchors(heading: str, anchor: str, label: str) -> None:
    assert article_anchor(heading) == anchor
    assert article_label(anchor) == label


@pytest.mark.parametrize("anchor", ["0", "x0", "8-0", "012", "10000", "总则", "x", "8-", "-1", "1-2-3"])
def test_an_anchor_that_names_no_article_is_shown_as_it_is(anchor: str) -> None:
    assert article_label(anchor) == anchor


def test_every_article_is_found_by_its_label() -> None:
    anchors = [*(str(n) for n in range(1, 10_000)), *(f"x{n}" for n in range(1, 1000)), "8-1", "120-12"]
    assert [article_anchor(article_label(anchor)) for anchor in anchors] == anchors
