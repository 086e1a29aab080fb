"""Blanks of a template: which are one field, what they are called, what is put in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_app.exchange import blanks


def labels(text: str) -> list[str]:
    return [blank.label for blank in blanks.read(text).blanks]


def filled(text: str, *values: str) -> str:
    template = blanks.read(text)
    return blanks.fill(template.text, template, dict(enumerate(values)))


def test_a_name_that_says_which_is_one_field() -> None:
    assert filled("【党支部名称】请示\n【党支部名称】报告", "一支部") == "一支部请示\n一支部报告"


def test_a_vague_name_is_a_field_each_time_and_says_what_stands_around_it() -> None:
    text = "现有正式党员【人数】名、预备党员【人数】名。"
    assert labels(text) == ["人数（现有正式党员…名）", "人数（预备党员…名）"]
    assert filled(text, "9", "2") == "现有正式党员9名、预备党员2名。"


def test_a_vague_name_of_the_title_is_the_same_throughout() -> None:
    text = "关于确定【姓名】同志为积极分子的报告\n\n    【姓名】，男。"
    assert filled(text, "张三").count("张三") == 2


def test_the_date_at_the_end_is_a_field_of_its_own() -> None:
    text = "会议于【日期】召开。\n              【党支部名称】\n              【日期】"
    assert labels(text) == ["日期（会议于…召开）", "党支部名称", "成文日期"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("地点：【地点】", "地点"),
        ("应到【 】人", "应到…人"),
        ("姓名：【 】", "姓名"),
        ("责任人：【姓名】", "责任人"),
        ("活动名称：【名称】", "活动名称"),
        ("任期【年数】年", "年数（任期…年）"),
        ("【党组织名称、印章】", "党组织名称"),
    ],
)
def test_labels(text: str, label: str) -> None:
    assert labels(text) == [label]


def test_labels_that_read_the_same_are_numbered() -> None:
    assert labels("当选。【姓名】【姓名】") == ["姓名（第1处）", "姓名（第2处）"]


def test_an_empty_field_keeps_its_brackets_or_a_rule_to_write_on() -> None:
    assert filled("【地点】【 】【签名】", "", "") == "【地点】＿＿＿＿＿＿＿＿"


def test_what_is_signed_by_hand_and_headings_are_no_fields() -> None:
    assert labels("【签名】【签字、日期】【一、报到会人数】") == []
    assert filled("【一、报到会人数】\n下文") == "一、报到会人数\n下文"


def test_choices_are_offered() -> None:
    assert blanks.read("【超过/未超过】").blanks[0].options == ("超过", "未超过")
    assert blanks.read("【变更为……／终止】").blanks[0].options == ()


@pytest.mark.parametrize("typed", ["2026-1-5", "2026.01.05", "2026年1月5日"])
def test_dates_are_written_as_papers_write_them(typed: str) -> None:
    assert blanks.clean_value(typed, blanks.Blank("日期", "日期")) == "2026年1月5日"


def test_a_value_is_one_line() -> None:
    assert blanks.clean_value(" 甲\r\n 乙\n", blanks.Blank("x", "x")) == "甲乙"


@given(st.text(), st.text())
def test_any_text_is_a_template_and_any_value_fits(text: str, value: str) -> None:
    template = blanks.read(text)
    values = {n: blanks.clean_value(value, blank) for n, blank in enumerate(template.blanks)}
    done = blanks.fill(template.text, template, values)
    assert not any("\ue000" <= char <= "\uf8ff" for char in done)
    assert len({blank.label for blank in template.blanks}) == len(template.blanks)
