"""An entry -> the parts of its page: prose, steps, questions, papers, articles, rules it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.snapshot import Snapshot
from kb import markdown
from kb.numerals import article_anchor, article_label
from kb.schema import STEP_SECTIONS
from kb.types import Citation, Entry, Kind, Section, Step
from search_app import moves

QUESTIONS = "常见问题"
PAPERS = "模板"
BASIS = "政策依据说明"
"""Shown below the list of rules rather than where it stands."""

_FIRST_ITEM = re.compile(r"^\d{1,3}\. ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A level 2 section, ready for the template named by `shape`."""

    heading: str
    anchor: str
    shape: str
    """prose, steps, questions or papers."""
    text: str = ""
    steps: tuple[Step, ...] = ()
    parts: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A citation with the policy it names, as far as readers can see it."""

    citation: Citation
    policy: Entry | None
    label: str


@dataclass(frozen=True, slots=True)
class User:
    """An entry that rests on a clause, and what it takes the clause to say."""

    entry: Entry
    says: str


@dataclass(frozen=True, slots=True)
class Article:
    """A heading of a policy with its digest and the entries that rest on it."""

    heading: str
    anchor: str
    text: str
    chapter: bool
    users: tuple[User, ...]


def blocks(entry: Entry) -> tuple[Block, ...]:
    """Every level 2 section of an entry, in the order of the file."""
    found = []
    for part in markdown.sections(entry.body):
        if part.level == 2 or not part.chapter:
            found.append(_block(entry, part))
    return tuple(found)


def _block(entry: Entry, part: Section) -> Block:
    below = markdown.subsections(entry.body, part.heading) if part.level == 2 and part.heading else ()
    if part.heading in (QUESTIONS, PAPERS) and below:
        shape = "questions" if part.heading == QUESTIONS else "papers"
        return Block(part.heading, part.anchor, shape, part.text, parts=below)
    text = markdown.section(entry.body, part.heading) if below else part.text
    if part.heading == STEP_SECTIONS.get(entry.kind):
        first = _FIRST_ITEM.search(text)
        if first:
            lead, steps = text[: first.start()], markdown.parse_steps(text)
            return Block(part.heading, part.anchor, "steps", lead, steps)
    return Block(part.heading, part.anchor, "prose", text)


def rules(entry: Entry, now: Snapshot) -> tuple[Rule, ...]:
    """What an entry rests on, in the order of the file."""
    return tuple(Rule(c, moves.there(c.policy, now), article_label(c.article)) for c in entry.citations)


def articles(entry: Entry, now: Snapshot) -> tuple[Article, ...]:
    """Chapters and articles of a policy, each with the entries that rest on it."""
    cited = _cited(entry, now)
    return tuple(
        Article(
            part.heading,
            part.anchor,
            part.text,
            chapter=not article_anchor(part.heading),
            users=_users(cited.get(part.anchor, ()) if article_anchor(part.heading) else ()),
        )
        for part in markdown.sections(entry.body)
    )


def other_users(entry: Entry, now: Snapshot) -> tuple[User, ...]:
    """Entries that rest on the policy as a whole, or on an article this page does not have."""
    here = {part.anchor for part in markdown.sections(entry.body) if article_anchor(part.heading)}
    cited = _cited(entry, now)
    return _users(pair for anchor, pairs in cited.items() if anchor not in here for pair in pairs)


def _users(pairs: Iterable[tuple[Entry, Citation]]) -> tuple[User, ...]:
    return tuple(User(entry, citation.says) for entry, citation in pairs)


def related(entry: Entry, now: Snapshot) -> dict[Kind, list[Entry]]:
    """Related entries by kind."""
    found: dict[Kind, list[Entry]] = {kind: [] for kind in Kind}
    moved = (moves.target(name, now) for name in entry.related if name not in now.entries)
    former = moves.former(entry.id, now)
    led_here = (now.entries[name] for old in former for name in now.linked_from.get(old, ()))
    every = {other.id: other for other in (*now.related(entry), *filter(None, moved), *led_here)}
    for other in every.values():
        if other.id != entry.id:
            found[other.kind].append(other)
    return found


def _cited(entry: Entry, now: Snapshot) -> dict[str, list[tuple[Entry, Citation]]]:
    """Article -> who rests on it, also under an id the policy had before."""
    found: dict[str, list[tuple[Entry, Citation]]] = {}
    for name in (entry.id, *moves.former(entry.id, now)):
        for anchor, pairs in now.cited_by.get(name, {}).items():
            found[anchor] = [*found.get(anchor, ()), *pairs]
    return found
