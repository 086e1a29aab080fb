"""Fixtures: a shared site to read, a site of one's own to write to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from tests.search_app.live import chromium
from tests.search_app.sites import Site, make_copy, make_site, make_whole

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One site for every test that only reads."""
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site of one's own, for tests that write."""
    return make_site(tmp_path)


@pytest.fixture
def desk_site(shared_site: Site, tmp_path: Path) -> Site:
    """A site of one's own whose starter content is not touched: cheaper than `site`."""
    return make_copy(shared_site, tmp_path)


@pytest.fixture
def client(shared_site: Site) -> Iterator[FlaskClient]:
    """A reader of the shared site."""
    with shared_site.app.test_client() as client:
        yield client


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """All of the starter content, for what must hold of every page; only read."""
    return make_whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file; started where a test asks for it."""
    with chromium() as opened:
        yield opened
