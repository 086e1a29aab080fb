"""What somebody has typed into a form: raw, not yet checked. Frozen; nothing here does I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.types import Attachment, Kind, Step

NEW_PATHS = {
    Kind.CASE: "/cases/new",
    Kind.PROBLEM: "/problems/new",
    Kind.HANDBOOK: "/handbook/new",
    Kind.POLICY: "/policies/new",
}


class Mode(StrEnum):
    """What a form is for."""

    NEW = "new"
    CHANGE = "change"
    """A change to a published entry."""
    AGAIN = "again"
    """A submission that came back, or that its author wants to change."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which form this is; written `new:case`, `change:dues-overdue`, `again:s-20261121-5f3a9c1e`."""

    mode: Mode
    key: str
    """Kind, entry id or submission id."""

    def __str__(self) -> str:
        return f"{self.mode}:{self.key}"


def target_of(text: str) -> Target | None:
    """The inverse of `str(target)`; None for anything else."""
    mode, _, key = text.partition(":")
    if mode not in tuple(Mode) or not key or (mode == Mode.NEW and key not in tuple(Kind)):
        return None
    return Target(Mode(mode), key)


class Shape(StrEnum):
    """How a section is typed."""

    TEXT = "text"
    STEPS = "steps"
    QUESTIONS = "questions"
    ARTICLES = "articles"
    """Clauses of a policy, each beginning with a line 第…条; the whole body of the entry."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the body, in its place."""

    heading: str
    """Empty for what stands before the first heading, and for a whole body."""
    shape: Shape = Shape.TEXT
    raw: bool = False
    """True where the text is Markdown; otherwise it is plain words and shown as they stand."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One of the 常见问题."""

    ask: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as typed."""

    policy: str
    article: str = ""
    says: str = ""
    grade: str = "B"
    historical: str = ""
    """`true`, or empty."""

    @property
    def ref(self) -> str:
        """`policy-id#article`, as files have it."""
        return f"{self.policy}#{self.article}" if self.article else self.policy


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole form."""

    kind: Kind
    id: str
    """Of the entry."""
    number: str
    """Of the submission this becomes, and of its draft: sending twice is noticed by it."""
    target: Target
    base: str = ""
    """Version of the published text that was opened."""
    why: str = ""
    question: str = ""
    """Id of the open question this answers."""
    values: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    steps: tuple[Step, ...] = ()
    questions: tuple[Question, ...] = ()
    citations: tuple[Cited, ...] = ()
    related: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def get(self, name: str) -> str:
        """The text typed for a field of the header; empty when it was not sent."""
        return dict(self.values).get(name, "")

    def part(self, heading: str) -> Part | None:
        """The section of that heading."""
        return next((part for part in self.parts if part.heading == heading), None)
