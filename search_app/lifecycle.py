"""What becomes of a published entry: withdrawn, restored, renamed, merged, rolled back. Reviewers only.

Every step writes whole versions through `publishing`, so each is in the
history, can be undone, and is in the audit log. Steps that write two entries
write the one readers are led to first: at every moment one of the two is there.
Taken again after a crash, a step finds what it did and does the rest.
"""

from __future__ import annotations

from dataclasses import replace

from kb import schema
from kb.check import normal_alias
from kb.errors import EntryConflict, EntryExists, EntryNotFound, InvalidEntry, InvalidId, UserError
from kb.types import Entry, Publication, Record
from search_app import publishing
from search_app.access import Person
from search_app.editorial import RemarkMissing, told
from search_app.services import Services


class NotNow(UserError):
    """The entry is not in a state in which this can be done."""


def withdraw(
    services: Services, who: Person, entry_id: str, expected: str, why: str, moved_to: str = ""
) -> Record:
    """Take an entry from readers, with the reason and, if one takes its place, where to look instead.

    Raises EntryNotFound, EntryConflict, NotNow, RemarkMissing, SetupError.
    """
    if not (reason := told(why)):
        raise RemarkMissing("请写明理由，读者会看到")
    with services.library.store.lock():
        there = services.library.store.get(entry_id)
        if moved_to:
            _published(services, moved_to)
        entry = _left(there, moved_to)
        record = _write(services, entry, there, expected, "withdrawn", who, reason)
    publishing.announce(services, record, "withdrawn", who)
    return record


def restore(services: Services, who: Person, entry_id: str, expected: str, why: str = "") -> Record:
    """Give a withdrawn entry back to readers. Raises EntryNotFound, EntryConflict, NotNow, SetupError."""
    with services.library.store.lock():
        there = services.library.store.get(entry_id)
        if there.entry.publication not in (Publication.WITHDRAWN, Publication.PUBLISHED):
            raise NotNow("它还没有发布过，不能恢复")
        entry = replace(there.entry, publication=Publication.PUBLISHED, moved_to="")
        record = _write(services, entry, there, expected, "restored", who, told(why))
    publishing.announce(services, record, "restored", who)
    return record


def rename(
    services: Services, who: Person, entry_id: str, expected: str, new_id: str, why: str = ""
) -> Record:
    """Give an entry another id; its old address leads to the new one.

    Returns the record under the new id. Raises EntryNotFound, EntryConflict,
    EntryExists, InvalidId, NotNow, SetupError.
    """
    if not schema.is_id(new_id):
        raise InvalidId("编号只能用小写字母、数字和连字符，字母开头，最长 64 个字符")
    with services.library.store.lock():
        there = services.library.store.get(entry_id)
        old = _left(there, new_id)
        _must_be(there, expected, old)
        fresh = replace(there.entry, id=new_id, publication=Publication.PUBLISHED, moved_to="")
        reason = "；".join(filter(None, (f"原编号 {entry_id}", told(why))))
        made = _write_new(services, fresh, "renamed", who, reason)
        left = _write(services, old, there, expected, "renamed", who, f"现编号 {new_id}")
    publishing.announce(services, made, "renamed", who)
    publishing.announce(services, left, "renamed", who)
    return made


def merge(
    services: Services,
    who: Person,
    entry_id: str,
    expected: str,
    into: str,
    into_expected: str,
    why: str = "",
) -> Record:
    """Make one entry of two: `into` learns how the other was asked for, and its address leads there.

    Returns the record of `into`. Raises EntryNotFound, EntryConflict, NotNow, SetupError.
    """
    with services.library.store.lock():
        there, target = services.library.store.get(entry_id), _published(services, into)
        together, old = merged(there.entry, target.entry), _left(there, into)
        _must_be(there, expected, old)
        reason = "；".join(filter(None, (f"并入 {entry_id}《{there.entry.title}》", told(why))))
        made = _write(services, together, target, into_expected, "merged", who, reason)
        reason = f"并入 {into}《{target.entry.title}》"
        left = _write(services, old, there, expected, "merged", who, reason)
    publishing.announce(services, made, "merged", who)
    publishing.announce(services, left, "merged", who)
    return made


