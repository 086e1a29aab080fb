"""All tools in the order readers see them, by address and by the entries they belong to."""

from __future__ import annotations

from functools import cache

from search_app.calculators.answers import Tool
from search_app.calculators.branch import BALLOTS, ELECTION, YEAR
from search_app.calculators.joining import DEVELOPMENT, PROBATION
from search_app.calculators.members import DISPOSAL, HOURS, LOST, MOBILE, TRANSFER
from search_app.calculators.money import ARREARS, DUES
from search_app.calculators.terms import TERMS

GROUPS: tuple[tuple[str, tuple[Tool, ...]], ...] = (
    ("换届与开会", (ELECTION, BALLOTS, YEAR)),
    ("发展党员", (DEVELOPMENT, PROBATION)),
    ("党费", (DUES, ARREARS)),
    ("党员管理", (TRANSFER, MOBILE, LOST, DISPOSAL, HOURS)),
    ("其他", (TERMS,)),
)
TOOLS = {tool.slug: tool for _, tools in GROUPS for tool in tools}


@cache
def _by_entry() -> dict[str, tuple[Tool, ...]]:
    ids = dict.fromkeys(entry for tool in TOOLS.values() for entry in tool.entries)
    return {entry: tuple(tool for tool in TOOLS.values() if entry in tool.entries) for entry in ids}


def for_entry(entry_id: str) -> tuple[Tool, ...]:
    """The tools that belong to an entry, in the order of the overview."""
    return _by_entry().get(entry_id, ())
