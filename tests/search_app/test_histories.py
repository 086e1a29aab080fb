"""The versions of an entry on the page: who, when, why; any two beside each other; for reviewers only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from search_app import editorial, lifecycle
from search_app.access import Role
from tests.search_app.desk import changed, propose, reviewer, version
from tests.search_app.sites import Site, send

PAGE = "/entries/dues-overdue/history"


@pytest.fixture
def site(desk_site: Site) -> Site:
    return desk_site


def publish(site: Site, summary: str, why: str = "") -> None:
    made = propose(site, replace(reviewer(site), id=77, display="张三"), changed(site, summary=summary), why)
    editorial.publish(site.services, reviewer(site), made.id)


def test_an_entry_nobody_changed_says_so(site: Site) -> None:
    client = site.client(Role.REVIEWER)
    assert "就是入库时的文字" in client.get(PAGE).text
    assert "完全相同" in client.get("/entries/dues-overdue/compare").text
    assert client.get(f"{PAGE}/1").status_code == client.get("/entries/nope/history").status_code == 404


def test_every_version_tells_who_when_and_why(site: Site) -> None:
    publish(site, "第二句", "原来的不准")
    publish(site, "第三句")
    client = site.client(Role.REVIEWER)
    html = client.get(PAGE).text
    assert "原来的不准" in html and "li同志" in html and "文字由 张三 写" in html
    assert html.index("第 3 版</a>") < html.index("第 1 版</a>") and "开始记录时的文字" in html
    assert html.count("现在的文字") == 1
    one = client.get(f"{PAGE}/2").text
    assert "<mark>" in one and "第二句" in one and "退回第 2 版" in one
    assert "退回第 3 版" not in client.get(f"{PAGE}/3").text


def test_any_two_versions_stand_beside_each_other(site: Site) -> None:
    publish(site, "第二句")
    publish(site, "第三句")
    client = site.client(Role.REVIEWER)
    html = client.get("/entries/dues-overdue/compare?old=1&new=3").text
    assert "第三句" in html and "第二句" not in html
    for query in ("", "?old=x&new=-1", "?old=99&new=99", "?old=3&new=2"):
        assert client.get(f"/entries/dues-overdue/compare{query}").status_code == 200


def test_a_change_by_hand_is_pointed_out(site: Site) -> None:
    publish(site, "第二句")
    path = Path(site.library.store.get("dues-overdue").path)
    path.write_text(path.read_text(encoding="utf-8").replace("第二句", "手改的"), encoding="utf-8")
    client = site.client(Role.REVIEWER)
    assert "在页面之外改过" in client.get(PAGE).text
    assert "手改的" in client.get("/entries/dues-overdue/compare?old=2&new=0").text


def test_a_version_broken_by_hand_is_shown_and_not_taken_back(site: Site) -> None:
    publish(site, "第二句")
    (site.config.local / "history/dues-overdue/0001.md").write_bytes(b"<b>broken</b>")
    client = site.client(Role.REVIEWER)
    html = client.get(f"{PAGE}/1").text
    assert "&lt;b&gt;broken&lt;/b&gt;" in html and "退回第 1 版" not in html
    assert client.get("/entries/dues-overdue/compare?old=1&new=2").status_code == 422
    form = {"expected": version(site, "dues-overdue"), "number": "1"}
    assert send(client, "/entries/dues-overdue/roll-back", form).status_code == 422


def test_a_withdrawn_entry_keeps_its_history(site: Site) -> None:
    lifecycle.withdraw(site.services, reviewer(site), "dues-overdue", version(site, "dues-overdue"), "过时")
    html = site.client(Role.REVIEWER).get(PAGE).text
    assert "撤下" in html and "过时" in html
    assert "退回第 1 版" in site.client(Role.REVIEWER).get(f"{PAGE}/1").text


def test_readers_and_members_see_neither_the_pages_nor_a_way_there(site: Site) -> None:
    publish(site, "第二句")
    member, guest = site.client(Role.MEMBER), site.app.test_client()
    for address in (PAGE, f"{PAGE}/1", "/entries/dues-overdue/compare", "/entries/dues-overdue/manage"):
        assert member.get(address).status_code == 403 and guest.get(address).status_code == 303
    assert "历史版本" not in member.get("/problems/dues-overdue").text
    assert "提出修改" in member.get("/problems/dues-overdue").text
    assert "提出修改" not in guest.get("/problems/dues-overdue").text
    assert PAGE in site.client(Role.REVIEWER).get("/problems/dues-overdue").text
