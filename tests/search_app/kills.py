"""Kill a process while it publishes, again and again, and see what is left.

    python -m tests.search_app.kills 1000

A mother process opens the library once and forks; each child publishes cases
and says so on a pipe as soon as each is acknowledged; the mother kills it with
signal 9 at a random moment. In the end every acknowledged case must be there,
whole, with its version in the history; nothing may be torn; the audit chain,
the database and the index must be sound.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer.library import Library
from kb.store import Store
from kb.types import Entry, Kind, Publication
from search_app import publishing
from search_app.access import Person, Role
from search_app.config import Config
from search_app.services import Services, make_services

REVIEWER = Person(2, "li", "李审核", Role.REVIEWER)
WORDS = "三个工地轮流补学，扫码签到，缺课的人当周就能发现。"
LONGEST = 0.1
"""Seconds a child may live after its first case: a few saves, or half of one."""


@dataclass(frozen=True)
class Report:
    """What was found after all the killing."""

    kills: int
    acknowledged: int
    lost: int
    torn: int
    leftovers: int
    chain_sound: bool
    searchable: bool


def entry(name: str) -> Entry:
    """A case whose text can be told whole from torn."""
    body = f"## 背景\n\n{name}：{WORDS * 200}\n\n## 成效\n\n完。"
    return Entry(name, Kind.CASE, f"扫码签到{name}", publication=Publication.PUBLISHED, body=body)


def child(services: Services, number: int, pipe: int) -> None:
    """Publish until killed."""
    for count in range(1000):
        name = f"case-k{number}-{count}"
        publishing.put(services, entry(name), None, "published", REVIEWER)
        os.write(pipe, f"{name}\n".encode())
    os._exit(0)


def kill_one(services: Services, number: int, wait: float) -> list[str]:
    """One child from birth to death; returns what it acknowledged."""
    reading, writing = os.pipe()
    born = os.fork()
    if born == 0:
        os.close(reading)
        try:
            child(services, number, writing)
        finally:
            os._exit(1)
    os.close(writing)
    select.select([reading], [], [], 20.0)
    time.sleep(wait)
    os.kill(born, signal.SIGKILL)
    os.waitpid(born, 0)
    said = b""
    while select.select([reading], [], [], 0)[0] and (piece := os.read(reading, 65536)):
        said += piece
    os.close(reading)
    return said.decode().split("\n")[:-1]


def run(folder: Path, times: int, seed: int = 7) -> Report:
    """So many kills in `folder`, then the inspection."""
    content, local = folder / "content", folder / "local"
    (content / "cases").mkdir(parents=True)
    config = Config((content,), local, folder / "index", "none", secret_key="k" * 64)
    services = make_services(config, Library.open(config.settings()))
    draw = random.Random(seed)
    acknowledged: list[str] = []
    for number in range(times):
        acknowledged += kill_one(services, number, draw.random() * LONGEST)
    return inspect(config, times, acknowledged)


def inspect(config: Config, times: int, acknowledged: list[str]) -> Report:
    """Look at everything as a process does that starts after the last kill."""
    store = Store(config.roots, config.local)
    store.recover()
    services = make_services(config, Library.open(config.settings()))
    lost = [
        name
        for name in acknowledged
        if not (config.local / "cases" / f"{name}.md").is_file()
        or store.get(name).entry.body != entry(name).body
        or services.history.latest(name) is None
    ]
    records, findings = store.records()
    torn = [f for f in findings if f.fatal] + [r for r in records if not r.entry.body.endswith("完。")]
    last = acknowledged[-1] if acknowledged else ""
    return Report(
        kills=times,
        acknowledged=len(acknowledged),
        lost=len(lost),
        torn=len(torn),
        leftovers=len(list((config.local / "cases").glob(".*"))),
        chain_sound=services.audit.verify().sound,
        searchable=not last or any(hit.id == last for hit in services.library.search(f"扫码签到{last}").hits),
    )


if __name__ == "__main__":
    # The last opening may still be working saves in, in a thread of its own, while the folder goes.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        report = run(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    sys.stdout.write(json.dumps(asdict(report), ensure_ascii=False) + "\n")
    sys.exit(0 if not (report.lost or report.torn or report.leftovers) and report.chain_sound else 1)
