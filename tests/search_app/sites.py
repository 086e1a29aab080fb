"""A real application over a small real library, built from files of the starter content."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from indexer.library import Library
from search_app import create_app
from search_app.access import Role
from search_app.config import Config
from search_app.passwords import Passwords
from search_app.services import Services
from tests.search_app.databases import site_database

CHEAP = Passwords("scrypt:256:1:1")
"""Hashing that costs nothing: tests log in often."""
PASSWORD = "correct-horse-battery"
"""Of everybody that `Site.add_user` makes."""

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = (
    "issues/dues-overdue.md",
    "issues/dues-backpay.md",
    "issues/dues-six-months.md",
    "issues/election-quorum.md",
    "issues/rules-outdated.md",
    "cases/case-dues-auto-remind.md",
    "cases/case-election-reminder.md",
    "corpus/handbook/hb-dues.md",
    "corpus/handbook/hb-election.md",
    "corpus/policies/dues-regulation.md",
    "corpus/policies/election-regulation.md",
    "corpus/policies/discipline-2018.md",
    "corpus/policies/discipline-2023.md",
)
EXTRA = {
    # A draft must reach nobody; the second has everything a page must not trust.
    "issues/hidden-draft.md": """---
id: hidden-draft
kind: problem
title: 还没发布的草稿
publication: draft
---

## 问题描述

草稿暗号三七二十一。
""",
    "issues/hostile.md": """---
id: hostile
kind: problem
title: <script>alert(1)</script>恶意标题
summary: '{{ 7*7 }} <img src=x onerror=alert(1)>'
category: 基本保障
aliases: ['<b>尖括号暗号</b>']
related: [hidden-draft, no-such-entry]
citations:
  - ref: discipline-2018#6
    says: <i>旧规</i>
  - ref: no-such-policy#3
    says: 没有收录的制度
publication: published
---

## 问题描述

<script>alert(2)</script> [点我](javascript:alert(3)) [死链接](hidden-draft) [活链接](dues-regulation#12)

## 实施步骤

先看清楚再动手。

1. **<u>第一步</u>** 见[规定](dues-regulation#12)
   - 责任人：<em>书记</em>
""",
}


@dataclass(frozen=True)
class Site:
    """A running application and what it stands on."""

    config: Config
    library: Library
    app: Flask

    @property
    def services(self) -> Services:
        """Accounts, submissions, audit log and the rest, as the application holds them."""
        return cast(Services, self.app.extensions["kb-services"])

    def add_user(self, name: str, role: Role, password: str = PASSWORD) -> int:
        """An account that may log in at once; its id. Asking again for the same name changes nothing."""
        accounts = self.services.accounts
        known = {account.name: account.id for account in accounts.all()}
        return known.get(name) or accounts.add(name, f"{name}同志", role, password, must_change=False).id

    def client(self, role: Role = Role.GUEST, name: str = "") -> FlaskClient:
        """A browser of somebody of that role, logged in through the page; `name` tells two of them apart."""
        client = self.app.test_client()
        if role:
            name = name or role.name.lower()
            self.add_user(name, role)
            answer = send(client, "/login", {"name": name, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
        return client


def address_of(rule: Rule) -> str:
    """An address that fits the rule: something in place of each variable."""
    built = rule.build({name: _sample(converter) for name, converter in rule._converters.items()})
    assert built
    return str(built[1])


def _sample(converter: BaseConverter) -> str | int:
    if isinstance(converter, IntegerConverter):
        return 1
    return min(converter.items) if isinstance(converter, AnyConverter) else "x"


def token(client: FlaskClient) -> str:
    """A form token of this browser, as a page gives it out."""
    html = client.get("/login", follow_redirects=True).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found, html
    return found[1]


def send(client: FlaskClient, address: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
    """POST `data` with the token a form would carry; `more` goes to `client.post`."""
    answer = client.post(address, data={"csrf_token": token(client)} | (data or {}), **more)
    answer.request.environ["wsgi.input"].close()  # a large body lies in a file that the test client forgets
    return answer


def make_content(folder: Path) -> Path:
    """A content root with a handful of real entries and two awkward ones."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    for name, text in EXTRA.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def make_site(folder: Path) -> Site:
    """Content, library and application in `folder`."""
    content = make_content(folder / "content")
    config = _config((content,), folder)
    library = Library.open(config.settings())
    return Site(config, library, create_app(config, library, CHEAP))


def _config(roots: tuple[Path, ...], folder: Path) -> Config:
    secret = "test-" * 12
    return Config(
        roots, folder / "local", folder / "index", "none", secret_key=secret, database=site_database()
    )


def make_copy(site: Site, folder: Path) -> Site:
    """A site of its own over the same content, which nobody writes, with a copy of its index."""
    config = replace(site.config, local=folder / "local", index=folder / "index", database=site_database())
    shutil.copytree(site.config.index, config.index)
    library = Library.open(config.settings())
    return Site(config, library, create_app(config, library, CHEAP))


def with_own_state(site: Site, folder: Path) -> Site:
    """The same library with accounts, settings and audit log of its own: much cheaper than a new site."""
    config = replace(site.config, local=folder, database=site_database())
    return Site(config, site.library, create_app(config, site.library, CHEAP))


def make_whole(folder: Path) -> Site:
    """All of the starter content, as readers get it."""
    config = _config((REPOSITORY,), folder)
    library = Library.open(config.settings())
    return Site(config, library, create_app(config, library, CHEAP))
