"""整理: the dashboard, its queues, and what one click does."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from kb.types import Publication
from search_app import curating_queues
from search_app.access import Role
from search_app.state.querylog import Searched
from tests.search_app.sites import Site, send

TODAY = date(2026, 11, 21)


@pytest.fixture
def reviewer(site: Site) -> FlaskClient:
    return site.client(Role.REVIEWER)


def names(site: Site, queue: str, today: date = TODAY) -> list[str]:
    return [waiting.entry.id for waiting in curating_queues.BY_NAME[queue].find(site.services, today)]


def test_the_dashboard_counts_what_waits(site: Site, reviewer: FlaskClient) -> None:
    site.services.questions.create("怎么办", "", "", (0, ""))
    site.services.queries.table.write([Searched("外星人火锅", 0, False, "")])
    html = " ".join(reviewer.get("/curate").text.split())
    for count, label in ((1, "等待整理的提问"), (1, "没搜到的问法"), (0, "等待审核的提交")):
        assert f'{count}</span> <span class="tile-label">{label}' in html
    for queue in curating_queues.QUEUES:
        assert f'href="/curate/queue/{queue.name}"' in html


@pytest.mark.parametrize("queue", curating_queues.QUEUES, ids=lambda queue: queue.name)
def test_every_queue_lists_as_many_as_the_dashboard_says(
    site: Site, reviewer: FlaskClient, queue: curating_queues.Queue
) -> None:
    html = reviewer.get(f"/curate/queue/{queue.name}?page=0x").text
    waiting = queue.find(site.services, date.today())
    assert f'{queue.label}<span class="count">{len(waiting)}</span>' in html
    assert html.count('class="work-title"') == min(len(waiting), 50)


def test_an_unknown_queue_is_no_page(reviewer: FlaskClient) -> None:
    assert reviewer.get("/curate/queue/nope").status_code == 404


def test_stale_is_what_nobody_checked_for_a_year(site: Site) -> None:
    checked = site.library.get("dues-overdue").verified_on
    assert checked is not None
    assert "hostile" in names(site, "stale", checked) and "dues-overdue" not in names(site, "stale", checked)
    assert "dues-overdue" in names(site, "stale", date(checked.year + 2, 1, 1))


def test_checked_and_unchanged_is_published_with_the_day_of_today(site: Site, reviewer: FlaskClient) -> None:
    before = site.library.get("hostile")
    assert send(reviewer, "/curate/verified", {"entry": "hostile"}).status_code == 303
    after = site.library.get("hostile")
    assert after == replace(before, verified_on=date.today()) and "hostile" not in names(site, "stale")
    assert site.services.audit.records()[-1].target == "hostile"
    assert send(reviewer, "/curate/verified", {"entry": "hidden-draft"}).status_code in (400, 404)
    assert site.library.store.get("hidden-draft").entry.publication is Publication.DRAFT


def test_a_superseded_clause_names_what_applies_today(site: Site, reviewer: FlaskClient) -> None:
    [waiting] = curating_queues.BY_NAME["superseded"].find(site.services, TODAY)
    assert waiting.entry.id == "hostile" and "已修订" in waiting.why[0]
    assert any(ref.startswith("discipline-2023") for ref, _ in waiting.links)
    assert 'href="/policies/discipline-2023' in reviewer.get("/curate/queue/superseded").text


def test_what_did_not_help_comes_with_its_remarks_until_it_is_handled(
    site: Site, reviewer: FlaskClient
) -> None:
    feedback = site.services.feedback
    feedback.give("dues-overdue", 7, False, "<b>第二步</b>不清楚")
    feedback.give("dues-overdue", 8, False, "")
    feedback.give("dues-backpay", 7, True, "")
    html = reviewer.get("/curate/queue/unhelpful").text
    assert (
        "&lt;b&gt;第二步" in html
        and "有用 0，没解决 2" in html
        and names(site, "unhelpful") == ["dues-overdue"]
    )
    opinions = re.findall(r'name="opinion" value="(\d+)"', html)
    assert len(opinions) == 2
    feedback.give("dues-overdue", 9, False, "晚来一步")
    send(reviewer, "/curate/handled", {"entry": "dues-overdue", "opinion": [*opinions, "x", "9" * 40]})
    assert [opinion.remark for opinion in feedback.unhelpful()] == ["晚来一步"]
    feedback.give("dues-overdue", 7, False, "还是不清楚")
    assert len(feedback.unhelpful()) == 2


def test_the_coverage_map_leads_into_the_gaps(site: Site, reviewer: FlaskClient) -> None:
    html = reviewer.get("/curate/coverage").text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/curate/queue/[^"]+)"', html)]
    assert links
    for link in links:
        assert 'class="work-title"' in reviewer.get(link).text
    for link in re.findall(r'href="(/browse/[^"]+)"', html):
        assert reviewer.get(link.replace("&amp;", "&")).status_code == 200


def test_a_cell_shows_its_own_only(site: Site, reviewer: FlaskClient) -> None:
    found = curating_queues.BY_NAME["no-case"].find(site.services, TODAY)
    entry = found[0].entry
    cell = curating_queues.narrowed(found, entry.category, entry.source)
    assert {(w.entry.category, w.entry.source) for w in cell} == {(entry.category, entry.source)}
    assert curating_queues.narrowed(found, "", "") == found


@pytest.mark.parametrize("address", ["/curate", "/curate/coverage", "/curate/queue/stale", "/curate/usage"])
def test_members_have_no_business_here(site: Site, address: str) -> None:
    assert site.client(Role.MEMBER).get(address).status_code == 403
    assert site.client().get(address).status_code in (302, 303)
