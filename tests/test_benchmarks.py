"""The measuring commands run, on a collection too small to say anything: figures are never asserted."""

from __future__ import annotations

import mmap
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import aims, asking, building, children, plot, report, serving, starting, writing
from benchmarks.corpus import QUERY_CHARS, Corpus, text_of
from benchmarks.measure import Peak, memory
from benchmarks.results import Results
from benchmarks.workspace import Workspace
from indexer.passages import passages
from kb import schema
from kb.types import Kind

SIZE = 40


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus()


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("benchmarks"), SIZE, corpus, asked=6)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path)


def test_generated_entries_are_entries(corpus: Corpus) -> None:
    entries = list(corpus.entries(SIZE))
    for entry in entries:
        assert schema.parse(text_of(entry).encode()) == (entry, ())
    assert {entry.kind for entry in entries} == set(Kind)
    assert len({entry.id for entry in entries}) == SIZE


def test_a_larger_collection_begins_like_a_smaller_one(corpus: Corpus) -> None:
    assert list(Corpus().entries(5)) == list(corpus.entries(SIZE))[:5]
    assert Corpus(seed=8).entry(3) != corpus.entry(3)


def test_other_ways_of_asking_can_be_many(corpus: Corpus) -> None:
    few, many = (sum(len(passages(c.entry(n))) for n in range(20)) for c in (corpus, Corpus(aliases=40)))
    assert many > 1.5 * few


def test_questions_are_short_and_not_what_the_entries_list(corpus: Corpus) -> None:
    questions = corpus.queries(30)
    assert len(set(questions)) == 30
    assert all(QUERY_CHARS[0] <= len(text) <= QUERY_CHARS[1] for text in questions)
    listed = {alias for entry in corpus.entries(300) for alias in entry.aliases}
    assert not listed & set(questions)


# jieba's own analyzer leaves a file of its package open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_engine_is_measured(
    space: Workspace, results: Results, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(building, "STOCK_SAMPLE", 3)
    monkeypatch.setattr(children, "as_served", lambda: None)  # this process goes on to other tests
    monkeypatch.setattr(writing, "SAVES", 3)
    for step in (building.build, building.build_peers, asking.keyword, asking.hybrid, writing.update):
        step(space, results)
    assert results.figure("keyword", SIZE, "same as whoosh", "same") == space.asked
    assert results.figure("hybrid", SIZE, "recall", "recall10") is not None
    assert results.figure("update", SIZE, "withdraw", "worst") is not None
    assert not list(space.local.glob("*/*.md")), "what was saved for measuring is gone"
    tables = report.tables(results)
    assert "keyword" in tables and "| fts5 |" in tables
    ET.fromstring(plot.draw(results))


def test_processes_are_measured(space: Workspace, results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "STARTS", 1)
    monkeypatch.setattr(serving, "CLIENTS", (2,))
    monkeypatch.setattr(serving, "PAGES", 30)
    starting.start(space, results)
    serving.server(space, results, seconds=0.2)
    serving.soak(space, results, requests=40, edit_every=2)
    assert results.figure("start", SIZE, "server", "p50") is not None
    assert results.figure("server", SIZE, "product, 2 clients", "per_second") is not None
    assert results.figure("soak", SIZE, "tenth 10", "without_vectors_mib") is not None


def test_results_are_kept_and_the_latest_counts(results: Results) -> None:
    results.add("keyword", 300, "product", {"p50": 2.0})
    results.add("keyword", 300, "product", {"p50": 1.0})
    results.finish("keyword", 300)
    assert results.is_done("keyword", 300) and not results.is_done("keyword", 1000)
    assert results.figure("keyword", 300, "product", "p50") == 1.0
    assert results.names("keyword") == ["product"]


def test_an_aim_is_judged_only_where_one_was_set(results: Results) -> None:
    aim = next(aim for aim in aims.AIMS if aim.at_least and set(aim.goals) == {10_000})
    assert aim.met(300, 0.0) is None
    assert aim.met(10_000, 0.0) is False
    assert aim.met(10_000, 1000.0) is True


def test_the_report_replaces_only_its_own_part(results: Results, tmp_path: Path) -> None:
    results.add("keyword", 300, "product", {"p50": 1.0, "p95": 2.0})
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    report.write(results, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| product | 1 / 2 |" in text
    assert (tmp_path / "performance.svg").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_the_most_memory_is_seen_though_it_was_given_back() -> None:
    with Peak() as peak:
        before = memory().anonymous
        # Pages of its own: this process may have 64 MiB left over that nobody uses.
        with mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:
            held.write(b"\1" * len(held))
            time.sleep(0.1)
    assert peak.anonymous > before + 60 and peak.resident >= peak.anonymous
