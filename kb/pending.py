"""Texts that wait for review: entry files that no reader, index or export ever looks at.

    <local>/submissions/<submission id>.md

A change to a published entry carries that entry's id, so it cannot lie in the
entry's own folder; a new entry waits here too, so that one rule holds for all.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from kb import durable, schema
from kb.errors import ContentReadOnly, EntryNotFound, InvalidEntry, InvalidId
from kb.store import Store, version_of
from kb.types import Entry, Finding, Publication


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that waits, and the content hash that tells whether it is still the one somebody read."""

    entry: Entry
    version: str


class Pending:
    """The submissions folder of one content root."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, submission_id: str, entry: Entry) -> None:
        """Keep the text as submitted, whatever its header says, durably. Raises InvalidEntry, SetupError."""
        try:
            data = schema.dump(replace(entry, publication=Publication.SUBMITTED)).encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidEntry((Finding("encoding", "文字里有半个字符，不能保存", "body"),)) from error
        checked, findings = schema.parse(data)
        if checked is None:
            raise InvalidEntry(findings)
        with self._store.lock():
            path = self._path(submission_id)
            try:
                durable.write(path, data)
            except OSError as error:
                raise ContentReadOnly(
                    f"没有写进 {path.parent}（{error.strerror}），请检查磁盘空间"
                ) from error

    def get(self, submission_id: str) -> Entry:
        """The waiting text. Raises InvalidId, EntryNotFound, InvalidEntry."""
        return self.read(submission_id).entry

    def read(self, submission_id: str) -> Waiting:
        """The waiting text and its version. Raises InvalidId, EntryNotFound, InvalidEntry."""
        try:
            data = self._path(submission_id).read_bytes()
        except OSError:
            raise EntryNotFound(f"没有编号为“{submission_id}”的提交") from None
        entry, findings = schema.parse(data)
        if entry is None:
            raise InvalidEntry(findings)
        return Waiting(entry, version_of(data))

    def drop(self, submission_id: str) -> None:
        """Remove the text once it is published; the history keeps what was published. Raises SetupError."""
        with self._store.lock():
            path = self._path(submission_id)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise ContentReadOnly(f"删不掉 {path}（{error.strerror}），请检查权限") from error

    def older_than(self, seconds: float) -> list[str]:
        """Ids of the texts that have lain unchanged for so long, by id."""
        if self._store.local is None:
            return []
        found = []
        for path in (self._store.local / "submissions").glob("*.md"):
            try:
                old = time.time() - path.stat().st_mtime > seconds
            except FileNotFoundError:
                continue  # another request has just dropped it
            if old and schema.is_id(path.stem):
                found.append(path.stem)
        return sorted(found)

    def _path(self, submission_id: str) -> Path:
        if self._store.local is None or not schema.is_id(submission_id):
            raise InvalidId(f"“{submission_id[:80]}”不是提交编号")
        return self._store.local / "submissions" / f"{submission_id}.md"
