"""What was done here, by whom: append-only, each line holding the hash of the one before it.

    <local>/.kb/audit.jsonl

A line that was changed, removed or moved breaks the chain from there on. Lines
cut off at the end leave a sound chain: they are noticed because the count and
the last hash are kept once more beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from kb import durable
from kb.errors import SetupError

START = "0" * 64
LOCK_SECONDS = 10.0
MAX_CHARS = 300
UNREADABLE = (-2, "", -1)
"""What a head that somebody has spoilt says: it agrees with nothing."""


class AuditUnwritable(SetupError):
    """The log cannot be written, so what it should record must not happen."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line: when (UTC, ISO 8601), who, what, to what, and the content hash before and after."""

    at: str
    who: str
    what: str
    target: str = ""
    before: str = ""
    after: str = ""
    note: str = ""
    previous: str = START
    """Hash of the line before."""


COLUMNS = tuple(field.name for field in fields(Record))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds, how many lines were read, and the first fault in words."""

    sound: bool
    lines: int
    fault: str = ""


class AuditLog:
    """The audit log of one installation. Safe between threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = path.with_suffix(".head")

    def append(
        self, who: str, what: str, target: str = "", before: str = "", after: str = "", note: str = ""
    ) -> None:
        """Add a line, on disk before this returns. Raises AuditUnwritable."""
        told = [_one_line(text) for text in (who, what, target, before, after, note)]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_suffix(".lock"), timeout=LOCK_SECONDS):
                count, previous = self._read_head()
                at = datetime.now(UTC).isoformat(timespec="seconds")
                line = _line(Record(**dict(zip(COLUMNS, (at, *told, previous), strict=True))))
                self._add(line, count + 1)
        except (OSError, Timeout) as error:
            raise AuditUnwritable(f"审计日志写不进去（{error}），这一步没有做，请检查磁盘空间") from error

    def _add(self, line: bytes, count: int) -> None:
        """Line and head, or, when the disk fills up half-way, neither. Call under the lock.

        Where the head is in place and only its syncing fails, the line stays too: head and line agree.
        """
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            before = file.tell()
            try:
                if file.write(line + b"\n") <= len(line):
                    raise OSError("only part of the line fits on the disk")
                os.fsync(file.fileno())
                durable.write(self._head, f"{count} {_hash(line)} {file.tell()}".encode())
            except OSError:
                if self._kept_head()[0] != count:
                    file.truncate(before)
                raise

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody adds a line meanwhile: log and head are copied as they belong together.

        Raises AuditUnwritable.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_suffix(".lock"), timeout=LOCK_SECONDS):
                yield
        except Timeout as error:
            raise AuditUnwritable(f"审计日志正在写，等不到（{error}），请过一会儿再试") from error

    def records(self) -> tuple[Record, ...]:
        """Every line that can be read, oldest first."""
        return tuple(record for record in map(_record, self._lines()) if record)

    def verify(self) -> Verdict:
        """Follow the chain from the first line to the last."""
        previous, count = START, 0
        for count, line in enumerate(self._lines(), 1):
            record = _record(line)
            if record is None:
                return Verdict(False, count, f"第 {count} 行读不出来")
            if record.previous != previous:
                return Verdict(False, count, f"第 {count} 行接不上前一行：前面有一行被改动、删除或调换")
            previous = _hash(line)
        if not self._agrees(count, previous):
            return Verdict(False, count, f"现有 {count} 行，与另记的行数或末行不符：末尾有行被删去或改动")
        return Verdict(True, count)

    def _lines(self) -> list[bytes]:
        return self._path.read_bytes().splitlines() if self._path.exists() else []

    def _agrees(self, count: int, last: str) -> bool:
        """True when the head speaks of these lines; a crash may have come just before it was written."""
        lines = self._lines()
        before = (count - 1, _hash(lines[-2]) if len(lines) > 1 else START)
        return self._kept_head()[:2] in ((count, last), before)

    def _kept_head(self) -> tuple[int, str, int]:
        """Count, last hash and file size as noted after the last line; nothing noted before the first."""
        if not self._head.exists():
            return 0, START, 0
        try:
            count, last, size = self._head.read_text(encoding="ascii").split()
            return int(count), last, int(size)
        except ValueError:
            return UNREADABLE

    def _read_head(self) -> tuple[int, str]:
        """Count of the lines, and the hash the next one goes on from.

        A crash leaves the note one line behind. Anything else was done by hand:
        then the next line goes on from what was noted, and the gap shows for good.
        """
        count, last, size = self._kept_head()
        if size == (self._path.stat().st_size if self._path.exists() else 0):
            return count, last
        lines = self._lines()
        before = _hash(lines[-2]) if len(lines) > 1 else START
        behind = (count + 1, last) == (len(lines), before)
        return len(lines), _hash(lines[-1]) if behind else last


def _line(record: Record) -> bytes:
    return json.dumps(asdict(record), ensure_ascii=False).encode()


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _record(line: bytes) -> Record | None:
    try:
        return Record(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _one_line(text: str) -> str:
    """No line breaks or control characters: nobody can write a second line by their name."""
    return "".join(c if c.isprintable() else " " for c in text)[:MAX_CHARS]
