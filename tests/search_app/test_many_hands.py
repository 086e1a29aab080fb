"""Eight people hand in fifty cases each while four read: nothing lost, no id twice, stale edits told."""

from __future__ import annotations

import re
import secrets
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import httpx2 as httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from kb.types import Kind, Step
from search_app.access import Role
from search_app.forms import reading
from search_app.forms.opening import opened
from search_app.forms.sheet import Mode, Sheet, Target
from search_app.state.submissions import Standing
from tests.search_app.live import serving
from tests.search_app.sites import PASSWORD, Site, make_site, send, token

PEOPLE, EACH, READERS = 8, 50, 4
"""What the house promises."""
LETTERS = "abcdefghijkmnpqrstuvwxyz"
"""Titles of letters only: digits at random look like somebody's number now and then."""


class Browser:
    """A browser of its own, logged in through the page."""

    def __init__(self, address: str, name: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=60)
        self._token = self._find_token(self._client.get("/login").text)
        answer = self.post("/login", {"name": name, "password": PASSWORD})
        assert answer.status_code == 303
        self._token = self._find_token(self._client.get("/cases/new").text)

    @staticmethod
    def _find_token(html: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', html)
        assert found
        return found[1]

    def post(self, path: str, fields: dict[str, object]) -> httpx.Response:
        return self._client.post(path, data={**fields, "csrf_token": self._token})


def written(title: str) -> Sheet:
    """A form filled in; every title is unlike the others, so that nothing is held up as a look-alike."""
    empty = reading.empty(Kind.CASE)
    return replace(
        empty,
        values=(("title", title), ("category", "基本制度")),
        parts=tuple(
            replace(p, text=f"{title}的难处。" if p.heading == "背景" else p.text) for p in empty.parts
        ),
        steps=(Step("先登记", "逐人核对"),),
    )


def fields(sheet: Sheet) -> dict[str, object]:
    """What a browser sends for a sheet, repeated names as lists."""
    found: dict[str, object] = {"do": "send"}
    for name, value in reading.pairs(sheet):
        before = found.get(name)
        found[name] = (
            [*before, value] if isinstance(before, list) else [before, value] if name in found else value
        )
    return found


@pytest.mark.timeout(170)
def test_nothing_is_lost_between_many_hands(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    for number in range(PEOPLE):
        site.add_user(f"writer{number}", Role.MEMBER)
    sent: list[tuple[int, str]] = []
    read: list[int] = []
    stop = threading.Event()
    with serving(site.app) as address:

        def write(number: int) -> None:
            browser = Browser(address, f"writer{number}")
            for _ in range(EACH):
                sheet = written("".join(secrets.choice(LETTERS) for _ in range(30)))
                answer = browser.post("/cases/new", fields(sheet))
                sent.append((answer.status_code, sheet.id))

        def look() -> None:
            with httpx.Client(base_url=address, timeout=60) as client:
                while not stop.is_set():
                    for path in ("/search?q=党费逾期", "/problems/dues-overdue", "/browse/case"):
                        read.append(client.get(path).status_code)

        readers = [threading.Thread(target=look) for _ in range(READERS)]
        writers = [threading.Thread(target=write, args=(n,)) for n in range(PEOPLE)]
        for thread in (*readers, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        stop.set()
        for thread in readers:
            thread.join()
    assert Counter(status for status, _ in sent) == {303: PEOPLE * EACH}
    assert set(read) == {200}
    waiting = site.services.submissions.find(standings=[Standing.WAITING])
    assert {s.entry_id for s in waiting} == {entry_id for _, entry_id in sent}
    assert len({s.id for s in waiting}) == PEOPLE * EACH
    assert all(site.services.pending.get(s.id).id == s.entry_id for s in waiting)
    assert site.services.audit.verify().sound


def test_a_stale_edit_is_told_with_both_texts(site: Site) -> None:
    first, second = site.client(Role.MEMBER), site.client(Role.MEMBER, "wang")
    reviewer = site.client(Role.REVIEWER)
    page = first.get("/entries/dues-overdue/edit").text
    base = re.search(r'name="base" value="([^"]+)"', page)
    assert base
    entry = site.library.get("dues-overdue")
    sheet = opened(entry, Target(Mode.CHANGE, entry.id), base[1])
    theirs, mine = (
        replace(sheet, number=reading.new_number(), values=_titled(sheet, t))
        for t in ("先存的标题怎么办", "后存的标题怎么办")
    )
    answer = _post(second, theirs)
    assert answer.status_code == 303, answer.text
    number = answer.headers["Location"].rsplit("/", 1)[1]
    version = re.search(r'name="seen" value="([^"]+)"', reviewer.get(f"/review/{number}").text)
    assert version
    done = send(reviewer, f"/review/{number}", {"seen": version[1], "decision": "publish"})
    assert done.status_code == 303, done.text
    answer = _post(first, mine)
    assert answer.status_code == 409
    assert "先存的标题怎么办" in answer.text and "后存的标题怎么办" in answer.text
    assert site.library.get("dues-overdue").title == "先存的标题怎么办"


def _titled(sheet: Sheet, title: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, title if name == "title" else value) for name, value in sheet.values)


def _post(client: FlaskClient, sheet: Sheet) -> TestResponse:
    data = MultiDict([("csrf_token", token(client)), ("do", "send"), *reading.pairs(sheet)])
    return client.post(f"/entries/{sheet.id}/edit", data=data)
