"""The pages that reckon dates and money, and their calendar files."""

from __future__ import annotations

import re

import icalendar
import pytest
from flask.testing import FlaskClient

from kb.store import Store
from search_app.calculators import registry
from tests.search_app.sites import REPOSITORY

ELECTION = "/tools/election?start=2023-12-31&kind=branch&today=2026-06-01"


def page(client: FlaskClient, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    assert len(answer.data) < 100_000
    return answer.text


def test_overview_names_every_tool(client: FlaskClient) -> None:
    html = page(client, "/tools")
    for tool in registry.TOOLS.values():
        assert f'href="/tools/{tool.slug}"' in html and tool.title in html
    assert 'href="/tools"' in page(client, "/")


@pytest.mark.parametrize("slug", sorted(registry.TOOLS))
def test_form_asks_and_says_nothing_wrong_before(client: FlaskClient, slug: str) -> None:
    html = page(client, f"/tools/{slug}")
    assert 'method="get"' in html and 'role="alert"' not in html and 'class="result"' not in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    labelled = set(re.findall(r'<label for="([^"]+)"', html))
    assert {f"f-{f.name}" for f in registry.TOOLS[slug].fields if f.shape != "flag"} <= labelled


FILLED = {
    "election": "start=2023-12-31&kind=branch",
    "ballots": "seats=5&due=30&voting=31",
    "year": "year=2026&groups=1",
    "development": "applied=2025-01-10&activist=2025-06-01",
    "probation": "meeting=2025-11-01",
    "dues": "kind=monthly&income=4800",
    "arrears": "paid=2026-04&reason=没有正当理由&kind=monthly&income=4800",
    "transfer": "move=工作单位变动&moved=2026-11-01",
    "mobile": "kind=国内外出&left=2026-01-31",
    "lost": "last=2026-01-31&stopped=2026-08-01",
    "disposal": "kind=rectify&decided=2026-08-31",
    "hours": "done=10",
    "terms": "term=notice&since=2026-11-16",
}


@pytest.mark.parametrize("slug", sorted(registry.TOOLS))
def test_every_tool_answers_with_its_clauses(client: FlaskClient, slug: str) -> None:
    html = page(
        client,
        f"/tools/{slug}?{FILLED[slug]}&today=2026-11-21"
        if slug not in ("ballots", "dues")
        else f"/tools/{slug}?{FILLED[slug]}",
    )
    assert 'class="result"' in html and "依据的条款" in html and 'class="badge grade"' in html
    assert "style=" not in html and "<script>" not in html


def test_the_address_is_short_and_in_order(client: FlaskClient) -> None:
    answer = client.get("/tools/election?kind=branch&start=2023-12-31&meeting=&motion=90&request=45&x=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/tools/election?start=2023-12-31&kind=branch&request=45"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("/tools/election?kind=branch", "请填写“本届任期起算日”"),
        ("/tools/election?start=&kind=", "请填写“本届任期起算日”"),
        ("/tools/election?start=2023-02-29&kind=branch", "没有这一天"),
        ("/tools/election?start=2023-01-01&kind=nothing", "从列出的选项里选"),
        ("/tools/election?start=2023-01-01&kind=branch&request=900", "请在0到365之间"),
        ("/tools/dues?kind=monthly&income=-5", "请写成 4800"),
        ("/tools/probation?meeting=2025-01-01&extension=5", "请在6到12之间"),
        ("/tools/development?applied=2025-01-01&off=国庆节", "请写成 2026-08-01"),
    ],
)
def test_mistakes_are_said_by_field(client: FlaskClient, url: str, message: str) -> None:
    html = page(client, url, 422)
    assert message in html and 'role="alert"' in html and 'aria-invalid="true"' in html
    assert client.get(url.replace("?", ".ics?")).status_code == 302


def test_what_was_typed_stays_and_is_escaped(client: FlaskClient) -> None:
    html = page(client, "/tools/election?start=%3Cscript%3Ealert(1)%3C/script%3E&kind=branch", 422)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html and "<script>alert" not in html


def test_election(client: FlaskClient) -> None:
    html = page(client, ELECTION)
    assert "2026年12月31日届满，还有213天" in html and "2026年6月30日" in html and "2027年12月31日" in html
    assert 'href="/policies/election-regulation#a3"' in html and "据条文摘录" in html and "本库建议" in html
    assert "应当启动" in page(client, ELECTION.replace("2026-06-01", "2026-06-30"))
    assert "超期1天" in page(client, ELECTION.replace("2026-06-01", "2027-01-01"))
    assert "2028年12月31日" in page(client, ELECTION.replace("branch", "village"))


def test_dues_explains_the_bracket(client: FlaskClient) -> None:
    html = page(client, "/tools/dues?kind=monthly&income=3000.01")
    assert "每月交30.00元" in html and "3,000.01 × 1% = 30.00元" in html
    row = html[html.index('class="here"') :]
    assert row.index("超过3000元、不超过5000元") < row.index("</tr>")
    assert 'href="/policies/dues-regulation#a2"' in html
    assert "每月交15.00元" in page(client, "/tools/dues?kind=monthly&income=3000")
    assert "请再填每月收入" in page(client, "/tools/dues?kind=retired")
    assert "0.20元至1.00元" in page(client, "/tools/dues?kind=farmer")


