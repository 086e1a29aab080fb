"""Party dues: kind of member and income -> amount, with the bracket that applies.

The whole income is multiplied by the rate of its bracket; it is not a
progressive scale. Amounts are rounded half up to the fen, which is our
convention: the clause does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kb.rules import clauses
from kb.types import Citation

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Bracket:
    """Incomes above `above`, up to and including `upto`, pay `percent` of the whole."""

    above: Decimal
    upto: Decimal | None
    percent: Decimal

    def holds(self, income: Decimal) -> bool:
        """True when `income` lies in this bracket; an income of nothing lies in the lowest."""
        return (income > self.above or self.above == 0) and (self.upto is None or income <= self.upto)

    @property
    def words(self) -> str:
        """超过3000元、不超过5000元."""
        low = f"超过{self.above}元" if self.above else ""
        high = f"不超过{self.upto}元" if self.upto is not None else ""
        return "、".join(part for part in (low, high) if part)


def _bracket(above: int, upto: int | None, percent: str) -> Bracket:
    return Bracket(Decimal(above), None if upto is None else Decimal(upto), Decimal(percent))


WAGES = (
    _bracket(0, 3000, "0.5"),
    _bracket(3000, 5000, "1"),
    _bracket(5000, 10000, "1.5"),
    _bracket(10000, None, "2"),
)
PENSIONS = (_bracket(0, 5000, "0.5"), _bracket(5000, None, "1"))


@dataclass(frozen=True, slots=True)
class Payer:
    """A kind of member: what the dues are reckoned on, or the fixed amounts."""

    key: str
    label: str
    basis: str
    """What to enter as monthly income; empty where the amount is fixed."""
    rules: tuple[Citation, ...]
    brackets: tuple[Bracket, ...] = ()
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)


_FIXED = Decimal("0.20")
PAYERS = (
    Payer(
        "monthly",
        "按月领工资",
        "税后月工资中相对固定、经常性的部分",
        (clauses.DUES_RATES, clauses.DUES_BASE),
        WAGES,
    ),
    Payer("annual", "年薪制", "当月实际领取的薪酬", (clauses.DUES_ANNUAL, clauses.DUES_RATES), WAGES),
    Payer(
        "self-employed",
        "个体经营等不按月取得收入",
        "上季度月平均纯收入",
        (clauses.DUES_SELF_EMPLOYED, clauses.DUES_RATES),
        WAGES,
    ),
    Payer("retired", "离退休", "每月实领离退休费或养老金总额", (clauses.DUES_RETIRED,), PENSIONS),
    Payer("farmer", "农民", "", (clauses.DUES_FIXED,), low=_FIXED, high=Decimal("1.00")),
    Payer("student", "学生", "", (clauses.DUES_FIXED,), low=_FIXED, high=_FIXED),
    Payer("unemployed", "下岗失业", "", (clauses.DUES_FIXED,), low=_FIXED, high=_FIXED),
    Payer("relief", "靠抚恤或救济生活", "", (clauses.DUES_FIXED,), low=_FIXED, high=_FIXED),
    Payer("allowance", "领取最低生活保障金", "", (clauses.DUES_FIXED,), low=_FIXED, high=_FIXED),
)


def payer(key: str) -> Payer:
    """The kind of member called `key`. Raises KeyError."""
    return {each.key: each for each in PAYERS}[key]


@dataclass(frozen=True, slots=True)
class Levy:
    """What is to be paid each month."""

    payer: Payer
    income: Decimal
    bracket: Bracket | None
    low: Decimal
    high: Decimal
    """Differs from `low` only where the clause leaves a range."""


def levy(kind: Payer, income: Decimal = Decimal(0)) -> Levy:
    """Monthly dues of a member. Raises ValueError for an income below nothing."""
    if income < 0:
        raise ValueError(f"income {income}")
    if not kind.brackets:
        return Levy(kind, income, None, kind.low, kind.high)
    bracket = next(each for each in kind.brackets if each.holds(income))
    amount = (income * bracket.percent / 100).quantize(FEN, ROUND_HALF_UP)
    return Levy(kind, income, bracket, amount, amount)
