"""Accounts, switches and the audit log: the pages of an administrator."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.errors import UserError
from search_app import access, audit_words, context, people
from search_app.access import Role
from search_app.state.accounts import Account, BadName, LastAdmin
from search_app.state.settings import SINGLE_EDITOR

ROLES = (Role.MEMBER, Role.REVIEWER, Role.ADMIN)
SHOWN = 100
"""Lines of the audit log on a page; the filters find the others."""

pages = Blueprint("administration", __name__, url_prefix="/admin")


class OwnAccount(UserError):
    """Administrators do not take their own rights away by a slip."""


@pages.get("")
def overview() -> ResponseReturnValue:
    """Nothing but the way to the accounts."""
    return redirect(url_for("administration.users"), 303)


@pages.get("/users")
def users() -> ResponseReturnValue:
    """Everybody who may log in."""
    return _users()


@pages.post("/users")
def add_user() -> ResponseReturnValue:
    """A new account. The page with the one-time password is the answer itself: it is kept nowhere."""
    name, display = request.form.get("name", ""), request.form.get("display", "")
    try:
        account, password = people.add(context.services(), _me(), name, display, _role())
    except BadName as error:
        return _users(wrong={"name": str(error)}), 422
    return _users(account=account, password=password)


@pages.post("/users/<int:account_id>/role")
def set_role(account_id: int) -> ResponseReturnValue:
    """Another role."""
    return _change(account_id, "role")


@pages.post("/users/<int:account_id>/disable")
def disable(account_id: int) -> ResponseReturnValue:
    """No login any more, and out everywhere."""
    return _change(account_id, "disable")


@pages.post("/users/<int:account_id>/enable")
def enable(account_id: int) -> ResponseReturnValue:
    """Login again."""
    return _change(account_id, "enable")


@pages.post("/users/<int:account_id>/password")
def reset_password(account_id: int) -> ResponseReturnValue:
    """A new one-time password, shown in the answer itself and kept nowhere."""
    account = context.services().accounts.get(account_id)
    password = people.reset_password(context.services(), _me(), account)
    return _users(account=account, password=password)


@pages.get("/settings")
def settings() -> ResponseReturnValue:
    """Switches, and what the environment has set."""
    single = context.services().settings.on(SINGLE_EDITOR)
    given = context.config().told()
    return render_template("administration/settings.html", single=single, given=given)


@pages.post("/settings")
def save_settings() -> ResponseReturnValue:
    """Single-editor mode on or off; written down before it takes effect."""
    services = context.services()
    before = "on" if services.settings.on(SINGLE_EDITOR) else "off"
    after = "on" if request.form.get("single-editor") == "on" else "off"
    if after != before:
        services.audit.append(_me(), "setting", SINGLE_EDITOR, before, after)
        services.settings.set(SINGLE_EDITOR, after)
    return redirect(url_for("administration.settings", done=after), 303)


@pages.get("/audit")
def audit() -> ResponseReturnValue:
    """The last lines, narrowed by person and target, and whether the chain holds."""
    log = context.services().audit
    who, target = (request.args.get(name, "").strip() for name in ("who", "target"))
    found = [r for r in log.records() if who in ("", r.who) and target in ("", r.target)]
    return render_template(
        "administration/audit.html",
        verdict=log.verify(),
        lines=[audit_words.read(record) for record in reversed(found[-SHOWN:])],
        total=len(found),
        who=who,
        target=target,
    )


def _change(account_id: int, what: str) -> ResponseReturnValue:
    services, me = context.services(), _me()
    account = services.accounts.get(account_id)
    try:
        if account.id == access.person().id:
            raise OwnAccount("自己的角色和启用状态要由另一位管理员来改")
        if what == "role":
            people.set_role(services, me, account, _role())
        elif what == "disable":
            people.disable(services, me, account)
        else:
            people.enable(services, me, account)
    except (OwnAccount, LastAdmin) as error:
        return _users(message=str(error)), 409
    return redirect(url_for("administration.users", done=account.name), 303)


def _role() -> Role:
    """The role chosen; whatever else is sent gives the least."""
    return next((role for role in ROLES if role.name.lower() == request.form.get("role")), Role.MEMBER)


def _me() -> str:
    return access.person().name


def _users(
    message: str = "", wrong: dict[str, str] | None = None, account: Account | None = None, password: str = ""
) -> str:
    """The page of accounts; `account` and `password` are shown once, after one was made."""
    return render_template(
        "administration/users.html",
        users=context.services().accounts.all(),
        roles=ROLES,
        me=access.person().id,
        message=message,
        wrong=wrong or {},
        typed=request.form if wrong else {},
        fresh=account,
        password=password,
        done=request.args.get("done", ""),
    )
