"""Makes the light encoder: `kb train --data DIR`.

A static embedding (one vector a unit, averaged) trained with
sentence-transformers: in-batch negatives (multiple negatives ranking loss),
starting from random directions scaled by inverse document frequency, so that
the untrained model is already a rough tf-idf and training only has to turn
words of one meaning towards each other. Exported as int8 with a scale per row,
read by `encoder.LightEncoder` with numpy alone.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer import scope
from indexer.encoder import LightEncoder, units
from indexer.segmentation import Segmenter
from indexer.training_data import Pair

OWN_SHARE = 0.7
"""At most this part of the vocabulary is taken by units of our own texts."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that shapes the model; written into its card."""

    dimensions: int = 384
    vocabulary: int = 60_000
    epochs: int = 3
    own_rounds: int = 240
    """Batches of our own texts an epoch; each takes one pair from every entry."""
    batch: int = 512
    learning_rate: float = 0.02
    scale: float = 20.0
    """Inverse temperature of the ranking loss."""
    dropout: float = 0.15
    """Share of a question's units left out at each step, so that no single word decides."""
    pairing: int = 1
    """Seed of which texts are paired; other pairs each epoch were tried and were no better."""
    seed: int = 20261120


def make(
    public: Sequence[Sequence[Pair]],
    own: Mapping[str, Sequence[Pair]],
    segmenter: Segmenter,
    folder: Path,
    recipe: Recipe,
    say: Say,
) -> None:
    """Train on public pairs, a list for each epoch, and on our own, grouped by entry; write into `folder`."""
    ours = [pair for pairs in own.values() for pair in pairs]
    everything = [pair for pairs in (*public, ours) for pair in pairs]
    say(f"切分 {len(everything) - len(ours)} 对公开文本、{len(ours)} 对本库文本……")
    cut = {text: " ".join(units(text, segmenter)) for text in {text for pair in everything for text in pair}}
    frequencies = _frequencies(cut.values())
    kept = _vocabulary(frequencies, [cut[text] for pair in ours for text in pair], recipe.vocabulary)
    say(f"词表 {len(kept)} 项，共见 {len(frequencies)} 项")
    model = _model(kept, frequencies, len(cut), recipe)
    outside = [[(cut[a], cut[b]) for a, b in pairs] for pairs in public]
    grouped = [[(cut[a], cut[b]) for a, b in pairs] for pairs in own.values()]
    _fit(model, outside, grouped, recipe, say)
    _export(model, kept, folder, recipe)


def _frequencies(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(text.split()))
    return counts


def _vocabulary(frequencies: Counter[str], own: Iterable[str], limit: int) -> list[str]:
    """Units of our own texts that occur at least twice anywhere, then the most frequent of the others."""
    ours = Counter(unit for text in own for unit in set(text.split()))
    ranked = sorted(ours, key=lambda unit: (-ours[unit], unit))
    kept = dict.fromkeys([unit for unit in ranked if frequencies[unit] > 1][: int(limit * OWN_SHARE)])
    for unit, count in sorted(frequencies.items(), key=lambda item: (-item[1], item[0])):
        if len(kept) >= limit or count < 3:
            break
        kept.setdefault(unit)
    return sorted(kept)


def _model(kept: list[str], frequencies: Counter[str], documents: int, recipe: Recipe) -> Any:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = Tokenizer(
        models.WordLevel({"[UNK]": 0} | {w: i for i, w in enumerate(kept, 1)}, unk_token="[UNK]")
    )
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    random_rows = np.random.default_rng(recipe.seed).standard_normal((len(kept) + 1, recipe.dimensions))
    rows = random_rows / math.sqrt(recipe.dimensions)
    idf = np.array([0.0, *(math.log((documents + 1) / (frequencies[w] + 0.5)) for w in kept)])
    torch.manual_seed(recipe.seed)
    table = StaticEmbedding(words, embedding_weights=(rows * idf[:, None]).astype(np.float32))
    return SentenceTransformer(modules=[table], device="cpu")


def _fit(model: Any, public: list[list[Pair]], own: list[list[Pair]], recipe: Recipe, say: Say) -> None:
    import torch
    from sentence_transformers.losses import MultipleNegativesRankingLoss

    chance = random.Random(recipe.seed)
    loss = MultipleNegativesRankingLoss(model, scale=recipe.scale)
    model[0].embedding.sparse = True  # a step touches a tenth of the rows; the rest need no update
    optimiser = torch.optim.SparseAdam(list(model.parameters()), lr=recipe.learning_rate)
    steps = sum(len(pairs) // recipe.batch + recipe.own_rounds for pairs in public)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.05, total_iters=steps)
    for epoch, pairs in enumerate(public):
        total, count = 0.0, 0
        for batch in _batches(pairs, own, recipe, chance):
            asked = [_thinned(question, recipe.dropout, chance) for question, _ in batch]
            features = [model.preprocess(asked), model.preprocess([text for _, text in batch])]
            value = loss(features, None)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()
            total, count = total + value.item(), count + 1
        say(f"第 {epoch + 1} 轮：{count} 步，平均损失 {total / max(1, count):.3f}")


def _thinned(text: str, share: float, chance: random.Random) -> str:
    kept = [unit for unit in text.split() if chance.random() >= share]
    return " ".join(kept) or text


def _batches(
    public: list[Pair], own: list[list[Pair]], recipe: Recipe, chance: random.Random
) -> list[list[Pair]]:
    """Batches of one kind each, mixed.

    A batch of our own takes one pair from each entry, so that every other
    entry is a negative and none of them is a right answer in disguise: with
    pairs drawn freely half the "negatives" of a batch belonged to the entry asked for.
    """
    shuffled = list(public)
    chance.shuffle(shuffled)
    size = recipe.batch
    found = [shuffled[i : i + size] for i in range(0, len(shuffled) - size // 2, size)]
    found += [[chance.choice(pairs) for pairs in own] for _ in range(recipe.own_rounds)]
    chance.shuffle(found)
    return found


def _export(model: Any, kept: list[str], folder: Path, recipe: Recipe) -> None:
    rows = model[0].embedding.weight.detach().numpy()[1:]
    scales = np.abs(rows).max(axis=1) / 127
    table = np.round(rows / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "vectors.npy", table)
    np.save(folder / "scales.npy", scales.astype(np.float32))
    (folder / "vocabulary.txt").write_text("\n".join(kept), encoding="utf-8")
    meta = {"checksum": checksum(folder), "recipe": {n: getattr(recipe, n) for n in recipe.__slots__}}
    (folder / "model.json").write_text(
        json.dumps(meta, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


def fit_scope(
    folder: Path, segmenter: Segmenter, inside: Sequence[str], outside: Sequence[tuple[str, float]]
) -> None:
    """Add to a finished model what tells questions of this field from others."""
    vocabulary = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
    np.save(folder / scope.FILE, scope.fit(vocabulary, segmenter, inside, outside))
    heaviest = max(weight for _, weight in outside)
    own = [text for text, weight in outside if weight == heaviest]
    np.save(folder / scope.STRANGERS_FILE, scope.strangers(LightEncoder(folder, segmenter), own))


def checksum(folder: Path) -> str:
    """Hash over the files of an exported model; `model.json` records it."""
    digest = hashlib.sha256()
    for name in ("vectors.npy", "scales.npy", "vocabulary.txt"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
