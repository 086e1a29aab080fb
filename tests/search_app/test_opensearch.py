"""The site as a search engine of the browser."""

from __future__ import annotations

from xml.etree import ElementTree

from flask.testing import FlaskClient

SPACE = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_the_description_is_complete_and_announced(client: FlaskClient) -> None:
    answer = client.get("/opensearch.xml")
    assert answer.mimetype == "application/opensearchdescription+xml"
    root = ElementTree.fromstring(answer.data)
    assert root.tag == f"{SPACE}OpenSearchDescription"
    name, say = root.findtext(f"{SPACE}ShortName"), root.findtext(f"{SPACE}Description")
    assert (
        name
        and len(name) <= 16
        and say
        and len(say) <= 1024
        and root.findtext(f"{SPACE}InputEncoding") == "UTF-8"
    )
    urls = {url.get("type"): url.get("template") or "" for url in root.findall(f"{SPACE}Url")}
    assert urls["text/html"] == "http://localhost/search?q={searchTerms}"
    assert client.get(urls["text/html"].replace("{searchTerms}", "党费")).status_code == 200
    assert urls["application/x-suggestions+json"].endswith("/opensearch/suggest?q={searchTerms}")
    assert 'rel="search" type="application/opensearchdescription+xml"' in client.get("/").text


def test_suggestions_have_the_format_browsers_read(client: FlaskClient) -> None:
    answer = client.get("/opensearch/suggest", query_string={"q": "党费"})
    assert answer.mimetype == "application/x-suggestions+json"
    typed, texts, kinds, urls = answer.get_json(force=True)
    assert typed == "党费" and texts and len(texts) == len(kinds) == len(urls)
    for url in urls:
        assert url.startswith("http://localhost/") and client.get(url).status_code == 200
    assert client.get("/opensearch/suggest").get_json(force=True) == ["", [], [], []]
    assert "草稿" not in client.get("/opensearch/suggest?q=还没").text
