"""Opening an entry and sending it unchanged changes nothing; typed words come out as typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from kb import markdown, schema
from kb.store import Store
from kb.types import Attachment, Citation, Entry, Grade, Kind, Origin, Publication, Validity
from search_app.forms import opening, plain, reading, writing
from search_app.forms.sheet import Mode, Shape, Sheet, Target, target_of

ROOT = Path(__file__).resolve().parents[3]
STARTER = [record.entry for record in Store((ROOT,)).records()[0]]


def sent(sheet: Sheet) -> Sheet:
    """The sheet as it comes back from a browser, which writes CRLF."""
    pairs = [(name, value.replace("\n", "\r\n")) for name, value in reading.pairs(sheet)]
    return reading.read(MultiDict(pairs), sheet.kind, sheet.target, sheet.id)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_entry_of_the_starter_content_survives_its_form(kind: Kind) -> None:
    entries = [entry for entry in STARTER if entry.kind is kind]
    assert len(entries) > 20
    for entry in entries:
        sheet = opening.opened(entry, Target(Mode.CHANGE, entry.id), "version")
        again = sent(sheet)
        assert again == sheet, entry.id
        assert writing.to_entry(again, entry) == (entry, ()), entry.id
        assert writing.to_preview(again, entry) == entry


def test_most_steps_and_all_plain_sections_are_shown_without_marks() -> None:
    sheets = [opening.opened(e, Target(Mode.CHANGE, e.id)) for e in STARTER if e.kind is Kind.PROBLEM]
    steps = [sheet.part("实施步骤") for sheet in sheets]
    assert all(part and part.shape is Shape.STEPS for part in steps)
    assert sum(part.raw for part in steps if part) < len(steps) / 10


BODIES = st.text(st.sampled_from("#-*123. \n\n[]()`>党费甲乙，。"), max_size=80)


@given(BODIES)
def test_any_markdown_a_file_may_hold_survives_its_form(text: str) -> None:
    for kind in Kind:
        entry = Entry("x", kind, "题", validity=Validity.IN_FORCE if kind is Kind.POLICY else None, body=text)
        parsed, _ = schema.parse(schema.dump(entry).encode())
        if parsed is None:
            continue
        sheet = opening.opened(parsed, Target(Mode.CHANGE, "x"))
        assert writing.body(sent(sheet)) == parsed.body


def test_every_field_of_the_header_survives() -> None:
    entry = Entry(
        id="x",
        kind=Kind.CASE,
        title="题",
        category="基本制度",
        organisations=("机关", "农村"),
        tags=("A B", "党费"),
        aliases=("甲，乙", "丙"),
        evidence="论文主张",
        origin=Origin("", "只有题目", "第二节"),
        factors=("条件、一",),
        citations=(Citation("p", "8-1", "说", Grade.ABSTRACT, True), Citation("q")),
        related=("a", "b"),
        attachments=(Attachment("a" * 32 + ".pdf", "名 称"),),
        moved_to="y",
        publication=Publication.WITHDRAWN,
        extra=(("own-field", '{"a": ["b"]}'),),
        body="## 背景\n\n难\n\n## 主要做法\n\n1. **做**",
    )
    sheet = opening.opened(entry, Target(Mode.CHANGE, "x"))
    assert writing.to_entry(sent(sheet), entry)[0] == entry


PRINTABLE = st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn", "Zl", "Zp"])
TYPED = st.text(st.sampled_from("#=-+*_`[]()<>&~|\\!.1 党\n"), min_size=1, max_size=40) | st.text(
    PRINTABLE, min_size=1, max_size=40
)


LIST_MARK = re.compile(r"^\s*(?:[-+]|\d{1,3}\.) ", re.MULTILINE)


def squeeze(text: str) -> str:
    return "".join(text.split())


def shown(words: str) -> str:
    """What a reader sees; marks of a list are drawn by the page and are no words of it."""
    lines = (line.strip() for line in words.splitlines())
    return squeeze("\n".join(LIST_MARK.sub("", line) for line in lines))


@given(TYPED)
def test_any_typed_text_is_shown_as_typed_and_opens_again_in_plain_words(typed: str) -> None:
    words = typed + "。"
    blank = reading.empty(Kind.CASE)
    form = MultiDict(reading.pairs(blank))
    form.setlist("s-text", [words for _ in blank.parts])
    for cell in reading.STEP_CELLS:
        form.setlist(f"step-{cell}", ["做" + words])
    form["title"], form["category"] = "题", "基本制度"
    entry, findings = writing.to_entry(reading.read(form, Kind.CASE, blank.target))
    assert entry is not None, findings
    assert schema.parse(schema.dump(entry).encode()) == (entry, ())
    assert squeeze(markdown.plain(markdown.section(entry.body, "背景"))) == shown(words)
    (step,) = markdown.parse_steps(markdown.section(entry.body, "主要做法"))
    assert squeeze(markdown.plain(step.detail)) == squeeze("做" + words)
    opened = opening.opened(entry, Target(Mode.CHANGE, entry.id))
    assert writing.body(sent(opened)) == entry.body
    # Plain words come back as plain words, unless escaping of an odd blank has no inverse.
    assert all(not part.raw for part in opened.parts if part.text) or squeeze(words) != words


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("一行\n又一行", "<p>一行</p>\n<p>又一行</p>\n"),
        ("- 甲\n- 乙", "<ul>\n<li>甲</li>\n<li>乙</li>\n</ul>\n"),
        ("1. 甲\n2. 乙", "<ol>\n<li>甲</li>\n<li>乙</li>\n</ol>\n"),
        ("# 不是标题", "<p># 不是标题</p>\n"),
        ("标题\n---", "<p>标题</p>\n<p>---</p>\n"),
        ("标题\n===", "<p>标题</p>\n<p>===</p>\n"),
        ("2026.11.21 开会", "<p>2026.11.21 开会</p>\n"),
        ("    缩进", "<p>缩进</p>\n"),
        ("```\n围栏", "<p>```</p>\n<p>围栏</p>\n"),
        ("5*3*2", "<p>5*3*2</p>\n"),
    ],
)
def test_typed_text_as_markdown(typed: str, html: str) -> None:
    assert markdown.to_html(plain.to_markdown(typed), lambda link: "") == html
    assert plain.to_markdown(plain.to_typed(plain.to_markdown(typed)) or "") == plain.to_markdown(typed)


def test_clauses_are_pasted_as_they_stand() -> None:
    pasted = (
        "第一章 总则\n第一条 目的\n为了收好党费。\n\n第二条 依据\n第三条所说的情形除外，按规定办。\n按党章。"
    )
    text = plain.articles_to_markdown(pasted)
    assert text.startswith("## 第一章 总则\n\n### 第一条 目的\n\n为了收好党费。")
    assert [s.anchor for s in markdown.sections(text)] == ["第一章总则", "1", "2"]
    assert plain.articles_to_markdown(plain.articles_to_typed(text) or "") == text


def test_words_are_split_at_whatever_comma_was_typed() -> None:
    assert plain.items("党费、催缴，逾期 补课") == ("党费", "催缴", "逾期", "补课")
    for words in [("一", "二"), ("a b", "c"), ("a b",), ()]:
        assert plain.items(plain.joined(words)) == words


def test_targets_are_read_as_written_and_nothing_else_is_one() -> None:
    for target in (Target(Mode.NEW, "case"), Target(Mode.CHANGE, "a-b"), Target(Mode.AGAIN, "s-1")):
        assert target_of(str(target)) == target
    assert [target_of(t) for t in ("", "new:", "new:song", "old:case", "case")] == [None] * 5


def test_what_is_missing_is_said_by_field_and_the_preview_shows_the_rest() -> None:
    for kind in Kind:
        entry, findings = writing.to_entry(reading.empty(kind))
        assert entry is None and {"title"} < {f.field for f in findings}
        assert all("（title）" not in f.message for f in findings)
        assert writing.to_preview(reading.empty(kind)).title == "（还没有标题）"
