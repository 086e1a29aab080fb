"""Help says what exists, and its examples find something."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from search_app import help as help_pages
from tests.search_app.sites import Site


@pytest.mark.parametrize("address", ["/help", "/help/contributors", "/help/reviewers"])
def test_every_link_of_the_help_leads_somewhere(client: FlaskClient, address: str) -> None:
    html = client.get(address).text
    links = {part.split('"')[0] for part in html.split('href="')[1:]}
    inside = [link for link in links if link.startswith("/") and not link.startswith("/static")]
    assert len(inside) > 5
    for link in inside:
        answer = client.get(link.replace("&amp;", "&"))
        asked = answer.status_code == 303 and "/login" in answer.location
        assert answer.status_code in (200, 302) or asked, link


def test_the_examples_are_answered(whole_site: Site) -> None:
    questions = [question for group in help_pages.EXAMPLES for question in group.questions]
    answers = {question: whole_site.library.search(question) for question in questions}
    assert len(questions) >= 12
    assert [question for question, result in answers.items() if not result.hits] == []
    doubtful = [question for question, result in answers.items() if not result.confident]
    assert len(doubtful) <= 2, doubtful


def test_the_guide_has_three_steps_and_waits_for_the_browser(client: FlaskClient) -> None:
    html = client.get("/").text
    guide = html[html.index("data-guide hidden") :]
    assert guide[: guide.index("</ol>")].count("<li>") == 3
