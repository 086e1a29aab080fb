"""What the compiled index need not do for a question; that its answers are Whoosh's is `test_compiled`'s."""

from __future__ import annotations

import numpy as np
import pytest

from indexer import topk
from indexer.postings import FIELDS, GRAMS, Ints, Lists, Part, compile_part, norms
from indexer.scoring import rows_in, want
from indexer.topk import Best, Search, Sums, best_in, prepare

BYTE_LENGTHS = range(256)
NORMS = norms(np.ones(len(FIELDS)), BYTE_LENGTHS)


def part_of(documents: int) -> Part:
    """Documents that all have 党 in their title, and every tenth 费 in its body."""
    everybody, some = np.arange(documents), np.arange(0, documents, 10)
    sizes = {(0, 0): everybody, (1, GRAMS - 1): some}
    rows = [sizes.get((word, field), some[:0]) for word in range(2) for field in range(GRAMS)]
    docs = np.concatenate(rows)
    starts = np.concatenate(([0], np.cumsum([len(row) for row in rows])))
    words = Lists((b"a", b"b"), starts, docs, np.ones(len(docs), np.int64))
    grams = Lists((), np.zeros(1, np.int64), docs[:0], docs[:0])
    lengths = np.ones((len(FIELDS), documents), np.uint8)
    totals = np.full(len(FIELDS), documents)
    names = [f"n{doc:05}" for doc in range(documents)]
    return compile_part(words, grams, {}, lengths, totals, names, BYTE_LENGTHS)


def ask(part: Part, words: list[str], floor: float = 0.0) -> Best:
    wanted = want(words, [1.0] * len(words), [], [1.0] * len(FIELDS))
    idf = np.full(len(wanted.fields), 2.0)
    search = prepare(part, rows_in(part, wanted), wanted, idf, part.averages, None)
    return best_in(search, wanted, idf, NORMS, 3, floor)


def test_a_common_row_is_spread_out_once() -> None:
    part = part_of(2000)
    first, second = ask(part, ["a", "b"]), ask(part, ["a", "b"])
    assert part.spread.cache_info().misses == 1  # type: ignore[attr-defined]
    assert first.docs.tolist() == second.docs.tolist() != []
    assert part.spread(0, 2000).tolist() == part.impacts[:2000].tolist()


def test_rare_rows_are_never_spread_out() -> None:
    part = part_of(2000)
    ask(part, ["b"])
    assert part.spread.cache_info().currsize == 0  # type: ignore[attr-defined]


def test_a_part_that_cannot_reach_the_floor_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    part = part_of(50)
    least = min(ask(part, ["a", "b"]).scores)
    read: list[Ints] = []
    plain = Search.add_up

    def noted(search: Search, sums: Sums, rows: Ints) -> Ints:
        read.append(rows)
        return plain(search, sums, rows)

    monkeypatch.setattr(topk.Search, "add_up", noted)
    assert len(ask(part, ["a", "b"], float(least)).docs) and read
    read.clear()
    assert not len(ask(part, ["a", "b"], 100.0).docs) and not read


def test_words_that_are_not_there_have_empty_rows() -> None:
    part = part_of(50)
    wanted = want(["a", "c", "0"], [1.0] * 3, ["党"], [1.0] * len(FIELDS))
    rows = rows_in(part, wanted)
    assert rows.sizes.tolist() == [50] + [0] * (3 * GRAMS)
    assert not rows.tops[1:].any()
