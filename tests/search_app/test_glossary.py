"""Terms on their page, and explained where they first stand on an entry's page."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from kb import markdown
from kb.overlap import Runs, read_phrases
from search_app import glossary
from tests.search_app.sites import Site


def test_the_table_is_sound(whole_site: Site) -> None:
    terms = glossary.table()
    entries = whole_site.library.snapshot.entries
    words = [word for term in terms for word in (term.word, *term.others)]
    assert len(terms) >= 60 and len(words) == len(set(words))
    for term in terms:
        assert 15 <= len(term.says) <= 120 and term.says.endswith("。"), term.word
        policy, _, anchor = term.clause.partition("#")
        assert not policy or anchor in {part.anchor for part in markdown.sections(entries[policy].body)}, (
            term.word
        )
        assert not term.entry or term.entry in entries, term.word


def test_definitions_are_in_our_own_words() -> None:
    runs, allowed = Runs.load(), read_phrases()
    assert {t.word: c for t in glossary.table() if (c := runs.copied(t.says, allowed))} == {}


def test_the_page_has_every_term_once(client: FlaskClient) -> None:
    html = client.get("/glossary").text
    ids = re.findall(r'id="(term-\d+)"', html)
    assert len(ids) == len(set(ids)) == len(glossary.table())


def test_first_occurrence_only_and_never_inside_links_or_headings() -> None:
    html, found = glossary.mark(
        "<h2>党小组</h2><p>党小组会和<a href='#'>党费</a>，党小组会、党小组。</p><p>党费</p>"
    )
    assert [term.word for term in found] == ["党小组会", "党小组", "党费"]
    assert html.startswith("<h2>党小组</h2>") and "<a href='#'>党费</a>" in html
    assert html.count('class="term"') == 3 and html.index(">党小组会</a>") < html.index(">党小组</a>")


def test_a_page_is_not_flooded() -> None:
    html, found = glossary.mark("<p>" + "、".join(term.word for term in glossary.table()) + "</p>")
    assert len(found) == glossary.MOST_PER_PAGE == html.count('class="term"')


def test_text_of_the_page_stays_as_it_was(client: FlaskClient) -> None:
    html = client.get("/problems/hostile").text
    assert "&lt;script&gt;" in html and "<script>alert" not in html
    shown = glossary.mark("<p>a &lt;b&gt; 党费 &amp; c</p>")[0]
    assert re.sub("<[^>]*>", "", shown) == "a &lt;b&gt; 党费 &amp; c"


def test_each_mark_has_its_explanation_on_the_same_page_and_a_way_back(client: FlaskClient) -> None:
    html = client.get("/problems/dues-overdue").text
    targets = re.findall(r'class="term" id="(at-term-\d+)" href="#(term-\d+)"', html)
    assert targets
    for back, there in targets:
        assert html.count(f'id="{there}"') == 1 and f'href="#{back}"' in html
    assert "本页术语" in html
