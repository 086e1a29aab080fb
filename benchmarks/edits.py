"""Edits made inside a running server, one for every line it is sent: what a working day does to it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

from benchmarks.corpus import text_of
from benchmarks.workspace import Workspace
from indexer.library import Library
from kb import schema

DISTINCT = 100
"""Entries the edits go round: first each is new, then each is changed again and again."""


def follow(library: Library) -> None:
    """Save the entry whose file every line on standard input holds, and answer with its id."""
    versions: dict[str, str] = {}
    try:
        for line in sys.stdin:
            entry, _ = schema.parse(json.loads(line).encode())
            assert entry is not None
            versions[entry.id] = library.save(entry, versions.get(entry.id)).version
            print(entry.id, flush=True)
    finally:
        # Whoever waits for an answer learns that none will come.
        sys.stdout.close()


def send(process: subprocess.Popen[str], space: Workspace, turn: int) -> None:
    """Ask a server for its next edit. The entry is made here: the server's memory is to be its own."""
    assert process.stdin is not None
    entry = space.corpus.entry(space.size + turn % DISTINCT)
    changed = replace(entry, summary=f"{entry.summary}第{turn}次。")
    process.stdin.write(json.dumps(text_of(changed)) + "\n")
    process.stdin.flush()


def await_answer(process: subprocess.Popen[str]) -> None:
    """Wait until the edit is made. Raises ConnectionError when the server could not make it."""
    assert process.stdout is not None
    if not process.stdout.readline():
        raise ConnectionError("the server did not make the edit")
