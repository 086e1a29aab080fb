"""No alias, title or lexicon row is a near copy of a judged query: the examination stays an examination."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer import evaluate, leakage, wordlists
from kb import Store

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def our_texts() -> list[tuple[str, str]]:
    entries = [record.entry for record in Store((ROOT,)).records()[0]]
    words = wordlists.load(wordlists.SHIPPED)
    texts = [(entry.id, text) for entry in entries for text in (entry.title, *entry.aliases)]
    return texts + [("synonyms.tsv", left) for left, _ in words.synonyms]


def query_files() -> list[Path]:
    shared = os.environ.get("KB_SHARED", "")
    outside = sorted(Path(shared, "eval").glob("*.tsv")) if shared else []
    return [HERE / "queries.tsv", HERE / "independent.tsv", *outside]


@pytest.mark.parametrize("path", query_files(), ids=lambda path: path.name)
def test_content_and_lexicon_hold_no_near_copy_of_a_judged_query(path: Path) -> None:
    queries = [query.text for query in evaluate.read_queries(path)]
    assert leakage.near_copies(our_texts(), queries) == []


def test_a_copied_query_is_found_and_bare_keywords_are_not() -> None:
    found = leakage.near_copies(
        [("a", "支部有个老党员半年多没交钱了，电话也不接"), ("b", "换届 请示")],
        ["我们支部有个老党员半年多没交钱了电话也不接", "换届 请示"],
    )
    assert [leak.where for leak in found] == ["a"]


def test_judged_sets_are_large_enough_and_never_ask_twice() -> None:
    judged = evaluate.read_queries(HERE / "queries.tsv")
    independent = evaluate.read_queries(HERE / "independent.tsv")
    assert len(judged) >= 300 and len(independent) >= 100
    assert {query.half for query in judged} == {"tune", "test"}
    for queries in (judged, independent):
        texts = [query.text for query in queries]
        assert len(texts) == len(set(texts))
    known = {record.entry.id for record in Store((ROOT,)).records()[0]}
    assert {entry_id for query in judged for entry_id in query.relevant} <= known
