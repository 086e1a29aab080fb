"""The way in and out: passwords, cookies that really end, waits for guessers, and nothing typed is lost."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search_app import account_menu, accounts, create_app, devices, people, throttle
from search_app.access import Person, Role
from search_app.config import Config
from tests.search_app.sites import CHEAP, PASSWORD, Site, send, token, with_own_state

NEW = "门前三棵老槐树 2026"


@pytest.fixture
def site(shared_site: Site, tmp_path: Path) -> Site:
    """Accounts and audit log of one's own."""
    return with_own_state(shared_site, tmp_path)


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("kb")
    assert found
    return found.value


def with_cookie(site: Site, value: str) -> FlaskClient:
    client = site.app.test_client()
    client.set_cookie("kb", value)
    return client


def logged_in(client: FlaskClient) -> bool:
    return client.get("/me").status_code == 200


def verbs(site: Site) -> list[tuple[str, str, str]]:
    return [(r.who, r.what, r.target) for r in site.services.audit.records()]


def test_the_way_in_leads_where_one_wanted_to_go(site: Site) -> None:
    site.add_user("zhang", Role.MEMBER)
    client = site.client()
    page = client.get("/me", follow_redirects=True)
    assert 'name="next" value="/me"' in page.text and 'autocomplete="current-password"' in page.text
    answer = send(client, "/login", {"name": " ZHANG ", "password": PASSWORD, "next": "/me"})
    assert answer.status_code == 303 and answer.headers["Location"] == "/me"
    assert "zhang同志" in client.get("/").text and "退出" in client.get("/").text
    assert client.get("/login?next=/browse").headers["Location"] == "/browse"
    assert verbs(site) == [("zhang", "login", "zhang")]


def test_wrong_name_and_wrong_password_read_the_same(site: Site) -> None:
    site.add_user("zhang", Role.MEMBER)
    answers = []
    for name in ("zhang", "hunter2-typed-in-the-wrong-field"):
        client = site.client()
        answer = send(client, "/login", {"name": name, "password": "wrong-horse"})
        assert (
            answer.status_code == 401
            and "登录名或密码不对" in answer.text
            and f'value="{name}"' in answer.text
        )
        answers.append(re.sub(r'value="[^"]*"', "", answer.text))
        assert not logged_in(client) and "wrong-horse" not in answer.text
    assert answers[0] == answers[1]
    assert verbs(site) == [("", "login-failed", "zhang"), ("", "login-failed", "")]


@pytest.mark.parametrize(
    "target",
    (
        *(
            "//evil.example",
            "https://evil.example/",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
        ),
        *("/x\r\nSet-Cookie: a=b", "evil.example", "", "/\t/evil.example", "///evil.example", "http:evil.ex"),
    ),
)
def test_nobody_is_led_away_after_login(shared_site: Site, target: str) -> None:
    shared_site.add_user("zhang", Role.MEMBER)
    data = {"name": "zhang", "password": PASSWORD, "next": target}
    assert send(shared_site.client(), "/login", data).headers["Location"] == "/"


def test_chinese_addresses_survive_the_way_in(shared_site: Site) -> None:
    target = "/search?q=党费&kind=case"
    with shared_site.app.test_request_context():
        assert accounts.own_path(target) == target


def test_cookies_are_careful(site: Site) -> None:
    site.add_user("zhang", Role.MEMBER)
    client = site.client()
    data = {"name": "zhang", "password": PASSWORD}
    plain = send(client, "/login", data).headers["Set-Cookie"]
    assert (
        plain.startswith("kb=") and "HttpOnly" in plain and "SameSite=Lax" in plain and "Secure" not in plain
    )
    assert "Expires" not in plain, "it goes with the browser"
    safe = site.app.test_client()
    page = safe.get("/login", base_url="https://localhost")
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    headers = {"Referer": "https://localhost/login"}
    answer = safe.post(
        "/login", data=data | {"csrf_token": found[1]}, base_url="https://localhost", headers=headers
    )
    assert answer.status_code == 303
    assert answer.headers["Set-Cookie"].startswith("__Host-kb=") and "Secure" in answer.headers["Set-Cookie"]


