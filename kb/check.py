"""Whole-collection checks: what one entry alone cannot show, and the standard an entry must meet.

`RULES` is the table: each rule is a pure function from the collection to
findings and gives its name to their `code`. What makes an entry wrong is fatal,
what makes it poorer is advice. Copied phrases are `kb.overlap`'s business.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kb import markdown, overlap, schema
from kb.types import Coverage, Entry, Finding, Grade, Kind, Publication, Step, Validity

ALIASES = {Kind.PROBLEM: 16, Kind.HANDBOOK: 10, Kind.CASE: 10, Kind.POLICY: 3}
"""Fewest ways of asking an entry must know; a worried question finds its page through them."""
STEPS = {Kind.PROBLEM: (5, 9), Kind.HANDBOOK: (5, 60)}
"""Fewest and most steps. Cases tell what their source tells, however many steps that is."""
QUESTIONS = 4
"""Fewest 常见问题 of a workflow."""
SENTENCE_HOMES = 3
"""Entries a sentence may stand in before it is boilerplate."""
ALIKE = 0.4
"""Share of common shingles at which two entries are one. The closest honest pair has 0.07; a copy with
every twentieth character changed has 0.6."""

_COMMON = ("summary", "category", "organisations", "tags", "provenance", "created", "updated", "verified_on")
REQUIRED: dict[Kind, tuple[str, ...]] = {
    Kind.PROBLEM: (*_COMMON, "source", "related"),
    Kind.HANDBOOK: (*_COMMON, "related"),
    Kind.CASE: (*_COMMON, "evidence", "origin", "factors", "related"),
    Kind.POLICY: (*_COMMON, "coverage"),
}
"""Fields without which an entry does not meet the standard; what `schema` requires is not repeated."""

_ASKING = re.compile(
    r"(应该|应当|该|要|应)?(怎么|如何|怎样|咋)(样|办理|办|整|弄|搞|做|处理|解决|处置)?|[呢吗啊呀吧]$"
)
_NOT_WORD = re.compile(r"[\W_]+")
_LINK = re.compile(r"\]\(([^()\s]*)\)")
_STEP_LABEL = re.compile(r"^\s*- (责任人|时限|留痕材料)：", re.MULTILINE)
_CLAUSE = re.compile(r"x?\d[\d-]*")
_BLANK = re.compile(r"【[^【】\n]+】")
_NUMBER = re.compile(r"\d|[一二三四五六七八九十百]+(个|名|人|次|天|日|周|月|年|学时|分之)")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The collection under check."""

    entries: tuple[Entry, ...]
    """All that readers see or may come to see, by id; withdrawn entries are left out."""
    by_id: Mapping[str, Entry]
    """Every entry, withdrawn ones too."""

    def of(self, *kinds: Kind) -> Iterator[Entry]:
        """The entries of these kinds."""
        return (entry for entry in self.entries if entry.kind in kinds)

    def policy(self, entry_id: str) -> Entry | None:
        """The policy of that id, if there is one."""
        entry = self.by_id.get(entry_id)
        return entry if entry and entry.kind == Kind.POLICY else None


def check(entries: Sequence[Entry]) -> list[Finding]:
    """Everything the rules find, by entry and rule.

    Findings about entries that are not published are advice: a draft may be
    unfinished without the collection being wrong.
    """
    by_id = {entry.id: entry for entry in entries}
    kept = (entry for entry in by_id.values() if entry.publication != Publication.WITHDRAWN)
    shelf = Shelf(tuple(sorted(kept, key=lambda entry: entry.id)), by_id)
    found = [replace(finding, code=name) for name, find in RULES for finding in find(shelf)]
    public = {entry.id for entry in shelf.entries if entry.publication == Publication.PUBLISHED}
    found = [finding if finding.where in public else replace(finding, fatal=False) for finding in found]
    return sorted(found, key=lambda finding: finding.where)


def _wrong(entry: Entry, field: str, message: str, fatal: bool = True) -> Finding:
    return Finding("", message, field, entry.id, fatal)


def required(shelf: Shelf) -> Iterator[Finding]:
    """Fields of the standard that are empty."""
    for entry in shelf.entries:
        for name in REQUIRED[entry.kind]:
            if not getattr(entry, name):
                yield _wrong(entry, name, f"缺少“{schema.BY_NAME[name].label}”（{name}），请补上")
        if entry.origin and not (entry.origin.author and entry.origin.title):
            yield _wrong(entry, "origin", "来源文献要写明作者和题目")
        if entry.kind in STEPS and not entry.citations:
            yield _wrong(entry, "citations", "没有政策依据；找得到条款的请补上", fatal=False)


