"""The one object behind the command line and the web: searching, saving, suggesting, explaining."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.analysis import FILTER_FIELDS, filter_values, passes
from indexer.library import Library, Settings, cores
from indexer.types import Filters, Hit, SearchResult
from kb.errors import EntryConflict, EntryExists, EntryNotFound
from kb.types import Entry, Kind
from tests.indexer import samples
from tests.indexer.samples import HIDDEN, REPOSITORY, FakeEncoder, new_case, open_library

BOTH = pytest.mark.parametrize("which", ["keyword_library", "library"])
TYPED = ("党费", "党费逾期没交怎么办", "换届选举流程", "组织生活", "六个月", "党员大会", "倒班")


@pytest.fixture
def either(request: pytest.FixtureRequest, which: str) -> Library:
    """The samples without and with a semantic leg."""
    found = request.getfixturevalue(which)
    assert isinstance(found, Library)
    return found


def first(library: Library, typed: str) -> Hit:
    return library.search(typed).hits[0]


def all_hits(library: Library, typed: str, filters: Filters | None = None) -> list[Hit]:
    return list(library.search(typed, filters, size=1000).hits)


# ---- saving ----


def test_saved_is_searchable_at_once(folder: Path) -> None:
    library = open_library(folder, FakeEncoder())
    record = library.save(new_case("case-new", "石榴树下开支部大会"), None)
    assert first(library, "石榴树").id == "case-new"
    assert library.get("case-new") == record.entry and record.local
    assert "石榴树下开支部大会" in [s.text for s in library.suggest("石榴")]
    changed = replace(record.entry, title="银杏树下开支部大会")
    library.save(changed, record.version)
    assert first(library, "银杏树").entry.title == changed.title
    assert library.suggest("石榴") == []


def test_two_editors_the_second_gets_both_texts(folder: Path) -> None:
    library = open_library(folder)
    start = library.save(new_case("case-new", "石榴树"), None)
    library.save(replace(start.entry, title="银杏树"), start.version)
    with pytest.raises(EntryConflict) as caught:
        library.save(replace(start.entry, title="松树"), start.version)
    assert "银杏树" in caught.value.theirs and "松树" in caught.value.ours
    assert library.get("case-new").title == "银杏树"


def test_a_new_entry_never_overwrites_another(folder: Path) -> None:
    library = open_library(folder)
    with pytest.raises(EntryExists):
        library.save(new_case("case-fee-app", "石榴树"), None)
    assert library.get("case-fee-app").title != "石榴树"


def test_an_edited_starter_entry_lands_in_the_local_folder(folder: Path) -> None:
    library = open_library(folder)
    original = library.store.get("case-fee-app")
    library.save(replace(original.entry, title="石榴树提醒交党费"), original.version)
    assert first(library, "石榴树").id == "case-fee-app"
    assert len([hit for hit in all_hits(library, "党费") if hit.id == "case-fee-app"]) == 1
    assert library.store.get("case-fee-app").local and not original.local


def test_a_saved_draft_is_not_shown(folder: Path) -> None:
    library = open_library(folder)
    draft = library.store.get("secret-draft")
    library.save(replace(draft.entry, title="石榴树草稿"), draft.version)
    assert all_hits(library, "石榴树") == [] and "secret-draft" not in library.snapshot.entries


# ---- reading ----


@pytest.mark.parametrize("entry_id", [*HIDDEN, "no-such-entry", "../secret", ""])
def test_only_published_entries_are_given(keyword_library: Library, entry_id: str) -> None:
    with pytest.raises(EntryNotFound):
        keyword_library.get(entry_id)


def test_related_are_published_named_or_naming_each_once(keyword_library: Library) -> None:
    now = keyword_library.snapshot
    assert [entry.id for entry in now.related(now.entries["fee-late"])] == ["guide-fee", "case-fee-app"]
    assert [entry.id for entry in now.related(now.entries["ballot-tie"])] == ["guide-election"]
    assert now.related(now.entries["mobile-transfer"]) == [], "neither itself nor a draft"


def test_who_rests_on_an_article(keyword_library: Library) -> None:
    articles = keyword_library.snapshot.cited_by["rule-fee"]
    assert [(entry.id, citation.says) for entry, citation in articles["31"]] == [
        ("fee-late", "逾期要先提醒，再限期补交。")
    ]
    assert [entry.id for entry, _ in articles["2"]] == ["guide-fee"]


# ---- searching ----


@BOTH
def test_exact_title_question_or_document_number_wins(either: Library) -> None:
    for entry in either.snapshot.entries.values():
        for typed in filter(None, (entry.title, entry.document_number, *entry.aliases)):
            for spelled in (typed, f" {typed}？", typed.replace("〔", "[").replace("〕", "]"), typed.upper()):
                result = either.search(spelled)
                assert result.hits[0].id == entry.id, spelled
                assert result.confident and result.hits[0].reasons[0].leg == "exact"


@BOTH
def test_repaired_questions_find_what_was_meant(either: Library) -> None:
    for typed in ("党费逾期没交怎么办", "黨費逾期沒交怎麼辦", "党废逾期没交怎么办", "dangfei yuqi 没交"):
        assert first(either, typed).id == "fee-late", typed
    assert first(either, "换界选举流程").id == "guide-election"
    assert first(either, "election process").id == "guide-election"


@BOTH
def test_pages_are_slices_of_one_list(either: Library) -> None:
    for typed in TYPED:
        whole = [hit.id for hit in all_hits(either, typed)]
        pages = [either.search(typed, page=number, size=2) for number in range(1, len(whole) // 2 + 3)]
        assert [hit.id for page in pages for hit in page.hits] == whole
        assert {page.total for page in pages} == {len(whole)} and len(set(whole)) == len(whole)
        assert pages[0].pages == max(1, -(-len(whole) // 2))
        assert either.search(typed, page=0).page == 1


def test_scores_never_rise_down_the_list(library: Library) -> None:
    for typed in TYPED:
        scores = [hit.score for hit in all_hits(library, typed)]
        assert scores == sorted(scores, reverse=True)


def test_either_leg_can_be_left_out(library: Library) -> None:
    words = library.search("党费逾期", off=frozenset({"semantic"}))
    assert words.hits and "semantic" not in {r.leg for hit in words.hits for r in hit.reasons}
    meaning = library.search("党费逾期", off=frozenset({"keyword"}))
    assert meaning.hits and "semantic" in {r.leg for hit in meaning.hits for r in hit.reasons}
    assert library.search("党费", off=frozenset({"keyword", "semantic"})).hits == ()


def test_what_nothing_here_answers_is_not_called_an_answer(keyword_library: Library) -> None:
    result = keyword_library.search("zzzz qqqq")
    assert not result.confident and result.total == 0 and result.facets == () and result.pages == 1


def test_a_quoted_phrase_is_in_every_hit(library: Library) -> None:
    hits = all_hits(library, "“主题党日每月一次”")
    assert {hit.id for hit in hits} == {"rule-meeting"}


# ---- filters and facets ----


def brute_force(library: Library, hits: list[Hit]) -> Counter[tuple[str, str]]:
    entries = [library.snapshot.entries[hit.id] for hit in hits]
    return Counter(
        (name, value) for entry in entries for name in FILTER_FIELDS for value in filter_values(entry)[name]
    )


@BOTH
def test_facets_count_the_hits_behind_them(either: Library) -> None:
    for typed in TYPED:
        result = either.search(typed, size=1)
        counted = Counter({(facet.field, facet.value): facet.count for facet in result.facets})
        assert counted == brute_force(either, all_hits(either, typed))
        assert not any(facet.active for facet in result.facets)
        assert all(
            facet.label == Kind(facet.value).label for facet in result.facets if facet.field == "kinds"
        )


@BOTH
def test_filters_keep_only_what_passes(either: Library) -> None:
    for typed in TYPED:
        for name, value in brute_force(either, all_hits(either, typed)):
            filters = Filters(**{name: (value,)})
            kept = all_hits(either, typed, filters)
            assert kept and all(passes(hit.entry, filters) for hit in kept), (typed, name, value)


@pytest.mark.xfail(reason="tail and neighbours are worked out anew among what passes the filter")
@BOTH
def test_a_facet_promises_what_its_filter_shows(either: Library) -> None:
    for typed in TYPED:
        for facet in either.search(typed).facets:
            narrowed = either.search(typed, Filters(**{facet.field: (facet.value,)}))
            assert narrowed.total == facet.count, (typed, facet)


@BOTH
def test_chosen_filters_are_marked_even_when_nothing_is_left(either: Library) -> None:
    result = either.search("换届", Filters(kinds=("case",), years=("1999",)))
    assert result.total == 0 and result.hits == ()
    assert {(f.field, f.value, f.count) for f in result.facets if f.active} == {
        ("kinds", "case", 0),
        ("years", "1999", 0),
    }


def test_an_exact_title_outside_the_filter_is_not_brought_in(keyword_library: Library) -> None:
    title = keyword_library.get("fee-late").title
    hits = all_hits(keyword_library, title, Filters(kinds=("handbook",)))
    assert {hit.kind for hit in hits} == {Kind.HANDBOOK}


# ---- why ----


def reasons(result: SearchResult, entry_id: str) -> dict[str, str]:
    [hit] = [hit for hit in result.hits if hit.id == entry_id]
    return {reason.leg: reason.text for reason in hit.reasons}


def test_explanations_name_words_synonym_and_passage(library: Library) -> None:
    result = library.search("没交 逾期 提醒")
    why = reasons(result, "fee-late")
    assert "“没交”" in why["keyword"] and "“提醒”" in why["keyword"]
    assert "semantic" in why
    why = reasons(library.search("带徒弟的 流动党员 没交"), "fee-late")
    assert "“没交”" in why["synonym"] and "“逾期”" in why["synonym"]
    result = library.search("两个人票数一样多", off=frozenset({"synonyms"}))
    assert "两个人票数一样多，后面还投不投" in reasons(result, "ballot-tie")["semantic"]


def test_explanations_name_the_neighbour_that_raised_an_entry(library: Library) -> None:
    hits = library.search("党费逾期没交怎么办").hits
    raised = [reason.text for hit in hits for reason in hit.reasons if reason.leg == "neighbours"]
    assert any("fee-late" in text for text in raised)


@pytest.mark.parametrize("typed", ["党费", "a4", "六个月", "6个月", "书记项目", "五分之四"])
def test_every_hit_of_the_keyword_leg_tells_why(keyword_library: Library, typed: str) -> None:
    assert all(hit.reasons for hit in all_hits(keyword_library, typed))


def test_typed_words_are_marked_in_title_and_snippet(library: Library) -> None:
    hit = first(library, "党费逾期没交怎么办")
    assert "党费" in [hit.title.value[start:end] for start, end in hit.title.spans]
    shown = all_hits(library, "当面约谈 谈话记录")[0]
    assert shown.id == "fee-late" and shown.snippet.spans


def test_a_hit_leads_to_the_passage_that_matched(keyword_library: Library) -> None:
    found = {hit.id: hit for hit in all_hits(keyword_library, "“监票人公布两人票数”")}
    assert (found["ballot-tie"].heading, found["ballot-tie"].anchor) == ("实施步骤", "实施步骤")
    found = {hit.id: hit for hit in all_hits(keyword_library, "预备期党员 正式党员 一样缴纳")}
    assert (found["rule-fee"].heading, found["rule-fee"].anchor) == ("第三十一条 逾期", "31")


# ---- suggestions ----


def shown(library: Library, typed: str, limit: int = 8) -> list[tuple[str, str]]:
    return [(s.kind, s.text) for s in library.suggest(typed, limit)]


def test_suggestions_by_prefix_terms_then_titles_then_questions(keyword_library: Library) -> None:
    found = shown(keyword_library, "党费")
    kinds = [kind for kind, text in found if text.startswith("党费")]
    assert kinds == sorted(kinds, key=("term", "entry", "alias").index)
    assert found[0] == ("term", "党费") and ("entry", "党费核定与收缴工作流程") in found
    assert shown(keyword_library, "老赵") == [("alias", "老赵三个月没交党费")]
    assert shown(keyword_library, "示例")[0] == ("entry", "示例基层选举办法"), "ties by kind, then id"


@pytest.mark.parametrize("typed", ["dangfei", "DANGFEI", "dang fei", "dang'fei", "dǎngfèi", "dang3fei4"])
def test_suggestions_by_pinyin(keyword_library: Library, typed: str) -> None:
    found = shown(keyword_library, typed)
    assert found[0] == ("term", "党费") and ("entry", "党费核定与收缴工作流程") in found


def test_suggestions_by_the_beginning_of_a_syllable(keyword_library: Library) -> None:
    assert shown(keyword_library, "huanj")[0] == ("term", "换届")
    assert ("entry", "书记项目攻下产销难题") in shown(keyword_library, "shujixiangm")


def test_suggestions_by_first_letters(keyword_library: Library) -> None:
    assert ("term", "党费收缴") in shown(keyword_library, "dfsj")
    assert ("term", "换届") in shown(keyword_library, "hj")
    assert ("alias", "老赵三个月没交党费") in shown(keyword_library, "lzsgy")


def test_suggestions_inside_when_little_begins_so(keyword_library: Library) -> None:
    assert ("entry", "小程序自动提醒交党费") in shown(keyword_library, "自动提醒")


def test_suggestions_are_few_different_and_lead_somewhere(keyword_library: Library) -> None:
    for typed in ("党", "dang", "d", "换", "z", "示", "组织"):
        for limit in (1, 3, 8):
            found = keyword_library.suggest(typed, limit)
            assert 0 < len(found) <= limit and len({s.text for s in found}) == len(found)
            assert all((s.kind == "term") != bool(s.entry_id) for s in found)
    assert keyword_library.suggest("") == keyword_library.suggest("  ") == keyword_library.suggest("？") == []
    assert keyword_library.suggest("zzzqqq") == []


def test_suggestions_stand_anything(keyword_library: Library) -> None:
    for typed in ("“", "\x00", "党费" * 5000, "a" * 10_000, "'''", "\ud83d", "İ", "1", "3 5", "-"):
        assert len(keyword_library.suggest(typed)) <= 8


# ---- together ----


def test_searching_while_others_save(folder: Path) -> None:
    library = open_library(folder, FakeEncoder())
    failed: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert first(library, "党费逾期没交怎么办").id == "fee-late"
                library.suggest("dang")
                library.refresh_if_due()
        except BaseException as error:
            failed.append(error)

    def write(name: str) -> None:
        try:
            for number in range(8):
                library.save(new_case(f"case-{name}-{number}", f"石榴树第{number}个案例"), None)
        except BaseException as error:
            failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    writers = [threading.Thread(target=write, args=(name,)) for name in ("one", "two")]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert not failed, failed
    assert (
        sum(
            entry_id.startswith("case-one-") or entry_id.startswith("case-two-")
            for entry_id in library.snapshot.entries
        )
        == 16
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The repository's own content, words alone."""
    yield Library.open(Settings((REPOSITORY,), None, tmp_path_factory.mktemp("whole"), "none"))


