"""A new case linked to the problem or the clause whose page asked for it."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.search_app.sites import Site

ADDRESS = "/cases/new?problem=dues-overdue&rule=dues-regulation%2312"


def test_the_form_shows_what_the_case_will_be_linked_to(client: FlaskClient) -> None:
    html = client.get(ADDRESS).text
    assert "回答的问题：党员逾期没有缴纳党费怎么办" in html and "第十二条" in html
    assert 'name="related" value="dues-overdue" checked' in html
    assert 'name="citations" value="dues-regulation#12" checked' in html


def test_what_is_not_there_is_left_out(client: FlaskClient) -> None:
    for query in (
        "problem=hidden-draft",
        "problem=hb-dues",
        "rule=dues-regulation",
        "rule=dues-regulation%23999",
        "rule=%3Cb",
    ):
        html = client.get(f"/cases/new?{query}").text
        assert (
            'name="related"' not in html
            and 'name="citations"' not in html
            and "<b" not in html.replace("<body", "").replace("<button", "")
        )


def sent(client: FlaskClient, **more: str) -> str:
    html = client.get(ADDRESS).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', html)[0]
    number = re.findall(r'name="id" value="([^"]+)"', html)[0]
    form = {
        "csrf_token": token,
        "id": number,
        "title": "连到问题的案例",
        "category": "基本制度",
        "background": "欠费多。",
        "step-action": "逐个提醒",
        "related": "dues-overdue",
        "citations": "dues-regulation#12",
    }
    answer = client.post("/cases/new", data=form | more)
    assert answer.status_code == 303
    return number


def test_the_saved_case_closes_the_triangle(site: Site) -> None:
    client = site.app.test_client()
    case = site.library.get(sent(client))
    assert case.related == ("dues-overdue",) and [c.ref for c in case.citations] == ["dues-regulation#12"]
    assert "连到问题的案例" in client.get("/problems/dues-overdue").text
    clause = client.get("/policies/dues-regulation").text
    assert "连到问题的案例" in clause[clause.index('id="a12"') :]


def test_links_made_up_by_hand_are_dropped(site: Site) -> None:
    case = site.library.get(sent(site.app.test_client(), related="../etc", citations="x y#1"))
    assert case.related == () and case.citations == ()
