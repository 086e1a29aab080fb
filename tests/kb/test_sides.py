"""Side by side: every difference shows, opposite what it replaced, and no text makes the page wait."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import schema
from kb.sides import Row, compare, side_by_side, stretches, words
from kb.types import Attachment, Citation, Entry, Grade, Kind, Publication
from tests.kb.strategies import entries

LINES = st.lists(
    st.sampled_from(("", "甲乙丙丁", "甲乙丙", "子丑寅卯", "按月交纳", "按月足额交纳")), max_size=12
)
ENTRY = Entry(
    "dues", Kind.PROBLEM, "逾期没交", aliases=("老张没交", "忘了交"), body="## 问题描述\n\n三月没交。"
)


def marks(old: list[str], new: list[str]) -> list[str]:
    return [row.mark for row in side_by_side(old, new)]


@given(LINES, LINES)
def test_each_side_reads_as_its_text_and_nothing_is_left_out(old: list[str], new: list[str]) -> None:
    rows = side_by_side(old, new)
    assert [row.old for row in rows if row.mark != "added"] == old
    assert [row.new for row in rows if row.mark != "removed"] == new
    assert all(row.old == row.new for row in rows if row.mark == "same")
    assert all(row.old != row.new for row in rows if row.mark == "changed")
    assert [row for stretch in stretches(rows) for row in stretch.rows] == list(rows)
    assert all(row.mark == "same" for stretch in stretches(rows) if stretch.folded for row in stretch.rows)


@given(st.text("一二三四五六，。 ", max_size=30), st.text("一二三四五六，。 ", max_size=30))
def test_what_is_not_marked_is_the_same_on_both_sides(old: str, new: str) -> None:
    for row in side_by_side([old], [new]):
        if row.mark == "changed":
            assert unmarked(row.old, row.old_marks) == unmarked(row.new, row.new_marks)


def unmarked(text: str, marked: tuple[tuple[int, int], ...]) -> str:
    return "".join(c for at, c in enumerate(text) if not any(a <= at < b for a, b in marked))


def test_a_single_character_is_marked() -> None:
    (row,) = side_by_side(["公示不少于5个工作日"], ["公示不少于6个工作日"])
    assert row == Row("changed", "公示不少于5个工作日", "公示不少于6个工作日", ((5, 6),), ((5, 6),))
    (row,) = side_by_side(["可以补交"], ["不可以补交"])
    assert (row.old_marks, row.new_marks) == ((), ((0, 1),))


def test_two_values_of_one_field_stand_opposite_each_other_however_different() -> None:
    (row,) = side_by_side(["责任人：党支部书记"], ["责任人：由组织委员牵头，各小组长配合办理"])
    assert row.mark == "changed" and row.new_marks == ((4, len(row.new)),)


def test_a_changed_line_stands_opposite_what_it_was_though_lines_came_before_it() -> None:
    old, new = ["按月足额交纳党费", "结尾"], ["新的一行字", "又一行新写的", "按月足额交清党费", "结尾"]
    assert marks(old, new) == ["added", "added", "changed", "same"]
    assert marks(["完全不同的旧话"], ["另外写的新内容"]) == ["removed", "added"]


def test_long_unchanged_stretches_are_folded_and_their_neighbourhood_is_not() -> None:
    old = [f"第{n}行" for n in range(30)]
    found = stretches(side_by_side(old, [*old[:15], "插入", *old[15:]]))
    assert [(len(stretch.rows), stretch.folded) for stretch in found] == [(12, True), (7, False), (12, True)]


@settings(max_examples=30)
@given(entries, entries)
def test_two_entries_that_differ_differ_in_words(one: Entry, other: Entry) -> None:
    if schema.dump(one) != schema.dump(other):
        assert words(one) != words(other)
        assert any(row.mark != "same" for row in compare(one, other))


@settings(max_examples=80)
@given(entries, entries)
def test_any_field_that_differs_shows(one: Entry, other: Entry) -> None:
    # Of four pairs one is of the same kind: too few to call the others no examples.
    for field in schema.fields_of(one.kind) if one.kind is other.kind else ():
        changed = replace(one, **{field.name: getattr(other, field.name)})
        if schema.dump(changed) != schema.dump(one):
            assert words(changed) != words(one), field.name


def test_the_words_are_those_of_the_pages() -> None:
    entry = replace(
        ENTRY,
        citations=(Citation("dues-regulation", "12", "按月交纳", Grade.EXCERPT),),
        attachments=(Attachment("0123456789abcdef.jpg", "会议照片"),),
        publication=Publication.PUBLISHED,
    )
    told = words(entry)
    assert told[:5] == ("编号：dues", "种类：问题", "标题：逾期没交", "别人会怎么问：", "　· 老张没交")
    assert "　· dues-regulation#12；规定：按月交纳；等级 B（据条文摘录）" in told
    assert "　· 0123456789abcdef.jpg；说明：会议照片" in told and "发布状态：已发布" in told
    assert told[-3:] == ("## 问题描述", "", "三月没交。")


def test_a_new_entry_stands_alone() -> None:
    assert {row.mark for row in compare(None, ENTRY)} == {"added"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["一", "二"] * 1500, ["二", "一"] * 1500),
        (["甲乙" * 50_000], ["乙甲" * 50_000]),
        ([f"{n}甲乙丙" for n in range(900)], [f"甲乙丙{n}" for n in range(900)]),
        (["甲乙丙丁" * 240 + str(n) for n in range(90)], ["丁丙乙甲" * 240 + str(n) for n in range(90)]),
    ],
    ids=["many short lines", "one endless line", "nothing in common", "long lines"],
)
def test_no_text_makes_the_page_wait(old: list[str], new: list[str]) -> None:
    started = time.perf_counter()
    rows = side_by_side(old, new)
    assert time.perf_counter() - started < 3
    assert [row.old for row in rows if row.mark != "added"] == old


def test_the_longest_policy_compares_at_once() -> None:
    root = Path(__file__).resolve().parents[2] / "corpus" / "policies"
    longest = max(root.glob("*.md"), key=lambda path: path.stat().st_size)
    entry, _ = schema.parse(longest.read_bytes())
    assert entry
    started = time.perf_counter()
    rows = compare(entry, replace(entry, body=entry.body.replace("党员", "同志"), title="新标题"))
    assert time.perf_counter() - started < 1 and any(row.mark == "changed" for row in rows)