def test_login_gives_a_new_token_and_ends_the_old_session(site: Site) -> None:
    client = site.client(Role.MEMBER)
    before = cookie(client)
    guest_token = token(site.client())
    data = {"name": "member", "password": PASSWORD}
    assert send(client, "/login", data).status_code == 303 and cookie(client) != before
    assert not logged_in(with_cookie(site, before)) and logged_in(client)
    assert client.post("/logout", data={"csrf_token": guest_token}).status_code == 400


def test_logging_out_really_ends_it(site: Site) -> None:
    client = site.client(Role.MEMBER)
    before = cookie(client)
    assert logged_in(with_cookie(site, before))
    assert send(client, "/logout").status_code == 303
    assert not logged_in(client)
    replayed = with_cookie(site, before).get("/me")
    assert replayed.status_code == 303 and replayed.headers["Location"] == "/login?next=/me"
    assert client.get("/logout").status_code == 405


def test_disabling_ends_every_session_at_once(site: Site) -> None:
    one, two = site.client(Role.MEMBER), site.client(Role.MEMBER)
    people.disable(site.services, "test", site.services.accounts.named("member"))
    assert not logged_in(one) and not logged_in(two)
    answer = send(site.client(), "/login", {"name": "member", "password": PASSWORD})
    assert answer.status_code == 401 and "登录名或密码不对" in answer.text
    people.enable(site.services, "test", site.services.accounts.named("member"))
    assert not logged_in(one), "an old cookie does not come back to life"


def test_another_role_holds_at_once(site: Site) -> None:
    client = site.client(Role.REVIEWER)
    people.set_role(site.services, "test", site.services.accounts.named("reviewer"), Role.ADMIN)
    assert client.get("/admin/users").status_code == 200
    site.add_user("other", Role.ADMIN)
    people.set_role(site.services, "test", site.services.accounts.named("reviewer"), Role.MEMBER)
    assert client.get("/admin/users").status_code == 403


def change(client: FlaskClient, old: str = PASSWORD, new: str = NEW, again: str | None = None, **more: str):  # type: ignore[no-untyped-def]
    return send(
        client, "/me/password", {"old": old, "new": new, "again": new if again is None else again} | more
    )


def test_another_password_ends_the_other_sessions_and_changes_this_token(site: Site) -> None:
    here, there = site.client(Role.MEMBER), site.client(Role.MEMBER)
    before = cookie(here)
    answer = change(here)
    assert answer.status_code == 303 and answer.headers["Location"] == "/me?done=password"
    assert logged_in(here) and not logged_in(there) and not logged_in(with_cookie(site, before))
    assert send(site.client(), "/login", {"name": "member", "password": PASSWORD}).status_code == 401
    assert send(site.client(), "/login", {"name": "member", "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        ({"old": "wrong-horse"}, 401, "现在的密码不对"),
        ({"new": "short"}, 422, "至少要 8 个字符"),
        ({"new": "dangjian2026"}, 422, "太常见"),
        ({"new": "member2026"}, 422, "登录名"),
        ({"again": "something else"}, 422, "不一样"),
        ({"new": PASSWORD}, 422, "和现在的一样"),
    ],
)
def test_what_is_wrong_with_a_password_is_said_beside_the_field(
    site: Site, sent: dict[str, str], status: int, message: str
) -> None:
    client = site.client(Role.MEMBER)
    answer = change(client, **sent)
    assert answer.status_code == status and message in answer.text and 'aria-invalid="true"' in answer.text
    assert send(site.client(), "/login", {"name": "member", "password": PASSWORD}).status_code == 303


def one_time_client(site: Site, **more: str) -> tuple[FlaskClient, str, str]:
    """Somebody who has just logged in with a one-time password; the password and the page they got."""
    _, password = people.add(site.services, "test", "newbie", "新同志", Role.REVIEWER)
    client = site.client()
    answer = send(client, "/login", {"name": "newbie", "password": password} | more)
    return client, password, answer.text


def test_a_one_time_password_must_be_changed_first(site: Site) -> None:
    client, password, page = one_time_client(site, next="/problems/dues-overdue")
    assert "请先换成自己的密码" in page and "一次性密码" in page
    for address in ("/", "/search?q=党费", "/problems/dues-overdue"):
        answer = client.get(address)
        assert answer.status_code == 303 and answer.headers["Location"] == "/me/password"
    assert client.get("/api/v1/stats").status_code == 403
    client.get("/static/style.css").close()
    answer = change(client, old=password, next="/problems/dues-overdue")
    assert answer.status_code == 303 and answer.headers["Location"] == "/problems/dues-overdue"
    assert client.get("/problems/dues-overdue").status_code == 200


