"""Families of policies, and which member was in force on a day."""

from __future__ import annotations

from datetime import date

import pytest

from kb.lineage import Verdict, at, families
from kb.types import Entry, Kind, Validity


def policy(entry_id: str, start: str = "", **more: object) -> Entry:
    day = date.fromisoformat(start) if start else None
    known = {"validity": Validity.IN_FORCE, "effective": day} | more
    return Entry(id=entry_id, kind=Kind.POLICY, title=f"《{entry_id}》", **known)  # type: ignore[arg-type]


FIRST = policy("first", "2004-01-01", validity=Validity.REPEALED)
SECOND = policy(
    "second", "2014-05-28", validity=Validity.AMENDED, superseded_by="third", supersedes=("first",)
)
THIRD = policy("third", "2026-05-11")
LONE = policy("lone", "2018-10-28")


def ids(*entries: Entry) -> list[list[str]]:
    return [[version.entry.id for version in family.versions] for family in families(entries)]


def test_either_side_may_name_the_other() -> None:
    assert ids(THIRD, LONE, FIRST, SECOND) == [["lone"], ["first", "second", "third"]]


def test_what_is_not_there_and_what_is_no_policy_makes_no_family() -> None:
    dangling = policy("dangling", "2020-01-01", superseded_by="nowhere", supersedes=("dangling",))
    case = Entry(id="case", kind=Kind.CASE, title="案例")
    assert ids(dangling, case) == [["dangling"]]


def test_two_that_became_one_share_a_family_and_a_circle_ends() -> None:
    merged = policy("merged", "2025-05-02", supersedes=("a", "b"))
    assert ids(merged, policy("b", "2012-01-01"), policy("a", "2013-01-01")) == [["b", "a", "merged"]]
    ring = policy("x", "2001-01-01", superseded_by="y"), policy("y", "2002-01-01", superseded_by="x")
    assert len(ids(*ring)[0]) == 2


@pytest.mark.parametrize(
    ("day", "verdict", "version"),
    [
        ("2003-12-31", Verdict.EARLIER, None),
        ("2004-01-01", Verdict.IN_FORCE, "first"),
        ("2014-05-27", Verdict.IN_FORCE, "first"),
        ("2014-05-28", Verdict.IN_FORCE, "second"),
        ("2026-05-10", Verdict.IN_FORCE, "second"),
        ("2026-05-11", Verdict.IN_FORCE, "third"),
        ("2030-01-01", Verdict.IN_FORCE, "third"),
    ],
)
def test_the_version_of_a_day(day: str, verdict: Verdict, version: str | None) -> None:
    found = at(families([FIRST, SECOND, THIRD])[0], date.fromisoformat(day))
    assert (found.verdict, found.version.entry.id if found.version else None) == (verdict, version)


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [
        (policy("undated"), Verdict.UNDATED),
        (policy("doubtful", validity=Validity.UNVERIFIED), Verdict.UNVERIFIED),
        (policy("doubtful", "2010-01-01", validity=Validity.UNVERIFIED), Verdict.UNVERIFIED),
        (policy("ended", "2010-01-01", validity=Validity.REPEALED), Verdict.ENDED),
        (policy("issued", issued=date(2010, 1, 1)), Verdict.IN_FORCE),
    ],
)
def test_what_cannot_be_known_is_not_guessed(entry: Entry, verdict: Verdict) -> None:
    assert at(families([entry])[0], date(2020, 1, 1)).verdict is verdict


def test_a_day_of_issue_stands_in_and_says_so() -> None:
    version = families([policy("issued", issued=date(2010, 1, 1))])[0].versions[0]
    assert version.assumed and version.start == date(2010, 1, 1)
    assert not families([LONE])[0].versions[0].assumed
