"""The start page and the page of results."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer.types import SearchResult
from search_app import asking
from tests.search_app.sites import Site


def page(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.headers.get("Location")
    return answer.text


def test_home_shows_box_examples_counts_and_common_questions(client: FlaskClient) -> None:
    html = page(client, "/")
    assert 'name="q"' in html and "党费逾期没交怎么办" in html
    assert "常见问题" in html and "基本制度" in html and 'href="/problems/dues-overdue"' in html
    assert re.search(r"案例</span>\s*<span class=\"kind-count\">2 条", html)


def test_results_answer_the_question(client: FlaskClient) -> None:
    html = page(client, "/search?q=党费逾期没交怎么办")
    first = html.index('class="hit-title"')
    assert html.index("/problems/dues-overdue") > first
    assert html.index("/problems/dues-overdue") < html.index("/problems/dues-backpay")
    assert 'value="党费逾期没交怎么办"' in html
    assert "<mark>" in html and "为什么找到它" in html and "毫秒" in html
    assert "没有找到合适的答案" not in html
    assert "语义检索没有启用" in html


def test_facets_are_links_with_counts_and_become_removable_chips(client: FlaskClient) -> None:
    html = page(client, "/search?q=党费")
    assert re.search(r'href="/search\?q=%E5%85%9A%E8%B4%B9&amp;kind=case">案例<span class="count">\d+', html)
    narrowed = page(client, "/search?q=党费&kind=case")
    assert 'aria-label="去掉条件：案例"' in narrowed
    assert "/cases/case-dues-auto-remind" in narrowed and 'href="/problems/dues-overdue"' not in narrowed
    assert 'class="chip" href="/search?q=%E5%85%9A%E8%B4%B9"' in narrowed


def test_policy_hits_show_validity_and_cases_their_evidence(client: FlaskClient) -> None:
    html = page(client, "/search?q=纪律处分条例&kind=policy")
    assert "已修订" in html and "现行" in html
    assert "实例" in page(client, "/search?q=党费催缴&kind=case")


def test_no_good_answer_is_said_first(shared_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    search = shared_site.library.search

    def doubtful(*args: Any) -> SearchResult:
        return replace(search(*args), confident=False)

    monkeypatch.setattr(shared_site.library, "search", doubtful)
    html = page(shared_site.app.test_client(), "/search?q=党费")
    assert html.index("没有找到合适的答案") < html.index("可能相关") < html.index('class="hit"')
    assert "没有对得上的" in html and "找到 " not in html.split("没有找到合适的答案")[0]
    assert 'href="/cases/new">写成一个案例' in html


def test_nothing_found_at_all(client: FlaskClient) -> None:
    html = page(client, "/search?q=？？？&kind=case")
    assert "找到 0 条" in html and "没有找到合适的答案" in html and "可能相关" not in html
    assert "去掉筛选条件" in html


def test_repair_is_announced_and_can_be_undone(client: FlaskClient) -> None:
    html = page(client, "/search?q=黨費逾期")
    assert "已按『" in html and "仍搜『黨費逾期』" in html and "off=script" in html
    assert "已按『" not in page(client, "/search?q=黨費逾期&off=script")


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/search", "/browse"),
        ("/search?q=", "/browse"),
        ("/search?q=%20&kind=case", "/browse/case"),
        ("/search?q=&kind=case&category=基本制度", "/browse/case?category=%E5%9F%BA"),
        ("/search?kind=nonsense", "/browse"),
    ],
)
def test_empty_query_leads_to_browsing(client: FlaskClient, address: str, target: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302 and answer.headers["Location"].startswith(target)


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 10_000,
        "？！。，、",
        '"',
        '"党费',
        "“党费”",
        "党费 AND OR (",
        "*",
        "[[[",
        "\x00\x01",
        "😀",
        "%",
        "{{7*7}}",
    ],
)
def test_nothing_typed_is_an_error(client: FlaskClient, typed: str) -> None:
    answer = client.get("/search", query_string={"q": typed})
    assert answer.status_code == 200
    assert "49" not in answer.text or typed != "{{7*7}}"


@pytest.mark.parametrize("odd", ["page=0", "page=-3", "page=x", "page=99999999999", "size=1e9", "off=,,x"])
def test_odd_parameters_count_as_absent(client: FlaskClient, odd: str) -> None:
    assert client.get(f"/search?q=党费&{odd}", follow_redirects=True).status_code == 200


def test_page_past_the_end_goes_to_the_last(client: FlaskClient) -> None:
    answer = client.get("/search?q=党费&page=90")
    assert answer.status_code == 302 and "page=90" not in answer.headers["Location"]


def test_typed_markup_stays_text(client: FlaskClient) -> None:
    html = page(client, "/search?q=<script>alert(9)</script>尖括号暗号")
    assert "<script>alert" not in html and "<b>" not in html and "<img" not in html


def test_drafts_reach_nobody(client: FlaskClient) -> None:
    assert "hidden-draft" not in page(client, "/search?q=草稿暗号三七二十一")


def test_page_numbers_keep_ends_and_neighbours() -> None:
    assert asking.page_numbers(1, 1) == (1,)
    assert asking.page_numbers(1, 3) == (1, 2, 3)
    assert asking.page_numbers(6, 12) == (1, 0, 4, 5, 6, 7, 8, 0, 12)
