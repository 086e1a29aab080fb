"""Entry -> passages: the title, each other way of asking, each section, each article.

A passage is what the semantic leg encodes and what a snippet is cut from. One
vector for a whole entry was tried and loses: an alias is ten characters in a
text of fifteen hundred.
"""

from __future__ import annotations

from indexer.types import Passage
from kb import markdown
from kb.schema import STEP_SECTIONS
from kb.types import Entry, Kind, Section

MAX_PASSAGE_CHARS = 800
"""Longer sections are represented by their beginning; the encoder averages words anyway."""


def _text(section: Section, steps: bool) -> str:
    """Words of a section; of steps only what is done, for who and when are alike everywhere."""
    if not steps:
        return markdown.plain(section.text)
    lines = (f"{step.action}：{step.detail}" for step in markdown.parse_steps(section.text))
    return markdown.plain("\n\n".join(lines))


def passages(entry: Entry) -> tuple[Passage, ...]:
    """Passages of an entry, the title always first."""
    found = [Passage(entry.id, "title", "", "", entry.title)]
    found += [Passage(entry.id, "alias", "", "", alias) for alias in entry.aliases]
    if entry.summary:
        found.append(Passage(entry.id, "summary", "", "", entry.summary))
    found += [Passage(entry.id, "factor", "", "", factor) for factor in entry.factors]
    for section in markdown.sections(entry.body):
        text = _text(section, section.heading == STEP_SECTIONS.get(entry.kind))[:MAX_PASSAGE_CHARS]
        if text or section.heading:
            role = "article" if entry.kind is Kind.POLICY and section.level == 3 else "section"
            found.append(Passage(entry.id, role, section.heading, section.anchor, text or section.heading))
    return tuple(found)
