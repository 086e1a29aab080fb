"""Each rule, shown by the smallest change that breaks a collection which is in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kb import markdown
from kb.check import RULES, check, normal_alias
from kb.types import Citation, Entry, Finding, Grade, Kind, Origin, Publication, Step, Validity

DAY = date(2026, 11, 20)
HEAVENLY = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"


def common(entry_id: str, kind: Kind, title: str, aliases: int) -> Entry:
    return Entry(
        id=entry_id,
        kind=kind,
        title=title,
        summary=f"{title}，一句话回答",
        category="基本制度",
        organisations=("通用",),
        tags=("标签",),
        aliases=tuple(f"{title}的{HEAVENLY[n]}种问法" for n in range(aliases)),
        provenance="本库整理",
        publication=Publication.PUBLISHED,
        created=DAY,
        updated=DAY,
        verified_on=DAY,
    )


def steps(count: int) -> str:
    return markdown.render_steps(
        tuple(Step(f"做第{n}件事", "", "支部书记", "当日", "记录") for n in range(count))
    )


def body(*sections: tuple[str, str]) -> str:
    return "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections)


POLICY = replace(
    common("new-rule", Kind.POLICY, "交费规定", 3),
    validity=Validity.IN_FORCE,
    coverage="逐条摘要",
    supersedes=("old-rule",),
    body="## 总则\n\n### 第一条 时间\n\n按月交。\n\n### 摘录一 补交（条号未见）\n\n可以补。",
)
OLD = replace(
    common("old-rule", Kind.POLICY, "旧交费规定", 3),
    validity=Validity.AMENDED,
    coverage="部分条文",
    superseded_by="new-rule",
    body="### 第一条 旧的时间\n\n按季交。",
)
PROBLEM = replace(
    common("late", Kind.PROBLEM, "欠费", 16),
    source="反馈",
    citations=(Citation("new-rule", "1", "按月交"),),
    related=("flow", "told"),
    body=body(
        ("问题描述", "拖着不交。"),
        ("原因分析", "- 忘了。"),
        ("解决建议", "见[规定](new-rule#1)和[流程](flow)。"),
        ("实施步骤", steps(5)),
        ("注意事项", "- 不要代垫。"),
    ),
)
FLOW = replace(
    common("flow", Kind.HANDBOOK, "收费流程", 10),
    citations=(Citation("new-rule", "x1", "可以补"),),
    related=("late",),
    body=body(
        ("适用情形", "每月收费。"),
        ("流程步骤", steps(6)),
        ("所需材料", "- 台账。"),
        ("注意事项", "- 当面点清。"),
        ("常见问题", "\n\n".join(f"### 第{n}问\n\n答。" for n in "一二三四")),
        ("模板", "### 通知\n\n```text\n【姓名】同志：请在【日期】前交费。\n```"),
    ),
)
CASE = replace(
    common("told", Kind.CASE, "提醒案例", 10),
    evidence="论文主张",
    origin=Origin("某人", "某文"),
    factors=("党员分散",),
    related=("late",),
    body=body(
        ("背景", "分散。"),
        ("主要做法", "1. 发提醒。"),
        ("成效", "原文未载。"),
        ("经验教训", "早提醒。"),
        ("可借鉴的关键因素", "- 分散。"),
        ("来源", "某文。"),
    ),
)
SOUND = (POLICY, OLD, PROBLEM, FLOW, CASE)


def put(*changed: Entry) -> list[Entry]:
    """The sound collection with these entries in place of their namesakes, or added."""
    return list({entry.id: entry for entry in (*SOUND, *changed)}.values())


def cites(**change: object) -> Entry:
    return replace(PROBLEM, citations=(replace(PROBLEM.citations[0], **change),))


def rewrite(entry: Entry, old: str, new: str) -> Entry:
    assert old in entry.body
    return replace(entry, body=entry.body.replace(old, new))


def test_a_sound_collection_has_no_findings() -> None:
    assert check(SOUND) == []
    assert check([]) == []


WRONG: list[tuple[str, str, Entry]] = [
    ("required", "summary", replace(PROBLEM, summary="")),
    ("required", "category", replace(FLOW, category="")),
    ("required", "verified_on", replace(POLICY, verified_on=None)),
    ("required", "source", replace(PROBLEM, source="")),
    ("required", "evidence", replace(CASE, evidence="")),
    ("required", "origin", replace(CASE, origin=None)),
    ("required", "origin", replace(CASE, origin=Origin(title="某文"))),
    ("required", "factors", replace(CASE, factors=())),
    ("sections", "body", rewrite(PROBLEM, "## 原因分析", "## 起因")),
    ("sections", "body", rewrite(CASE, "原文未载。", "")),
    ("sections", "body", replace(OLD, body="## 说明\n\n没有条文。")),
    ("steps", "body", rewrite(PROBLEM, steps(5), steps(4))),
    ("steps", "body", rewrite(PROBLEM, steps(5), steps(10))),
    ("steps", "body", rewrite(FLOW, steps(6), steps(4))),
    ("steps", "body", rewrite(PROBLEM, steps(1), steps(1).replace("   - 时限：当日\n", ""))),
    ("questions", "body", rewrite(FLOW, "### 第四问\n\n答。", "")),
    ("questions", "body", rewrite(FLOW, "### 第四问\n\n答。", "### 第四问")),
    ("placeholders", "body", rewrite(FLOW, "【日期】", "【日期")),
    ("placeholders", "body", rewrite(FLOW, "【日期】", "【】")),
    ("citations", "citations", cites(policy="nowhere")),
    ("citations", "citations", cites(policy="flow", article="")),
    ("citations", "citations", cites(article="2")),
    ("citations", "citations", cites(says="")),
    ("superseded", "citations", cites(policy="old-rule")),
    ("superseded", "citations", rewrite(PROBLEM, "new-rule#1", "old-rule#1")),
    ("grades", "citations", replace(POLICY, coverage="仅目录")),
    ("grades", "citations", replace(POLICY, validity=Validity.UNVERIFIED)),
    ("links", "related", replace(PROBLEM, related=("flow", "told", "nowhere"))),
    ("links", "related", replace(PROBLEM, related=("flow", "told", "late"))),
    ("links", "related", replace(PROBLEM, related=("flow", "told", "flow"))),
    ("links", "body", rewrite(PROBLEM, "(flow)", "(flow.md)")),
    ("links", "body", rewrite(PROBLEM, "new-rule#1", "new-rule#9")),
    ("succession", "supersedes", replace(OLD, superseded_by="")),
    ("succession", "superseded_by", replace(POLICY, supersedes=())),
    ("succession", "validity", replace(OLD, validity=Validity.IN_FORCE)),
    ("aliases", "aliases", replace(PROBLEM, aliases=PROBLEM.aliases[1:])),
    ("aliases", "aliases", replace(CASE, aliases=(*CASE.aliases[2:], "收了钱怎么办", "收了钱咋整呢"))),
    ("aliases", "aliases", replace(POLICY, aliases=(*POLICY.aliases[1:], POLICY.title))),
    ("shared-aliases", "aliases", replace(CASE, aliases=(*CASE.aliases, PROBLEM.aliases[0] + "咋办？"))),
    ("shared-aliases", "aliases", replace(CASE, aliases=(*CASE.aliases, "欠费怎么办"))),
    ("shared-aliases", "title", replace(CASE, title="欠费如何处理")),
]


@pytest.mark.parametrize(
    ("code", "field", "entry"), WRONG, ids=[f"{n}-{row[0]}" for n, row in enumerate(WRONG)]
)
def test_each_rule_names_entry_and_field(code: str, field: str, entry: Entry) -> None:
    found = [finding for finding in check(put(entry)) if finding.fatal]
    assert (code, field) in {(finding.code, finding.field) for finding in found}
    assert all(finding.where in {e.id for e in SOUND} and finding.message for finding in found)


def only(findings: list[Finding], code: str) -> list[Finding]:
    assert {finding.code for finding in findings} <= {code}
    return findings


def test_history_may_be_cited_when_it_says_so() -> None:
    past = Citation("old-rule", "1", "旧时按季", historical=True)
    entry = rewrite(replace(PROBLEM, citations=(*PROBLEM.citations, past)), "new-rule#1", "old-rule#1")
    assert check(put(entry)) == []


def test_calling_the_law_in_force_history_is_advised_against() -> None:
    [finding] = only(check(put(cites(historical=True))), "superseded")
    assert not finding.fatal


def test_hearsay_may_cite_an_unseen_policy_but_not_with_numbers() -> None:
    unseen = replace(POLICY, coverage="仅目录", body=POLICY.body)
    flow = replace(FLOW, citations=(replace(FLOW.citations[0], grade=Grade.HEARSAY),))
    assert check(put(unseen, cites(grade=Grade.HEARSAY), flow)) == []
    told = cites(grade=Grade.HEARSAY, says="三个月内补交")
    [finding] = only(check(put(unseen, told, flow)), "grades")
    assert not finding.fatal


def test_no_basis_is_advice() -> None:
    [finding] = only(check(put(replace(PROBLEM, citations=()))), "required")
    assert (finding.field, finding.fatal) == ("citations", False)


def test_sections_out_of_order_are_advice() -> None:
    swapped = rewrite(PROBLEM, "## 问题描述", "## 占位")
    swapped = rewrite(swapped, "## 原因分析", "## 问题描述")
    [finding] = only(check(put(rewrite(swapped, "## 占位", "## 原因分析"))), "sections")
    assert not finding.fatal


def test_nothing_about_a_draft_is_fatal() -> None:
    draft = Entry("half", Kind.PROBLEM, "写了一半", publication=Publication.DRAFT)
    findings = check(put(draft))
    assert {finding.where for finding in findings} == {"half"}
    assert not any(finding.fatal for finding in findings)


def test_a_withdrawn_entry_claims_no_names_and_a_link_to_it_is_advised_against() -> None:
    gone = replace(PROBLEM, id="gone", publication=Publication.WITHDRAWN)
    assert check(put(gone)) == []
    [finding] = only(check(put(gone, replace(PROBLEM, related=("flow", "told", "gone")))), "links")
    assert not finding.fatal


def test_two_entries_of_one_text() -> None:
    text = "".join(chr(0x4E00 + n * 7) for n in range(300))
    copy = rewrite(CASE, "分散。", text)
    other = replace(rewrite(CASE, "分散。", text[:150] + "改" + text[151:]), id="copy", title="另一案例")
    other = replace(other, aliases=common("copy", Kind.CASE, "另一案例", 10).aliases)
    [finding] = only(check(put(copy, other)), "near-identical")
    assert finding.where == "told" and "copy" in finding.message


def test_a_sentence_in_more_than_three_entries() -> None:
    phrase = "这一句话到处照抄没有结合实际情形"
    three = [replace(entry, body=f"{entry.body}\n\n{phrase}。") for entry in (PROBLEM, FLOW, CASE)]
    assert check(put(*three)) == []
    four = only(check(put(*three, replace(OLD, body=f"{OLD.body}\n\n{phrase}！"))), "repeated-sentences")
    assert [finding.where for finding in four] == ["flow", "late", "old-rule", "told"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("党费忘交了怎么办", "党费忘交了，咋整？"),
        ("如何 换届", "换届怎么搞"),
        ("VIP党员ＡＢ", "vip党员ab"),
        ("他该怎么处理呢", "他如何处置"),
    ],
)
def test_asking_words_make_no_difference(one: str, other: str) -> None:
    assert normal_alias(one) == normal_alias(other)


def test_a_question_of_asking_words_alone_stays_what_it_is() -> None:
    assert normal_alias("怎么办？") == "怎么办"
    assert normal_alias("老张不交") != normal_alias("老李不交")


def test_every_rule_is_broken_by_some_test_above() -> None:
    tested = {code for code, _, _ in WRONG} | {"near-identical", "repeated-sentences"}
    assert tested == {name for name, _ in RULES}


def test_rules_are_pure() -> None:
    before = put(replace(PROBLEM, aliases=()))
    assert check(before) == check(list(reversed(before)))
