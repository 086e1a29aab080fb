"""The whole story in a real browser: a question that found nothing, two cases handed in, and the answer.

KB_SHOTS=<folder> keeps a picture of every page on the way, at desktop and phone width.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document

from search_app.access import Role
from tests.search_app.live import WATCH, chromium, serving, skip_without_chromium
from tests.search_app.sites import PASSWORD, Site

skip_without_chromium()

from playwright.sync_api import Browser, Page, expect  # noqa: E402

pytestmark = pytest.mark.browser

QUESTION = "微信转账截图丢了怎么对账"
"""Nothing at the site answers it."""
CASE = "扫码签到让外出党员补上课"
PAPER = "夜班班组轮流当主持"


class Teller:
    """One person's browser; what goes wrong in it is gathered, and every page can be photographed."""

    def __init__(self, browser: Browser, base: str, name: str = "") -> None:
        self.base, self.name = base, name or "guest"
        self.page: Page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.add_init_script(WATCH)
        self.wrong: list[str] = []
        self.page.on("console", lambda m: self.wrong.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.wrong.append(str(e)))
        if name:
            self.go("/login")
            self.page.fill("input[name=name]", name)
            self.page.fill("input[name=password]", PASSWORD)
            self.page.click("main button[type=submit], main form button")

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def shot(self, what: str) -> None:
        """A picture at two widths; nothing may scroll sideways."""
        folder = os.environ.get("KB_SHOTS")
        for width in (1280, 360):
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, (what, width)
            if folder:
                self.page.screenshot(path=f"{folder}/{what}-{width}.png", full_page=True)
        self.page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def tellers(site: Site) -> Iterator[tuple[Teller, Teller, Teller]]:
    """A guest, a member and a reviewer, each with a browser of their own."""
    site.add_user("zhang", Role.MEMBER)
    site.add_user("li", Role.REVIEWER)
    with serving(site.app) as base, chromium() as browser:
        people = Teller(browser, base), Teller(browser, base, "zhang"), Teller(browser, base, "li")
        yield people
        assert [wrong for teller in people for wrong in teller.wrong] == []


def paper(folder: Path) -> Path:
    """A case as a Word file, as a branch office has it lying about."""
    document = Document()
    document.add_heading(PAPER, 0)
    for heading, text in (
        ("一、基本情况", "班组三班倒，组织生活总是凑不齐人。"),
        ("二、具体做法", "排出轮值表：每班一名党员轮流主持。\n交接时学习：用交接班的二十分钟学一篇。"),
        ("三、工作成效", "三个月后到课的人多了一半。"),
    ):
        document.add_heading(heading, 1)
        document.add_paragraph(text)
    document.save(str(folder / "case.docx"))
    return folder / "case.docx"


def test_a_question_two_cases_and_an_answer(tellers: tuple[Teller, Teller, Teller], tmp_path: Path) -> None:
    guest, member, reviewer = tellers
    guest_asks(guest)
    by_form = member_writes(member)
    by_paper = member_uploads(member, paper(tmp_path))
    reviewer_decides(reviewer, returned=by_form, published=by_paper)
    member_reads_the_remark(member, by_form)
    everybody_finds(guest, PAPER, "夜班怎么过组织生活")
    curator_answers(reviewer)
    the_next_asker_finds_it(guest)


def guest_asks(guest: Teller) -> None:
    page = guest.go(f"/search?q={QUESTION}")
    expect(page.locator("main")).to_contain_text("没有")
    guest.shot("01-nothing-found")
    page.click("text=把这个问题交给整理人员")
    expect(page.locator("#f-question")).to_have_value(QUESTION)
    page.fill("#f-details", "党员用微信交的党费，截图没有存，和台账对不上。")
    page.click("main form.case-form button")
    if page.locator("button:has-text('都不是，发送')").count():
        guest.shot("02-near-answers")
        page.click("button:has-text('都不是，发送')")
    expect(page.locator("h1")).to_have_text("问题已收到")
    guest.shot("03-asked")


