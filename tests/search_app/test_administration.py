"""What an administrator sees and does, on the page and from the terminal; all of it in the audit log."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from search_app import cli_accounts
from search_app.access import Role
from search_app.cli import main
from search_app.passwords import Passwords
from search_app.state.base import StateUnavailable
from search_app.state.settings import SINGLE_EDITOR
from tests.search_app.sites import PASSWORD, Site, send, with_own_state

ONE_TIME = re.compile(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}")


@pytest.fixture
def site(shared_site: Site, tmp_path: Path) -> Site:
    """Accounts and audit log of one's own."""
    return with_own_state(shared_site, tmp_path / "local")


def last(site: Site) -> tuple[str, str, str, str, str]:
    record = site.services.audit.records()[-1]
    return record.who, record.what, record.target, record.before, record.after


def number(site: Site, name: str) -> int:
    return site.services.accounts.named(name).id


def test_a_new_account_gets_a_password_that_is_shown_once(site: Site) -> None:
    admin = site.client(Role.ADMIN)
    data = {"name": "WangFang", "display": "王芳", "role": "reviewer"}
    answer = send(admin, "/admin/users", data)
    found = ONE_TIME.search(answer.text)
    assert answer.status_code == 200 and found and answer.headers["Cache-Control"] == "no-store"
    assert last(site) == ("admin", "user-added", "wangfang", "", "reviewer")
    assert found[0] not in admin.get("/admin/users").text
    for path in site.config.local.rglob("*"):
        assert not path.is_file() or found[0].encode() not in path.read_bytes(), path
    entered = send(site.client(), "/login", {"name": "wangfang", "password": found[0]})
    assert entered.status_code == 200 and "请先换成自己的密码" in entered.text
    page = admin.get("/admin/users").text
    assert "还没换密码" in page and "王芳" in page and "审核员" in page


@pytest.mark.parametrize("name", ["", "admin", "a", "<script>alert(1)</script>", "guest"])
def test_a_name_that_will_not_do_is_said_and_nothing_typed_is_lost(site: Site, name: str) -> None:
    admin = site.client(Role.ADMIN)
    answer = send(admin, "/admin/users", {"name": name, "display": "王 芳", "role": "reviewer"})
    assert (
        answer.status_code == 422
        and 'aria-invalid="true"' in answer.text
        and "<script>alert" not in answer.text
    )
    assert 'value="王 芳"' in answer.text and 'value="reviewer" checked' in answer.text
    assert len(site.services.accounts.all()) == 1 and not ONE_TIME.search(answer.text)


def test_an_unheard_of_role_gives_the_least(site: Site) -> None:
    send(site.client(Role.ADMIN), "/admin/users", {"name": "zhang", "role": "superuser"})
    assert site.services.accounts.named("zhang").role is Role.MEMBER


def test_role_disabling_enabling_and_a_new_password(site: Site) -> None:
    admin, zhang = site.client(Role.ADMIN), site.client(Role.MEMBER, "zhang")
    there = f"/admin/users/{number(site, 'zhang')}"
    assert send(admin, f"{there}/role", {"role": "reviewer"}).headers["Location"] == "/admin/users?done=zhang"
    assert last(site) == ("admin", "user-role", "zhang", "member", "reviewer")
    assert send(admin, f"{there}/disable").status_code == 303 and zhang.get("/me").status_code == 303
    assert (
        last(site)[:3] == ("admin", "user-disabled", "zhang") and "已停用" in admin.get("/admin/users").text
    )
    assert send(admin, f"{there}/enable").status_code == 303
    assert last(site)[:3] == ("admin", "user-enabled", "zhang")
    zhang = site.client(Role.REVIEWER, "zhang")
    answer = send(admin, f"{there}/password")
    found = ONE_TIME.search(answer.text)
    assert found and "只显示这一次" in answer.text and zhang.get("/me").status_code == 303
    assert last(site)[:3] == ("admin", "password-reset", "zhang")
    assert send(site.client(), "/login", {"name": "zhang", "password": PASSWORD}).status_code == 401
    assert send(site.client(), "/login", {"name": "zhang", "password": found[0]}).status_code == 200
    gone = send(admin, "/admin/users/999/disable")
    assert gone.status_code == 400 and "没有这个账号" in gone.text


