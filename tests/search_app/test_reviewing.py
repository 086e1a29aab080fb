"""The reviewer's desk and the author's: who sees what, what is decided, and that no word typed is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from search_app import answering, editorial, findings, reviewing
from search_app.access import Role
from search_app.state.questions import Stage
from search_app.state.settings import SINGLE_EDITOR
from search_app.state.submissions import Standing
from tests.search_app.desk import SECRET, author, changed, new_case, person, propose, reviewer
from tests.search_app.sites import Site, send


@pytest.fixture
def site(desk_site: Site) -> Site:
    return desk_site


def desk(site: Site) -> FlaskClient:
    return site.client(Role.REVIEWER, "li")


def seen(html: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', html)
    assert found
    return found[1]


def standing(site: Site, submission_id: str) -> str:
    return site.services.submissions.get(submission_id).standing


def test_the_queue_tells_what_waits_and_which_are_ones_own(site: Site) -> None:
    client = desk(site)
    assert "都审完了" in client.get("/review").text
    theirs = propose(site, author(site), changed(site), "更准确")
    own = editorial.submit(site.services, reviewer(site), new_case())
    back = propose(site, author(site), changed(site, "hb-dues", summary="改"))
    editorial.send_back(site.services, reviewer(site), back.id, "补出处")
    html = client.get("/review").text
    assert all(f"/review/{one.id}" in html for one in (theirs, own, back))
    assert html.count("要由别人审") == 1 and "更准确" in html and "zhang同志" in html
    assert html.index(theirs.id) < html.index(back.id) and "修改" in html and "新条目" in html


def test_publishing_what_was_begun_from_a_question_answers_it(site: Site) -> None:
    asked = site.services.questions.create("老张好几个月没交党费咋整", "", "", (7, "小李"))
    other = site.services.questions.create("支部换届谁来主持", "", "", (0, ""))
    made = editorial.submit(site.services, author(site), new_case(), why=answering.reason(asked.id))
    client = desk(site)
    text = seen(client.get(f"/review/{made.id}").text)
    send(client, f"/review/{made.id}", {"decision": "publish", "seen": text})
    told = client.get(f"/review/{made.id}").text
    assert "提问“老张好几个月没交党费咋整”也记为“已有答案”" in told
    answered = site.services.questions.get(asked.id)
    assert (answered.stage, answered.entry_id) == (Stage.ANSWERED, new_case().id)
    assert site.services.questions.get(other.id).stage is Stage.OPEN
    assert "question-answered" in [line.what for line in site.services.audit.records()]


@pytest.mark.parametrize("why", ["", "补了出处"])
def test_what_came_back_and_was_handed_in_again_still_answers_its_question(site: Site, why: str) -> None:
    asked = site.services.questions.create("老张好几个月没交党费咋整", "", "", (7, "小李"))
    made = editorial.submit(site.services, author(site), new_case(), why=answering.reason(asked.id))
    editorial.send_back(site.services, reviewer(site), made.id, "补出处")
    editorial.revise(site.services, author(site), made.id, replace(new_case(), summary="改过"), why=why)
    assert site.services.submissions.remarks(made.id)[-1].text == why
    client = desk(site)
    text = seen(client.get(f"/review/{made.id}").text)
    send(client, f"/review/{made.id}", {"decision": "publish", "seen": text})
    assert site.services.questions.get(asked.id).stage is Stage.ANSWERED


@pytest.mark.parametrize("why", ["", "回答提问 q-20260101-00000000", "为了回答提问 q-1", "更准确"])
def test_a_reason_that_names_no_waiting_question_settles_none(site: Site, why: str) -> None:
    assert answering.settle(site.services, reviewer(site), why, "dues-overdue") is None
    settled = site.services.questions.create("问过的", "", "", (0, ""))
    site.services.questions.move(settled.id, Stage.CLOSED, reply="请问上级。")
    why = answering.reason(settled.id)
    assert answering.settle(site.services, reviewer(site), why, "dues-overdue") is None
    assert site.services.questions.get(settled.id).stage is Stage.CLOSED


def test_a_change_is_shown_beside_the_published_text_and_as_readers_will_see_it(site: Site) -> None:
    entry = site.library.get("dues-overdue")
    body = entry.body.replace("党员", "同志", 1)
    made = propose(site, author(site), changed(site, summary=entry.summary + "新加的话", body=body))
    html = desk(site).get(f"/review/{made.id}").text
    assert re.search(r'<ins class="new"><span class="unseen">改后：</span>[^<]*<mark>新加的话</mark>', html)
    assert "行没有改动</summary>" in html and "<mark>同志</mark>" in html
    assert 'class="entry preview"' in html and html.count("<h1") == 1
    assert 'value="publish" class="primary">' in html and "要留意的地方" in html


def test_hostile_text_is_shown_as_text(site: Site) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}"
    entry = new_case(title=hostile, factors=(hostile,), provenance=hostile)
    made = editorial.submit(site.services, author(site), entry, why=hostile)
    editorial.comment(site.services, author(site), made.id, hostile)
    client = desk(site)
    for address in ("/review", f"/review/{made.id}", f"/submissions/{made.id}"):
        html = client.get(address).text
        main = html[html.index("<main") : html.index("</main")]
        assert "<script" not in main and "<img" not in main and "alert(1)" in main and "{{ 7*7 }}" in main
    editorial.publish(site.services, reviewer(site), made.id)
    assert "<script>alert" not in client.get(f"/entries/{entry.id}/history").text


def test_publishing_returning_and_rejecting_by_the_page(site: Site) -> None:
    client = desk(site)
    entry = editorial.submit(site.services, author(site), new_case())
    page = f"/review/{entry.id}"
    assert send(client, page, {"decision": "publish", "seen": seen(client.get(page).text)}).status_code == 303
    assert "已发布" in client.get(page).text and client.get("/cases/case-canary").status_code == 200
    assert site.library.search(f"{SECRET}飞走怎么办").hits[0].id == "case-canary"
    for decision, after in (("return", "returned"), ("reject", "rejected")):
        made = propose(site, author(site), changed(site))
        page = f"/review/{made.id}"
        assert send(client, page, {"decision": decision, "text": "  "}).status_code == 422
        assert standing(site, made.id) == "waiting"
        assert send(client, page, {"decision": decision, "text": "请看规定"}).status_code == 303
        assert standing(site, made.id) == after and "请看规定" in client.get(page).text


def test_the_words_typed_stay_whatever_prevents_the_decision(site: Site) -> None:
    client = desk(site)
    made = propose(site, author(site), changed(site))
    page = f"/review/{made.id}"
    old = seen(client.get(page).text)
    editorial.revise(site.services, author(site), made.id, changed(site, summary="又改了"), made.base)
    answer = send(client, page, {"decision": "publish", "seen": old, "text": "写了很久的话"})
    assert answer.status_code == 409 and "写了很久的话" in answer.text and "提交人又改过" in answer.text
    assert send(client, page, {"decision": "publish", "seen": seen(answer.text)}).status_code == 303
    answer = send(client, page, {"decision": "reject", "text": "写了很久的话"})
    assert answer.status_code == 409 and "写了很久的话" in answer.text
    assert send(client, page, {"decision": "delete everything"}).status_code == 400


def test_ones_own_cannot_be_decided_by_the_page_nor_past_it(site: Site) -> None:
    client = desk(site)
    made = propose(site, reviewer(site), changed(site))
    page = f"/review/{made.id}"
    html = client.get(page).text
    assert "要由别的审核员来审" in html and 'value="publish"' not in html and "<button disabled" in html
    for decision in ("publish", "return", "reject"):
        answer = send(client, page, {"decision": decision, "text": "x", "seen": seen(html)})
        assert answer.status_code == 403 and standing(site, made.id) == "waiting"
    site.services.settings.set(SINGLE_EDITOR, "on")
    assert "审计日志会记下来" in client.get(page).text
    assert send(client, page, {"decision": "publish"}).status_code == 303


def test_an_overtaken_change_shows_three_texts_and_cannot_be_published(site: Site) -> None:
    client = desk(site)
    one = propose(site, author(site), changed(site, summary="甲的说法"))
    other = propose(site, person(site, "wang", Role.MEMBER), changed(site, summary="乙的说法"))
    assert "同一条目还有一份在等" in client.get(f"/review/{one.id}").text
    editorial.publish(site.services, reviewer(site), one.id)
    html = client.get(f"/review/{other.id}").text
    assert "已经过时" in html and "提交人改了什么" in html and "这期间别人改了什么" in html
    words = re.sub("<[^>]+>", "", html)
    assert "甲的说法" in words and "乙的说法" in words and "请退回" in words
    assert re.search(r'value="publish" class="primary" disabled', html)
    answer = send(client, f"/review/{other.id}", {"decision": "publish"})
    assert answer.status_code == 409 and "甲的说法" in answer.text and "乙的说法" in answer.text
    assert site.library.get("dues-overdue").summary == "甲的说法" and standing(site, other.id) == "waiting"


def test_changes_that_do_not_touch_are_put_together_by_a_button(site: Site) -> None:
    client = desk(site)
    one = propose(site, author(site), changed(site, summary="甲的说法"))
    other = propose(site, person(site, "wang", Role.MEMBER), changed(site, tags=("乙的词",)))
    editorial.publish(site.services, reviewer(site), one.id)
    page = f"/review/{other.id}"
    html = client.get(page).text
    assert "把两边的修改合在一起" in html
    assert send(client, page, {"decision": "rebase", "seen": seen(html)}).status_code == 303
    html = client.get(page).text
    assert (
        "已经过时" not in html
        and send(client, page, {"decision": "publish", "seen": seen(html)}).status_code == 303
    )
    entry = site.library.get("dues-overdue")
    assert (entry.summary, entry.tags) == ("甲的说法", ("乙的词",))


def test_what_is_to_be_minded(site: Site) -> None:
    entry = new_case(
        title="党员逾期没有缴纳党费怎么办",
        provenance="张三，身份证11010519491231002X，电话13812345678",
        citations=(),
        tags=("内部资料",),
    )
    found = findings.of(entry, site.library)
    assert {finding.code for finding in found.private} >= {"id-card", "mobile"}
    assert any("“别人会怎么问”里有效的只有 1 条" in finding.message for finding in found.wrong) and found.any
    html = desk(site).get(f"/review/{editorial.submit(site.services, author(site), entry).id}").text
    assert "像是个人信息" in html and "11010519491231002X" not in html.split("读者会看到的样子")[0]
    good = findings.of(site.library.get("dues-overdue"), site.library)
    assert not good.private and not good.twins
    broken = changed(site, related=("dues-overdue", "no-such"), citations=())
    assert any("no-such" in finding.message for finding in findings.of(broken, site.library).wrong)


def test_findings_speak_as_the_form_does(site: Site) -> None:
    found = findings.of(new_case(evidence="实例"), site.library)
    said = [finding.message for finding in (*found.wrong, *found.advice)]
    assert "缺少“什么条件下可以照做”，请补上" in said and "缺少“成效”一栏，或是空的，请补写" in said
    assert "缺少“可以找谁核实”一栏，或是空的，请补写" in said
    assert not [message for message in said if "##" in message or "factors" in message or "tags" in message]
    assert any("自己单位的做法不用填" in finding.message for finding in found.advice)
    proposed = findings.of(new_case(evidence="论文主张"), site.library)
    assert "缺少“来源文献”，请补上" in [finding.message for finding in proposed.wrong]


def test_after_a_decision_the_news_is_in_sight_and_the_next_one_a_step_away(site: Site) -> None:
    client = desk(site)
    one = propose(site, author(site), changed(site))
    other = propose(site, author(site), changed(site, "hb-dues", summary="改"))
    page = f"/review/{one.id}"
    assert f'action="{page}#decide"' in client.get(page).text
    answer = send(client, page, {"decision": "return", "text": "请看规定"})
    assert answer.location.endswith(f"{page}#main")
    assert "还有 1 份等待审核" in client.get(page).text
    send(client, f"/review/{other.id}", {"decision": "return", "text": "请看规定"})
    html = client.get(f"/review/{other.id}").text
    assert "都审完了" in html and re.search(r"\d{4}年\d+月\d+日 \d\d:\d\d</time>", html)


# The author's side


def test_the_form_of_what_came_back_says_what_to_change(site: Site) -> None:
    client = site.client(Role.MEMBER, "zhang")
    made = propose(site, author(site), changed(site))
    page = f"/submissions/{made.id}/edit"
    assert "li同志说" not in client.get(page).text
    editorial.send_back(site.services, reviewer(site), made.id, "请写明出处")
    assert "li同志说：请写明出处" in client.get(page).text


def test_the_author_sees_where_it_stands_answers_and_takes_back(site: Site) -> None:
    client = site.client(Role.MEMBER, "zhang")
    assert "还没有交过" in client.get("/submissions").text
    made = propose(site, author(site), changed(site))
    page = f"/submissions/{made.id}"
    assert "等待审核" in client.get("/submissions").text and "撤回这份提交" in client.get(page).text
    editorial.send_back(site.services, reviewer(site), made.id, "请写明出处")
    html = client.get(page).text
    assert "请写明出处" in html and f"/submissions/{made.id}/edit" in html
    assert "要您修改" in client.get("/submissions").text
    assert send(client, f"{page}/comment", {"text": ""}).status_code == 422
    assert send(client, f"{page}/comment", {"text": "出处是台账"}).status_code == 303
    assert "出处是台账" in client.get(page).text
    assert send(client, f"{page}/take-back").status_code == 303
    assert standing(site, made.id) == Standing.TAKEN_BACK and "已经撤回" in client.get(page).text
    assert send(client, f"{page}/take-back").status_code == 409


def test_a_published_submission_leads_to_its_entry(site: Site) -> None:
    made = editorial.submit(site.services, author(site), new_case())
    editorial.publish(site.services, reviewer(site), made.id)
    html = site.client(Role.MEMBER, "zhang").get(f"/submissions/{made.id}").text
    assert "/e/case-canary" in html and "撤回这份提交" not in html


def test_other_members_do_not_learn_of_it(site: Site) -> None:
    made = propose(site, author(site), changed(site))
    client = site.client(Role.MEMBER, "wang")
    assert client.get(f"/submissions/{made.id}").status_code == 404
    assert made.id not in client.get("/submissions").text
    assert send(client, f"/submissions/{made.id}/comment", {"text": "x"}).status_code == 403
    assert send(client, f"/submissions/{made.id}/take-back").status_code == 403
    assert client.get("/review").status_code == client.get(f"/review/{made.id}").status_code == 403
    assert send(client, f"/review/{made.id}", {"decision": "publish"}).status_code == 403
    assert site.app.test_client().get("/review").status_code == 303


def test_a_comment_from_the_review_page_goes_back_there(site: Site) -> None:
    made = propose(site, author(site), changed(site))
    answer = send(desk(site), f"/submissions/{made.id}/comment", {"text": "看一下", "back": "review"})
    assert f"/review/{made.id}" in answer.location
    member = site.client(Role.MEMBER, "zhang")
    answer = send(member, f"/submissions/{made.id}/comment", {"text": "好", "back": "review"})
    assert f"/submissions/{made.id}" in answer.location


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-1, "不到 1 分钟"),
        (0, "不到 1 分钟"),
        (59, "59 分钟"),
        (60, "1 小时"),
        (47 * 60, "47 小时"),
        (72 * 60, "3 天"),
    ],
)
def test_age(minutes: int, said: str) -> None:
    assert reviewing.age(datetime.now(UTC) - timedelta(minutes=minutes, seconds=5)) == said