def member_writes(member: Teller) -> str:
    page = member.go("/cases/new")
    page.fill("input[name=title]", CASE)
    page.check("input[name=category][value=基本制度]")
    page.fill("#f-s-背景", "四十名党员在六个工地，补学没有记录。")
    page.fill("input[name=step-action] >> nth=0", "一人一码")
    page.fill("textarea[name=step-detail] >> nth=0", "每次学习前生成当天有效的二维码。")
    member.shot("04-form")
    page.click("button[name=do][value=send]")
    if page.locator("#concerns").count():
        for box in page.locator("#concerns input[type=checkbox]").all():
            box.check()
        page.click("button[name=do][value=send]")
    page.wait_for_url("**/submissions/s-*")
    member.shot("05-submitted")
    return page.url.rsplit("/", 1)[1]


def member_uploads(member: Teller, file: Path) -> str:
    page = member.go("/import")
    page.set_input_files("#document", str(file))
    page.click("button:has-text('上传并识别')")
    expect(page.locator("main")).to_contain_text("每一段都归好了")
    member.shot("06-placed")
    page.click("button:has-text('放进表单')")
    page.wait_for_url("**/drafts/**")
    expect(page.locator("input[name=title]")).to_have_value(PAPER)
    expect(page.locator("input[name=step-action] >> nth=0")).to_have_value("排出轮值表")
    page.check("input[name=category][value=基本活动]")
    member.shot("07-draft")
    page.click("button[name=do][value=send]")
    page.wait_for_url("**/submissions/s-*")
    return page.url.rsplit("/", 1)[1]


def reviewer_decides(reviewer: Teller, returned: str, published: str) -> None:
    page = reviewer.go("/review")
    expect(page.locator("main")).to_contain_text(CASE)
    expect(page.locator("main")).to_contain_text(PAPER)
    reviewer.shot("08-queue")
    page = reviewer.go(f"/review/{returned}")
    reviewer.shot("09-review")
    page.fill("#f-text", "请补上成效。")
    page.click("button[name=decision][value=return]")
    page = reviewer.go(f"/review/{published}")
    page.click("button[name=decision][value=publish]")
    expect(page.locator("main")).to_contain_text("已经发布")
    reviewer.shot("10-published")


def member_reads_the_remark(member: Teller, returned: str) -> None:
    page = member.go(f"/submissions/{returned}")
    expect(page.locator("main")).to_contain_text("请补上成效。")
    expect(page.locator("main")).to_contain_text("退回修改")
    member.shot("11-returned")


def everybody_finds(guest: Teller, title: str, question: str) -> None:
    page = guest.go(f"/search?q={title}")
    expect(page.locator(".hits li >> nth=0")).to_contain_text(title)
    page = guest.go(f"/search?q={question}")
    expect(page.locator(".hits")).to_contain_text(title)
    page = guest.go(f"/search?q={CASE}")
    assert CASE not in page.inner_text(".hits") if page.locator(".hits").count() else True
    guest.shot("12-found")


def curator_answers(reviewer: Teller) -> None:
    page = reviewer.go("/curate")
    reviewer.shot("13-dashboard")
    page.click("main a:has-text('提问') >> nth=0")
    page.click(f"main a:has-text('{QUESTION}')")
    page.fill("#look", "党费逾期")
    page.click(".look button")
    reviewer.shot("14-question")
    page.click("a:has-text('就是这条') >> nth=0")
    reviewer.shot("15-alias")
    page.click("main form.case-form button >> nth=0")
    expect(page.locator("main")).to_contain_text(QUESTION)
    reviewer.shot("16-answered")


def the_next_asker_finds_it(guest: Teller) -> None:
    page = guest.go(f"/search?q={QUESTION}")
    expect(page.locator(".hits li >> nth=0")).to_contain_text("党费")
    guest.shot("17-answer")
    page.click(".hits li:first-child a >> nth=0")
    expect(page.locator("h1")).to_contain_text("党费")
