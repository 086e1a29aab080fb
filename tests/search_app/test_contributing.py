"""Handing in: what is typed is kept, checked, looked at, and waits for review; nothing is published here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from kb.errors import ContentReadOnly
from kb.types import Entry, Kind
from search_app.access import Role
from tests.search_app.giving import CASE, emptied, fields, filled, form, hand_in, member
from tests.search_app.sites import Site, make_site

ENTRIES = ("dues-overdue", "hb-dues", "case-dues-auto-remind", "dues-regulation", "hostile")
OTHERS: dict[str, dict[str, Any]] = {
    "/problems/new": {
        "title": "党员对收缴标准有不同意见怎么处理",
        "category": "基本制度",
        "source": "反馈",
        "s-问题描述": "有人说算多了。",
        "s-解决建议": "拿出核定表一起算。",
    },
    "/handbook/new": {
        "title": "主题党日筹备流程",
        "category": "基本活动",
        "s-适用情形": "每月一次。",
        "step-action": ["定主题"],
        "qa-ask": ["能不能改期？"],
        "qa-answer": ["可以，提前说。"],
    },
    "/policies/new": {
        "title": "某系统党费收缴细则",
        "validity": "现行",
        "issued": "2026年8月1日",
        "s-": "第一条 目的\n为收好党费。\n第二条 时间\n每月十日前。",
    },
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One site for this file."""
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def site(made: Site) -> Site:
    """That site, with nothing handed in yet."""
    emptied(made)
    return made


def waiting(site: Site) -> list[Entry]:
    return [site.services.pending.get(s.id) for s in site.services.submissions.find()]


def test_every_field_has_its_label_hint_and_example(site: Site) -> None:
    client = member(site)
    for address in ("/cases/new", *OTHERS):
        page = client.get(address).text
        assert page.count("例如：") > 4
        inputs = re.findall(r'<(?:input|textarea|select)[^>]* id="(f-[^"]+)"', page)
        assert len(inputs) > 5 and all(f'<label for="{name}"' in page for name in inputs)


def test_what_few_fill_in_is_folded_until_it_says_something(site: Site) -> None:
    html = member(site).get("/cases/new").text
    assert '<details class="folded">' in html
    folded = html.split('<details class="folded">')[1].split("</details>")[0]
    for label in ("检索词", "来源文献", "谁整理的", "核对日期"):
        assert label in folded
    assert 'name="aliases"' not in folded and 'name="factors"' not in folded
    assert '<details class="folded" open>' in member(site).get("/entries/case-dues-auto-remind/edit").text


def test_a_case_waits_for_review_and_is_found_by_nobody(site: Site) -> None:
    client = member(site)
    number = hand_in(client)
    (entry,) = waiting(site)
    assert re.fullmatch(r"case-\d{8}-[0-9a-f]{8}", entry.id) and entry.publication == "submitted"
    assert entry.title == CASE["title"] and entry.organisations == ("机关", "国有企业")
    assert entry.evidence == "实例" and "月末核对" in entry.body and entry.body.startswith("## 背景")
    assert entry.id not in site.library.snapshot.entries and not (site.config.local / "cases").exists()
    assert client.get(f"/cases/{entry.id}").status_code == 404
    assert CASE["title"] in client.get(f"/submissions/{number}").text
    assert [r.what for r in site.services.audit.records()][-1] == "submitted"


@pytest.mark.parametrize("address", OTHERS)
def test_the_other_kinds_too(site: Site, address: str) -> None:
    hand_in(member(site), address, OTHERS[address])
    (entry,) = waiting(site)
    assert entry.title == OTHERS[address]["title"]
    if entry.kind is Kind.POLICY:
        assert "### 第二条 时间\n\n每月十日前。" in entry.body and str(entry.issued) == "2026-08-01"
    if entry.kind is Kind.HANDBOOK:
        assert "### 能不能改期？\n\n可以，提前说。" in entry.body