def test_arrears_says_what_the_branch_owes(client: FlaskClient) -> None:
    html = page(
        client, "/tools/arrears?paid=2026-04&reason=没有正当理由&kind=monthly&income=4800&today=2026-11-21"
    )
    assert "连续6个月未交" in html and "288.00元" in html and "支部大会讨论决定除名" in html
    assert "据公开摘要" in html  # the notice to the committee before proceedings
    early = page(client, "/tools/arrears?paid=2026-08&reason=没有正当理由&today=2026-11-21")
    assert "连续2个月未交" in early and "讨论决定除名" not in early


def test_development_tells_what_is_overdue(client: FlaskClient) -> None:
    html = page(client, "/tools/development?applied=2025-01-10&activist=2025-06-01&today=2026-11-21")
    assert "今天已超期：下一次半年考察（最迟2025年12月1日）" in html and "没有填日期" in html
    fresh = page(client, "/tools/development?applied=2026-11-21&today=2026-11-21")
    assert "没有超期" in fresh and "最早推算到2027年11月21日" in fresh


def test_holidays_are_the_users(client: FlaskClient) -> None:
    url = "/tools/terms?term=notice&since=2026-09-30&today=2026-09-30"
    assert "2026年10月7日" in page(client, url)
    assert "2026年10月13日" in page(client, url + "&off=2026-10-01至2026-10-07&on=2026-10-10") or "302"
    ordered = (
        "/tools/terms?term=notice&since=2026-09-30&off=2026-10-01至2026-10-07&on=2026-10-10&today=2026-09-30"
    )
    assert "2026年10月13日" in page(client, ordered)


def events(client: FlaskClient, url: str) -> dict[str, icalendar.Event]:
    answer = client.get(url)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/calendar")
    assert "attachment" in answer.headers["Content-Disposition"]
    found = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    return {str(event["UID"]): event for event in found}


def test_calendar_of_a_term(client: FlaskClient) -> None:
    found = events(client, ELECTION.replace("?", ".ics?") + "&name=一支部")
    by_name = {str(event["SUMMARY"]): event for event in found.values()}
    end = by_name["一支部：任期届满"]
    assert str(end.decoded("DTSTART")) == "2026-12-31" and "依据：" in end["DESCRIPTION"]
    assert "一支部：最迟：选举大会" in by_name and "一支部：建议：报换届请示" in by_name
    assert not any("延期的极限" in name for name in by_name)
    assert len(end.walk("VALARM")) == 2 and "/tools/election?start=2023-12-31" in end["URL"]


def test_calendar_keeps_its_events_when_a_date_changes(client: FlaskClient) -> None:
    first = events(client, "/tools/election.ics?start=2023-12-31&kind=branch&today=2026-06-01")
    second = events(
        client, "/tools/election.ics?start=2023-12-31&kind=branch&meeting=2026-12-20&today=2026-06-02"
    )
    other = events(client, "/tools/election.ics?start=2024-01-01&kind=branch&today=2026-06-01")
    assert set(first) == set(second) and not set(first) & set(other)


def test_calendar_leaves_out_the_past_and_what_is_only_reckoned(client: FlaskClient) -> None:
    found = events(client, "/tools/development.ics?applied=2026-11-01&today=2026-11-21")
    assert [str(event["SUMMARY"]) for event in found.values()] == ["最迟：派人同申请人谈话"]
    gone = client.get("/tools/election.ics?start=2015-12-31&kind=branch&today=2026-06-01")
    assert gone.status_code == 302 and gone.headers["Location"].startswith("/tools/election?")
    assert (
        ".ics"
        not in page(client, "/tools/election?start=2015-12-31&kind=branch&today=2026-06-01")
        .split("<main")[1]
        .split("怎么算的")[0]
    )


def test_unknown_tools_are_not_found(client: FlaskClient) -> None:
    assert client.get("/tools/nope").status_code == 404 and client.get("/tools/nope.ics").status_code == 404


def test_entries_lead_to_their_tools_and_back(client: FlaskClient) -> None:
    for url, slug in (
        ("/problems/dues-overdue", "arrears"),
        ("/handbook/hb-election", "election"),
        ("/policies/dues-regulation", "dues"),
        ("/cases/case-election-reminder", "election"),
    ):
        assert f'href="/tools/{slug}"' in page(client, url)
    assert 'href="/problems/dues-overdue"' in page(client, "/tools/arrears")
    assert "算一算：" not in page(client, "/problems/rules-outdated")


def test_tools_belong_to_entries_that_exist() -> None:
    known = set(Store((REPOSITORY,), None).files()[0])
    assert {entry for tool in registry.TOOLS.values() for entry in tool.entries} <= known
