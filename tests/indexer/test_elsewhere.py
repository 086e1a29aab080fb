"""Long work in another process: the same result, or the same work here."""

from __future__ import annotations

import os
import sys

import pytest

from indexer import elsewhere


def who(*given: int) -> tuple[int, int]:
    return os.getpid(), sum(given)


def harm(process: int) -> int:
    if os.getpid() != process:
        os._exit(3)
    return 7


def test_the_work_is_done_by_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    process, total = elsewhere.do(who, 3, 4)
    assert total == 7 and process != os.getpid()


@pytest.mark.skipif(not hasattr(os, "nice"), reason="POSIX")
def test_the_other_process_stands_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert elsewhere.do(os.nice, 0) > os.nice(0)


def test_work_that_kills_the_other_process_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert elsewhere.do(harm, os.getpid()) == 7


def test_where_there_is_no_second_core_or_no_python_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as one:
        one.setattr(os, "cpu_count", lambda: 1)
        assert elsewhere.do(who, 1) == (os.getpid(), 1)
    monkeypatch.setattr(sys, "executable", "")
    assert elsewhere.do(who, 1) == (os.getpid(), 1)
