"""A question to every engine: the keyword leg alone, then the whole search."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from benchmarks import inside
from benchmarks.building import WHOOSH_MOST, open_peers
from benchmarks.measure import Action, interleaved
from benchmarks.peers import LIMIT
from benchmarks.reference import exact_vectors, stand_in
from benchmarks.results import Results
from benchmarks.tokens import terms
from benchmarks.workspace import Workspace
from indexer.library import Library
from indexer.types import Candidate, Query, Vectors

CLOSE = 1e-9
"""Relative difference at which two scores are one."""
SAME = 1e-5
"""Difference at which two cosines are one: identical passages stand for each other."""
DEPTHS = (10, 100)
"""Best passages whose recall is told."""


def keyword(space: Workspace, results: Results) -> None:
    """Top ten of any-word questions over the boosted fields, engines taking turns."""
    library = space.library()
    asked = _asked(library, space)
    index = inside.keyword_index(library)
    actions: dict[str, Action] = {"product": lambda n: index.candidates(asked[n], LIMIT)}
    if space.size <= WHOOSH_MOST:
        actions["whoosh"] = lambda n: inside.oracle(library, asked[n], LIMIT)
    top: dict[str, list[list[str]]] = {}
    for name, peer in open_peers(space).items():
        ready = [peer.prepare(terms(query)) for query in asked]
        actions[name] = partial(_ask, peer, ready)
        top[name] = [[entry_id for entry_id, _ in peer.search(each)] for each in ready]
        if name == "tantivy":
            actions["tantivy, query made too"] = partial(_ask_anew, peer, asked)
    ours = [[c.entry_id for c in index.candidates(query, LIMIT)] for query in asked]
    for name, found in interleaved(actions, len(asked)).items():
        figures = found.figures()
        if name in top:
            figures["overlap"] = round(_overlap(ours, top[name]), 4)
        results.add("keyword", space.size, name, figures)
    _compare_with_oracle(library, asked, space, results)


def _asked(library: Library, space: Workspace) -> list[Query]:
    reader = library.snapshot.reader
    return [reader.parse(text) for text in space.questions()]


def _ask(peer: Any, ready: Sequence[Any], number: int) -> object:
    return peer.search(ready[number])


def _ask_anew(peer: Any, asked: Sequence[Query], number: int) -> object:
    return peer.search(peer.prepare(terms(asked[number])))


def _overlap(first: Sequence[Sequence[str]], second: Sequence[Sequence[str]]) -> float:
    shares = [len({*a} & {*b}) / max(1, len(a)) for a, b in zip(first, second, strict=True)]
    return sum(shares) / max(1, len(shares))


def _compare_with_oracle(
    library: Library, asked: Sequence[Query], space: Workspace, results: Results
) -> None:
    """How many top tens are those of stock Whoosh, id by id and score by score."""
    some = asked if space.size <= WHOOSH_MOST else asked[:: len(asked) // 10]
    index = inside.keyword_index(library)
    same = sum(_same(index.candidates(q, LIMIT), inside.oracle(library, q, LIMIT)) for q in some)
    results.add("keyword", space.size, "same as whoosh", {"same": same, "asked": len(some)})


def _same(ours: Sequence[Candidate], theirs: Sequence[Candidate]) -> bool:
    if [c.entry_id for c in ours] != [c.entry_id for c in theirs]:
        return False
    return all(abs(a.score - b.score) <= CLOSE * abs(b.score) for a, b in zip(ours, theirs, strict=True))


def hybrid(space: Workspace, results: Results) -> None:
    """The whole search, beside the same search over tantivy and exact numpy; then where the time goes."""
    library = space.library()
    texts = space.questions()
    actions: dict[str, Action] = {"product": lambda n: library.search(texts[n])}
    peer = open_peers(space).get("tantivy")
    if peer is not None:
        other = stand_in(library, peer)
        actions["tantivy + numpy"] = lambda n: other.search(texts[n])
    for name, found in interleaved(actions, len(texts)).items():
        results.add("hybrid", space.size, name, found.figures())
    _recall(library, space, results)
    _stages(library, space, results)


def _recall(library: Library, space: Workspace, results: Results) -> None:
    """Share of the truly best entries, by their best passage, that the semantic leg finds."""
    index, exact = inside.semantic_index(library), exact_vectors(library)
    vectors = [inside.encode(library, query) for query in _asked(library, space)]
    place = {entry_id: number for number, entry_id in enumerate(exact.ids)}
    shares: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
    for vector in vectors:
        best = exact.best(vector)
        for depth in DEPTHS:
            found = [place[c.entry_id] for c in index.candidates(vector, depth, None)]
            shares[depth].append(_found(best, found, depth))
    figures = {f"recall{depth}": round(sum(found) / len(found), 5) for depth, found in shares.items()}
    figures |= {f"least{depth}": round(min(found), 5) for depth, found in shares.items()}
    results.add("hybrid", space.size, "recall", figures)
    semantic = interleaved(
        {
            "vectors": lambda n: index.candidates(vectors[n], 100, None),
            "exact numpy": lambda n: exact.candidates(vectors[n], 100),
        },
        len(vectors),
    )
    for name, times in semantic.items():
        results.add("hybrid", space.size, name, times.figures())


def _found(best: Vectors, found: Sequence[int], depth: int) -> float:
    """Share of the best `depth` that was found; entries as good as the last of them count."""
    depth = min(depth, len(best))
    if not np.any(best):  # a question without a known word has no best
        return 1.0
    last = np.partition(best, -depth)[-depth]
    return float(np.count_nonzero(best[list(found)] >= last - SAME)) / depth


def _stages(library: Library, space: Workspace, results: Results) -> None:
    """Parts of a search, each alone; what is missing to the whole is fusion, judging and composing."""
    texts, asked = space.questions(), _asked(library, space)
    reader, index = library.snapshot.reader, inside.keyword_index(library)
    parts: dict[str, Action] = {
        "parse": lambda n: reader.parse(texts[n]),
        "keyword top 100": lambda n: index.candidates(asked[n], 100),
        "encode": lambda n: inside.encode(library, asked[n]),
    }
    for name, found in interleaved(parts, len(texts)).items():
        results.add("hybrid", space.size, name, found.figures())
