"""The figures to reach, each as a function of the results: a number per size, and what it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.results import Results

Reading = Callable[[Results, int], float | None]

ALL = (300, 1000, 3000, 10_000, 30_000, 100_000)
CHANGES = ("add", "change", "withdraw")


@dataclass(frozen=True, slots=True)
class Aim:
    """One line of the head table."""

    what: str
    told: str
    """The aim in words."""
    read: Reading
    goals: Mapping[int, float] = field(default_factory=dict)
    """Size -> figure to reach there; other sizes are only told."""
    at_least: bool = False

    def met(self, size: int, value: float) -> bool | None:
        """Whether the figure is reached; None where none was set."""
        goal = self.goals.get(size)
        if goal is None:
            return None
        return value >= goal if self.at_least else value <= goal


def quotient(step: str, above: str, below: str, figure: str) -> Reading:
    """One thing's figure over another's, of the same run."""

    def read(results: Results, size: int) -> float | None:
        first, second = (results.figure(step, size, name, figure) for name in (above, below))
        return first / second if first is not None and second else None

    return read


def plain(step: str, name: str, figure: str, scale: float = 1.0) -> Reading:
    """A figure as it was measured."""

    def read(results: Results, size: int) -> float | None:
        value = results.figure(step, size, name, figure)
        return None if value is None else value * scale

    return read


def worst_of(figure: str) -> Reading:
    """The dearest of adding, changing and withdrawing."""

    def read(results: Results, size: int) -> float | None:
        found = [results.figure("update", size, change, figure) for change in CHANGES]
        return max((value for value in found if value is not None), default=None)

    return read


def _memory(results: Results, size: int) -> float | None:
    resident = results.figure("start", size, "memory when asked", "resident")
    vectors = results.figure("start", size, "memory when asked", "vectors")
    return None if resident is None or vectors is None else resident - vectors


def _growth(results: Results, size: int) -> float | None:
    """Resident memory without mapped vectors, the last tenth over the second; the first warms up."""
    last, warm = (results.figure("soak", size, f"tenth {n}", "without_vectors_mib") for n in (10, 2))
    return (last / warm - 1) * 100 if last is not None and warm else None


def _steadiness(results: Results, size: int) -> float | None:
    last, warm = (results.figure("soak", size, f"tenth {n}", "p95") for n in (10, 2))
    return last / warm if last is not None and warm else None


def _identical(results: Results, size: int) -> float | None:
    same, asked = (results.figure("keyword", size, "same as whoosh", name) for name in ("same", "asked"))
    return same / asked if same is not None and asked else None


AIMS = (
    Aim(
        "keyword top 10, p50 / tantivy's",
        "≤ 1.8 at 10k, ≤ 1.0 at 100k",
        quotient("keyword", "product", "tantivy", "p50"),
        {10_000: 1.8, 100_000: 1.0},
    ),
    Aim(
        "keyword top 10, p95 / tantivy's",
        "≤ 1.3 at 10k, ≤ 0.6 at 100k",
        quotient("keyword", "product", "tantivy", "p95"),
        {10_000: 1.3, 100_000: 0.6},
    ),
    Aim(
        "stock Whoosh's p50 / ours",
        "≥ 50 at 10k",
        quotient("keyword", "whoosh", "product", "p50"),
        {10_000: 50.0},
        at_least=True,
    ),
    Aim(
        "stock Whoosh's p95 / ours",
        "≥ 150 at 10k",
        quotient("keyword", "whoosh", "product", "p95"),
        {10_000: 150.0},
        at_least=True,
    ),
    Aim("share of top tens identical with Whoosh's", "1", _identical, dict.fromkeys(ALL, 1.0), at_least=True),
    Aim(
        "hybrid search, p50 / tantivy + numpy's",
        "≤ 0.9 at 10k, ≤ 0.5 at 100k",
        quotient("hybrid", "product", "tantivy + numpy", "p50"),
        {10_000: 0.9, 100_000: 0.5},
    ),
    Aim(
        "recall of the ten best passages",
        "≥ 0.99",
        plain("hybrid", "recall", "recall10"),
        dict.fromkeys(ALL, 0.99),
        at_least=True,
    ),
    Aim(
        "jieba cutting the same text / our build",
        "≥ 1.0",
        plain("build", "product", "vs_jieba"),
        {10_000: 1.0, 100_000: 1.0},
        at_least=True,
    ),
    Aim(
        "stock Whoosh with jieba / our build",
        "≥ 3",
        plain("build", "whoosh with jieba", "vs_product"),
        {10_000: 3.0},
        at_least=True,
    ),
    Aim(
        "add, change, withdraw → searchable, dearest p50, ms",
        "≤ 10 at 10k, ≤ 15 at 100k",
        worst_of("p50"),
        {10_000: 10.0, 100_000: 15.0},
    ),
    Aim("the same, worst, ms", "≤ 30 at 10k, ≤ 40 at 100k", worst_of("worst"), {10_000: 30.0, 100_000: 40.0}),
    Aim(
        "start → first hybrid answer, library, s",
        "≤ 1.0",
        plain("start", "library", "p50", 0.001),
        dict.fromkeys(ALL, 1.0),
    ),
    Aim("the same, server, s", "≤ 1.5", plain("start", "server", "p50", 0.001), dict.fromkeys(ALL, 1.5)),
    Aim(
        "resident memory without mapped vectors, MiB",
        "≤ 250 at 10k, ≤ 560 at 100k",
        _memory,
        {10_000: 250.0, 100_000: 560.0},
    ),
    Aim(
        "pages a second, 8 clients / tantivy + numpy's",
        "≥ 1.0 at 10k and 100k",
        quotient("server", "product, 8 clients", "tantivy + numpy, 8 clients", "per_second"),
        {10_000: 1.0, 100_000: 1.0},
        at_least=True,
    ),
    Aim(
        "a page with 8 clients, p95, ms",
        "< 50 at 10k",
        plain("server", "product, 8 clients", "p95"),
        {10_000: 50.0},
    ),
    Aim("memory growth over a long day, %", "< 5", _growth, dict.fromkeys(ALL, 5.0)),
    Aim("p95 at its end / after warm-up", "steady", _steadiness),
)
