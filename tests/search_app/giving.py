"""Filling in the forms of the site as a browser would."""

from __future__ import annotations

import html
import re
import shutil
from typing import Any

from flask.testing import FlaskClient

from kb.types import Kind
from search_app.access import Role
from search_app.state.base import Base
from tests.search_app.sites import Site

CASE: dict[str, Any] = {
    "title": "用一人一码记工地党员的学习",
    "category": "基本制度",
    "organisations": ["机关", "国有企业"],
    "tags": "二维码、学习台账，补课",
    "aliases": "工地上党员学习没人记怎么弄\n外出党员补课没台账",
    "factors": "党员分散在多个工地",
    "s-背景": "四十二名党员分在六个工地。\n集中学习到不齐。",
    "step-action": ["生成二维码", "", "月末核对"],
    "step-detail": ["学习前一天发到群里", "", ""],
    "step-who": ["组织委员", "", "支部书记"],
    "step-when": ["学习前一天", "", ""],
    "step-keep": ["扫码记录", "", ""],
    "s-成效": "补学记录人人有。",
    "s-来源": "本支部学习台账。",
}


def emptied(site: Site) -> None:
    """The site as it was made, but for its accounts: a new one for every test would take its time."""
    for kind in Kind:
        shutil.rmtree(site.config.local / kind.folder, ignore_errors=True)
    site.library.refresh()
    with site.services.database.session() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name in ("submissions", "submission_remarks", "drafts", "uploads"):
                session.execute(table.delete())


def member(site: Site, name: str = "member") -> FlaskClient:
    """A member's browser."""
    return site.client(Role.MEMBER, name)


def fields(page: str) -> dict[str, list[str]]:
    """Everything a browser would send from the form on a page, but buttons and files."""
    form = page[page.index('<form method="post"', page.index('id="main"')) :]
    form = form[: form.index("</form>")]
    found: dict[str, list[str]] = {}
    inputs = re.compile(
        r"<input([^>]*)>|<textarea([^>]*)>\n?(.*?)</textarea>|<select([^>]*)>(.*?)</select>", re.DOTALL
    )
    for given, area, text, select, options in inputs.findall(form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', given or area or select))
        if attributes.get("type") in ("radio", "checkbox") and " checked" not in given:
            continue
        if attributes.get("type") == "file" or "name" not in attributes:
            continue
        value = attributes.get("value", "") if given else text
        if select:
            chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
            value = chosen[1] if chosen else ""
        found.setdefault(attributes["name"], []).append(html.unescape(value))
    return found


def filled(page: str, typed: dict[str, Any]) -> dict[str, Any]:
    """The form on a page with `typed` put in; `s-背景` is the section of that heading."""
    sent: dict[str, Any] = fields(page)
    for name, value in typed.items():
        if name.startswith("s-") and name not in sent:
            sent["s-text"][sent["s-heading"].index(name[2:])] = value
        else:
            sent[name] = value
    return sent


def form(
    client: FlaskClient, address: str = "/cases/new", typed: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """A filled form as the page at `address` would send it."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    return filled(page.text, (CASE if typed is None else typed) | more)


def hand_in(
    client: FlaskClient, address: str = "/cases/new", typed: dict[str, Any] | None = None, **more: Any
) -> str:
    """Send a form that is complete; the id of the submission."""
    answer = client.post(address, data=form(client, address, typed, **more))
    assert answer.status_code == 303, answer.text
    place, _, number = answer.location.rpartition("/")
    assert place.endswith("/submissions")
    return number