def test_every_entry_is_found_by_its_title_and_number(whole: Library) -> None:
    def found(typed: str) -> Entry:
        return whole.search(typed, size=1).hits[0].entry

    entries = whole.snapshot.entries.values()
    assert len(entries) > 200
    assert [entry.title for entry in entries if found(entry.title).title != entry.title] == []
    numbers = {entry.document_number for entry in entries if entry.document_number}
    assert {number for number in numbers if found(number).document_number != number} == set()


def test_own_lexicon_of_an_organisation_is_read(folder: Path) -> None:
    own = folder / "local" / "lexicon"
    own.mkdir(parents=True)
    (own / "synonyms.tsv").write_text("石榴籽\t书记项目\n", encoding="utf-8")
    settings = Settings((folder / "content",), folder / "local", folder / "index", "none")
    assert first(Library.open(settings), "石榴籽").id == "case-secretary-project"
    assert "石榴籽" not in samples.words().words


def test_no_more_searches_at_once_than_cores(
    keyword_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[int] = []
    most: list[int] = []
    answering = keyword_library._answer

    def slowly(*args: Any) -> SearchResult:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.01)
        inside.pop()
        return answering(*args)

    monkeypatch.setattr(keyword_library, "_answer", slowly)
    threads = [threading.Thread(target=keyword_library.search, args=("党费",)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 12 and max(most) <= cores()
