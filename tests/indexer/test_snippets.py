"""What is marked, and which stretch of a passage is shown."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.snippets import SNIPPET_CHARS, mark, snippet
from indexer.types import Highlighted, Passage
from tests.indexer.samples import segmenter

FILLING = "这一段讲的是别的事情，与所问无关。" * 12


def marked(shown: Highlighted) -> list[str]:
    return [shown.value[start:end] for start, end in shown.spans]


def passage(text: str) -> Passage:
    return Passage("x", "section", "", "", text)


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("组织生活会怎么开", ["组织生活会"], ["组织生活会"]),
        ("流动党员组织关系转接", ["关系"], ["关系"]),
        ("党费与党费", ["党费"], ["党费", "党费"]),
        ("党费收缴流程", ["党费", "党费收缴", "收缴"], ["党费收缴"]),
        ("党费收缴", ["党费", "收缴"], ["党费收缴"]),
        ("应当提前六个月提醒", ["6个月"], ["六个月"]),
        ("到会人数超过五分之四", ["4/5"], ["五分之四"]),
        ("用ＷＰＳ或 wps 打开", ["wps"], ["ＷＰＳ", "wps"]),
        ("没有这个词", ["党费"], []),
        ("没有词", [], []),
        ("空词不算", [""], []),
        ("", ["党费"], []),
    ],
)
def test_the_whole_typed_word_is_marked_wherever_it_stands(
    text: str, words: list[str], expected: list[str]
) -> None:
    shown = mark(text, words, segmenter())
    assert shown.value == text and marked(shown) == expected


@given(
    st.text(st.sampled_from("党费收缴六个月，Ａa "), max_size=60),
    st.lists(st.sampled_from(["党费", "收缴", "费收", "6个月", "a", "党"])),
)
def test_spans_are_in_order_apart_and_within_the_text(text: str, words: list[str]) -> None:
    shown = snippet(passage(text), tuple(words), segmenter())
    assert all(0 <= start < end <= len(shown.value) for start, end in shown.spans)
    assert all(one[1] < other[0] for one, other in pairwise(shown.spans))


def test_short_passages_are_shown_whole() -> None:
    shown = snippet(passage("第一行\n\n  第二行 党费"), ("党费",), segmenter())
    assert shown.value == "第一行 第二行 党费" and marked(shown) == ["党费"]


def test_the_window_holds_the_most_different_words() -> None:
    text = f"党费党费党费。{FILLING}逾期的党费要催缴。{FILLING}催缴。"
    shown = snippet(passage(text), ("党费", "逾期", "催缴"), segmenter())
    assert set(marked(shown)) == {"党费", "逾期", "催缴"}
    assert len(shown.value) <= SNIPPET_CHARS + 2
    assert shown.value.startswith("…") and shown.value.endswith("…")


def test_the_window_begins_at_a_sentence() -> None:
    shown = snippet(passage(f"{FILLING}逾期的党费要催缴。{FILLING}"), ("党费", "催缴"), segmenter())
    assert shown.value.startswith("…逾期的党费要催缴")


def test_the_end_of_a_passage_has_no_dots_after_it() -> None:
    shown = snippet(passage(f"{FILLING}逾期的党费要催缴。"), ("党费",), segmenter())
    assert shown.value.endswith("催缴。") and marked(shown) == ["党费"]


def test_without_any_word_the_beginning_is_shown() -> None:
    shown = snippet(passage(f"开头第一句。{FILLING}"), ("党费",), segmenter())
    assert shown.value.startswith("开头第一句。") and shown.spans == ()


def test_a_number_written_otherwise_counts_for_the_window() -> None:
    shown = snippet(passage(f"{FILLING}预备期满六个月的。{FILLING}"), ("6个月",), segmenter())
    assert marked(shown) == ["六个月"]
