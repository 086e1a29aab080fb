"""What is read without the parser is what the parser reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import markdown, simple_markdown
from kb.store import Store

ROOT = Path(__file__).resolve().parents[2]

LINES = st.sampled_from(
    [
        *("", "", "党费按月交。", "逾期要提醒", " 一个空格", "   三个空格", "    四个空格", "末尾两个空格  "),
        *(
            "## 背景",
            "### 第三条 党费",
            "# 一级",
            "##无空格",
            "##",
            "## 带`代码`",
            "## 收尾 ##",
            " ## 缩进",
            "#### 四级",
        ),
        *(
            "- 名单",
            "- ",
            "-",
            "-无空格",
            "- **定人** 落实",
            "  - 二级",
            "   - 责任人：书记",
            "- - 双",
            "- 1. 混",
        ),
        *(
            "1. 先做",
            "1. **定人** 明确。",
            "2. 再做",
            "3. 然后",
            "10. 第十步",
            "0. 零",
            "1) 括号",
            "   2. 缩进二",
            "1.无空格",
        ),
        *(
            "**粗**",
            "前**粗**后",
            "**粗。**后",
            "** 不粗**",
            "前**粗。**，后**又**",
            "一**“粗”** 二",
            "*斜*",
            "a_b_c",
            "5*3*2",
            "**",
            "***",
            "*",
        ),
        *("---", "===", "- - -", "--", "—— 破折号", "> 引用", "> ## 引用里的标题", "* 星号", "+ 加号"),
        *(
            "```",
            "```",
            "```text",
            "````",
            "  ```",
            "~~~",
            "`码`",
            "| a | b |",
            "|---|---|",
            "| a | b |\n|---|---|",
            "| 情形 | 办法 |\n|---|:-:|\n| 逾期 | **提醒** |\n| - 1. 甲 |  |\n",
            "| 三 | 格 | 的 |",
            "## a | b",
            "见[链](dues)、[条](dues#12)",
            "[链](dues)",
            "**[链](dues)**是",
            "![图](dues)",
            "[a]: b",
            "[a](b c)",
            "\\*",
            "&amp;",
            "<b>",
        ),
        *("\t制表", "　全角空格", "A4 纸 5 张", "http://a.b/c", "第1. 条", "2026. 年"),
    ]
)
TEXTS = st.lists(LINES, max_size=9).map("\n".join)


def by_parser(body: str) -> tuple[object, str]:
    """What the parser makes of a text: headings, and the words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simple_markdown, "headings", lambda body: None)
        patch.setattr(simple_markdown, "words", lambda text: None)
        return markdown._headings(body), markdown.plain.__wrapped__(body)


def agrees(text: str) -> None:
    headings, words = by_parser(text)
    found = simple_markdown.headings(text)
    if found is not None:
        assert [(h.line, h.line + 1, h.level, h.text) for h in found] == headings, text
    plain = simple_markdown.words(text)
    assert plain is None or plain == words, text


@given(TEXTS)
def test_a_simple_text_reads_as_the_parser_reads_it(text: str) -> None:
    agrees(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "先看：\n\n| 情形 | 办法 |\n|---|---|\n| 逾期 | **提醒** |\n\n再看。",
            "先看：\n情形\n办法\n逾期\n提醒\n再看。",
        ),
        ("延长**一次**，不能**（原话）**再延", None),
        ("延长**一次**，先**短。** 后长", "延长一次，先短。 后长"),
    ],
)
def test_tables_and_bold_words_within_a_line_are_simple(text: str, words: str | None) -> None:
    """They are what most entries have beyond paragraphs and lists, and the parser takes milliseconds."""
    assert simple_markdown.words(text) == words
    agrees(text)


def test_every_entry_reads_as_the_parser_reads_it() -> None:
    simple = 0
    for record in Store((ROOT,)).records()[0]:
        body = record.entry.body
        agrees(body)
        for part in markdown.sections(body):
            agrees(part.text)
        simple += simple_markdown.headings(body) is not None
    assert simple > 200, "most entries are simple"
