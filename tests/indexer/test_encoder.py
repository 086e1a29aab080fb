"""Encoders: the one that ships, a real transformer built here, and what happens when there is none."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer import encoder, onnx_encoder, onnx_export, train
from indexer.encoder import LIGHT_FOLDER, PROMPTS, LightEncoder, TransformerEncoder, make_encoder
from indexer.errors import EncoderUnavailable
from indexer.library import Library, Settings
from indexer.onnx_encoder import OnnxEncoder
from tests.indexer.samples import REPOSITORY, FakeEncoder, make_content, open_library, segmenter

SENTENCES = ["党费逾期没交怎么办", "支部换届选举流程", "六个月", "", "zzzz qqqq", "¿¡"]
MAX_MODEL_MB = 30


@pytest.fixture(scope="module")
def light() -> LightEncoder:
    return LightEncoder(LIGHT_FOLDER, segmenter())


def test_the_shipped_model_is_the_one_its_card_describes() -> None:
    card = json.loads((LIGHT_FOLDER / "model.json").read_text(encoding="utf-8"))
    assert train.checksum(LIGHT_FOLDER) == card["checksum"]
    size = sum(path.stat().st_size for path in LIGHT_FOLDER.iterdir())
    assert size <= MAX_MODEL_MB * 1024 * 1024
    assert card["recipe"]["dimensions"] == LightEncoder(LIGHT_FOLDER, segmenter()).dimensions


def test_light_rows_have_length_one_or_zero(light: LightEncoder) -> None:
    rows = light.encode(SENTENCES)
    assert rows.shape == (len(SENTENCES), light.dimensions) and rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 0, 0, 0], abs=1e-5)
    assert light.encode([]).shape == (0, light.dimensions)


def test_light_is_deterministic_and_blind_to_the_batch(light: LightEncoder) -> None:
    again = LightEncoder(LIGHT_FOLDER, segmenter())
    together = light.encode(SENTENCES)
    assert np.array_equal(together, again.encode(SENTENCES))
    assert np.array_equal(together, np.concatenate([light.encode([text]) for text in SENTENCES]))
    assert np.array_equal(together, light.encode(SENTENCES, query=True))
    assert light.name == again.name and light.name.startswith("light:")


def test_a_question_is_read_as_a_passage_is_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    light, texts = LightEncoder(LIGHT_FOLDER, segmenter()), ["党费逾期没交怎么办", "", "qwxyz", "换届"]
    expected = light.encode(texts)
    assert light.encode(texts, query=True).tobytes() == expected.tobytes()
    assert light.encode([], query=True).shape == (0, light.dimensions)
    monkeypatch.setattr(encoder, "units", lambda *_: pytest.fail("read before"))
    light.encode(texts[:1], query=True)[0][:] = 0
    assert light.encode(texts, query=True).tobytes() == expected.tobytes(), "whoever asks gets a copy"
    assert light.count_units(texts[0]) == light.count_units(texts[0]) != {}


def test_passages_cut_already_are_read_as_texts_are(light: LightEncoder) -> None:
    """To the last bit, whatever else is encoded along with them."""
    texts = [*SENTENCES, *("".join(SENTENCES[n:]) for n in range(len(SENTENCES))), "党费"]
    groups = [[(text,) for text in texts], [], [("党费", "怎么交"), ("",)]]
    cut = segmenter().index_many([*texts, "怎么交", ""])
    found = light.encode_cut(cut, groups)
    asked = [texts, [], ["党费 怎么交", ""]]
    for rows, plain in zip(found, map(light.encode, asked), strict=True):
        assert rows.dtype == np.float32 and np.array_equal(rows, plain)


def test_light_puts_what_belongs_together_nearer(light: LightEncoder) -> None:
    """A floor of quality that any retrained model must stand on."""
    triples = [
        ("老张半年没交党费", "党员逾期没有缴纳党费怎么办", "支部怎么开展主题党日"),
        ("任期到了该重新选支委", "党支部按期换届选举", "党费使用范围"),
        ("出去打工的党员怎么管", "流动党员管理", "预备党员转正"),
        ("入党要多久才能转正", "预备期为一年", "党费缴纳标准"),
    ]
    for asked, near, far in triples:
        query, one, other = light.encode([asked, near, far])
        assert query @ one > query @ other, (asked, near, far)


def test_light_needs_neither_torch_nor_network() -> None:
    program = """
