"""The same answers as JSON."""

from __future__ import annotations

import json

from flask.testing import FlaskClient


def test_search_gives_what_the_page_shows(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search", query_string={"q": "党费逾期没交怎么办", "size": 2})
    data = json.loads(answer.data)
    assert set(data) == {"hits", "total", "confident", "repairs", "took_ms", "page", "size", "degraded"}
    assert len(data["hits"]) == 2 and data["confident"] is True and data["size"] == 2 and data["page"] == 1
    first = data["hits"][0]
    assert set(first) == {"id", "kind", "title", "score", "snippet", "url"}
    assert (first["id"], first["kind"]) == ("dues-overdue", "problem")
    assert first["url"].startswith("/problems/dues-overdue")
    assert client.get(first["url"]).status_code == 200
    assert "党费" in answer.text, "Chinese is sent as Chinese"


def test_filters_and_pages(client: FlaskClient) -> None:
    data = client.get("/api/v1/search", query_string={"q": "党费", "kind": "case"}).json
    assert data and {hit["kind"] for hit in data["hits"]} == {"case"}
    everything = client.get("/api/v1/search", query_string={"q": "党费", "size": 50}).json
    second = client.get("/api/v1/search", query_string={"q": "党费", "size": 1, "page": 2}).json
    assert everything and second and second["hits"][0]["id"] == everything["hits"][1]["id"]


def test_odd_requests_are_answered(client: FlaskClient) -> None:
    for query in ({}, {"q": ""}, {"q": "？！"}, {"q": "x" * 9000}, {"q": "党", "page": "x", "size": "-1"}):
        assert client.get("/api/v1/search", query_string=query).status_code == 200


def test_repairs_are_told(client: FlaskClient) -> None:
    data = client.get("/api/v1/search", query_string={"q": "黨費逾期"}).json
    assert data and data["repairs"][0] == {"kind": "script", "before": "黨費逾期", "after": "党费逾期"}


def test_suggestions_lead_somewhere(client: FlaskClient) -> None:
    data = client.get("/api/v1/suggest", query_string={"q": "党费"}).json
    assert data and data["suggestions"]
    for suggestion in data["suggestions"]:
        assert client.get(suggestion["url"]).status_code == 200
    assert client.get("/api/v1/suggest").json == {"suggestions": []}
    hidden = client.get("/api/v1/suggest", query_string={"q": "还没发布"}).json
    assert hidden == {"suggestions": []}


def test_health_and_errors_are_json(client: FlaskClient) -> None:
    health = client.get("/healthz").json
    assert health and health["status"] == "ok" and health["entries"] == 14
    missing = client.get("/api/v1/nope")
    assert missing.status_code == 404 and missing.json and "error" in missing.json
