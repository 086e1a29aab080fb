"""Addresses of entries: the one place that knows which page shows which kind."""

from __future__ import annotations

import re

from indexer.snapshot import Snapshot
from kb.types import Citation, Entry, Kind
from search_app import addresses, moves

SHOWN_ORDER = (Kind.PROBLEM, Kind.HANDBOOK, Kind.CASE, Kind.POLICY)
"""Readers come with a problem; the rule is what they end at."""

_PAGES = {
    Kind.PROBLEM: "reading.problem",
    Kind.HANDBOOK: "reading.handbook",
    Kind.CASE: "reading.case",
    Kind.POLICY: "reading.policy",
}
_ARTICLE = re.compile(r"x?\d{1,4}(-\d{1,2})?")


def fragment(kind: Kind, anchor: str) -> str:
    """Id of a section's element: `a12` for an article of a policy, `s-实施步骤` for other sections.

    Both carry a prefix so that no heading can take the id of a part of the page.
    """
    if not anchor:
        return ""
    return f"a{anchor}" if kind is Kind.POLICY and _ARTICLE.fullmatch(anchor) else f"s-{anchor}"


def entry_url(entry: Entry, anchor: str = "") -> str:
    """Address of an entry's page, or of a section on it."""
    return addresses.to(_PAGES[entry.kind], entry_id=entry.id, _anchor=fragment(entry.kind, anchor) or None)


def citation_url(citation: Citation, policy: Entry) -> str:
    """Address of the clause a citation names."""
    return entry_url(policy, citation.article)


def resolve(link: str, now: Snapshot) -> str:
    """`dues-regulation#12` as written in an entry -> its or its successor's address; empty without either."""
    entry_id, _, anchor = link.partition("#")
    entry = moves.there(entry_id, now)
    return entry_url(entry, anchor) if entry else ""
