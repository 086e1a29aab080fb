"""Two changes come together where they do not touch; where they do, neither is lost silently."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from kb.merging import merge
from kb.types import Entry, Kind, Publication
from tests.kb.strategies import entries

BODY = "开头\n\n## 问题描述\n\n甲\n\n## 解决建议\n\n乙\n\n### 情形一\n\n丙"
BASE = Entry(
    "dues",
    Kind.PROBLEM,
    "逾期没交",
    summary="先提醒",
    aliases=("没交",),
    publication=Publication.PUBLISHED,
    body=BODY,
)


def to(old: str, new: str) -> str:
    return BODY.replace(old, new)


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    [
        ({"summary": "先谈话"}, {"title": "新标题"}, {"summary": "先谈话", "title": "新标题"}),
        ({"body": to("甲", "一")}, {"body": to("乙", "二")}, {"body": to("甲", "一").replace("乙", "二")}),
        ({"body": to("甲", "一")}, {"aliases": ("忘了",)}, {"body": to("甲", "一"), "aliases": ("忘了",)}),
        ({"summary": "同样"}, {"summary": "同样"}, {"summary": "同样"}),
        ({}, {"body": to("开头", "前言")}, {"body": to("开头", "前言")}),
        ({"body": to("丙", "丁")}, {"title": "新", "body": BODY}, {"body": to("丙", "丁"), "title": "新"}),
        ({"summary": "先谈话"}, {"summary": "先催缴"}, None),
        ({"body": to("甲", "一")}, {"body": to("甲", "二")}, None),
        ({"body": to("## 解决建议", "## 建议")}, {"body": to("甲", "二")}, None),
    ],
)  # fmt: skip
def test_fields_and_sections(
    theirs: dict[str, Any], mine: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    found = merge(BASE, replace(BASE, **theirs), replace(BASE, **mine))
    assert found == (replace(BASE, **expected) if expected is not None else None)


def test_nobody_proposes_dates_or_standing() -> None:
    proposed = replace(BASE, publication=Publication.SUBMITTED, moved_to="elsewhere", title="新")
    assert merge(BASE, BASE, proposed) == replace(BASE, title="新")


@settings(max_examples=40)
@given(entries, entries)
def test_a_change_against_itself_or_nothing_is_that_change(one: Entry, other: Entry) -> None:
    other = replace(other, kind=one.kind) if one.kind is other.kind else one
    kept = {
        name: getattr(one, name) for name in ("created", "updated", "verified_on", "publication", "moved_to")
    }
    assert merge(one, one, other) == replace(other, **kept)
    assert merge(one, other, one) == other and merge(one, other, other) == other
