"""Text encoders by name or folder.

`light` is the encoder that ships with the project: a table of word and
character-pair vectors, averaged; numpy alone, no torch, no network. Any other
name is a sentence-transformers model, by hub name or local folder; with `onnx:`
before it, a folder for ONNX Runtime (`kb export-onnx`). `none` switches the
semantic leg off.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.cutters import Numbers, codes_of
from indexer.errors import EncoderUnavailable
from indexer.onnx_encoder import OnnxEncoder
from indexer.segmentation import FIRST_HAN, LAST_HAN, CutTexts, Segmenter, grams, is_han
from indexer.types import Encoder, Vectors

LIGHT = "light"
NONE = "none"
ONNX = "onnx:"
"""Before the folder of a model for ONNX Runtime."""
LIGHT_FOLDER = Path(__file__).parent / "models" / "light"

PROMPTS: dict[str, tuple[str, str]] = {
    "bge-small-zh": ("为这个句子生成表示以用于检索相关文章：", ""),
    "bge-base-zh": ("为这个句子生成表示以用于检索相关文章：", ""),
    "bge-large-zh": ("为这个句子生成表示以用于检索相关文章：", ""),
    "multilingual-e5": ("query: ", "passage: "),
    "Qwen3-Embedding": (
        "Instruct: Given a question about Party-branch work, retrieve the entry that answers it\nQuery:",
        "",
    ),
}
"""(before a query, before a passage) by a part of the model name; from the models' own cards."""
BATCH = 32
ASKED = 64
"""Questions whose reading is kept: a search reads its own three times, for its meaning and for its field."""


def units(text: str, segmenter: Segmenter) -> Iterator[str]:
    """What the light encoder averages: words, words inside them, characters (#x) and pairs (#xy)."""
    yield from segmenter.index_words(text)[0]
    for gram in grams(text):
        yield "#" + gram


class LightEncoder:
    """The shipped static encoder: int8 vectors of units, weighted, summed, brought to length one."""

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        try:
            meta = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            words = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
            self._table = np.asarray(np.load(folder / "vectors.npy", mmap_mode="r"))
            self._scale = np.load(folder / "scales.npy")
        except (OSError, ValueError) as error:
            raise EncoderUnavailable(
                f"内置语义模型读不出来（{folder}），请重新安装或运行 kb train"
            ) from error
        self._row = {word: row for row, word in enumerate(words)}
        self._rows_asked = lru_cache(maxsize=ASKED)(self._rows)
        self._vector_asked = lru_cache(maxsize=ASKED)(self._vector)
        self._segmenter = segmenter
        self.dimensions = int(self._table.shape[1])
        self.name = f"{LIGHT}:{meta['checksum'][:12]}"

    def count_units(self, text: str) -> Counter[int]:
        """How often each known unit occurs in a question, by its row."""
        return Counter(self._rows_asked(text))

    def _rows(self, text: str) -> tuple[int, ...]:
        """Rows of the known units of a text, in their order."""
        found = map(self._row.get, units(text, self._segmenter))
        return tuple([row for row in found if row is not None])

    def _vector(self, text: str) -> Vectors:
        """The row of a question, of shape (dimensions,)."""
        row: Vectors = self._encoded([self._rows_asked(text)])[0]
        return row

    def encode(self, texts: list[str], *, query: bool = False) -> Vectors:
        """Rows of length one; zero where no unit is known. A query and a passage are read alike."""
        if query and texts:
            return np.stack([self._vector_asked(text) for text in texts])
        return self._encoded([self._rows(text) for text in texts])

    def _encoded(self, several: Sequence[Sequence[int]]) -> Vectors:
        out = np.zeros((len(several), self.dimensions), dtype=np.float32)
        for number, rows in enumerate(several):
            if rows:
                out[number] = self._sum(rows)
        return _unit_length(out)

    def _sum(self, rows: Sequence[int] | Numbers) -> Vectors:
        """Units added up, in their order: in another the last digits differ, and with them some ranks."""
        rows = np.asarray(rows)
        total: Vectors = self._scale[rows] @ self._table.take(rows, axis=0).astype(np.float32)
        return total

    def encode_cut(self, cut: CutTexts, groups: Sequence[Sequence[tuple[str, ...]]]) -> list[Vectors]:
        """`encode` of groups of passages, given by their texts, which are cut already.

        The same to the last bit, for what is added up comes in the same order, in a quarter of the time.
        """
        rows, bounds = self._units_of(cut)
        return [self._group(cut, passages, rows, bounds) for passages in groups]

    def _group(
        self, cut: CutTexts, passages: Sequence[tuple[str, ...]], rows: Numbers, bounds: Numbers
    ) -> Vectors:
        count = len(cut.numbers)
        numbers = [[cut.numbers[text] for text in passage] for passage in passages]
        parts = np.array([n for own in numbers for n in (*own, *(count + n for n in own))], np.int64)
        sizes = np.diff(bounds)[parts]
        ends = np.concatenate(([0], np.cumsum(sizes)))
        units = rows[np.repeat(bounds[parts] - ends[:-1], sizes) + np.arange(ends[-1])]
        firsts = ends[
            np.fromiter(accumulate((2 * len(own) for own in numbers), initial=0), np.int64)
        ].tolist()
        out = np.zeros((len(passages), self.dimensions), dtype=np.float32)
        for number, (first, end) in enumerate(pairwise(firsts)):
            if first < end:
                out[number] = self._sum(units[first:end])
        return _unit_length(out)

    def _units_of(self, cut: CutTexts) -> tuple[Numbers, Numbers]:
        """Rows of known units: the words of each text, then the characters and pairs of each; and bounds."""
        codes, count = codes_of(cut.folded), len(cut.numbers)
        han = is_han(codes)
        of_char = np.repeat(np.arange(count), np.diff(cut.offsets))[: len(codes)]
        known = self._row.get
        words = np.fromiter((known(word, -1) for word in cut.words), np.int64, len(cut.words))
        grams = np.full((len(codes), 2), -1)
        grams[han, 0] = self._chars[codes[han] - FIRST_HAN]
        both = np.flatnonzero(han[:-1] & han[1:])
        grams[both + 1, 1] = self._pairs_of(codes[both] << np.uint32(16) | codes[both + 1])
        rows = np.concatenate((words, grams.ravel()))
        texts = np.concatenate((of_char[cut.starts], np.repeat(of_char + count, 2)))
        return rows[rows >= 0], np.searchsorted(texts[rows >= 0], np.arange(2 * count + 1))

    def _pairs_of(self, asked: NDArray[np.uint32]) -> Numbers:
        """Rows of pairs of characters, -1 for unknown ones."""
        pairs, rows = self._pairs
        # Looked up in order: the search then stays in the processor's cache, and is five times as fast.
        order = np.argsort(asked)
        found = np.minimum(np.searchsorted(pairs, asked[order]), len(pairs) - 1)
        out = np.empty(len(asked), np.int64)
        out[order] = np.where(pairs[found] == asked[order], rows[found], -1)
        return out

    @cached_property
    def _chars(self) -> Numbers:
        """Row of each Han character, -1 for unknown ones."""
        found = [self._row.get("#" + chr(code), -1) for code in range(FIRST_HAN, LAST_HAN + 1)]
        return np.array(found, np.int64)

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.uint32], Numbers]:
        """Pairs of characters as numbers, ascending, and their rows; none is empty."""
        listed = {ord(unit[1]) << 16 | ord(unit[2]): row for unit, row in self._row.items() if _is_pair(unit)}
        pairs = np.array(sorted({0, *listed}), np.uint32)
        return pairs, np.array([listed.get(pair, -1) for pair in pairs.tolist()], np.int64)


