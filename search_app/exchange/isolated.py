"""Somebody else's file, read in a process of its own, with a limit on time and on memory.

The parsers are sound, but nobody can promise that for every file: 135 KB of
Word can keep one busy for minutes. The child gets the bytes on standard input
and answers JSON on standard output; nothing it does reaches the server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import Any

from kb.errors import SetupError, UnreadableDocument
from search_app.exchange import guard

SECONDS = 15
MEMORY = 512 << 20
AT_ONCE = 2
"""Files read at the same time; a third waits its turn as long as one may take."""
TOO_MUCH = "文件内容太多或结构异常，没能在限定的时间和内存里读完。请删去多余内容，或拆成几个文件再上传。"


class ReaderMissing(SetupError):
    """The reading process cannot be started."""


class FileReader:
    """Reads files one or two at a time, whoever asks. Safe to share between threads."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._turn = threading.BoundedSemaphore(at_once)

    def read(self, data: bytes) -> dict[str, Any]:
        """As `read`; raises UnreadableDocument too when everybody uploads at once."""
        if not self._turn.acquire(timeout=SECONDS):
            raise UnreadableDocument("现在上传的人太多，文件没有读。请过一分钟再试。")
        try:
            return read(data)
        finally:
            self._turn.release()


def read(data: bytes, *, seconds: float = SECONDS, memory: int = MEMORY) -> dict[str, Any]:
    """The file's content as plain values, see `worker`. Raises UnreadableDocument, ReaderMissing."""
    sort = guard.sort_of(data)
    command = [sys.executable, "-m", "search_app.exchange.worker", sort.name, str(memory), str(int(seconds))]
    few_threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    # Not ours: the signing key and the password of the database have no business beside a stranger's file.
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=seconds, env=theirs | few_threads
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableDocument(TOO_MUCH) from error
    except OSError as error:
        raise ReaderMissing(f"启动不了读文件的进程（{error.strerror}），请检查系统内存和权限") from error
    if done.returncode != 0:
        raise UnreadableDocument(TOO_MUCH)
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise UnreadableDocument(answer["refused"])
    return dict(answer) | {"sort": sort.name}
