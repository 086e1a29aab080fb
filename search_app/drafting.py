"""Forms kept as drafts: saved as the browser sent them, opened again as they were left."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.datastructures import MultiDict

from kb.errors import EntryNotFound, UserError
from kb.types import Kind
from search_app import editorial
from search_app.access import Person
from search_app.forms import reading
from search_app.forms.sheet import Mode, Sheet, Target, target_of
from search_app.services import Services
from search_app.state.drafts import SavedDraft

NOT_KEPT = frozenset({"csrf_token", "do"})
"""Fields of a form that say nothing about its contents."""


class AlreadySent(UserError):
    """The form was handed in meanwhile; there is nothing left to keep."""


def keep(services: Services, who: Person, sheet: Sheet) -> SavedDraft:
    """Save a form under its number, for `who` alone.

    Raises AlreadySent for a form that has become a submission: a page saves
    itself while it is being sent. Raises TooManyDrafts, UserError, StateUnavailable.
    """
    try:
        services.submissions.get(sheet.number)
    except EntryNotFound:
        pass
    else:
        raise AlreadySent("这份表单已经提交了，可以在“我的提交”里看到")
    title = sheet.get("title").strip()
    return services.drafts.put(who.id, sheet.number, str(sheet.target), title, reading.pairs(sheet))


def opened(saved: SavedDraft, services: Services, who: Person) -> Sheet:
    """The form a draft holds. Raises EntryNotFound when what it was to change is gone or not theirs."""
    target = target_of(saved.target)
    if target is None:
        raise EntryNotFound("这份草稿的种类认不出来")
    return sent(saved.fields, target, services, who)


def sent(fields: Iterable[tuple[str, str]], target: Target, services: Services, who: Person) -> Sheet:
    """Fields of a form -> its sheet, with kind and id from what the form is for, never from the fields.

    Raises EntryNotFound.
    """
    form = MultiDict((name, value) for name, value in fields if name not in NOT_KEPT)
    if target.mode is Mode.NEW:
        return reading.read(form, Kind(target.key), target)
    if target.mode is Mode.CHANGE:
        file = services.library.store.find(target.key)
        return reading.read(form, file.kind, target, file.id)
    submission = services.submissions.get(target.key)
    if not editorial.may_see(who, submission) or submission.author_id != who.id:
        raise EntryNotFound(f"没有编号为“{target.key[:80]}”的提交")
    return reading.read(form, submission.kind, target, submission.entry_id)
