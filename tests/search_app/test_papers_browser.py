"""From the workflow to the 请示 in Word, in a real browser and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docx
import pytest

from tests.search_app.live import serving, skip_without_chromium
from tests.search_app.sites import Site

skip_without_chromium()

from playwright.sync_api import Browser, Page  # noqa: E402

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def base(shared_site: Site) -> Iterator[str]:
    with serving(shared_site.app) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_from_the_workflow_to_the_request_in_word(page: Page, base: str, tmp_path: Path) -> None:
    page.goto(f"{base}/handbook/hb-election")
    page.click(".paper-fill a >> nth=0")
    page.get_by_label("上级党组织名称", exact=True).fill("某公司党委")
    page.get_by_label("党支部名称", exact=True).fill("第一党支部")
    page.get_by_label("成文日期", exact=True).fill("2026-1-5")
    page.click("text=预览 >> nth=0")
    assert "某公司党委：" in page.inner_text(".sheet") and "2026年1月5日" in page.inner_text(".sheet")
    with page.expect_download() as got:
        page.click("text=下载 Word")
    got.value.save_as(tmp_path / "paper.docx")
    assert got.value.suggested_filename == "关于召开党员大会换届选举的请示.docx"
    assert docx.Document(str(tmp_path / "paper.docx")).paragraphs[2].text == "某公司党委："


def test_chosen_cases_come_as_one_file(page: Page, base: str) -> None:
    page.goto(f"{base}/papers")
    page.check("input[value=case-dues-auto-remind]")
    with page.expect_download() as got:
        page.click("text=合成一册 Word")
    assert got.value.suggested_filename == "党建工作案例选编.docx"


def test_on_paper_the_steps_stand_in_columns(browser: Browser, base: str) -> None:
    """Box, action, 责任人, 时限 and 留痕材料 from left to right; buttons and menu are gone."""
    context = browser.new_context(viewport={"width": 700, "height": 900})
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(f"{base}/problems/dues-backpay")
    cells = (".step > input", ".step-action", ".fact-who", ".fact-when", ".fact-keep")
    left = [page.locator(cell).first.bounding_box() for cell in cells]
    at = [box["x"] for box in left if box]
    assert len(at) == 5 and at == sorted(at) and len(set(at)) == 5
    for gone in (".take-away", ".menu", ".toc"):
        assert page.locator(gone).first.is_hidden()
    foot = page.inner_text(".bottom .print-only")
    assert base in foot and "年" in foot and page.locator(".print-only").first.is_visible()
    context.close()
