"""Clauses and entries by name, for citing them while writing."""

from __future__ import annotations

import pytest

from search_app import lookup
from tests.search_app.sites import Site


@pytest.mark.parametrize(
    ("asked", "ref"),
    [
        ("党费规定 12", "dues-regulation#12"),
        ("《党费规定》第十二条", "dues-regulation#12"),
        ("第十二条 党费", "dues-regulation#12"),
        ("中组发〔2008〕3号 第7条", "dues-regulation#7"),
        ("垫交", "dues-regulation#14"),
        ("选举条例", "election-regulation#"),
    ],
)
def test_a_clause_is_found_however_it_is_called(shared_site: Site, asked: str, ref: str) -> None:
    found = lookup.rules(asked, shared_site.library)
    assert found and found[0].ref.startswith(ref), [rule.ref for rule in found]
    assert len(found) <= lookup.MAX_OFFERS


@pytest.mark.parametrize("asked", ["", "   ", "外星人火锅", "999", "《》", "x" * 500])
def test_what_is_not_there_is_not_offered(shared_site: Site, asked: str) -> None:
    assert lookup.rules(asked, shared_site.library) == ()


def test_a_clause_says_whether_it_is_still_in_force(shared_site: Site) -> None:
    now = shared_site.library.snapshot
    rule = lookup.rule("dues-regulation#12", now)
    assert rule and rule.in_force and rule.label.startswith("第十二条") and rule.digest
    old = lookup.rule("discipline-2018#6", now)
    assert old and not old.in_force
    missing = lookup.rule("dues-regulation#999", now)
    assert missing and "没有收录" in missing.digest
    assert lookup.rule("no-such#1", now) is None and lookup.rule("dues-overdue", now) is None


def test_entries_by_title_question_or_id(shared_site: Site) -> None:
    library = shared_site.library
    assert lookup.entries("党员逾期没有缴纳党费怎么办", library)[0].id == "dues-overdue"
    assert lookup.entries("hb-dues", library)[0].id == "hb-dues"
    left = lookup.entries("党费逾期", library, frozenset({"dues-overdue"}))
    assert left and "dues-overdue" not in {entry.id for entry in left}
    assert lookup.entries("  ", library) == ()
    assert all(entry.id != "hidden-draft" for entry in lookup.entries("还没发布的草稿", library))
