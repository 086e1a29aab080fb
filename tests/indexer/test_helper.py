"""The second process of a full build: the same rows, whoever prepared them, and none lost when it dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from indexer import helper
from indexer.encoder import LIGHT, LIGHT_FOLDER, LightEncoder
from indexer.helper import AHEAD, OURS, Alone, Order, Shares, order, prepared
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


def test_while_the_helper_keeps_up_nothing_is_made_here() -> None:
    shares = Shares(5)
    for number in range(5):
        assert shares.give() == number
        shares.take(b"%d" % number)
    assert [shares.wanted(number) for number in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
    assert shares.give() is None


def test_instead_of_waiting_we_make_the_next_that_nobody_has_begun() -> None:
    shares = Shares(9)
    assert (shares.give(), shares.give()) == (0, 1)
    assert [shares.wanted(0), shares.wanted(0)] == [2, 3]
    shares.take(b"0")
    assert shares.give() == 4
    assert [shares.wanted(0), shares.wanted(1)] == [b"0", 5]


@pytest.mark.parametrize("ours", [True, False], ids=["we", "the helper"])
def test_neither_runs_far_ahead_of_the_other(ours: bool) -> None:
    """What is made too early only takes memory."""
    shares, made = Shares(100), list[int | None]()
    shares.give()

    def run() -> None:
        while isinstance(number := shares.wanted(0) if ours else shares.give(), int):
            made.append(number)
            if not ours:
                shares.take(b"")

    running = threading.Thread(target=run)
    running.start()
    running.join(SLOWLY)
    assert running.is_alive() and made == list(range(1, OURS + 1 if ours else AHEAD))
    if ours:
        shares.take(b"")
    else:
        shares.close()
    running.join()


def test_nothing_is_given_to_a_dead_helper() -> None:
    shares = Shares(4)
    assert (shares.give(), shares.give()) == (0, 1)
    shares.lose()
    assert shares.give() is None
    assert [shares.wanted(0) for _ in range(4)] == [0, 1, 2, 3]


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
