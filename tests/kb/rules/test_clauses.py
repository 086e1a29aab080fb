"""Every clause named by the rules exists in the starter content; nothing rests on hearsay."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import markdown
from kb.rules import clauses
from kb.rules.terms import TERMS
from kb.store import Store
from kb.types import Citation, Entry, Grade

REPOSITORY = Path(__file__).resolve().parents[3]
CLAUSES = [value for value in vars(clauses).values() if isinstance(value, Citation)]


@pytest.fixture(scope="module")
def policies() -> dict[str, Entry]:
    store = Store((REPOSITORY,), None)
    return {policy: store.get(policy).entry for policy in {clause.policy for clause in CLAUSES}}


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.ref)
def test_clause_is_an_article_of_a_policy_in_force(clause: Citation, policies: dict[str, Entry]) -> None:
    policy = policies[clause.policy]
    assert policy.validity and not policy.validity.superseded
    assert clause.article in {part.anchor for part in markdown.sections(policy.body)}


def test_no_rule_rests_on_hearsay() -> None:
    assert len(CLAUSES) > 50
    assert {clause.grade for clause in CLAUSES} <= {Grade.FULL_TEXT, Grade.EXCERPT, Grade.ABSTRACT}


FULL = {"development-2026", "member-education", "party-constitution", "organ-regulation"}


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.ref)
def test_grade_follows_what_text_is_held(clause: Citation) -> None:
    """A where the whole text is held, B- where only abstracts were seen, B for excerpts."""
    expected = Grade.FULL_TEXT if clause.policy in FULL else Grade.EXCERPT
    if clause.policy in ("mobile-2024", "disposal-2024"):
        expected = Grade.ABSTRACT
    assert clause.grade is expected and clause.says.endswith("。")


def test_terms_have_unique_names_and_a_clause_each() -> None:
    assert len({term.key for term in TERMS}) == len(TERMS)
    assert all(term.rules and bool(term.months) != bool(term.working_days) for term in TERMS)
