"""The menu of whoever is logged in: what they may do here, and how much waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request

from search_app import access, context
from search_app.access import Person, Role
from search_app.state.base import StateUnavailable
from search_app.state.submissions import Standing

PLACES = (
    ("/submissions", "我的提交"),
    ("/drafts", "草稿"),
    ("/asked", "我的提问"),
    ("/import", "导入文件"),
    ("/review", "审核"),
    ("/curate", "整理"),
    ("/admin/users", "账号"),
    ("/admin/settings", "网站设置"),
    ("/admin/audit", "审计日志"),
    ("/me", "我的账号"),
)
"""Address and label; shown to those whom `access.ROUTES` lets in."""
COUNTED = "/review"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu; `count` things wait there."""

    address: str
    label: str
    count: int = 0


def install(app: Flask) -> None:
    """Give every template `account_menu()`."""
    app.context_processor(lambda: {"account_menu": _menu})


def _menu() -> tuple[Item, ...]:
    """The lines for whoever sent this request; none for guests. Counted once a request."""
    if "account_menu" not in g:
        who = access.person()
        g.account_menu = items(who, _endpoints(), _waiting(who)) if who.may(Role.MEMBER) else ()
    found: tuple[Item, ...] = g.account_menu
    return found


def items(who: Person, endpoints: dict[str, str], waiting: int) -> tuple[Item, ...]:
    """The lines for `who`, of the places that `endpoints` knows by their address."""
    return tuple(
        Item(address, label, waiting if address == COUNTED else 0)
        for address, label in PLACES
        if address in endpoints and access.allows(endpoints[address], who, open_reading=True)
    )


def _endpoints() -> dict[str, str]:
    rules = context.app().url_map.iter_rules()
    return {rule.rule: rule.endpoint for rule in rules if "GET" in (rule.methods or ())}


def _waiting(who: Person) -> int:
    """How many submissions wait for review; a database in trouble must not spoil the page."""
    if not who.may(Role.REVIEWER):
        return 0
    try:
        return context.services().submissions.count(Standing.WAITING)
    except StateUnavailable as error:
        context.app().logger.warning("%s: menu without counts: %s", request.path, error)
        return 0