def test_what_was_being_sent_when_the_session_ended_waits_in_the_login_form(site: Site) -> None:
    client = site.client(Role.MEMBER)
    form_token = token(client)
    site.services.sessions.end_all(site.services.accounts.named("member").id)
    typed = '第一行\r\n第二行 <b>"引号"</b> &amp;'
    stopped = client.post("/me/name", data={"csrf_token": form_token, "display": typed, "x": ["1", "2"]})
    assert stopped.status_code == 401 and "都留着" in stopped.text
    hidden = fields(stopped.text)
    assert json.loads(hidden["kept"]) == [["display", typed], ["x", "1"], ["x", "2"]]
    wrong = client.post("/login", data=hidden | {"name": "member", "password": "wrong-horse"})
    assert wrong.status_code == 401 and fields(wrong.text)["kept"] == hidden["kept"]
    resumed = client.post("/login", data=hidden | {"name": "member", "password": PASSWORD})
    assert resumed.status_code == 200 and "接着提交" in resumed.text and 'action="/me/name"' in resumed.text
    assert fields(resumed.text)["display"] == typed and resumed.text.count('name="x"') == 2
    done = client.post("/me/name", data=fields(resumed.text))
    assert done.status_code == 303
    assert site.services.accounts.named("member").display == '第一行 第二行 <b>"引号"</b> &amp;'[:30]


def fields(page: str) -> dict[str, str]:
    """Hidden fields of the form in the page's main part."""
    main = page[page.index("<main") :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main)
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.parametrize("text", ["{", "[1]", "[[1,2,3]]", "null", "7", '"x"', '{"a":1}', "[" * 100_000])
def test_nonsense_in_the_waiting_field_is_nothing(text: str) -> None:
    assert accounts.kept(text) == []


def test_guessing_takes_ever_longer_and_others_are_not_locked_out(site: Site) -> None:
    site.add_user("zhang", Role.MEMBER)
    site.add_user("li-si", Role.MEMBER)
    guesser = site.client()
    tries = [send(guesser, "/login", {"name": "zhang", "password": f"guess-{n}"}) for n in range(7)]
    assert [answer.status_code for answer in tries] == [401] * 5 + [429] * 2
    stopped = tries[-1]
    assert "输错的次数太多了，请在" in stopped.text and 0 < int(stopped.headers["Retry-After"]) <= 61
    assert 'value="zhang"' in stopped.text, "the name typed is still there"
    assert send(guesser, "/login", {"name": "ZHANG", "password": PASSWORD}).status_code == 429
    assert send(guesser, "/login", {"name": "li-si", "password": PASSWORD}).status_code == 303
    elsewhere = site.app.test_client()
    answer = elsewhere.post(
        "/login",
        data={"csrf_token": token(elsewhere), "name": "zhang", "password": PASSWORD},
        environ_base={"REMOTE_ADDR": "10.0.0.2"},
    )
    assert answer.status_code == 303, "the owner, elsewhere, gets in"
    failed = [line for line in verbs(site) if line[1] == "login-failed"]
    assert len(failed) == 5, "waiting is not written down: nobody floods the log"


def test_one_address_cannot_try_everybody(site: Site) -> None:
    client = site.client()
    form_token = token(client)
    codes = [
        client.post(
            "/login", data={"csrf_token": form_token, "name": f"user{n}", "password": "x"}
        ).status_code
        for n in range(32)
    ]
    assert codes == [401] * 30 + [429] * 2


def test_right_passwords_are_not_counted(site: Site) -> None:
    for _ in range(8):
        site.client(Role.MEMBER)


def test_waits_grow_and_none_lasts_for_ever() -> None:
    assert re.findall(r"per (.*?)(?:;|$)", throttle.PER_PERSON) == ["minute", "10 minutes", "hour"]
    assert throttle.in_words(45) == "45 秒" and throttle.in_words(61) == throttle.in_words(120) == "2 分钟"


def test_the_old_password_cannot_be_guessed_either(site: Site) -> None:
    client = site.client(Role.MEMBER)
    codes = [change(client, old=f"guess-{n}").status_code for n in range(6)]
    assert codes == [401] * 5 + [429]
    assert "输错的次数太多了" in change(client).text


