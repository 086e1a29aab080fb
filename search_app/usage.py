"""How the search is used, as bars and as the same figures in tables. No names, no script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from search_app import context
from search_app.state.querylog import Day

PERIODS = (7, 30, 90)
MOST = 15
BAR, GAP, HEIGHT = 14, 4, 120
"""Width, space and full height of a bar in the units of the drawing."""

pages = Blueprint("usage", __name__)


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the drawing: all searches, and those that were answered, in drawing units."""

    day: Day
    x: int
    tall: int
    answered: int


@pages.get("/curate/usage")
def overview() -> ResponseReturnValue:
    """Searches a day, the share answered, what is asked and opened most."""
    asked = request.args.get("days", "30")
    days = int(asked) if asked in map(str, PERIODS) else 30
    table = context.services().queries.table
    found = filled(table.days(days), date.today(), days)
    total = sum(day.searches for day in found)
    return render_template(
        "curating/usage.html",
        days=days,
        periods=PERIODS,
        bars=bars(found),
        width=len(found) * (BAR + GAP),
        height=HEIGHT,
        bar=BAR,
        most=max((day.searches for day in found), default=0),
        total=total,
        answered=share(sum(day.answered for day in found), total),
        opened=share(sum(day.opened for day in found), total),
        asked=table.wordings(days, MOST, ignored=True),
        most_opened=table.most_opened(days, MOST),
        entries=context.library().snapshot.entries,
        kept=context.config().query_days,
    )


def filled(found: list[Day], today: date, days: int) -> list[Day]:
    """Every day of the period, also those without a search."""
    known = {day.day: day for day in found}
    wanted = [f"{today - timedelta(days=back):%Y-%m-%d}" for back in range(days - 1, -1, -1)]
    return [known.get(day, Day(day, 0, 0, 0)) for day in wanted]


def bars(days: list[Day]) -> list[Bar]:
    """The days as bars; the tallest fills the height, and a day with a search is never invisible."""
    most = max((day.searches for day in days), default=0) or 1

    def tall(count: int) -> int:
        return max(1, round(HEIGHT * count / most)) if count else 0

    return [Bar(day, at * (BAR + GAP), tall(day.searches), tall(day.answered)) for at, day in enumerate(days)]


def share(part: int, whole: int) -> str:
    """Part of a whole, as people say it."""
    return f"{round(100 * part / whole)}%" if whole else "—"
