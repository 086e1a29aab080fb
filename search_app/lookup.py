"""Clauses and entries by name, for citing and linking them while writing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.library import Library
from indexer.snapshot import Snapshot
from indexer.types import Filters
from kb import markdown
from kb.numerals import article_anchor, article_label
from kb.types import Entry, Kind

MAX_OFFERS = 12
MAX_POLICIES = 4
MAX_ENTRIES = 8
MAX_QUERY_CHARS = 100
LIKE_NAME = 60
"""Score out of 100 from which a name counts as meant."""
SEARCHED = 20
"""Policies looked at for one question."""
NEARLY = 12
"""Names that score this much less than the best one are no longer offered."""
MAX_DIGEST = 60

_NUMERAL = r"[零〇一二三四五六七八九十百\d]+"
_ARTICLE_ASKED = re.compile(rf"第\s*{_NUMERAL}\s*条(?:之{_NUMERAL})?|(?<![\d〔])\d{{1,3}}条?$")


@dataclass(frozen=True, slots=True)
class Rule:
    """A clause that can be cited, or a whole policy when it has no clause."""

    policy: Entry
    article: str
    label: str
    digest: str
    """The beginning of what the clause says here."""

    @property
    def ref(self) -> str:
        """What a citation writes."""
        return f"{self.policy.id}#{self.article}" if self.article else self.policy.id

    @property
    def in_force(self) -> bool:
        """False where the basis is history."""
        return not (self.policy.validity and self.policy.validity.superseded)


def rule(ref: str, now: Snapshot) -> Rule | None:
    """The clause of that reference, as readers see it; None when there is no such policy."""
    policy_id, _, article = ref.partition("#")
    policy = now.entries.get(policy_id)
    if policy is None or policy.kind is not Kind.POLICY:
        return None
    part = next((p for p in markdown.sections(policy.body) if article and p.anchor == article), None)
    if article and part is None:
        return Rule(policy, article, article_label(article), "本库还没有收录这一条")
    label = f"{part.heading}" if part else ""
    return Rule(policy, article, label, _digest(part.text) if part else "")


def rules(asked: str, library: Library) -> tuple[Rule, ...]:
    """Clauses by name of policy, number of article or words: 党费规定 12, 第十二条 党费, 补交."""
    asked = asked.strip()[:MAX_QUERY_CHARS]
    if not asked:
        return ()
    number = _ARTICLE_ASKED.search(asked)
    anchor = _anchor(number[0]) if number else ""
    words = asked[: number.start()] + asked[number.end() :] if number else asked
    words = words.strip(" 　《》")
    candidates = _candidates(words, library) if words else []
    policies = _named(words, candidates)
    found = [r for policy in policies for r in _clauses(policy, words, anchor)]
    if not found and anchor:
        found = [Rule(policy, "", "", "") for policy in policies]
    elif not found and words:
        found = [r for policy in candidates for r in _clauses(policy, words, anchor, True)]
    return tuple(found[:MAX_OFFERS])


def entries(asked: str, library: Library, leave_out: frozenset[str] = frozenset()) -> tuple[Entry, ...]:
    """Entries by title or question, the best first."""
    asked = asked.strip()[:MAX_QUERY_CHARS]
    if not asked:
        return ()
    now = library.snapshot
    named = [now.entries[asked]] if asked in now.entries else []
    hits = library.search(asked, Filters(), size=MAX_ENTRIES + len(leave_out)).hits
    found = dict.fromkeys([*(e.id for e in named), *(hit.id for hit in hits)])
    return tuple(now.entries[i] for i in found if i in now.entries and i not in leave_out)[:MAX_ENTRIES]


def _anchor(text: str) -> str:
    return article_anchor(text) or article_anchor(f"第{text.rstrip('条')}条")


def _candidates(words: str, library: Library) -> list[Entry]:
    """The policies a search for the words finds first."""
    hits = library.search(words, Filters(kinds=(Kind.POLICY,)), size=SEARCHED, off=frozenset({"rerank"})).hits
    return [hit.entry for hit in hits]


def _named(words: str, policies: list[Entry]) -> list[Entry]:
    """Policies whose title, short name or number the words may mean; those in force first when equal."""
    scored = []
    for policy in policies:
        score = max(_score(words, name) for name in (policy.title, policy.document_number, *policy.aliases))
        superseded = bool(policy.validity and policy.validity.superseded)
        scored.append((-round(score), superseded, policy.id, policy))
    best = min((row[0] for row in scored), default=0)
    meant = [row for row in scored if row[0] <= -LIKE_NAME and row[0] <= best + NEARLY]
    return [policy for *_, policy in sorted(meant, key=lambda row: row[:3])][:MAX_POLICIES]


def _score(words: str, name: str) -> float:
    """How well words name something; 选举条例 stands for 选举工作条例, whatever is left out between."""
    from rapidfuzz import fuzz  # a server starts earlier without it

    if not name:
        return 0.0
    letters = iter(name)
    short = len(words) > 1 and all(letter in letters for letter in words)
    return max(fuzz.partial_ratio(words, name), 95.0 if short else 0.0)


def _clauses(policy: Entry, words: str, anchor: str, by_text: bool = False) -> list[Rule]:
    """The clauses of a policy that fit; all of them when only the policy was named."""
    parts = [p for p in markdown.sections(policy.body) if article_anchor(p.heading)]
    if anchor:
        parts = [p for p in parts if p.anchor == anchor]
    elif by_text:
        parts = [p for p in parts if words in p.heading or words in p.text]
    made = [Rule(policy, p.anchor, p.heading, _digest(p.text)) for p in parts]
    return made or ([] if by_text or anchor else [Rule(policy, "", "", "")])


def _digest(text: str) -> str:
    words = " ".join(markdown.plain(text).split())
    return words if len(words) <= MAX_DIGEST else f"{words[:MAX_DIGEST]}……"
