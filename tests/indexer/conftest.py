"""Fixtures: shared libraries to read, a folder of one's own to write to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.library import Library
from indexer.query import Reader
from indexer.segmentation import Segmenter
from tests.indexer import samples
from tests.indexer.samples import FakeEncoder


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    """The segmenter of the shipped lexicon."""
    return samples.segmenter()


@pytest.fixture(scope="session")
def keyword_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The samples with encoder `none`, for every test that only reads."""
    folder = tmp_path_factory.mktemp("keyword")
    samples.make_content(folder)
    return samples.open_library(folder)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The samples with the fake encoder, for every test that only reads."""
    folder = tmp_path_factory.mktemp("hybrid")
    samples.make_content(folder)
    return samples.open_library(folder, FakeEncoder())


@pytest.fixture(scope="session")
def reader(keyword_library: Library) -> Reader:
    """What understands queries over the samples."""
    return keyword_library.snapshot.reader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one's own with the sample content, for tests that write."""
    samples.make_content(tmp_path)
    return tmp_path


@pytest.fixture(scope="module", autouse=True)
def no_network() -> Iterator[None]:
    """Any attempt to reach another machine fails the test that makes it."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("no test may touch the network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield
