"""What the search must reach before a change may land: `kb eval --gate`.

The floors stand below the figures of docs/log.md by about the noise of sets of
this size, so that a real loss fails and an unlucky query does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indexer import evaluate, forms
from indexer.confidence import read_unanswerable
from indexer.evaluate import JudgedQuery, Scores
from indexer.library import Library

FLOORS = {"tune": (0.88, 0.80), "test": (0.85, 0.73), "independent": (0.83, 0.75)}
"""Least nDCG@10 and hit@1 by set."""
FORM_SHARE = 0.95
"""A mechanical form keeps at least this share of the clean queries' nDCG."""
REJECTED_FLOORS = {"off": 0.94, "near": 0.74}
"""Least share of unanswerable questions of the testing half that are rejected: off the field, and near it."""
REJECTED_CEILING = 0.03
"""Greatest share of answerable questions that may be rejected."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether every floor was reached, and a line for each."""

    passed: bool
    lines: tuple[str, ...]


def run(library: Library, folder: Path) -> Verdict:
    """Measure the project's own judged sets in `folder` against the floors."""
    judged = evaluate.read_queries(folder / "queries.tsv")
    sets = {
        "tune": [q for q in judged if q.half == "tune"],
        "test": [q for q in judged if q.half == "test"],
        "independent": evaluate.read_queries(folder / "independent.tsv"),
    }
    checks = [check for name, queries in sets.items() for check in _relevance(library, name, queries)]
    checks += [_form(name, scores) for name, scores in form_shares(library, judged).items()]
    checks += _rejection(library, folder, [*sets["test"], *sets["independent"]])
    return Verdict(all(ok for ok, _ in checks), tuple(("✓ " if ok else "✗ ") + text for ok, text in checks))


def _ask(library: Library, queries: list[JudgedQuery]) -> Scores:
    return evaluate.score(evaluate.run(lambda text: library.search(text, size=evaluate.DEPTH), queries))


def _relevance(library: Library, name: str, queries: list[JudgedQuery]) -> list[tuple[bool, str]]:
    scores, (ndcg, hit1) = _ask(library, queries), FLOORS[name]
    return [
        (scores.ndcg >= ndcg, f"{name}：nDCG@10 {scores.ndcg:.3f}（至少 {ndcg}）"),
        (scores.hit1 >= hit1, f"{name}：hit@1 {scores.hit1:.3f}（至少 {hit1}）"),
    ]


def form_shares(library: Library, judged: list[JudgedQuery]) -> dict[str, tuple[Scores, Scores]]:
    """(clean, changed) scores of the Chinese queries for each mechanical form."""
    reader = library.snapshot.reader
    segmenter = reader.segmenter
    chinese = [q for q in judged if q.style not in ("pinyin", "english", "traditional", "typo")]
    changes = {
        "traditional": forms.traditional,
        "pinyin": lambda text: forms.pinyin(text, segmenter),
        "typo": lambda text: forms.wrong_character(text, segmenter, frozenset(library.lexicon.terms)),
    }
    found = {}
    for name, change in changes.items():
        changed = forms.reword(chinese, change)
        kept = {q.qid for q in changed}
        found[name] = (_ask(library, [q for q in chinese if q.qid in kept]), _ask(library, changed))
    return found


def _form(name: str, scores: tuple[Scores, Scores]) -> tuple[bool, str]:
    clean, changed = scores
    share = changed.ndcg / clean.ndcg
    figures = f"{clean.ndcg:.3f} → {changed.ndcg:.3f}，{changed.queries} 句，至少 95%"
    text = f"{name}：保住 {share:.1%} 的 nDCG（{figures}）"
    return share >= FORM_SHARE, text


def _rejection(library: Library, folder: Path, answerable: list[JudgedQuery]) -> list[tuple[bool, str]]:
    asked = [row for row in read_unanswerable(folder / "unanswerable.tsv") if row.half == "test"]
    checks = []
    for style, floor in REJECTED_FLOORS.items():
        questions = [row.text for row in asked if row.style == style]
        rejected = sum(not library.search(text).confident for text in questions) / len(questions)
        text = f"答不了的问题（{style}）：拒答 {rejected:.1%}（{len(questions)} 句，至少 {floor:.0%}）"
        checks.append((rejected >= floor, text))
    lost = sum(not library.search(query.text).confident for query in answerable) / len(answerable)
    text = f"答得了的问题：误拒 {lost:.1%}（{len(answerable)} 句，至多 {REJECTED_CEILING:.0%}）"
    return [*checks, (lost <= REJECTED_CEILING, text)]
