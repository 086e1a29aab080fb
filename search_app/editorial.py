"""Hand in, return, publish, reject: what may be done to a submission, by whom, and what follows.

Texts wait in `kb.pending`, where they stand is in `state.submissions`. Nobody
publishes what they handed in themselves, unless an administrator has switched
on single-editor mode; the audit log says when that was used. Every step holds
the store's write lock, so that of two people who act at once the second finds
what the first one did; and the audit log is written before the step is taken.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from kb import schema
from kb.errors import EntryConflict, EntryExists, EntryNotFound, UserError
from kb.types import Entry, Publication, Record
from search_app import answering, publishing
from search_app.access import Person, Role
from search_app.services import Services
from search_app.state.base import new_id
from search_app.state.settings import SINGLE_EDITOR
from search_app.state.submissions import Standing, Submission, SubmissionMoved

MAX_REMARK = 2000
"""Characters of a comment or reason."""
ORPHAN_SECONDS = 24 * 3600.0
"""A text without its row that is older than this was left behind by a crash and never acknowledged."""

_OPEN = (Standing.WAITING, Standing.RETURNED)


class NotAllowed(UserError):
    """This person may not do that to this submission."""


class RemarkMissing(UserError):
    """The step needs a word of explanation for whom it concerns."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A submission with its text, what readers see now, and what its author started from."""

    submission: Submission
    entry: Entry
    version: str
    """Of the waiting text; a reviewer publishes the one they read."""
    current: Entry | None
    """What readers see under that id now; None where they see nothing."""
    base: Entry | None
    """The text the author opened; None for a new entry, and where it was never kept."""
    outdated: bool
    """True when the published text changed after the author opened it, or the id of a new entry is taken."""


def submit(
    services: Services, author: Person, entry: Entry, base: str = "", why: str = "", id: str = ""
) -> Submission:
    """Hand in a new entry, or with `base` a change to the published text of that version.

    `id` is the submission's own, given with the form so that sending twice is
    noticed: the same text is answered with the first submission, another text
    by the same author replaces what waits. Raises EntryExists, EntryNotFound,
    EntryConflict, InvalidEntry, NotAllowed, SubmissionMoved, SetupError.
    """
    submission_id = id or new_id("s")
    with services.library.store.lock():
        try:
            earlier = services.submissions.get(submission_id)
        except EntryNotFound:
            pass
        else:
            return _sent_again(services, author, earlier, entry, base, why)
        _check_base(services, entry, base, submission_id)
        services.pending.put(submission_id, entry)
        services.audit.append(author.name, "submitted", entry.id, base, note=submission_id)
        return services.submissions.create(
            submission_id, entry.kind, entry.id, entry.title, (author.id, author.display), base, told(why)
        )


def _sent_again(
    services: Services, author: Person, earlier: Submission, entry: Entry, base: str, why: str
) -> Submission:
    """The same form a second time: nothing new, a better text, or too late."""
    if earlier.author_id != author.id:
        raise NotAllowed("这个提交编号已经被别人用了，请重新打开表单")
    try:
        waiting = services.pending.get(earlier.id)
    except EntryNotFound:  # published meanwhile
        waiting = services.library.store.get(earlier.entry_id).entry
    if _same_text(waiting, entry):
        return earlier
    if earlier.standing.open:
        return revise(services, author, earlier.id, entry, base, why)
    label = earlier.standing.label
    raise SubmissionMoved(f"这份表单交过一次，现在是“{label}”；这次的文字不同，没有保存，请重新打开表单再交")


def _same_text(one: Entry, other: Entry) -> bool:
    """True when only dates and standing differ."""
    aside = {"created": None, "updated": None, "publication": Publication.SUBMITTED}
    return replace(one, **aside) == replace(other, **aside)  # type: ignore[arg-type]


