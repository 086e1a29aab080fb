"""Open questions: answered by an entry, by a new problem, or closed with a word."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from kb.types import Kind
from search_app.access import Role
from search_app.state.questions import Question, QuestionMoved, Stage
from tests.search_app.sites import Site, send


@pytest.fixture
def reviewer(site: Site) -> FlaskClient:
    return site.client(Role.REVIEWER)


@pytest.fixture
def question(site: Site) -> Question:
    return site.services.questions.create(
        "老张好几个月没交党费咋整", "六十岁，退休。", "内线 8021", (7, "小李")
    )


def test_questions_of_one_meaning_stand_together(
    site: Site, reviewer: FlaskClient, question: Question
) -> None:
    site.services.questions.create("老张几个月没交党费怎么整", "", "", (0, ""))
    site.services.questions.create("食堂几点开饭", "", "", (0, ""))
    html = reviewer.get("/curate/questions").text
    assert (
        html.count('class="work-title"') == 3
        and html.split('class="work"')[1].split("</main>")[0].count("<li>") == 2
    )
    assert "小李" in html and "访客" in html


def test_a_question_shows_all_there_is_and_what_may_answer_it(
    reviewer: FlaskClient, question: Question
) -> None:
    html = reviewer.get(f"/curate/questions/{question.id}").text
    for told in (question.text, "六十岁，退休。", "内线 8021", "就是这条", "/problems/dues-overdue"):
        assert told in html
    assert "/handbook/hb-election" in reviewer.get(f"/curate/questions/{question.id}?q=换届选举流程").text
    assert reviewer.get("/curate/questions/nope").status_code == 404


def test_a_new_problem_begins_with_the_question_in_it(
    site: Site, reviewer: FlaskClient, question: Question
) -> None:
    answer = send(reviewer, f"/curate/questions/{question.id}/start")
    target = urlsplit(answer.location)
    assert answer.status_code == 303 and target.path == "/problems/new"
    assert parse_qs(target.query) == {
        "title": [question.text],
        "description": [question.details],
        "question": [question.id],
    }
    assert site.services.questions.get(question.id).stage is Stage.WORKING
    assert site.services.questions.waiting() == 1


def test_the_problem_written_for_it_is_named_until_it_can_answer(
    site: Site, reviewer: FlaskClient, question: Question
) -> None:
    site.services.questions.move(question.id, Stage.WORKING)
    made = site.services.submissions.create(
        "s-1", Kind.PROBLEM, "dues-late", "欠交几个月党费怎么办", (7, "小李"), "", f"回答提问 {question.id}"
    )
    html = reviewer.get(f"/curate/questions/{question.id}").text
    assert "《欠交几个月党费怎么办》等待审核" in html and f'href="/review/{made.id}"' in html


def test_closing_needs_a_word_to_the_asker(site: Site, reviewer: FlaskClient, question: Question) -> None:
    address = f"/curate/questions/{question.id}/close"
    assert send(reviewer, address, {"reply": " "}).status_code == 422
    answer = send(reviewer, address, {"reply": "长" * 501})
    assert answer.status_code == 422 and "长" * 501 in answer.text
    assert send(reviewer, address, {"reply": "请问上级组织部门。"}).status_code == 303
    closed = site.services.questions.get(question.id)
    assert (closed.stage, closed.reply) == (Stage.CLOSED, "请问上级组织部门。")
    assert site.services.audit.records()[-1].what == "question-closed"
    assert send(reviewer, address, {"reply": "再来"}).status_code == 400


def test_who_comes_second_is_told(site: Site, question: Question) -> None:
    site.services.questions.move(question.id, Stage.CLOSED, reply="先到")
    with pytest.raises(QuestionMoved, match="已关闭"):
        site.services.questions.move(question.id, Stage.ANSWERED, "dues-overdue")


@pytest.mark.parametrize("role", [Role.GUEST, Role.MEMBER])
def test_only_reviewers_see_and_settle_them(site: Site, question: Question, role: Role) -> None:
    client = site.client(role)
    for address in ("/curate/questions", f"/curate/questions/{question.id}"):
        assert "六十岁" not in client.get(address, follow_redirects=True).text
    assert send(client, f"/curate/questions/{question.id}/close", {"reply": "x"}).status_code in (
        303,
        401,
        403,
    )
    assert site.services.questions.get(question.id).stage is Stage.OPEN
