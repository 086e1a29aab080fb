"""Who may do what. Every address is listed here; what is not listed is closed to everybody.

guest     reads (unless reading is closed), asks
member    gives feedback, hands in cases, problems and changes
reviewer  edits and publishes what others handed in, looks after the collection
admin     accounts, lexicon, settings
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user


class Role(IntEnum):
    """What somebody may do; a higher role may do all that a lower one may."""

    GUEST = 0
    MEMBER = 1
    REVIEWER = 2
    ADMIN = 3

    @property
    def label(self) -> str:
        """What pages call it."""
        return ("访客", "成员", "审核员", "管理员")[self]


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever sent this request."""

    id: int = 0
    name: str = ""
    """Login name; empty for guests."""
    display: str = "访客"
    role: Role = Role.GUEST

    def may(self, needed: Role) -> bool:
        """True when the role suffices."""
        return self.role >= needed


GUEST = Person()

ALWAYS = "always"
"""Open to everybody, also where reading is closed: the way in, and what pages are made of."""
READING = "reading"
"""Open to guests or to members only: one setting decides for all of these together."""

ROUTES: dict[str, Role | str] = {
    "static": ALWAYS,
    "api.healthz": ALWAYS,
    "accounts.login_page": ALWAYS,
    "accounts.enter": ALWAYS,
    "accounts.logout": ALWAYS,
    "accounts.me": Role.MEMBER,
    "accounts.rename": Role.MEMBER,
    "accounts.new_password": Role.MEMBER,
    "accounts.change_password": Role.MEMBER,
    "accounts.end_sessions": Role.MEMBER,
    **dict.fromkeys(
        (
            "administration.add_user",
            "administration.audit",
            "administration.disable",
            "administration.enable",
            "administration.overview",
            "administration.reset_password",
            "administration.save_settings",
            "administration.set_role",
            "administration.settings",
            "administration.users",
        ),
        Role.ADMIN,
    ),
    **dict.fromkeys(
        (
            "contributing.again",
            "contributing.change",
            "contributing.create_case",
            "contributing.create_handbook",
            "contributing.create_policy",
            "contributing.create_problem",
            "contributing.edit",
            "contributing.look_alikes",
            "contributing.new_case",
            "contributing.new_handbook",
            "contributing.new_policy",
            "contributing.new_problem",
            "contributing.send_again",
            "drafts.delete",
            "drafts.overview",
            "drafts.resume",
            "drafts.save",
        ),
        Role.MEMBER,
    ),
    **dict.fromkeys(
        (
            "importing.start",
            "importing.upload_document",
            "importing.document",
            "importing.place",
            "importing.upload_list",
            "importing.problem_list",
            "importing.columns",
            "importing.submit_list",
            "importing.template",
        ),
        Role.MEMBER,
    ),
    "importing.publish_list": Role.REVIEWER,
    "importing.reject_list": Role.REVIEWER,
    "feedback.give": Role.MEMBER,
    **dict.fromkeys(
        (
            "curating.coverage_map",
            "curating.dashboard",
            "curating.handled",
            "curating.queue",
            "curating.verified",
            "curating_aliases.add",
            "curating_aliases.form",
            "curating_aliases.tried",
            "curating_overlap.file",
            "curating_overlap.overview",
            "curating_queries.ignore",
            "curating_queries.overview",
            "curating_questions.close",
            "curating_questions.one",
            "curating_questions.overview",
            "curating_questions.start",
            "curating_terms.overview",
            "curating_terms.preview",
            "curating_terms.trial",
            "usage.overview",
        ),
        Role.REVIEWER,
    ),
    "curating_terms.save": Role.ADMIN,
    **dict.fromkeys(
        ("submissions.comment", "submissions.mine", "submissions.one", "submissions.take_back"), Role.MEMBER
    ),
    **dict.fromkeys(
        (
            "histories.compare",
            "histories.version",
            "histories.versions",
            "lifecycle.manage",
            "lifecycle.merge",
            "lifecycle.merge_preview",
            "lifecycle.rename",
            "lifecycle.restore",
            "lifecycle.roll_back",
            "lifecycle.withdraw",
            "reviewing.decide",
            "reviewing.queue",
            "reviewing.review",
        ),
        Role.REVIEWER,
    ),
    **dict.fromkeys(
        (
            "api.categories",
            "api.entry",
            "api.openapi",
            "api.search",
            "api.stats",
            "api.suggest",
            "attachments.file",
            "glossary.terms",
            "help.contributors",
            "help.overview",
            "help.reviewers",
            "mine.page",
            "opensearch.description",
            "opensearch.suggest",
            "papers.cases_file",
            "papers.entry_file",
            "papers.fill",
            "papers.handbook_file",
            "papers.overview",
            "papers.problems_file",
            "reading.browse",
            "reading.case",
            "reading.gaps",
            "reading.handbook",
            "reading.overview",
            "reading.policy",
            "reading.problem",
            "reading.short",
            "searching.home",
            "searching.search",
            "tools.calendar_file",
            "tools.overview",
            "tools.tool",
            "validity.compare",
            "validity.overview",
            "validity.text",
            "validity.then",
            "questions.ask",
            "questions.form",
            "questions.asked",
        ),
        READING,
    ),
}
"""Endpoint -> least role, ALWAYS or READING. A test fails on an address that is not here."""


def person() -> Person:
    """Whoever sent this request; a guest until somebody has logged in."""
    found = getattr(current_user, "person", GUEST)
    return found if isinstance(found, Person) else GUEST


def allows(endpoint: str, who: Person, *, open_reading: bool) -> bool:
    """True when `who` may use the address; False for every address nobody listed."""
    needed = ROUTES.get(endpoint)
    if needed == ALWAYS:
        return True
    if needed == READING:
        return open_reading or who.may(Role.MEMBER)
    return isinstance(needed, Role) and who.may(needed)


def install(app: Flask, *, open_reading: bool, ask: Callable[[], ResponseReturnValue]) -> None:
    """Check every request of `app` against the table; install after the login manager.

    `ask` answers a guest who would have to log in first.
    """

    def check() -> ResponseReturnValue | None:
        endpoint = request.endpoint
        if endpoint is None or ROUTES.get(endpoint) == ALWAYS:
            return None
        who = person()
        if allows(endpoint, who, open_reading=open_reading):
            return None
        if who.may(Role.MEMBER):
            abort(403)
        if request.path.startswith("/api/"):
            abort(401)
        return ask()

    app.before_request(check)
    app.context_processor(lambda: {"person": person(), "Role": Role})