def revise(
    services: Services, author: Person, submission_id: str, entry: Entry, base: str = "", why: str = ""
) -> Submission:
    """The author hands in a better text; it waits again. Raises NotAllowed, SubmissionMoved, InvalidEntry."""
    with services.library.store.lock():
        submission = _own(services, author, submission_id)
        _must_be(submission, _OPEN)
        if (submission.entry_id, submission.kind) != (entry.id, entry.kind):
            raise NotAllowed("修改提交时不能换编号或种类，请另交一份")
        _check_base(services, entry, base, submission_id)
        services.audit.append(author.name, "revised", entry.id, base, note=submission_id)
        services.pending.put(submission_id, entry)
        said = told(why)
        kept = answering.kept(submission.why, said)
        return services.submissions.revise(submission_id, entry.title, base, author.display, kept, said)


def take_back(services: Services, author: Person, submission_id: str) -> Submission:
    """The author gives it up. Raises NotAllowed, SubmissionMoved."""
    with services.library.store.lock():
        submission = _own(services, author, submission_id)
        return _move(services, submission, author, _OPEN, Standing.TAKEN_BACK, "提交人撤回")


def comment(services: Services, who: Person, submission_id: str, text: str) -> None:
    """Say something about it: the author, or a reviewer. Raises NotAllowed, EntryNotFound, RemarkMissing."""
    submission = services.submissions.get(submission_id)
    if not may_see(who, submission):
        raise NotAllowed("只有提交人和审核员可以留言")
    said = _needed(text, "请写下要说的话")
    services.audit.append(who.name, "commented", submission.entry_id, note=f"{submission_id} {said}")
    services.submissions.remark(submission_id, who.display, said)


def send_back(services: Services, reviewer: Person, submission_id: str, what: str) -> Submission:
    """Return it for change, saying what to change. Raises NotAllowed, SubmissionMoved, RemarkMissing."""
    said = _needed(what, "请写明要改什么，提交人才知道怎么改")
    with services.library.store.lock():
        submission = _for_review(services, reviewer, submission_id)
        return _move(services, submission, reviewer, (Standing.WAITING,), Standing.RETURNED, said)


def reject(services: Services, reviewer: Person, submission_id: str, reason: str) -> Submission:
    """Decline it for good, with the reason. Raises NotAllowed, SubmissionMoved, RemarkMissing."""
    said = _needed(reason, "请写明不采用的理由，提交人会看到")
    with services.library.store.lock():
        submission = _for_review(services, reviewer, submission_id)
        return _move(services, submission, reviewer, _OPEN, Standing.REJECTED, said)


def publish(
    services: Services, reviewer: Person, submission_id: str, why: str = "", seen: str = ""
) -> Record:
    """Make it the published text.

    `seen` is the version of the text the reviewer read: one that the author has
    changed since is not published unread. File first, standing second: after a
    crash in between the submission still waits, and publishing it again finds
    its own text there and carries on. Raises NotAllowed, SubmissionMoved,
    EntryConflict, EntryExists, SetupError.
    """
    with services.library.store.lock():
        submission = _for_review(services, reviewer, submission_id)
        _must_be(submission, (Standing.WAITING,))
        waiting = services.pending.read(submission_id)
        if seen and seen != waiting.version:
            raise SubmissionMoved("您打开之后提交人又改过文字，还没有发布。请重新打开看过再发布")
        entry = publishing.dated(services, replace(waiting.entry, publication=Publication.PUBLISHED))
        if reviewer.id == submission.author_id:
            services.audit.append(reviewer.name, "single-editor", entry.id, note=submission_id)
        reason = told(why) or submission.why
        expected = submission.base or None
        record = publishing.write(services, entry, expected, "published", reviewer, reason, submission.author)
        services.submissions.move(
            submission_id, (Standing.WAITING,), Standing.PUBLISHED, reviewer.display, told(why)
        )
        services.pending.drop(submission_id)
    publishing.announce(services, record, "published", reviewer, submission.author)
    return record


