"""An entry survives its file unchanged, and a file that makes no entry says which field is wrong."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given, settings

from kb import frontmatter, schema
from kb.markdown import MAX_BODY_CHARS
from kb.types import Category, Citation, Entry, Grade, Kind, Origin, Publication, Validity
from tests.kb.strategies import NO_IDS, entries

FULL = """---
id: dues-regulation
kind: policy
title: 党费收缴、使用和管理规定
summary: 党费按月交。
category: 基本制度
organisations: [通用, 机关]
tags: [党费, 补交]
aliases:
  - 党费什么时候交
  - '010'
document_number: 中组发〔2008〕3号
issuer: 中央组织部
issued: 2008-02-04
effective: 2008-04-01
validity: 现行
coverage: 逐条摘要
supersedes: [dues-1998]
source_url: https://example.org/a?b=1
citations:
  - ref: party-constitution#9
    says: 没有正当理由连续六个月不交，按自行脱党处理。
    grade: A
  - ref: dues-1998#x1
    says: 旧规定的说法。
    grade: B-
    historical: true
related: [dues-overdue]
provenance: 本库整理
publication: published
created: 2026-11-20
updated: 2026-11-20
verified_on: 2026-11-20
备注: 还没核对附件
---

## 总则

### 第一条 目的

为了管好党费。
"""
PROBLEM = ["id: dues-overdue", "kind: problem", "title: 逾期没有缴纳党费怎么办"]
POLICY = ["id: dues-regulation", "kind: policy", "title: 党费规定", "validity: 现行"]
CASE = ["id: qr-study", "kind: case", "title: 一人一码"]


def file(lines: list[str], *more: str) -> bytes:
    return "\n".join(["---", *lines, *more, "---", "", "正文"]).encode()


def read(lines: list[str], *more: str) -> Entry:
    entry, findings = schema.parse(file(lines, *more))
    assert entry is not None, findings
    return entry


# There and back


@given(entries)
@settings(max_examples=400)
def test_an_entry_survives_its_file(entry: Entry) -> None:
    text = schema.dump(entry)
    again, findings = schema.parse(text.encode())
    assert again == entry
    assert {finding.code for finding in findings} <= {"unknown-field"}
    assert schema.dump(again) == text


def test_a_full_file_is_read_field_by_field_and_written_back_to_the_byte() -> None:
    entry, findings = schema.parse(FULL.encode())
    assert entry is not None
    assert [(finding.code, finding.field, finding.fatal) for finding in findings] == [
        ("unknown-field", "备注", False)
    ]
    assert (entry.kind, entry.validity, entry.publication) == (
        Kind.POLICY,
        Validity.IN_FORCE,
        Publication.PUBLISHED,
    )
    assert entry.aliases == ("党费什么时候交", "010")
    assert entry.issued == date(2008, 2, 4)
    assert entry.citations[1] == Citation("dues-1998", "x1", "旧规定的说法。", Grade.ABSTRACT, True)
    assert entry.body == "## 总则\n\n### 第一条 目的\n\n为了管好党费。"
    assert schema.dump(entry) == FULL


def test_fields_are_written_in_the_order_of_the_table_whatever_order_they_came_in() -> None:
    lines = FULL.split("---\n")[1].split("\n")
    blocks = "\n".join(lines).replace("\n  ", "\0  ").split("\n")
    shuffled = random.Random(7).sample(blocks[:-1], len(blocks) - 1)
    entry, _ = schema.parse(
        FULL.replace("\n".join(lines), "\n".join(shuffled).replace("\0", "\n") + "\n").encode()
    )
    assert entry is not None
    assert schema.dump(entry) == FULL


def test_empty_fields_are_left_out() -> None:
    assert schema.dump(read(PROBLEM, "summary:", "tags: []", "created: ''", "origin: {}")).split("\n")[
        1:5
    ] == [
        *PROBLEM,
        "publication: draft",
    ]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("备注: 还没核对", "备注: 还没核对"),
        ("checked: no", "checked: 'no'"),
        ("reviewers: [张三, 李四]", "reviewers:\n  - 张三\n  - 李四"),
        ("meta:\n  source: {page: 3}", "meta:\n  source:\n    page: '3'"),
        ("validity: 现行", "validity: 现行"),
        ("body: 不是正文", "body: 不是正文"),
        ("extra: x", "extra: x"),
    ],
)
def test_a_field_nobody_knows_is_kept_as_it_is(written: str, kept: str) -> None:
    entry, findings = schema.parse(file(PROBLEM, written))
    assert entry is not None
    assert [(finding.code, finding.fatal) for finding in findings] == [("unknown-field", False)]
    assert f"\n{kept}\n---" in schema.dump(entry)
    assert schema.parse(schema.dump(entry).encode())[0] == entry


def test_hand_written_variants_mean_the_same() -> None:
    entry = read(
        POLICY,
        "issued: 2008年2月4日",
        "effective: 2008.4.1",
        "tags: 党费",
        "citations: [party-constitution#9]",
    )
    assert (entry.issued, entry.effective) == (date(2008, 2, 4), date(2008, 4, 1))
    assert entry.tags == ("党费",)
    assert entry.citations == (Citation("party-constitution", "9"),)


def test_blanks_and_line_breaks_inside_a_value_become_one_blank() -> None:
    entry = read(PROBLEM, "summary: |", "  先提醒，", "    再催交。  ", "aliases: ['  老张  没交 ', '']")
    assert (entry.summary, entry.aliases) == ("先提醒， 再催交。", ("老张 没交",))


def test_an_origin_without_a_word_is_no_origin() -> None:
    assert read(CASE, "origin: {author: '', title: ' '}").origin is None
    assert read(CASE, "origin: {author: 王五}").origin == Origin("王五")


# What is wrong is said by field


@pytest.mark.parametrize(
    ("lines", "code", "field"),
    [
        pytest.param(CASE[1:], "required", "id", id="no id"),
        pytest.param(["id: ''", *CASE[1:]], "required", "id", id="empty id"),
        pytest.param(["id: Dues", *CASE[1:]], "id", "id", id="capital letter"),
        pytest.param(["id: 党费", *CASE[1:]], "id", "id", id="Han id"),
        pytest.param(["id: ../../etc/passwd", *CASE[1:]], "id", "id", id="path as id"),
        pytest.param(["id: [a]", *CASE[1:]], "value", "id", id="list as id"),
        pytest.param([CASE[0], CASE[2]], "kind", "kind", id="no kind"),
        pytest.param([CASE[0], "kind: 案例", CASE[2]], "kind", "kind", id="Chinese kind"),
        pytest.param([CASE[0], "kind: [case]", CASE[2]], "kind", "kind", id="list as kind"),
        pytest.param([CASE[0], "kind: {case: x}", CASE[2]], "kind", "kind", id="mapping as kind"),
        pytest.param(CASE[:2], "required", "title", id="no title"),
        pytest.param([*CASE[:2], "title: '  　 '"], "required", "title", id="blank title"),
        pytest.param([*CASE[:2], "title: [a, b]"], "value", "title", id="list as title"),
        pytest.param([*CASE, "summary: {a: b}"], "value", "summary", id="mapping as text"),
        pytest.param([*CASE, "category: 党建"], "value", "category", id="unknown category"),
        pytest.param([*CASE, "category: [基本制度]"], "value", "category", id="list as category"),
        pytest.param([*PROBLEM, "source: 举报"], "value", "source", id="unknown source"),
        pytest.param(
            [*CASE, "organisations: [机关, 军队]"], "value", "organisations", id="unknown organisation"
        ),
        pytest.param([*CASE, "organisations: 机关、学校"], "value", "organisations", id="two in one text"),
        pytest.param([*CASE, "tags: {a: b}"], "value", "tags", id="mapping as list"),
        pytest.param([*CASE, "aliases:", "  - 怎么办: 催"], "value", "aliases", id="a colon makes a mapping"),
        pytest.param([*CASE, "aliases: [[a]]"], "value", "aliases", id="list in a list"),
        pytest.param([*CASE, "evidence: 听说"], "value", "evidence", id="unknown evidence"),
        pytest.param([*CASE, "origin: 王五的论文"], "value", "origin", id="text as origin"),
        pytest.param([*CASE, "origin: {作者: 王五}"], "value", "origin", id="unknown part of the origin"),
        pytest.param([*CASE, "origin: {author: [王五]}"], "value", "origin", id="list inside the origin"),
        pytest.param([*POLICY, "issued: 2024-13-42"], "value", "issued", id="impossible date"),
        pytest.param([*POLICY, "issued: 2026-02-29"], "value", "issued", id="no leap year"),
        pytest.param([*POLICY, "issued: 去年"], "value", "issued", id="a word as date"),
        pytest.param([*POLICY, "issued: [2026-01-01]"], "value", "issued", id="list as date"),
        pytest.param([*CASE, "created: 0000-00-00"], "value", "created", id="zeros as date"),
        pytest.param(POLICY[:3], "required", "validity", id="policy without validity"),
        pytest.param([*POLICY[:3], "validity: 有效"], "value", "validity", id="unknown validity"),
        pytest.param([*POLICY, "coverage: 全部"], "value", "coverage", id="unknown coverage"),
        pytest.param([*CASE, "publication: 发布"], "value", "publication", id="unknown publication"),
        pytest.param(
            [*CASE, "citations: dues-regulation#12"], "value", "citations", id="citation without list"
        ),
        pytest.param([*CASE, "citations: [[a]]"], "value", "citations", id="list as citation"),
        pytest.param([*CASE, "citations: [{says: x}]"], "value", "citations", id="citation without ref"),
        pytest.param([*CASE, "citations: [{ref: 党费规定}]"], "value", "citations", id="title as ref"),
        pytest.param([*CASE, "citations: [{ref: a#第十二条}]"], "value", "citations", id="Han article"),
        pytest.param([*CASE, "citations: [{ref: [a]}]"], "value", "citations", id="list as ref"),
        pytest.param([*CASE, "citations: [{ref: a, grade: D}]"], "value", "citations", id="unknown grade"),
        pytest.param([*CASE, "citations: [{ref: a, grade: [A]}]"], "value", "citations", id="list as grade"),
        pytest.param([*CASE, "citations: [{ref: a, says: [x]}]"], "value", "citations", id="list as words"),
        pytest.param(
            [*CASE, "citations: [{ref: a, historical: 是}]"], "value", "citations", id="historical: 是"
        ),
        pytest.param(
            [*CASE, "citations: [{ref: a, says: x, note: y}]"], "value", "citations", id="unknown part"
        ),
    ],
)
def test_a_bad_value_is_one_finding_that_names_the_field(lines: list[str], code: str, field: str) -> None:
    entry, findings = schema.parse(file(lines))
    assert entry is None
    assert [(finding.code, finding.field) for finding in findings if finding.fatal] == [(code, field)]
    assert field in findings[0].message or schema.BY_NAME[field].label in findings[0].message


def test_every_mistake_is_told_at_once() -> None:
    _, findings = schema.parse(file(["id: A", "kind: policy", "issued: x", "category: y"]))
    assert {finding.field for finding in findings} == {"id", "title", "validity", "issued", "category"}


def test_a_body_too_long_to_show_is_refused_not_cut() -> None:
    entry = Entry("a", Kind.CASE, "题", body="字" * (MAX_BODY_CHARS + 1))
    assert [finding.code for finding in schema.parse(schema.dump(entry).encode())[1]] == ["body-too-long"]
    fits = replace(entry, body=entry.body[1:])
    assert schema.parse(schema.dump(fits).encode())[0] == fits


@pytest.mark.parametrize("text", ["a", "dues-overdue", "a1", "x" * 64, "company", "con-tract"])
def test_ids(text: str) -> None:
    assert schema.is_id(text)


@pytest.mark.parametrize("text", NO_IDS)
def test_no_ids(text: str) -> None:
    assert not schema.is_id(text)


# The table


def test_the_table_names_every_field_of_an_entry_and_no_other() -> None:
    assert set(schema.BY_NAME) == {field.name for field in fields(Entry)} - {"extra", "body"}


def test_every_choice_of_the_table_is_read_and_written() -> None:
    for field in schema.FIELDS:
        base = {Kind.POLICY: POLICY, Kind.CASE: CASE}.get(min(field.kinds), PROBLEM)
        for choice in field.choices:
            if field.name not in ("kind", "validity"):
                assert f"{field.name}: " in schema.dump(read(base, f"{field.name}: {choice}")), (
                    field,
                    choice,
                )
    assert read(CASE, "category: 基本队伍").category == Category.TEAM


# Fuzz

SNIPPETS = [
    "---", "- ", ": ", "\t", "[", "]", "{", "}", "&a ", "*a", "!!python/name:os ", "|", ">", "'", '"', "#",
    "?", "%", "@", "<<: ", "\n", "\r\n", "\ufeff", "\u2028", "\x85", "no", "0", "null", "kind: case\n",
    "citations: x\n", "<<<<<<< HEAD\n", "origin: [1]\n", "2024-13-42", "  ", "党", "\x07", "\x00", "...",
]  # fmt: skip


def mangled(text: str, draw: random.Random) -> bytes:
    for _ in range(draw.randint(1, 3)):
        at, span = draw.randrange(len(text)), draw.randint(1, 30)
        text = draw.choice(
            (
                text[:at] + draw.choice(SNIPPETS) + text[at:],
                text[:at] + text[at + span :],
                text[:at] + text[at : at + span] + text[at:],
                text[:at] + draw.choice(SNIPPETS) + text[at + span :],
            )
        )
    raw = bytearray(text.encode(draw.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030"))))
    if draw.random() < 0.1 and raw:
        raw[draw.randrange(len(raw))] = draw.randrange(256)
    return bytes(raw)


@pytest.mark.parametrize("seed", range(4))
def test_five_hundred_mangled_files_end_as_an_entry_or_as_a_named_finding(seed: int) -> None:
    draw = random.Random(seed)
    lines = len(FULL.split("---\n")[1])
    for _ in range(500):
        raw = mangled(FULL[: lines + 60], draw)
        entry, findings = schema.parse(raw)
        if entry is None:
            assert [f for f in findings if f.fatal and f.code and f.message], raw
        else:
            again, _ = schema.parse(schema.dump(entry).encode())
            assert again == entry, raw


def test_no_header_that_yaml_can_build_raises() -> None:
    shapes = [
        "x",
        [],
        ["x"],
        [["x"]],
        {},
        {"ref": "a"},
        {"x": ["y"]},
        [{"ref": ["a"]}],
        [{"ref": "a", "x": "y"}],
        [{}],
    ]
    for field in schema.FIELDS:
        for kind in Kind:
            for shape in shapes:
                header: frontmatter.Header = {"id": "a", "kind": kind.value, "title": "题", field.name: shape}
                entry, findings = schema.read(header, "")
                assert entry or any(finding.fatal for finding in findings)