import socket, sys
def refuse(*args, **kwargs): raise AssertionError("network")
socket.socket.connect = socket.getaddrinfo = refuse
from indexer.encoder import make_encoder
from indexer.segmentation import Segmenter
from indexer.library import Library
encoder = make_encoder("light", Segmenter())
assert abs(float((encoder.encode(["党费逾期"]) ** 2).sum()) - 1) < 1e-4
heavy = {"torch", "transformers", "sentence_transformers", "tokenizers", "sklearn", "scipy", "flask"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("damage", ["missing", "no-card", "broken-card", "cut"])
def test_a_light_model_that_cannot_be_read_is_named(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "light"
    if damage != "missing":
        shutil.copytree(LIGHT_FOLDER, folder)
    if damage == "no-card":
        (folder / "model.json").unlink()
    elif damage == "broken-card":
        (folder / "model.json").write_text("{")
    elif damage == "cut":
        (folder / "scales.npy").write_bytes((folder / "scales.npy").read_bytes()[:50])
    with pytest.raises(EncoderUnavailable, match="kb train"):
        LightEncoder(folder, segmenter())


def test_none_means_no_semantic_leg(tmp_path: Path) -> None:
    assert make_encoder("none", segmenter()) is None
    library = Library.open(settings(tmp_path, "none"))
    assert "语义检索没有启用" in "".join(library.degraded)
    result = library.search("党费逾期没交怎么办")
    assert result.hits[0].id == "fee-late" and result.degraded == library.degraded
    assert not {reason.leg for hit in result.hits for reason in hit.reasons} & {"semantic"}


def test_the_light_model_serves_a_library(tmp_path: Path) -> None:
    library = Library.open(settings(tmp_path, "light"))
    assert library.degraded == ()
    result = library.search("出去打工的党员 手续转不过去", off=frozenset({"keyword"}))
    assert result.hits[0].id == "mobile-transfer"
    assert any(reason.leg == "semantic" for reason in result.hits[0].reasons)


def settings(folder: Path, encoder: str) -> Settings:
    content = folder / "content"
    if not content.exists():
        make_content(folder)
    return Settings((content,), folder / "local", folder / "index", encoder)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub is known to be out of reach, so that its client does not try again for a minute."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


@pytest.mark.transformer
@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    "name", ["/no/such/folder", "./no-such-folder", "nobody/no-such-model", "no-such-model"]
)
def test_a_model_that_cannot_be_had_degrades_with_a_remedy(tmp_path: Path, name: str) -> None:
    pytest.importorskip("sentence_transformers")
    with pytest.raises(EncoderUnavailable, match=r"没有模型文件夹|拷来并写明路径"):
        make_encoder(name, segmenter())
    library = Library.open(settings(tmp_path, name))
    assert name in "".join(library.degraded) and "语义检索没有启用" in "".join(library.degraded)
    assert library.search("党费逾期没交怎么办").hits[0].id == "fee-late"


def test_without_sentence_transformers_the_remedy_is_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderUnavailable, match="pip install"):
        make_encoder("BAAI/bge-small-zh-v1.5", segmenter())