def test_what_is_missing_is_said_and_nothing_typed_is_lost(site: Site) -> None:
    client = member(site)
    answer = client.post("/cases/new", data=form(client, title="", category="", **{"s-背景": ""}))
    assert answer.status_code == 422 and waiting(site) == []
    html = answer.text
    assert "还不能提交，请看下面 3 处" in html and 'href="#f-title"' in html and 'aria-invalid="true"' in html
    for place in re.findall(r'href="#(f-[^"]+)"', html):
        assert f'id="{place}"' in html
    for typed in (
        "外出党员补课没台账",
        "学习前一天发到群里",
        "补学记录人人有。",
        "学习台账，补课",
        "扫码记录",
    ):
        assert typed in html


def test_every_answer_shows_everything_typed(site: Site) -> None:
    """Whatever button is pressed, the form that comes back sends what was sent."""
    client = member(site)
    data = form(client, **{"find-rule": "党费规定 12", "find-entry": "换届"})
    before = {name: value if isinstance(value, list) else [value] for name, value in data.items()}
    for button in ("stay", "preview", "find-rule", "find-entry", "upload", "step-up-1", "nonsense"):
        after = fields(client.post("/cases/new", data=data | {"do": button}).text)
        assert {n: v for n, v in after.items() if n != "csrf_token"} == {
            n: v for n, v in before.items() if n != "csrf_token"
        }, button


def test_rows_grow_and_move_without_javascript(site: Site) -> None:
    client = member(site)
    page = client.post("/cases/new", data=form(client, do="step-down-1")).text
    assert fields(page)["step-action"] == ["", "生成二维码", "月末核对"]
    page = client.post("/cases/new", data=filled(page, {"do": "step-add"})).text
    assert len(fields(page)["step-action"]) == 4
    page = client.post("/cases/new", data=filled(page, {"find-rule": "党费规定 12", "do": "find-rule"})).text
    assert 'value="cite:dues-regulation#12"' in page
    page = client.post("/cases/new", data=filled(page, {"do": "cite:dues-regulation#12"})).text
    assert "第十二条" in page and "现行" in page and fields(page)["cite-policy"] == ["dues-regulation"]
    page = client.post("/cases/new", data=filled(page, {"do": "relate:dues-overdue"})).text
    client.post("/cases/new", data=filled(page, {"cite-says": ["按月交。"]}))
    (entry,) = waiting(site)
    assert [(c.ref, c.says, c.grade) for c in entry.citations] == [("dues-regulation#12", "按月交。", "B")]
    assert entry.related == ("dues-overdue",) and entry.body.index("生成二维码") < entry.body.index(
        "月末核对"
    )


def test_a_superseded_basis_is_marked_while_writing(site: Site) -> None:
    page = member(site).get("/entries/hostile/edit").text
    assert "已修订，不再是依据" in page or "已废止，不再是依据" in page
    assert "本库没有这份制度" in page


def test_the_preview_shows_what_readers_will_see(site: Site) -> None:
    client = member(site)
    page = client.post("/cases/new", data=form(client, do="preview")).text
    shown = page[page.index('id="preview"') :]
    assert "生成二维码" in shown and "四十二名党员分在六个工地。" in shown and waiting(site) == []
    assert client.post("/cases/new", data=form(client, typed={}, do="preview")).status_code == 200


def test_values_outside_the_table_are_refused_and_kept(site: Site) -> None:
    client = member(site)
    answer = client.post("/cases/new", data=form(client, category="胡编", organisations=["火星"]))
    assert answer.status_code == 422 and "胡编" in answer.text and "火星" in answer.text
    answer = client.post("/cases/new", data=form(client, **{"step-action": ["", "", ""]}))
    assert answer.status_code == 422 and "第 1 步没有写" in answer.text
    answer = client.post("/cases/new", data=form(client, title="长" * 61))
    assert answer.status_code == 422 and "61 个字" in answer.text


