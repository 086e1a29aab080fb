"""Browsing by every way in, cases as cards, and what is missing."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from search_app import browsing, circumstances
from tests.search_app.sites import Site


@pytest.fixture
def whole(whole_site: Site) -> FlaskClient:
    return whole_site.app.test_client()


def test_every_way_in_is_offered_and_leads_to_entries(whole: FlaskClient) -> None:
    html = whole.get("/browse").text
    for way in ("按适用组织看案例", "按关键因素看案例", "按来源看问题", "按年份看制度"):
        assert way in html
    assert "/problems/election-overdue" in whole.get("/browse/problem?source=巡视检查&category=基本组织").text
    assert "/cases/case-dues-auto-remind" in whole.get("/browse/case?factor=党员分散&org=国有企业").text
    assert "/policies/development-2026" in whole.get("/browse/policy?year=2026").text


def test_a_case_is_a_card_with_what_is_transferable(client: FlaskClient) -> None:
    html = client.get("/browse/case").text
    assert html.count('class="card"') == 2 and "有这些条件就好照做" in html and "回答的问题" in html
    assert 'data-needs="many spread' in html and 'data-organisations="' in html


def test_long_lists_come_in_pages_that_keep_the_filters(
    whole: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "PAGE_ENTRIES", 5)
    first = whole.get("/browse/problem?category=基本组织").text
    assert (
        'aria-current="page">1<' in first
        and "page=2" in first
        and "category=" in first[first.index("page=2") - 60 :]
    )
    shown = [
        whole.get(f"/browse/problem?category=基本组织&page={n}").text.count("list-summary")
        for n in (1, 2, 999)
    ]
    assert shown[:2] == [5, 5] and 1 <= shown[2] <= 5
    assert (
        whole.get("/browse/problem?page=-1").status_code
        == whole.get("/browse/problem?page=x").status_code
        == 200
    )


def test_missing_sides_are_said_on_the_page_with_a_click_to_supply_them(client: FlaskClient) -> None:
    assert "缺案例" not in client.get("/problems/dues-overdue").text
    lacking = client.get("/problems/dues-six-months").text
    assert ("缺案例" in lacking) == ('href="/cases/new?problem=dues-six-months"' in lacking)
    hostile = client.get("/problems/hostile").text
    assert "缺案例" in hostile and 'href="/cases/new?problem=hostile"' in hostile
    policy = client.get("/policies/dues-regulation").text
    assert "还没有条目引用这一条" in policy and "/cases/new?rule=dues-regulation" in policy


def test_gaps_lists_them_all(client: FlaskClient) -> None:
    html = client.get("/gaps").text
    assert (
        "缺案例的问题" in html and 'href="/cases/new?problem=hostile"' in html and "hidden-draft" not in html
    )


def test_the_table_of_circumstances_places_most_conditions(whole_site: Site) -> None:
    cases = [entry for entry in whole_site.library.snapshot.entries.values() if entry.kind == "case"]
    factors = [factor for case in cases for factor in circumstances.factors(case)]
    assert sum(bool(factor.keys) for factor in factors) / len(factors) >= 0.8
    used = {key for factor in factors for key in factor.keys}
    assert used == {c.key for c in circumstances.table()}, "a line nothing matches is of no use"
    assert max(len(factor.keys) for factor in factors) <= 4


def test_gaps_shows_what_each_category_and_source_holds(client: FlaskClient) -> None:
    html = client.get("/gaps").text
    assert "覆盖情况" in html and "有流程" in html and "巡视检查" in html
