"""Where curators are sent to write: the forms for new entries and for changes, by address."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, request

from kb.types import Entry, Kind

TITLE_CHARS = 60
DESCRIPTION_CHARS = 1000
"""Of long details as many go into an address; the question's own page has them all."""
_NEW = {Kind.PROBLEM: "/problems/new", Kind.CASE: "/cases/new", Kind.HANDBOOK: "/handbook/new"}

pages = Blueprint("curating_links", __name__)


@pages.app_template_global()
def write_problem(title: str, description: str = "", question: str = "") -> str:
    """Address of the form for a new problem, filled in."""
    return _form(
        Kind.PROBLEM,
        {"title": title[:TITLE_CHARS], "description": description[:DESCRIPTION_CHARS], "question": question},
    )


@pages.app_template_global()
def write_case(problem: Entry) -> str:
    """Address of the form for a case that answers `problem`."""
    return _form(Kind.CASE, {"problem": problem.id})


@pages.app_template_global()
def change_entry(entry: Entry) -> str:
    """Address of the form that changes a published entry."""
    return f"{request.script_root}/entries/{entry.id}/edit"


def _form(kind: Kind, values: dict[str, str]) -> str:
    filled = urlencode({name: value for name, value in values.items() if value})
    return f"{request.script_root}{_NEW[kind]}" + (f"?{filled}" if filled else "")
