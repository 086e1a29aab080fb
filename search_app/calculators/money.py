"""Tools about Party dues: how much, and what unpaid months mean."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kb.rules import arrears, clauses, dues
from kb.rules.results import Duty
from search_app.calculators.answers import Answer, Fact, Row, Table, Tool, say, yuan
from search_app.calculators.inputs import NAME, TODAY, Field, Values

_KINDS = tuple((payer.key, payer.label) for payer in dues.PAYERS)
_INCOME = Field(
    "income",
    "每月收入（元）",
    "money",
    "在职填税后月工资里固定、经常的部分；年薪制填当月实领；个体经营填上季度月均纯收入；离退休填实领总额。定额交的不用填。",
)


def _levy(values: Values) -> dues.Levy | None:
    """The monthly dues, or None while the income is wanting."""
    payer = dues.payer(values.text("kind"))
    income = values.amount("income")
    if payer.brackets and income is None:
        return None
    return dues.levy(payer, income or Decimal(0))


def _dues(values: Values, _: date) -> Answer:
    levy = _levy(values)
    payer = dues.payer(values.text("kind"))
    if levy is None:
        return Answer(f"请再填每月收入：{payer.basis}", "doubt", tables=(_brackets(payer, None),))
    duties = (
        Duty("收入变化后，从领新工资的当月起按新基数交。", (clauses.DUES_CHANGE,)),
        Duty("确有困难的，支部研究、上一级党委批准后可以少交或免交。", (clauses.DUES_RELIEF,)),
        Duty("按月交；有特殊情况经支部同意可以每季度交一次或请人代交。", (clauses.DUES_MONTHLY,)),
    )
    if levy.bracket is None:
        return Answer(
            _fixed_words(levy), "good", (Fact("定额", _fixed_amount(levy), payer.rules),), duties=duties
        )
    bracket = levy.bracket
    facts = (
        Fact("计算基数", f"{yuan(levy.income)}（{payer.basis}）", payer.rules),
        Fact("落在哪一档", f"{bracket.words}，交{bracket.percent}%"),
        Fact("算式", f"{levy.income:,.2f} × {bracket.percent}% = {levy.low:,.2f}元"),
        Fact("一季度、一年合计", f"{yuan(levy.low * 3)}、{yuan(levy.low * 12)}"),
    )
    return Answer(f"每月交{yuan(levy.low)}", "good", facts, (_brackets(payer, levy),), duties)


def _fixed_amount(levy: dues.Levy) -> str:
    if levy.low == levy.high:
        return f"每月{levy.low}元"
    return f"每月{levy.low}元至{levy.high}元，具体数由支部按上级要求定"


def _fixed_words(levy: dues.Levy) -> str:
    amount = yuan(levy.low) if levy.low == levy.high else f"{levy.low}元至{levy.high}元"
    return f"{levy.payer.label}党员每月交{amount}"


def _brackets(payer: dues.Payer, levy: dues.Levy | None) -> Table:
    rows = tuple(
        Row((bracket.words, f"{bracket.percent}%"), levy is not None and bracket == levy.bracket)
        for bracket in payer.brackets
    )
    return Table("分档比例（落在哪一档，全部基数就按哪一档的比例算，不分段累进）", ("每月基数", "比例"), rows)


DUES = Tool(
    slug="dues",
    title="党费计算",
    question="党费怎么算、每月交多少",
    lead="选哪一类党员，填每月收入，得到每月应交的数、落在哪一档和算式。",
    fields=(Field("kind", "哪一类党员", "choice", required=True, choices=_KINDS), _INCOME),
    answer=_dues,
    entries=(
        "hb-dues",
        "dues-standard",
        "dues-base",
        "dues-annual-salary",
        "dues-retired",
        "dues-student-unemployed",
        "dues-reduction",
        "dues-probationary-start",
        "dues-ledger-mismatch",
        "dues-regulation",
    ),
    notes=(
        "条款没有写尾数怎么进，这里四舍五入到分（本库约定）；单位另有规定的照规定。",
        "中央和国家机关等单位年初核定、年内一般不变动的，按本单位上级规定。",
    ),
)


def _arrears(values: Values, today: date) -> Answer:
    reason = arrears.Reason(values.text("reason") or arrears.Reason.UNKNOWN)
    levy = _levy(values) if values.text("kind") else None
    monthly = levy.low if levy and levy.low == levy.high else None
    found = arrears.arrears(values.need("paid"), today, reason, monthly)
    facts = [
        Fact("党费交到", f"{found.paid_to.year}年{found.paid_to.month}月"),
        Fact("连续未交", f"{found.months}个月（到上个月为止，本月不算）"),
        Fact("满六个月的日子", say(found.six), (clauses.CONSTITUTION_EXPEL, clauses.EXPEL)),
    ]
    if found.amount is not None and monthly is not None and found.months:
        facts.append(Fact("应补", f"{monthly}元 × {found.months}个月 = {yuan(found.amount)}"))
    tone = {arrears.Stage.CLEAR: "good", arrears.Stage.REMIND: "doubt", arrears.Stage.EXCUSED: "doubt"}
    headline = str(found.stage) if not found.months else f"连续{found.months}个月未交：{found.stage}"
    dates = found.milestones if found.months else ()
    return Answer(
        headline, tone.get(found.stage, "over"), tuple(facts), duties=found.duties, milestones=dates
    )


ARREARS = Tool(
    slug="arrears",
    title="欠交党费处在哪一步",
    question="几个月没交党费，支部该做什么",
    lead="填党费交到哪个月，看连续未交几个月、处在哪一步、支部现在该做什么、要补多少。",
    fields=(
        Field("paid", "党费交到哪个月", "month", "最后一次已交的那个月，写成 2026-03。", required=True),
        Field("reason", "为什么没交", "choice", choices=tuple((str(r), str(r)) for r in arrears.Reason)),
        Field("kind", "哪一类党员（要算应补数再填）", "choice", choices=_KINDS, group="应补多少"),
        Field("income", "每月收入（元）", "money", "各月收入不同的，要逐月分别算。", group="应补多少"),
        NAME,
        TODAY,
    ),
    answer=_arrears,
    entries=(
        "dues-overdue",
        "dues-backpay",
        "dues-six-months",
        "dues-proxy",
        "dues-mobile",
        "hb-dues",
        "case-dues-auto-remind",
        "dues-regulation",
    ),
    notes=(
        "一个月过完还没交，才算这个月未交；这是本库的算法。",
        "没有“三个月不交”的规则，条款里只有“没有正当理由连续六个月”。",
        "没有滞纳金的规定。",
    ),
)
