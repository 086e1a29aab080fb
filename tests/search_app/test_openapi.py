"""The description of the JSON interface is what the interface does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search_app import api, asking
from tests.search_app.sites import Site

DESCRIPTION: dict[str, Any] = json.loads(api.DESCRIPTION.read_text(encoding="utf-8"))
TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_described_and_every_description_is_a_route(shared_site: Site) -> None:
    described = {(path, method) for path, methods in DESCRIPTION["paths"].items() for method in methods}
    assert described == routes(shared_site.app)
    assert DESCRIPTION["openapi"].startswith("3.1.")


def test_every_narrowing_is_described() -> None:
    told = {parameter["name"] for parameter in DESCRIPTION["paths"]["/api/v1/search"]["get"]["parameters"]}
    assert {n.param for n in asking.NARROWINGS} <= told and {"q", "page", "size", "off"} <= told


def wrong(schema: dict[str, Any], value: Any, at: str = "") -> list[str]:
    """What of `value` the schema does not allow: the part of JSON Schema that the description uses."""
    if "$ref" in schema:
        return wrong(DESCRIPTION["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], value, at)
    found = []
    kind = schema.get("type")
    if kind and not isinstance(value, TYPES[kind]):
        return [f"{at}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is not in {schema['enum']}")
    if isinstance(value, dict):
        found += [f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        known = schema.get("properties")
        for name, part in value.items():
            if known is not None and name not in known:
                if "additionalProperties" not in schema:
                    found.append(f"{at}.{name} is not described")
            elif known is not None:
                found += wrong(known[name], part, f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        found += [line for part in value for line in wrong(schema["items"], part, f"{at}[]")]
    return found


@pytest.mark.parametrize(
    ("path", "address", "status"),
    [
        ("/api/v1/search", "/api/v1/search?q=党费逾期没交", "200"),
        ("/api/v1/suggest", "/api/v1/suggest?q=党费", "200"),
        ("/api/v1/entries/{entry_id}", "/api/v1/entries/dues-overdue", "200"),
        ("/api/v1/entries/{entry_id}", "/api/v1/entries/discipline-2018", "200"),
        ("/api/v1/entries/{entry_id}", "/api/v1/entries/case-dues-auto-remind", "200"),
        ("/api/v1/entries/{entry_id}", "/api/v1/entries/hb-election", "200"),
        ("/api/v1/entries/{entry_id}", "/api/v1/entries/nope", "404"),
        ("/api/v1/entries/{entry_id}", "/api/v1/entries/hidden-draft", "404"),
        ("/api/v1/categories", "/api/v1/categories", "200"),
        ("/api/v1/stats", "/api/v1/stats", "200"),
    ],
)
def test_answers_are_as_described(client: FlaskClient, path: str, address: str, status: str) -> None:
    answer = client.get(address)
    assert str(answer.status_code) == status
    told = DESCRIPTION["paths"][path]["get"]["responses"][status]["content"]["application/json"]["schema"]
    assert wrong(told, answer.get_json()) == []


def test_the_description_is_served(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.get_json() == DESCRIPTION and answer.mimetype == "application/json"
    answer.close()


def test_an_entry_carries_its_words_and_steps_but_nothing_unpublished(client: FlaskClient) -> None:
    data = client.get("/api/v1/entries/hostile").get_json()
    assert data["related"] == [] and "publication" not in data and data["steps"][0]["who"]
    assert [part["heading"] for part in data["sections"]] == ["问题描述", "实施步骤"]


def test_numbers_add_up(client: FlaskClient) -> None:
    stats = client.get("/api/v1/stats").get_json()
    assert stats["entries"] == sum(stats["kinds"].values()) == 14
    categories = client.get("/api/v1/categories").get_json()["categories"]
    assert len(categories) == 5 and sum(sum(row["counts"].values()) for row in categories) == 14