def test_my_page_shows_where_i_am_logged_in_and_ends_it(site: Site) -> None:
    here, there = site.client(Role.MEMBER), site.client(Role.MEMBER)
    page = here.get("/me", headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/130 Edg/130"})
    assert page.text.count("登录 · 127.0.0.1") == 2 and page.text.count("本机") == 1
    assert send(here, "/me/sessions", {"which": "others"}).headers["Location"] == "/me?done=sessions"
    assert logged_in(here) and not logged_in(there)
    again = site.client(Role.MEMBER)
    assert send(here, "/me/sessions", {"which": "all"}).headers["Location"] == "/login"
    assert not logged_in(here) and not logged_in(again)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/130 Safari/537 Edg/130",
            "Windows 上的 Edge",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604 MicroMessenger/8",
            "苹果手机 上的 微信",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Linux 上的 Firefox"),
        ("curl/8.0", "未知设备"),
        ("", "未知设备"),
    ],
)
def test_devices_in_words(agent: str, words: str) -> None:
    assert devices.describe(agent) == words


def test_no_form_gives_a_role(site: Site) -> None:
    """Mass assignment: whatever else is sent along changes nothing."""
    client = site.client(Role.MEMBER)
    extra = {
        "role": "admin",
        "must_change": "",
        "disabled": "",
        "id": "1",
        "person": "admin",
        "name": "admin",
    }
    assert send(client, "/me/name", {"display": "张三"} | extra).status_code == 303
    assert change(client, **extra).status_code == 303
    assert send(client, "/login", extra | {"name": "member", "password": NEW}).status_code == 303
    account = site.services.accounts.named("member")
    assert (account.role, account.display, account.name) == (Role.MEMBER, "张三", "member")
    assert client.get("/admin/users").status_code == 403


def test_reading_sets_no_cookie_even_where_the_database_cannot_be_opened(site: Site, tmp_path: Path) -> None:
    client = site.client(Role.MEMBER)
    value = cookie(client)
    config = replace(site.config, database=f"sqlite:///{tmp_path}")
    broken = Site(config, site.library, create_app(config, site.library, CHEAP))
    for reader in (broken.client(), with_cookie(broken, value)):
        for address in ("/", "/search?q=党费", "/problems/dues-overdue", "/api/v1/stats"):
            answer = reader.get(address)
            assert answer.status_code == 200 and "Set-Cookie" not in answer.headers, address
    answer = broken.client().get("/login")
    assert answer.status_code == 503 and "KB_DATABASE" in answer.text


def test_other_names_than_ours_are_refused_where_they_are_set(site: Site) -> None:
    config = replace(site.config, hosts=("kb.example.cn", ".dang.example.cn"))
    client = create_app(config, site.library, CHEAP).test_client()
    for host, status in (("kb.example.cn", 200), ("x.dang.example.cn", 200), ("evil.example", 400)):
        assert client.get("/", base_url=f"http://{host}").status_code == status, host


def test_settings_of_this_part_come_from_the_environment() -> None:
    config = Config.from_env(
        {"KB_HOSTS": "a.cn, b.cn", "KB_READING": "members", "KB_DATABASE": "postgresql://u:geheim@h/d"}
    )
    assert config.hosts == ("a.cn", "b.cn") and not config.open_reading
    assert "geheim" not in str(config.told()) and ("KB_DATABASE", "postgresql") in config.told()
    assert Config.from_env({}).open_reading and Config.from_env({}).hosts == ()
    assert not Config.from_env({"KB_READING": "member"}).open_reading, (
        "a slip of the pen closes, it never opens"
    )


def test_the_menu_shows_what_one_may_do() -> None:
    endpoints = {"/me": "accounts.me", "/admin/users": "administration.users", "/review": "api.healthz"}
    labels = {
        role: [item.label for item in account_menu.items(Person(1, "x", "x", role), endpoints, 3)]
        for role in Role
    }
    assert labels[Role.MEMBER] == ["审核", "我的账号"] and labels[Role.ADMIN] == ["审核", "账号", "我的账号"]
    items = account_menu.items(Person(1, "x", "x", Role.ADMIN), endpoints, 3)
    assert [item.count for item in items] == [3, 0, 0]


def test_the_command_line_reads_without_flask() -> None:
    program = "import sys, search_app.cli; print(sorted({'flask', 'sqlalchemy', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
