"""What holds for every page: headers, errors, settings."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from kb.errors import EntryConflict, InvalidEntry, SetupError
from kb.types import Finding
from search_app import create_app
from search_app.access import Role
from search_app.config import STARTER_CONTENT, Config
from search_app.security import CONTENT_SECURITY_POLICY
from tests.search_app.sites import CHEAP, Site, address_of

PAGES = ("/", "/search?q=党费", "/login", "/problems/dues-overdue", "/nope")


@pytest.mark.parametrize("address", (*PAGES, "/static/style.css", "/api/v1/search?q=x", "/healthz"))
def test_every_answer_has_the_headers(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    answer.close()
    headers = answer.headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", PAGES)
def test_no_page_has_inline_script_style_or_foreign_addresses(client: FlaskClient, address: str) -> None:
    html = client.get(address).text
    assert "<style" not in html and " style=" not in html and " onclick=" not in html
    assert html.count("<script") == html.count('<script src="/static/') > 0 and "</script>" in html
    assert re.search(r'<script src="/static/app.js\?v=[0-9a-f]{12}" defer></script>', html)
    assert '<html lang="zh-CN">' in html and 'href="#main"' in html and html.count("<h1") == 1


def test_reading_sets_no_cookie_and_the_form_a_careful_one(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/").headers
    cookie = client.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_every_post_needs_a_token(shared_site: Site) -> None:
    """Also those of an administrator: the token is asked for before anything else."""
    client = shared_site.client(Role.ADMIN)
    writing = {"POST", "PUT", "PATCH", "DELETE"}
    posts = [rule for rule in shared_site.app.url_map.iter_rules() if writing & (rule.methods or set())]
    assert len(posts) > 10 and {"/login", "/logout", "/admin/users"} <= {rule.rule for rule in posts}
    for rule in posts:
        answer = client.post(address_of(rule), data={"csrf_token": "wrong"})
        assert answer.status_code in (400, 404), rule.rule
    assert client.get("/me").status_code == 200, "nobody was logged out by it"


def broken(site: Site, error: Exception) -> FlaskClient:
    """A reader of an application two pages of which fail."""
    app = create_app(site.config, site.library, CHEAP)
    for endpoint in ("help.overview", "api.stats"):
        app.view_functions[endpoint] = lambda: (_ for _ in ()).throw(error)
    return app.test_client()


def test_a_bug_gives_a_number_and_no_trace(shared_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    client = broken(shared_site, ZeroDivisionError("secret detail"))
    answer = client.get("/help")
    assert answer.status_code == 500 and "secret detail" not in answer.text and "Traceback" not in answer.text
    number = answer.text.split('class="number">')[1].split("<")[0]
    assert number in caplog.text and "secret detail" in caplog.text
    data = client.get("/api/v1/stats").json
    assert data and len(data["number"]) == 8


def test_a_conflict_shows_both_texts(shared_site: Site) -> None:
    answer = broken(shared_site, EntryConflict("dues-overdue", "他们的<b>文字", "我的<i>文字")).get("/help")
    assert answer.status_code == 409
    assert "他们的&lt;b&gt;文字" in answer.text and "我的&lt;i&gt;文字" in answer.text


def test_known_errors_have_their_pages(shared_site: Site) -> None:
    answer = broken(shared_site, InvalidEntry((Finding("x", "缺少标题"),))).get("/help")
    assert answer.status_code == 422 and "<li>缺少标题</li>" in answer.text
    answer = broken(shared_site, SetupError("磁盘满了，请清理")).get("/help")
    assert answer.status_code == 503 and "磁盘满了，请清理" in answer.text
    assert shared_site.app.test_client().post("/").status_code == 405


def test_trouble_while_refreshing_does_not_stop_reading(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise SetupError("索引写不进")

    monkeypatch.setattr(site.library, "refresh_if_due", fail)
    assert site.app.test_client().get("/problems/dues-overdue").status_code == 200


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    default = Config.from_env({})
    assert default.roots == (STARTER_CONTENT,) and default.index == Path("local/.kb/index")
    local = tmp_path / "own"
    config = Config.from_env({"KB_LOCAL": str(local), "KB_SITE_NAME": "某党委", "KB_ENCODER": "none"})
    assert config.index == local / ".kb/index" and config.site_name == "某党委"
    assert config.encoder == "none"
    assert config.settings().local == local


def test_the_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    config = Config.from_env({"KB_LOCAL": str(tmp_path)})
    secret = config.secret()
    path = tmp_path / ".kb/secret"
    assert len(secret) == 64 and config.secret() == secret and path.read_text() == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("short")
    assert len(config.secret()) == 64 and config.secret() != "short"


def test_two_applications_do_not_share_settings(site: Site, shared_site: Site) -> None:
    assert isinstance(site.app, Flask) and site.app is not shared_site.app
    assert site.app.config["SECRET_KEY"] == site.config.secret_key


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` or `#rgb`, as WCAG defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: int) -> None:
    """4.5 to 1 at least, for every text colour on every ground it is used on."""
    css = (STARTER_CONTENT / "search_app/static/style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{([^}]+)\}", css)[:2]
    palette = dict(re.findall(r"--([\w-]+): (#\w+);", blocks[scheme]))
    grounds = {
        "ink": ("paper", "ground", "shade", "red-wash", "gold-wash", "mark"),
        "ink-soft": ("paper", "ground", "shade", "gold-wash"),
        "red": ("paper", "ground"),
        "red-deep": ("paper", "ground", "shade", "red-wash", "gold-wash", "mark"),
        "gold": ("paper", "ground", "gold-wash"),
        "green": ("paper", "green-wash"),
        "blue": ("paper", "blue-wash"),
        "on-red": ("red", "red-deep"),
    }
    for text, behind in grounds.items():
        for ground in behind:
            light, dark = sorted((luminance(palette[text]), luminance(palette[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


def test_forwarded_headers_are_believed_only_behind_our_own_servers(shared_site: Site) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.9.8.7"}
    for proxies, expected in ((0, ("http", "127.0.0.1")), (1, ("https", "10.9.8.7"))):
        app = create_app(replace(shared_site.config, proxies=proxies), shared_site.library, CHEAP)
        seen = []
        app.before_request(lambda seen=seen: seen.append((request.scheme, request.remote_addr)))
        app.test_client().get("/healthz", headers=told)
        assert seen == [expected]
    assert [Config.from_env({"KB_PROXIES": text}).proxies for text in ("2", "", "x", "-1", "99")] == [
        2,
        0,
        0,
        0,
        0,
    ]
