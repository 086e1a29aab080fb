"""From nothing to the first answer, and what a process then holds."""

from __future__ import annotations

import json
import time
from typing import Any

from benchmarks import children
from benchmarks.clients import free_port, page_of, wait_for
from benchmarks.measure import spread
from benchmarks.results import Results
from benchmarks.workspace import Workspace

STARTS = 5
LIMIT = 120.0
"""Seconds after which a start has failed."""


def start(space: Workspace, results: Results) -> None:
    """`Library` and server in turn, each in a fresh process: from its creation to the first hybrid answer."""
    space.library()
    ways = ("library", "library, files checked first")
    times: dict[str, list[float]] = {name: [] for name in (*ways, "server")}
    told: dict[str, Any] = {}
    for _ in range(STARTS):
        for way, what in zip(ways, ("first", "first-checked"), strict=True):
            took, told = _library(space, what)
            times[way].append(took)
        times["server"].append(_server(space))
    for name, found in times.items():
        results.add("start", space.size, name, spread(found).figures())
    for moment in ("opened", "asked"):
        figures = {name: round(value, 1) for name, value in told[moment].items()}
        results.add("start", space.size, f"memory when {moment}", figures | {"torch": str(told["torch"])})


def _library(space: Workspace, what: str) -> tuple[float, dict[str, Any]]:
    started = time.perf_counter()
    process = children.start(space, what)
    assert process.stdout is not None
    answer = json.loads(process.stdout.readline())
    took = time.perf_counter() - started
    if not answer["hits"] or answer["degraded"]:
        raise AssertionError(f"not a hybrid answer: {answer}")
    told = json.loads(process.stdout.readline())
    process.wait(LIMIT)
    children.stop(process)
    return took, told


def _server(space: Workspace) -> float:
    port = free_port()
    started = time.perf_counter()
    process = children.start_product(space, port)
    try:
        wait_for(port, page_of(children.FIRST), LIMIT)
        return time.perf_counter() - started
    finally:
        children.stop(process)
