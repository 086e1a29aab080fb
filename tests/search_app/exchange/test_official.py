"""The layout of GB/T 9704-2012: as the file says it, and as LibreOffice sets it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from itertools import pairwise

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_app.exchange import official
from search_app.exchange.layout import Line, Paper, Table
from tests.search_app.exchange.office import Page, Word, lay_out

POINTS_PER_MM = 72 / 25.4
REQUEST = Paper(
    "关于召开党员大会换届选举的请示",
    "中共华兴机械有限公司委员会",
    (
        *(
            Line(f"第{n}段，说明换届的理由和安排，字数要多到占满两行才能看出行距与首行缩进。")
            for n in "甲乙丙丁戊己庚辛"
        ),
        Line("一、基本情况", 1),
        Line("（一）党员情况。正式党员十二名。", 2),
        Line("1.在册党员", 3),
        Line("妥否，请批示。"),
    ),
    ("党员名册", "筹备安排表"),
    "第一车间党支部",
    "2026年1月5日",
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, ...]:
    return lay_out({"request": official.write(REQUEST)}, tmp_path_factory.mktemp("office"))["request"]


def lines(page: Page) -> list[list[Word]]:
    """Words by line, top down; the page number is the last."""
    rows: dict[int, list[Word]] = {}
    for word in page.words:
        rows.setdefault(round(word.bottom / 3), []).append(word)
    merged: list[list[Word]] = []
    for _, words in sorted(rows.items()):
        if merged and abs(merged[-1][0].bottom - words[0].bottom) < 8:
            merged[-1] += words
        else:
            merged.append(list(words))
    return merged


def part_of(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode("utf-8")


def find(page: Page, text: str) -> Word:
    return next(word for word in page.words if word.text.startswith(text))


def test_two_a4_pages_with_everything_in_order(pages: tuple[Page, ...]) -> None:
    assert len(pages) == 2
    assert all((round(page.width), round(page.height)) == (595, 842) for page in pages)
    text = "".join(page.text for page in pages)
    order = [
        "的请示中共华兴",
        "委员会：第甲段",
        "一、基本",
        "1.在册",
        "附件：1.党员名册2.筹备",
        "2026年1月5日",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_lines_stand_29_points_apart_22_to_a_page(pages: tuple[Page, ...]) -> None:
    body = lines(pages[0])[1:-1]
    gaps = [later[0].bottom - earlier[0].bottom for earlier, later in pairwise(body[1:])]
    assert gaps and all(abs(gap - 29) < 0.6 for gap in gaps)
    top, bottom = 37 * POINTS_PER_MM, (297 - 35) * POINTS_PER_MM
    assert all(top - 4 <= word.top and word.bottom <= bottom + 4 for row in body for word in row)
    assert (body[-1][0].bottom - body[0][0].bottom) / 29 < 22


def test_the_type_area_holds_28_characters(pages: tuple[Page, ...]) -> None:
    left, right = 28 * POINTS_PER_MM, (210 - 26) * POINTS_PER_MM
    assert abs(find(pages[0], "中共华兴").left - left) < 2, "the addressee stands at the edge"
    first = find(pages[0], "第甲段")
    assert abs(first.left - left - 32) < 2, "paragraphs are indented by two characters"
    assert right - 18 < max(word.right for row in lines(pages[0])[2:-1] for word in row) < right + 17
    assert len(first.text) == 26, "28 less the indent"


def test_date_four_characters_from_the_right_signer_centred_above(pages: tuple[Page, ...]) -> None:
    right = (210 - 26) * POINTS_PER_MM
    rows = [row for row in lines(pages[1]) if row[0].left > 200]
    (signer, date) = (row for row in rows[:2])
    assert abs(right - max(word.right for word in date) - 64) < 4
    middle = [(min(w.left for w in row) + max(w.right for w in row)) / 2 for row in (signer, date)]
    assert abs(middle[0] - middle[1]) < 17, "exact with 仿宋; the digits of a stand-in font are wider"


def test_page_numbers_outside_right_then_left(pages: tuple[Page, ...]) -> None:
    left, right = 28 * POINTS_PER_MM, (210 - 26) * POINTS_PER_MM
    one, two = (lines(page)[-1] for page in pages)
    assert "".join(w.text for w in one) == "—1—" and "".join(w.text for w in two) == "—2—"
    assert abs(right - one[-1].right - 14) < 3 and abs(two[0].left - left - 14) < 3
    gap = one[0].top - (297 - 35) * POINTS_PER_MM
    assert 10 < gap < 32, "the dash stands 7 mm below the type area"


def test_fonts_and_sizes_are_named_for_chinese_text() -> None:
    content = official.write(REQUEST)
    body = docx.Document(io.BytesIO(content))
    seen = {}
    for paragraph in body.paragraphs:
        for run in paragraph.runs:
            fonts = run._r.rPr.rFonts
            name = fonts.get("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia")
            assert run.font.size is not None
            seen[run.text] = (name, run.font.size.pt)
    assert seen[REQUEST.title] == ("方正小标宋简体", 22)
    assert seen["一、基本情况"] == ("黑体", 16) and seen["1.在册党员"] == ("仿宋_GB2312", 16)
    assert seen["（一）党员情况。"] == ("楷体_GB2312", 16) and seen["正式党员十二名。"] == ("仿宋_GB2312", 16)
    assert "华文中宋" in part_of(content, "word/fontTable.xml")
    assert "evenAndOddHeaders" in part_of(content, "word/settings.xml")
    assert "<w:color" not in part_of(content, "word/document.xml"), "no red head, no seal"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于换届的请示", 1),
        ("关于中共华兴机械有限公司第一车间支部委员会选举结果的报告", 2),
        ("字" * 65, 4),
    ],
)
def test_long_titles_are_broken_into_balanced_lines(title: str, expected: int) -> None:
    parts = official.title_lines(title)
    assert "".join(parts) == title and len(parts) == expected
    assert max(map(len, parts)) <= official.TITLE_CHARS and (expected == 1 or min(map(len, parts)) > 4)


def texts(parts: Iterable[str]) -> str:
    return "".join(parts)


ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT, ANY_TEXT, st.lists(st.tuples(ANY_TEXT, st.integers(0, 4)), max_size=3), ANY_TEXT)
def test_any_text_makes_a_file_that_opens(
    title: str, name: str, body: list[tuple[str, int]], cell: str
) -> None:
    blocks = (*(Line(text, level) for text, level in body), Table(((cell, name), ("", cell))))
    content = official.write(Paper(title, name, blocks, (name, cell), name, cell))
    opened = docx.Document(io.BytesIO(content))
    said = texts(paragraph.text for paragraph in opened.paragraphs)
    for text, _ in body:
        for word in re.findall(r"[\u4e00-\u9fff]+", text):
            assert word in said
    assert len(opened.tables) == 1
