"""Amounts of dues, and what unpaid months mean."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.rules import dues
from kb.rules.arrears import Reason, Stage, arrears
from kb.rules.results import Standing

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("kind", ["monthly", "annual", "self-employed"])
@pytest.mark.parametrize(
    ("income", "percent", "amount"),
    [
        ("0", "0.5", "0.00"),
        ("0.01", "0.5", "0.00"),
        ("1000", "0.5", "5.00"),
        ("3000", "0.5", "15.00"),
        ("3000.01", "1", "30.00"),
        ("4999.99", "1", "50.00"),
        ("5000", "1", "50.00"),
        ("5000.01", "1.5", "75.00"),
        ("10000", "1.5", "150.00"),
        ("10000.01", "2", "200.00"),
        ("25000", "2", "500.00"),
    ],
)
def test_wages(kind: str, income: str, percent: str, amount: str) -> None:
    found = dues.levy(dues.payer(kind), Decimal(income))
    assert found.bracket and found.bracket.percent == Decimal(percent)
    assert found.low == found.high == Decimal(amount)


@pytest.mark.parametrize(
    ("income", "amount"),
    [("0", "0.00"), ("3000.01", "15.00"), ("5000", "25.00"), ("5000.01", "50.00"), ("12000", "120.00")],
)
def test_pensions(income: str, amount: str) -> None:
    assert dues.levy(dues.payer("retired"), Decimal(income)).low == Decimal(amount)


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("farmer", "0.20", "1.00"),
        ("student", "0.20", "0.20"),
        ("unemployed", "0.20", "0.20"),
        ("relief", "0.20", "0.20"),
        ("allowance", "0.20", "0.20"),
    ],
)
def test_fixed_amounts_do_not_look_at_income(kind: str, low: str, high: str) -> None:
    found = dues.levy(dues.payer(kind), Decimal(9999))
    assert (found.low, found.high, found.bracket) == (Decimal(low), Decimal(high), None)


def test_half_a_fen_is_rounded_up() -> None:
    assert dues.levy(dues.payer("monthly"), Decimal("2001")).low == Decimal("10.01")  # 10.005


def test_income_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="income"):
        dues.levy(dues.payer("monthly"), Decimal("-1"))


@given(st.decimals(0, 10**8, places=2))
def test_exactly_one_bracket_holds(income: Decimal) -> None:
    for table in (dues.WAGES, dues.PENSIONS):
        assert sum(bracket.holds(income) for bracket in table) == 1


def test_brackets_in_words() -> None:
    assert [b.words for b in dues.WAGES] == [
        "不超过3000元",
        "超过3000元、不超过5000元",
        "超过5000元、不超过10000元",
        "超过10000元",
    ]


@pytest.mark.parametrize(
    ("paid", "today", "months", "stage"),
    [
        ("2026-11-01", "2026-11-30", 0, Stage.CLEAR),
        ("2026-10-01", "2026-11-30", 0, Stage.CLEAR),  # the current month is not over
        ("2026-10-01", "2026-12-01", 1, Stage.REMIND),
        ("2026-12-01", "2026-11-21", 0, Stage.CLEAR),  # paid in advance
        ("2026-07-01", "2026-11-21", 3, Stage.REMIND),  # three months is no rule
        ("2026-05-01", "2026-11-30", 5, Stage.REMIND),
        ("2026-05-01", "2026-12-01", 6, Stage.EXPEL),  # exactly six
        ("2026-04-01", "2026-11-21", 6, Stage.EXPEL),
        ("2025-08-31", "2026-02-28", 5, Stage.REMIND),
        ("2025-08-31", "2026-03-01", 6, Stage.EXPEL),
    ],
)
def test_months_unpaid(paid: str, today: str, months: int, stage: Stage) -> None:
    found = arrears(date.fromisoformat(paid), date.fromisoformat(today), Reason.NONE)
    assert (found.months, found.stage) == (months, stage)


@pytest.mark.parametrize(
    ("reason", "stage", "words"),
    [
        (Reason.UNKNOWN, Stage.ASK, "先谈话查明"),
        (Reason.NONE, Stage.EXPEL, "支部大会讨论决定除名"),
        (Reason.GOOD, Stage.EXCUSED, "不按自行脱党处理"),
        (Reason.HARDSHIP, Stage.EXCUSED, "上一级党委批准"),
        (Reason.BRANCH, Stage.EXCUSED, "不作为本人拖欠"),
    ],
)
def test_six_months_depend_on_the_reason(reason: Reason, stage: Stage, words: str) -> None:
    found = arrears(date(2026, 4, 1), TODAY, reason)
    assert found.stage is stage and words in "".join(duty.text for duty in found.duties)
    assert ("除名" in "".join(duty.text for duty in found.duties[:-1])) is (stage is Stage.EXPEL)


def test_day_on_which_six_months_are_over_and_the_sum() -> None:
    found = arrears(date(2026, 4, 15), TODAY, Reason.NONE, Decimal("48.00"))
    assert found.six == date(2026, 11, 1) and found.amount == Decimal("288.00")


@pytest.mark.parametrize(
    ("today", "text"), [("2026-11-30", "经支部同意可以补交"), ("2026-12-01", "先书面请示基层党委")]
)
def test_making_up_for_more_than_six_months_is_asked_first(today: str, text: str) -> None:
    found = arrears(date(2026, 4, 1), date.fromisoformat(today))
    backpay = next(m for m in found.milestones if m.key == "backpay")
    late = backpay.standing(date.fromisoformat(today)) is Standing.OVERDUE
    assert text in "".join(duty.text for duty in found.duties) and late is ("请示" in text)
