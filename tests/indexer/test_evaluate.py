"""The yardstick itself: figures worked out by hand, and query files that are not what they should be."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import evaluate, stard
from indexer.errors import BadQueryFile
from indexer.evaluate import JudgedQuery
from indexer.library import Library
from tests.indexer.samples import REPOSITORY

HEADER = "qid\tquery\tstyle\trelevant"


@pytest.mark.parametrize(
    ("ranking", "relevant", "expected"),
    [
        # Gains 3 and 1; discounts 1, 1/log2(3) = 0.63093, 1/2, 0.43068.
        (["a", "b"], {"a": 2, "b": 1}, 1.0),
        (["b", "a"], {"a": 2, "b": 1}, (1 + 3 * 0.63093) / (3 + 0.63093)),
        (["x", "a"], {"a": 2}, 0.63093),
        (["x", "x", "a", "b"], {"a": 2, "b": 1}, (3 * 0.5 + 0.43068) / (3 + 0.63093)),
        (["x"] * 10 + ["a"], {"a": 2}, 0.0),
        (["a"], {"a": 1}, 1.0),
        ([], {"a": 2}, 0.0),
        (["a"], {}, 0.0),
        (["a"], {"a": 0}, 0.0),
        (
            ["a", "b", "c"],
            {"a": 2, "b": 2, "c": 2, "d": 2},
            (1 + 0.63093 + 0.5) / (1 + 0.63093 + 0.5 + 0.43068),
        ),
    ],
)
def test_ndcg(ranking: list[str], relevant: dict[str, int], expected: float) -> None:
    assert evaluate.ndcg(ranking, relevant) == pytest.approx(expected, abs=1e-5)


@given(st.permutations("abcdef"), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2), min_size=1))
def test_ndcg_is_greatest_for_the_ideal_ranking(ranking: list[str], relevant: dict[str, int]) -> None:
    ideal = sorted(relevant, key=lambda entry_id: -relevant[entry_id])
    assert 0 <= evaluate.ndcg(ranking, relevant) <= evaluate.ndcg(ideal, relevant) + 1e-12 <= 1 + 2e-12


def test_first_hit_is_the_first_that_answers() -> None:
    assert evaluate.first_hit(["x", "b", "a"], {"a": 2, "b": 1}) == 3
    assert evaluate.first_hit(["x", "b"], {"b": 1}) == 2, "helping counts where nothing answers"
    assert evaluate.first_hit(["x"], {"a": 2}) == 0


def test_means_over_queries() -> None:
    query = JudgedQuery("q", "t", "s", {"a": 2})
    scores = evaluate.score(
        [(query, ["a"], 1.0), (query, ["x", "a"], 2.0), (query, ["x"] * 6 + ["a"], 3.0), (query, [], 9.0)]
    )
    assert (scores.queries, scores.hit1, scores.hit5) == (4, 0.25, 0.5)
    assert scores.mrr == pytest.approx((1 + 1 / 2 + 1 / 7) / 4)
    assert scores.ndcg == pytest.approx((1 + 0.63093 + 1 / 3) / 4, abs=1e-5)
    assert (scores.p50, scores.p95) == (3.0, 9.0)
    with pytest.raises(ValueError):
        evaluate.score([])


def test_by_style() -> None:
    one, other = JudgedQuery("1", "t", "a", {"x": 2}), JudgedQuery("2", "t", "b", {"y": 2})
    scores = evaluate.by_style([(one, ["x"], 1.0), (other, ["x"], 1.0)])
    assert {style: found.hit1 for style, found in scores.items()} == {"a": 1.0, "b": 0.0, "all": 0.5}
    assert list(scores) == ["a", "b", "all"]


def test_policies_are_skipped_in_the_ranking(keyword_library: Library) -> None:
    query = JudgedQuery("q", "示组发〔2019〕7号", "number", {"guide-fee": 2})
    assert keyword_library.search(query.text).hits[0].id == "rule-fee"
    [(_, ranking, took)] = evaluate.run(lambda text: keyword_library.search(text, size=30), [query])
    assert not any(entry_id.startswith("rule-") for entry_id in ranking) and took > 0


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def test_query_files_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "q.tsv", HEADER + "\thalf", "q1\t党费怎么交\tlay\tfee-late:2;guide-fee:1\ttest")
    expected = JudgedQuery("q1", "党费怎么交", "lay", {"fee-late": 2, "guide-fee": 1}, "test")
    assert evaluate.read_queries(path) == [expected]
    path = write(tmp_path / "q.tsv", HEADER, "q1\t党费怎么交\tlay\tfee-late:2")
    assert evaluate.read_queries(path)[0].half == ""


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((), "第一行"),
        (("query\tqid",), "第一行"),
        ((HEADER, "q1\t党费\tlay\tfee-late:2", "q2\t党费\tlay"), "第 3 行"),
        ((HEADER, "q1\t党费\tlay\tfee-late"), "第 2 行"),
        ((HEADER, "q1\t党费\tlay\tfee-late:好"), "第 2 行"),
        ((HEADER, "q1\t党费\tlay\t"), "第 2 行"),
        ((HEADER, "", "q1\t党费\tlay\tfee-late:2"), "第 2 行"),
    ],
)
def test_bad_query_files_name_the_line(tmp_path: Path, lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(BadQueryFile, match=told):
        evaluate.read_queries(write(tmp_path / "q.tsv", *lines))


def test_unreadable_query_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadQueryFile, match="读不出"):
        evaluate.read_queries(tmp_path / "missing.tsv")
    (tmp_path / "gbk.tsv").write_bytes("党费".encode("gb18030"))
    with pytest.raises(BadQueryFile, match="读不出"):
        evaluate.read_queries(tmp_path / "gbk.tsv")


def test_the_judged_sets_of_the_project_are_in_order() -> None:
    for name in ("queries.tsv", "independent.tsv"):
        queries = evaluate.read_queries(REPOSITORY / "tests" / "quality" / name)
        assert len({query.qid for query in queries}) == len(queries) >= 100
        assert all(
            set(query.relevant.values()) <= {1, 2} and 2 in query.relevant.values() for query in queries
        )


@pytest.fixture
def examination(tmp_path: Path) -> Path:
    """Three articles and two questions in the STARD form."""
    write(
        tmp_path / "corpus.jsonl",
        '{"id": "a", "text": "第一条 工资应当按月支付给劳动者本人。"}',
        '{"id": "b", "text": "第二条 承租人应当按照约定支付租金。"}',
        '{"id": "c", "text": "第三条 遗产按照法定顺序继承。"}',
    )
    write(
        tmp_path / "queries.jsonl",
        '{"id": "1", "text": "老板不按月支付工资"}',
        '{"id": "2", "text": "遗产怎么继承"}',
    )
    write(tmp_path / "qrels.tsv", "1\ta\t2", "2\tc\t2")
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    return tmp_path


def test_plain_bm25_finds_the_article(examination: Path) -> None:
    task = stard.read(examination)
    search = stard.bm25({text_id: str(text) for text_id, text in task.corpus.items()}, list)
    assert [search(query.text)[0] for query in task.queries] == ["a", "c"]
    assert search("zzz") == []


def test_a_folder_that_is_no_examination_is_named(examination: Path) -> None:
    (examination / "qrels.tsv").write_text("1\ta\n")
    with pytest.raises(BadQueryFile, match="qrels"):
        stard.read(examination)
    (examination / "qrels.tsv").unlink()
    with pytest.raises(BadQueryFile):
        stard.read(examination)
