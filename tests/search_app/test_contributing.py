"""Adding a case: what is typed is kept, checked, saved as a file, and found."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from kb import markdown, schema
from kb.errors import ContentReadOnly, SetupError
from kb.types import Entry
from search_app import case_form
from tests.search_app.sites import Site

TODAY = date(2026, 11, 21)
GOOD: dict[str, Any] = {
    "title": "用一人一码记工地党员的学习",
    "category": "基本制度",
    "organisations": ["国有企业", "机关"],
    "tags": "二维码、学习台账，补课",
    "aliases": "工地上党员学习没人记怎么弄\n外出党员补课没台账",
    "factors": "党员分散在多个工地",
    "background": "四十二名党员分在六个工地。\n集中学习到不齐。",
    "step-action": ["生成二维码", "", "月末核对"],
    "step-detail": ["学习前一天发到群里", "", ""],
    "step-who": ["组织委员", "", "支部书记"],
    "step-when": ["学习前一天", "", ""],
    "step-keep": ["扫码记录", "", ""],
    "result": "补学记录人人有。",
    "lessons": "二维码要当天失效。",
    "origin": "本支部学习台账。",
}


def form(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    """A filled form with the token and id the page gave out."""
    html = client.get("/cases/new").text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', html))
    assert hidden.keys() == {"csrf_token", "id"}
    return GOOD | hidden | changes


def saved_files(site: Site) -> list[Path]:
    return sorted((site.config.local / "cases").glob("*.md"))


def test_the_form_has_labels_examples_and_five_rows(client: FlaskClient) -> None:
    html = client.get("/cases/new").text
    for label in [
        "标题",
        "类别",
        "适用组织",
        "背景",
        "主要做法",
        "成效",
        "经验教训",
        "来源说明",
        "别人会怎么问",
    ]:
        assert label in html
    assert html.count('name="step-action"') == 5 and html.count("例如：") > 8


def test_a_case_is_saved_as_a_file_and_found_at_once(site: Site) -> None:
    client = site.app.test_client()
    answer = client.post("/cases/new", data=form(client))
    assert answer.status_code == 303
    assert re.fullmatch(r"/cases/case-\d{8}-[0-9a-f]{8}", answer.headers["Location"])
    html = client.get(answer.headers["Location"]).text
    assert "用一人一码记工地党员的学习" in html and "生成二维码" in html and "党员分散在多个工地" in html
    assert "工地上党员学习" not in html
    (path,) = saved_files(site)
    assert path.stem == answer.headers["Location"].split("/")[-1]
    found = client.get("/search?q=工地上党员学习没人记怎么弄").text
    assert f"/cases/{path.stem}" in found


def test_what_is_missing_is_said_and_nothing_typed_is_lost(site: Site) -> None:
    client = site.app.test_client()
    answer = client.post("/cases/new", data=form(client, title="", category="", background=""))
    assert answer.status_code == 422 and saved_files(site) == []
    html = answer.text
    assert "还不能保存，请看下面 3 处" in html and 'href="#f-title"' in html and 'aria-invalid="true"' in html
    for typed in ("外出党员补课没台账", "学习前一天发到群里", "要当天失效。", "学习台账，补课", "扫码记录"):
        assert typed in html
    assert html.count(" checked") == 2


def test_values_outside_the_table_are_refused(site: Site) -> None:
    client = site.app.test_client()
    answer = client.post("/cases/new", data=form(client, category="胡编", organisations=["火星"]))
    assert answer.status_code == 422 and "胡编" in answer.text and "火星" in answer.text
    answer = client.post("/cases/new", data=form(client, **{"step-action": ["", "", ""]}))
    assert answer.status_code == 422 and "第 1 步没有写" in answer.text
    answer = client.post("/cases/new", data=form(client, title="长" * 61))
    assert answer.status_code == 422 and "61 个字" in answer.text


def test_extra_fields_are_ignored(site: Site) -> None:
    client = site.app.test_client()
    extra = {"publication": "draft", "evidence": "论文主张", "kind": "policy", "provenance": "中央文件"}
    answer = client.post("/cases/new", data=form(client, **extra))
    entry = site.library.get(answer.headers["Location"].split("/")[-1])
    assert (entry.publication, entry.evidence, entry.kind) == ("published", "实例", "case")
    assert entry.provenance == "读者在网页上提交"


@pytest.mark.parametrize("bad", ["dues-overdue", "../../etc/passwd", "case-20261121-XYZ", "", "case-1"])
def test_ids_come_from_the_server_only(site: Site, bad: str) -> None:
    client = site.app.test_client()
    answer = client.post("/cases/new", data=form(client, id=bad))
    assert answer.status_code == 303
    assert re.fullmatch(r"case-\d{8}-[0-9a-f]{8}\.md", saved_files(site)[0].name)


def test_sending_twice_makes_one_case(site: Site) -> None:
    client = site.app.test_client()
    data = form(client)
    first, second = (client.post("/cases/new", data=data) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] and len(saved_files(site)) == 1


def test_sending_other_text_with_the_same_form_loses_neither(site: Site) -> None:
    client = site.app.test_client()
    data = form(client)
    client.post("/cases/new", data=data)
    answer = client.post("/cases/new", data=data | {"background": "改过的背景文字"})
    assert answer.status_code == 409 and "改过的背景文字" in answer.text
    fresh = re.search(r'name="id" value="([^"]+)"', answer.text)
    assert fresh and fresh[1] != data["id"]
    again = client.post("/cases/new", data=data | {"background": "改过的背景文字", "id": fresh[1]})
    assert again.status_code == 303 and len(saved_files(site)) == 2


def test_without_a_token_nothing_is_saved_and_nothing_is_lost(site: Site) -> None:
    client = site.app.test_client()
    answer = client.post("/cases/new", data=form(client, csrf_token="wrong"))
    assert answer.status_code == 400 and saved_files(site) == []
    assert "四十二名党员" in answer.text and "还没有保存" in answer.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert token and client.post("/cases/new", data=form(client, csrf_token=token[1])).status_code == 303


def test_a_disk_in_trouble_keeps_the_text_on_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(entry: Entry, expected: str | None) -> None:
        raise ContentReadOnly("内容文件夹不能写入")

    monkeypatch.setattr(site.library, "save", refuse)
    client = site.app.test_client()
    answer = client.post("/cases/new", data=form(client))
    assert answer.status_code == 503
    assert "没有保存：内容文件夹不能写入" in answer.text and "四十二名党员" in answer.text


def test_an_index_in_trouble_after_saving_says_that_the_text_is_safe(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise SetupError("索引写不进")

    monkeypatch.setattr(site.library, "refresh", refuse)
    client = site.app.test_client()
    answer = client.post("/cases/new", data=form(client))
    assert answer.status_code == 503 and "不用再存一次" in answer.text and len(saved_files(site)) == 1


def test_too_much_text_is_refused_politely(site: Site) -> None:
    client = site.app.test_client()
    assert client.post("/cases/new", data=form(client, background="长" * 20_001)).status_code == 422
    answer = client.post("/cases/new", data=form(client, background="长" * 500_000))
    assert answer.status_code == 413 and "内容太长" in answer.text


def test_hostile_text_is_shown_as_typed(site: Site) -> None:
    client = site.app.test_client()
    hostile = "<script>alert(1)</script> [x](javascript:1) ![i](http://e/x.png) **粗** `c` &lt; 5*3*2 ~~"
    names = ("title", "background", "result", "aliases", "factors", "tags", "summary")
    steps = {f"step-{part}": [hostile] for part in case_form.STEP_PARTS}
    answer = client.post(
        "/cases/new",
        data=form(client, **dict.fromkeys(names, hostile), **steps) | {"title": "x" + hostile[:50]},
    )
    html = client.get(answer.headers["Location"]).text
    main = html[html.index("<main") : html.index("</main")]
    for bad in ("<script", 'href="javascript', "<img", "<strong>粗"):
        assert bad not in main
    assert main.count("**粗** `c` &amp;lt; 5*3*2 ~~") >= 7


def draft_of(text: str) -> Entry:
    sent = MultiDict([(k, v) for k, vs in GOOD.items() for v in ([vs] if isinstance(vs, str) else vs)])
    sent.setlist("background", [text])
    for part in case_form.STEP_PARTS:
        sent.setlist(f"step-{part}", ["做" + text if part == "action" else text])
    entry, findings = case_form.to_entry(case_form.read(sent, TODAY), TODAY)
    assert entry is not None, findings
    return entry


PRINTABLE = st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn", "Zl", "Zp"])
LINES = st.text(PRINTABLE, min_size=1, max_size=40)
SIGNS = st.text(st.sampled_from("#=-+*_`[]()<>&~|\\!.1 党\n"), min_size=1, max_size=40)


@given(SIGNS | LINES)
def test_any_text_survives_the_way_through_the_file(typed: str) -> None:
    """What a reader sees is what was typed, whatever Markdown would make of it; the file reads back."""
    entry = draft_of(typed + "。")
    again, findings = schema.parse(schema.dump(entry).encode())
    assert again == entry and not findings
    headings = [part.heading for part in markdown.sections(entry.body)]
    assert headings == ["背景", "主要做法", "成效", "经验教训", "来源"]
    (step,) = markdown.parse_steps(markdown.section(entry.body, "主要做法"))
    line = " ".join((typed + "。").split())
    assert squeeze(markdown.plain(step.action)) == squeeze("做" + line)
    assert squeeze(markdown.plain(step.detail)) == squeeze(line)


def squeeze(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("一行\n又一行", "<p>一行</p>\n<p>又一行</p>\n"),
        ("- 甲\n- 乙", "<ul>\n<li>甲</li>\n<li>乙</li>\n</ul>\n"),
        ("1. 甲\n2. 乙", "<ol>\n<li>甲</li>\n<li>乙</li>\n</ol>\n"),
        ("# 不是标题", "<p># 不是标题</p>\n"),
        ("标题\n---", "<p>标题</p>\n<p>---</p>\n"),
        ("标题\n===", "<p>标题</p>\n<p>===</p>\n"),
        ("2026.11.21 开会", "<p>2026.11.21 开会</p>\n"),
        ("    缩进", "<p>缩进</p>\n"),
        ("```\n围栏", "<p>```</p>\n<p>围栏</p>\n"),
        ("5*3*2", "<p>5*3*2</p>\n"),
    ],
)
def test_typed_text_as_markdown(typed: str, html: str) -> None:
    assert markdown.to_html(case_form.to_markdown(typed), lambda link: "") == html


def test_a_question_without_answer_is_kept_for_the_curators_and_shown_to_nobody(site: Site) -> None:
    question = "外星人火锅底料怎么炒"
    client = site.app.test_client()
    page = client.get("/search", query_string={"q": question}).text
    assert "没有找到合适的答案" in page
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    answer = client.post("/ask", data={"csrf_token": token, "question": question})
    assert answer.status_code == 303 and answer.location.endswith("/asked")
    assert "问题已收到" in client.get("/asked").text
    found = [record.entry for record in site.library.store.records()[0] if record.local]
    [kept] = [entry for entry in found if entry.id.startswith("question-")]
    assert (kept.title, kept.publication) == (question, "submitted")
    assert kept.id not in site.library.snapshot.entries
    assert all(hit.id != kept.id for hit in site.library.search(question).hits)


def test_an_empty_question_is_not_kept(site: Site) -> None:
    client = site.app.test_client()
    page = client.get("/search", query_string={"q": "外星人火锅"}).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    assert client.post("/ask", data={"csrf_token": token, "question": " "}).location.endswith("/")
    assert not (site.config.local / "issues").exists() or not list((site.config.local / "issues").iterdir())
