"""The one way an entry's text changes for readers: audit log, file, history, index and git together.

The audit log comes first: nothing changes unlogged, and a line may at worst
speak of a change that a crash then prevented. The file follows, then its note
in the history. Whatever fails leaves the old text or the new one, whole, and
saving the same text again makes up for what is missing. Index and git come
last; neither can undo a publication.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from kb import git, schema
from kb.errors import EntryExists, EntryNotFound, SetupError
from kb.history import Revision
from kb.store import version_of
from kb.types import Entry, Record
from search_app.access import Person
from search_app.services import Services

ACTIONS = {
    "published": "发布",
    "withdrawn": "撤下",
    "restored": "恢复",
    "renamed": "改编号",
    "merged": "合并",
    "rolled-back": "退回旧版",
    "found": "在页面之外改动",
}
"""What a version is called on the history page."""

_LOG = logging.getLogger("search_app")


def put(
    services: Services,
    entry: Entry,
    expected: str | None,
    action: str,
    who: Person,
    why: str = "",
    author: str = "",
    *,
    index: bool = True,
) -> Record:
    """Save `entry` and remember who made it so, when and why.

    `expected` is the version the text was written against, None for a new
    entry. Saving the very text that is there already is no conflict: a crash
    came between the file and the note, and the note is made up for. Raises
    what `Store.save` raises, and AuditUnwritable. Who writes many entries says
    `index=False` and refreshes the library once at the end.
    """
    record = write(services, entry, expected, action, who, why, author)
    announce(services, record, action, who, author, index=index)
    return record


def write(
    services: Services,
    entry: Entry,
    expected: str | None,
    action: str,
    who: Person,
    why: str = "",
    author: str = "",
) -> Record:
    """The part of `put` that is done or not done: audit log, file and history, under the write lock."""
    store = services.library.store
    with store.lock():
        before, text = _before(services, entry.id), version_of(schema.dump(entry).encode("utf-8", "replace"))
        if before == text and store.find(entry.id).local:
            record = store.get(entry.id)
            latest = services.history.latest(entry.id)
            if latest is not None and latest.version == text:
                return record
        else:
            if expected == (before or None):  # otherwise `save` refuses, and nothing happened
                services.audit.append(who.name, action, entry.id, before, text, why)
                _note_changes_from_outside(services, entry.id, before)
            record = store.save(entry, expected)
        note = Revision(0, record.version, action, who.display, _moment(), why, author)
        services.history.record(entry.id, Path(record.path).read_bytes(), note)
        return record


def announce(
    services: Services, record: Record, action: str, who: Person, author: str = "", *, index: bool = True
) -> None:
    """The part of `put` that may be late: index and git. Call it after letting go of the write lock."""
    if index:
        _show(services, record.entry.id)
    _commit(services, record.entry, Path(record.path), action, who, author)


def _before(services: Services, entry_id: str) -> str:
    """Content hash of the text that is there now; empty for a new entry."""
    try:
        return version_of(services.library.store.find(entry_id).path.read_bytes())
    except EntryNotFound:
        return ""


def _note_changes_from_outside(services: Services, entry_id: str, version: str) -> None:
    """The text before the first version kept here, or one changed by hand since, is a version too."""
    latest = services.history.latest(entry_id)
    if version and (latest is None or latest.version != version):
        data = services.library.store.find(entry_id).path.read_bytes()
        services.history.record(entry_id, data, Revision(0, version, "found", "", _moment()))


def _show(services: Services, entry_id: str) -> None:
    """Make it searchable now; an index in trouble catches up at its next refresh and stops nobody."""
    try:
        services.library.refresh()
    except SetupError as error:
        _LOG.warning("%s is published, but not indexed yet: %s", entry_id, error)


def _commit(services: Services, entry: Entry, path: Path, action: str, who: Person, author: str) -> None:
    """One commit in the content repository, if it is one; a failing git never undoes a publication."""
    local = services.library.store.local
    if local is None:
        return
    names = [path, local / "history" / entry.id]
    names += [p for a in entry.attachments if (p := local / "attachments" / a.file).is_file()]
    message = f"{ACTIONS[action]}：{entry.title}（{entry.id}）"
    wrong = git.commit(local, names, message, git.Author(author or who.display, f"{who.name}@kb.local"))
    if not wrong:
        return
    _LOG.warning("%s: %s", entry.id, wrong)
    with suppress(SetupError):
        services.audit.append(who.name, "git-failed", entry.id, note=wrong)


def dated(services: Services, entry: Entry) -> Entry:
    """The entry as of today, or as it lies there already, when only the dates would differ.

    The latter is what makes trying again after a crash carry on, also after midnight.
    """
    try:
        there = services.library.store.get(entry.id).entry
    except EntryNotFound:
        return with_dates(entry)
    return there if same_but_dates(entry, there) else with_dates(entry)


def same_but_dates(one: Entry, other: Entry) -> bool:
    """True when only the days of making and changing differ."""
    return replace(one, created=other.created, updated=other.updated) == other


def with_dates(entry: Entry, now: datetime | None = None) -> Entry:
    """The entry as of today: created once, updated now."""
    today = (now or datetime.now().astimezone()).date()
    return replace(entry, created=entry.created or today, updated=today)


def free_id(services: Services, entry_id: str) -> str:
    """Raises EntryExists when any entry, published or not, has that id."""
    try:
        kind = services.library.store.find(entry_id).kind
    except EntryNotFound:
        return entry_id
    raise EntryExists(f"编号“{entry_id}”已经用在{kind.label}里了")


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
