"""Clauses of different policies that say nearly the same, and what they say differently."""

from __future__ import annotations

import random
import time

from kb import clauses
from kb.clauses import Difference
from kb.types import Entry, Kind, Validity

LATE = "党员六个月不交党费的，由党支部委员会派人谈话提醒，三次提醒仍不交的报上级党组织处理。"
LATER = "党员3个月不交党费的，由党小组派人谈话提醒，三次提醒仍不交的报上级党组织处理。"


def policy(policy_id: str, *texts: str, **more: str) -> Entry:
    body = "\n\n".join(f"### 第{'一二三四五六七八九'[at]}条 事项\n\n{text}" for at, text in enumerate(texts))
    return Entry(
        id=policy_id,
        kind=Kind.POLICY,
        title=f"{policy_id}规定",
        validity=Validity.IN_FORCE,
        body=body,
        **more,
    )  # type: ignore[arg-type]


def test_the_differing_period_and_body_are_named_and_marked() -> None:
    [pair] = clauses.alike((policy("a", LATE), policy("b", LATER)))
    assert pair.contrary and pair.share > 0.6
    assert pair.differences == (
        Difference("期限", ("6个月",), ("3个月",)),
        Difference("主体", ("党支部委员会",), ("党小组",)),
    )
    assert [pair.one.text[a:b] for a, b in pair.one_marks] == ["六个月", "党支部委员会"]
    assert [pair.other.text[a:b] for a, b in pair.other_marks] == ["3个月", "党小组"]


def test_numerals_of_both_scripts_are_the_same_number() -> None:
    [pair] = clauses.alike((policy("a", LATE), policy("b", LATE.replace("六个月", "6个月"))))
    assert not pair.contrary and pair.one_marks == pair.other_marks == ()


def test_what_differs_comes_first_then_what_is_most_alike() -> None:
    same, other = (
        "支部每季度召开一次党员大会，由书记主持，会议记录由组织委员保存备查。",
        "会前三天通知全体党员并公布议题。",
    )
    pairs = clauses.alike((policy("a", LATE, same, other), policy("b", same, LATER, other + "缺席的补课。")))
    assert [pair.contrary for pair in pairs] == [True, False, False]
    assert pairs[1].share == 1.0 > pairs[2].share


def test_versions_of_one_regulation_do_not_count() -> None:
    old = policy("old", LATE, superseded_by="new")
    assert clauses.alike((old, policy("new", LATER))) == ()


def test_clauses_of_one_policy_and_short_ones_do_not_count() -> None:
    assert clauses.alike((policy("a", LATE, LATER),)) == ()
    assert clauses.alike((policy("a", "本办法自发布起施行。"), policy("b", "本办法自发布起施行。"))) == ()


def test_unlike_clauses_are_not_paired() -> None:
    far = "设立投诉信箱，群众反映的事项由专人登记，七日内答复，重大事项提交集体研究。"
    assert clauses.alike((policy("a", LATE), policy("b", far))) == ()


def test_a_policy_whose_clauses_mostly_stand_in_another_is_named() -> None:
    long = policy("long", LATE, "完全不同的第二条，讲的是会议室的使用和登记办法。")
    short = policy("short", LATER)
    [twin] = clauses.twins((long, short), clauses.alike((long, short)))
    assert (twin.one, twin.other, twin.pairs, twin.share) == ("long", "short", 1, 1.0)


def test_figures_know_dates_shares_and_bodies() -> None:
    text = "2026年5月11日起，上级党委批准、三分之二到会、过半数赞成，提前10个工作日报组织部门，不少于3人。"
    assert [text[a:b] for _, a, b in clauses.figures(text)] == [
        "2026年5月11日", "上级党委", "三分之二", "过半", "10个工作日", "组织部门", "3人",
    ]  # fmt: skip


def test_a_thousand_clauses_take_a_moment() -> None:
    chance = random.Random(5)
    words = ["".join(chr(chance.randrange(0x4E00, 0x4E00 + 800)) for _ in range(40)) for _ in range(1000)]
    policies = tuple(policy(f"p{n}", *words[n * 8 : n * 8 + 8]) for n in range(125))
    started = time.perf_counter()
    assert clauses.alike((*policies, policy("copy", words[77]))) != ()
    assert time.perf_counter() - started < 5
