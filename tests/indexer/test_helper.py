"""The second process of a full build: the same rows, whoever prepared them, and none lost when it dies."""

from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from queue import SimpleQueue

import numpy as np
import pytest

from indexer import helper
from indexer.encoder import LIGHT, LIGHT_FOLDER, LightEncoder
from indexer.helper import Alone, Order, order, prepared
from indexer.rows import Row, make_rows
from kb.store import File, Store
from tests.indexer.samples import FakeEncoder, make_content, segmenter, words

SLOWLY = 0.3
"""Seconds an entry takes us in a test that waits for the helper to have its share."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store((make_content(tmp_path_factory.mktemp("helper")),))


@pytest.fixture(scope="module")
def encoder() -> LightEncoder:
    return LightEncoder(LIGHT_FOLDER, segmenter())


@pytest.fixture
def alone(store: Store, encoder: LightEncoder) -> Alone:
    return partial(make_rows, store=store, segmenter=segmenter(), encoder=encoder, spelled=True)


def files(store: Store) -> list[File]:
    return [file for _, file in sorted(store.files()[0].items())]


def same(one: Row, other: Row) -> bool:
    if one.vectors is None or other.vectors is None:
        return one == other
    plain = replace(one, vectors=None) == replace(other, vectors=None)
    return plain and np.array_equal(one.vectors, other.vectors)


def test_two_processes_prepare_what_one_would(store: Store, encoder: LightEncoder, alone: Alone) -> None:
    ours: list[str] = []

    def slowly(some: Sequence[File]) -> list[Row]:
        ours.extend(file.id for file in some)
        time.sleep(SLOWLY * len(some))
        return alone(some)

    wanted = Order(store.roots, store.local, tuple(words().words), LIGHT)
    assert order(store, tuple(words().words), encoder) in (wanted, None), "None on a single core"
    found = list(prepared(files(store), wanted, slowly, least=1, batch=1))
    assert [row.id for row in found] == [file.id for file in files(store)]
    assert all(same(row, alone([file])[0]) for row, file in zip(found, files(store), strict=True))
    assert 0 < len(ours) < len(found), "each had a share"


def test_entries_prepared_together_are_prepared_as_each_alone(store: Store, alone: Alone) -> None:
    together = alone(files(store))
    assert all(same(row, alone([file])[0]) for row, file in zip(together, files(store), strict=True))


def test_the_batch_wanted_next_is_ours_and_few_of_ours_wait(store: Store, alone: Alone) -> None:
    """Rows made here take four times the memory of those that lie ready in the other process's words."""
    made: list[int] = []
    some = files(store)

    class Quick(helper._Helper):
        def __init__(self) -> None:
            self.alive, self._under_way, self._arrived = True, deque(), {}
            self._requests, self._answers = SimpleQueue(), SimpleQueue()

        def finished(self, number: int, *, wait: bool) -> list[Row] | None:
            while not self._requests.empty():
                self._answers.put(pickle.dumps(alone(self._requests.get())))  # type: ignore[arg-type]
            return super().finished(number, wait=wait)

    def ours(batch: Sequence[File]) -> list[Row]:
        made.append(some.index(batch[0]))
        return alone(batch)

    given = [row.id for row in helper._shared([[file] for file in some], Quick(), ours)]
    assert given == [file.id for file in some]
    assert made == sorted(made) and made[0] == 0


def test_what_a_dead_helper_was_given_is_prepared_here(
    store: Store, alone: Alone, capfd: pytest.CaptureFixture[str]
) -> None:
    unable = Order(store.roots, store.local, tuple(words().words), "no-such-model")
    found = list(prepared(files(store), unable, alone, least=1, batch=2))
    assert [row.id for row in found] == [file.id for file in files(store)]
    assert "no-such-model" in capfd.readouterr().err


def test_few_entries_are_not_worth_a_process(
    store: Store, alone: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(helper, "_process")
    wanted = Order(store.roots, store.local, ("党费",), LIGHT)
    assert len(list(prepared(files(store), wanted, alone))) == len(files(store))


def test_no_order_where_the_helper_could_not_have_the_same(store: Store) -> None:
    assert order(store, ("党费",), FakeEncoder()) is None
    assert order(store, (), None) is None
