"""Two whole journeys as a new reader makes them: from a worry in one's own words to a paper, and to a sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docx
import icalendar
import pytest

from indexer.library import Library
from search_app import create_app
from tests.search_app.live import chromium, serving, skip_without_chromium
from tests.search_app.sites import Site

skip_without_chromium()

from playwright.sync_api import Download, Page  # noqa: E402

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def base(whole_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The starter content behind the shipped encoder, as `kb serve` would serve it."""
    folder = tmp_path_factory.mktemp("journey")
    config = replace(whole_site.config, encoder="light", local=folder / "local", index=folder / "index")
    app = create_app(config, Library.open(config.settings()))
    with serving(app) as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True).new_page()


def ask(page: Page, base: str, question: str) -> None:
    page.goto(base)
    page.fill("main input[name=q]", question)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")


def save(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def test_from_the_election_question_to_timetable_calendar_and_request(
    page: Page, base: str, tmp_path: Path
) -> None:
    ask(page, base, "换届还有多久该启动")
    page.click(".hits li:first-child a >> nth=0")
    assert "换届什么时候启动" in page.inner_text("h1")

    page.click("text=换届时间表")
    page.fill("#f-start", "2024-05-20")
    page.select_option("#f-kind", label="党支部委员会")
    page.click("button:has-text('算一算')")
    assert "2027年5月20日届满" in page.inner_text("#answer").replace(" ", "")
    with page.expect_download() as waiting:
        page.click("text=下载日历文件")
    events = icalendar.Calendar.from_ical(save(waiting.value, tmp_path).read_bytes()).walk("VEVENT")
    assert "任期届满" in [str(event["SUMMARY"]) for event in events]

    page.goto(f"{base}/problems/election-due-reminder")
    page.click("main a:has-text('换届选举工作流程') >> nth=0")
    page.click(".paper-fill a >> nth=0")
    page.get_by_label("党支部名称", exact=True).fill("第一党支部")
    page.click("text=预览 >> nth=0")
    with page.expect_download() as waiting:
        page.click("text=下载 Word")
    text = "\n".join(p.text for p in docx.Document(str(save(waiting.value, tmp_path))).paragraphs)
    assert "第一党支部" in text and "请示" in text


def test_from_the_dues_question_to_the_amount(page: Page, base: str) -> None:
    ask(page, base, "党费怎么算")
    assert page.locator("text=没有找到合适的答案").count() == 0
    page.click(".hits li:first-child a >> nth=0")
    assert "党费交多少" in page.inner_text("h1")
    page.click("text=党费计算")
    page.select_option("#f-kind", label="按月领工资")
    page.fill("#f-income", "6500")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tools/dues?**income=6500**")
    assert "97.50元" in page.inner_text("#answer").replace(" ", "")
