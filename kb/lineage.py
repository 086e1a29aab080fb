"""Which policy took the place of which, and which of them was in force on a day.

    for family in families(policies):
        then = at(family, date(2020, 5, 1))

A family is every policy connected by `supersedes` and `superseded_by`, the
oldest first. Nothing is guessed: a text without dates has no answer, and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kb.types import Entry, Kind, Validity


class Verdict(StrEnum):
    """What can be said of a family on a day; the value is what the page says."""

    IN_FORCE = "当时有效"
    EARLIER = "早于本库收录的最早文本，当时条文未收录"
    UNDATED = "施行日期未收录，不能判断"
    ENDED = "后来已失效，失效日期未收录，不能判断"
    UNVERIFIED = "效力待核对，不能判断"


@dataclass(frozen=True, slots=True)
class Version:
    """One policy as a member of its family."""

    entry: Entry
    start: date | None
    """First day it applies: 施行日期, else 发布日期."""
    end: date | None
    """First day its successor applies; None while nothing followed or the day is not known."""

    @property
    def assumed(self) -> bool:
        """True when the first day is the day of issue for want of a better one."""
        return self.entry.effective is None and self.start is not None


@dataclass(frozen=True, slots=True)
class Family:
    """Policies that took each other's place, the oldest first."""

    versions: tuple[Version, ...]

    @property
    def latest(self) -> Entry:
        """The one that applies today, as far as the collection knows."""
        return self.versions[-1].entry

    def version(self, entry_id: str) -> Version | None:
        """The member of that id."""
        return next((version for version in self.versions if version.entry.id == entry_id), None)


@dataclass(frozen=True, slots=True)
class Then:
    """A family on one day: the version in force, or why none can be named."""

    family: Family
    verdict: Verdict
    version: Version | None = None


def families(entries: Iterable[Entry]) -> tuple[Family, ...]:
    """Every policy in exactly one family; families by the title of their latest version."""
    policies = {entry.id: entry for entry in entries if entry.kind is Kind.POLICY}
    followers = _followers(policies)
    neighbours: dict[str, set[str]] = defaultdict(set)
    for old, news in followers.items():
        for new in news:
            neighbours[old].add(new)
            neighbours[new].add(old)
    seen: set[str] = set()
    found = []
    for entry_id in sorted(policies):
        if entry_id not in seen:
            members = _connected(entry_id, neighbours)
            seen |= members
            found.append(_family([policies[member] for member in sorted(members)], followers))
    return tuple(sorted(found, key=lambda family: (family.latest.title, family.latest.id)))


def _followers(policies: dict[str, Entry]) -> dict[str, set[str]]:
    """Old id -> ids of what took its place, whichever side says so; unknown ids are left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in policies.values():
        pairs = [(old, entry.id) for old in entry.supersedes]
        pairs += [(entry.id, entry.superseded_by)] if entry.superseded_by else []
        for old, new in pairs:
            if old in policies and new in policies and old != new:
                found[old].add(new)
    return found


def _connected(start: str, neighbours: dict[str, set[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = neighbours[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found


def _family(members: list[Entry], followers: dict[str, set[str]]) -> Family:
    generation = {member.id: 0 for member in members}
    for _ in members:  # a chain of n is settled after n rounds, and a circle does not hang
        for old in generation:
            for new in followers.get(old, ()):
                generation[new] = min(max(generation[new], generation[old] + 1), len(members))
    ordered = sorted(members, key=lambda e: (generation[e.id], _start(e) or date.min, e.id))
    starts = {member.id: _start(member) for member in members}
    return Family(tuple(Version(e, starts[e.id], _end(followers.get(e.id, set()), starts)) for e in ordered))


def _start(entry: Entry) -> date | None:
    return entry.effective or entry.issued


def _end(followers: set[str], starts: dict[str, date | None]) -> date | None:
    return min((day for new in followers if (day := starts[new])), default=None)


def at(family: Family, day: date) -> Then:
    """The version of a family that applied on `day`, or why that cannot be told."""
    open_ends = []
    for version in reversed(family.versions):
        if version.start is None:
            open_ends.append(version)
        elif version.start <= day:
            return _since(family, version, day)
    if open_ends:
        doubt = open_ends[0].entry.validity is Validity.UNVERIFIED
        return Then(family, Verdict.UNVERIFIED if doubt else Verdict.UNDATED)
    return Then(family, Verdict.EARLIER)


def _since(family: Family, version: Version, day: date) -> Then:
    """A version that had begun by `day`: still in force then?"""
    validity = version.entry.validity
    if version.end is not None:
        # Nothing later had begun, or `at` would have found it first.
        return Then(family, Verdict.IN_FORCE, version)
    if validity is Validity.UNVERIFIED:
        return Then(family, Verdict.UNVERIFIED, version)
    if validity is not None and validity.superseded:
        return Then(family, Verdict.ENDED, version)
    return Then(family, Verdict.IN_FORCE, version)
