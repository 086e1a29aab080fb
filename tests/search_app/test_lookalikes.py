"""Entries that look like one being written."""

from __future__ import annotations

import pytest

from kb.types import Entry, Kind
from search_app import lookalikes
from search_app.access import Role
from tests.search_app.sites import Site


@pytest.mark.parametrize(
    "title", ["党员逾期没交党费怎么办", "逾期没有缴纳党费怎么办？", "  党员逾期没有缴纳党费咋办"]
)
def test_the_same_worry_in_other_words_is_found(shared_site: Site, title: str) -> None:
    first, *_ = lookalikes.near(title, shared_site.library, Kind.PROBLEM)
    assert first.entry.id == "dues-overdue"


@pytest.mark.parametrize("title", ["", "党费", "外星人火锅底料怎么炒", "？？？？？？"])
def test_what_looks_like_nothing_finds_nothing(shared_site: Site, title: str) -> None:
    assert lookalikes.near(title, shared_site.library, Kind.CASE) == ()


def test_an_alias_counts_and_an_entry_is_not_its_own_twin(shared_site: Site) -> None:
    library = shared_site.library
    asked = library.get("dues-overdue").aliases[0]
    assert lookalikes.near(asked, library, Kind.PROBLEM)[0].name == asked
    assert lookalikes.twins(Entry("x", Kind.PROBLEM, asked), library)[0].entry.id == "dues-overdue"
    assert lookalikes.twins(library.get("dues-overdue"), library) == ()
    assert lookalikes.twins(Entry("x", Kind.HANDBOOK, asked), library) == ()


def test_two_editions_of_a_regulation_are_two(shared_site: Site) -> None:
    edition = shared_site.library.get("discipline-2023")
    assert lookalikes.twins(edition, shared_site.library) == ()
    again = Entry("x", Kind.POLICY, edition.title)
    assert [like.entry.id for like in lookalikes.twins(again, shared_site.library)] == ["discipline-2023"]


def test_the_page_asks_for_a_piece_of_html(shared_site: Site) -> None:
    client = shared_site.client(Role.MEMBER)
    answer = client.get("/lookalikes", query_string={"title": "党员逾期没交党费怎么办", "kind": "problem"})
    assert answer.status_code == 200 and "<html" not in answer.text
    assert 'href="/problems/dues-overdue"' in answer.text
    assert client.get("/lookalikes?title=&kind=song").text.strip() == ""
    hidden = client.get("/lookalikes", query_string={"title": "还没发布的草稿", "kind": "problem"})
    assert "草稿" not in hidden.text
    hostile = client.get("/lookalikes", query_string={"title": "<script>alert(1)</script>恶意标题"})
    assert "<script" not in hostile.text
