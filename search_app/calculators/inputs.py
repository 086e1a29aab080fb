"""One field of a tool's form, and how what was typed is read. Nothing here raises for what people type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from kb.rules.dates import Holidays

Shape = Literal["date", "month", "money", "number", "choice", "flag", "days", "text"]

FIRST_YEAR, LAST_YEAR = 1921, 2100
MAX_INCOME = Decimal(100_000_000)
MAX_SPAN_DAYS = 60
"""A stretch of holidays longer than this is a slip of the pen."""
MAX_DAYS = 400
MAX_TEXT = 20

_DATE = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})\s*[-./年]?\s*(\d{1,2})\s*月?(?:\s*[-./]?\s*\d{1,2}\s*日?)?")
_SPAN = re.compile(r"\s*(?:至|到|~|—+|–)\s*")
_SPLIT = re.compile(r"[，,、；;\s]+(?=\d{4})|[\n\r]+")


@dataclass(frozen=True, slots=True)
class Field:
    """A question on a form."""

    name: str
    label: str
    shape: Shape
    hint: str = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    low: int = 0
    high: int = 0
    unit: str = ""
    group: str = ""
    """Fields of one group stand together under this heading."""
    advice: bool = False
    """True for a lead time that is only our suggestion."""


@dataclass(frozen=True, slots=True)
class Values:
    """What was typed, read; `problems` says by field what could not be."""

    typed: Mapping[str, str]
    read: Mapping[str, object] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def day(self, name: str) -> date | None:
        """A date, or None."""
        found = self.read.get(name)
        return found if isinstance(found, date) else None

    def need(self, name: str) -> date:
        """A date of a required field."""
        found = self.day(name)
        assert found is not None, name
        return found

    def amount(self, name: str) -> Decimal | None:
        """Money, or None."""
        found = self.read.get(name)
        return found if isinstance(found, Decimal) else None

    def number(self, name: str, default: int = 0) -> int:
        """A whole number, or the default."""
        found = self.read.get(name)
        return found if isinstance(found, int) else default

    def text(self, name: str) -> str:
        """A choice or words; empty for none."""
        found = self.read.get(name)
        return found if isinstance(found, str) else ""

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name) == "1"

    def days(self, name: str) -> frozenset[date]:
        """A set of days."""
        found = self.read.get(name)
        return found if isinstance(found, frozenset) else frozenset()

    def holidays(self) -> Holidays:
        """The days off and the weekends worked, from the two fields every such form has."""
        return Holidays(self.days("off"), self.days("on"))


def read(fields: tuple[Field, ...], args: Mapping[str, str]) -> Values:
    """Everything typed, read; a required field left empty is a problem."""
    typed, found, problems = {}, {}, {}
    for each in fields:
        text = unicodedata.normalize("NFKC", args.get(each.name, "")).strip()[:2000]
        typed[each.name] = text
        text = text or each.default
        if not text:
            if each.required:
                problems[each.name] = f"请填写“{each.label}”"
            continue
        try:
            found[each.name] = _value(each, text)
        except ValueError as error:
            problems[each.name] = f"{each.label}：{error}"
    return Values(typed, found, problems)


def _value(each: Field, text: str) -> object:
    match each.shape:
        case "date":
            return parse_date(text)
        case "month":
            return parse_month(text)
        case "money":
            return parse_money(text)
        case "number":
            return _number(each, text)
        case "days":
            return parse_days(text)
        case "choice":
            return _choice(each, text)
        case "flag":
            return "1" if text == "1" else ""
        case "text":
            return text[:MAX_TEXT]


def parse_date(text: str) -> date:
    """2026-08-01, 2026.8.1, 2026年8月1日 or 20260801. Raises ValueError with a message to show."""
    match = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if not match:
        raise ValueError("请写成 2026-08-01 这样的日期")
    return _real(*(int(part) for part in match.groups()))


def parse_month(text: str) -> date:
    """2026-08, 2026.8, 2026年8月 or a date -> the first of that month."""
    match = _MONTH.fullmatch(text)
    if not match:
        raise ValueError("请写成 2026-08 这样的年月")
    return _real(int(match[1]), int(match[2]), 1)


def _real(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"年份请在{FIRST_YEAR}到{LAST_YEAR}之间")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("没有这一天，请核对") from None


def parse_money(text: str) -> Decimal:
    """3000, 3,000.50 or 3000元. Raises ValueError for anything else, also for more than two decimals."""
    plain = text.replace(",", "").removesuffix("元").strip()
    try:
        amount = Decimal(plain) if re.fullmatch(r"\d{1,12}(\.\d{1,2})?", plain) else None
    except InvalidOperation:
        amount = None
    if amount is None:
        raise ValueError("请写成 4800 或 4800.50 这样的数")
    if amount > MAX_INCOME:
        raise ValueError("数目太大，请核对")
    return amount


def _number(each: Field, text: str) -> int:
    plain = text.removesuffix(each.unit).strip() if each.unit else text
    if not re.fullmatch(r"\d{1,6}", plain):
        raise ValueError("请写成整数")
    number = int(plain)
    if not each.low <= number <= each.high:
        raise ValueError(f"请在{each.low}到{each.high}之间")
    return number


def _choice(each: Field, text: str) -> str:
    if text not in dict(each.choices):
        raise ValueError("请从列出的选项里选")
    return text


def parse_days(text: str) -> frozenset[date]:
    """Days and stretches of days, one a line or separated by commas: 2026-10-01至2026-10-07."""
    found: set[date] = set()
    for part in _SPLIT.split(text):
        if not part.strip():
            continue
        first, *rest = _SPAN.split(part.strip())
        start = parse_date(first)
        end = parse_date(rest[0]) if rest else start
        span = (end - start).days
        if len(rest) > 1 or not 0 <= span <= MAX_SPAN_DAYS:
            raise ValueError("起止日期有误，请写成 2026-10-01至2026-10-07")
        found.update(start + timedelta(days=n) for n in range(span + 1))
    if len(found) > MAX_DAYS:
        raise ValueError("日子太多，只填公示前后的就够了")
    return frozenset(found)


TODAY = Field("today", "按哪一天看", "date", "不填就是今天。", group="其他")
NAME = Field(
    "name",
    "日历里的称呼",
    "text",
    "会出现在网址和日历标题里，不要写敏感信息。最多20个字，可不填。",
    group="其他",
)
OFF = Field(
    "off",
    "放假的日子",
    "days",
    "周六周日不用填。写成 2026-10-01至2026-10-07，一行一段。每年的放假安排由国务院公布，本库不带。",
    group="公示期的节假日",
)
ON = Field("on", "调休上班的周末", "days", "写成 2026-10-10，一行一天。", group="公示期的节假日")
