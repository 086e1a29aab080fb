"""Writing in a browser: rows, look-alikes, saving by itself, files, and all of it without JavaScript."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from search_app.access import Role
from tests.search_app.giving import emptied
from tests.search_app.live import WATCH, serving, skip_without_chromium
from tests.search_app.sites import PASSWORD, Site, make_site

skip_without_chromium()

from playwright.sync_api import Browser, BrowserContext, Page  # noqa: E402

pytestmark = pytest.mark.browser

ADDRESSES = (
    "/cases/new?problem=dues-overdue&rule=dues-regulation%2312",
    "/problems/new",
    "/handbook/new",
    "/policies/new",
    "/entries/hb-dues/edit",
    "/entries/hostile/edit",
    "/drafts",
)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TARGETS = "main button, main input:not([type=hidden]), main .option, main select"
SMALL = f"""[...document.querySelectorAll('{TARGETS}')].filter(e => e.checkVisibility()
  && !e.matches('.unseen, .option input') && e.getBoundingClientRect().height < 24)
  .map(e => e.outerHTML.slice(0, 120))"""
LEVELS = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
AXE = f"""async () => (await axe.run(document, {{runOnly: {LEVELS}}})).violations
  .filter(v => ['serious', 'critical'].includes(v.impact)).map(v => [v.id, v.nodes[0].html.slice(0, 200)])"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    """A running server and its site."""
    site = make_site(tmp_path_factory.mktemp("live"))
    site.add_user("li", Role.MEMBER)
    with serving(site.app) as address:
        yield address, site


def entered(context: BrowserContext, base: str, wanted: str = "/drafts") -> Page:
    """A page of a member who has logged in on the way to `wanted`."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(base + wanted)
    page.fill("main input[name=name]", "li")
    page.fill("main input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    return page


@pytest.fixture
def desk(browser: Browser, live: tuple[str, Site]) -> Iterator[Page]:
    emptied(live[1])
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield entered(context, live[0])
    context.close()


def fill_case(page: Page) -> None:
    page.fill("#f-title", "浏览器里写的案例：流动红旗换成学习积分")
    page.check("text=基本活动")
    page.fill("[id='f-s-背景']", "学习积极性不高。")
    page.fill("input[name=step-action] >> nth=0", "定积分办法")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_forms_fit_and_break_no_rule(
    browser: Browser, live: tuple[str, Site], width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page, said, wrong = entered(context, live[0]), [], {}
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    axe = os.environ.get("AXE_CORE") or pytest.importorskip("axe_core_python.base").AXE_FILE_PATH
    for address in ADDRESSES:
        page.goto(live[0] + address)
        page.evaluate(Path(axe).read_text(encoding="utf-8"))
        found = (page.evaluate(AXE), page.evaluate(SMALL), max(0, page.evaluate(SIDEWAYS)))
        if found != ([], [], 0):
            wrong[address] = found
    context.close()
    assert wrong == {} and said == []


def test_a_guest_comes_back_to_the_form_with_its_links(browser: Browser, live: tuple[str, Site]) -> None:
    context = browser.new_context()
    page = entered(context, live[0], "/cases/new?problem=dues-overdue")
    page.wait_for_url("**/cases/new?problem=dues-overdue")
    assert "党员逾期没有缴纳党费怎么办" in page.inner_text("#related")
    context.close()


def test_rows_change_without_leaving_the_page(desk: Page, live: tuple[str, Site]) -> None:
    desk.goto(live[0] + "/cases/new")
    fill_case(desk)
    desk.click("text=再加一步")
    desk.wait_for_selector("legend:has-text('第 4 步')")
    assert desk.evaluate("document.activeElement.name") == "step-action"
    desk.fill("input[name=step-action] >> nth=3", "按季兑现")
    desk.click("button[value=step-up-4]")
    desk.wait_for_selector("input[name=step-action][value=按季兑现] >> nth=0")
    assert desk.input_value("input[name=step-action] >> nth=2") == "按季兑现"
    desk.fill("#find-rule", "党费规定 12")
    desk.press("#find-rule", "Enter")
    desk.click(".offers button >> nth=0")
    desk.wait_for_selector("text=第十二条")
    assert desk.input_value("#f-title").startswith("浏览器里写的案例")
    desk.click(".give-actions button[value=send]")
    desk.wait_for_url("**/submissions/s-*")
    [submission] = live[1].services.submissions.find()
    entry = live[1].services.pending.get(submission.id)
    assert entry.body.index("定积分办法") < entry.body.index("按季兑现")
    assert [c.ref for c in entry.citations] == ["dues-regulation#12"]
    desk.goto(live[0] + "/drafts")
    assert "没有草稿" in desk.inner_text("main")


def test_look_alikes_wait_for_the_input_method(desk: Page, live: tuple[str, Site]) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url) if "lookalikes" in request.url else None)
    desk.goto(live[0] + "/problems/new")
    desk.focus("#f-title")
    session = desk.context.new_cdp_session(desk)
    session.send("Input.imeSetComposition", {"text": "dang'fei", "selectionStart": 8, "selectionEnd": 8})
    desk.wait_for_timeout(600)
    assert asked == []
    session.send("Input.insertText", {"text": "党员逾期没交党费怎么办"})
    desk.wait_for_selector("#alike a")
    assert "党员逾期没有缴纳党费怎么办" in desk.inner_text("#alike") and len(asked) == 1


