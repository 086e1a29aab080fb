"""Leaving with a paper: who gets which file, and the short form."""

from __future__ import annotations

import io
import re
import time
from urllib.parse import unquote

import docx
import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from kb.types import Entry, Kind
from search_app import paper_form
from tests.search_app.sites import Site

REQUEST = "/handbook/hb-election/papers/1"


def words(answer: TestResponse) -> str:
    assert answer.status_code == 200 and answer.mimetype.endswith("wordprocessingml.document")
    opened = docx.Document(io.BytesIO(answer.data))
    cells = (cell.text for table in opened.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in opened.paragraphs), *cells])


def name_of(answer: TestResponse) -> str:
    return unquote(answer.headers["Content-Disposition"].split("UTF-8''")[1])


def token(client: FlaskClient, url: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(url).text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/problems/dues-backpay/export.docx", "列出所欠月份"),
        ("/handbook/hb-election/export.docx", "关于召开党员大会换届选举的请示"),
        ("/cases/case-dues-auto-remind/export.docx", "什么条件下可以照做"),
        ("/policies/discipline-2018/export.docx", "不能再作为办事依据"),
    ],
)
def test_every_kind_of_entry_has_a_hand_out(client: FlaskClient, url: str, said: str) -> None:
    answer = client.get(url)
    text = words(answer)
    assert said in text and f"http://localhost/e/{url.split('/')[2]}" in text
    assert name_of(answer).endswith(".docx") and "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "url",
    [
        "/problems/hidden-draft/export.docx",
        "/cases/dues-backpay/export.docx",
        "/nothing/dues-backpay/export.docx",
        "/handbook/hb-election/papers/0",
        "/handbook/hb-election/papers/99",
        "/handbook/hidden-draft/papers/1",
    ],
)
def test_what_readers_cannot_see_has_no_file(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 404


def test_a_hostile_title_makes_a_harmless_name(client: FlaskClient) -> None:
    assert name_of(client.get("/problems/hostile/export.docx")) == "script alert(1) script 恶意标题.docx"


def test_the_form_has_a_field_for_each_blank_and_a_preview(client: FlaskClient) -> None:
    html = client.get(REQUEST).text
    assert '<label for="b0">上级党组织名称</label>' in html and "成文日期" in html
    assert html.count("<label for=") == html.count(' name="b') and "required" not in html
    preview = html[html.index('class="sheet"') :]
    assert "【党支部名称】" in preview and "关于召开党员大会换届选举的请示" in preview


def test_filled_then_previewed_then_taken_away(client: FlaskClient) -> None:
    typed = {
        "csrf_token": token(client, REQUEST),
        "b0": "<b>某党委</b>",
        "b1": "一\x0b支部",
        "b2": "2023-12-01",
    }
    html = client.post(REQUEST, data=typed | {"as": "preview"}).text
    assert "&lt;b&gt;某党委&lt;/b&gt;：" in html and 'value="2023年12月1日"' in html and "<b>某" not in html
    answer = client.post(REQUEST, data=typed | {"as": "word"})
    text = words(answer)
    assert "<b>某党委</b>：" in text and "本届一支部委员会于2023年12月1日选举产生" in text
    assert "【届满日期】" in text and name_of(answer) == "关于召开党员大会换届选举的请示.docx"


def test_nothing_is_made_without_a_token(shared_site: Site) -> None:
    assert shared_site.app.test_client().post(REQUEST, data={"as": "word"}).status_code == 400


def test_the_overview_lists_what_can_be_taken_away(client: FlaskClient) -> None:
    html = client.get("/papers").text
    assert f'href="{REQUEST}"' in html and 'href="/papers/handbook.docx"' in html
    assert 'name="id" value="case-dues-auto-remind"' in html and "hidden-draft" not in html


def test_the_whole_handbook_is_one_file(client: FlaskClient) -> None:
    text = words(client.get("/papers/handbook.docx"))
    assert text.index("目　录") < text.index("共 2 个流程") or "共 2 个流程" in text
    assert text.count("党支部委员会换届选举工作流程") >= 2, "in the contents and as a heading"


def test_chosen_cases_are_one_file_and_nothing_else_is_in_it(client: FlaskClient) -> None:
    text = words(client.get("/papers/cases.docx?id=case-dues-auto-remind&id=hidden-draft&id=dues-backpay"))
    assert "共 1 个案例" in text and "党费系统自动提醒" in text and "草稿暗号" not in text
    answer = client.get("/papers/cases.docx?id=hidden-draft")
    assert answer.status_code == 302 and "还没有选案例" in client.get(answer.headers["Location"]).text


def test_the_problem_list_follows_the_filters_of_the_browsing_page(client: FlaskClient) -> None:
    def ids(url: str) -> list[str]:
        found = load_workbook(io.BytesIO(client.get(url).data)).worksheets[0]
        return [str(row[0]) for row in found.iter_rows(min_row=2, values_only=True)]

    every = ids("/papers/problems.xlsx")
    assert len(every) == 6 and "hidden-draft" not in every
    assert ids("/papers/problems.xlsx?category=基本组织") == ["election-quorum"]
    page = client.get("/browse/problem?category=基本组织").text
    link = re.search(r'href="(/papers/problems\.xlsx\?[^"]+)"', page)
    assert link and ids(link[1].replace("&amp;", "&")) == ["election-quorum"]


def test_entry_pages_offer_their_papers(client: FlaskClient) -> None:
    html = client.get("/handbook/hb-election").text
    assert 'href="/handbook/hb-election/export.docx"' in html and html.count('class="paper-fill"') == 5
    assert f'href="{REQUEST}"' in html and "，20" in html[html.index("打印自") :]


@pytest.mark.parametrize("line", ["```x", "~~~x", "`" * 900 + "x"])
def test_code_blocks_without_end_take_no_time(line: str) -> None:
    body = "## 模板\n\n### 请示\n\n" + f"{line}\n" * (150_000 // len(line))
    started = time.perf_counter()
    form = paper_form.read(Entry("hb-x", Kind.HANDBOOK, "流程", body=body), 1, {})
    assert form.name == "请示" and time.perf_counter() - started < 4


def test_a_template_is_what_stands_in_the_first_code_block() -> None:
    body = "## 模板\n\n### 请示\n\n说明。\n\n~~~text\n关于【事项】的请示\n```\n~~~~ \n\n后记"
    form = paper_form.read(Entry("hb-x", Kind.HANDBOOK, "流程", body=body), 1, {})
    assert [field.blank.name for field in form.fields] == ["事项"]
    assert "说明" not in str(form.paper) and "后记" not in str(form.paper)
