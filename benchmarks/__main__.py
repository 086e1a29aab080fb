"""`python -m benchmarks`: what building, asking, saving and starting cost on this machine."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from indexer import wordlists
from indexer.evaluate import read_queries
from indexer.library import Library, Settings
from indexer.passages import passages
from indexer.segmentation import JiebaCutter, RjiebaCutter, Segmenter
from kb import Store
from kb.types import Entry

HERE = Path(__file__).resolve().parent.parent
SAVES = 20


def timed(action: Callable[[], object]) -> float:
    """Seconds `action` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def spread(values: list[float]) -> str:
    """p50 / p95 / worst, in milliseconds."""
    ordered = sorted(value * 1000 for value in values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered):.1f} ms, p95 {p95:.1f} ms, worst {ordered[-1]:.1f} ms"


def segmentation(entries: list[Entry]) -> None:
    """The yardstick of a build: cutting the same text, nothing else."""
    words = wordlists.load(wordlists.SHIPPED).words
    texts = [passage.text for entry in entries for passage in passages(entry)]
    for name, cutter in (("rjieba", RjiebaCutter), ("jieba", JiebaCutter)):
        segmenter = Segmenter(cutter=cutter(words))
        took = timed(lambda cut=segmenter: [cut.index_tokens(text) for text in texts])
        print(f"segmentation alone, {name}: {took * 1000 / len(entries):.2f} ms an entry")


def building(root: Path) -> Library:
    """A whole build from files, encoder included."""
    settings = Settings((HERE,), root / "local", root / "index")
    (root / "local").mkdir()
    started = time.perf_counter()
    library = Library.open(settings)
    took = time.perf_counter() - started
    count = len(library.snapshot.entries)
    print(f"first start, empty index: {took:.2f} s, {count} entries, {took * 1000 / count:.1f} ms an entry")
    took = timed(library.rebuild)
    print(f"full rebuild: {took:.2f} s, {took * 1000 / count:.1f} ms an entry")
    print(f"open a built index: {timed(lambda: Library.open(settings)):.2f} s")
    return library


def asking(library: Library) -> None:
    """Every judged query once, after one round to warm up."""
    queries = read_queries(HERE / "tests" / "quality" / "queries.tsv")
    for leg, off in (("hybrid", frozenset[str]()), ("keyword only", frozenset({"semantic"}))):
        for query in queries[:20]:
            library.search(query.text, off=off)
        times = [timed(partial(library.search, query.text, off=off)) for query in queries]
        print(f"a query, {leg}: {spread(times)} ({len(queries)} queries)")


def saving(library: Library) -> None:
    """From `save` to found by search: the file synced, the index refreshed."""
    entry = next(e for e in library.snapshot.entries.values() if e.kind == "case")
    times = []
    for number in range(SAVES):
        fresh = replace(entry, id=f"bench-{number}", title=f"第{number}号测量用条目", aliases=())
        times.append(timed(lambda e=fresh: library.save(e, expected=None)))
        assert any(hit.id == fresh.id for hit in library.search(fresh.title).hits)
    print(f"save to searchable: {spread(times)}")


def cold_start(root: Path) -> None:
    """The command line from a cold process, and the memory of a warmed-up server process."""
    command = [
        sys.executable,
        "-m",
        "search_app",
        "--local",
        str(root / "local"),
        "search",
        "党费逾期没交怎么办",
    ]
    subprocess.run(command, check=True, capture_output=True)  # builds its index; not counted
    times = [timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(5)]
    print(f"kb search, cold process: {spread(times)}")


def memory(library: Library) -> None:
    """Resident memory of this process, which has done all of the above."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak resident memory of this process: {peak:.0f} MiB; torch loaded: {'torch' in sys.modules}")


def main() -> None:
    """Run everything in one go, so that the figures belong together."""
    entries = [record.entry for record in Store((HERE,)).records()[0]]
    print(json.dumps({"entries": len(entries), "python": sys.version.split()[0]}))
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as temporary:
        root = Path(temporary)
        library = building(root)
        asking(library)
        saving(library)
        memory(library)
        (root / "local" / ".kb").mkdir(exist_ok=True)
        cold_start(root)
    segmentation(entries)


if __name__ == "__main__":
    main()
