"""Who is logged in: the cookie, the login manager, and what follows from being logged in.

The cookie holds the token of a session kept on the server. Logging out, being
disabled and changing the password end that session, so an old cookie is worth
nothing. Guests get no cookie until they open a form.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, abort, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user

from search_app import access, context
from search_app.access import Person
from search_app.state.accounts import Account, AccountNotFound
from search_app.state.base import StateUnavailable

TOKEN = "_user_id"
"""Where Flask-Login keeps what `get_id` gave."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What Flask-Login calls a user: an account, and the session in which it is used."""

    account: Account
    token: str
    is_active: bool = True
    is_authenticated: bool = True
    is_anonymous: bool = False

    @property
    def person(self) -> Person:
        """Who that is to the rest of the application."""
        return self.account.person

    def get_id(self) -> str:
        """The token, not the number of the account: a session can end while the account lives on."""
        return self.token


class _Cookies(SecureCookieSessionInterface):
    """Over HTTPS a cookie that no other host can set; plain HTTP is what most intranets have."""

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-kb" if request.is_secure else "kb"

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def install(app: Flask) -> None:
    """Find out who sends a request; install before `access`."""
    app.session_interface = _Cookies()
    manager = LoginManager()
    manager.session_protection = (
        None  # it would set a cookie for guests, and addresses change on mobile networks
    )
    manager.user_loader(_load)
    # Not `init_app`: its care for "remember me" cookies makes every file vary by cookie.
    app.login_manager = manager  # type: ignore[attr-defined]
    app.after_request(_keep_private)


def insist_on_new_passwords(app: Flask) -> None:
    """Nobody works with a one-time password; install after `access`."""
    app.before_request(_insist)


def log_in(account: Account) -> None:
    """Begin a session in this browser, under a new token; whatever was there before is ended."""
    _end_here()
    agent, address = request.user_agent.string, request.remote_addr or ""
    token = context.services().sessions.start(account.id, agent, address)
    login_user(Visitor(account, token))


def log_out() -> None:
    """End the session of this browser."""
    _end_here()
    logout_user()


def visitor() -> Visitor | None:
    """Who is logged in here, with account and session; None for guests."""
    found = current_user._get_current_object()
    return found if isinstance(found, Visitor) else None


def _end_here() -> None:
    if token := session.get(TOKEN):
        context.services().sessions.end(token)
    session.clear()


def _load(token: str) -> Visitor | None:
    """Token -> visitor. With the database in trouble everybody is a guest: reading goes on."""
    services = context.services()
    try:
        login = services.sessions.find(token)
        account = services.accounts.get(login.account_id) if login else None
    except AccountNotFound:
        return None
    except StateUnavailable as error:
        context.app().logger.warning("nobody is logged in: %s", error)
        return None
    if login is None or account is None or account.disabled:
        return None
    try:
        services.sessions.touch(login)
    except StateUnavailable as error:
        context.app().logger.warning("session not renewed: %s", error)
    return Visitor(account, token)


def _insist() -> ResponseReturnValue | None:
    endpoint = request.endpoint or ""
    if access.ROUTES.get(endpoint) == access.ALWAYS or endpoint.startswith("accounts."):
        return None
    who = visitor()
    if who is None or not who.account.must_change:
        return None
    if request.path.startswith("/api/"):
        abort(403)
    return redirect(url_for("accounts.new_password"), 303)


def _keep_private(response: Response) -> Response:
    """Pages of somebody who is logged in stay out of every cache; so do the pages of the way in."""
    known = isinstance(g.get("_login_user"), Visitor) or request.blueprint == "accounts"
    if known and request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response
