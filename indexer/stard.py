"""A folder of corpus.jsonl, queries.jsonl and qrels.tsv -> mean reciprocal rank, leg by leg.

The outside examination (STARD: a lay legal question, the article that answers
it). The articles become entry files in a temporary folder and go the whole
way: store, passages, index, fusion. Beside our legs stand two baselines, plain
BM25 over words and over words and single characters.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from indexer import evaluate
from indexer.errors import BadQueryFile
from indexer.evaluate import JudgedQuery, Outcome, Scores
from indexer.library import Library, Settings
from indexer.segmentation import Segmenter
from kb import schema
from kb.types import Entry, Kind, Publication

K1, B = 1.2, 0.75
"""Robertson's usual constants, the ones Whoosh uses too."""
LEGS = {"融合": frozenset[str](), "只用字词": frozenset({"semantic"}), "只用语义": frozenset({"keyword"})}


@dataclass(frozen=True, slots=True)
class Task:
    """Texts by id and judged questions about them."""

    corpus: dict[str, str]
    queries: list[JudgedQuery]


def read(folder: Path) -> Task:
    """Read the three files. Raises BadQueryFile."""
    try:
        corpus = {row["id"]: row["text"] for row in _rows(folder / "corpus.jsonl")}
        texts = {row["id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
        relevant: dict[str, dict[str, int]] = defaultdict(dict)
        for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
            qid, text_id, grade = line.split("\t")
            relevant[qid][text_id] = int(grade)
    except (OSError, KeyError, ValueError) as error:
        raise BadQueryFile(
            f"{folder} 不是 corpus.jsonl、queries.jsonl、qrels.tsv 的文件夹：{error}"
        ) from error
    return Task(
        corpus, [JudgedQuery(q, texts[q], "lay", grades) for q, grades in relevant.items() if q in texts]
    )


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def evaluate_folder(folder: Path, encoder: str) -> dict[str, Scores]:
    """Scores of the fused search, of each leg and of the two baselines."""
    task = read(folder)
    names = {f"a{number:05d}": text_id for number, text_id in enumerate(task.corpus)}
    with tempfile.TemporaryDirectory(prefix="kb-stard-") as temporary:
        library = _library(Path(temporary), {a: (t, task.corpus[t]) for a, t in names.items()}, encoder)
        found = {
            name: evaluate.score([_ask(library, names, query, off) for query in task.queries])
            for name, off in LEGS.items()
        }
        segmenter = library.snapshot.reader.segmenter
    for name, cut in (("BM25 词", _words(segmenter)), ("BM25 词加字", _words_and_characters(segmenter))):
        search = bm25(task.corpus, cut)
        found[name] = evaluate.score([(query, search(query.text), 0.0) for query in task.queries])
    return found


def _library(root: Path, texts: dict[str, tuple[str, str]], encoder: str) -> Library:
    folder = root / "content" / Kind.CASE.folder
    folder.mkdir(parents=True)
    for name, (title, text) in texts.items():
        # The number of an article says nothing of its matter; the law's name stands in the text.
        article = title[title.rfind("第") :]
        entry = Entry(
            name, Kind.CASE, article, summary=text.replace("\n", " "), publication=Publication.PUBLISHED
        )
        (folder / f"{name}.md").write_text(schema.dump(entry), encoding="utf-8")
    return Library.open(Settings((root / "content",), None, root / "index", encoder))


def _ask(library: Library, names: dict[str, str], query: JudgedQuery, off: frozenset[str]) -> Outcome:
    result = library.search(query.text, size=evaluate.DEPTH, off=off)
    return query, [names[hit.id] for hit in result.hits], result.took_ms


def _words(segmenter: Segmenter) -> Callable[[str], list[str]]:
    return lambda text: [token.text for token in segmenter.words(text)]


def _words_and_characters(segmenter: Segmenter) -> Callable[[str], list[str]]:
    return lambda text: [*_words(segmenter)(text), *(f"#{char}" for char in text if char.isalnum())]


def bm25(corpus: dict[str, str], cut: Callable[[str], Iterable[str]]) -> Callable[[str], list[str]]:
    """A plain BM25 ranking over `corpus`, the yardstick: idf ln(1 + (N - df + .5)/(df + .5))."""
    counts = {text_id: Counter(cut(text)) for text_id, text in corpus.items()}
    postings: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for text_id, words in counts.items():
        for word, count in words.items():
            postings[word].append((text_id, count))
    lengths = {text_id: sum(words.values()) for text_id, words in counts.items()}
    mean = sum(lengths.values()) / max(1, len(lengths))

    def search(text: str) -> list[str]:
        scores: Counter[str] = Counter()
        for word in cut(text):
            found = postings.get(word, ())
            idf = math.log(1 + (len(counts) - len(found) + 0.5) / (len(found) + 0.5))
            for text_id, count in found:
                norm = K1 * (1 - B + B * lengths[text_id] / mean)
                scores[text_id] += idf * count * (K1 + 1) / (count + norm)  # type: ignore[assignment]
        return sorted(scores, key=lambda text_id: (-scores[text_id], text_id))[: evaluate.DEPTH]

    return search
