"""A sentence-transformers model -> a folder that `onnx_encoder` reads: ONNX, weights in bytes.

Done once, on any machine that has torch; afterwards neither torch nor
sentence-transformers is needed to search with the model.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from indexer.encoder import prompts_of
from indexer.errors import EncoderUnavailable
from indexer.onnx_encoder import MAX_TOKENS, POOLING, QUANTIZED, TOKENIZER, WAYS, WHOLE

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def export(name: str, folder: Path, *, quantize: bool = True) -> Path:
    """Write the model of that name or folder into `folder`; returns the model file.

    Raises EncoderUnavailable when something it needs is not installed, or the model cannot be had.
    """
    model = _load(name)
    way = str(model[1].pooling_mode)
    if way not in WAYS:
        raise EncoderUnavailable(f"模型“{name}”的合并方式 {way} 不能导出，能导出的是 {'、'.join(WAYS)}")
    folder.mkdir(parents=True, exist_ok=True)
    model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    longest = min(MAX_TOKENS, int(model.max_seq_length or MAX_TOKENS))
    card = {"model": Path(name).name, "pooling": way, "max_tokens": longest, "prompts": prompts_of(name)}
    (folder / POOLING).write_text(json.dumps(card, ensure_ascii=False, indent=2), encoding="utf-8")
    with TemporaryDirectory() as place, _quiet():
        whole = Path(place) / WHOLE
        _write(model, whole)
        target = folder / (QUANTIZED if quantize else WHOLE)
        _to_bytes(whole, target) if quantize else target.write_bytes(whole.read_bytes())
    return target


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporters of torch and onnxruntime speak a great deal about their own insides."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def _load(name: str) -> Any:
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise EncoderUnavailable(
            f"导出需要 {error.name}，请运行 pip install '.[transformers,onnx-export]'"
        ) from None
    folder = Path(name).expanduser()
    try:
        model = SentenceTransformer(
            str(folder) if folder.is_dir() else name,
            device="cpu",
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"attn_implementation": "eager"},
        )
    except Exception as error:
        raise EncoderUnavailable(
            f"模型“{name}”不能加载：请在能上网的机器上下载后，把文件夹拷来并写明路径"
        ) from error
    return model.eval()


def _write(model: Any, path: Path) -> None:
    """Trace the transformer on two short texts; batch and length stay free."""
    import torch

    class Words(torch.nn.Module):  # type: ignore[misc]
        """Token ids in, a vector for each token out."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = model[0].auto_model

        def forward(self, ids: Any, mask: Any, types: Any = None) -> Any:
            more = {} if types is None else {"token_type_ids": types}
            return self.inner(input_ids=ids, attention_mask=mask, **more).last_hidden_state

    example = model.tokenizer(["党费", "支部换届选举"], padding=True, return_tensors="pt")
    inputs = {key: example[key] for key in _INPUTS if key in example}
    free = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens")}
    torch.onnx.export(
        Words().eval(),
        tuple(inputs.values()),
        str(path),
        input_names=[*inputs],
        output_names=["last_hidden_state"],
        dynamic_shapes=tuple(free for _ in inputs),
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def _to_bytes(whole: Path, target: Path) -> None:
    """Weights of matrix products in one byte each, with a scale per column."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        whole, target, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul"]
    )
