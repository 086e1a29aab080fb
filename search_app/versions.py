"""Policies in time: their families, what a clause became, and who rests on which text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from indexer.snapshot import Snapshot
from kb import comparing, lineage, markdown
from kb.comparing import Clause, Row
from kb.lineage import Family, Then
from kb.numerals import article_anchor, article_label
from kb.types import Citation, Coverage, Entry, Kind
from search_app import fulltext


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions by article; `full` when both sides are attached official texts."""

    old: Entry
    new: Entry
    rows: tuple[Row, ...]
    full: bool

    @property
    def paired(self) -> tuple[Row, ...]:
        """Rows with both sides."""
        return tuple(row for row in self.rows if row.old and row.new)

    @property
    def new_only(self) -> tuple[Clause, ...]:
        """Articles without a counterpart in the old version as held here."""
        return tuple(row.new for row in self.rows if row.new and not row.old)

    @property
    def old_only(self) -> tuple[Clause, ...]:
        """Articles without a counterpart in the new version as held here."""
        return tuple(row.old for row in self.rows if row.old and not row.new)

    @property
    def whole(self) -> bool:
        """True when what stands on one side only was really added or dropped."""
        return self.full or all(entry.coverage == Coverage.FULL for entry in (self.old, self.new))


@dataclass(frozen=True, slots=True)
class Reading:
    """What applied on a day: the version, and its clause where it is held."""

    then: Then
    clause: Clause | None = None
    asked: bool = False
    """True when a clause was asked for."""


@dataclass(frozen=True, slots=True)
class Use:
    """An entry that rests on a superseded text: by citation or by a link in its words."""

    entry: Entry
    article: str
    on_purpose: bool
    """True when the citation is marked as historical."""
    inline: bool

    @property
    def label(self) -> str:
        """第十三条, or nothing for the policy as a whole."""
        return article_label(self.article)


@lru_cache(maxsize=1)
def policies(now: Snapshot) -> tuple[Family, ...]:
    """Every family of published policies."""
    return lineage.families(now.of_kind(Kind.POLICY))


def family_of(entry: Entry, now: Snapshot) -> Family:
    """The family of one policy."""
    return next(family for family in policies(now) if family.version(entry.id))


def digest(entry: Entry) -> tuple[Clause, ...]:
    """The articles of a policy as this collection words them."""
    return tuple(
        Clause(part.anchor, part.heading, markdown.plain(part.text))
        for part in markdown.sections(entry.body)
        if article_anchor(part.heading)
    )


def stated(old: Entry, new: Entry) -> tuple[tuple[str, str], ...]:
    """Anchors of both versions that their own words link to each other."""
    found = []
    for mine, other, flip in ((old, new, False), (new, old, True)):
        for part in markdown.sections(mine.body):
            if article_anchor(part.heading):
                for link in markdown.links(part.text):
                    target, _, anchor = link.partition("#")
                    if target == other.id and anchor:
                        found.append((anchor, part.anchor) if flip else (part.anchor, anchor))
    return tuple(found)


def compare(old: Entry, new: Entry, local: Path) -> Comparison:
    """Both versions by article: the official texts where both are attached, else the digests."""
    texts = [fulltext.attached(local, entry.id) for entry in (old, new)]
    if texts[0] and texts[1] and texts[0].clauses and texts[1].clauses:
        return Comparison(old, new, comparing.compare(texts[0].clauses, texts[1].clauses), full=True)
    return Comparison(old, new, comparing.compare(digest(old), digest(new), stated(old, new)), full=False)


def clause_on(entry: Entry, article: str, day: date, now: Snapshot) -> Reading:
    """What the clause `article` of `entry` said on `day`, in whatever version applied then."""
    family = family_of(entry, now)
    then = lineage.at(family, day)
    if not then.version or not article:
        return Reading(then, None, bool(article))
    return Reading(then, _carried(entry, article, then.version.entry, family), asked=True)


def _carried(entry: Entry, article: str, other: Entry, family: Family) -> Clause | None:
    """The clause of `entry` as `other`, an older or newer version, has it."""
    chain = [version.entry for version in family.versions]
    if entry == other:
        return next((clause for clause in digest(entry) if clause.anchor == article), None)
    if chain.index(entry) < chain.index(other):
        return comparing.successor(digest(entry), digest(other), article, stated(entry, other))
    return comparing.counterpart(digest(other), digest(entry), article, stated(other, entry))


def replacement(citation: Citation, now: Snapshot) -> tuple[Entry, Clause | None] | None:
    """Where a citation of a superseded text should look today; None for a text in force."""
    policy = now.entries.get(citation.policy)
    if policy is None or not is_over(policy):
        return None
    family = family_of(policy, now)
    latest = family.latest
    if latest.id == policy.id:
        return None
    clause = _carried(policy, citation.article, latest, family) if citation.article else None
    return latest, clause


def superseded(now: Snapshot) -> tuple[Entry, ...]:
    """Policies that are history, by title."""
    found = (entry for entry in now.of_kind(Kind.POLICY) if is_over(entry))
    return tuple(sorted(found, key=lambda entry: (entry.title, entry.id)))


def is_over(entry: Entry) -> bool:
    """True for a policy that is no longer in force."""
    return entry.kind is Kind.POLICY and entry.validity is not None and entry.validity.superseded


def uses(policy: Entry, now: Snapshot) -> tuple[Use, ...]:
    """Everything that cites a policy or links to it, other members of its family left out."""
    kin = {version.entry.id for version in family_of(policy, now).versions}
    found = [
        Use(entry, citation.article, citation.historical, inline=False)
        for pairs in now.cited_by.get(policy.id, {}).values()
        for entry, citation in pairs
        if entry.id not in kin
    ]
    found += [
        Use(entry, anchor, on_purpose=False, inline=True)
        for entry in now.entries.values()
        if entry.id not in kin
        for anchor in _links_to(policy.id, entry)
    ]
    return tuple(sorted(found, key=lambda use: (use.on_purpose, use.inline, use.entry.id, use.article)))


def _links_to(policy_id: str, entry: Entry) -> Iterable[str]:
    if policy_id not in entry.body:  # most entries: spares a parse
        return ()
    targets = (link.partition("#") for link in markdown.links(entry.body))
    return dict.fromkeys(anchor for target, _, anchor in targets if target == policy_id)
