"""Addresses that are kept are those Flask would build."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, url_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.types import Filters
from kb.types import Kind
from search_app import addresses, create_app
from search_app.asking import NARROWINGS, REPAIR_KINDS, Asked
from tests.search_app.sites import Site

PLACES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("searching.home", {}),
    ("searching.search", {"q": "党费 a&b=c%/?#", "page": 2}),
    ("searching.search", {"q": "党费", "year": ["2024", "2025"]}),
    ("reading.browse", {"kind": Kind.CASE, "category": None}),
    ("reading.policy", {"entry_id": "dues-regulation", "_anchor": "a12"}),
    ("reading.policy", {"entry_id": "dues-regulation", "_anchor": None}),
    ("reading.problem", {"entry_id": "dues-overdue", "_external": True}),
    ("static", {"filename": "style.css"}),
)
lists = st.lists(st.text(min_size=1, max_size=8), max_size=3).map(tuple)


@pytest.fixture
def app(site: Site) -> Flask:
    return create_app(site.config, site.library)


@pytest.mark.parametrize(("endpoint", "values"), PLACES)
def test_kept_or_not_an_address_is_the_one_flask_builds(
    app: Flask, endpoint: str, values: dict[str, Any]
) -> None:
    seen = set()
    for place in ("http://one.example/", "http://two.example/kb"):
        for method in ("GET", "POST"):
            with app.test_request_context("/", base_url=place, method=method):
                expected = url_for(endpoint, **values)
                assert [addresses.to(endpoint, **values) for _ in range(2)] == [expected, expected]
                seen.add(expected)
    assert len(seen) == 2, "one for each place the site is mounted at"


def test_templates_use_what_is_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client, built = app.test_client(), list[str]()
    first = client.get("/search?q=党费").data

    def watched(endpoint: str, **values: Any) -> str:
        built.append(endpoint)
        return url_for(endpoint, **values)

    monkeypatch.setattr(addresses, "url_for", watched)
    again = client.get("/search?q=党费").data
    assert set(built) == {"static"}, "whose versions may change"
    assert first.count(b"href=") == again.count(b"href=") > 30


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    q=st.text(max_size=20),
    chosen=st.fixed_dictionaries({narrowing.name: lists for narrowing in NARROWINGS}),
    off=st.lists(st.sampled_from(REPAIR_KINDS), unique=True).map(tuple),
    page=st.integers(1, 100),
)
def test_the_address_of_a_search_is_the_one_flask_builds(
    app: Flask, q: str, chosen: dict[str, tuple[str, ...]], off: tuple[str, ...], page: int
) -> None:
    values: dict[str, Any] = {"q": q}
    values |= {n.param: list(chosen[n.name]) for n in NARROWINGS if chosen[n.name]}
    values |= {"off": ",".join(off)} if off else {}
    values |= {"page": page} if page > 1 else {}
    with app.test_request_context("/"):
        assert Asked(q, Filters(**chosen), page, off=off).url() == url_for("searching.search", **values)
