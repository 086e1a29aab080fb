"""Who may go where: every address, every role, open and closed reading, exactly as the table says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from search_app import access, create_app
from search_app.access import ALWAYS, READING, ROUTES, Person, Role
from tests.search_app.sites import CHEAP, Site, address_of, send, token


def rules(app: Flask) -> list[tuple[Rule, str]]:
    """Every address with every way of calling it."""
    ways = {"GET", "POST"}
    return [
        (rule, way) for rule in app.url_map.iter_rules() for way in sorted(ways & (rule.methods or set()))
    ]


def expected(endpoint: str, role: Role, *, open_reading: bool) -> bool:
    """What the table says, read without the code that enforces it."""
    needed = ROUTES[endpoint]
    if needed == ALWAYS:
        return True
    if needed == READING:
        return open_reading or role != Role.GUEST
    return role >= Role(needed)  # type: ignore[arg-type]


def reached(client: FlaskClient, form_token: str, rule: Rule, way: str) -> str:
    """`in`, `403`, `401`, or `login`."""
    data = {"csrf_token": form_token} if way == "POST" else None
    answer = client.open(address_of(rule), method=way, data=data)
    if answer.status_code == 303 and answer.headers["Location"].startswith("/login"):
        return "login"
    if answer.status_code == 401 and 'action="/login"' in answer.text:
        return "login"
    return "in" if answer.text == "reached" else str(answer.status_code)


@pytest.fixture(scope="module", params=[True, False], ids=["open", "closed"])
def sites(request: pytest.FixtureRequest, shared_site: Site) -> tuple[Site, bool]:
    """The shared site, open to guests and closed to them."""
    config = replace(shared_site.config, open_reading=request.param)
    return Site(config, shared_site.library, create_app(config, shared_site.library, CHEAP)), request.param


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_every_address_for_every_role(sites: tuple[Site, bool], role: Role) -> None:
    """Views are replaced by one that says `reached`: what is tested is who gets as far."""
    site, open_reading = sites
    client = site.client(role)
    form_token = token(client)
    views = dict(site.app.view_functions)
    site.app.view_functions.update({endpoint: lambda **_: "reached" for endpoint in views})
    wrong = []
    try:
        for rule, way in rules(site.app):
            if expected(rule.endpoint, role, open_reading=open_reading):
                wanted = "in"
            elif role:
                wanted = "403"
            else:
                wanted = "401" if rule.rule.startswith("/api/") else "login"
            if (got := reached(client, form_token, rule, way)) != wanted:
                wrong.append(f"{way} {rule.rule} ({rule.endpoint}): {got}, the table says {wanted}")
    finally:
        site.app.view_functions.update(views)
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_address_is_in_the_table(shared_site: Site) -> None:
    missing = {rule.endpoint for rule in shared_site.app.url_map.iter_rules()} - ROUTES.keys()
    assert not missing, f"say in access.ROUTES who may use {sorted(missing)}"


def test_the_table_lists_nothing_that_is_gone(shared_site: Site) -> None:
    gone = ROUTES.keys() - shared_site.app.view_functions.keys()
    assert not gone, f"access.ROUTES lists {sorted(gone)}, which no page has"


def test_addresses_are_read_or_posted_to_and_nothing_else(shared_site: Site) -> None:
    usual = {"GET", "HEAD", "OPTIONS", "POST"}
    assert {
        rule.rule for rule in shared_site.app.url_map.iter_rules() if (rule.methods or set()) - usual
    } == set()


def test_what_nobody_listed_is_closed_to_everybody(shared_site: Site) -> None:
    app = create_app(shared_site.config, shared_site.library, CHEAP)
    app.add_url_rule("/secret", "secret", lambda: "reached")
    site = Site(shared_site.config, shared_site.library, app)
    assert site.client(Role.ADMIN).get("/secret").status_code == 403
    assert site.client().get("/secret").headers["Location"] == "/login?next=/secret"
    for role in Role:
        assert not access.allows("secret", Person(1, "x", "x", role), open_reading=True)


def test_where_reading_is_closed_guests_get_the_way_in_and_programs_a_401(shared_site: Site) -> None:
    config = replace(shared_site.config, open_reading=False)
    site = Site(config, shared_site.library, create_app(config, shared_site.library, CHEAP))
    guest = site.client()
    answer = guest.get("/search?q=党费&kind=case")
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/login?next=/search?q%3D")
    assert "党费逾期" not in guest.get("/problems/dues-overdue", follow_redirects=True).text
    plain = guest.get("/api/v1/search?q=党费")
    assert plain.status_code == 401 and plain.json == {"error": "这里只对本单位的成员开放，请先登录。"}
    assert guest.get("/healthz").status_code == 200
    assert site.client(Role.MEMBER).get("/problems/dues-overdue").status_code == 200


def test_a_spoilt_token_opens_nothing_where_reading_is_closed(shared_site: Site) -> None:
    """The token is checked before the role: what it answers must not show what guests may not read."""
    config = replace(shared_site.config, open_reading=False)
    guest = Site(config, shared_site.library, create_app(config, shared_site.library, CHEAP)).client()
    title = shared_site.library.get("dues-overdue").title
    for rule, way in rules(shared_site.app):
        if way == "POST":
            sent = {
                "csrf_token": "wrong",
                "entry": "dues-overdue",
                "entry_id": "dues-overdue",
                "useful": "yes",
            }
            assert title not in guest.post(address_of(rule), data=sent).text, rule.rule


def test_forbidden_pages_say_so_in_words(shared_site: Site) -> None:
    answer = shared_site.client(Role.REVIEWER).get("/admin/users")
    assert answer.status_code == 403 and "不对您开放" in answer.text
    assert (
        send(shared_site.client(Role.MEMBER), "/admin/settings", {"single-editor": "on"}).status_code == 403
    )


def test_every_page_of_somebody_logged_in_stays_out_of_caches(shared_site: Site) -> None:
    client = shared_site.client(Role.ADMIN)
    for page in (
        "/",
        "/problems/dues-overdue",
        "/me",
        "/admin/users",
        "/api/v1/stats",
        "/nope",
        "/admin/audit",
    ):
        answer = client.get(page)
        assert answer.headers["Cache-Control"] == "no-store" and "Cookie" in answer.headers["Vary"], page
    style = client.get("/static/style.css")
    assert "no-store" not in style.headers.get("Cache-Control", "")
    assert "Cookie" not in style.headers.get("Vary", "")
    style.close()
