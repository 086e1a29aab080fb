"""`kb recall` and `kb export-onnx`, as somebody types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer import recall
from indexer.semantic import VectorIndex
from search_app.cli import main
from tests.search_app.sites import make_content


@pytest.fixture
def kb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("KB_CONTENT", str(make_content(tmp_path / "content")))
    monkeypatch.setenv("KB_LOCAL", str(tmp_path / "local"))
    monkeypatch.setenv("KB_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("KB_ENCODER", "light")

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, list(words), catch_exceptions=False)

    return run


def stored(folder: Path) -> VectorIndex:
    [card] = folder.rglob("card.json")
    return VectorIndex.load(card.parent)


def test_a_small_collection_is_told_that_nothing_is_skipped(kb, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = kb("recall")
    assert done.exit_code == 0, done.output
    assert "检索用逐段比对" in done.output and "前 10 条的" in done.output
    assert stored(tmp_path).recall is None


def test_what_was_measured_is_recorded_beside_the_vectors(  # type: ignore[no-untyped-def]
    kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "SKETCHED_FROM", 50)
    done = kb("recall")
    assert done.exit_code == 0, done.output
    assert "结果已记下" in done.output and "入选的再精确比对" in done.output
    index = stored(tmp_path)
    assert index.sketch is not None and index.recall is not None and index.recall.at_10 >= recall.LEAST
    monkeypatch.setattr(recall, "LEAST", 1.01)
    done = kb("recall")
    assert done.exit_code == 1 and "漏得太多" in done.output
    assert stored(tmp_path).sketch is None


def test_without_vectors_there_is_nothing_to_measure(kb, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("KB_ENCODER", "none")
    done = kb("recall")
    assert done.exit_code == 0 and "没有语义向量" in done.output


@pytest.mark.transformer
def test_a_model_that_cannot_be_had_is_named(kb, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for name in ("sentence_transformers", "onnx", "onnxscript"):
        pytest.importorskip(name)
    done = kb("export-onnx", str(tmp_path / "nope"), str(tmp_path / "out"))
    assert done.exit_code == 3 and "不能加载" in done.output and not (tmp_path / "out").exists()