def _is_pair(unit: str) -> bool:
    return len(unit) == 3 and unit[0] == "#" and max(unit) <= chr(LAST_HAN)


class TransformerEncoder:
    """Any sentence-transformers model, from a folder or from this machine's cache of downloaded models.

    Nothing is fetched from the network: an intranet has none, and a server
    should not call out because of a setting.
    """

    def __init__(self, name: str, device: str | None = None) -> None:
        local = Path(name).expanduser()
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise EncoderUnavailable(
                "没有安装 sentence-transformers，请运行 pip install '.[transformers]'，或改用内置模型 light"
            ) from None
        try:
            self._model = SentenceTransformer(
                str(local) if local.is_dir() else name,
                device=device,
                trust_remote_code=False,
                local_files_only=True,
            )
        except Exception as error:
            raise EncoderUnavailable(
                f"模型“{name}”不能加载：请在能上网的机器上下载后，把文件夹拷来并写明路径"
            ) from error
        self.dimensions = len(self._model.encode(["维"])[0])
        self.name = f"transformer:{_identity(local) if local.is_dir() else name}"
        self._prompts = prompts_of(name)

    def encode(self, texts: list[str], *, query: bool = False) -> Vectors:
        """Rows of length one, computed in batches."""
        prompt = self._prompts[0 if query else 1]
        rows = self._model.encode(
            [prompt + text for text in texts],
            batch_size=BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dimensions)


def prompts_of(name: str) -> tuple[str, str]:
    """What a model of that name wants before a query and before a passage."""
    return next((prompts for part, prompts in PROMPTS.items() if part.lower() in name.lower()), ("", ""))


def make_encoder(name: str, segmenter: Segmenter) -> Encoder | None:
    """The encoder of that name; None for `none`. Raises EncoderUnavailable with the remedy."""
    if name == NONE:
        return None
    if name == LIGHT:
        return LightEncoder(LIGHT_FOLDER, segmenter)
    if name.startswith(ONNX):
        folder = Path(name.removeprefix(ONNX)).expanduser()
        return OnnxEncoder(folder, ONNX + _identity(folder), prompts_of(folder.name))
    return TransformerEncoder(name)


def encoder_folder(index: Path, name: str) -> Path:
    """Where the index of an encoder lies: light and none share the main folder, others have their own.

    So switching back and forth never throws away vectors that took hours.
    """
    if name in (LIGHT, NONE):
        return index
    return index / f"model-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _identity(folder: Path) -> str:
    """Folder name and a hash of its configuration and file sizes: a retrained model is another model."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    listing = "\n".join(f"{p.relative_to(folder)}:{p.stat().st_size}:{p.stat().st_mtime_ns}" for p in files)
    return f"{folder.name}:{hashlib.sha256(listing.encode()).hexdigest()[:12]}"


def _unit_length(rows: Vectors) -> Vectors:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Vectors = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return scaled