@pytest.fixture(scope="module")
def transformer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real transformer, small and random, saved as sentence-transformers saves one."""
    transformers = pytest.importorskip("transformers")
    sentence_transformers = pytest.importorskip("sentence_transformers")
    torch = pytest.importorskip("torch")
    from sentence_transformers.sentence_transformer import modules

    torch.manual_seed(20261120)
    inner = tmp_path_factory.mktemp("inner")
    characters = sorted(
        set("党员费逾期没有交缴纳怎么办支部换届选举工作流程组织关系转接生活会批评案例书记项目提醒")
    )
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    (inner / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    transformers.BertTokenizerFast(vocab_file=str(inner / "vocab.txt")).save_pretrained(inner)
    shape = transformers.BertConfig(
        vocab_size=len(pieces),
        hidden_size=48,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    transformers.BertModel(shape).save_pretrained(inner)
    words = modules.Transformer(str(inner), max_seq_length=64)
    model = sentence_transformers.SentenceTransformer(modules=[words, modules.Pooling(48)], device="cpu")
    folder = tmp_path_factory.mktemp("models") / "tiny-bge-small-zh"
    model.save(str(folder))
    return folder


@pytest.mark.transformer
def test_a_transformer_loads_from_a_folder_and_encodes(transformer_folder: Path) -> None:
    encoder = make_encoder(str(transformer_folder), segmenter())
    assert isinstance(encoder, TransformerEncoder) and encoder.dimensions == 48
    rows = encoder.encode([*SENTENCES, "党费" * 300])
    assert rows.shape == (len(SENTENCES) + 1, 48) and rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-4)
    assert np.allclose(rows[:2], encoder.encode(SENTENCES[:2]), atol=1e-5)
    assert encoder.encode([]).shape == (0, 48)


@pytest.mark.transformer
def test_a_transformer_is_known_by_its_files_and_prompted_by_its_name(
    transformer_folder: Path, tmp_path: Path
) -> None:
    encoder = TransformerEncoder(str(transformer_folder))
    assert encoder.name == TransformerEncoder(str(transformer_folder)).name
    other = tmp_path / "plain"
    shutil.copytree(transformer_folder, other)
    plain = TransformerEncoder(str(other))
    assert plain.name != encoder.name
    before, _ = PROMPTS["bge-small-zh"]
    asked = encoder.encode(["党费"], query=True)
    assert np.allclose(asked, plain.encode([before + "党费"]), atol=1e-5)
    assert np.allclose(encoder.encode(["党费"]), plain.encode(["党费"], query=True), atol=1e-5)


@pytest.mark.transformer
def test_a_library_uses_the_transformer(transformer_folder: Path, tmp_path: Path) -> None:
    library = Library.open(settings(tmp_path, str(transformer_folder)))
    assert library.degraded == ()
    entry = library.get("fee-late")
    result = library.search(entry.aliases[0], off=frozenset({"keyword", "exact", "synonyms", "parts"}))
    assert "fee-late" in [hit.id for hit in result.hits]
    assert all(reason.leg != "keyword" or reason.text for hit in result.hits for reason in hit.reasons)
    assert any(reason.leg == "semantic" for hit in result.hits for reason in hit.reasons)
    assert library.search("党费逾期没交怎么办").hits


@pytest.mark.transformer
def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{")
    with pytest.raises(EncoderUnavailable, match="不能加载"):
        make_encoder(str(tmp_path / "model"), segmenter())


# ---- ONNX Runtime ----


@pytest.fixture(scope="module")
def onnx_folder(transformer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny transformer exported with whole weights."""
    for name in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(name)
    folder = tmp_path_factory.mktemp("exported")
    onnx_export.export(str(transformer_folder), folder, quantize=False)
    return folder


@pytest.mark.transformer
def test_an_exported_model_gives_the_same_vectors(transformer_folder: Path, onnx_folder: Path) -> None:
    texts = [*SENTENCES, "党费" * 300, "支部"]
    original = TransformerEncoder(str(transformer_folder))
    exported = make_encoder(f"onnx:{onnx_folder}", segmenter())
    assert isinstance(exported, OnnxEncoder) and exported.dimensions == 48
    for query in (False, True):  # the prompts of bge models go along
        assert np.allclose(
            exported.encode(texts, query=query), original.encode(texts, query=query), atol=1e-4
        )
    assert exported.encode([]).shape == (0, 48)
    assert exported.name.startswith("onnx:") and exported.name != original.name


