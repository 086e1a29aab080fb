"""How the search is used: bars, and the same figures as tables."""

from __future__ import annotations

from datetime import date

import pytest

from search_app import usage
from search_app.access import Role
from search_app.state.querylog import Day, Opened, Searched
from tests.search_app.sites import Site


def test_the_page_shows_what_was_searched_and_opened(site: Site) -> None:
    events = [Searched("党费怎么交", 3, True, "dues-overdue")] * 3 + [Searched("<b>火锅", 0, False, "")]
    site.services.queries.table.write([*events, Opened("党费怎么交", "dues-overdue")])
    html = site.client(Role.REVIEWER).get("/curate/usage").text
    assert (
        "<strong>4</strong> 次" in html and "<strong>75%</strong>" in html and "<strong>25%</strong>" in html
    )
    assert 'class="bar-all"' in html and 'class="bar-answered"' in html and "&lt;b&gt;火锅" in html
    assert 'href="/problems/dues-overdue"' in html and "保留 180 天" in html
    assert (
        " style=" not in html
        and f'<th scope="row">{date.today():%Y-%m-%d}</th><td>4</td><td>3</td><td>1</td>' in html
    )


@pytest.mark.parametrize("days", ["7", "30", "90", "x", "-1", "99999"])
def test_any_period_gives_a_page(site: Site, days: str) -> None:
    html = site.client(Role.REVIEWER).get(f"/curate/usage?days={days}").text
    assert "还没有人搜过" in html


def test_days_without_a_search_are_there_too() -> None:
    found = usage.filled([Day("2026-11-20", 4, 2, 1)], date(2026, 11, 21), 3)
    assert [(day.day, day.searches) for day in found] == [
        ("2026-11-19", 0),
        ("2026-11-20", 4),
        ("2026-11-21", 0),
    ]


def test_the_tallest_bar_fills_the_height_and_one_search_is_still_seen() -> None:
    drawn = usage.bars([Day("a", 1000, 0, 0), Day("b", 1, 1, 0), Day("c", 0, 0, 0)])
    assert [(one.tall, one.answered) for one in drawn] == [(usage.HEIGHT, 0), (1, 1), (0, 0)]
    assert usage.bars([Day("a", 0, 0, 0)])[0].tall == 0


def test_shares_are_said_as_people_say_them() -> None:
    assert (usage.share(1, 3), usage.share(0, 0)) == ("33%", "—")
