"""What waits for a curator, as queues: each the entries, why they are there, and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from indexer.snapshot import Snapshot
from kb.coverage import UNSORTED, Topic, coverage
from kb.types import Entry
from search_app import versions
from search_app.services import Services
from search_app.state.feedback import Opinion, Tally

STALE_DAYS = 365
"""An entry nobody has checked for a year is doubtful: rules change, and so do telephone numbers."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry in a queue."""

    entry: Entry
    why: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    """Entry id, with `#article` where there is one, and its label: where the remedy may be found."""
    opinions: tuple[Opinion, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """One sort of work: its name in addresses, its heading, and what to do about it."""

    name: str
    label: str
    advice: str
    find: Callable[[Services, date], tuple[Waiting, ...]]
    topical: bool = False
    """True when it can be narrowed by category and source, as the coverage map does."""


def stale(services: Services, today: date) -> tuple[Waiting, ...]:
    """Entries checked last more than a year ago, or never; the longest unchecked first."""
    before = today - timedelta(days=STALE_DAYS)
    entries = [
        entry
        for entry in services.library.snapshot.entries.values()
        if entry.verified_on is None or entry.verified_on < before
    ]
    entries.sort(key=lambda entry: (entry.verified_on or date.min, entry.id))
    return tuple(Waiting(entry, (_last_checked(entry),)) for entry in entries)


def superseded(services: Services, today: date) -> tuple[Waiting, ...]:
    """Entries resting on a clause that is history, unless they say so on purpose."""
    now = services.library.snapshot
    why: dict[str, list[str]] = defaultdict(list)
    to: dict[str, dict[str, str]] = defaultdict(dict)
    for policy in versions.superseded(now):
        for use in versions.uses(policy, now):
            if use.on_purpose:
                continue
            where = "正文里连到" if use.inline else "依据"
            why[use.entry.id].append(f"{where}《{policy.title}》{use.label}，{policy.validity}")
            to[use.entry.id] |= _today(use, policy, now)
    return tuple(
        Waiting(now.entries[i], tuple(dict.fromkeys(why[i])), tuple(to[i].items())) for i in sorted(why)
    )


def unhelpful(services: Services, today: date) -> tuple[Waiting, ...]:
    """Entries that did not help, with the remarks; most voices first."""
    now, tallies = services.library.snapshot, services.feedback.tallies()
    said: dict[str, list[Opinion]] = defaultdict(list)
    for opinion in services.feedback.unhelpful():
        if opinion.entry_id in now.entries:
            said[opinion.entry_id].append(opinion)
    order = sorted(said, key=lambda i: (-len(said[i]), i))
    return tuple(
        Waiting(now.entries[i], (_voices(tallies.get(i, Tally())),), opinions=tuple(said[i])) for i in order
    )


def no_case(services: Services, today: date) -> tuple[Waiting, ...]:
    """Problems no case answers."""
    return _lacking(services, lambda topic: not topic.cases)


def no_basis(services: Services, today: date) -> tuple[Waiting, ...]:
    """Problems that cite no clause."""
    return _lacking(services, lambda topic: not topic.bases)


def no_workflow(services: Services, today: date) -> tuple[Waiting, ...]:
    """Problems no handbook workflow carries out."""
    return _lacking(services, lambda topic: not topic.workflows)


QUEUES: tuple[Queue, ...] = (
    Queue(
        "unhelpful",
        "读者说没解决",
        "看看读者补充的话，改条目，或者补一种问法让他们找到别的条目；处理完点“处理好了”。",
        unhelpful,
    ),
    Queue(
        "superseded",
        "引用了失效条文",
        "改成现行条文；确实要说历史规定的，在编辑页把这条依据标为“历史依据”。",
        superseded,
    ),
    Queue(
        "stale",
        "一年没有核对",
        "对照现行制度看一遍：没有变化点“核对过了”，有变化就去修改。",
        stale,
    ),
    Queue("no-case", "缺案例的问题", "有单位办过的，写成案例；已有合适案例的，在编辑页连上。", no_case, True),
    Queue("no-basis", "缺依据的问题", "到制度里找条文，在编辑页写进“政策依据”。", no_basis, True),
    Queue(
        "no-workflow",
        "缺流程的问题",
        "手册里有对应流程的，在编辑页连上；没有的，可以新写一个。",
        no_workflow,
        True,
    ),
)
BY_NAME: Mapping[str, Queue] = {queue.name: queue for queue in QUEUES}


def narrowed(found: tuple[Waiting, ...], category: str, source: str) -> tuple[Waiting, ...]:
    """Those of one cell of the coverage map; empty names narrow nothing."""
    return tuple(
        waiting
        for waiting in found
        if category in ("", waiting.entry.category or UNSORTED)
        and source in ("", waiting.entry.source or UNSORTED)
    )


def _lacking(services: Services, lacks: Callable[[Topic], bool]) -> tuple[Waiting, ...]:
    now = services.library.snapshot
    return tuple(Waiting(now.entries[topic.id]) for topic in _topics(now) if lacks(topic))


@lru_cache(maxsize=2)
def _topics(now: Snapshot) -> tuple[Topic, ...]:
    """Three queues ask for them, and the dashboard for all three."""
    return coverage(now.entries.values()).topics


def _last_checked(entry: Entry) -> str:
    day = entry.verified_on
    return f"上次核对：{day.year}年{day.month}月{day.day}日" if day else "从来没有核对过"


def _voices(tally: Tally) -> str:
    return f"有用 {tally.useful}，没解决 {tally.useless}"


def _today(use: versions.Use, policy: Entry, now: Snapshot) -> dict[str, str]:
    """Where an entry should look today: the clause that took the old one's place, or its policy."""
    citation = next(
        (c for c in use.entry.citations if c.policy == policy.id and c.article == use.article), None
    )
    found = versions.replacement(citation, now) if citation else None
    latest = found[0] if found else versions.family_of(policy, now).latest
    if latest.id == policy.id:
        return {}
    clause = found[1] if found else None
    ref = f"{latest.id}#{clause.anchor}" if clause else latest.id
    return {ref: f"现行：《{latest.title}》{clause.heading if clause else ''}"}


def counts(services: Services, today: date) -> dict[str, int]:
    """How many wait in each queue, by name."""
    return {queue.name: len(queue.find(services, today)) for queue in QUEUES}
