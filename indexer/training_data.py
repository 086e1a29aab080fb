"""What the light encoder learns from: licence-clean public texts, and this project's own entries.

Each public file is known by its hash, so that a model can be made again from
exactly the same texts. Judged queries never enter here.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from indexer.errors import TrainingDataMissing
from indexer.passages import passages
from indexer.wordlists import Lexicon
from kb.types import Entry

OUT_OF_SCOPE = Path(__file__).parent / "models" / "out_of_scope.txt"
PUBLIC_WEIGHT, OWN_WEIGHT = 0.5, 4.0
"""Of questions outside the field: those of our own list are the hard ones."""

TEXT_ROLES = ("section", "summary")
SYNONYM_GROUP = 24

Pair = tuple[str, str]
"""(question or short text, text that belongs to it)."""


@dataclass(frozen=True, slots=True)
class Source:
    """A public training file: its hash, its licence, and how pairs are read from it."""

    name: str
    sha256: str
    licence: str
    read: Callable[[Path, random.Random], Iterator[Pair]]


def _squad(path: Path, chance: random.Random) -> Iterator[Pair]:
    from opencc import OpenCC

    simplify = OpenCC("t2s").convert
    data: Any = json.loads(path.read_text(encoding="utf-8"))
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            context = simplify(paragraph["context"])
            for question in paragraph["qas"]:
                answer = question["answers"][0]["answer_start"] if question["answers"] else 0
                yield simplify(question["question"]), context[max(0, answer - 120) : answer + 180]


def _science(path: Path, chance: random.Random) -> Iterator[Pair]:
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.reader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row[2], row[1][:300]


def _consultation(path: Path, chance: random.Random) -> Iterator[Pair]:
    for row in json.loads(path.read_text(encoding="utf-8")):
        yield row["question"], row["answer"][:400]


def _articles(path: Path, chance: random.Random) -> Iterator[Pair]:
    """A sentence of an article against the rest, or against the article before it."""
    before: dict[str, str] = {}
    with path.open(encoding="utf-8") as handle:
        for line in handle:
            row = json.loads(line)
            sentences = [s for s in re.split(r"[。；\n]", row["text"]) if len(s) > 8]
            if len(sentences) > 1:
                chosen = chance.randrange(len(sentences))
                rest = sentences[:chosen] + sentences[chosen + 1 :]
                yield sentences[chosen], f"{row['law']} " + "。".join(rest)[:300]
            elif sentences:
                clauses = [c for c in re.split("[，：、]", sentences[0]) if len(c) > 4]
                if len(clauses) > 2:
                    yield "，".join(clauses[: len(clauses) // 2]), f"{row['law']} " + "，".join(clauses[1:])
            if sentences and before.get("law") == row["law"] and chance.random() < 0.3:
                yield sentences[0], f"{row['law']} {before['text'][:200]}"
            before = row


SOURCES: tuple[Source, ...] = (
    Source(
        "laws_articles.jsonl",
        "b711c76c4b80ed93eca1577d44ac1522265f030740baa2a6ebe93deac85444be",
        "公有领域（法律法规文本）",
        _articles,
    ),
    Source(
        "cmrc2018_dev.json",
        "e9ff74231f05c230c6fa88b84441ee334d97234cbb610991cd94b82db00c7f1f",
        "CC BY-SA 4.0",
        _squad,
    ),
    Source(
        "cmrc2018_trial.json",
        "f3fae95b57da8e03afb2b57467dd221417060ef4d82db13bf22fc88589f3a6f3",
        "CC BY-SA 4.0",
        _squad,
    ),
    Source(
        "DRCD_dev.json",
        "e236df03861ba241bd7b29628cd48b3b8e339c60137e041a4358b5320ed61928",
        "CC BY-SA 3.0",
        _squad,
    ),
    Source(
        "DRCD_test.json",
        "d9de0b4d247a8391ac8daee6c02c2c8272b75562a1e2377b50ae04ecc09a7438",
        "CC BY-SA 3.0",
        _squad,
    ),
    Source(
        "xquad.zh.json",
        "691d0b3359bc6b8faa8de931dfdfe21d50a65861ae348e32a0d1a0190b0c8835",
        "CC BY-SA 4.0",
        _squad,
    ),
    Source(
        "benchmark__ts__dev.tsv",
        "63fc67552bdad69b392e89295c8055e2c1b8d5e8acf6fec614738056451ccb45",
        "Apache-2.0",
        _science,
    ),
    Source(
        "benchmark__ts__test.tsv",
        "51900a71a26193525e98fa4e65c0e78ea4ca0b84cd1f0da0de0690ffdb85791d",
        "Apache-2.0",
        _science,
    ),
    Source(
        "benchmark__kg__dev.tsv",
        "046438f0a9411fabbd62b646b1ab149e55a6c71fa21433de5cabc0867ac17fba",
        "Apache-2.0",
        _science,
    ),
    Source(
        "benchmark__kg__test.tsv",
        "5337bc382d7d96005a1cfec3d7370057f2470aba3ef72f9c1cd642865c1c4847",
        "Apache-2.0",
        _science,
    ),
    Source(
        "lawbench_3-8.json",
        "3eb1989dd55e03e1414d8a68854e551e044d8d32544971e63c9d24d271374382",
        "Apache-2.0",
        _consultation,
    ),
)


def verify(folder: Path) -> None:
    """Check every file by its hash. Raises TrainingDataMissing naming each one that is absent or differs."""
    wrong = []
    for source in SOURCES:
        path = folder / source.name
        if not path.is_file():
            wrong.append(f"缺少 {source.name}")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != source.sha256:
            wrong.append(f"{source.name} 与训练时用的不是同一份")
    if wrong:
        raise TrainingDataMissing(f"训练数据不齐（{folder}）：" + "；".join(wrong))


def public_pairs(folder: Path, seed: int) -> list[Pair]:
    """Pairs of every public file, in a fixed order for a seed; another seed pairs other sentences."""
    chance = random.Random(seed)
    return [pair for source in SOURCES for pair in source.read(folder / source.name, chance)]


def own_pairs(entries: Iterable[Entry], lexicon: Lexicon, seed: int) -> dict[str, list[Pair]]:
    """By entry: each way of asking against the title, another way of asking, and a text of the entry.

    Synonyms follow in groups of SYNONYM_GROUP rows, as if each group were an entry.
    """
    chance = random.Random(seed)
    groups: dict[str, list[Pair]] = {}
    for entry in entries:
        texts = [f"{p.heading} {p.text}".strip() for p in passages(entry) if p.role in TEXT_ROLES]
        asked = [*entry.aliases]
        chance.shuffle(asked)
        pairs: list[Pair] = []
        for alias, other in pairwise([*asked, entry.title]):
            pairs += [(alias, entry.title), (alias, other)]
            if texts:
                pairs.append((alias, f"{entry.title} {chance.choice(texts)}"))
        groups[entry.id] = pairs or [(entry.title, entry.summary or entry.title)]
    rows = [(left, right) for left, rights in lexicon.synonyms for right in rights]
    chance.shuffle(rows)
    for start in range(0, len(rows), SYNONYM_GROUP):
        groups[f"synonyms:{start}"] = rows[start : start + SYNONYM_GROUP]
    return groups


def inside(entries: Iterable[Entry]) -> list[str]:
    """Questions of this field: titles and other ways of asking."""
    return [text for entry in entries for text in (entry.title, *entry.aliases)]


def outside(folder: Path) -> list[tuple[str, float]]:
    """(question, weight) of other fields: those of the public sets, and our own list of near and far ones."""
    chance = random.Random(0)
    public = {
        pair[0]: PUBLIC_WEIGHT
        for source in SOURCES
        if source.read in (_squad, _consultation)
        for pair in source.read(folder / source.name, chance)
    }
    lines = OUT_OF_SCOPE.read_text(encoding="utf-8").splitlines()
    return list((public | {line.strip(): OWN_WEIGHT for line in lines if line.strip()}).items())
