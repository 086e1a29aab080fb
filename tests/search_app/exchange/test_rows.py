"""A list of problems in Excel: columns by synonym, findings row by row."""

from __future__ import annotations

import time

from search_app.exchange.rows import COLUMNS, Layout, guess, parts, read

SHEET = {
    "title": "巡察问题",
    "rows": [
        ["2026年巡察反馈问题清单", "", "", "", ""],
        ["序号", "存在问题*", "问题 来源", "整改措施", "整改时限", "经费"],
        ["1", "党费逾期没有收缴", "巡视检查", "提醒、补交", "三个月", "无"],
        ["2", "", "", "", "", ""],
        ["3", "", "巡视检查", "", "", ""],
        ["4", "党费逾期没有收缴", "领导交办", "", "", ""],
        ["5", "没", "", "", "", ""],
    ],
}


def test_columns_are_known_by_synonym_wherever_the_headings_stand() -> None:
    layout = guess([{"title": "说明", "rows": [["填表说明"]]}, SHEET])
    assert layout == Layout(1, 1, {"title": 1, "source": 2, "steps": 3, "when": 4})
    listed = read([{"title": "说明", "rows": []}, SHEET], layout)
    assert listed.left_out == ("经费",) and listed.title == "巡察问题"


def test_rows_are_judged_one_by_one() -> None:
    listed = read([SHEET], guess([SHEET]))
    said = {row.number: [f.message for f in row.findings if f.fatal] for row in listed.rows}
    assert said == {3: [], 5: ["没有写问题标题"], 6: ["标题与第 3 行相同"], 7: ["标题太短，看不出是什么问题"]}
    assert [row.usable for row in listed.rows] == [True, False, False, False]
    assert any("领导交办" in f.message and not f.fatal for f in listed.rows[2].findings)


def test_a_long_problem_becomes_title_and_description() -> None:
    text = "部分党员没有按月交纳党费，支部没有及时提醒，也没有留下催缴记录；" + "具体表现为" * 12
    listed = read([{"title": "", "rows": [["问题描述"], [text]]}], Layout(0, 0, {"description": 0}))
    (row,) = listed.rows
    assert row.values["title"] == "部分党员没有按月交纳党费，支部没有及时提醒，也没有留下催缴记录"
    assert row.values["description"] == text
    listed = read([{"title": "", "rows": [["问题"], [text]]}], Layout(0, 0, {"title": 0}))
    assert listed.rows[0].values["title"] == "部分党员没有按月交纳党费" and listed.rows[0].usable


def test_a_list_nobody_knows_waits_for_its_columns() -> None:
    sheet = {"title": "日历", "rows": [["月份", "重点工作"], ["一月", "组织生活会"]]}
    layout = guess([sheet])
    assert not layout.columns and read([sheet], layout).rows == ()
    assert read([sheet], Layout(0, 0, {"title": 1})).rows[0].values == {"title": "组织生活会"}
    assert read([{"title": "空", "rows": []}], guess([{"title": "空", "rows": []}])).rows == ()


def test_no_name_stands_for_two_columns() -> None:
    names = [name for synonyms in COLUMNS.values() for name in synonyms]
    assert len(names) == len(set(names))


def test_words_are_parted_at_any_sign() -> None:
    assert parts("国有企业、农村；社区 学校") == ["国有企业", "农村", "社区", "学校"]


def test_a_cell_full_of_brackets_is_no_heading_and_takes_no_time() -> None:
    cell = "（a" * 16_000
    sheet = {"title": "", "rows": [[cell] * 60] * 10}
    started = time.perf_counter()
    assert read([sheet], guess([sheet])).rows == ()
    assert time.perf_counter() - started < 2


def test_personal_data_in_a_row_is_pointed_out() -> None:
    rows = [
        ["问题", "责任人"],
        ["党员电话登记在墙上没有遮挡", "张某 13812345678"],
        ["党费收缴不及时", "书记"],
    ]
    one, other = read([{"title": "", "rows": rows}], Layout(0, 0, {"title": 0, "who": 1})).rows
    assert [f.field for f in one.findings if "手机号" in f.message and not f.fatal] == ["who"]
    assert "13812345678" not in str(one.findings) and "手机号" not in str(other.findings)
