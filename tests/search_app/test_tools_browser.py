"""The tools as a reader uses them: from an entry to a timetable and its calendar, on a phone, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import icalendar
import pytest

from search_app.calculators import registry
from tests.search_app.live import WATCH, serving, skip_without_chromium
from tests.search_app.sites import make_site

skip_without_chromium()

from playwright.sync_api import Browser, Page  # noqa: E402

pytestmark = pytest.mark.browser

FILLED = (
    "/tools",
    *(f"/tools/{slug}" for slug in registry.TOOLS),
    "/tools/election?start=2023-12-31&kind=branch&today=2026-11-21",
    "/tools/development?applied=2025-01-10&talked=2025-03-01&activist=2025-06-01&today=2026-11-21",
    "/tools/dues?kind=monthly&income=3000.01",
    "/tools/arrears?paid=2026-04&reason=没有正当理由&kind=monthly&income=4800&today=2026-11-21",
    "/tools/year?year=2026&groups=1&today=2026-11-21",
    "/tools/probation?meeting=x",
)
TARGETS = (
    "main button, main input:not([type=checkbox]), main .option, main select, main textarea, main summary, "
    "main .primary, main .tool-card"
)
SMALL = f"""[...document.querySelectorAll({TARGETS!r})]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24)
    .map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = make_site(tmp_path_factory.mktemp("tools"))
    with serving(site.app) as address:
        yield address


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context.new_page()
    context.close()


def test_phone_has_no_sideways_scrolling_no_violation_and_large_targets(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.add_init_script(WATCH)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in FILLED:
        page.goto(base + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        assert page.evaluate(SMALL) == [], address
    assert [text for text in said if "422" not in text] == []
    context.close()


def test_from_the_entry_to_the_calendar_file(desk: Page, base: str, tmp_path: Path) -> None:
    desk.goto(base + "/handbook/hb-election")
    desk.click("text=换届时间表")
    desk.fill("#f-start", "2023-12-31")
    desk.select_option("#f-kind", label="党支部委员会")
    desk.click("text=其他")
    desk.fill("#f-today", "2026-07-01")
    desk.click("button:has-text('算一算')")
    desk.wait_for_url("**/tools/election?start=2023-12-31&kind=branch&today=2026-07-01")
    assert "2026年12月31日届满" in desk.inner_text("#answer").replace(" ", "")
    assert desk.locator(".timetable tbody tr").count() == 11
    with desk.expect_download() as waiting:
        desk.click("text=下载日历文件")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.name == "election.ics"
    names = [str(e["SUMMARY"]) for e in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")]
    assert "任期届满" in names and "建议：报换届请示" in names
    desk.click("summary:has-text('倒排提前量')")
    desk.fill("#f-request", "45")
    desk.click("text=重新算")
    desk.wait_for_url("**request=45**")
    assert "2026年11月16日" in desk.inner_text(".timetable").replace(" ", "")


def test_from_the_question_to_the_amount(desk: Page, base: str) -> None:
    desk.goto(base + "/handbook/hb-dues")
    desk.click("text=党费计算")
    desk.select_option("#f-kind", label="离退休")
    desk.fill("#f-income", "5000.01")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/tools/dues?kind=retired&income=5000.01")
    assert desk.inner_text("#answer").replace(" ", "") == "每月交50.00元"
    desk.click(".result-facts a >> nth=0")
    desk.wait_for_url("**/policies/dues-regulation#a5")


def test_without_javascript_and_on_paper(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + "/tools/probation")
    page.fill("#f-meeting", "2025-11-01")
    page.click("button:has-text('算一算')")
    assert page.locator(".timetable tbody tr").count() == 5
    page.emulate_media(media="print")
    assert page.locator(".asking").is_hidden() and page.locator("th.on-paper").is_visible()
    assert "支部大会通过接收的日期" in page.inner_text(".given")
    context.close()


def test_mistakes_can_be_reached_and_mended(desk: Page, base: str) -> None:
    desk.goto(base + "/tools/lost?last=昨天")
    assert desk.input_value("#f-last") == "昨天"
    desk.click("#problems a")
    assert desk.evaluate("document.activeElement.id") == "f-last"
    desk.fill("#f-last", "2026年1月31日")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#answer")
    assert desk.input_value("#f-last") == "2026-01-31"
