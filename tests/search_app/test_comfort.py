"""What holds for every page of the starter content: size, modes, titles."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from search_app import links
from search_app.config import STARTER_CONTENT
from tests.search_app.sites import Site

MAX_BYTES = 100_000
STATIC = STARTER_CONTENT / "search_app/static"


def addresses(site: Site) -> list[str]:
    """Every page without parameters, every entry, and every sheet of every comparison."""
    skipped = {"static", "papers.word", "papers.handbook_file", "papers.problems_file"}
    rules = [rule for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    plain = [
        r.rule
        for r in rules
        if not r.arguments and r.endpoint not in skipped and not r.rule.startswith("/api")
    ]
    with site.app.test_request_context():
        entries = [links.entry_url(entry) for entry in site.library.snapshot.entries.values()]
    policies = [f"{url}/versions" for url in entries if url.startswith("/policies/")]
    lists = [f"/browse/{kind}" for kind in ("problem", "handbook", "case", "policy")]
    return [*plain, *entries, *policies, *lists, "/then?on=2020-05-01", "/search?q=党费"]


def test_every_page_is_small(whole_site: Site) -> None:
    client = whole_site.app.test_client()
    sizes = {}
    for address in addresses(whole_site):
        answer = client.get(address)
        assert answer.status_code in (200, 302, 303, 400), address
        if answer.mimetype == "text/html":
            sizes[address] = len(answer.data)
        answer.close()
    assert len(sizes) > 280
    assert {address: size for address, size in sizes.items() if size >= MAX_BYTES} == {}


def palette(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+): (#\w+);", block))


def test_chosen_modes_have_the_colours_of_the_systems_modes() -> None:
    """Two sheets carry the palettes; a colour changed in one must be changed in the other."""
    own = re.findall(r":root \{([^}]+)\}", (STATIC / "style.css").read_text(encoding="utf-8"))
    chosen = (STATIC / "comfort.css").read_text(encoding="utf-8")
    for theme, block in (("light", own[0]), ("dark", own[1])):
        found = re.search(rf':root\[data-theme="{theme}"\] \{{([^}}]+)\}}', chosen)
        assert found and palette(found[1]) == palette(block) and len(palette(block)) >= 18
    printed = re.search(r":root\[data-theme\] \{([^}]+)\}", chosen)
    assert printed and palette(printed[1]) == palette(own[2]), "a dark mode must not be printed"


def test_the_mode_is_set_before_the_page_is_drawn(client: FlaskClient) -> None:
    html = client.get("/").text
    head = html[: html.index("</head>")]
    assert re.search(r'<script src="/static/comfort.js\?v=\w+"></script>', head)
    assert len((STATIC / "comfort.js").read_bytes()) < 1000
