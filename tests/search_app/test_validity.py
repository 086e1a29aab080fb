"""Versions side by side, 按当时规定, the official text beside the digest, and what is out of date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search_app import fulltext
from tests.search_app.sites import Site

TEXT = """中国共产党党费办法

第一条　交纳基数按经常性收入计算，扣除规定项目。

第十二条　党员按月交纳。
有特殊情况的，可以按季交纳：
（一）本人提出；
（二）支部同意。

第九十九条　自发布之日起施行。
"""


@pytest.fixture
def whole(whole_site: Site) -> FlaskClient:
    return whole_site.app.test_client()


def page(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.text


def test_two_versions_side_by_side_say_that_they_are_digests(client: FlaskClient) -> None:
    html = page(client, "/policies/discipline-2023/versions")
    assert (
        "两边都是本库的摘要，不是原文" in html and "条号变了" in html and "只是条号相同，内容对不上" in html
    )
    moved = html[html.index("第八十条 违规发展党员") :]
    assert moved.index("第八十九条 违规发展党员") < 1500 and "<mark>" in moved
    assert "不能因此断定是新增的" in html and "2018年10月1日起施行，2024年1月1日起被取代" in html
    assert page(client, "/policies/discipline-2018/versions") == html.replace(
        "/policies/discipline-2023/versions", "/policies/discipline-2018/versions"
    )


def test_a_policy_alone_says_so(client: FlaskClient) -> None:
    assert "没有可以对照的" in page(client, "/policies/dues-regulation/versions")
    assert client.get("/policies/dues-overdue/versions").status_code == 404
    assert client.get("/policies/nope/versions").status_code == 404


@pytest.mark.parametrize(
    "query", ["old=nope&new=x", "old=discipline-2023", "page=99", "page=x", "endpoint=y&_anchor=z"]
)
def test_odd_addresses_give_the_same_page(client: FlaskClient, query: str) -> None:
    assert "新旧对照" in page(client, f"/policies/discipline-2023/versions?{query}")


def test_the_version_of_a_day(whole: FlaskClient) -> None:
    html = page(whole, "/then?on=2020年5月1日")
    assert "发展党员工作细则（2014年）" in html and "施行日期未收录，不能判断" in html
    assert "发展党员工作细则（2026年修订）" not in html[html.index("有效的制度") :]


def test_a_clause_is_followed_to_what_it_was_then(whole: FlaskClient) -> None:
    html = page(whole, "/then?on=2020-05-01&policy=development-2026&article=13")
    assert "摘录一 发展对象报上级备案" in html and "请核对" in html and "当时有效" in html
    html = page(whole, "/then?on=2020-05-01&policy=development-2026&article=31")
    assert "当时条文未收录" in html and "第三十一条" in html
    html = page(whole, "/then?on=1990-01-01&policy=development-2026&article=31")
    assert "当时条文未收录" in html and "早于本库收录的最早文本" in html
    html = page(whole, "/then?on=2026-08-01&policy=development-2014&article=x1")
    assert "第十三条 列为发展对象" in html


@pytest.mark.parametrize(
    "query",
    ["", "on=昨天", "on=2020-02-30", "policy=nope&article=%3Cb%3E", "on=2020-01-01&policy=dues-overdue"],
)
def test_anything_may_be_typed_as_a_day(client: FlaskClient, query: str) -> None:
    html = page(client, f"/then?{query}")
    assert ("日期没有看懂" in html) == (query in ("on=昨天", "on=2020-02-30")) and "<b>" not in html


def test_everything_that_rests_on_an_old_text_is_listed(client: FlaskClient, whole: FlaskClient) -> None:
    html = page(client, "/validity")
    assert "/problems/hostile" in html and ">要改<" in html and "/policies/discipline-2023/versions" in html
    html = page(whole, "/validity")
    old = html[html.index("引用《中国共产党发展党员工作细则（2014年）》") :]
    assert "/problems/candidate-selection" in old and "历史依据（有意引用）" in old and "正文里的链接" in old


def test_a_citation_of_an_old_text_names_what_applies_today(whole: FlaskClient) -> None:
    html = page(whole, "/problems/candidate-selection")
    rule = html[html.index("摘录一") :]
    assert rule.index("已失效") < rule.index('href="/policies/development-2026#a13"') < rule.index("</li>")
    assert 'href="/then?policy=development-2014&amp;article=x1"' in rule


def test_a_link_in_the_words_is_marked_where_it_stands(whole: FlaskClient) -> None:
    html = page(whole, "/problems/candidate-selection")
    notes = html[html.index('id="s-注意事项"') :]
    assert re.search(
        r'href="/policies/development-2014"[^>]*>旧版细则</a><span class="badge over">已失效</span>', notes
    )
    assert "development-2026#a13" not in "".join(
        re.findall(r'<a href="[^"]*"[^>]*>[^<]*</a><span class="badge over">', html)
    )


def test_the_official_text_stands_beside_the_digest(site: Site) -> None:
    client = site.app.test_client()
    assert "附上正式全文" in page(client, "/policies/dues-regulation")
    assert client.get("/policies/dues-regulation/text").status_code == 404
    path = fulltext.path_of(site.config.local, "dues-regulation")
    path.parent.mkdir(parents=True)
    path.write_text(TEXT, encoding="gb18030")
    assert 'href="/policies/dues-regulation/text"' in page(client, "/policies/dues-regulation")
    html = page(client, "/policies/dues-regulation/text")
    row = html[html.index('id="a12"') : html.index('id="a99"')]
    assert "本库摘要" in row and "正式全文" in row and "（二）支部同意。" in row and "#a12" in row
    assert "本库没有摘要这一条" in html[html.index('id="a99"') :] and "对不上条号的摘要" in html
    path.write_text(TEXT.replace("按月交纳", "改了的话"), encoding="utf-8")
    assert "改了的话" in page(client, "/policies/dues-regulation/text")


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", "只有一句中国话没有条文的文件内容。".encode()])
def test_a_text_that_cannot_be_read_says_why(site: Site, raw: bytes) -> None:
    path = fulltext.path_of(site.config.local, "dues-regulation")
    path.parent.mkdir(parents=True)
    path.write_bytes(raw)
    html = page(site.app.test_client(), "/policies/dues-regulation/text")
    assert html.count('class="notice"') == 2


def test_texts_lie_in_the_local_folder_only(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text(TEXT, encoding="utf-8")
    folder = tmp_path / "local" / "fulltext"
    folder.mkdir(parents=True)
    (folder / "dues-regulation.txt").symlink_to(tmp_path / "outside.txt")
    assert fulltext.attached(tmp_path / "local", "dues-regulation") is None
    for bad in ("../../outside", "a/b", "", "CON"):
        with pytest.raises(ValueError, match="not an id"):
            fulltext.path_of(tmp_path, bad)


def test_two_attached_texts_are_compared_instead_of_the_digests(site: Site) -> None:
    folder = fulltext.path_of(site.config.local, "discipline-2018").parent
    folder.mkdir(parents=True)
    for name, days in (("discipline-2018", "三日"), ("discipline-2023", "五日")):
        text = "".join(f"第{n}条　规矩之{n}要在{days}内办完。\n\n" for n in "一二三")
        (folder / f"{name}.txt").write_text(f"纪律条例\n\n{text}", encoding="utf-8")
    html = page(site.app.test_client(), "/policies/discipline-2023/versions")
    assert "正式全文，由程序按条对照" in html and "只在这一边：五日" in html and html.count("条号相同") == 3
