"""Which article became which, and what changed in it."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.comparing import Clause, Match, compare, counterpart, successor

OLD = (
    Clause("7", "第七条 追究范围", "党组织和党员违反党章和其他党内法规的，依规追究。"),
    Clause("19", "第十九条 免予处分", "情节轻微的可以批评教育，书面结论。"),
    Clause("30", "第三十条 留置逮捕与权利", "中止表决权和选举权，按结果恢复。"),
    Clause("80", "第八十条 违规发展党员", "弄虚作假发展不合条件的人，警告，期限三天。"),
    Clause("x1", "摘录一 表格名称（条号未见）", "旧表的名称。"),
)
NEW = (
    Clause("19", "第十九条 免予处分", "情节轻微的可以批评教育，书面结论。"),
    Clause("30", "第三十条 违法行为", "触犯法律又不构成犯罪的，看情节处理。"),
    Clause("42", "第四十二条 表册", "另行制定。"),
    Clause("80", "第八十条 拒绝作证", "组织审查时不说实话的。"),
    Clause("89", "第八十九条 违规发展党员", "弄虚作假发展不合条件的人，警告，期限五个工作日。"),
)


def rows(stated: tuple[tuple[str, str], ...] = ()) -> list[tuple[str, str, Match]]:
    found = compare(OLD, NEW, stated)
    return [(r.old.anchor if r.old else "", r.new.anchor if r.new else "", r.match) for r in found]


def test_articles_are_paired_by_what_they_say() -> None:
    assert rows() == [
        ("7", "", Match.OLD_ONLY),
        ("19", "19", Match.SAME),
        ("30", "30", Match.DOUBTFUL),
        ("", "42", Match.NEW_ONLY),
        ("", "80", Match.NEW_ONLY),
        ("80", "89", Match.MOVED),
        ("x1", "", Match.OLD_ONLY),
    ]


def test_what_an_author_linked_comes_first_and_dead_links_do_no_harm() -> None:
    assert ("x1", "42", Match.MOVED) in rows((("x1", "42"), ("x9", "1")))


def test_changes_are_marked_and_figures_named() -> None:
    row = next(row for row in compare(OLD, NEW) if row.match is Match.MOVED)
    assert (row.old_figures, row.new_figures) == (("三天",), ("五个工作日",))
    assert row.new and row.new.text[slice(*row.new_marks[0])] == "五个工作日" and row.changed
    same = next(row for row in compare(OLD, NEW) if row.match is Match.SAME)
    assert not same.changed and same.old_marks == same.new_marks == ()


def test_one_clause_followed_in_both_directions() -> None:
    forward, back = successor(OLD, NEW, "80"), counterpart(OLD, NEW, "89")
    assert forward and forward.anchor == "89" and back and back.anchor == "80"
    assert successor(OLD, NEW, "30") is None and counterpart(OLD, NEW, "30") is None
    assert successor(OLD, NEW, "7") is None and counterpart(OLD, NEW, "nope") is None


CLAUSES = st.lists(
    st.builds(
        Clause,
        st.sampled_from(["1", "2", "3", "x1"]),
        st.text("第一条甲乙 ", max_size=8),
        st.text(max_size=12),
    ),
    max_size=4,
    unique_by=lambda clause: clause.anchor,
).map(tuple)


@settings(max_examples=60)
@given(CLAUSES, CLAUSES)
def test_every_article_stands_in_exactly_one_row(old: tuple[Clause, ...], new: tuple[Clause, ...]) -> None:
    found = compare(old, new)
    assert sorted(r.old.anchor for r in found if r.old) == sorted(clause.anchor for clause in old)
    assert [r.new for r in found if r.new] == list(new)


def test_endless_numbers_take_no_time() -> None:
    started = time.perf_counter()
    for piece in ("1", "一", "1至", "至少", "1."):
        (row,) = compare((Clause("1", "第一条", piece * 60_000),), (Clause("1", "第一条", "三个月"),))
        assert row.new_figures == ("三个月",) or row.match is Match.DOUBTFUL
        compare(
            (Clause("1", "第一条", piece * 60_000),), (Clause("1", "第一条", piece * 60_001),), (("1", "1"),)
        )
    assert time.perf_counter() - started < 10
