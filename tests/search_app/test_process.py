"""The process around the command line: one thread for each matrix product, set in time."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys

import pytest

from search_app.process import (
    ALWAYS,
    COLLECTED_AT_START,
    COLLECTED_FROM,
    TURN_SECONDS,
    WHEN_SERVING,
    collect_as_ever,
    collect_seldom,
    set_threads,
    take_turns,
)

WATCH = """
import os, sys
import search_app.process as process
assert "numpy" not in sys.modules, "loaded before anything is set"
sys.argv = ["kb", "serve", "--help"]
try:
    process.main()
except SystemExit:
    pass
assert "numpy" in sys.modules
print(sorted(name for name in process.ALWAYS + process.WHEN_SERVING if os.environ.get(name) == "1"))
"""


def test_one_thread_for_each_request_and_what_is_set_stays() -> None:
    environ = {"MKL_NUM_THREADS": "4"}
    set_threads(["--local", "x", "serve"], environ)
    assert environ == {**dict.fromkeys(ALWAYS + WHEN_SERVING, "1"), "MKL_NUM_THREADS": "4"}
    environ = {}
    set_threads(["build"], environ)
    assert environ == dict.fromkeys(ALWAYS, "1"), "a model that encodes a whole collection may use all cores"


def test_threads_are_set_before_numpy_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCH], capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin"}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(sorted(ALWAYS + WHEN_SERVING))


def test_only_a_server_shares_one_heap() -> None:
    program = "import search_app.process as p, sys; print(p.share_memory(sys.argv[1:]))"
    done = {
        words: subprocess.run(
            [sys.executable, "-c", program, *words.split()], capture_output=True, text=True, timeout=60
        ).stdout.strip()
        for words in ("serve --port 1", "build")
    }
    assert done["build"] == "False"
    assert done["serve --port 1"] == str(platform.libc_ver()[0] == "glibc")


def test_threads_of_a_server_take_turns_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    monkeypatch.setattr(sys, "setswitchinterval", told.append)
    take_turns(["build"])
    take_turns(["serve", "--port", "1"])
    assert told == [TURN_SECONDS]


def test_a_server_looks_for_circles_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(gc, "set_threshold", told.append)
    collect_seldom(["build"])
    collect_seldom(["mcp"])
    assert told == [COLLECTED_FROM]
    collect_seldom(["serve"])
    assert told[1:] == [COLLECTED_AT_START] and COLLECTED_AT_START > COLLECTED_FROM, "not while it starts"
    collect_as_ever()
    assert told[2:] == [COLLECTED_FROM]


def test_a_server_starts_without_what_only_some_requests_need() -> None:
    program = (
        "import sys; from search_app import cli, factory; print(*{m.split('.')[0] for m in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    rare = {
        "openpyxl",
        "docx",
        "mammoth",
        "pypdfium2",
        "PIL",
        "rapidfuzz",
        "pypinyin",
        "opencc",
        "jieba",
        "lxml",
    }
    assert done.returncode == 0 and not rare & set(done.stdout.split()), done.stderr or done.stdout
