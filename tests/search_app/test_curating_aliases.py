"""A wording people use becomes another way of asking; the next search for it finds the entry."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from search_app.access import Role
from search_app.state.questions import Stage
from tests.search_app.sites import Site, send

ODD = "蚂蚁搬家驴打滚"


@pytest.fixture
def reviewer(site: Site) -> FlaskClient:
    return site.client(Role.REVIEWER)


def first(site: Site, words: str) -> str:
    hits = site.library.search(words).hits
    return hits[0].id if hits else ""


def test_the_question_is_answered_and_the_next_asker_finds_the_entry(
    site: Site, reviewer: FlaskClient
) -> None:
    question = site.services.questions.create(ODD, "", "", (0, ""))
    assert not site.library.search(ODD).confident
    form = reviewer.get("/curate/alias", query_string={"text": ODD, "entry": "dues-overdue"}).text
    assert (
        f'value="{ODD}"' in form and "现在搜" in form and ODD not in site.library.get("dues-overdue").aliases
    )
    sent = {"text": ODD, "entry": "dues-overdue", "question": question.id}
    answer = send(reviewer, "/curate/alias", sent)
    assert answer.status_code == 303 and first(site, ODD) == "dues-overdue"
    assert site.library.search(ODD).confident
    tried = reviewer.get(answer.location).text
    assert "第一条就是" in tried and "已有答案" in tried
    answered = site.services.questions.get(question.id)
    assert (answered.stage, answered.entry_id) == (Stage.ANSWERED, "dues-overdue")
    assert "/problems/dues-overdue" in site.client().get("/search", query_string={"q": ODD}).text


def test_the_wording_may_be_edited_first(site: Site, reviewer: FlaskClient) -> None:
    send(reviewer, "/curate/alias", {"text": "  党费  漏交了一个季度 ", "entry": "dues-overdue"})
    assert site.library.get("dues-overdue").aliases[-1] == "党费 漏交了一个季度"


def test_everything_else_of_the_entry_stays_and_the_change_has_a_history(
    site: Site, reviewer: FlaskClient
) -> None:
    before = site.library.get("dues-overdue")
    send(reviewer, "/curate/alias", {"text": ODD, "entry": "dues-overdue"})
    after = site.library.get("dues-overdue")
    assert after.aliases == (*before.aliases, ODD) and after.body == before.body
    assert (after.updated, after.verified_on) == (before.updated, before.verified_on)
    record = site.services.audit.records()[-1]
    assert (record.who, record.what, record.target) == ("reviewer", "published", "dues-overdue")
    assert record.before != record.after and site.services.history.latest("dues-overdue") is not None


def test_a_wording_it_knows_already_is_not_added_twice(site: Site, reviewer: FlaskClient) -> None:
    known = site.library.get("dues-overdue").aliases
    question = site.services.questions.create(known[0], "", "", (0, ""))
    sent = {"text": known[0] + "？", "entry": "dues-overdue", "question": question.id}
    assert send(reviewer, "/curate/alias", sent).status_code == 303
    assert site.library.get("dues-overdue").aliases == known
    assert site.services.questions.get(question.id).stage is Stage.ANSWERED


@pytest.mark.parametrize("text", ["", "？", "党", "长" * 61])
def test_a_wording_too_short_or_too_long_is_said_and_kept(
    site: Site, reviewer: FlaskClient, text: str
) -> None:
    answer = send(reviewer, "/curate/alias", {"text": text, "entry": "dues-overdue"})
    assert answer.status_code == 422 and "2 到 60 个字" in answer.text and f'value="{text}"' in answer.text


@pytest.mark.parametrize("entry", ["nope", "hidden-draft", "../x"])
def test_only_published_entries_get_one(reviewer: FlaskClient, entry: str) -> None:
    assert send(reviewer, "/curate/alias", {"text": ODD, "entry": entry}).status_code == 404
    assert reviewer.get("/curate/alias", query_string={"text": ODD, "entry": entry}).status_code == 404


def test_where_another_entry_comes_first_it_is_said(site: Site, reviewer: FlaskClient) -> None:
    taken = site.library.get("dues-backpay").title
    answer = send(reviewer, "/curate/alias", {"text": taken, "entry": "dues-overdue"})
    assert "排在前面的是别的条目" in reviewer.get(answer.location).text


def test_a_question_settled_meanwhile_stays_as_it_is(site: Site, reviewer: FlaskClient) -> None:
    question = site.services.questions.create(ODD, "", "", (0, ""))
    site.services.questions.move(question.id, Stage.CLOSED, reply="别处回答了")
    send(reviewer, "/curate/alias", {"text": ODD, "entry": "dues-overdue", "question": question.id})
    assert site.services.questions.get(question.id).reply == "别处回答了"