def test_administrators_do_not_take_their_own_rights_away(site: Site) -> None:
    admin = site.client(Role.ADMIN)
    me = f"/admin/users/{number(site, 'admin')}"
    assert f'action="{me}/' not in admin.get("/admin/users").text
    for address, data in ((f"{me}/role", {"role": "member"}), (f"{me}/disable", {})):
        answer = send(admin, address, data)
        assert answer.status_code == 409 and "另一位管理员" in answer.text
    assert site.services.accounts.named("admin").role is Role.ADMIN


def test_nothing_changes_where_the_log_cannot_be_written(site: Site) -> None:
    admin = site.client(Role.ADMIN)
    site.add_user("zhang", Role.MEMBER)
    log = site.config.local / ".kb" / "audit.jsonl"
    log.unlink()
    log.mkdir()
    there = f"/admin/users/{number(site, 'zhang')}"
    assert send(admin, f"{there}/role", {"role": "admin"}).status_code == 503
    answer = send(admin, "/admin/settings", {"single-editor": "on"})
    assert answer.status_code == 503 and "没有做" in answer.text
    assert send(admin, "/admin/users", {"name": "new-one"}).status_code == 503
    assert site.services.accounts.named("zhang").role is Role.MEMBER
    assert not site.services.settings.on(SINGLE_EDITOR) and len(site.services.accounts.all()) == 2


def test_single_editor_mode_warns_and_is_written_down(site: Site) -> None:
    admin = site.client(Role.ADMIN)
    page = admin.get("/admin/settings").text
    assert "没有人把关" in page and 'name="single-editor" value="on">' in page
    assert (
        "KB_DATABASE" in page
        and (site.config.database or "sqlite").split("+")[0] in page
        and site.config.secret_key not in page
    )
    assert send(admin, "/admin/settings", {"single-editor": "on"}).status_code == 303
    assert site.services.settings.on(SINGLE_EDITOR)
    assert last(site) == ("admin", "setting", "single-editor", "off", "on")
    assert 'value="on" checked' in admin.get("/admin/settings?done=on").text
    lines = len(site.services.audit.records())
    send(admin, "/admin/settings", {"single-editor": "on"})
    assert len(site.services.audit.records()) == lines, "no change, no line"
    send(admin, "/admin/settings")
    assert last(site)[3:] == ("on", "off")


def test_the_page_of_the_log_filters_and_gives_its_verdict(site: Site) -> None:
    admin = site.client(Role.ADMIN)
    send(admin, "/admin/users", {"name": "zhang"})
    site.services.audit.append("<b>eve</b>\nforged", "published", "case-1", note="<script>alert(1)</script>")
    page = admin.get("/admin/audit").text
    assert "日志完整" in page and "新建账号" in page and "<b>eve" not in page and "<script>alert" not in page
    only = admin.get("/admin/audit?who=admin&target=zhang").text
    assert "共 1 行" in only and "新建账号" in only and "eve" not in only
    assert "没有符合的记录" in admin.get("/admin/audit?who=nobody").text
    log = site.config.local / ".kb" / "audit.jsonl"
    log.write_text(log.read_text(encoding="utf-8").replace("zhang", "li-si"), encoding="utf-8")
    assert "日志对不上" in admin.get("/admin/audit").text


