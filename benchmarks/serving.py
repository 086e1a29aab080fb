"""The running server over HTTP: pages per second, and a long day."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks import children, edits
from benchmarks.building import open_peers
from benchmarks.clients import drive, free_port, page_of, wait_for
from benchmarks.measure import memory, spread
from benchmarks.results import Results
from benchmarks.workspace import Workspace

CLIENTS = (1, 8, 50)
PAGES = 3000
"""Different questions, so that nobody answers from a cache of pages."""
TURN_SECONDS = 2.0
"""Each server is driven this long before the other has its turn."""
TURNS = 3
START_LIMIT = 600.0
"""Seconds a server may take to start; the peer's must unpack all vectors."""
TENTHS = 10


def server(space: Workspace, results: Results, seconds: float = TURN_SECONDS) -> None:
    """Product and peer in turn, with 1, 8 and 50 clients."""
    space.library()
    paths = [page_of(text) for text in space.corpus.queries(PAGES)]
    with _servers(space) as ports:
        for clients in CLIENTS:
            times: dict[str, list[float]] = {name: [] for name in ports}
            took = dict.fromkeys(ports, 0.0)
            for turn in range(TURNS):
                for name, port in ports.items():
                    shifted = paths[turn * len(paths) // TURNS :] + paths[: turn * len(paths) // TURNS]
                    found, wall = drive(port, clients, shifted, _after(seconds))
                    times[name] += found
                    took[name] += wall
            for name in ports:
                figures = spread(times[name]).figures() | {
                    "per_second": round(len(times[name]) / took[name], 1)
                }
                results.add("server", space.size, f"{name}, {clients} clients", figures)


def _after(seconds: float) -> Callable[[], bool]:
    """True once that many seconds have passed."""
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() > end


@contextmanager
def _servers(space: Workspace) -> Iterator[dict[str, int]]:
    """Ports of the product's server and, where tantivy is there, of the peer's."""
    started: list[subprocess.Popen[str]] = []
    ports = {"product": free_port()}
    try:
        started.append(children.start_product(space, ports["product"]))
        wait_for(ports["product"], page_of(children.FIRST), START_LIMIT)
        if "tantivy" in open_peers(space):
            ports["tantivy + numpy"] = port = free_port()
            started.append(children.start(space, "serve", str(port), "peer"))
            wait_for(port, page_of(children.FIRST), START_LIMIT)
        yield ports
    finally:
        for process in started:
            children.stop(process)


def soak(space: Workspace, results: Results, requests: int = 36_000, edit_every: int = 100) -> None:
    """Many pages by eight clients, an edit during every so many of them; memory and p95 by tenths."""
    space.library()
    port = free_port()
    process = children.start(space, "serve", str(port))
    paths = [page_of(text) for text in space.corpus.queries(min(PAGES, requests))]
    try:
        wait_for(port, page_of(children.FIRST), START_LIMIT)
        done = 0
        for tenth in range(TENTHS):
            times: list[float] = []
            while len(times) < requests // TENTHS:
                batch = [paths[(done + n) % len(paths)] for n in range(edit_every)]
                edits.send(process, space, done // edit_every)
                times += drive(port, 8, batch)[0]
                done += len(batch)
                edits.await_answer(process)
            held = memory(process.pid)
            # Every fold maps the vectors' files anew; the old mapping stays until its last reader is done.
            own = {"resident_mib": held.resident, "without_vectors_mib": held.resident - held.vectors}
            figures = spread(times).figures() | {name: round(mib, 1) for name, mib in own.items()}
            results.add("soak", space.size, f"tenth {tenth + 1}", figures)
    finally:
        children.stop(process)
        space.forget_saved()
        space.library()