def test_extra_fields_are_ignored(site: Site) -> None:
    extra = {
        "publication": "published",
        "kind": "policy",
        "author": "别人",
        "moved_to": "x",
        "created": "2000-01-01",
    }
    hand_in(member(site), **extra)
    (entry,) = waiting(site)
    assert (entry.publication, entry.kind, entry.moved_to, entry.created) == ("submitted", "case", "", None)
    assert site.services.submissions.find()[0].author == "member同志"


@pytest.mark.parametrize(
    "bad", ["dues-overdue", "../../etc/passwd", "case-20261121-XYZ", "hb-20261121-00000000"]
)
def test_ids_come_from_the_server_only(site: Site, bad: str) -> None:
    hand_in(member(site), id=bad, number=bad)
    assert re.fullmatch(r"case-\d{8}-[0-9a-f]{8}", waiting(site)[0].id)


def test_sending_twice_makes_one_submission(site: Site) -> None:
    client = member(site)
    data = form(client)
    first, second = (client.post("/cases/new", data=data) for _ in range(2))
    assert first.location == second.location and len(waiting(site)) == 1


def test_without_a_token_nothing_is_saved_and_nothing_is_lost(site: Site) -> None:
    client = member(site)
    answer = client.post("/cases/new", data=form(client, csrf_token="wrong"))
    assert answer.status_code == 400 and waiting(site) == [] and "还没有提交" in answer.text
    assert client.post("/cases/new", data=fields(answer.text)).status_code == 303


def test_a_disk_in_trouble_keeps_the_text_on_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object, data: bytes) -> None:
        raise ContentReadOnly("内容文件夹不能写入")

    client = member(site)
    data = form(client)
    monkeypatch.setattr("kb.pending.durable.write", refuse)
    answer = client.post("/cases/new", data=data)
    assert answer.status_code == 503 and "内容文件夹不能写入" in answer.text and "四十二名党员" in answer.text


def test_too_much_text_is_refused_politely(site: Site) -> None:
    client = member(site)
    assert client.post("/cases/new", data=form(client, **{"s-背景": "长" * 20_001})).status_code == 422
    answer = client.post("/cases/new", data=form(client, **{"s-背景": "长" * 500_000}))
    assert answer.status_code == 413 and "内容太长" in answer.text and "草稿" in answer.text