def roll_back(
    services: Services, who: Person, entry_id: str, expected: str, number: int, why: str = ""
) -> Record:
    """Make an earlier version the published text again, as a new version.

    Raises EntryNotFound, EntryConflict, InvalidEntry, NotNow, SetupError.
    """
    earlier, findings = schema.parse(services.history.text(entry_id, number))
    if earlier is None:
        raise InvalidEntry(findings)
    with services.library.store.lock():
        there = services.library.store.get(entry_id)
        if there.entry.publication not in (Publication.WITHDRAWN, Publication.PUBLISHED):
            raise NotNow("它还没有发布过，不能退回")
        entry = replace(
            earlier,
            id=entry_id,
            publication=Publication.PUBLISHED,
            moved_to="",
            created=there.entry.created,
        )
        reason = "；".join(filter(None, (f"退回第 {number} 版", told(why))))
        record = _write(services, entry, there, expected, "rolled-back", who, reason)
    publishing.announce(services, record, "rolled-back", who)
    return record


def merged(one: Entry, into: Entry) -> Entry:
    """`into` with the ways of asking and the relations of `one`; its own words stay as they are.

    Raises NotNow for two that cannot be made one.
    """
    if one.id == into.id or one.kind is not into.kind:
        raise NotNow("只能并入同一种类的另一个条目")
    known = {normal_alias(name) for name in (into.title, *into.aliases)}
    names = {normal_alias(name): name for name in reversed((one.title, *one.aliases))}
    new = [name for plain, name in reversed(names.items()) if plain not in known]
    pair = (one.id, into.id)
    related = dict.fromkeys(name for name in (*into.related, *one.related) if name not in pair)
    return replace(into, aliases=(*into.aliases, *new), related=tuple(related))


def _left(there: Record, moved_to: str) -> Entry:
    """The entry as it lies after readers have been led elsewhere. Raises NotNow."""
    entry = replace(there.entry, publication=Publication.WITHDRAWN, moved_to=moved_to)
    if moved_to == entry.id:
        raise NotNow("不能指向它自己")
    if there.entry.publication is not Publication.PUBLISHED and there.entry != entry:
        raise NotNow("只有已发布的条目可以这样做")
    return entry


def _must_be(there: Record, expected: str, wanted: Entry) -> None:
    """The page must have shown this text, unless the step is done already. Raises EntryConflict."""
    if there.version == expected or publishing.same_but_dates(wanted, there.entry):
        return
    text = "（这一步没有做：页面打开以后条目已经变了，请重新打开再决定。）"
    raise EntryConflict(there.entry.id, schema.dump(there.entry), text)


def _write(
    services: Services, entry: Entry, there: Record, expected: str, action: str, who: Person, why: str
) -> Record:
    """One version on top of what is there; a step taken before only gets its missing note."""
    _must_be(there, expected, entry)
    return publishing.write(services, publishing.dated(services, entry), there.version, action, who, why)


def _write_new(services: Services, fresh: Entry, action: str, who: Person, why: str) -> Record:
    """The first version under a free id, or what a crash has left of it. Raises EntryExists."""
    entry = publishing.dated(services, fresh)
    try:
        there = services.library.store.get(fresh.id)
    except EntryNotFound:
        return publishing.write(services, entry, None, action, who, why)
    if there.entry != entry:
        raise EntryExists(f"编号“{fresh.id}”已经用在{there.entry.kind.label}里了")
    return publishing.write(services, entry, there.version, action, who, why)


def _published(services: Services, entry_id: str) -> Record:
    record = services.library.store.get(entry_id)
    if record.entry.publication is not Publication.PUBLISHED:
        raise EntryNotFound(f"没有编号为“{entry_id}”的条目，或者它没有发布")
    return record
