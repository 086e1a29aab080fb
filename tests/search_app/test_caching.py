"""Nothing made or sent twice, and nothing shown to the wrong person or after it changed."""

from __future__ import annotations

import gzip
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kb.types import Kind
from search_app import caching, static_files
from search_app.access import Role
from search_app.exchange import leaflet
from tests.search_app.sites import Site

PAGE = "/problems/dues-overdue"
GZIP = {"Accept-Encoding": "gzip, deflate"}


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every template rendered by a page of an entry."""
    from search_app import reading

    names: list[str] = []
    render = reading.render_template

    def noting(name: str, **values: object) -> str:
        names.append(name)
        return render(name, **values)

    monkeypatch.setattr(reading, "render_template", noting)
    return names


# ---- pages of entries ----


def test_a_page_is_rendered_once_for_all_guests(site: Site, rendered: list[str]) -> None:
    first = site.client().get(PAGE)
    again = site.client().get(PAGE)
    assert first.text == again.text and len(rendered) == 1
    packed = site.client().get(PAGE, headers=GZIP)
    assert gzip.decompress(packed.data).decode() == first.text and len(rendered) == 1
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(first.data) / 2


def test_a_browser_that_has_the_page_is_told_so_in_a_few_bytes(site: Site) -> None:
    answer = site.client().get(PAGE)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    for headers in ({}, GZIP):
        again = site.client().get(PAGE, headers={**headers, "If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304 and not again.data and again.headers["ETag"] == answer.headers["ETag"]
        assert "Content-Security-Policy" in again.headers
    assert site.client().get(PAGE, headers={"If-None-Match": 'W/"old"'}).status_code == 200
    assert site.client().head(PAGE).status_code == 200


def test_a_changed_entry_is_shown_at_once(site: Site) -> None:
    client = site.client()
    tag = client.get(PAGE).headers["ETag"]
    record = site.library.store.get("dues-overdue")
    site.library.save(replace(record.entry, title="石榴树下交党费"), record.version)
    answer = client.get(PAGE, headers={"If-None-Match": tag})
    assert answer.status_code == 200 and "石榴树下交党费" in answer.text


def test_a_link_to_a_withdrawn_entry_goes_from_the_pages_that_have_it(site: Site) -> None:
    client = site.client()
    assert 'href="/policies/dues-regulation#a12"' in client.get("/problems/hostile").text
    for path in site.config.roots[0].rglob("dues-regulation.md"):
        path.unlink()
    site.library.refresh()
    answer = client.get("/problems/hostile").text
    assert 'href="/policies/dues-regulation#a12"' not in answer and "活链接" in answer


def test_who_is_logged_in_gets_a_page_of_their_own(site: Site, rendered: list[str]) -> None:
    guest = site.client().get(PAGE)
    member = site.client(Role.MEMBER)
    for headers in ({}, GZIP, {"If-None-Match": guest.headers["ETag"]}):
        answer = member.get(PAGE, headers=headers)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers and "Content-Encoding" not in answer.headers
    assert "csrf_token" in member.get(PAGE).text and "csrf_token" not in site.client().get(PAGE).text


def test_addresses_with_more_behind_them_are_not_kept(site: Site, rendered: list[str]) -> None:
    for number in range(3):
        assert "ETag" not in site.client().get(f"{PAGE}?x={number}").headers
    assert len(rendered) == 3


def test_sending_any_form_makes_all_pages_new(site: Site, rendered: list[str]) -> None:
    site.client().get(PAGE)
    member = site.client(Role.MEMBER)
    found = re.search(r'name="csrf_token" value="([^"]+)"', member.get("/me").text)
    assert found
    sent = member.post("/feedback", data={"csrf_token": found[1], "entry": "dues-overdue", "useful": "yes"})
    assert sent.status_code == 303
    before = len(rendered)
    site.client().get(PAGE)
    assert len(rendered) == before + 1


def test_a_full_text_beside_the_index_shows_at_once(site: Site) -> None:
    before = site.client().get("/policies/dues-regulation").headers["ETag"]
    texts = site.config.local / "fulltext"
    texts.mkdir(parents=True)
    (texts / "dues-regulation.txt").write_text("第一条　党员应当交纳党费。\n", encoding="utf-8")
    assert site.client().get("/policies/dues-regulation").headers["ETag"] != before


def test_closed_reading_stays_closed(site: Site) -> None:
    from search_app import create_app

    app = create_app(replace(site.config, open_reading=False), site.library)
    assert app.test_client().get(PAGE).status_code in (302, 303, 401, 403)
    assert "Content-Encoding" not in app.test_client().get(PAGE, headers=GZIP).headers


# ---- everything else that is sent ----


@pytest.mark.parametrize("address", ["/", "/browse/problem", "/search?q=党费", "/api/v1/search?q=党费"])
def test_long_answers_are_packed_for_who_takes_them(client: FlaskClient, address: str) -> None:
    plain, packed = client.get(address), client.get(address, headers=GZIP)
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"] and "Accept-Encoding" in packed.headers["Vary"]
    assert len(gzip.decompress(packed.data)) == pytest.approx(len(plain.data), abs=20)  # the time it took
    assert (
        client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).headers.get("Content-Encoding") is None
    )


def test_pages_with_a_secret_in_them_are_never_packed(site: Site) -> None:
    member = site.client(Role.MEMBER)
    for client, address in ((member, "/me"), (member, "/cases/new"), (site.client(), "/login")):
        answer = client.get(address, headers=GZIP)
        assert "Content-Encoding" not in answer.headers and 'name="csrf_token"' in answer.text, address


def test_the_whole_handbook_is_made_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    write = leaflet.write_book
    monkeypatch.setattr(leaflet, "write_book", lambda *args: made.append(args) or write(*args))
    client = site.client()
    first = client.get("/papers/handbook.docx")
    assert first.data == client.get("/papers/handbook.docx").data and len(made) == 1
    assert "attachment" in first.headers["Content-Disposition"] and "Content-Encoding" not in first.headers
    record = site.library.store.get(site.library.snapshot.of_kind(Kind.HANDBOOK)[0].id)
    site.library.save(replace(record.entry, title="石榴树流程"), record.version)
    client.get("/papers/handbook.docx")
    assert len(made) == 2


def test_what_is_kept_is_bounded_and_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: caching.Kept[int] = caching.Kept(2, 10.0)
    now = [100.0]
    monkeypatch.setattr(caching.time, "monotonic", lambda: now[0])
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert kept.get("b") is None and kept.get("a") == 1, "the one longest unused gives way"
    now[0] += 11
    assert kept.get("a") is None and kept.made("a", lambda: 7) == 7
    kept.clear()
    assert kept.get("a") is None


# ---- static files ----


def test_static_files_have_their_version_in_the_address_and_stay_for_a_year(client: FlaskClient) -> None:
    found = re.search(r'href="(/static/style\.css\?v=\w+)"', client.get("/").text)
    assert found
    answer = client.get(found[1], headers=GZIP)
    assert answer.headers["Content-Encoding"] == "gzip" and answer.mimetype == "text/css"
    assert (
        "immutable" in answer.headers["Cache-Control"]
        and "max-age=31536000" in answer.headers["Cache-Control"]
    )
    plain = client.get(found[1])
    assert plain.data == gzip.decompress(answer.data) and "Content-Encoding" not in plain.headers
    again = client.get(found[1], headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("address", ["/static/style.css", "/static/style.css?v=old"])
def test_without_the_right_version_browsers_ask_each_time(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["nope.css", "../config.py", "..%2fconfig.py", "", "%00", "a/../../factory.py"]
)
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_a_changed_file_gets_another_address(tmp_path: Path) -> None:
    path = tmp_path / "a.js"
    path.write_text("1")
    files = static_files.Files(tmp_path)
    before = files.get("a.js")
    path.write_text("22")
    os.utime(path, ns=(1, 1))
    after = files.get("a.js")
    assert before and after and before.tag != after.tag and after.kind == "text/javascript"
    assert files.get("b.js") is None and files.get("../a.js") is None