def test_hostile_text_is_shown_as_typed(site: Site) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:1) ![i](http://e/x.png) **粗** `c` &lt; 5*3*2 ~~"
    names = ("s-背景", "s-成效", "aliases", "factors", "summary", "provenance")
    steps = {f"step-{part}": [hostile] for part in ("action", "detail", "who", "when", "keep")}
    client = member(site)
    page = client.post(
        "/cases/new",
        data=form(client, **dict.fromkeys(names, hostile), **steps, title="x" + hostile[:50], do="preview"),
    ).text
    main = page[page.index("<main") : page.index("</main")]
    for bad in ("<script>", 'href="javascript', "<img", "<strong>粗"):
        assert bad not in main
    assert main.count("**粗** `c` &amp;lt; 5*3*2 ~~") >= 12


# Changes to what is published


@pytest.mark.parametrize("entry_id", ENTRIES)
def test_opening_and_sending_unchanged_changes_nothing(site: Site, entry_id: str) -> None:
    client = member(site)
    page = client.get(f"/entries/{entry_id}/edit").text
    sent = fields(page)
    again = client.post(f"/entries/{entry_id}/edit", data=sent)
    assert again.status_code == 422 and "没有改动任何内容" in again.text
    client.post(f"/entries/{entry_id}/edit", data=sent | {"summary": "改过的一句话。", "why": "更准确"})
    (entry,) = waiting(site)
    published = site.library.get(entry_id)
    assert replace(entry, publication=published.publication) == replace(published, summary="改过的一句话。")


def test_a_change_is_a_proposal_against_the_version_opened(site: Site) -> None:
    client = member(site)
    number = hand_in(client, "/entries/dues-overdue/edit", {"summary": "改过。"})
    submission = site.services.submissions.get(number)
    assert submission.is_change and submission.base == site.library.store.get("dues-overdue").version
    assert site.library.get("dues-overdue").summary != "改过。"


def test_what_is_not_published_cannot_be_opened(site: Site) -> None:
    client = member(site)
    for address in ("/entries/hidden-draft/edit", "/entries/no-such/edit", "/entries/..%2f..%2fetc/edit"):
        assert client.get(address).status_code == 404
    assert client.get("/submissions/s-20261121-00000000/edit").status_code == 404


def test_a_stale_change_shows_both_texts_and_can_be_sent_again(site: Site) -> None:
    client = member(site)
    data = form(client, "/entries/dues-overdue/edit", {"summary": "我的话。"})
    record = site.library.store.get("dues-overdue")
    site.library.save(replace(record.entry, summary="别人的话。"), record.version)
    answer = client.post("/entries/dues-overdue/edit", data=data)
    assert answer.status_code == 409 and waiting(site) == []
    clash = answer.text[
        answer.text.index('id="clash"') : answer.text.index("<form", answer.text.index('id="clash"'))
    ]
    assert "别人的话。" in clash and "我的话。" in clash
    assert client.post("/entries/dues-overdue/edit", data=fields(answer.text)).status_code == 303
    assert site.services.submissions.find()[0].base == site.library.store.get("dues-overdue").version


def test_what_came_back_is_sent_again_by_its_author_only(site: Site) -> None:
    client = member(site)
    number = hand_in(client)
    address = f"/submissions/{number}/edit"
    assert member(site, "other").get(address).status_code == 404
    assert member(site, "other").post(
        address, data=form(client, address, {"title": "抢来的"})
    ).status_code in (400, 404)
    assert hand_in(client, address, {"title": "改好的标题"}) == number
    (entry,) = waiting(site)
    assert entry.title == "改好的标题" and "生成二维码" in entry.body


# What must be looked at first


def test_personal_data_must_be_removed_or_looked_at(site: Site) -> None:
    client = member(site)
    answer = client.post(
        "/cases/new", data=form(client, **{"s-背景": "电话138-1234-5678，身份证11010519491231002X。"})
    )
    assert answer.status_code == 422 and waiting(site) == []
    assert (
        "像手机号" in answer.text
        and "像身份证号" in answer.text
        and "11010519491231002X，" not in answer.text
    )
    mark = re.search(r'name="seen-private" value="(\w+)"', answer.text)
    assert mark
    other = filled(answer.text, {"seen-private": mark[1], "s-成效": "另有一个 13987654321。"})
    assert client.post("/cases/new", data=other).status_code == 422
    assert client.post("/cases/new", data=filled(answer.text, {"seen-private": mark[1]})).status_code == 303


def test_near_duplicates_are_named_once(site: Site) -> None:
    client = member(site)
    answer = client.post("/cases/new", data=form(client, title="党费系统自动提醒和人工催缴结合"))
    assert answer.status_code == 422 and "几乎一样" in answer.text and "仍然提交" in answer.text
    mark = re.search(r'name="seen-alike" value="(\w+)"', answer.text)
    assert (
        mark
        and client.post("/cases/new", data=filled(answer.text, {"seen-alike": mark[1]})).status_code == 303
    )


def test_a_guest_is_asked_to_log_in_and_comes_back(site: Site) -> None:
    guest = site.app.test_client()
    answer = guest.get("/cases/new?problem=dues-overdue")
    assert answer.status_code == 303 and "problem%3Ddues-overdue" in answer.location
    assert guest.get("/lookalikes?title=党费").status_code == 303
    assert site.client(Role.REVIEWER).get("/cases/new").status_code == 200
