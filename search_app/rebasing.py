"""A proposal that was overtaken by another change, put on top of the text that is published now."""

from __future__ import annotations

from kb import merging
from kb.types import Entry
from search_app import editorial
from search_app.access import Person
from search_app.editorial import NotAllowed, Proposal
from search_app.services import Services
from search_app.state.submissions import Standing, Submission, SubmissionMoved


def together(found: Proposal) -> Entry | None:
    """Both changes in one text; None where they touch each other, or a side is missing."""
    if found.base is None or found.current is None:
        return None
    return merging.merge(found.base, found.current, found.entry)


def rebase(services: Services, reviewer: Person, submission_id: str, seen: str) -> Submission:
    """Replace the waiting text by both changes together; it goes on waiting, to be read once more.

    Raises NotAllowed, SubmissionMoved, EntryNotFound, SetupError.
    """
    with services.library.store.lock():
        found = editorial.proposal(services, reviewer, submission_id)
        if not editorial.may_decide(services, reviewer, found.submission):
            raise NotAllowed("自己提交的内容要由别的审核员来审")
        if found.submission.standing is not Standing.WAITING or seen != found.version:
            raise SubmissionMoved("您打开之后这份提交又变了，请重新打开看过再决定")
        entry = together(found)
        if entry is None or not found.outdated:
            raise SubmissionMoved("两边改到了同一处，或者没有别的改动，合不到一起")
        base = services.library.store.get(entry.id).version
        services.audit.append(reviewer.name, "rebased", entry.id, found.submission.base, base, submission_id)
        services.pending.put(submission_id, entry)
        why, said = found.submission.why, "审核时与这期间的另一处修改合在一起"
        return services.submissions.revise(submission_id, entry.title, base, reviewer.display, why, said)
