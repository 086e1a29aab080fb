"""What was searched and what came of it: enough for curators, nothing about anybody."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from search_app import querylog
from search_app.state import querylog as table_module
from search_app.state.base import Database, now
from search_app.state.querylog import Opened, QueryTable, Refined, Searched, Wording
from tests.search_app.databases import database_url
from tests.search_app.sites import Site

BASE = "http://localhost"


@pytest.fixture
def table(tmp_path: Path) -> QueryTable:
    return QueryTable(Database(database_url(tmp_path)))


def results(words: str, **more: str) -> str:
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/search?q={words}{extra}"


def later(monkeypatch: pytest.MonkeyPatch, **passed: int) -> None:
    """Time passes for the table."""
    moment = now() + timedelta(**passed)
    monkeypatch.setattr(table_module, "now", lambda: moment)


def logged(site: Site) -> dict[str, Wording]:
    site.services.queries.flush()
    return {wording.text: wording for wording in site.services.queries.table.wordings(30, 100)}


def rows(site: Site) -> list[tuple[object, ...]]:
    site.services.queries.flush()
    with site.services.database.reading() as session:
        return [tuple(row) for row in session.execute(text("select * from searches"))]


def test_a_search_and_the_entry_opened_from_it(site: Site) -> None:
    client = site.app.test_client()
    client.get(results("党费逾期没交怎么办"))
    client.get("/problems/dues-overdue", headers={"Referer": BASE + results("党费逾期没交怎么办")})
    assert logged(site)["党费逾期没交怎么办"].times == 1
    assert site.services.queries.table.most_opened(30, 5) == [("dues-overdue", 1)]
    [day] = site.services.queries.table.days(30)
    assert (day.searches, day.opened) == (1, 1)


def test_an_entry_opened_from_elsewhere_belongs_to_no_search(site: Site) -> None:
    client = site.app.test_client()
    client.get(results("党费"))
    for referer in ("", BASE + "/browse", "http://elsewhere.example/search?q=党费", "http://[bad"):
        assert client.get("/problems/dues-overdue", headers={"Referer": referer}).status_code == 200
    site.services.queries.flush()
    assert site.services.queries.table.most_opened(30, 5) == []


def test_turning_pages_and_narrowing_are_no_new_search_and_another_wording_refines(site: Site) -> None:
    client = site.app.test_client()
    client.get(results("党费"))
    client.get(results("党费", kind="case"), headers={"Referer": BASE + results("党费")})
    client.get(results("党费", page="2"), headers={"Referer": BASE + results("党费")})
    client.get(results("党费催缴"), headers={"Referer": BASE + results("党费")})
    found = logged(site)
    assert {words: found[words].times for words in found} == {"党费": 1, "党费催缴": 1}
    refined = {row[3]: row[-1] for row in _named(site)}
    assert refined == {"党费": 1, "党费催缴": 0}


def _named(site: Site) -> list[tuple[object, ...]]:
    with site.services.database.reading() as session:
        wanted = "select id, at, hits, text, confident, refined from searches"
        return [tuple(row) for row in session.execute(text(wanted))]


def test_asking_counts_as_going_on(site: Site) -> None:
    client = site.app.test_client()
    client.get(results("外星人火锅"))
    client.get("/ask?q=外星人火锅", headers={"Referer": BASE + results("外星人火锅")})
    site.services.queries.flush()
    assert [row[-1] for row in _named(site)] == [1]


def test_neither_names_nor_addresses_nor_minutes_nor_long_numbers_are_kept(site: Site) -> None:
    client = site.app.test_client()
    client.get(
        results("身份证１１０１０５ 19491231-002X和13800138000的张三"),
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
        headers={"User-Agent": "Secret/1"},
    )
    [row] = rows(site)
    told = " ".join(map(str, row))
    assert "203.0.113.9" not in told and "Secret" not in told
    assert "身份证＊和＊的张三" in told and re.search(r"\d\d:00:00", told)


def test_years_and_document_numbers_stay() -> None:
    assert querylog.clean(" 中组发〔2008〕3号\n第12条 2026年 ") == "中组发〔2008〕3号 第12条 2026年"
    assert len(querylog.clean("长" * 900)) == 200


def test_pages_fetched_ahead_do_not_count(site: Site) -> None:
    client = site.app.test_client()
    client.get(results("党费"), headers={"Sec-Purpose": "prefetch"})
    assert logged(site) == {}


def test_abandoned_is_an_answer_nobody_opened_nor_searched_on_from(
    table: QueryTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ("打开了", "换了说法", "没有下文", "没有答案"):
        table.write([Searched(words, 3, words != "没有答案", "dues-overdue")])
    table.write([Opened("打开了", "dues-overdue"), Refined("换了说法"), Opened("没搜过", "x")])
    assert not any(wording.abandoned for wording in table.wordings(30, 10))
    later(monkeypatch, hours=1)
    found = {wording.text: (wording.answered, wording.abandoned) for wording in table.wordings(30, 10)}
    assert found == {"打开了": (1, 0), "换了说法": (1, 0), "没有下文": (1, 1), "没有答案": (0, 0)}


def test_what_happens_a_day_later_belongs_to_no_search(
    table: QueryTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.write([Searched("党费", 3, True, "dues-overdue")])
    later(monkeypatch, days=1)
    table.write([Opened("党费", "dues-overdue")])
    assert table.most_opened(30, 5) == []


def test_old_searches_are_forgotten(table: QueryTable, monkeypatch: pytest.MonkeyPatch) -> None:
    table.write([Searched("党费", 3, True, "dues-overdue"), Opened("党费", "dues-overdue")])
    assert table.prune(180) == 0
    later(monkeypatch, days=181)
    table.write([Searched("新的", 1, False, "")])
    assert table.prune(180) == 1
    assert [wording.text for wording in table.wordings(3650, 10)] == ["新的"]
    assert table.most_opened(3650, 5) == []


def test_ignored_wordings_leave_the_lists_but_not_the_counts(table: QueryTable) -> None:
    table.write([Searched("天气", 0, False, ""), Searched("党费", 3, True, "x")])
    table.ignore(["天气", "从没搜过"])
    table.ignore(["天气"])
    assert [wording.text for wording in table.wordings(30, 10)] == ["党费"]
    assert len(table.wordings(30, 10, ignored=True)) == 2 and table.days(30)[0].searches == 2


def test_a_database_in_trouble_breaks_no_search(site: Site, tmp_path: Path) -> None:
    Path(site.config.local / ".kb").mkdir(parents=True, exist_ok=True)
    Path(site.config.local / ".kb/state.sqlite").mkdir()
    client = site.app.test_client()
    assert client.get(results("党费")).status_code == 200
    referer = {"Referer": BASE + results("党费")}
    assert client.get("/problems/dues-overdue", headers=referer).status_code == 200
    site.services.queries.flush()


def test_searching_sets_no_cookie_and_marks_no_address(client: FlaskClient) -> None:
    answer = client.get(results("党费逾期没交怎么办"))
    assert "Set-Cookie" not in answer.headers and 'href="/problems/dues-overdue"' in answer.text
