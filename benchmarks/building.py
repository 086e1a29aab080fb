"""Entries -> index: how fast, beside the cutting of the same text alone; and the peers' indexes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import children, inside, peers, tokens
from benchmarks.measure import seconds
from benchmarks.results import Results
from benchmarks.tokens import Document
from benchmarks.workspace import MADE, Workspace
from indexer import wordlists
from indexer.encoder import LightEncoder
from indexer.helper import BATCH
from indexer.keyword import KeywordIndex
from indexer.library import Library
from indexer.passages import passages
from indexer.segmentation import JiebaCutter, RjiebaCutter, Segmenter
from kb import Store
from kb.types import Entry

SAMPLE = 500
"""Entries cut, parsed and encoded for figures that do not depend on the size of the collection."""
STOCK_SAMPLE = 300
"""Entries indexed by stock Whoosh with jieba's analyzer, at 20 ms each."""
WHOOSH_MOST = 10_000
"""Larger collections are not given to stock Whoosh: minutes to build, seconds to answer."""
MOST = {"bm25s": 30_000}
"""Largest collection a peer is given; bm25s holds every token in memory while it builds."""


def build(space: Workspace, results: Results) -> None:
    """The product's own build from files, and what its parts cost apart."""
    space.make()
    sample = list(space.corpus.entries(min(SAMPLE, space.size)))
    texts = [_text(entry) for entry in sample]
    cutters = _cutters()
    alone = _cutting(cutters, texts)
    shutil.rmtree(space.index, ignore_errors=True)
    made = children.answer(space, "build")
    library = Library.open(space.settings)
    folding = seconds(library.fold)
    later = _cutting(cutters, texts)
    figures = {
        **made,
        "ms": made["seconds"] * 1000 / space.size,
        "fold_seconds": folding,
        "disk_mib": _disk(space.index),
        "passages": sum(len(passages(entry)) for entry in sample) / len(sample),
        "characters": sum(map(len, texts)) / len(texts),
        "parse_ms": _parsing(space, len(sample)) * 1000 / len(sample),
        **{f"{name}_ms": (alone[name] + later[name]) * 500 / len(sample) for name in alone},
        **{f"{name}_ms": took * 1000 / len(sample) for name, took in _parts(library, sample).items()},
    }
    # The cutting of the same text over all of the build but the parsing of files.
    figures["vs_jieba"] = figures["jieba_ms"] / (figures["ms"] - figures["parse_ms"])
    results.add("build", space.size, "product", {k: round(v, 4) for k, v in figures.items()})
    if space.size <= WHOOSH_MOST:
        _stock(sample[:STOCK_SAMPLE], figures["ms"] - figures["parse_ms"], space.size, results)


def _text(entry: Entry) -> str:
    """What the keyword leg cuts of an entry, as one text."""
    return "\n".join(inside.texts(entry).values())


def _cutters() -> dict[str, Callable[[str], object]]:
    """Ways to cut a text, ready to go: plain search mode of both libraries, and what the index does."""
    words = wordlists.load(wordlists.SHIPPED).words
    found: dict[str, Callable[[str], object]] = {
        "jieba": partial(JiebaCutter(words)._jieba.lcut_for_search, HMM=False),
        "own_cut": Segmenter(words).index_words,
    }
    with suppress(ImportError):
        rjieba = RjiebaCutter(words)._rjieba
        found["rjieba"] = lambda text: rjieba.cut_for_search(text, False)
    return found


def _cutting(cutters: Mapping[str, Callable[[str], object]], texts: list[str]) -> dict[str, float]:
    """Seconds each takes for the texts, nothing else done."""
    return {name: seconds(partial(_each, cut, texts)) for name, cut in cutters.items()}


def _each(action: Callable[[str], object], texts: list[str]) -> None:
    for text in texts:
        action(text)


def _parsing(space: Workspace, count: int) -> float:
    store = Store((space.content,))
    files = list(store.files()[0].values())[:count]
    return seconds(lambda: [store.load(file) for file in files])


def _parts(library: Library, sample: list[Entry]) -> dict[str, float]:
    """Seconds of the keyword leg's writing and of the encoder, each alone."""
    encoder, segmenter = inside.encoder(library), inside.segmenter(library)
    texts = [[tuple(filter(None, (p.heading, p.text))) for p in passages(entry)] for entry in sample]
    if isinstance(encoder, LightEncoder):
        # As a build has it: cut once for both legs, some dozens of entries in one go.
        some = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        cut = [segmenter.index_many(text for entry in part for own in entry for text in own) for part in some]
        found = {"encode": seconds(lambda: list(map(encoder.encode_cut, cut, some)))}
    else:
        joined = [[" ".join(own) for own in entry] for entry in texts]
        found = {"encode": seconds(lambda: [encoder.encode(each) for each in joined])}
    with TemporaryDirectory(prefix="kb-bench-") as folder:
        index = KeywordIndex(Path(folder) / "whoosh", inside.segmenter(library))
        index.create()
        found["keyword"] = seconds(partial(_write_all, index, sample))
    return found


def _write_all(index: KeywordIndex, entries: list[Entry]) -> None:
    index.write(entries, (), bulk=True)
    index.finish()


def _stock(sample: list[Entry], ours_ms: float, size: int, results: Results) -> None:
    """Stock Whoosh with jieba's own analyzer over the same fields."""
    from jieba.analyse import ChineseAnalyzer
    from whoosh import fields, index

    rows = [inside.texts(entry) for entry in sample]
    text = {name: fields.TEXT(analyzer=ChineseAnalyzer()) for name in rows[0]}
    schema = fields.Schema(**text)
    with TemporaryDirectory(prefix="kb-bench-") as folder:
        writer = index.create_in(folder, schema).writer()

        def write() -> None:
            for row in rows:
                writer.add_document(**row)
            writer.commit()

        took = seconds(write) * 1000 / len(sample)
    results.add(
        "build", size, "whoosh with jieba", {"ms": round(took, 3), "vs_product": round(took / ours_ms, 3)}
    )


def _disk(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def build_peers(space: Workspace, results: Results) -> None:
    """Every peer's index from the same words; cutting them is not counted."""
    documents = list(tokens.documents(space.corpus, space.size))
    total = sum(len(document.words) for document in documents)
    results.add("peers", space.size, "words", {"words": total / space.size})
    for name in peers.NAMES:
        peer = peers.load(name, space.peer(name))
        if peer is None:
            results.add("peers", space.size, name, {"missing": "not installed"})
        elif space.size <= MOST.get(name, space.size):
            results.add("peers", space.size, name, _build_peer(space.peer(name), peer, documents))


def _build_peer(folder: Path, peer: Any, documents: list[Document]) -> dict[str, float | str]:
    shutil.rmtree(folder, ignore_errors=True)
    work: Callable[[], None] = partial(peer.build, documents)
    took = seconds(work)
    (folder / MADE).write_text("", encoding="utf-8")
    return {
        "seconds": round(took, 3),
        "ms": round(took * 1000 / len(documents), 4),
        "disk_mib": round(_disk(folder), 1),
        "version": peer.version,
    }


def open_peers(space: Workspace) -> dict[str, Any]:
    """The peers whose indexes are there."""
    found = {}
    for name in peers.NAMES:
        peer = peers.load(name, space.peer(name))
        if peer is not None and (space.peer(name) / MADE).exists():
            found[name] = peer
    return found
