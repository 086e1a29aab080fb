"""Models of one's own: prepared in the background while the light one answers; reading hits again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer.fusion import Ranked
from indexer.library import Library, Settings
from indexer.rerank import RERANKED, rerank

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *sorted(set("党员费逾期没交缴纳怎么办支部换届选举流程主题日")),
]
PATIENCE = 60.0
"""Seconds a tiny model may take to load and to encode a dozen entries."""


class Backwards:
    """A reranker that prefers what came last."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [float(number) for number in range(len(texts))]


def tiny_config(**more: int) -> object:
    transformers = pytest.importorskip("transformers")
    return transformers.BertConfig(
        vocab_size=len(PIECES),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=256,
        **more,
    )


def save_tokenizer(folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(PIECES), encoding="utf-8")
    transformers.BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)


@pytest.fixture(scope="module")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    transformers = pytest.importorskip("transformers")
    sentence_transformers = pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer import modules

    inner = tmp_path_factory.mktemp("inner")
    save_tokenizer(inner)
    transformers.BertModel(tiny_config()).save_pretrained(inner)
    words = modules.Transformer(str(inner), max_seq_length=64)
    model = sentence_transformers.SentenceTransformer(modules=[words, modules.Pooling(32)], device="cpu")
    folder = tmp_path_factory.mktemp("models") / "tiny"
    model.save(str(folder))
    return folder


@pytest.fixture(scope="module")
def reranker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("reranker")
    save_tokenizer(folder)
    transformers.BertForSequenceClassification(tiny_config(num_labels=1)).save_pretrained(folder)
    return folder


def wait_for(library: Library, note: str) -> None:
    until = time.monotonic() + PATIENCE
    while any(note in said for said in library.degraded):
        assert time.monotonic() < until, library.degraded
        time.sleep(0.05)


@pytest.mark.transformer
def test_a_model_is_prepared_in_the_background_while_the_light_one_answers(
    folder: Path, encoder_folder: Path
) -> None:
    settings = Settings((folder / "content",), folder / "local", folder / "index", str(encoder_folder))
    library = Library.open(settings, background=True)
    assert library.search("党费逾期没交怎么办").hits
    wait_for(library, "后台准备")
    assert library.degraded == ()
    assert library.search("党费逾期没交怎么办").hits
    again = Library.open(settings)
    assert again.snapshot.revision == library.snapshot.revision, "the vectors are kept, not computed again"


@pytest.mark.transformer
def test_a_model_that_cannot_be_had_leaves_the_light_one_and_says_so(folder: Path) -> None:
    settings = Settings((folder / "content",), folder / "local", folder / "index", "/no/such/model")
    library = Library.open(settings, background=True)
    wait_for(library, "后台准备")
    assert any("不能加载" in note for note in library.degraded)
    assert library.search("党费逾期没交怎么办").hits


def test_the_reranker_orders_the_head_and_leaves_the_tail() -> None:
    ranked = [Ranked(f"e{number:02d}", 1 - number / 100) for number in range(RERANKED + 5)]
    moved = rerank(ranked, "问", ["文"] * RERANKED, Backwards())
    head = [item.entry_id for item in moved[:RERANKED]]
    assert head == [item.entry_id for item in reversed(ranked[:RERANKED])]
    assert moved[RERANKED:] == ranked[RERANKED:]
    assert [item.score for item in moved] == [item.score for item in ranked]


@pytest.mark.transformer
def test_a_real_cross_encoder_reads_the_hits_again(folder: Path, reranker_folder: Path) -> None:
    settings = Settings(
        (folder / "content",), folder / "local", folder / "index", "none", reranker=str(reranker_folder)
    )
    library = Library.open(settings)
    assert not any("重排" in note for note in library.degraded)
    read_again = library.search("党费逾期", off=frozenset({"exact", "neighbours"}))
    plain = library.search("党费逾期", off=frozenset({"exact", "neighbours", "rerank"}))
    assert read_again.total == plain.total > 0
    assert [hit.score for hit in read_again.hits] == [hit.score for hit in plain.hits]


def test_a_missing_reranker_is_named_and_search_goes_on(folder: Path) -> None:
    pytest.importorskip("sentence_transformers")
    settings = Settings(
        (folder / "content",), folder / "local", folder / "index", "none", reranker="/no/such"
    )
    library = Library.open(settings)
    assert any("重排模型" in note for note in library.degraded)
    assert library.search("党费逾期").hits