@pytest.mark.transformer
def test_weights_in_bytes_stay_close(transformer_folder: Path, onnx_folder: Path, tmp_path: Path) -> None:
    target = onnx_export.export(str(transformer_folder), tmp_path)
    assert target.name == onnx_encoder.QUANTIZED
    light = OnnxEncoder(tmp_path, "bytes", ("", "")).encode(SENTENCES)
    whole = TransformerEncoder(str(transformer_folder)).encode(SENTENCES)
    assert (light * whole).sum(axis=1).min() > 0.99


@pytest.mark.transformer
def test_a_library_searches_with_an_exported_model(onnx_folder: Path, tmp_path: Path) -> None:
    library = Library.open(settings(tmp_path, f"onnx:{onnx_folder}"))
    assert library.degraded == ()
    result = library.search("党费逾期没交怎么办")
    assert any(reason.leg == "semantic" for hit in result.hits for reason in hit.reasons)


@pytest.mark.transformer
def test_folders_as_sentence_transformers_writes_them_are_read(onnx_folder: Path, tmp_path: Path) -> None:
    for old, way in (({"pooling_mode": "cls"}, "cls"), ({"pooling_mode_mean_tokens": True}, "mean")):
        folder = tmp_path / way
        (folder / "1_Pooling").mkdir(parents=True)
        (folder / "onnx").mkdir()
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(old))
        (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 16}')
        shutil.copy(onnx_folder / "model.onnx", folder / "onnx")
        shutil.copy(onnx_folder / "tokenizer.json", folder)
        assert onnx_encoder.read_card(folder) == onnx_encoder.Card(way, 16, None)
        rows = OnnxEncoder(folder, "theirs", ("", "")).encode(["党费" * 50])
        assert np.linalg.norm(rows[0]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("way", onnx_encoder.WAYS)
def test_ways_of_pooling_leave_padding_out(way: str) -> None:
    tokens = np.array([[[1, 5], [3, 1], [9, 9]]], np.float32)
    mask = np.array([[1, 1, 0]])
    wanted = {"mean": [2, 3], "cls": [1, 5], "lasttoken": [3, 1], "max": [3, 5]}[way]
    assert onnx_encoder.pooled(tokens, mask, way).tolist() == [wanted]


@pytest.mark.parametrize("missing", ["everything", "pooling", "model"])
def test_a_folder_without_an_onnx_model_is_named(tmp_path: Path, missing: str) -> None:
    pytest.importorskip("onnxruntime")
    folder = tmp_path / "model"
    if missing != "everything":
        folder.mkdir()
        (folder / "tokenizer.json").write_text("{}")
    if missing == "model":
        (folder / "pooling.json").write_text('{"pooling": "mean"}')
    with pytest.raises(EncoderUnavailable, match="export-onnx"):
        make_encoder(f"onnx:{folder}", segmenter())
    library = Library.open(settings(tmp_path, f"onnx:{folder}"))
    assert "语义检索没有启用" in "".join(library.degraded)


def test_without_onnxruntime_the_remedy_is_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pooling.json").write_text('{"pooling": "mean"}')
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(EncoderUnavailable, match="pip install"):
        make_encoder(f"onnx:{tmp_path}", segmenter())


def test_vectors_of_different_encoders_never_mix(folder: Path) -> None:
    class Wider(FakeEncoder):
        name = "wider"
        dimensions = 300

    open_library(folder, FakeEncoder())
    wider = open_library(folder, Wider())
    assert wider.search("党费逾期没交怎么办").hits[0].id == "fee-late"
    assert open_library(folder, FakeEncoder()).search("党费逾期没交怎么办").hits[0].id == "fee-late"
