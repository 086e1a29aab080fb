"""The way in, one's own page and the administrator's pages in a real browser, with and without script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search_app.access import Role
from tests.search_app.live import WATCH, serving, skip_without_chromium
from tests.search_app.sites import PASSWORD, Site, make_site

skip_without_chromium()

from playwright.sync_api import Browser, Page  # noqa: E402

from tests.search_app.test_comfort_browser import AXE, axe_source  # noqa: E402

pytestmark = pytest.mark.browser

PAGES = ("/me", "/me/password", "/admin/users", "/admin/settings", "/admin/audit")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    """A running server with an administrator and somebody with a long name."""
    site = make_site(tmp_path_factory.mktemp("live"))
    site.add_user("admin", Role.ADMIN)
    site.add_user("a-very-long-name-for-a-branch-secretary", Role.MEMBER)
    with serving(site.app) as address:
        yield address, site


def enter(page: Page, address: str, name: str = "admin", password: str = PASSWORD) -> None:
    page.goto(f"{address}/login?next=/me")
    page.fill("#f-name", name)
    page.fill("#f-password", password)
    page.click("main button[type=submit]")


def test_phone_pages_fit_break_no_rule_and_can_be_read_aloud(
    browser: Browser, live: tuple[str, Site]
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page, axe, said, found = context.new_page(), axe_source(), [], {}
    page.add_init_script(WATCH)
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{live[0]}/login")
    page.evaluate(axe)
    found["/login"] = page.evaluate(AXE)
    enter(page, live[0])
    for address in PAGES:
        page.goto(live[0] + address)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{address} is {over} pixels too wide"
        page.evaluate(axe)
        found[address] = page.evaluate(AXE)
    context.close()
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
    assert said == []


def test_first_login_without_script(browser: Browser, live: tuple[str, Site]) -> None:
    """An administrator makes an account; its owner changes the password, looks around and leaves."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, live[0])
    page.click(".account summary")
    page.click(".account-box >> text=账号 >> nth=0")
    page.fill("#f-name", "wangfang")
    page.fill("#f-display", "王芳")
    page.check("input[value=reviewer]")
    page.click("text=新建账号 >> nth=-1")
    password = page.inner_text(".secret")
    page.click(".account summary")
    page.click("text=退出")
    enter(page, live[0], "wangfang", password)
    assert "请先换成自己的密码" in page.inner_text("h1")
    for field, value in (("old", password), ("new", "dangjian2026"), ("again", "dangjian2026")):
        page.fill(f"#f-{field}", value)
    page.click("text=保存新密码")
    assert "太常见" in page.inner_text("main")
    for field, value in (("old", password), ("new", "门前有三棵老槐树"), ("again", "门前有三棵老槐树")):
        page.fill(f"#f-{field}", value)
    page.click("text=保存新密码")
    assert page.inner_text(".account-name") == "王芳" and "/me" in page.url
    page.click(".account summary")
    page.click(".account-box >> text=退出")
    assert page.is_visible("text=登录")
    page.goto(f"{live[0]}/me")
    assert "/login?next=/me" in page.url
    context.close()
