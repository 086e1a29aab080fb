"""Hand-outs and books: what they hold, and how LibreOffice lays them out."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.types import Kind
from search_app.exchange import handout, leaflet, prose
from search_app.exchange.prose import Grid, Heading, Text
from tests.search_app.exchange.office import Page, lay_out
from tests.search_app.sites import Site

TODAY = date(2026, 11, 21)


def imprint(entry_id: str) -> handout.Imprint:
    return handout.Imprint("测试库", f"http://kb.example/e/{entry_id}", TODAY)


def sheet(site: Site, entry_id: str) -> bytes:
    entry, now = site.library.get(entry_id), site.library.snapshot
    return leaflet.write_sheet(entry.title, handout.entry_parts(entry, now, imprint(entry_id), 2), "测试库")


def book(site: Site) -> bytes:
    now = site.library.snapshot
    entries = now.of_kind(Kind.HANDBOOK)
    shelves = {"基本组织": entries[1:], "基本制度": entries[:1]}
    parts = handout.book_parts(shelves, now, {entry.id: imprint(entry.id) for entry in entries})
    return leaflet.write_book(leaflet.Cover("手册全册", ("测试库",)), parts, "手册全册")


@pytest.fixture(scope="module")
def laid(shared_site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Page, ...]]:
    files = {"sheet": sheet(shared_site, "dues-backpay"), "book": book(shared_site)}
    return lay_out(files, tmp_path_factory.mktemp("leaflet"))


def test_a_sheet_of_two_pages_repeats_the_head_of_its_steps(laid: dict[str, tuple[Page, ...]]) -> None:
    pages = laid["sheet"]
    assert len(pages) == 2 and all("责任人时限留痕材料" in page.text for page in pages)
    text = "".join(page.text for page in pages)
    order = [
        "补缴党费怎样计算和登记",
        "问题描述",
        "实施步骤",
        "□1.列出所欠月份",
        "注意事项",
        "政策依据",
        "第十二条",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert "据条文摘录" in text.replace("B", "") and "http://kb.example/e/dues-backpay" in text
    assert "2026年11月20日核对" in text and "2026年11月21日导出" in text and "第2页" in pages[1].text


def test_a_book_has_cover_contents_and_a_page_for_each_entry(laid: dict[str, tuple[Page, ...]]) -> None:
    pages = laid["book"]
    assert "手册全册测试库" in pages[0].text and "第1页" not in pages[0].text
    assert pages[1].text.startswith("目录基本组织党支部委员会换届选举工作流程基本制度党费")
    assert (
        pages[2].text.startswith("基本组织党支部委员会换届选举工作流程") and "手册全册第1页" in pages[2].text
    )
    assert any(page.text.startswith("基本制度党费") for page in pages[3:])


def test_the_contents_field_points_at_places_that_exist(shared_site: Site) -> None:
    opened = docx.Document(io.BytesIO(book(shared_site)))
    xml = opened.element.xml
    assert 'TOC \\o "1-2"' in xml and 'w:dirty="true"' in xml
    for key in ("shelf_0", "entry_hb_election"):
        assert f'w:anchor="{key}"' in xml and f'w:name="{key}"' in xml
    styles = [paragraph.style.name for paragraph in opened.paragraphs if paragraph.style is not None]
    assert styles.count("Heading 2") == 2 and styles.count("Heading 1") == 2


def test_a_case_has_no_boxes_and_a_hostile_entry_stays_words(shared_site: Site) -> None:
    now = shared_site.library.snapshot
    case = handout.entry_parts(now.entries["case-dues-auto-remind"], now, imprint("x"))
    assert not any("□" in run.text for part in case if isinstance(part, Grid) for run in part.rows[0][0])
    hostile = docx.Document(io.BytesIO(sheet(shared_site, "hostile")))
    text = "\n".join(paragraph.text for paragraph in hostile.paragraphs)
    cells = "\n".join(cell.text for table in hostile.tables for row in table.rows for cell in row.cells)
    assert "<script>alert(1)</script>恶意标题" in text and "{{ 7*7 }}" in text and "死链接" in text
    assert (
        "（已失效）" in cells
        and "（制度未收录）" in cells
        and b"javascript:" not in bytes(hostile.part.rels.xml)
    )


def test_markdown_becomes_lists_tables_and_forms() -> None:
    found = prose.read(
        "前**重**后\n\n1. 甲\n   - 乙\n2. 丙\n\n> 引\n\n```text\n一 二\n  三\n```\n\n|a|b|\n|-|-|\n|1|2|"
    )
    assert found[0] == Text((prose.Run("前"), prose.Run("重", True), prose.Run("后")))
    shown = [(p.shape, p.marker, p.depth, p.runs[0].text) for p in found[1:6] if isinstance(p, Text)]
    assert shown == [
        ("item", "1.", 1, "甲"),
        ("item", "·", 2, "乙"),
        ("item", "2.", 1, "丙"),
        ("quote", "", 0, "引"),
        ("form", "", 0, "一 二\n  三"),
    ]
    assert isinstance(found[6], Grid) and [len(row) for row in found[6].rows] == [2, 2]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_makes_a_file_that_opens(body: str, title: str) -> None:
    parts = (Heading(title, 2, "place"), *prose.read(body))
    assert docx.Document(io.BytesIO(leaflet.write_sheet(title, parts, title))).paragraphs


def test_files_stay_in_the_home_of_their_library() -> None:
    root = Path(__file__).resolve().parents[3]
    for path in (*root.glob("kb/*.py"), *root.glob("indexer/*.py"), *root.glob("search_app/*.py")):
        text = path.read_text(encoding="utf-8")
        assert "import docx" not in text and "openpyxl import" not in text, path
