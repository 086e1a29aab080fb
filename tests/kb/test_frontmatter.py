"""A file is read as what its author meant, or refused by name; it never disappears and never crashes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import frontmatter
from tests.kb.strategies import TRICKY, bodies, characters

GOOD = """---
id: dues-overdue
title: 党员逾期没有缴纳党费怎么办
tags: [党费, 催缴]
---

## 问题描述

三个月没有交。
"""
HEADER = {"id": "dues-overdue", "title": "党员逾期没有缴纳党费怎么办", "tags": ["党费", "催缴"]}
BODY = "## 问题描述\n\n三个月没有交。"


def read(raw: bytes) -> tuple[frontmatter.Header, str, list[str]]:
    """Header, body and the codes of the findings, as `schema.parse` goes about it."""
    text, odd = frontmatter.decode(raw)
    if any(finding.fatal for finding in odd):
        return {}, "", [finding.code for finding in odd]
    header, body, findings = frontmatter.split(text)
    return header, body, [finding.code for finding in (*odd, *findings)]


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        pytest.param(GOOD.encode(), [], id="plain UTF-8"),
        pytest.param(GOOD.encode("utf-8-sig"), [], id="byte order mark, as Notepad writes it"),
        pytest.param(GOOD.encode("gb18030"), ["encoding-gb18030"], id="GB18030"),
        pytest.param(("\ufeff" + GOOD).encode("gb18030"), ["encoding-gb18030"], id="GB18030 with mark"),
        pytest.param(GOOD.replace("\n", "\r\n").encode(), [], id="CRLF"),
        pytest.param(GOOD.replace("\n", "\r").encode(), [], id="CR alone"),
        pytest.param(
            GOOD.replace("\n", "\r\n").encode("gb18030"), ["encoding-gb18030"], id="GB18030 and CRLF"
        ),
        pytest.param(("\n\n" + GOOD).encode(), [], id="blank lines above"),
        pytest.param(GOOD.replace("---\n", "---  \n").encode(), [], id="blanks after the fence"),
        pytest.param((GOOD.rstrip() + "  \n\n\n").encode(), [], id="blanks and blank lines below"),
    ],
)
def test_the_same_entry_however_it_was_saved(raw: bytes, codes: list[str]) -> None:
    assert read(raw) == (HEADER, BODY, codes)


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param("\ufeff \r\n　\n".encode(), "empty", id="only blanks"),
        pytest.param(GOOD.encode() + b"x" * 5_000_000, "too-large", id="5 MB"),
        pytest.param(PNG, "binary", id="a picture"),
        pytest.param(b"\xff\xfe" + GOOD.encode("utf-16-le"), "encoding", id="UTF-16"),
        pytest.param(GOOD.encode() + b"\x00", "binary", id="NUL at the end, as after a power cut"),
        pytest.param(GOOD.encode()[:-2], "encoding", id="torn in the middle of a character"),
        pytest.param("# 会议记录\n".encode(), "no-header", id="no header"),
        pytest.param(b"hello\n" + GOOD.encode(), "no-header", id="words above the header"),
        pytest.param("---\nid: a\ntitle: 没有结尾\n".encode(), "unclosed-header", id="unclosed header"),
        pytest.param(
            GOOD.replace("三个月", "<<<<<<< HEAD\n三个月").encode(), "git-conflict", id="conflict, ours"
        ),
        pytest.param(
            GOOD.replace("三个月", ">>>>>>> 1a2b3c4\n三").encode(), "git-conflict", id="conflict, theirs"
        ),
        pytest.param(
            GOOD.replace("title", "<<<<<<< HEAD\ntitle").encode(), "git-conflict", id="in the header"
        ),
    ],
)
def test_what_cannot_be_an_entry_is_refused_by_name(raw: bytes, code: str) -> None:
    assert read(raw)[2] == [code]


def test_a_heading_underlined_with_seven_signs_is_no_conflict() -> None:
    header, body, codes = read((GOOD + "\n来源\n=======\n").encode())
    assert (header, codes) == (HEADER, [])
    assert body.endswith("来源\n=======")


def test_a_rule_across_the_page_is_not_the_end_of_the_header() -> None:
    assert read((GOOD + "\n---\n\n后一半\n---\n").encode())[1] == BODY + "\n\n---\n\n后一半\n---"


@pytest.mark.parametrize(
    ("head", "code", "says"),
    [
        pytest.param("title: 关于: 党费", "yaml", "第 1 行", id="a second colon"),
        pytest.param("id: a\n\ttitle: b", "yaml", "第 2 行", id="a tab"),
        pytest.param("id: a\nid: b", "yaml", "“id”写了两次", id="duplicate key"),
        pytest.param("list:\n  - ref: a\n    ref: b", "yaml", "“ref”写了两次", id="duplicate key further in"),
        pytest.param("? [a]\n: b", "yaml", "必须是文字", id="a list as key"),
        pytest.param("tags: [党费", "yaml", "行写法有误", id="unclosed bracket"),
        pytest.param('title: "党费', "yaml", "行写法有误", id="unclosed quote"),
        pytest.param("a: &x b\nc: *x", "yaml-alias", "引用", id="alias"),
        pytest.param("a: &x [b]\nc: {<<: *x}", "yaml-alias", "引用", id="merge"),
        pytest.param("a: " + "[" * 9 + "]" * 9, "yaml-depth", "太深", id="nine levels"),
        pytest.param("a: " + "[" * 5000, "yaml-depth", "太深", id="five thousand brackets"),
        pytest.param("\n".join(" " * n + "a:" for n in range(200)), "yaml-depth", "太深", id="a staircase"),
        pytest.param("- a\n- b", "yaml", "一行一个", id="a list, not fields"),
        pytest.param("只有一句话", "yaml", "一行一个", id="a sentence"),
        pytest.param("a: b\n...\nc: d", "yaml", "行写法有误", id="two documents"),
        pytest.param("a: \x07", "yaml", "写法有误", id="a control character"),
        pytest.param("a: " + "x" * 70_000, "header-too-long", "过长", id="a header of 70,000 characters"),
    ],
)
def test_a_broken_header_is_one_finding_that_says_where(head: str, code: str, says: str) -> None:
    header, findings = frontmatter.parse_header(head)
    assert header == {}
    assert [finding.code for finding in findings] == [code]
    assert says in findings[0].message


@pytest.mark.parametrize(
    "text", ["no", "Yes", "null", "~", "12:30", "010", "0x1F", "1_000", "2024-13-42", "1e3"]
)
def test_what_was_typed_stays_text(text: str) -> None:
    assert frontmatter.parse_header(f"a: {text}") == ({"a": text}, [])


def test_a_tag_builds_no_object() -> None:
    header, findings = frontmatter.parse_header('a: !!python/object/apply:os.system ["exit 1"]')
    assert (header, findings) == ({"a": ["exit 1"]}, [])


def test_the_line_that_is_named_is_the_line_of_the_file() -> None:
    _, _, findings = frontmatter.split("---\nid: a\ntitle: 关于: 党费\n---\n")
    assert "第 3 行" in findings[0].message


values = st.recursive(
    st.text(characters) | st.sampled_from(TRICKY),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(characters, max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
headers = st.dictionaries(st.from_regex(r"[a-z_备注]{1,9}", fullmatch=True), values, min_size=1, max_size=5)


@given(header=headers, body=bodies)
def test_join_and_split_are_inverse(header: frontmatter.Header, body: str) -> None:
    assert frontmatter.split(frontmatter.join(header, body)) == (header, body, [])


@given(header=headers, body=st.text(characters.filter(lambda c: c != "\x00")))
def test_the_second_join_changes_nothing(header: frontmatter.Header, body: str) -> None:
    text = frontmatter.join(header, body)
    _, body_again, codes = frontmatter.split(text)
    assert codes or frontmatter.join(header, body_again) == text


@given(st.binary(max_size=300))
def test_no_bytes_raise(raw: bytes) -> None:
    read(raw)
    read(b"---\n" + raw + b"\n---\n")
