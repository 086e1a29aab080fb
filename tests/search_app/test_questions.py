"""Asking: searched again, shown what is like it, kept for the curators."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from kb.errors import SetupError
from search_app.access import Role
from search_app.state.questions import Question, Stage
from tests.search_app.sites import Site, send

ODD = "外星人火锅底料怎么炒"


def ask(client: FlaskClient, question: str = ODD, **more: str) -> Any:
    return send(client, "/ask", {"question": question, **more})


def kept(site: Site) -> list[Question]:
    return site.services.questions.find()


def test_a_page_without_answer_leads_to_the_form_with_the_words_in_it(client: FlaskClient) -> None:
    page = client.get("/search", query_string={"q": ODD}).text
    assert "没有找到合适的答案" in page and "/ask?q=%E5%A4%96" in page
    form = client.get("/ask", query_string={"q": ODD}).text
    assert f'value="{ODD}"' in form and "具体情况" in form and "怎么联系您" not in form


def test_it_is_searched_again_with_its_details_and_then_sent_anyway(site: Site) -> None:
    client = site.client()
    again = ask(client, details="其实是党员半年没交党费，要不要处理")
    assert again.status_code == 200 and "是不是在找这些" in again.text
    assert "/problems/dues-overdue" in again.text and "都不是，发送" in again.text
    assert f'value="{ODD}"' in again.text and "其实是党员半年没交党费" in again.text
    assert kept(site) == []
    sent = ask(client, details="其实是党员半年没交党费，要不要处理", sure="1")
    assert sent.status_code == 303 and sent.location.endswith("/asked?sent=1")
    [question] = kept(site)
    assert (question.text, question.stage, question.asker_id) == (ODD, Stage.OPEN, 0)
    assert "问题已收到" in client.get(sent.location).text


def test_questions_like_it_that_wait_are_shown_without_anybodys_number(site: Site) -> None:
    ask(site.client(), "支部食堂几点开饭，电话13800138000", sure="1", details="私事细节")
    page = ask(site.client(), "支部食堂几点开饭").text
    assert "支部食堂几点开饭，电话＊" in page and "等待整理" in page
    assert "13800138000" not in page and "私事细节" not in page


def test_with_nothing_like_it_it_is_sent_at_once(site: Site) -> None:
    assert ask(site.client(), "ΩΩΩ").status_code == 303
    assert [question.text for question in kept(site)] == ["ΩΩΩ"]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"question": " "}, "请用一句话写出您的问题"),
        ({"question": "？！"}, "请用一句话写出您的问题"),
        ({"question": "长" * 201}, "“问题”有 201 个字"),
        ({"question": ODD, "details": "长" * 2001}, "“具体情况”有 2001 个字"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(site: Site, sent: dict[str, str], told: str) -> None:
    answer = send(site.client(), "/ask", {"details": "留住这句", **sent})
    assert answer.status_code == 422 and told in answer.text and 'role="alert"' in answer.text
    assert sent.get("details", "留住这句")[:10] in answer.text and kept(site) == []


def test_a_stale_form_keeps_what_was_typed(site: Site) -> None:
    answer = site.client().post("/ask", data={"question": ODD, "details": "留住这句", "sure": "1"})
    assert answer.status_code == 400 and ODD in answer.text and "留住这句" in answer.text
    assert "还没有发送" in answer.text and 'name="sure"' in answer.text and kept(site) == []


def test_sending_twice_keeps_one(site: Site) -> None:
    client = site.client()
    assert {ask(client, sure="1").status_code for _ in range(2)} == {303}
    assert len(kept(site)) == 1
    ask(client, sure="1", details="另有情况")
    assert len(kept(site)) == 2


def test_one_address_cannot_ask_without_end(site: Site) -> None:
    client = site.client()
    codes = [ask(client, f"怪问题{n}", sure="1").status_code for n in range(22)]
    assert codes == [303] * 20 + [429] * 2 and len(kept(site)) == 20
    assert "怪问题21" in ask(client, "怪问题21", sure="1").text


def test_a_member_leaves_a_way_to_reach_them_and_sees_where_it_stands(site: Site) -> None:
    member = site.client(Role.MEMBER)
    assert "怎么联系您" in member.get("/ask").text
    ask(member, sure="1", contact="内线 8021")
    [question] = kept(site)
    assert question.contact == "内线 8021" and question.asker == "member同志"
    assert "等待整理" in member.get("/asked").text
    site.services.questions.move(question.id, Stage.ANSWERED, "dues-overdue")
    page = member.get("/asked").text
    assert "已有答案" in page and 'href="/problems/dues-overdue"' in page
    assert ODD not in site.client().get("/asked").text
    assert ODD not in site.client(Role.MEMBER, "other").get("/asked").text


def test_a_guest_cannot_smuggle_a_contact_or_a_stage(site: Site) -> None:
    ask(
        site.client(),
        sure="1",
        contact="13800138000",
        stage="answered",
        asker_id="1",
        entry_id="dues-overdue",
    )
    [question] = kept(site)
    assert (question.contact, question.stage, question.asker_id, question.entry_id) == ("", "open", 0, "")


def test_a_disk_in_trouble_keeps_the_text_on_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = site.client()

    def refuse(*args: object) -> None:
        raise SetupError("磁盘满了")

    monkeypatch.setattr(type(site.services.questions), "create", refuse)
    answer = ask(client, sure="1", details="留住这句")
    assert answer.status_code == 503 and "没有发送：磁盘满了" in answer.text and "留住这句" in answer.text


def test_a_question_reaches_no_reader(site: Site) -> None:
    ask(site.client(), "暗号四九五六怎么办", sure="1", details="暗号七七八八")
    reader = site.client()
    for address in ("/search?q=暗号四九五六怎么办", "/api/v1/search?q=暗号四九五六", "/asked", "/browse"):
        page = reader.get(address).text.replace("暗号四九五六怎么办", "", 9)
        assert "暗号七七八八" not in page
    assert all("暗号" not in entry.title for entry in site.library.snapshot.entries.values())


def test_hostile_words_stay_text(site: Site) -> None:
    page = ask(site.client(Role.MEMBER), "<script>alert(1)</script>党费", details="</textarea><b>").text
    assert "<script>alert" not in page and "</textarea><b>" not in page


def test_what_lacks_a_side_leads_to_asking_without_a_cookie(client: FlaskClient) -> None:
    answer = client.get("/problems/hostile")
    assert "Set-Cookie" not in answer.headers and 'action="/ask"' not in answer.text
