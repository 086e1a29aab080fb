"""Long work done by another process, so that this one goes on answering.

    python -m indexer.elsewhere        (function, arguments) on standard input, its result on standard output

A thread would not do: it takes turns with the requests at every few
instructions, and a save that costs 15 ms then takes 300. Both ends are the same
program, so pickles are safe. Where no process can be had the work is done here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import IO, TypeVar

T = TypeVar("T")

POLITE = 10
"""How far such a process stands back where there is not a core for everybody."""
TROUBLE = (OSError, EOFError, pickle.PickleError, subprocess.SubprocessError)


def do(work: Callable[..., T], *given: object) -> T:
    """`work(*given)`, done by a process of its own. Both must be such as can be pickled.

    What goes wrong there is done again here, so that it is raised here too.
    """
    if not sys.executable or (os.cpu_count() or 1) < 2:
        return work(*given)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "indexer.elsewhere"],
            input=pickle.dumps((work, given)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            check=True,
        )
        found: T = pickle.loads(done.stdout)
    except TROUBLE:
        return work(*given)
    return found


def do_if(much: bool, work: Callable[..., T], *given: object) -> T:
    """`work(*given)`, elsewhere if it is much."""
    return do(work, *given) if much else work(*given)


def environment() -> dict[str, str]:
    """What a process of ours needs to find our modules; one thread for its arithmetic is enough."""
    paths = os.pathsep.join(filter(None, sys.path))
    return {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def serve(asked: IO[bytes], answer: IO[bytes]) -> None:
    """Do the one thing that is asked for."""
    work, given = pickle.load(asked)
    pickle.dump(work(*given), answer, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(POLITE)
    serve(sys.stdin.buffer, sys.stdout.buffer)
