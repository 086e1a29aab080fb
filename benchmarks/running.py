"""The steps, in order; each in a process of its own, so that none is measured with another's memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import asking, building, serving, starting, writing
from benchmarks.children import ONE_THREAD
from benchmarks.results import Results
from benchmarks.workspace import Workspace

SIZES = (300, 1000, 3000, 10_000, 30_000, 100_000)
SERVED = (300, 3000, 10_000, 100_000)
"""Sizes at which the server is driven, three quarters of a minute each."""
SOAKED = 10_000
"""The one size the long day is measured at."""
STEP_LIMIT = 1500.0
"""Seconds after which a step is given up."""

ENGINES = ("build", "peers", "keyword", "hybrid", "start", "update")
"""In this order: the first two make the indexes, the last changes them."""
STEPS: dict[str, Callable[[Workspace, Results], None]] = {
    "build": building.build,
    "peers": building.build_peers,
    "keyword": asking.keyword,
    "hybrid": asking.hybrid,
    "start": starting.start,
    "update": writing.update,
    "server": serving.server,
    "soak": serving.soak,
}


@dataclass(frozen=True, slots=True)
class Task:
    """A step at a size."""

    step: str
    size: int


def plan(sizes: Sequence[int] = SIZES) -> Iterator[Task]:
    """Everything, small collections first."""
    for size in sizes:
        yield from (Task(step, size) for step in ENGINES)
        if size in SERVED:
            yield Task("server", size)
        if size == SOAKED:
            yield Task("soak", size)


def run(tasks: Iterator[Task], work: Path, results: Results, say: Callable[[str], None]) -> list[Task]:
    """Do what is not done yet; a step that fails is named, and the next one begun. Returns the failed."""
    failed = []
    for task in tasks:
        if results.is_done(task.step, task.size):
            continue
        started = time.monotonic()
        if in_own_process(task, work):
            say(f"{task.step} at {task.size}: {time.monotonic() - started:.0f} s")
        else:
            failed.append(task)
            say(f"{task.step} at {task.size}: FAILED after {time.monotonic() - started:.0f} s")
    return failed


def in_own_process(task: Task, work: Path) -> bool:
    """One step in a fresh process, linear algebra on one thread; False when it failed or took too long."""
    command = [sys.executable, "-m", "benchmarks", "step", task.step, "--size", str(task.size)]
    root = Path(__file__).resolve().parent.parent
    try:
        done = subprocess.run(
            [*command, "--work", str(work.resolve())],
            cwd=root,
            env={**os.environ, **ONE_THREAD},
            timeout=STEP_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
