"""What only a browser can tell of reading in comfort: axe, content security, modes, and what it remembers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.search_app.live import WATCH, serving, skip_without_chromium
from tests.search_app.sites import Site

skip_without_chromium()

from playwright.sync_api import Browser, Page  # noqa: E402

pytestmark = pytest.mark.browser

ADDRESSES = (
    "/",
    "/search?q=党费逾期没交怎么办",
    "/browse",
    "/browse/case",
    "/browse/problem?page=2",
    "/gaps",
    "/problems/candidate-selection",
    "/handbook/hb-election",
    "/cases/case-dues-auto-remind",
    "/policies/development-2026",
    "/policies/discipline-2023/versions",
    "/policies/development-2026/text",
    "/then?on=2020-05-01",
    "/then?on=x&policy=development-2026&article=13",
    "/validity",
    "/glossary",
    "/mine",
    "/help",
    "/help/contributors",
    "/help/reviewers",
    "/nope",
)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LEVELS = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
AXE = f"""async () => (await axe.run(document, {{runOnly: {LEVELS}}})).violations
  .filter(v => ['serious', 'critical'].includes(v.impact)).map(v => [v.id, v.nodes[0].html.slice(0, 200)])"""
TEXT = "细则\n\n" + "".join(f"第{n}条　规矩之{n}要办完，并且留下材料。\n\n" for n in "一二三四五")


@pytest.fixture(scope="module")
def base(whole_site: Site) -> Iterator[str]:
    """A running server over the starter content, with one official text attached."""
    folder = whole_site.config.local / "fulltext"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "development-2026.txt").write_text(TEXT, encoding="utf-8")
    with serving(whole_site.app) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def axe_source() -> str:
    """axe-core from AXE_CORE (a newer axe.min.js), else the one the test dependency brings."""
    if path := os.environ.get("AXE_CORE"):
        return Path(path).read_text(encoding="utf-8")
    found = pytest.importorskip("axe_core_python.base")
    return Path(found.AXE_FILE_PATH).read_text(encoding="utf-8")


@pytest.mark.parametrize(("width", "scheme", "every"), [(360, "dark", 1), (1280, "light", 2)])
def test_nothing_serious_no_violation_no_sideways_scrolling(
    browser: Browser, base: str, width: int, scheme: str, every: int
) -> None:
    axe, found, said = axe_source(), {}, []
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(WATCH)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in ADDRESSES[::every]:
        page.goto(base + address)
        over = page.evaluate(SIDEWAYS)
        page.evaluate(axe)
        if (serious := page.evaluate(AXE)) or over > 0:
            found[address] = (serious, over)
    context.close()
    assert found == {}
    assert [text for text in said if "404" not in text] == []


def test_large_text_and_dark_are_remembered_and_still_fit(page: Page, base: str) -> None:
    page.goto(base)
    page.click("text=显示")
    page.click("text=特大")
    page.click("button:has-text('深色')")
    assert page.get_attribute("button:has-text('深色')", "aria-pressed") == "true"
    for address in (
        "/problems/candidate-selection",
        "/browse/case",
        "/mine",
        "/then?on=2020-05-01",
        "/tools/dues",
    ):
        page.goto(base + address)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "24px"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 18, 18)"
        assert page.evaluate(SIDEWAYS) <= 0, address
    page.click("text=显示")
    page.click("text=跟随系统")
    page.reload()
    assert page.get_attribute("html", "data-theme") is None


def test_the_branch_is_said_once_and_stays_in_the_browser(page: Page, base: str) -> None:
    asked: list[str] = []
    page.goto(base + "/mine")
    page.on("request", lambda r: asked.append(r.url) if "/static/" not in r.url else None)
    page.fill("#b-members", "42")
    page.select_option("#b-organisation", "国有企业")
    page.check("text=有能发提醒、记数据的系统或平台")
    page.click("text=记下来")
    assert "记下了" in page.inner_text("[data-branch-status]") and asked == []
    page.goto(base + "/cases/case-dues-auto-remind")
    rows = page.locator("[data-conditions] li").all_inner_texts()
    assert sum("✓ 您那里有" in row for row in rows) >= 2 and "对照我的支部" in page.inner_text(".entry")
    assert all("您那里有" in row or "没有勾选" in row or "自己判断" in row for row in rows)
    page.goto(base + "/mine")
    assert page.input_value("#b-members") == "42"
    page.click("[data-clear=branch]")
    page.goto(base + "/browse/case")
    assert page.locator(".verdict").count() == 0


def test_favourites_and_history_without_an_account(page: Page, base: str) -> None:
    page.goto(base + "/problems/dues-overdue")
    page.click("text=☆ 收藏")
    page.goto(base + "/policies/dues-regulation")
    page.goto(base + "/mine")
    assert "党员逾期" in page.inner_text("[data-list=favourites]")
    assert page.locator("[data-list=history] a").count() == 2
    page.click("[data-list=favourites] a")
    page.wait_for_url("**/problems/dues-overdue")
    page.click("text=★ 已收藏")
    page.goto(base + "/mine")
    page.click("text=清除记录")
    assert page.locator("[data-list] a").count() == 0 and "还没有收藏" in page.inner_text("main")


def test_the_guide_goes_away_for_good(page: Page, base: str) -> None:
    page.goto(base)
    assert page.is_visible("[data-guide]")
    page.click("text=知道了，不再显示")
    assert page.evaluate("document.activeElement.id") == "q"
    page.reload()
    assert not page.is_visible("[data-guide]")


def test_a_term_is_explained_by_tap_and_by_keyboard(page: Page, base: str) -> None:
    page.goto(base + "/problems/dues-overdue")
    term = page.locator("a.term").first
    target = str(term.get_attribute("href"))
    term.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == target and page.locator(target).is_visible()
    page.locator(f"{target} .back").click()
    assert page.evaluate("location.hash") == f"#at-{target[1:]}"


def test_a_clause_then_by_hand(page: Page, base: str) -> None:
    page.goto(base + "/problems/candidate-selection")
    page.locator(".rule-now a:has-text('按当时规定')").click()
    page.fill("#then-on", "2020年5月1日")
    page.click("text=查看")
    assert "摘录一 发展对象报上级备案" in page.inner_text(".then-result")


def test_everything_reads_without_javascript(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base)
    assert not page.is_visible("[data-guide]") and not page.is_visible("summary:has-text('显示')")
    page.click(".bottom-links >> text=按当时规定")
    page.fill("#then-on", "2020-05-01")
    page.click("text=查看")
    assert "有效的制度" in page.inner_text("main")
    page.goto(base + "/browse/case?factor=党员分散")
    assert page.locator(".card").count() >= 1
    context.close()
