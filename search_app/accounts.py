"""The way in and out, and the page about oneself."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.types import Finding
from search_app import context, devices, login, people, throttle
from search_app.state.accounts import Account, AccountNotFound, WeakPassword

WRONG = "登录名或密码不对。忘了密码请找管理员重置。"
THROTTLED = ("accounts.enter", "accounts.change_password")
"""Where a password is asked for."""

pages = Blueprint("accounts", __name__)


@pages.get("/login")
def login_page() -> ResponseReturnValue:
    """The form; whoever is logged in already goes where they wanted to."""
    if login.visitor():
        return redirect(own_path(request.args.get("next", "")), 303)
    return _way_in(request.args.get("next", ""))


@pages.post("/login")
def enter() -> ResponseReturnValue:
    """Log in; the same answer, after the same time, to a wrong name and a wrong password."""
    services, name = context.services(), request.form.get("name", "")
    account = services.accounts.authenticate(name, request.form.get("password", ""))
    address = request.remote_addr or ""
    if account is None:
        services.audit.append("", "login-failed", _known(name), note=address)
        return _way_in(request.form.get("next", ""), WRONG), throttle.FAILED
    services.audit.append(account.name, "login", account.name, note=address)
    login.log_in(account)
    return _password_form() if account.must_change else _go_on()


@pages.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session of this browser."""
    if who := login.visitor():
        context.services().audit.append(who.account.name, "logout", who.account.name)
    login.log_out()
    return redirect(url_for("searching.home"), 303)


@pages.get("/me")
def me() -> ResponseReturnValue:
    """Name, password, and where one is logged in."""
    return _about_me()


@pages.post("/me/name")
def rename() -> ResponseReturnValue:
    """Another name to show."""
    people.call(context.services(), _visitor().account, request.form.get("display", ""))
    return redirect(url_for("accounts.me", done="name"), 303)


@pages.get("/me/password")
def new_password() -> ResponseReturnValue:
    """The form for another password; where everybody with a one-time password ends up."""
    return _password_form()


@pages.post("/me/password")
def change_password() -> ResponseReturnValue:
    """Their own choice. The other browsers are logged out, this one gets a new token."""
    who, services = _visitor(), context.services()
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    if services.accounts.authenticate(who.account.name, old) is None:
        services.audit.append(who.account.name, "password-refused", who.account.name)
        return _password_form(Finding("wrong", "现在的密码不对", "old")), throttle.FAILED
    if new == old:
        return _password_form(Finding("same", "新密码和现在的一样", "new")), 422
    if new != again:
        return _password_form(Finding("differs", "两次输入的新密码不一样", "again")), 422
    try:
        account = people.choose_password(services, who.account, new)
    except WeakPassword as error:
        return _password_form(Finding("weak", str(error), "new")), 422
    login.log_in(account)
    return _go_on() if request.form.get("next") else redirect(url_for("accounts.me", done="password"), 303)


@pages.post("/me/sessions")
def end_sessions() -> ResponseReturnValue:
    """Log out everywhere else, or everywhere."""
    who, services = _visitor(), context.services()
    everywhere = request.form.get("which") == "all"
    services.audit.append(who.account.name, "logout-everywhere", who.account.name)
    services.sessions.end_all(who.account.id, but="" if everywhere else who.token)
    if everywhere:
        login.log_out()
        return redirect(url_for("accounts.login_page"), 303)
    return redirect(url_for("accounts.me", done="sessions"), 303)


def ask() -> ResponseReturnValue:
    """What a guest gets who may not do that: the login form; what they have just sent waits in it."""
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("accounts.login_page", next=_wanted()), 303)
    sent = [(k, v) for k, vs in request.form.lists() for v in vs if k != "csrf_token"]
    return _way_in(_wanted(), kept=json.dumps(sent, ensure_ascii=False), lost=bool(request.files)), 401


def too_many(seconds: int) -> ResponseReturnValue:
    """The same form again, with how long to wait."""
    message = f"输错的次数太多了，请在 {throttle.in_words(seconds)}后再试。"
    if request.endpoint == "accounts.enter":
        return _way_in(request.form.get("next", ""), message), 429
    return _password_form(Finding("wait", message, "old")), 429


def own_path(target: str) -> str:
    """`target` if it is an address of ours, the start page otherwise: nobody is led away after login."""
    parts = urlsplit(target) if target.isprintable() and "\\" not in target else None
    if parts is None or parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return url_for("searching.home")
    return target


def _wanted() -> str:
    return request.script_root + request.full_path.rstrip("?")


def _go_on() -> ResponseReturnValue:
    """Where they wanted to go; with what they had sent before, if they were stopped while sending."""
    target, sent = own_path(request.form.get("next", "")), kept(request.form.get("kept", ""))
    if not sent:
        return redirect(target, 303)
    return render_template("accounts/resume.html", target=target, sent=sent)


def kept(text: str) -> list[tuple[str, str]]:
    """What waited in the login form, as names and values; nothing if it is not that."""
    try:
        return [(str(name), str(value)) for name, value in json.loads(text or "[]")]
    except (ValueError, TypeError, RecursionError):
        return []


def _way_in(target: str, message: str = "", kept: str = "", lost: bool = False) -> str:
    return render_template(
        "accounts/login.html",
        message=message,
        target=target,
        kept=kept or request.form.get("kept", ""),
        lost=lost,
        name=request.form.get("name", "") if request.endpoint == "accounts.enter" else "",
        nobody_yet=context.services().accounts.empty(),
    )


def _password_form(wrong: Finding | None = None) -> str:
    return render_template(
        "accounts/password.html",
        wrong={wrong.field: wrong.message} if wrong else {},
        account=_visitor().account,
        target=request.form.get("next", ""),
        kept=request.form.get("kept", ""),
    )


def _about_me() -> str:
    who = _visitor()
    found = context.services().sessions.of(who.account.id)
    here = context.services().sessions.find(who.token)
    return render_template(
        "accounts/me.html",
        account=who.account,
        sessions=[(login, devices.describe(login.agent), login == here) for login in found],
        done=request.args.get("done", ""),
    )


def _visitor() -> login.Visitor:
    """Who is logged in; `access` lets nobody else come here."""
    found = login.visitor()
    assert found is not None
    return found


def _known(name: str) -> str:
    """The account somebody tried; a name nobody has may be a password typed into the wrong field."""
    try:
        account: Account = context.services().accounts.named(name)
    except AccountNotFound:
        return ""
    return account.name
