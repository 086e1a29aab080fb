"""Reading the best hits again, one by one, with a cross-encoder. Optional: no model, no reranking."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from indexer.errors import EncoderUnavailable
from indexer.fusion import Ranked

RERANKED = 50
"""Hits read again; those behind keep their order."""


class Reranker(Protocol):
    """Question and texts -> how well each text answers, on any scale."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One number a text, higher is better."""
        ...


class CrossEncoderReranker:
    """Any sentence-transformers cross-encoder, by hub name or local folder."""

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import CrossEncoder
        except ImportError:
            raise EncoderUnavailable(
                "没有安装 sentence-transformers，请运行 pip install '.[transformers]'，或不用重排模型"
            ) from None
        folder = Path(name).expanduser()
        try:
            self._model = CrossEncoder(
                str(folder) if folder.is_dir() else name, trust_remote_code=False, local_files_only=True
            )
        except Exception as error:
            raise EncoderUnavailable(
                f"重排模型“{name}”不能加载：请在能上网的机器上下载后，把文件夹拷来并写明路径"
            ) from error

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """See Reranker."""
        values = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(value) for value in values]


def rerank(ranked: Sequence[Ranked], question: str, texts: Sequence[str], reranker: Reranker) -> list[Ranked]:
    """The first RERANKED hits in the reranker's order, ties by the old one; scores stay in falling order.

    `texts` are the texts of the first hits, in order.
    """
    head = list(ranked[: min(RERANKED, len(texts))])
    scores = reranker.scores(question, texts[: len(head)])
    order = sorted(range(len(head)), key=lambda i: (-scores[i], i))
    falling = [item.score for item in head]
    moved = [head[old]._replace(score=score) for old, score in zip(order, falling, strict=True)]
    return [*moved, *ranked[len(head) :]]
