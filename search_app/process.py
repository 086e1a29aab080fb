"""The command `kb` as a process: what has to be set before numpy is loaded.

    kb = "search_app.process:main"

Many requests at once each want one core, not all of them: with one thread in
every matrix product a server answers two to four times as many.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import MutableMapping, Sequence

ALWAYS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Products with one vector gain nothing from a second thread, whoever asks."""
WHEN_SERVING = ("OMP_NUM_THREADS",)
"""Transformer models use it too: alone they may have all cores, among requests they get one."""
STARTING = "serve"
"""The command that says when it has started."""
SERVING = (STARTING, "mcp")
TURN_SECONDS = 0.0005
"""How long a thread may keep the others waiting. Python's own 5 ms made one search beside a busy thread
take seconds: a look through many vectors gives its turn away at every step."""
COLLECTED_FROM = 50_000
"""New objects after which a server looks for circles among them. Python's own 700 looks at everything that
is being imported and read again and again: a sixth of the time a start takes."""
COLLECTED_AT_START = 500_000
"""The same until a server has answered its first page: nearly all that is made until then stays."""
M_ARENA_MAX = -8
"""From malloc.h."""


def set_threads(words: Sequence[str], environ: MutableMapping[str, str]) -> None:
    """One thread for each request; what somebody has set already stays."""
    serving = any(word in SERVING for word in words)
    for name in ALWAYS + (WHEN_SERVING if serving else ()):
        environ.setdefault(name, "1")


def share_memory(words: Sequence[str]) -> bool:
    """Let the threads of a server share one heap, where the C library is glibc; True when that was done.

    By default each thread keeps a heap of its own, and what one of them has
    freed the others cannot use: a server grew by a third over 20,000 pages.
    """
    if not any(word in SERVING for word in words) or "MALLOC_ARENA_MAX" in os.environ:
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1))
    except (AttributeError, OSError, TypeError):
        return False


def take_turns(words: Sequence[str]) -> None:
    """Let the threads of a server take turns more often."""
    if any(word in SERVING for word in words):
        sys.setswitchinterval(TURN_SECONDS)


def collect_seldom(words: Sequence[str]) -> None:
    """Let a server look for circular garbage less often; there is hardly any."""
    if any(word in SERVING for word in words):
        gc.set_threshold(COLLECTED_AT_START if STARTING in words else COLLECTED_FROM)


def collect_as_ever() -> None:
    """A server has started: look for circular garbage as often as is good in the long run."""
    gc.set_threshold(COLLECTED_FROM)


def main() -> None:
    """The command line, in a process set up for it."""
    set_threads(sys.argv[1:], os.environ)
    share_memory(sys.argv[1:])
    take_turns(sys.argv[1:])
    collect_seldom(sys.argv[1:])
    # Only now: this loads numpy, which reads the settings once.
    from search_app.cli import main as command

    command()
