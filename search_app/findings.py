"""What a reviewer should look at before publishing: form, links and basis, twins, personal data."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.library import Library
from kb import check, privacy, schema
from kb.check import Shelf
from kb.types import Entry, Evidence, Finding, Publication
from search_app import lookalikes, publishing
from search_app.forms import words
from search_app.lookalikes import LookAlike

_FIELD = re.compile(r"“[^”]*”（(" + "|".join(schema.BY_NAME) + r")）")
_SECTION = re.compile(r"“## ([^”]+)”一节")
_BETWEEN = frozenset({"shared-aliases", "near-identical", "repeated-sentences"})
"""Rules that compare entries with each other; the rest judge an entry by itself and what it names."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything found about one text, sorted by how much it matters."""

    private: tuple[Finding, ...]
    """Personal data and markings of secrecy."""
    wrong: tuple[Finding, ...]
    advice: tuple[Finding, ...]
    twins: tuple[LookAlike, ...]
    """Published entries that probably are the same thing."""

    @property
    def any(self) -> bool:
        """True when there is something to look at."""
        return bool(self.private or self.wrong or self.advice or self.twins)


def of(entry: Entry, library: Library) -> Findings:
    """What is to be said about a text as if it were published now."""
    entry = publishing.with_dates(replace(entry, publication=Publication.PUBLISHED))
    twins = lookalikes.twins(entry, library)
    _, said = schema.parse(schema.dump(entry).encode("utf-8", "replace"))
    found = [*said, *against(entry, library, [twin.entry for twin in twins])]
    unique = list({(f.field, f.message): f for f in (_plain(finding, entry) for finding in found)}.values())
    return Findings(
        privacy.findings(entry),
        tuple(finding for finding in unique if finding.fatal),
        tuple(finding for finding in unique if not finding.fatal),
        twins,
    )


def _plain(finding: Finding, entry: Entry) -> Finding:
    """The finding in the words of the form. What was done in one's own branch has no article to name."""
    if finding.field == "origin" and entry.origin is None and entry.evidence == Evidence.DONE:
        return replace(finding, message="没有“来源文献”；取自文章的请补上，自己单位的做法不用填", fatal=False)
    message = _FIELD.sub(lambda found: f"“{_label(entry, found[1])}”", finding.message)
    message = _SECTION.sub(lambda found: f"“{_heading(entry, found[1])}”一栏", message)
    message = message.replace("这一节是空的", "是空的").replace("有效的别名", "“别人会怎么问”里有效的")
    return replace(finding, message=message)


def _label(entry: Entry, name: str) -> str:
    return words.about(entry.kind, name)[0] or schema.BY_NAME[name].label


def _heading(entry: Entry, heading: str) -> str:
    return words.about(entry.kind, f"s-{heading}")[0] or heading


def against(entry: Entry, library: Library, near: Sequence[Entry]) -> list[Finding]:
    """What `kb.check` says about one entry among the published ones.

    The rules walk over the entries of a shelf: one that holds this entry only
    costs nothing however large the collection is. Those that compare get the
    entries that are near, which is where a repetition would be.
    """
    by_id = ChainMap({entry.id: entry}, library.snapshot.entries)  # type: ignore[arg-type]  # only read
    alone = Shelf((entry,), by_id)
    beside = Shelf((entry, *(other for other in near if other.id != entry.id)), by_id)
    found = [
        replace(finding, code=name)
        for name, find in check.RULES
        for finding in find(beside if name in _BETWEEN else alone)
        if finding.where == entry.id or (name == "near-identical" and entry.id in finding.message)
    ]
    return found
