"""Where the time of a search goes, by function: what to read when a figure is missed."""

from __future__ import annotations

import cProfile
import io
import pstats

from benchmarks.workspace import Workspace

SHOWN = 30


def profile(space: Workspace, off: frozenset[str] = frozenset()) -> str:
    """The dearest functions of all questions together, called functions left out of each."""
    library, questions = space.library(), space.questions()
    for text in questions:
        library.search(text, off=off)
    watched = cProfile.Profile()
    watched.enable()
    for text in questions:
        library.search(text, off=off)
    watched.disable()
    told = io.StringIO()
    pstats.Stats(watched, stream=told).strip_dirs().sort_stats("tottime").print_stats(SHOWN)
    return told.getvalue()
