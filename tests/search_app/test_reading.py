"""The pages of the four kinds, and browsing."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.search_app.sites import Site


def page(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.text


def test_problem_answers_then_lists_steps_rules_and_neighbours(client: FlaskClient) -> None:
    html = page(client, "/problems/dues-backpay")
    headings = [
        "问题描述",
        "原因分析",
        "解决建议",
        "实施步骤",
        "注意事项",
        "政策依据",
        "相关流程",
        "相邻问题",
    ]
    order = ['class="answer"', *headings]
    body = html[html.index("<article") :]
    at = [body.index(part) for part in order]
    assert at == sorted(at)
    assert body.count('type="checkbox"') == 6 and "责任人" in body and "留痕材料" in body
    assert 'href="/policies/dues-regulation#a12"' in body and "第十二条" in body and "据条文摘录" in body
    assert "政策依据说明" not in body and "期限和支部同意的要求来自" in body
    assert "2026年11月20日" in body and "本库整理" in body
    assert 'href="/problems/dues-six-months"' in body and 'href="/handbook/hb-dues"' in body


def test_citation_of_a_superseded_policy_says_so(client: FlaskClient) -> None:
    html = page(client, "/problems/hostile")
    assert "已失效" in html and "制度未收录" in html and 'href="/policies/discipline-2018#a6"' in html


def test_what_entries_contain_never_becomes_markup(client: FlaskClient) -> None:
    html = page(client, "/problems/hostile")
    main = html[html.index("<main") : html.index("</main")]
    for bad in ("<script", "<img", "<u>", "<em>书记", "<i>旧规", "javascript:alert", ">49<"):
        assert bad not in main.replace('href="javascript', "!!") or bad == "javascript:alert"
    assert 'href="javascript' not in main and "{{ 7*7 }}" in main
    assert "&lt;script&gt;alert(1)&lt;/script&gt;恶意标题" in main


def test_links_to_what_readers_cannot_see_are_plain_words(client: FlaskClient) -> None:
    html = page(client, "/problems/hostile")
    assert "死链接" in html and "hidden-draft" not in html and 'href=""' not in html
    assert '<a href="/policies/dues-regulation#a12" rel="noopener noreferrer">活链接</a>' in html


def test_text_before_the_first_step_is_kept(client: FlaskClient) -> None:
    html = page(client, "/problems/hostile")
    assert html.index("先看清楚再动手。") < html.index('class="steps"')


def test_policy_in_force(client: FlaskClient) -> None:
    html = page(client, "/policies/dues-regulation")
    assert 'class="banner good"' in html and "现行有效" in html and "不是原文" in html
    assert 'id="a12"' in html and "中组发〔2008〕3号" in html
    article = html[html.index('id="a12"') :]
    assert "个条目以此为依据" in article and "/problems/dues-backpay" in article


def test_policy_superseded_leads_to_its_successor(client: FlaskClient) -> None:
    html = page(client, "/policies/discipline-2018")
    banner = html[html.index('class="banner over"') :]
    assert "已修订" in banner and banner.index('href="/policies/discipline-2023"') < banner.index("</div>")


def test_case_says_what_kind_of_evidence_it_is(client: FlaskClient) -> None:
    html = page(client, "/cases/case-dues-auto-remind")
    assert "实例" in html and "实际这样做过" in html and "五个聚焦推动基层党建基础提升行动" in html
    assert "党员多、分散" in html and "它回答的问题" in html and 'type="checkbox"' not in html


def test_handbook_has_steps_questions_and_templates(client: FlaskClient) -> None:
    html = page(client, "/handbook/hb-election")
    assert html.count('type="checkbox"') == 22 and '<details class="question" open' in html
    assert "<pre>" in html and "【党支部名称】" in html and "<table>" in html and "style=" not in html


@pytest.mark.parametrize(
    ("short", "target"),
    [
        ("/e/dues-backpay", "/problems/dues-backpay"),
        ("/e/hb-dues", "/handbook/hb-dues"),
        ("/e/case-dues-auto-remind", "/cases/case-dues-auto-remind"),
        ("/e/dues-regulation", "/policies/dues-regulation"),
        ("/cases/dues-backpay", "/problems/dues-backpay"),
    ],
)
def test_short_and_wrong_addresses_lead_to_the_page(client: FlaskClient, short: str, target: str) -> None:
    answer = client.get(short)
    assert answer.status_code == 302 and answer.headers["Location"] == target


@pytest.mark.parametrize(
    "bad", ["/problems/nope", "/e/nope", "/problems/hidden-draft", "/e/..%2f..%2fetc%2fpasswd", "/browse/x"]
)
def test_missing_pages_say_so_in_chinese(client: FlaskClient, bad: str) -> None:
    answer = client.get(bad)
    assert answer.status_code == 404 and "没有" in answer.text and 'name="q"' in answer.text


def test_overview_and_browsing_count_what_is_published(client: FlaskClient) -> None:
    assert 'href="/browse/problem?category=' in page(client, "/browse")
    html = page(client, "/browse/problem")
    assert "6 条" in html and "hidden-draft" not in html
    only = page(client, "/browse/problem?category=基本组织")
    assert "/problems/election-quorum" in only and "/problems/dues-backpay" not in only
    assert 'aria-current="true"' in only


def test_browsing_with_nothing_left_offers_a_way_back(client: FlaskClient) -> None:
    html = page(client, "/browse/policy?validity=已废止")
    assert "没有符合条件的条目" in html and 'href="/browse/policy"' in html


def test_a_file_changed_by_hand_is_picked_up(site: Site, tmp_path: Path) -> None:
    client = site.app.test_client()
    path = tmp_path / "content/issues/dues-backpay.md"
    text = path.read_text(encoding="utf-8").replace("有没有滞纳金", "手改的新问法")
    path.write_text(text, encoding="utf-8")
    site.library._checked = float("-inf")
    assert "/problems/dues-backpay" in page(client, "/search?q=手改的新问法")
