"""People at a small site and things they hand in: what tests of review, history and lifecycle begin with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kb.types import Entry, Kind, Publication
from search_app import editorial
from search_app.access import Person, Role
from search_app.state.submissions import Submission
from tests.search_app.sites import Site

SECRET = "金丝雀暗号"
"""Stands in what nobody may see yet; tests search for it."""
TELLTALES = ("鸣叫", "飞走", "归巢")
"""Stand beside it in title, question and summary: who reads one of these has seen what nobody may see."""


def person(site: Site, name: str, role: Role) -> Person:
    """Somebody of that role with an account."""
    return Person(site.add_user(name, role), name, f"{name}同志", role)


def author(site: Site) -> Person:
    return person(site, "zhang", Role.MEMBER)


def reviewer(site: Site) -> Person:
    return person(site, "li", Role.REVIEWER)


def version(site: Site, entry_id: str) -> str:
    return site.library.store.get(entry_id).version


def changed(site: Site, entry_id: str = "dues-overdue", **values: Any) -> Entry:
    """The published entry with other values; without any, with another summary."""
    return replace(site.library.get(entry_id), **(values or {"summary": f"先提醒，再谈话，{SECRET}归巢。"}))


def new_case(entry_id: str = "case-canary", title: str = f"{SECRET}鸣叫", **values: Any) -> Entry:
    """A case nobody has seen yet."""
    return Entry(
        entry_id,
        Kind.CASE,
        title,
        summary=f"党费催缴的做法{SECRET}归巢",
        category="基本制度",
        aliases=(f"{SECRET}飞走怎么办",),
        related=("dues-overdue", "case-dues-auto-remind"),
        publication=Publication.PUBLISHED,
        body="## 背景\n\n党员分散。\n\n## 主要做法\n\n1. **提醒** 每月提醒\n   - 责任人：组织委员",
        **values,
    )


def propose(site: Site, who: Person, entry: Entry, why: str = "") -> Submission:
    """A change to what is published now."""
    return editorial.submit(site.services, who, entry, version(site, entry.id), why)
