"""`kb user` and `kb audit`: accounts and the audit log from the terminal of the machine itself."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from search_app.config import Config

if TYPE_CHECKING:
    from search_app.audit import AuditLog
    from search_app.people import Office
    from search_app.state.accounts import Accounts
    from search_app.state.sessions import Sessions

ROLES = click.Choice(["member", "reviewer", "admin"])


@dataclass(frozen=True, slots=True)
class Desk:
    """What these commands work with: the tables and the log, without library and index."""

    accounts: Accounts
    sessions: Sessions
    audit: AuditLog


def open_desk(config: Config) -> Desk:
    """The accounts of these settings."""
    from search_app.audit import AuditLog
    from search_app.passwords import Passwords
    from search_app.state.accounts import Accounts
    from search_app.state.base import Database
    from search_app.state.sessions import Sessions

    database = Database(config.database_url())
    log = AuditLog(config.local / ".kb" / "audit.jsonl")
    return Desk(Accounts(database, Passwords()), Sessions(database), log)


def whoever() -> str:
    """Who sits at this terminal, for the audit log; no login name has a colon."""
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError, ImportError):
        return "terminal:"


def greet(office: Office, note: Path | None, say: Callable[[str], None] = click.echo) -> None:
    """Make the first administrator, if there is no account yet, and hand over the one-time password.

    Shown on a terminal; with `note`, written there for the owner's eyes only:
    standard output of a service goes into a log file, and a password must not.
    """
    from search_app import people

    if not office.accounts.empty():
        return
    opened = _open_note(note) if note else None  # before the account: nobody must be without the password
    password = people.add_first(office, whoever())
    say(f"还没有任何账号，已建好管理员：登录名 {people.FIRST}")
    if opened is None:
        _show_password(password, say)
        return
    with opened:
        opened.write(f"{people.FIRST} {password}\n")
    say(f"一次性密码写在 {note}，登录换成自己的密码以后请删掉这个文件")


def _open_note(path: Path) -> IO[str]:
    """A file nobody else may read. Raises StateUnavailable."""
    from search_app.state.base import StateUnavailable

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise StateUnavailable(f"写不了 {path}（{error.strerror}），没有建管理员账号") from error


def _show_password(password: str, say: Callable[[str], None] = click.echo) -> None:
    say(f"一次性密码 {click.style(password, bold=True)} （只显示这一次，第一次登录后要换成自己的密码）")


@click.group("user")
def user_group() -> None:
    """账号：新建、列出、停用、启用、重置密码、改角色。"""


@user_group.command("add")
@click.argument("name")
@click.option("--role", type=ROLES, default="member", show_default=True, help="成员、审核员、管理员")
@click.option("--display", default="", help="显示名，默认与登录名相同")
@click.pass_obj
def add_command(config: Config, name: str, role: str, display: str) -> None:
    """新建账号 NAME，显示一次性密码；第一个账号不是管理员时，另建一个 admin。"""
    from search_app import people
    from search_app.access import Role

    desk = open_desk(config)
    if role != "admin":
        greet(desk, None)
    account, password = people.add(desk, whoever(), name, display, Role[role.upper()])
    click.echo(f"已建账号 {account.name}（{account.role.label}）")
    _show_password(password)


@user_group.command("list")
@click.pass_obj
def list_command(config: Config) -> None:
    """列出全部账号。"""
    from search_app.audit_words import moment

    for account in open_desk(config).accounts.all():
        state = "已停用" if account.disabled else "还没换密码" if account.must_change else "启用"
        seen = moment(account.last_login) or "没登录过"
        click.echo(f"{account.name}\t{account.display}\t{account.role.label}\t{state}\t{seen}")


@user_group.command("disable")
@click.argument("name")
@click.pass_obj
def disable_command(config: Config, name: str) -> None:
    """停用账号 NAME，并让它在所有设备上退出。"""
    from search_app import people

    desk = open_desk(config)
    people.disable(desk, whoever(), desk.accounts.named(name))
    click.echo(f"{name} 已停用，所有设备都已退出")


@user_group.command("enable")
@click.argument("name")
@click.pass_obj
def enable_command(config: Config, name: str) -> None:
    """重新启用账号 NAME。"""
    from search_app import people

    desk = open_desk(config)
    people.enable(desk, whoever(), desk.accounts.named(name))
    click.echo(f"{name} 可以登录了")


@user_group.command("passwd")
@click.argument("name")
@click.pass_obj
def passwd_command(config: Config, name: str) -> None:
    """给账号 NAME 一个新的一次性密码，并让它在所有设备上退出。"""
    from search_app import people

    desk = open_desk(config)
    _show_password(people.reset_password(desk, whoever(), desk.accounts.named(name)))


@user_group.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
@click.pass_obj
def role_command(config: Config, name: str, role: str) -> None:
    """把账号 NAME 的角色改成 ROLE，马上生效。"""
    from search_app import people
    from search_app.access import Role

    desk = open_desk(config)
    account = people.set_role(desk, whoever(), desk.accounts.named(name), Role[role.upper()])
    click.echo(f"{account.name} 现在是{account.role.label}")


@click.command("audit")
@click.option("--tail", default=0, help="另外显示最后几行")
@click.pass_context
def audit_command(ctx: click.Context, tail: int) -> None:
    """核对审计日志的链条：有行被改动、删除、调换就说出是哪一行。"""
    from search_app import audit_words
    from search_app.audit import AuditLog
    from search_app.cli import EXIT_FINDINGS

    log = AuditLog(ctx.obj.local / ".kb" / "audit.jsonl")
    for line in map(audit_words.read, log.records()[-tail:] if tail > 0 else ()):
        told = (line.at, line.who or "访客", line.what, line.target, line.change, line.note)
        click.echo("  ".join(filter(None, told)))
    verdict = log.verify()
    if not verdict.sound:
        click.secho(f"审计日志对不上：{verdict.fault}", fg="red", err=True)
        ctx.exit(EXIT_FINDINGS)
    click.echo(f"审计日志完整，共 {verdict.lines} 行")


COMMANDS = (user_group, audit_command)