def test_a_closed_browser_loses_nothing(browser: Browser, live: tuple[str, Site]) -> None:
    emptied(live[1])
    first = browser.new_context()
    page = entered(first, live[0], "/cases/new")
    page.wait_for_selector("#f-title")
    fill_case(page)
    page.wait_for_selector("#saved:has-text('已自动保存')")
    first.close()
    second = browser.new_context()
    page = entered(second, live[0])
    page.click("text=浏览器里写的案例")
    assert page.input_value("[id='f-s-背景']") == "学习积极性不高。" and page.is_checked("text=基本活动")
    second.close()


def test_files_are_shown_before_anything_is_sent(desk: Page, live: tuple[str, Site], tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (120, 80), "green").save(picture, "JPEG")
    (tmp_path / "现场.jpg").write_bytes(picture.getvalue())
    (tmp_path / "台账.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "图.svg").write_bytes(b"<svg/>")
    desk.goto(live[0] + "/cases/new")
    desk.set_input_files("#files", [tmp_path / "现场.jpg", tmp_path / "台账.pdf"])
    desk.wait_for_selector(".attachment-row >> nth=1")
    assert desk.evaluate("document.querySelector('.attachment-row img').decode().then(() => true)")
    desk.set_input_files("#files", [tmp_path / "图.svg"])
    desk.wait_for_selector("#attachments .wrong-text")
    assert desk.locator(".attachment-row").count() == 2


def test_a_form_with_mistakes_keeps_everything(desk: Page, live: tuple[str, Site]) -> None:
    desk.goto(live[0] + "/cases/new")
    fill_case(desk)
    desk.fill("#f-aliases", "学习没劲头怎么调动")
    desk.fill("#f-title", "")
    desk.click(".give-actions button[value=send]")
    desk.wait_for_selector("#problems")
    assert desk.evaluate("document.activeElement.id") == "problems"
    assert desk.input_value("#f-aliases") == "学习没劲头怎么调动" and desk.is_checked("text=基本活动")
    desk.click("#problems a")
    assert desk.evaluate("document.activeElement.id") == "f-title"
    desk.wait_for_selector("#saved:has-text('已自动保存')", timeout=10_000)


def test_everything_works_without_javascript(
    browser: Browser, live: tuple[str, Site], tmp_path: Path
) -> None:
    emptied(live[1])
    (tmp_path / "台账.pdf").write_bytes(b"%PDF-1.7")
    context = browser.new_context(java_script_enabled=False)
    page = entered(context, live[0], "/cases/new")
    fill_case(page)
    page.press("#f-title", "Enter")
    assert page.input_value("#f-title").startswith("浏览器里写的案例")
    page.click("text=再加一步")
    assert page.locator("input[name=step-action]").count() == 4
    page.fill("#find-entry", "党费逾期")
    page.click("button[value=find-entry]")
    page.click(".offers button >> nth=0")
    page.set_input_files("#files", [tmp_path / "台账.pdf"])
    page.click("button[value=preview]")
    assert "定积分办法" in page.inner_text("#preview") and "台账.pdf" in page.inner_text("#preview")
    page.click("button[value=draft]")
    assert "草稿已存下" in page.inner_text("main")
    page.click(".give-actions button[value=send]")
    assert "/submissions/s-" in page.url
    context.close()