def proposal(services: Services, who: Person, submission_id: str) -> Proposal:
    """A submission to read: its author and reviewers only. Raises EntryNotFound for everybody else."""
    submission = services.submissions.get(submission_id)
    if not may_see(who, submission):
        raise EntryNotFound(f"没有编号为“{submission_id[:80]}”的提交")
    try:
        record = services.library.store.get(submission.entry_id)
    except EntryNotFound:
        waiting = services.pending.read(submission_id)
        return Proposal(submission, waiting.entry, waiting.version, None, None, bool(submission.base))
    current = record.entry if record.entry.publication is Publication.PUBLISHED else None
    if submission.standing is Standing.PUBLISHED:
        return Proposal(submission, record.entry, record.version, current, None, False)
    waiting = services.pending.read(submission_id)
    outdated = record.version != submission.base
    base = _opened(services, submission) if outdated else record.entry
    return Proposal(submission, waiting.entry, waiting.version, current, base, outdated)


def _opened(services: Services, submission: Submission) -> Entry | None:
    """The text an author started from, as far as the history has it."""
    kept = services.history.holding(submission.entry_id, submission.base) if submission.base else None
    return schema.parse(kept)[0] if kept else None


def clear_orphans(services: Services, older_than: float = ORPHAN_SECONDS) -> list[str]:
    """Remove the texts that a crash left without a row, and those of what is published; returns their ids."""
    old = services.pending.older_than(older_than)
    known = services.submissions.known(old)
    orphans = [name for name in old if name not in known]
    for name in orphans:
        services.pending.drop(name)
    return orphans


def may_see(who: Person, submission: Submission) -> bool:
    """True for the author and for reviewers."""
    return who.may(Role.REVIEWER) or (who.may(Role.MEMBER) and who.id == submission.author_id)


def may_decide(services: Services, who: Person, submission: Submission) -> bool:
    """True when `who` may publish, return or reject it: a reviewer who is not its author."""
    if not who.may(Role.REVIEWER):
        return False
    return who.id != submission.author_id or services.settings.on(SINGLE_EDITOR)


def told(text: str) -> str:
    """What somebody wrote as a reason: no control characters, LF line ends, a bounded length."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co"))
    return kept.strip()[:MAX_REMARK]


def _needed(text: str, message: str) -> str:
    if not (said := told(text)):
        raise RemarkMissing(message)
    return said


def _move(
    services: Services,
    submission: Submission,
    who: Person,
    allowed: tuple[Standing, ...],
    to: Standing,
    text: str,
) -> Submission:
    """The log line, then the step; the caller holds the lock."""
    _must_be(submission, allowed)
    services.audit.append(who.name, str(to), submission.entry_id, note=f"{submission.id} {text}")
    return services.submissions.move(submission.id, allowed, to, who.display, text)


def _must_be(submission: Submission, allowed: tuple[Standing, ...]) -> None:
    if submission.standing not in allowed:
        raise SubmissionMoved(f"这份提交现在是“{submission.standing.label}”，没有再改动")


def _for_review(services: Services, reviewer: Person, submission_id: str) -> Submission:
    submission = services.submissions.get(submission_id)
    if not may_decide(services, reviewer, submission):
        raise NotAllowed("自己提交的内容要由别的审核员来审；只有一个人时，请管理员打开“单人编辑”")
    return submission


def _own(services: Services, author: Person, submission_id: str) -> Submission:
    submission = services.submissions.get(submission_id)
    if submission.author_id != author.id or not author.may(Role.MEMBER):
        raise NotAllowed("只有提交人自己可以这样做")
    return submission


def _check_base(services: Services, entry: Entry, base: str, submission_id: str) -> None:
    """A new entry needs a free id; a change must be written against the text that is published now."""
    if not base:
        publishing.free_id(services, entry.id)
        rivals = services.submissions.find(entry_id=entry.id, standings=_OPEN)
        if any(not rival.is_change and rival.id != submission_id for rival in rivals):
            raise EntryExists(f"编号“{entry.id}”已经用在另一份等待审核的提交里了")
        return
    record = services.library.store.get(entry.id)
    if record.version != base:
        raise EntryConflict(entry.id, schema.dump(record.entry), schema.dump(entry))
