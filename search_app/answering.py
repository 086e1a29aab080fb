"""A question is answered when the entry that was begun from it is published."""

from __future__ import annotations

import re
from contextlib import suppress

from kb.errors import EntryNotFound
from search_app.access import Person
from search_app.services import Services
from search_app.state.questions import UNANSWERED, Question, QuestionMoved, Stage

_REASON = re.compile(r"回答提问 (q-[0-9a-z-]+)")


def reason(question_id: str) -> str:
    """What a submission begun from a question says of itself."""
    return f"回答提问 {question_id}"


def kept(before: str, now: str) -> str:
    """The reason of a text handed in again: the new one, but never at the cost of the question it answers."""
    return before if not now or _REASON.match(before) else now


def settle(services: Services, who: Person, why: str, entry_id: str) -> Question | None:
    """The question that `why` speaks of, now answered by the entry; None when none waits for that."""
    named = _REASON.match(why)
    if named is None:
        return None
    with suppress(EntryNotFound, QuestionMoved):
        if services.questions.get(named[1]).stage in UNANSWERED:
            services.audit.append(who.name, "question-answered", named[1], note=entry_id)
            return services.questions.move(named[1], Stage.ANSWERED, entry_id)
    return None
