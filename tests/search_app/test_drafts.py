"""Drafts: saved as they stand, their owner's only, gone when handed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kb.errors import EntryNotFound
from search_app import drafts
from search_app.state import drafts as table
from tests.search_app.giving import fields, form, hand_in, member
from tests.search_app.sites import Site, make_site

HALF = {"title": "写到一半", "s-背景": "先写两行。", "step-action": ["甲", "", "丙"]}


def test_a_form_is_saved_as_it_stands_and_opened_as_it_was_left(site: Site) -> None:
    client = member(site)
    data = form(client, typed=HALF)
    answer = client.post("/drafts", data=data)
    assert answer.status_code == 200 and ":" in answer.json["saved"]
    again = fields(client.get(answer.json["url"]).text)
    sent = {name: value if isinstance(value, list) else [value] for name, value in data.items()}
    for name in ("title", "s-text", "step-action", "id", "number", "target"):
        assert again[name] == sent[name], name
    client.post("/drafts", data=data | {"title": "又改了"})
    page = client.get("/drafts").text
    assert "又改了" in page and "写到一半" not in page and "新的案例" in page


def test_the_button_saves_without_javascript(site: Site) -> None:
    client = member(site)
    answer = client.post("/cases/new", data=form(client, typed=HALF, do="draft"))
    assert answer.status_code == 303 and "草稿已存下" in client.get(answer.location).text


def test_a_draft_survives_a_restart_and_goes_on_where_it_belongs(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    first = make_site(folder)
    client = member(first)
    url = client.post("/drafts", data=form(client, "/entries/hb-dues/edit", {"summary": "半句"})).json["url"]
    first.services.database.close()
    again = make_site_again(first)
    client = member(again)
    page = client.get(url).text
    assert "半句" in page and 'action="/entries/hb-dues/edit"' in page


def make_site_again(site: Site) -> Site:
    from search_app import create_app
    from tests.search_app.sites import CHEAP

    return Site(site.config, site.library, create_app(site.config, site.library, CHEAP))


def test_nobody_sees_or_deletes_another_persons_draft(site: Site) -> None:
    mine, other = member(site), member(site, "other")
    url = mine.post("/drafts", data=form(mine, typed=HALF)).json["url"]
    token = form(other)["csrf_token"]
    assert other.get(url).status_code == 404 and "写到一半" not in other.get("/drafts").text
    assert other.post(f"{url}/delete", data={"csrf_token": token}).status_code == 303
    assert mine.get(url).status_code == 200
    sent = form(mine)
    other.post(
        "/drafts", data=sent | {"csrf_token": token, "number": url.rpartition("/")[2], "title": "抢占"}
    )
    assert "抢占" not in mine.get(url).text
    assert mine.post(f"{url}/delete", data={"csrf_token": sent["csrf_token"]}).status_code == 303
    assert mine.get(url).status_code == 404


def test_a_new_form_tells_of_the_drafts_there_are(site: Site) -> None:
    client = member(site)
    assert "没写完的草稿" not in client.get("/cases/new").text
    url = client.post("/drafts", data=form(client, typed=HALF)).json["url"]
    assert "还有 1 份没写完的草稿" in client.get("/problems/new").text
    assert "没写完的草稿" not in client.get(url).text, "this is the one"
    assert "没写完的草稿" not in member(site, "other").get("/cases/new").text


def test_what_is_handed_in_is_no_draft_any_more_and_stays_so(site: Site) -> None:
    client = member(site)
    data = form(client)
    client.post("/drafts", data=data)
    client.post("/cases/new", data=data)
    late = client.post("/drafts", data=data)
    assert late.status_code == 400 and "已经提交" in late.json["error"]
    assert "没有草稿" in client.get("/drafts").text


def test_a_draft_of_what_came_back_keeps_its_submission(site: Site) -> None:
    client = member(site)
    number = hand_in(client)
    data = form(client, f"/submissions/{number}/edit", {"title": "第二稿"})
    url = client.post("/drafts", data=data).json["url"]
    assert f'action="/submissions/{number}/edit"' in client.get(url).text
    stranger = member(site, "other")
    stolen = data | {"csrf_token": form(stranger)["csrf_token"]}
    assert stranger.post("/drafts", data=stolen).status_code == 400


@pytest.mark.parametrize("target", ["", "new:song", "change:no-such", "change:../x", "again:s-1"])
def test_a_draft_of_nothing_is_refused(site: Site, target: str) -> None:
    client = member(site)
    assert client.post("/drafts", data=form(client) | {"target": target}).status_code == 400


def test_the_table_has_limits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = site.services.drafts
    monkeypatch.setattr(table, "MAX_DRAFTS", 2)
    for n in range(2):
        rows.put(7, f"s-{n}", "new:case", "题", [("a", "b")])
    with pytest.raises(table.TooManyDrafts):
        rows.put(7, "s-9", "new:case", "题", [])
    assert rows.put(7, "s-1", "new:case", "换", [("x", "y")]).fields == (("x", "y"),)
    assert [d.id for d in rows.of(8)] == [] and len(rows.of(7)) == 2
    with pytest.raises(EntryNotFound):
        rows.get(8, "s-1")


def test_the_clock_names_the_day_when_it_is_another() -> None:
    now = datetime.now(UTC)
    assert ":" in drafts.clock(now) and "月" not in drafts.clock(now)
    assert "月" in drafts.clock(now - timedelta(days=3))
