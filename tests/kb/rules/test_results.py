"""Where a milestone stands: the last permitted day is still in time."""

from __future__ import annotations

from datetime import date

import pytest

from kb.rules import clauses
from kb.rules.results import Milestone, Standing, overdue

RULES = (clauses.DEV_TALK,)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


def milestone(**more: object) -> Milestone:
    return Milestone("k", "事", **({"rules": RULES} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "today", "standing"),
    [
        ({"earliest": FIRST, "latest": LAST}, "2026-02-28", Standing.WAITING),
        ({"earliest": FIRST, "latest": LAST}, "2026-03-01", Standing.OPEN),
        ({"earliest": FIRST, "latest": LAST}, "2026-03-31", Standing.OPEN),
        ({"earliest": FIRST, "latest": LAST}, "2026-04-01", Standing.OVERDUE),
        ({"latest": LAST}, "2026-03-31", Standing.RUNNING),
        ({"latest": LAST, "rules": ()}, "2026-04-01", Standing.PASSED),
        ({"latest": LAST, "routine": True}, "2026-04-01", Standing.GONE),
        ({"latest": LAST, "marker": True}, "2026-03-30", Standing.WAITING),
        ({"latest": LAST, "marker": True}, "2026-03-31", Standing.REACHED),
        ({}, "2026-03-31", Standing.UNDATED),
        ({"latest": LAST, "pending": True}, "2026-04-30", Standing.UNDATED),
        ({"latest": LAST, "skipped": True}, "2026-04-30", Standing.SKIPPED),
        ({"earliest": FIRST, "latest": LAST, "done": FIRST}, "2026-04-30", Standing.DONE),
        ({"earliest": FIRST, "latest": LAST, "done": LAST}, "2026-04-30", Standing.DONE),
        ({"earliest": FIRST, "latest": LAST, "done": LAST}, "2026-03-02", Standing.PLANNED),
        ({"earliest": FIRST, "done": date(2026, 2, 28)}, "2026-04-30", Standing.EARLY),
        ({"latest": LAST, "done": date(2026, 4, 1)}, "2026-04-30", Standing.LATE),
        ({"latest": LAST, "done": date(2026, 4, 1), "rules": ()}, "2026-04-30", Standing.DONE),
    ],
)
def test_standing(given: dict[str, object], today: str, standing: Standing) -> None:
    found = milestone(**given)
    assert found.standing(date.fromisoformat(today)) is standing
    assert bool(overdue((found,), date.fromisoformat(today))) is standing.wrong
