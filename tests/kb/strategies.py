"""Entries as hypothesis draws them: every kind, every field, and the characters that break parsers."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from kb.types import (
    ORGANISATIONS,
    Attachment,
    Category,
    Citation,
    Coverage,
    Entry,
    Evidence,
    Grade,
    Kind,
    Origin,
    ProblemSource,
    Publication,
    Validity,
)

ODD = (
    "党费催缴：，。“”《》〔〕〇　—…·①𠮷👍ＡaZ09 #-:?!&*|>%@`'\"{}[],\\/~<=.\t\x07\x7f\u200b\ufeff\ufffd\u0301"
)
"""Han in and beyond the basic plane, full width, YAML and Markdown signs, controls, invisible marks."""
TRICKY = (
    "no",
    "null",
    "~",
    "010",
    "12:30",
    "2026-11-20",
    "1e3",
    "=",
    "<<",
    "---",
    "...",
    "- a",
    "a: b",
    "#x",
    "!!x",
)
"""Texts that YAML likes to take for something else."""

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\r")


def one_line(text: str) -> str:
    return " ".join(text.split())


def tidy(body: str) -> str:
    """What `Entry.body` promises: no blank lines at either end; and no blanks at line ends."""
    return "\n".join(line.rstrip() for line in body.split("\n")).strip("\n")


texts = (st.text(ODD, max_size=30) | st.text(characters, max_size=20) | st.sampled_from(TRICKY)).map(one_line)
filled = texts.filter(bool)
lists = st.lists(filled, max_size=4).map(tuple)
days = st.dates(min_value=date(1900, 1, 1)) | st.none()
ids = st.from_regex(r"[a-z][a-z0-9]{0,7}(-[a-z0-9]{1,5}){0,3}", fullmatch=True).filter(
    lambda text: text not in ("con", "prn", "aux", "nul") and text[:3] not in ("com", "lpt")
)
anchors = st.sampled_from(("", "1", "31", "8-1", "x1", "120"))
citations = st.lists(
    st.builds(Citation, ids, anchors, texts, st.sampled_from(Grade), st.booleans()), max_size=3
).map(tuple)
origins = st.none() | st.builds(Origin, texts, texts, texts).filter(lambda origin: origin != Origin())
attachments = st.lists(
    st.builds(Attachment, st.from_regex(r"[0-9a-f]{16}\.(jpg|pdf)", fullmatch=True), texts), max_size=3
).map(tuple)
json_values = st.sampled_from(
    ('"x"', '""', '["a", "b"]', '{"a": ["b", {"c": "d"}]}', '"no"', '"a\\nb"', "[]", "{}")
)
extras = st.dictionaries(st.sampled_from(("备注", "owner", "no", "see also")), json_values, max_size=3).map(
    lambda found: tuple(found.items())
)
bodies = (
    st.lists(
        st.sampled_from(
            (
                "## 问题描述",
                "",
                "---",
                "1. **做** 事",
                "   - 责任人：书记",
                "=======",
                "```",
                "| a | b |",
                "　　缩进",
            )
        )
        | st.text(ODD, max_size=20)
        | st.text(characters, max_size=20),
        max_size=8,
    )
    .map("\n".join)
    .map(tidy)
    .filter(lambda body: "\x00" not in body and "<<<<<<<" not in body and ">>>>>>>" not in body)
)
_PROBLEM = {"source": st.sampled_from(("", *ProblemSource)).map(str)}
_CASE = {"evidence": st.sampled_from(("", *Evidence)).map(str), "origin": origins, "factors": lists}
_POLICY = {
    "document_number": texts,
    "issuer": texts,
    "issued": days,
    "effective": days,
    "validity": st.sampled_from(Validity),
    "coverage": st.sampled_from(("", *Coverage)).map(str),
    "supersedes": lists,
    "superseded_by": texts,
    "source_url": texts,
}
_OF_KIND = {Kind.PROBLEM: _PROBLEM, Kind.CASE: _CASE, Kind.POLICY: _POLICY, Kind.HANDBOOK: {}}


def entries_of(kind: Kind) -> st.SearchStrategy[Entry]:
    return st.builds(
        Entry,
        id=ids,
        kind=st.just(kind),
        title=filled,
        summary=texts,
        category=st.sampled_from(("", *Category)).map(str),
        organisations=st.lists(st.sampled_from(ORGANISATIONS), max_size=3).map(tuple),
        tags=lists,
        aliases=lists,
        citations=citations,
        related=lists,
        attachments=attachments,
        moved_to=texts,
        provenance=texts,
        publication=st.sampled_from(Publication),
        created=days,
        updated=days,
        verified_on=days,
        extra=extras,
        body=bodies,
        **_OF_KIND[kind],
    )


entries = st.sampled_from(Kind).flatmap(entries_of)

NO_IDS = [
    "", " ", "A", "1a", "-a", "a-", "a--b", "a_b", "a b", "a.b", "a/b", "a\\b", "..", "../../etc/passwd",
    "/etc/passwd", "..\\..\\b", "C:\\a", "c:a", "a%2fb", "%2e%2e%2f", "..%2f..%2fetc", "con", "com1",
    "nul", "aux", "prn", "lpt9", "a\n", "a\x00", "党费", "ａｂｃ", "а", "x" * 65, "a.md", "~", "a:b", "a*",
]  # fmt: skip
"""What people or attackers write where an entry id should stand."""
