"""What the lines of a template are."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kb import schema
from kb.types import Entry
from search_app import paper_form
from search_app.exchange import blanks, layout
from search_app.exchange.layout import Line, Paper, Table

HANDBOOK = Path(__file__).resolve().parents[3] / "corpus/handbook"


def read(text: str, name: str = "模板名") -> Paper:
    template = blanks.read(text)
    return layout.read(template, name).said(lambda words: blanks.fill(words, template, {}))


def entry(name: str) -> Entry:
    found, _ = schema.parse((HANDBOOK / f"{name}.md").read_bytes())
    assert found
    return found


def test_the_election_request() -> None:
    paper = paper_form.read(entry("hb-election"), 1, {}).paper
    assert paper.title == "关于召开党员大会换届选举的请示" and paper.addressee == "【上级党组织名称】"
    assert paper.attachments == ("党员名册", "拟不计入应到会人员说明", "筹备安排表")
    assert (paper.signer, paper.date) == ("【党支部名称】", "【日期】")
    texts = [part.text for part in paper.body if isinstance(part, Line)]
    assert "届满。现有党员" in texts[0], "a sentence broken by hand is joined"
    assert [part.level for part in paper.body if isinstance(part, Line)] == [0, 0, 1, 1, 0, 0, 0]
    assert texts[-1] == "妥否，请批示。"


def test_every_paper_of_the_handbook_is_understood() -> None:
    for path in HANDBOOK.glob("*.md"):
        for number in range(1, len(paper_form.templates(entry(path.stem))) + 1):
            form = paper_form.read(entry(path.stem), number, {})
            assert form.paper.title and (form.paper.body or form.paper.attachments), (path.stem, number)
            assert len(form.fields) <= 30, (path.stem, form.name)
            widths = {len(row) for part in form.paper.body if isinstance(part, Table) for row in part.rows}
            assert all(widths), (path.stem, form.name)


def test_rows_become_tables_with_all_their_cells() -> None:
    assert read("表\n甲｜乙｜丙\n1｜｜3").body == (Table((("甲", "乙", "丙"), ("1", "", "3"))),)
    assert read("票\n┌──┬──┐\n│ 赞成 │ 反对 │\n└──┴──┘").body == (Table((("赞成", "反对"),)),)


def test_a_form_keeps_its_lines_and_a_note_to_the_writer_is_no_part_of_it() -> None:
    paper = read("时间：【日期】\n地点：【地点】\n（照此填写。）", "会议记录（样）")
    assert paper.body == (Line("时间：【日期】", indented=False), Line("地点：【地点】", indented=False))
    assert paper.title == "会议记录" and paper.notes == ("照此填写。",)


def test_signer_and_date_on_one_line() -> None:
    paper = read("【上级党组织名称】：\n　　妥否，请批示。\n【党支部名称】　【日期】")
    assert (paper.addressee, paper.signer, paper.date) == ("【上级党组织名称】", "【党支部名称】", "【日期】")


@given(
    st.text(
        alphabet=st.sampled_from("一二、（）1.附件：　 \n\t【】日期名称｜|│关于请示，。甲乙"), max_size=200
    )
)
def test_no_text_is_refused(text: str) -> None:
    for part in read(text).body:
        if isinstance(part, Table):
            assert len({len(row) for row in part.rows}) == 1
