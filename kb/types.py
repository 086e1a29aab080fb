"""What an entry is. Read this first.

Everything that crosses a module boundary is one of these frozen, slotted
dataclasses; nothing here does I/O. The Chinese names of kinds, categories and
states are the ones readers see, and the ones written in the files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """The four collections; the value is what front matter writes after `kind:`."""

    POLICY = "policy"
    HANDBOOK = "handbook"
    PROBLEM = "problem"
    CASE = "case"

    @property
    def folder(self) -> str:
        """Folder below a content root, with forward slashes."""
        return _FOLDERS[self]

    @property
    def label(self) -> str:
        """What readers call this collection."""
        return _LABELS[self]


_FOLDERS = {
    Kind.POLICY: "corpus/policies",
    Kind.HANDBOOK: "corpus/handbook",
    Kind.PROBLEM: "issues",
    Kind.CASE: "cases",
}
_LABELS = {
    Kind.POLICY: "制度",
    Kind.HANDBOOK: "手册",
    Kind.PROBLEM: "问题",
    Kind.CASE: "案例",
}


class Category(StrEnum):
    """The five classes of the field's own literature."""

    ORGANISATION = "基本组织"
    INSTITUTION = "基本制度"
    TEAM = "基本队伍"
    ACTIVITY = "基本活动"
    SUPPORT = "基本保障"


class Validity(StrEnum):
    """Whether a policy is in force; never mixed up with publication."""

    IN_FORCE = "现行"
    AMENDED = "已修订"
    REPEALED = "已废止"
    UNVERIFIED = "待核对"

    @property
    def superseded(self) -> bool:
        """True when a citation must say that the text is history."""
        return self in (Validity.AMENDED, Validity.REPEALED)


class Publication(StrEnum):
    """Where an entry stands; only `published` ever reaches readers."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ProblemSource(StrEnum):
    """How a problem came to light."""

    FEEDBACK = "反馈"
    INSPECTION = "巡视检查"
    ROUTINE = "日常运行"


class Evidence(StrEnum):
    """Whether a case was done somewhere or only proposed by its source."""

    DONE = "实例"
    PROPOSED = "论文主张"


class Coverage(StrEnum):
    """How much of a policy's text the digest rests on."""

    FULL = "逐条摘要"
    PARTIAL = "部分条文"
    CATALOGUE = "仅目录"


class Grade(StrEnum):
    """How sure a cited rule is: full text seen, excerpt seen, public abstract, hearsay."""

    FULL_TEXT = "A"
    EXCERPT = "B"
    ABSTRACT = "B-"
    HEARSAY = "C"

    @property
    def label(self) -> str:
        """What the page says beside a citation."""
        return _GRADE_LABELS[self]


_GRADE_LABELS = {
    Grade.FULL_TEXT: "已核对全文",
    Grade.EXCERPT: "据条文摘录",
    Grade.ABSTRACT: "据公开摘要",
    Grade.HEARSAY: "以上级党组织要求为准",
}

ORGANISATIONS = ("通用", "机关", "国有企业", "事业单位", "农村", "社区", "学校", "两新组织")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: who does it, by when, and what is kept as proof."""

    action: str
    detail: str = ""
    who: str = ""
    when: str = ""
    keep: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A rule an entry rests on, in our own words, with the clause it comes from."""

    policy: str
    """Entry id of the policy."""
    article: str = ""
    """Anchor of the clause: arabic article number, `x1` for an excerpt without one, or empty."""
    says: str = ""
    grade: Grade = Grade.FULL_TEXT
    historical: bool = False
    """True where a superseded text is cited on purpose."""

    @property
    def ref(self) -> str:
        """`policy-id#article`, the form written in files."""
        return f"{self.policy}#{self.article}" if self.article else self.policy


@dataclass(frozen=True, slots=True)
class Origin:
    """The publication a case was taken from."""

    author: str = ""
    title: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or file that belongs to an entry; `file` is its name in the attachments folder."""

    file: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the Markdown below it, up to the next heading of its level or above."""

    heading: str
    level: int
    anchor: str
    text: str
    chapter: str = ""
    """Heading of the enclosing section, if any."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of knowledge of any kind; which kinds use which field is told by `schema.FIELDS`."""

    id: str
    kind: Kind
    title: str
    summary: str = ""
    category: str = ""
    source: str = ""
    organisations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    evidence: str = ""
    origin: Origin | None = None
    factors: tuple[str, ...] = ()
    document_number: str = ""
    issuer: str = ""
    issued: date | None = None
    effective: date | None = None
    validity: Validity | None = None
    coverage: str = ""
    supersedes: tuple[str, ...] = ()
    superseded_by: str = ""
    source_url: str = ""
    citations: tuple[Citation, ...] = ()
    related: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    provenance: str = ""
    moved_to: str = ""
    """Id of the entry that took this one's place; its old address leads there."""
    publication: Publication = Publication.DRAFT
    created: date | None = None
    updated: date | None = None
    verified_on: date | None = None
    extra: tuple[tuple[str, str], ...] = ()
    """Front matter keys this version does not know, values as JSON, so that saving loses nothing."""
    body: str = ""
    """Markdown after the front matter, LF line ends, no blank lines at either end."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or doubtful, said in Chinese to the person who can mend it."""

    code: str
    message: str
    field: str = ""
    where: str = ""
    """Entry id or path, as far as known."""
    fatal: bool = True
    """False for advice: the entry is still usable."""


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it lies on disk."""

    entry: Entry
    version: str
    """Content hash of the file; what `Store.save` compares."""
    path: str
    local: bool = False
    """True when it lies in the organisation's own root."""
    findings: tuple[Finding, ...] = field(default=())
