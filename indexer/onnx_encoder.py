"""Transformer models on a processor without torch: ONNX Runtime, several times faster for one question.

A folder holds `model_quantized.onnx` or `model.onnx` (also in a subfolder
`onnx`, as the hubs lay it out), `tokenizer.json`, and how token vectors become
one: `pooling.json` as `kb export-onnx` writes it, or the `1_Pooling/config.json`
of sentence-transformers. Whole vectors are the original model's to 0.0001; with
weights in bytes they lie close by (cosine above 0.99 with the models tried;
`kb export-onnx` says how close for yours).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import EncoderUnavailable
from indexer.types import Vectors

WHOLE, QUANTIZED = "model.onnx", "model_quantized.onnx"
TOKENIZER, POOLING = "tokenizer.json", "pooling.json"
WAYS = ("mean", "cls", "lasttoken", "max")
"""How the vectors of the tokens become one; the names are those of sentence-transformers."""
BATCH = 8
"""Texts at once: more are not faster on a processor, and need much more memory."""
MAX_TOKENS = 512
"""Longer texts are cut; a model that takes less says so itself."""
PADDING = ("[PAD]", "<pad>", "<|endoftext|>")


@dataclass(frozen=True, slots=True)
class Card:
    """How a model in a folder is to be used."""

    way: str
    longest: int
    prompts: tuple[str, str] | None


class OnnxEncoder:
    """See the module; `prompts` go before questions and passages where the folder names none."""

    def __init__(self, folder: Path, name: str, prompts: tuple[str, str]) -> None:
        try:
            card = read_card(folder)
            self._way, self._prompts = card.way, card.prompts or prompts
            self._tokenizer = _tokenizer(folder / TOKENIZER, card.longest)
            self._session = _session(_model_file(folder))
            self._inputs = tuple(value.name for value in self._session.get_inputs())
            self.name = name
            self.dimensions = self._run(["维"]).shape[1]
        except ImportError as error:
            raise EncoderUnavailable(
                f"没有安装 {error.name}，请运行 pip install '.[onnx]'，或改用内置模型 light"
            ) from None
        except Exception as error:
            raise EncoderUnavailable(
                f"ONNX 模型文件夹“{folder}”不能使用（{error}）；可用 kb export-onnx 重新导出"
            ) from error

    def encode(self, texts: list[str], *, query: bool = False) -> Vectors:
        """Rows of length one; texts of like length go through the model together."""
        prompt = self._prompts[0 if query else 1]
        out = np.zeros((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            out[some] = self._run([prompt + texts[number] for number in some])
        return out

    def _run(self, texts: list[str]) -> Vectors:
        cut = self._tokenizer.encode_batch(texts)
        mask = np.array([row.attention_mask for row in cut], np.int64)
        known = {
            "input_ids": np.array([row.ids for row in cut], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([row.type_ids for row in cut], np.int64),
        }
        tokens = self._session.run(None, {name: known[name] for name in self._inputs})[0]
        rows = pooled(np.asarray(tokens, np.float32), mask, self._way)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Vectors = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
        return unit


def pooled(tokens: NDArray[np.float32], mask: NDArray[np.int64], way: str) -> Vectors:
    """Vectors of tokens, shape (texts, tokens, dimensions) -> one for each text."""
    if way == "cls":
        first: Vectors = tokens[:, 0]
        return first
    if way == "lasttoken":
        last = mask.shape[1] - 1 - np.argmax(mask[:, ::-1], axis=1)
        found: Vectors = tokens[np.arange(len(tokens)), last]
        return found
    if way == "max":
        greatest: Vectors = np.where(mask[:, :, None] > 0, tokens, np.float32(-np.inf)).max(axis=1)
        return greatest
    weights = mask[:, :, None].astype(np.float32)
    mean: Vectors = (tokens * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
    return mean


def _model_file(folder: Path) -> Path:
    for name in (QUANTIZED, WHOLE):
        for path in (folder / name, folder / "onnx" / name):
            if path.is_file():
                return path
    raise FileNotFoundError(f"没有 {QUANTIZED} 或 {WHOLE}")


def read_card(folder: Path) -> Card:
    """What a folder says about its model. Raises OSError or ValueError."""
    own, theirs = folder / POOLING, folder / "1_Pooling" / "config.json"
    values: dict[str, Any] = json.loads((own if own.is_file() else theirs).read_text(encoding="utf-8"))
    way = values.get("pooling") or values.get("pooling_mode") or _old_way(values)
    if way not in WAYS:
        raise ValueError(f"不支持的合并方式 {way}")
    sizes = folder / "sentence_bert_config.json"
    more = json.loads(sizes.read_text(encoding="utf-8")) if sizes.is_file() else {}
    longest = values.get("max_tokens") or more.get("max_seq_length") or MAX_TOKENS
    prompts = values.get("prompts")
    return Card(str(way), min(MAX_TOKENS, int(longest)), (prompts[0], prompts[1]) if prompts else None)


def _old_way(card: dict[str, Any]) -> str:
    """Older files have a switch for each way: `pooling_mode_mean_tokens: true`."""
    chosen = [key for key, value in card.items() if key.startswith("pooling_mode_") and value is True]
    return "".join(
        key.removeprefix("pooling_mode_").removesuffix("s").removesuffix("_token") for key in chosen
    )


def _tokenizer(path: Path, longest: int) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(longest)
    known = (tokenizer.token_to_id(token) for token in PADDING)
    tokenizer.enable_padding(pad_id=next((number for number in known if number is not None), 0))
    return tokenizer


def _session(path: Path) -> Any:
    """One thread for each request where OMP_NUM_THREADS says so, as the server sets it; else all cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
    options.enable_cpu_mem_arena = False  # with it, memory grows to the longest batch ever seen and stays
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
