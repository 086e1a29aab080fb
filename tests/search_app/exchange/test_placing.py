"""Headings of other people's papers find their section; what fits nowhere waits for a decision."""

from __future__ import annotations

import time

import pytest

from kb.schema import SECTIONS
from kb.types import Kind, Step
from search_app.exchange.placing import SYNONYMS, Piece, place, section_of, steps


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("二、主要做法", "主要做法"),
        ("（二）具体做法：", "主要做法"),
        ("【经验启示】", "经验教训"),
        ("3. 工作成效", "成效"),
        ("第一部分 案例背景", "背景"),
        ("主要做法和成效", ""),
        ("加强组织领导", ""),
    ],
)
def test_a_heading_is_known_by_name_or_synonym(heading: str, section: str) -> None:
    assert section_of(heading, Kind.CASE) == section


def test_every_synonym_leads_to_one_section_that_exists() -> None:
    for kind, table in SYNONYMS.items():
        assert set(table) <= set(SECTIONS[kind])
        names = [name for synonyms in table.values() for name in synonyms]
        assert len(names) == len(set(names)) and not set(names) & set(SECTIONS[kind])


def test_a_paper_is_taken_apart() -> None:
    found = place(
        [
            ["heading", "二维码台账", 1],
            ["text", "本文由某支部整理。", 0],
            ["heading", "一、基本情况", 2],
            ["text", "党员分散。\n三十人在外。", 0],
            ["heading", "二、主要做法", 2],
            ["heading", "（一）一人一码", 3],
            ["item", "学习前生成二维码", 0],
            ["picture", "", 0],
            ["table", [["月份", "人次"], ["一月", "30"]], 0],
            ["heading", "三、组织保障", 2],
            ["text", "书记负责。", 0],
            ["heading", "四、工作成效", 2],
            ["text", "缺课当周就能发现。", 0],
        ],
        Kind.CASE,
    )
    assert found.title == "二维码台账"
    assert found.pieces == (
        Piece("", "本文由某支部整理。"),
        Piece("一、基本情况", "党员分散。\n三十人在外。", "背景"),
        Piece("二、主要做法", "（一）一人一码\n- 学习前生成二维码\n月份 ｜ 人次\n一月 ｜ 30", "主要做法"),
        Piece("三、组织保障", "书记负责。"),
        Piece("四、工作成效", "缺课当周就能发现。", "成效"),
    )
    assert [piece.heading for piece in found.unplaced] == ["", "三、组织保障"]


def test_headings_without_a_style_are_found_by_name_and_number() -> None:
    text = "党费收缴经验\n一、存在问题\n三人欠缴。\n二、下一步打算\n继续催缴。\n三、成效\n全部交清。"
    found = place([["text", text, 0]], Kind.CASE)
    assert found.title == "党费收缴经验"
    assert [(p.heading, p.section) for p in found.pieces] == [
        ("一、存在问题", "背景"),
        ("二、下一步打算", ""),
        ("三、成效", "成效"),
    ]


def test_nothing_is_lost() -> None:
    lines = [f"第{n}行文字，说一件事。" for n in range(50)]
    lines[20] = "三、经验启示"
    found = place([["text", "\n".join(lines), 0]], Kind.CASE)
    kept = "\n".join(f"{p.heading}\n{p.text}" for p in found.pieces)
    assert all(line in kept or line == found.title for line in lines)


def test_sections_of_one_name_are_put_together() -> None:
    found = place([["text", "成效\n甲。\n背景\n乙。\n工作成效\n丙。", 0]], Kind.CASE)
    assert [(p.section, p.text) for p in found.pieces] == [("成效", "甲。\n丙。"), ("背景", "乙。")]


def test_lines_become_steps() -> None:
    assert steps("1. 列出名单：对照台账逐人核对。\n\n（二）提醒\n第三步。然后复查。") == (
        Step("列出名单", "对照台账逐人核对。"),
        Step("提醒"),
        Step("第三步", "然后复查。"),
    )
    (long,) = steps("要" * 80 + "。后来")
    assert len(long.action) == 40 and long.detail.startswith("要" * 80)


@pytest.mark.parametrize("sorts", [("text",), ("heading", "text")])
def test_a_long_file_takes_its_length_in_time_not_the_square(sorts: tuple[str, ...]) -> None:
    blocks = [[sorts[n % len(sorts)], f"第{n}行。" + "行" * 20, 0] for n in range(60_000)]
    started = time.perf_counter()
    placed = place(blocks, Kind.CASE)
    assert "第59999行" in placed.pieces[-1].heading + placed.pieces[-1].text
    assert time.perf_counter() - started < 4
