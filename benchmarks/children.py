"""Processes started for a measurement: a build, the product's server, the peer's server, and a cold library.

python -m benchmarks.children build FOLDER SIZE     builds the index, prints how long it took
python -m benchmarks.children first FOLDER SIZE     prints an answer, then its memory
python -m benchmarks.children serve FOLDER SIZE PORT [peer]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.workspace import Workspace

ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
"""Linear algebra on one thread, as in the server: requests, not products, share the cores."""
THREADS = 8
"""Of waitress, as `kb serve` has by default."""
FIRST = "党费逾期没交怎么办"
SERVING = ("serve",)
"""The command whose settings hold."""


def start(space: Workspace, what: str, *arguments: str) -> subprocess.Popen[str]:
    """This module in a fresh process."""
    command = ["-m", "benchmarks.children", what, str(space.folder), str(space.size), *arguments]
    return _spawn(space, command, {})


def start_product(space: Workspace, port: int) -> subprocess.Popen[str]:
    """`kb serve` over a collection."""
    folders = {"KB_CONTENT": space.content, "KB_LOCAL": space.local, "KB_INDEX": space.index}
    environment = {name: str(folder) for name, folder in folders.items()}
    return _spawn(space, ["-m", "search_app", "serve", "--port", str(port)], environment)


def _spawn(space: Workspace, arguments: list[str], more: Mapping[str, str]) -> subprocess.Popen[str]:
    """Errors and warnings go to a file: fifty clients make the server complain about its queue."""
    root = Path(__file__).resolve().parent.parent
    with (space.folder / "children.log").open("a", encoding="utf-8") as log:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=root,
            env={**os.environ, **ONE_THREAD, **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def stop(process: subprocess.Popen[str]) -> None:
    """End a process started here."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def answer(space: Workspace, what: str) -> dict[str, float]:
    """What this module prints in a fresh process. Raises ValueError where it failed."""
    process = start(space, what)
    told, _ = process.communicate()
    found: dict[str, float] = json.loads(told)
    return found


def _build(space: Workspace) -> None:
    """Build the index in a process that has done nothing else, and say what it took."""
    import time

    from benchmarks.measure import Peak
    from indexer.library import Library

    with Peak() as peak:
        cpu, wall = time.process_time(), time.perf_counter()
        Library.open(space.settings)
        took, busy = time.perf_counter() - wall, time.process_time() - cpu
    figures = {"seconds": took, "cpu_seconds": busy}
    print(json.dumps(figures | {"peak_mib": peak.resident, "own_peak_mib": peak.anonymous}), flush=True)


def _first(space: Workspace, behind: bool) -> None:
    """Open, answer, say so; then answer 200 questions and tell the memory."""
    from indexer.library import Library
    from search_app import process

    process.share_memory(SERVING)
    library = Library.open(space.settings, background=behind)
    found = library.search(FIRST)
    print(json.dumps({"hits": len(found.hits), "degraded": found.degraded}), flush=True)
    from benchmarks.measure import memory

    opened = asdict(memory())
    for text in space.questions():
        library.search(text)
    print(
        json.dumps({"opened": opened, "asked": asdict(memory()), "torch": "torch" in sys.modules}), flush=True
    )


def as_served() -> None:
    """Set this process up as `kb serve` is, so that product and peer differ in nothing else."""
    from search_app import process

    process.share_memory(SERVING)
    process.take_turns(SERVING)
    process.collect_as_ever()


def _serve(space: Workspace, port: int, peer: bool) -> None:
    """A server; each line read is an edit to be made, each line written says that it was."""
    import threading

    import waitress

    from benchmarks.edits import follow
    from search_app import MAX_REQUEST_BYTES, create_app
    from search_app.config import Config

    as_served()
    library = space.library()
    if peer:
        from benchmarks import peers
        from benchmarks.reference import stand_in

        library = stand_in(library, peers.load("tantivy", space.peer("tantivy")))
    library.warm()
    config = Config(roots=(space.content,), local=space.local, index=space.index)
    app = create_app(config, library)
    threading.Thread(target=follow, args=(library,), daemon=True).start()
    waitress.serve(
        app, host="127.0.0.1", port=port, threads=THREADS, max_request_body_size=MAX_REQUEST_BYTES, ident=None
    )


def main(arguments: list[str]) -> None:
    """See the head of this module."""
    from benchmarks.corpus import Corpus
    from benchmarks.workspace import Workspace

    what, folder, size, *more = arguments
    space = Workspace(Path(folder), int(size), Corpus())
    if what == "build":
        _build(space)
    elif what.startswith("first"):
        _first(space, behind=what == "first")
    else:
        _serve(space, int(more[0]), "peer" in more)


if __name__ == "__main__":
    main(sys.argv[1:])
