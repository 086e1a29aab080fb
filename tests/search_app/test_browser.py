"""What only a browser can tell: width, content security, and typing, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.search_app.live import WATCH, serving, skip_without_chromium
from tests.search_app.sites import Site, make_site

skip_without_chromium()

from playwright.sync_api import Browser, BrowserContext, Page  # noqa: E402

pytestmark = pytest.mark.browser

ADDRESSES = (
    "/",
    "/search?q=党费逾期没交怎么办",
    "/search?q=党费&kind=case&category=基本制度",
    "/search?q=外星人火锅",
    "/search?q=" + "长长的英文单词" + "w" * 120,
    "/browse",
    "/browse/problem",
    "/browse/policy",
    "/problems/dues-backpay",
    "/problems/hostile",
    "/handbook/hb-election",
    "/cases/case-dues-auto-remind",
    "/policies/dues-regulation",
    "/policies/discipline-2018",
    "/papers",
    "/handbook/hb-election/papers/1",
    "/nope",
)
TARGETS = "button, .search input, .option, .step > input, summary, .menu a, .chip, .facet a, .pager a, .brand"
SMALL = "e => e.checkVisibility() && e.getBoundingClientRect().height < 24"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    """A running server and its site."""
    site = make_site(tmp_path_factory.mktemp("live"))
    with serving(site.app) as address:
        yield address, site


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_no_sideways_scrolling_and_no_violation(phone: BrowserContext, live: tuple[str, Site]) -> None:
    page = phone.new_page()
    page.add_init_script(WATCH)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    wide = {}
    for address in ADDRESSES:
        page.goto(live[0] + address)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide[address] = over
    assert wide == {}
    assert [text for text in said if "404" not in text] == []


def test_targets_are_large_enough(phone: BrowserContext, live: tuple[str, Site]) -> None:
    """24 pixels at least, except for links within running text (WCAG 2.5.8)."""
    page = phone.new_page()
    small = f"[...document.querySelectorAll({TARGETS!r})].filter({SMALL}).map(e => e.outerHTML.slice(0, 120))"
    for address in ("/", "/search?q=党费&kind=problem", "/problems/dues-backpay"):
        page.goto(live[0] + address)
        assert page.evaluate(small) == [], address


def test_from_question_to_steps(desk: Page, live: tuple[str, Site]) -> None:
    desk.goto(live[0])
    desk.keyboard.press("/")
    desk.keyboard.type("党费逾期没交怎么办")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/search?q=*")
    assert desk.input_value("#q") == "党费逾期没交怎么办"
    desk.click(".hit-title a >> nth=0")
    desk.wait_for_url("**/problems/dues-overdue")
    assert desk.locator(".step").count() >= 5
    desk.check("#step-1")
    desk.reload()
    assert desk.is_checked("#step-1") and "已完成 1 /" in desk.inner_text(".entry")
    desk.click("text=清除勾选")
    desk.reload()
    assert not desk.is_checked("#step-1")


def test_suggestions_by_keyboard(desk: Page, live: tuple[str, Site]) -> None:
    desk.goto(live[0])
    desk.fill("#q", "")
    desk.type("#q", "党费")
    desk.wait_for_selector(".suggestions li")
    desk.keyboard.press("ArrowDown")
    assert desk.get_attribute("#q", "aria-activedescendant") == "q-suggestions-0"
    desk.keyboard.press("Escape")
    assert desk.locator(".suggestions").is_hidden()


def test_half_typed_letters_of_an_input_method_are_left_alone(desk: Page, live: tuple[str, Site]) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url) if "suggest" in request.url else None)
    desk.goto(live[0])
    desk.focus("#q")
    session = desk.context.new_cdp_session(desk)
    session.send("Input.imeSetComposition", {"text": "dang'f", "selectionStart": 6, "selectionEnd": 6})
    desk.wait_for_timeout(400)
    assert asked == []
    session.send("Input.insertText", {"text": "党费"})
    desk.wait_for_selector(".suggestions li")
    assert len(asked) == 1 and "%E5%85%9A%E8%B4%B9" in asked[0]


def test_everything_works_without_javascript(browser: Browser, live: tuple[str, Site]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live[0])
    page.fill("#q", "到会人数不够")
    page.click("text=搜索 >> nth=-1")
    page.click(".hit-title a >> nth=0")
    assert page.locator(".step").count() >= 5
    context.close()
