"""Knowing when nothing here answers the question.

Five signs are read off a query and its best hits, and a logistic model over
them says how likely it is that the entry answers. Weights and threshold come
out of `kb calibrate`, from the tuning half of the judged and the unanswerable
questions; nothing is typed in by hand.

    scope      how much the words of the query are those of this field (see `scope`)
    stranger   closeness to questions known to belong elsewhere
    cosine     closeness of the best entry in meaning
    margin     how far the best entry stands above the tenth
    coverage   share of the query's weight (rare words weigh more) found in the best entry
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.fusion import Ranked
from indexer.scope import Scope
from indexer.snapshot import Snapshot
from indexer.types import Query

MODEL = Path(__file__).parent / "models" / "confidence.json"
HYBRID = ("scope", "stranger", "cosine", "margin", "coverage")
WORDS = ("scope", "stranger", "coverage")
"""Signs used with the light encoder, and with any other or none, whose cosines mean something else."""
LOST_AT_MOST = 0.015
"""Share of answerable tuning questions the threshold may reject; half of what the aim allows."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A logistic model over signs and the probability from which a hit is called an answer."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float

    def probability(self, signs: Mapping[str, float]) -> float:
        """How likely the best hit answers, between 0 and 1."""
        total = self.bias + sum(w * signs[name] for name, w in zip(self.names, self.weights, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def accepts(self, signs: Mapping[str, float]) -> bool:
        """True when the best hit may be shown as an answer."""
        return self.probability(signs) >= self.threshold


def load_judge(encoder_name: str) -> Judge:
    """The calibrated judge for the light encoder, or the one that does without cosines."""
    values = json.loads(MODEL.read_text(encoding="utf-8"))
    chosen = values["hybrid" if encoder_name.startswith("light:") else "words"]
    return Judge(tuple(chosen["signs"]), tuple(chosen["weights"]), chosen["bias"], chosen["threshold"])


def signs(now: Snapshot, asked: Query, ranked: Sequence[Ranked], scope: Scope | None) -> dict[str, float]:
    """The signs of a query and its ranking, by name; all zero when nothing was found."""
    if not ranked:
        return dict.fromkeys(HYBRID, 0.0)
    cosines = sorted((item.cosine for item in ranked), reverse=True)
    margin = cosines[0] - cosines[min(9, len(cosines) - 1)]
    return {
        "scope": scope.of(asked.meaning) if scope else 0.0,
        "stranger": scope.stranger(asked.meaning) if scope else 0.0,
        "cosine": cosines[0],
        "margin": margin,
        "coverage": _coverage(now, asked, ranked),
    }


def calibrate(
    answerable: Sequence[Mapping[str, float]],
    unanswerable: Sequence[Mapping[str, float]],
    names: tuple[str, ...],
) -> Judge:
    """Fit weights by Newton steps on the log loss; the threshold loses LOST_AT_MOST of the answerable."""
    rows = np.array([[s[name] for name in names] + [1.0] for s in (*answerable, *unanswerable)])
    target = np.array([1.0] * len(answerable) + [0.0] * len(unanswerable))
    weights = np.zeros(rows.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(rows @ weights)))
        curvature = (rows * (p * (1 - p))[:, None]).T @ rows + 1e-3 * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, rows.T @ (p - target) + 1e-3 * weights)
    rounded = [float(round(w, 4)) for w in weights]
    fitted = Judge(names, tuple(rounded[:-1]), rounded[-1], 0.0)
    accepted = sorted(fitted.probability(s) for s in answerable)
    threshold = accepted[int(len(accepted) * LOST_AT_MOST)]
    return Judge(fitted.names, fitted.weights, fitted.bias, round(threshold * 0.999, 4))


def save(judges: Mapping[str, Judge]) -> None:
    """Write calibrated judges where `load_judge` reads them."""
    values = {
        name: {"signs": j.names, "weights": j.weights, "bias": j.bias, "threshold": j.threshold}
        for name, j in judges.items()
    }
    MODEL.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """A question nothing here answers: off the field, or near it."""

    text: str
    style: str
    half: str


def read_unanswerable(path: Path) -> list[Unanswerable]:
    """Rows of a TSV file with the columns qid, query, style, half."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [Unanswerable(row[1], row[2], row[3]) for row in rows]


def _coverage(now: Snapshot, asked: Query, ranked: Sequence[Ranked]) -> float:
    """Best share of the typed words' weight that one of the first three entries holds."""
    typed = [term.text for term in asked.terms if term.origin == "typed"]
    if not typed:
        return 0.0
    weights = np.array([now.rarity(word) for word in typed])
    best = 0.0
    for item in ranked[:3]:
        text = now.folded_text(item.entry_id)
        best = max(best, float(weights[[word in text for word in typed]].sum() / weights.sum()))
    return best