@pytest.fixture
def kb(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command, on the accounts of `site`; hashing stays cheap through the seam of the desk."""
    monkeypatch.setenv("KB_LOCAL", str(site.config.local))
    monkeypatch.setenv("KB_DATABASE", site.config.database)
    return lambda *words: CliRunner().invoke(main, list(words), catch_exceptions=False)


def test_the_first_account_brings_an_administrator(site: Site, kb: Callable[..., Result]) -> None:
    done = kb("user", "add", "wangfang", "--role", "reviewer", "--display", "王芳")
    found = ONE_TIME.findall(done.output)
    assert done.exit_code == 0 and "登录名 admin" in done.output and len(set(found)) == 2
    rows = {account.name: (account.role, account.must_change) for account in site.services.accounts.all()}
    assert rows == {"admin": (Role.ADMIN, True), "wangfang": (Role.REVIEWER, True)}
    assert send(site.client(), "/login", {"name": "admin", "password": found[0]}).status_code == 200
    assert kb("user", "add", "wangfang").exit_code == 2
    listed = kb("user", "list").output
    assert "wangfang\t王芳\t审核员\t还没换密码" in listed and ONE_TIME.search(listed) is None
    who = {
        record.who.split(":")[0] for record in site.services.audit.records() if record.what == "user-added"
    }
    assert who == {"terminal"}


def test_no_default_account_where_an_administrator_is_asked_for(
    site: Site, kb: Callable[..., Result]
) -> None:
    assert kb("user", "add", "chief", "--role", "admin").exit_code == 0
    assert [account.name for account in site.services.accounts.all()] == ["chief"]


def test_accounts_from_the_terminal(site: Site, kb: Callable[..., Result]) -> None:
    member = site.client(Role.MEMBER, "zhang")
    site.add_user("chief", Role.ADMIN)
    assert (
        "所有设备都已退出" in kb("user", "disable", "ZHANG").output and member.get("/me").status_code == 303
    )
    assert kb("user", "enable", "zhang").exit_code == 0
    member = site.client(Role.MEMBER, "zhang")
    assert ONE_TIME.search(kb("user", "passwd", "zhang").output) and member.get("/me").status_code == 303
    assert "审核员" in kb("user", "role", "zhang", "reviewer").output
    refused = kb("user", "disable", "chief")
    assert refused.exit_code == 2 and "唯一" in refused.output
    unknown = kb("user", "passwd", "nobody-here")
    assert unknown.exit_code == 2 and "没有登录名" in unknown.output


def test_the_first_start_makes_an_administrator_once(site: Site) -> None:
    said: list[str] = []
    cli_accounts.greet(site.services, None, said.append)
    assert ONE_TIME.search(said[-1]) and not site.services.accounts.empty()
    told = len(said)
    cli_accounts.greet(site.services, None, said.append)
    assert len(said) == told, "only once"


def test_a_service_never_prints_a_password_into_its_log(site: Site) -> None:
    said: list[str] = []
    note = site.config.local / ".kb" / "first-password.txt"
    cli_accounts.greet(site.services, note, said.append)
    assert str(note) in said[-1] and stat.S_IMODE(note.stat().st_mode) == 0o600
    name, password = note.read_text(encoding="utf-8").split()
    assert password not in "".join(said)
    assert site.services.accounts.authenticate(name, password)


def test_no_account_without_its_password(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StateUnavailable):
        cli_accounts.greet(site.services, tmp_path / "file" / "note.txt", print)
    assert site.services.accounts.empty()


def test_the_chain_from_the_terminal(site: Site, kb: Callable[..., Result]) -> None:
    site.add_user("chief", Role.ADMIN)
    for role in ("reviewer", "admin", "member"):
        kb("user", "add", f"new-{role}", "--role", role)
    done = kb("audit", "--tail", "2")
    assert done.exit_code == 0 and "共 3 行" in done.output and done.output.count("新建账号") == 2
    log = site.config.local / ".kb" / "audit.jsonl"
    log.write_text("".join(log.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")
    done = kb("audit")
    assert done.exit_code == 1 and "第 1 行" in done.output


def test_a_desk_hashes_as_dearly_as_the_pages(site: Site) -> None:
    desk = cli_accounts.open_desk(site.config)
    account = desk.accounts.add("chief", "", Role.ADMIN, PASSWORD)
    assert account.role is Role.ADMIN and not Passwords().outdated(_kept(site))


def _kept(site: Site) -> str:
    with site.services.database.reading() as session:
        return str(session.connection().exec_driver_sql("SELECT password FROM accounts").scalar_one())
