"""Topic by source by kind, and what lacks a case, a basis or a workflow."""

from __future__ import annotations

from kb.coverage import UNSORTED, Cell, Holding, coverage
from kb.types import Category, Citation, Entry, Kind, Publication


def entry(
    entry_id: str, kind: Kind, *related: str, source: str = "", cites: str = "", **more: object
) -> Entry:
    return Entry(
        id=entry_id,
        kind=kind,
        title=f"《{entry_id}》",
        related=related,
        source=source,
        citations=(Citation(cites, "1"),) if cites else (),
        **({"category": "基本制度", "publication": Publication.PUBLISHED} | more),  # type: ignore[arg-type]
    )


ENTRIES = (
    entry("rule", Kind.POLICY),
    entry("late", Kind.PROBLEM, "flow", source="反馈", cites="rule"),
    entry("lost", Kind.PROBLEM, "late", source="反馈"),
    entry("bare", Kind.PROBLEM, source="巡视检查", category="基本组织"),
    entry("flow", Kind.HANDBOOK),
    entry("told", Kind.CASE, "lost", "late", category="基本队伍"),
    entry("draft", Kind.CASE, "bare", publication=Publication.DRAFT),
)


def test_a_topic_lists_what_stands_behind_it_whichever_side_says_so() -> None:
    topics = {topic.id: topic for topic in coverage(ENTRIES).topics}
    assert list(topics) == ["bare", "late", "lost"]
    late = topics["late"]
    assert (late.cases, late.bases, late.workflows) == (("told",), ("rule#1",), ("flow",))
    assert topics["lost"].cases == ("told",)


def test_what_is_lacking() -> None:
    result = coverage(ENTRIES)
    assert [topic.id for topic in result.lacking_case] == ["bare"]
    assert [topic.id for topic in result.lacking_basis] == ["bare", "lost"]
    assert [topic.id for topic in result.lacking_workflow] == ["bare", "lost"]


def test_cells_are_category_by_source_empty_ones_too() -> None:
    cells = coverage(ENTRIES).cells
    assert len(cells) == 15
    assert Cell("基本制度", "反馈", 2, with_case=2, with_basis=1, with_workflow=1) in cells
    assert Cell("基本组织", "巡视检查", 1, 0, 0, 0) in cells
    assert Cell("基本保障", "日常运行", 0, 0, 0, 0) in cells
    assert sum(cell.problems for cell in cells) == 3


def test_holdings_count_every_kind_by_category() -> None:
    holdings = coverage(ENTRIES).holdings
    assert [holding.category for holding in holdings] == list(Category)
    assert holdings[1] == Holding("基本制度", policies=1, handbook=1, problems=2, cases=0)
    assert holdings[2] == Holding("基本队伍", policies=0, handbook=0, problems=0, cases=1)


def test_sources_name_every_known_way() -> None:
    assert coverage(ENTRIES).sources == (("反馈", 2), ("巡视检查", 1), ("日常运行", 0))


def test_only_published_entries_count() -> None:
    hidden = [entry("x", Kind.PROBLEM, publication=state) for state in list(Publication)[:2]]
    assert coverage(hidden).topics == ()
    assert coverage([]).lacking_case == ()


def test_entries_without_category_or_source_are_not_lost() -> None:
    result = coverage([entry("x", Kind.PROBLEM, category="")])
    assert result.cells[-1] == Cell(UNSORTED, UNSORTED, 1, 0, 0, 0)
    assert result.holdings[-1] == Holding(UNSORTED, 0, 0, 1, 0)
