"""The keyword leg: what is found, in what order, and within which filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from indexer.analysis import FILTER_FIELDS, filter_values, passes
from indexer.keyword import KeywordIndex
from indexer.library import Library
from indexer.query import Reader
from indexer.types import Filters
from tests.indexer import samples

Find = Callable[..., list[str]]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, keyword_library: Library) -> KeywordIndex:
    """A keyword index of its own over the published samples."""
    made = KeywordIndex(tmp_path_factory.mktemp("index") / "whoosh", samples.segmenter())
    made.create()
    made.write(keyword_library.snapshot.entries.values(), ())
    return made


@pytest.fixture
def find(index: KeywordIndex, reader: Reader) -> Find:
    """Typed text -> ids of the entries found, best first."""

    def find(typed: str, **narrowed: tuple[str, ...]) -> list[str]:
        return [c.entry_id for c in index.candidates(reader.parse(typed, Filters(**narrowed)), 100)]

    return find


@pytest.mark.parametrize(
    ("phrase", "ids"),
    [
        ("“提前六个月提醒”", {"guide-election"}),
        ("“主题党日每月一次”", {"rule-meeting"}),
        ("“组织关系转接”", {"mobile-transfer"}),
        ("“再次投票”", {"ballot-tie", "rule-election"}),
        ("“党费收缴”", {"rule-fee"}),
        ("“琉璃瓦”", set()),
        ("“投票再次”", set()),
        ("“党课” “倒班”", {"case-shift-class"}),
        ("“党课” “换届”", set()),
    ],
)
def test_phrases_are_required(find: Find, phrase: str, ids: set[str]) -> None:
    assert set(find(phrase)) == ids


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("关系", {"mobile-transfer"}),
        ("流动", {"mobile-transfer"}),
        ("组织生活", {"life-meeting", "rule-meeting"}),
        ("党日", {"rule-meeting", "case-shift-class"}),
        ("三会", {"life-meeting", "rule-meeting"}),
        ("四同步", {"case-secretary-project"}),
        ("4/5", {"ballot-tie", "guide-election"}),
        ("a4", {"mobile-transfer"}),
    ],
)
def test_words_inside_longer_ones_are_found(find: Find, word: str, ids: set[str]) -> None:
    assert set(find(word)) >= ids


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("党费逾期没交怎么办", "fee-late"),
        ("两个人得票一样多还要不要再投", "ballot-tie"),
        ("请问支部换届选举从头到尾的流程是什么呢", "guide-election"),
        ("出去打工的党员组织关系怎么转接比较快", "mobile-transfer"),
        ("倒班的车间怎么上党课才能人人听到", "case-shift-class"),
        ("组织生活会批评不痛不痒", "life-meeting"),
    ],
)
def test_natural_questions_need_not_match_in_every_word(find: Find, question: str, best: str) -> None:
    assert find(question)[0] == best


@pytest.mark.parametrize(
    "number",
    ["示组发〔2019〕7号", "示组发[2019]7号", "示组发2019 7号", "示组发（2019）7号", "示组发2019年7号"],
)
def test_document_number_comes_first(find: Find, number: str) -> None:
    assert find(number)[0] == "rule-fee"


@pytest.mark.parametrize("typed", ["党费", "换届选举", "组织", "六个月", "党员"])
@pytest.mark.parametrize("name", FILTER_FIELDS)
def test_each_filter_keeps_exactly_what_passes(
    keyword_library: Library, find: Find, typed: str, name: str
) -> None:
    entries = keyword_library.snapshot.entries
    values = {value for entry in entries.values() for value in filter_values(entry)[name]}
    assert values
    for value in values:
        kept = {i for i in find(typed) if value in filter_values(entries[i])[name]}
        assert set(find(typed, **{name: (value,)})) == kept, value


def test_values_of_one_filter_are_alternatives_and_filters_narrow_each_other(find: Find) -> None:
    problems, cases = find("党费", kinds=("problem",)), find("党费", kinds=("case",))
    assert "fee-late" in problems and "case-fee-app" in cases
    assert set(find("党费", kinds=("problem", "case"))) == {*problems, *cases}
    assert find("党费", kinds=("problem",), categories=("基本制度",)) == ["fee-late"]
    assert find("党费", kinds=("no-such-kind",)) == []


def test_the_index_filters_as_passes_does(keyword_library: Library, find: Find) -> None:
    entries = keyword_library.snapshot.entries
    for one, other in combinations(FILTER_FIELDS, 2):
        for entry in entries.values():
            values = filter_values(entry)
            if values[one] and values[other]:
                narrowed = {one: values[one][:1], other: values[other][:1]}
                kept = find(entry.title, **narrowed)
                assert entry.id in kept and all(passes(entries[i], Filters(**narrowed)) for i in kept)


def test_nothing_to_ask_finds_nothing(find: Find) -> None:
    for typed in ("", "   ", "？！……", "“”", "zzzzqqqq"):
        assert find(typed) == []


def test_same_question_same_order(find: Find) -> None:
    first = find("党员 党费 组织")
    assert len(first) > 4
    assert all(find("党员 党费 组织") == first for _ in range(3))


def test_rewriting_and_removing(tmp_path: Path, reader: Reader, keyword_library: Library) -> None:
    entries = keyword_library.snapshot.entries
    index = KeywordIndex(tmp_path / "whoosh", samples.segmenter())
    index.create()
    index.write(entries.values(), ())
    index.write([replace(entries["fee-late"], title="改成讲石榴树的条目")], ["guide-fee"])
    again = KeywordIndex(tmp_path / "whoosh", samples.segmenter())
    again.open()
    assert again.ids() == index.ids() == entries.keys() - {"guide-fee"}
    assert [c.entry_id for c in again.candidates(reader.parse("石榴树"), 10)] == ["fee-late"]
    assert "石榴" in again.vocabulary() and "石榴" not in reader.vocabulary


def test_a_failed_write_leaves_the_index_usable(
    tmp_path: Path, reader: Reader, keyword_library: Library
) -> None:
    entry = keyword_library.snapshot.entries["fee-late"]
    index = KeywordIndex(tmp_path / "whoosh", samples.segmenter())
    index.create()
    broken = replace(entry, id="broken", title=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        index.write([entry, broken], ())
    assert index.ids() == set()
    index.write([entry], ())
    assert index.ids() == {"fee-late"}
