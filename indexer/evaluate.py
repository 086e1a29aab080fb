"""Judged queries -> nDCG, hit rate, reciprocal rank and latency, by style, by leg and by feature.

A query file has the columns qid, query, style, relevant (`id:grade;…`, grade 2
answers the question, 1 helps) and optionally half (tune or test). A folder in
the STARD form has corpus.jsonl, queries.jsonl and qrels.tsv.

nDCG@10 with gain 2^grade - 1 and discount log2(rank + 1) (Järvelin and
Kekäläinen 2002; Burges et al. 2005). A hit is a hit of grade 2. Kinds without
judgements (policies) are skipped in the ranking.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import BadQueryFile
from indexer.types import SearchResult
from kb.types import Kind

DEPTH = 30
"""Hits asked for, so that ten remain when policies are skipped."""

Search = Callable[[str], SearchResult]


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query and the entries that answer it."""

    qid: str
    text: str
    style: str
    relevant: dict[str, int]
    half: str = ""


Outcome = tuple[JudgedQuery, list[str], float]
"""A query, the ids of judged kinds best first, and the milliseconds it took."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over a set of queries; latencies in milliseconds."""

    queries: int
    ndcg: float
    hit1: float
    hit5: float
    mrr: float
    p50: float
    p95: float


def read_queries(path: Path) -> list[JudgedQuery]:
    """Judged queries of a TSV file. Raises BadQueryFile with the line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadQueryFile(f"读不出查询文件 {path}") from error
    header = lines[0].split("\t") if lines else []
    if header[:4] != ["qid", "query", "style", "relevant"]:
        raise BadQueryFile(f"{path} 第一行应为 qid、query、style、relevant，以制表符分开")
    queries = []
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        try:
            relevant = {
                entry_id: int(grade)
                for entry_id, grade in (pair.rsplit(":", 1) for pair in cells[3].split(";"))
            }
        except (IndexError, ValueError):
            raise BadQueryFile(f"{path} 第 {number} 行写法不对") from None
        queries.append(
            JudgedQuery(cells[0], cells[1], cells[2], relevant, cells[4] if len(cells) > 4 else "")
        )
    return queries


def ndcg(ranking: Sequence[str], relevant: dict[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `depth` ids."""
    ideal = _dcg(sorted(relevant.values(), reverse=True)[:depth])
    return _dcg([relevant.get(entry_id, 0) for entry_id in ranking[:depth]]) / ideal if ideal else 0.0


def _dcg(grades: Iterable[int]) -> float:
    return math.fsum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def first_hit(ranking: Sequence[str], relevant: dict[str, int], grade: int = 2) -> int:
    """Rank of the first id of at least `grade`, 0 when there is none."""
    wanted = min(grade, max(relevant.values(), default=grade))
    return next((rank for rank, i in enumerate(ranking, 1) if relevant.get(i, 0) >= wanted), 0)


def run(search: Search, queries: Iterable[JudgedQuery]) -> list[Outcome]:
    """Ask every query once."""
    outcomes: list[Outcome] = []
    for query in queries:
        started = time.perf_counter()
        result = search(query.text)
        took = (time.perf_counter() - started) * 1000
        ranking = [hit.id for hit in result.hits if hit.kind is not Kind.POLICY]
        outcomes.append((query, ranking, took))
    return outcomes


def score(outcomes: Sequence[Outcome]) -> Scores:
    """Means over `outcomes`; raises ValueError for none."""
    ranks = [first_hit(ranking, query.relevant) for query, ranking, _ in outcomes]
    times = sorted(took for _, _, took in outcomes)
    return Scores(
        queries=len(outcomes),
        ndcg=statistics.fmean(ndcg(ranking, query.relevant) for query, ranking, _ in outcomes),
        hit1=statistics.fmean(rank == 1 for rank in ranks),
        hit5=statistics.fmean(1 <= rank <= 5 for rank in ranks),
        mrr=statistics.fmean(1 / rank if 1 <= rank <= 10 else 0.0 for rank in ranks),
        p50=times[len(times) // 2],
        p95=times[min(len(times) - 1, int(len(times) * 0.95))],
    )


def by_style(outcomes: Sequence[Outcome]) -> dict[str, Scores]:
    """Scores of each style, by name, and of all together under `all`."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome[0].style].append(outcome)
    return {style: score(groups[style]) for style in sorted(groups)} | {"all": score(outcomes)}