def sections(shelf: Shelf) -> Iterator[Finding]:
    """Sections of the standard that are missing, empty or out of order."""
    for entry in shelf.entries:
        wanted = schema.SECTIONS[entry.kind]
        for heading in wanted:
            if not markdown.section(entry.body, heading):
                yield _wrong(entry, "body", f"缺少“## {heading}”一节，或这一节是空的，请补写")
        there = [part.heading for part in markdown.sections(entry.body) if part.heading in wanted]
        if there != sorted(there, key=wanted.index):
            yield _wrong(entry, "body", f"各节的顺序应为：{'、'.join(wanted)}", fatal=False)
    for entry in shelf.of(Kind.POLICY):
        if entry.coverage != Coverage.CATALOGUE and not any(map(_CLAUSE.fullmatch, _anchors(entry))):
            yield _wrong(entry, "body", "没有一条条文；写出“### 第…条”，或把收录程度改为“仅目录”")


def steps(shelf: Shelf) -> Iterator[Finding]:
    """Steps that are too few, too many, or do not say who, by when and what is kept."""
    for entry in shelf.of(*STEPS):
        heading = schema.STEP_SECTIONS[entry.kind]
        found = markdown.parse_steps(markdown.section(entry.body, heading))
        fewest, most = STEPS[entry.kind]
        if not fewest <= len(found) <= most:
            yield _wrong(entry, "body", f"“{heading}”有 {len(found)} 步，应为 {fewest} 至 {most} 步")
        for number, step in enumerate(found, 1):
            if missing := _missing_of(step):
                yield _wrong(entry, "body", f"“{heading}”第 {number} 步没有写{missing}，请补上")


def _missing_of(step: Step) -> str:
    parts = (("动作", step.action), ("责任人", step.who), ("时限", step.when), ("留痕材料", step.keep))
    return "、".join(label for label, value in parts if not value)


def questions(shelf: Shelf) -> Iterator[Finding]:
    """Workflows with fewer answered questions than the standard asks."""
    for entry in shelf.of(Kind.HANDBOOK):
        answered = [part for part in markdown.subsections(entry.body, "常见问题") if part.text]
        if len(answered) < QUESTIONS:
            yield _wrong(entry, "body", f"“常见问题”答了 {len(answered)} 个，应不少于 {QUESTIONS} 个")


def placeholders(shelf: Shelf) -> Iterator[Finding]:
    """Blanks of a template that open and do not close, or are empty."""
    for entry in shelf.entries:
        for line in entry.body.split("\n"):
            if re.search("[【】]", _BLANK.sub("", line)):
                yield _wrong(entry, "body", f"填空的 【】 不成对或是空的，请补全：“{line.strip()[:40]}”")


def citations(shelf: Shelf) -> Iterator[Finding]:
    """Citations of a policy or article that is not there, or that say nothing."""
    for entry in shelf.entries:
        for citation in entry.citations:
            policy = shelf.policy(citation.policy)
            if policy is None:
                yield _wrong(entry, "citations", f"依据 {citation.ref} 没有对应的制度条目，请改正编号")
            elif citation.article and citation.article not in _anchors(policy):
                yield _wrong(entry, "citations", f"依据 {citation.ref}：制度里没有收录这一条，请核对条号")
            if not citation.says:
                yield _wrong(entry, "citations", f"依据 {citation.ref} 没有写它规定了什么（says），请补上")


def _anchors(entry: Entry) -> frozenset[str]:
    return frozenset(part.anchor for part in markdown.sections(entry.body) if part.anchor)


def superseded(shelf: Shelf) -> Iterator[Finding]:
    """Citations of, and links to, a policy no longer in force that do not say so."""
    for entry in shelf.entries:
        old = {citation.policy for citation in entry.citations if citation.historical}
        current = {citation.policy for citation in entry.citations if not citation.historical}
        linked = {link.partition("#")[0] for link in _LINK.findall(entry.body)}
        silent = current | (linked - old - {entry.id, *entry.supersedes})
        for policy in filter(None, map(shelf.policy, sorted(silent))):
            if _past(policy) and not _past(entry):
                message = f"用了{policy.validity}的 {policy.id}，请改用现行的 {policy.superseded_by}"
                yield _wrong(entry, "citations", message + "；确需说旧文的，依据里写 historical: true")
        for name in sorted(name for name in old if (now := shelf.policy(name)) and not _past(now)):
            yield _wrong(entry, "citations", f"{name} 没有失效，不必写 historical: true", fatal=False)


def _past(policy: Entry) -> bool:
    return bool(policy.validity and policy.validity.superseded)


def grades(shelf: Shelf) -> Iterator[Finding]:
    """Citations surer than their policy allows, and hearsay told with numbers."""
    for entry in shelf.entries:
        for citation in entry.citations:
            policy = shelf.policy(citation.policy)
            if policy and _unseen(policy) and citation.grade != Grade.HEARSAY:
                yield _wrong(entry, "citations", f"依据 {citation.ref} 的条文未见或待核对，等级只能写 C")
            if citation.grade == Grade.HEARSAY and _NUMBER.search(citation.says):
                message = f"依据 {citation.ref} 是 C 级，不要写数字，改为“以上级党组织要求为准”"
                yield _wrong(entry, "citations", message, fatal=False)


def _unseen(policy: Entry) -> bool:
    return policy.coverage == Coverage.CATALOGUE or policy.validity == Validity.UNVERIFIED


