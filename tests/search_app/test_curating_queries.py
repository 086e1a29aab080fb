"""Searches that found nothing or led nowhere, grouped by meaning, each with a remedy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from search_app import curating_queries, meaning
from search_app.access import Role
from search_app.curating_queries import ABANDONED, NOTHING
from search_app.state import querylog
from search_app.state.base import now
from search_app.state.querylog import Searched
from tests.search_app.sites import Site, send

SENSE = meaning.Sense(meaning.by_pairs, meaning.SAME_WORDS)


@pytest.fixture
def reviewer(site: Site) -> FlaskClient:
    return site.client(Role.REVIEWER)


def log(site: Site, *rows: tuple[str, bool, int]) -> None:
    events = [Searched(text, 3, good, "dues-overdue") for text, good, times in rows for _ in range(times)]
    site.services.queries.table.write(events)


def test_wordings_of_one_meaning_are_one_group_the_most_asked_first(
    site: Site, reviewer: FlaskClient
) -> None:
    log(site, ("外星人火锅", False, 1), ("食堂几点开饭", False, 2), ("食堂什么时候开饭", False, 1))
    found, left = curating_queries.missed(site.services, SENSE, NOTHING)
    assert [(group.text, group.times, len(group.wordings)) for group in found] == [
        ("食堂几点开饭", 3, 2),
        ("外星人火锅", 1, 1),
    ]
    assert left == 0
    html = reviewer.get("/curate/queries").text
    assert "食堂什么时候开饭" in html and "3 次" in html
    for remedy in ("/curate/alias?text=", "/curate/terms?said=", "/problems/new?title=", "不用管"):
        assert remedy in html


def test_what_can_be_found_by_now_is_left_out(site: Site, reviewer: FlaskClient) -> None:
    alias = site.library.get("dues-overdue").aliases[0]
    log(site, (alias, False, 5), ("外星人火锅", False, 1))
    html = reviewer.get("/curate/queries").text
    assert "1 组现在已经搜得到了" in html and html.count('class="work-title"') == 1


def test_an_answer_nobody_opened_is_another_list(
    site: Site, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(site, ("党费逾期", True, 2), ("外星人火锅", False, 1))
    assert curating_queries.missed(site.services, SENSE, ABANDONED) == ([], 0)
    after = now() + timedelta(hours=2)
    monkeypatch.setattr(querylog, "now", lambda: after)
    [group], _ = curating_queries.missed(site.services, SENSE, ABANDONED)
    assert (group.text, group.times) == ("党费逾期", 2)
    html = reviewer.get("/curate/queries?sort=abandoned").text
    assert "党费逾期" in html and "外星人火锅" not in html.split('class="work"')[1]


def test_ignored_ones_stay_away(site: Site, reviewer: FlaskClient) -> None:
    log(site, ("食堂几点开饭", False, 2), ("食堂什么时候开饭", False, 1))
    sent = {"text": ["食堂几点开饭", "食堂什么时候开饭"], "sort": "nothing"}
    assert send(reviewer, "/curate/queries/ignore", sent).status_code == 303
    assert curating_queries.missed(site.services, SENSE, NOTHING) == ([], 0)
    assert curating_queries.counts(site.services) == curating_queries.Counts(0, 0)
    assert site.services.audit.records()[-1].what == "query-ignored"


def test_hostile_wordings_stay_text(site: Site, reviewer: FlaskClient) -> None:
    log(site, ("<script>alert(1)</script>\"'", False, 1))
    html = reviewer.get("/curate/queries?sort=<b>").text
    assert "<script>alert" not in html and "&lt;script&gt;" in html
