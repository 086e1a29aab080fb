"""有用 / 没解决: said by members, from the entry's own page."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from search_app.access import Role
from search_app.state.feedback import Tally
from tests.search_app.sites import Site, send


def give(client: FlaskClient, entry: str = "dues-overdue", useful: str = "no", remark: str = "") -> Any:
    return send(client, "/feedback", {"entry": entry, "useful": useful, "remark": remark})


@pytest.mark.parametrize(
    "page", ["/problems/dues-overdue", "/handbook/hb-dues", "/cases/case-dues-auto-remind"]
)
def test_three_kinds_ask_whether_they_helped(site: Site, page: str) -> None:
    html = site.client(Role.MEMBER).get(page).text
    assert 'action="/feedback"' in html and ">有用</button>" in html and ">没解决</button>" in html


def test_a_policy_does_not_ask_and_takes_no_answer(site: Site) -> None:
    member = site.client(Role.MEMBER)
    assert "feedback-form" not in member.get("/policies/dues-regulation").text
    assert give(member, "dues-regulation").status_code == 400


def test_guests_read_without_a_cookie_and_are_asked_to_log_in(client: FlaskClient) -> None:
    answer = client.get("/problems/dues-overdue")
    assert "Set-Cookie" not in answer.headers and 'action="/feedback"' not in answer.text
    assert "/login?next=/problems/dues-overdue%23feedback" in answer.text
    assert "/ask?q=" in answer.text


def test_what_is_said_is_kept_counted_and_may_be_changed(site: Site) -> None:
    member, other = site.client(Role.MEMBER), site.client(Role.MEMBER, "other")
    answer = give(member, remark="第二步的表没有")
    assert answer.status_code == 303 and answer.location.endswith("/problems/dues-overdue#feedback")
    give(other, useful="yes")
    assert site.services.feedback.tallies() == {"dues-overdue": Tally(1, 1)}
    html = member.get("/problems/dues-overdue").text
    assert "您说过：<strong>没解决</strong>" in html and "第二步的表没有" in html
    give(member, useful="yes")
    assert site.services.feedback.tallies() == {"dues-overdue": Tally(2, 0)}
    assert "您说过：<strong>有用</strong>" in member.get("/problems/dues-overdue").text


@pytest.mark.parametrize(("entry", "useful", "status"), [("nope", "no", 404), ("dues-overdue", "maybe", 400)])
def test_odd_answers_are_refused(site: Site, entry: str, useful: str, status: int) -> None:
    assert give(site.client(Role.MEMBER), entry, useful).status_code == status
    assert site.services.feedback.tallies() == {}


def test_unpublished_entries_take_no_feedback(site: Site) -> None:
    assert give(site.client(Role.MEMBER), "hidden-draft").status_code == 404


def test_guests_may_not_give_it(site: Site) -> None:
    assert give(site.client()).status_code in (303, 401, 403)
    assert site.services.feedback.tallies() == {}


def test_too_long_or_too_often_keeps_the_remark(site: Site) -> None:
    member = site.client(Role.MEMBER)
    answer = give(member, remark="长" * 201)
    assert answer.status_code == 422 and "长" * 201 in answer.text and "201 个字" in answer.text
    codes = {give(member, remark="又一次").status_code for _ in range(60)}
    assert codes == {303}
    answer = give(member, remark="留住这句")
    assert answer.status_code == 429 and "留住这句" in answer.text


def test_a_stale_form_keeps_the_remark(site: Site) -> None:
    member = site.client(Role.MEMBER)
    answer = member.post("/feedback", data={"entry": "dues-overdue", "useful": "no", "remark": "留住这句"})
    assert answer.status_code == 400 and "留住这句" in answer.text and "还没有发送" in answer.text


def test_it_is_in_the_audit_log(site: Site) -> None:
    give(site.client(Role.MEMBER))
    last = site.services.audit.records()[-1]
    assert (last.who, last.what, last.target, last.note) == ("member", "feedback", "dues-overdue", "没解决")
