"""The second process of a full build: the same rows, whoever prepared them, and none lost when it dies."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from indexer import helper
from indexer.encoder import LIGHT, LIGHT_FOLDER, LightEncoder
from indexer.helper import Order, order, prepared
from indexer.rows import Row, make_row
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
def alone(store: Store, encoder: LightEncoder) -> Callable[[File], Row]:
    return partial(make_row, store=store, segmenter=segmenter(), encoder=encoder, spelled=True)


def files(store: Store) -> list[File]:
    return [file for _, file in sorted(store.files()[0].items())]


def same(one: Row, other: Row) -> bool:
    if one.vectors is None or other.vectors is None:
        return one == other
    plain = replace(one, vectors=None) == replace(other, vectors=None)
    return plain and np.array_equal(one.vectors, other.vectors)


def test_two_processes_prepare_what_one_would(
    store: Store, encoder: LightEncoder, alone: Callable[[File], Row]
) -> None:
    ours: list[str] = []

    def slowly(file: File) -> Row:
        ours.append(file.id)
        time.sleep(SLOWLY)
        return alone(file)

    wanted = Order(store.roots, store.local, tuple(words().words), LIGHT)
    assert order(store, tuple(words().words), encoder) in (wanted, None), "None on a single core"
    found = list(prepared(files(store), wanted, slowly, least=1, batch=1))
    assert [row.id for row in found] == [file.id for file in files(store)]
    assert all(same(row, alone(file)) for row, file in zip(found, files(store), strict=True))
    assert 0 < len(ours) < len(found), "each had a share"


def test_what_a_dead_helper_was_given_is_prepared_here(
    store: Store, alone: Callable[[File], Row], capfd: pytest.CaptureFixture[str]
) -> None:
    unable = Order(store.roots, store.local, tuple(words().words), "no-such-model")
    found = list(prepared(files(store), unable, alone, least=1, batch=2))
    assert [row.id for row in found] == [file.id for file in files(store)]
    assert "no-such-model" in capfd.readouterr().err


def test_few_entries_are_not_worth_a_process(
    store: Store, alone: Callable[[File], Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(helper, "_process")
    wanted = Order(store.roots, store.local, ("党费",), LIGHT)
    assert len(list(prepared(files(store), wanted, alone))) == len(files(store))


def test_no_order_where_the_helper_could_not_have_the_same(store: Store) -> None:
    assert order(store, ("党费",), FakeEncoder()) is None
    assert order(store, (), None) is None
