"""What a new form starts with: the problem, the clause or the question whose page led to it."""

from __future__ import annotations

import pytest

from tests.search_app.giving import emptied, fields, hand_in, member
from tests.search_app.sites import Site, make_site

ADDRESS = "/cases/new?problem=dues-overdue&rule=dues-regulation%2312"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One site for this file."""
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def site(made: Site) -> Site:
    """That site, with nothing handed in yet."""
    emptied(made)
    return made


def test_the_form_shows_what_the_case_will_be_linked_to(site: Site) -> None:
    page = member(site).get(ADDRESS).text
    assert "党员逾期没有缴纳党费怎么办" in page and "第十二条" in page
    sent = fields(page)
    assert sent["related"] == ["dues-overdue"]
    assert (sent["cite-policy"], sent["cite-article"]) == (["dues-regulation"], ["12"])
    assert sent["evidence"] == ["实例"] and len(sent["step-action"]) == 3


@pytest.mark.parametrize(
    "query",
    [
        "problem=hidden-draft",
        "problem=hb-dues",
        "rule=dues-regulation",
        "rule=dues-regulation%23999",
        "rule=%3Cb%23",
    ],
)
def test_what_is_not_there_is_left_out(site: Site, query: str) -> None:
    sent = fields(member(site).get(f"/cases/new?{query}").text)
    assert "related" not in sent and "cite-policy" not in sent


def test_the_links_travel_with_the_submission(site: Site) -> None:
    number = hand_in(member(site), ADDRESS)
    case = site.services.pending.get(number)
    assert case.related == ("dues-overdue",) and [c.ref for c in case.citations] == ["dues-regulation#12"]


def test_a_question_becomes_the_beginning_of_a_problem(site: Site) -> None:
    client = member(site)
    address = "/problems/new?title=老赵三个月没来开会&description=打电话不接&question=q-20261121-00000001"
    page = client.get(address).text
    sent = fields(page)
    assert sent["title"] == ["老赵三个月没来开会"] and "打电话不接" in sent["s-text"]
    typed = {"category": "基本队伍", "source": "反馈", "s-解决建议": "先联系上。"}
    number = hand_in(client, address, typed)
    assert "q-20261121-00000001" in site.services.submissions.get(number).why
