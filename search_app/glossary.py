"""Party terms: a page of their own, and an explanation where a term first stands on an entry's page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, g, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from indexer.snapshot import Snapshot
from kb.types import Entry
from search_app import context

TABLE = Path(__file__).parent / "data" / "glossary.tsv"
MOST_PER_PAGE = 8
"""More dotted words than this make a page hard to read."""

_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-z0-9]+)")
_LEFT_ALONE = frozenset(
    [
        "a",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "summary",
        "label",
        "button",
        "pre",
        "code",
        "dt",
        "nav",
        "span",
        "abbr",
    ]
)
"""Words in these are links, headings, names of things or somebody's form: no explanation inside."""

pages = Blueprint("glossary", __name__)


@dataclass(frozen=True, slots=True)
class Term:
    """A word people meet in entries, explained in our own words."""

    number: int
    word: str
    others: tuple[str, ...]
    group: str
    says: str
    clause: str
    """`policy-id#article`, or empty where no clause says it."""
    entry: str
    """The entry to read on in, or empty."""

    @property
    def anchor(self) -> str:
        """Id of its element."""
        return f"term-{self.number}"


@lru_cache(maxsize=1)
def table() -> tuple[Term, ...]:
    """Every term, in the order of the file."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return tuple(
        Term(number, word, tuple(filter(None, others.split("|"))), group, says, clause, entry)
        for number, (word, others, group, says, clause, entry) in enumerate(rows, 1)
    )


@pages.get("/glossary")
def terms() -> ResponseReturnValue:
    """Every term by group."""
    groups = [(group, list(found)) for group, found in groupby(table(), key=lambda term: term.group)]
    return render_template("glossary/terms.html", groups=groups, total=len(table()))


def install(app: Flask) -> None:
    """Add the filter `explained` and the globals to the templates of `app`."""
    app.add_template_filter(explained)
    app.add_template_global(explained_terms)
    app.add_template_global(clause_of)
    app.add_template_global(entry_of)


def explained(html: str) -> Markup:
    """The page's words with each term marked where it first stands; `explained_terms` lists them."""
    marked, found = mark(str(html))
    g.explained = found
    return Markup(marked)


def explained_terms() -> tuple[Term, ...]:
    """The terms marked on this page."""
    return cast("tuple[Term, ...]", g.get("explained", ()))


def mark(html: str) -> tuple[str, tuple[Term, ...]]:
    """Safe HTML -> the same with links to explanations below, and the terms they explain.

    Links and headings are left alone; so is everything from the MOST_PER_PAGE-th term on.
    """
    found: dict[str, Term] = {}
    inside: list[str] = []
    parts = _TAG.split(html)
    for at, part in enumerate(parts):
        if at % 2:
            _follow(part, inside)
        elif part and not inside and len(found) < MOST_PER_PAGE:
            parts[at] = _pattern().sub(lambda match: _link(match[0], found), part)
    return "".join(parts), tuple(found.values())


def _follow(tag: str, inside: list[str]) -> None:
    """Keep track of the elements that are left alone."""
    name = _NAME.match(tag)
    if name and name[1] in _LEFT_ALONE:
        if tag.startswith("</"):
            del inside[-1:]
        else:
            inside.append(name[1])


def _link(word: str, found: dict[str, Term]) -> str:
    term = _by_word()[word]
    if term.word in found or len(found) >= MOST_PER_PAGE:
        return word
    found[term.word] = term
    return str(
        Markup('<a class="term" id="at-{0}" href="#{0}" title="{1}">{2}</a>').format(
            term.anchor, term.says, escape(word)
        )
    )


@lru_cache(maxsize=1)
def _by_word() -> dict[str, Term]:
    return {word: term for term in reversed(table()) for word in (term.word, *term.others)}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """The longest word wins: 党小组会 is not explained as 党小组."""
    return re.compile("|".join(re.escape(word) for word in sorted(_by_word(), key=len, reverse=True)))


def clause_of(term: Term) -> tuple[Entry, str] | None:
    """The policy and anchor a term rests on, as far as readers can see it."""
    policy_id, _, anchor = term.clause.partition("#")
    policy = _now().entries.get(policy_id)
    return (policy, anchor) if policy else None


def entry_of(term: Term) -> Entry | None:
    """The entry to read on in, as far as readers can see it."""
    return _now().entries.get(term.entry)


def _now() -> Snapshot:
    return context.library().snapshot