def links(shelf: Shelf) -> Iterator[Finding]:
    """Related entries and links in the text that lead nowhere."""
    for entry in shelf.entries:
        targets = [("related", target) for target in entry.related]
        targets += [("body", target) for target in _LINK.findall(entry.body)]
        for field, target in targets:
            if target.startswith(("http://", "https://", "mailto:")):
                continue
            name, _, anchor = target.partition("#")
            there = shelf.by_id.get(name)
            if there is None or (anchor and anchor not in _anchors(there)):
                yield _wrong(entry, field, f"指向的 {target} 不存在，请改正或删去")
            elif there.publication != Publication.PUBLISHED:
                yield _wrong(entry, field, f"指向的 {target} 没有发布，读者打不开", fatal=False)
        if entry.id in entry.related or len(set(entry.related)) < len(entry.related):
            yield _wrong(entry, "related", "相关条目里写了自己，或同一条写了两次，请删去")


def succession(shelf: Shelf) -> Iterator[Finding]:
    """Old and new policies that do not name each other."""
    for entry in shelf.of(Kind.POLICY):
        for name in entry.supersedes:
            old = shelf.policy(name)
            if old is None or old.superseded_by != entry.id:
                message = f"写着取代 {name}，但那一条不存在或没有写 superseded_by: {entry.id}，请两边写一致"
                yield _wrong(entry, "supersedes", message)
        new = shelf.policy(entry.superseded_by)
        if entry.superseded_by and (new is None or entry.id not in new.supersedes):
            message = f"写着被 {entry.superseded_by} 取代，但那一条不存在或没有在 supersedes 里写 {entry.id}"
            yield _wrong(entry, "superseded_by", message + "，请两边写一致")
        if entry.superseded_by and not _past(entry):
            yield _wrong(entry, "validity", "已被取代，效力应改为“已修订”或“已废止”")


def normal_alias(text: str) -> str:
    """The words of a question without how it asks, punctuation and width; equal where two ask the same."""
    bare = _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).lower())
    return _ASKING.sub("", bare) or bare


def aliases(shelf: Shelf) -> Iterator[Finding]:
    """Entries that know too few ways of being asked for; 怎么办 and 咋办 count once, the title not at all."""
    for entry in shelf.entries:
        distinct = {normal_alias(alias) for alias in entry.aliases} - {normal_alias(entry.title)}
        if len(distinct) < ALIASES[entry.kind]:
            message = f"有效的别名只有 {len(distinct)} 条，应不少于 {ALIASES[entry.kind]} 条"
            yield _wrong(entry, "aliases", message + "；只差“怎么办／咋办”的算一条，与标题相同的不算")


def shared_aliases(shelf: Shelf) -> Iterator[Finding]:
    """Names that lead to two entries."""
    holders: dict[str, list[Entry]] = defaultdict(list)
    for entry in shelf.entries:
        for name in {normal_alias(text): None for text in (entry.title, *entry.aliases)}:
            holders[name].append(entry)
    for entry in shelf.entries:
        for field, text in (("title", entry.title), *(("aliases", alias) for alias in entry.aliases)):
            others = [other.id for other in holders[normal_alias(text)] if other is not entry]
            if others:
                message = f"“{text}”也是 {'、'.join(others)} 的标题或别名，只能留在最该看的一条"
                yield _wrong(entry, field, message)


def near_identical(shelf: Shelf) -> Iterator[Finding]:
    """Entries that are nearly the same text."""
    for pair in overlap.near_identical({entry.id: _prose(entry) for entry in shelf.entries}, ALIKE):
        message = f"正文与 {pair.one} 有 {pair.share:.0%} 相同，请合并，或写出两条的区别"
        yield _wrong(shelf.by_id[pair.other], "body", message)


def repeated_sentences(shelf: Shelf) -> Iterator[Finding]:
    """Sentences that stand in more entries than the standard allows."""
    texts = {entry.id: _prose(entry) for entry in shelf.entries}
    for sentence, names in overlap.repeated(texts, SENTENCE_HOMES).items():
        message = f"“{sentence[:40]}”在 {len(names)} 个条目里重复，请结合本条的情形改写"
        yield from (_wrong(shelf.by_id[name], "body", message) for name in names)


def _prose(entry: Entry) -> str:
    body = _STEP_LABEL.sub("", entry.body)
    return "\n".join((entry.summary, body, *(citation.says for citation in entry.citations)))


RULES: tuple[tuple[str, Callable[[Shelf], Iterator[Finding]]], ...] = (
    ("required", required),
    ("sections", sections),
    ("steps", steps),
    ("questions", questions),
    ("placeholders", placeholders),
    ("citations", citations),
    ("superseded", superseded),
    ("grades", grades),
    ("links", links),
    ("succession", succession),
    ("aliases", aliases),
    ("shared-aliases", shared_aliases),
    ("near-identical", near_identical),
    ("repeated-sentences", repeated_sentences),
)
