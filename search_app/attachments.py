"""Attached files: pictures shown in the page, everything else handed out; to whom they are meant for only."""

from __future__ import annotations

import io

from flask import Blueprint, Flask, Response, request, send_file
from flask.typing import ResponseReturnValue

from kb.errors import EntryNotFound
from kb.types import Attachment, Entry
from search_app import access, context, filekinds
from search_app.access import Role
from search_app.filing import Filed

pages = Blueprint("attachments", __name__)

SEALED = "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'"
"""What an attached file may do in a browser: nothing."""


def install(app: Flask) -> None:
    """Give every template `attached(entry)`."""
    app.context_processor(lambda: {"attached": attached})


def attached(entry: Entry) -> tuple[Filed, ...]:
    """The attachments of an entry with their sizes."""
    return context.services().attachments.filed(entry.attachments)


@pages.get("/files/<name>")
def file(name: str) -> ResponseReturnValue:
    """One attachment; `entry` in the address is the published entry it belongs to.

    Looking for that entry here would mean reading them all.
    """
    files = context.services().attachments
    path = files.path(name)
    named = _named(request.args.get("entry", ""), name)
    if named is None and not _may_see(name):
        raise EntryNotFound("没有这个附件")
    found = Filed(named or Attachment(name), 0)
    mime = filekinds.TYPES[found.ending]
    # Read whole: ten megabytes at most, and no file stays open while somebody's line is slow.
    data = io.BytesIO(path.read_bytes())
    answer = send_file(
        data, mime, as_attachment=not found.is_picture, download_name=found.name, etag=name, max_age=0
    )
    return _sealed(answer, public=named is not None)


def _named(entry_id: str, name: str) -> Attachment | None:
    """The attachment as that entry names it, if readers see the entry."""
    entry = context.library().snapshot.entries.get(entry_id)
    return next((a for a in entry.attachments if a.file == name), None) if entry else None


def _may_see(name: str) -> bool:
    """Before publication: who sent it, and who reviews it."""
    who = access.person()
    if not who.may(Role.MEMBER):
        return False
    return who.may(Role.REVIEWER) or context.services().attachments.is_owner(who.id, name)


def _sealed(answer: Response, public: bool) -> Response:
    """No script, no type guessing, and nothing left in shared caches that is not public."""
    answer.headers["Content-Security-Policy"] = SEALED
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-cache" if public else "private, no-store"
    return answer
