"""Buttons beside rows: they move what is there, and never lose it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.types import Attachment, Kind, Step
from search_app.forms import reading, rows
from search_app.forms.sheet import Cited, Question, Sheet

SHEET = replace(
    reading.empty(Kind.HANDBOOK),
    steps=(Step("甲"), Step("乙"), Step("丙")),
    questions=(Question("一"), Question("二")),
    citations=(Cited("p", "1"), Cited("q")),
    related=("a", "b"),
    attachments=(Attachment("a" * 32 + ".pdf"), Attachment("b" * 32 + ".pdf")),
)


def actions(sheet: Sheet) -> str:
    return "".join(step.action or "·" for step in sheet.steps)


@pytest.mark.parametrize(
    ("button", "left"),
    [
        ("step-up-2", "乙甲丙"),
        ("step-down-1", "乙甲丙"),
        ("step-up-1", "甲乙丙"),
        ("step-down-3", "甲乙丙"),
        ("step-remove-2", "甲丙"),
        ("step-remove-9", "甲乙丙"),
        ("step-add", "甲乙丙·"),
        ("step-eat-1", "甲乙丙"),
        ("", "甲乙丙"),
    ],
)
def test_steps(button: str, left: str) -> None:
    assert actions(rows.press(SHEET, button)) == left


def test_other_rows() -> None:
    assert rows.press(SHEET, "qa-down-1").questions == (Question("二"), Question("一"))
    assert rows.press(SHEET, "qa-add").questions[-1] == Question()
    assert rows.press(SHEET, "cite-remove-1").citations == (Cited("q"),)
    assert rows.press(SHEET, "related-remove-2").related == ("a",)
    assert rows.press(SHEET, "attachment-up-2").attachments == SHEET.attachments[::-1]
    assert rows.press(SHEET, "related-add") == SHEET


def test_what_was_found_is_taken_once() -> None:
    once = rows.press(SHEET, "cite:dues-regulation#12")
    assert once.citations[-1] == Cited("dues-regulation", "12")
    assert rows.press(once, "cite:dues-regulation#12") == once
    assert rows.press(SHEET, "relate:c").related == ("a", "b", "c")
    assert rows.press(SHEET, f"relate:{SHEET.id}") == rows.press(SHEET, "relate:../x") == SHEET


@given(
    st.lists(
        st.from_regex(r"(step|qa|cite|related|attachment)-(up|down)-[0-9]{1,2}", fullmatch=True), max_size=8
    )
)
def test_moving_loses_nothing(buttons: list[str]) -> None:
    sheet = SHEET
    for button in buttons:
        sheet = rows.press(sheet, button)
    for name in ("steps", "questions", "citations", "related", "attachments"):
        assert sorted(map(str, getattr(sheet, name))) == sorted(map(str, getattr(SHEET, name)))


def test_rows_have_an_end() -> None:
    sheet = SHEET
    for _ in range(100):
        sheet = rows.press(sheet, "step-add")
    assert len(sheet.steps) == 60
