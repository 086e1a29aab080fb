"""What people type into the forms of the tools."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_app.calculators import registry
from search_app.calculators.inputs import parse_date, parse_days, parse_money, parse_month, read


@pytest.mark.parametrize(
    "text", ["2026-08-01", "2026.8.1", "2026/8/1", "2026年8月1日", "20260801", "2026 年 8 月 1 日"]
)
def test_ways_to_write_a_date(text: str) -> None:
    assert parse_date(text) == date(2026, 8, 1)


@pytest.mark.parametrize(
    "text", ["2026-02-29", "2026-13-01", "昨天", "1900-01-01", "2101-01-01", "26-8-1", "2026-8"]
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"请|没有"):
        parse_date(text)


@pytest.mark.parametrize("text", ["2026-08", "2026.8", "2026年8月", "202608", "2026-08-31"])
def test_ways_to_write_a_month(text: str) -> None:
    assert parse_month(text) == date(2026, 8, 1)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("3000", "3000"), ("3,000.50", "3000.50"), ("3000元", "3000"), ("0", "0"), ("0.2", "0.2")],
)
def test_money(text: str, amount: str) -> None:
    assert parse_money(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["-1", "3000.001", "三千", "1e5", "", "NaN", "Infinity", "100000001", "1" * 400]
)
def test_what_is_no_money(text: str) -> None:
    with pytest.raises(ValueError, match="请"):
        parse_money(text)


def test_stretches_of_days() -> None:
    found = parse_days("2026-10-01至2026-10-07\r\n2026年12月31日，2027-01-01到2027-01-03、2027.2.1~2027.2.2")
    assert len(found) == 7 + 1 + 3 + 2 and date(2026, 10, 7) in found and date(2027, 2, 2) in found


@pytest.mark.parametrize(
    "text",
    ["2026-10-07至2026-10-01", "2026-01-01至2026-12-31", "1921-01-01至2100-12-31", "国庆", "2026-10-01至"],
)
def test_what_is_no_stretch(text: str) -> None:
    with pytest.raises(ValueError, match="请"):
        parse_days(text)


@given(st.sampled_from(sorted(registry.TOOLS)), st.data())
def test_nothing_typed_is_an_error(slug: str, data: st.DataObject) -> None:
    """Whatever is typed, there is a result or a problem said in Chinese, and the answer can be worked out."""
    tool = registry.TOOLS[slug]
    day = st.dates(date(1921, 1, 1), date(2100, 12, 31)).map(str)
    number = st.integers(0, 10_000).map(str)
    args = {
        field.name: data.draw(
            st.one_of(
                st.just(""),
                day,
                number,
                st.text(max_size=20),
                *([st.sampled_from([key for key, _ in field.choices])] * 3 if field.choices else []),
            )
        )
        for field in tool.fields
    }
    values = read(tool.fields, args)
    if not values.problems:
        answer = tool.answer(values, values.day("today") or date(2026, 11, 21))
        assert answer.headline
    assert all(message for message in values.problems.values())
