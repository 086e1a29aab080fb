"""Entries on disk. Files are the truth; everything else can be rebuilt from them.

Several content roots lie over each other: the starter content of this
repository first, an organisation's own root last. The later root wins, and
only the local root is ever written.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from kb import durable, schema
from kb.errors import (
    ContentBusy,
    ContentMissing,
    ContentReadOnly,
    EntryConflict,
    EntryExists,
    EntryNotFound,
    InvalidEntry,
    InvalidId,
)
from kb.types import Entry, Finding, Kind, Record

LOCK_SECONDS = 10.0
"""How long a save waits for another one before it says that the folder is busy."""
POLL_SECONDS = 0.01
"""How often it looks whether another process is done."""


@dataclass(frozen=True, slots=True)
class File:
    """Where an entry lies and what a cheap look at it says; equal stamps mean an unchanged file."""

    id: str
    kind: Kind
    folder: Path
    stamp: str
    local: bool

    @property
    def path(self) -> Path:
        """The file itself; made when it is asked for, for a large collection has many."""
        return self.folder / f"{self.id}.md"


class Store:
    """The content roots as one collection of entries.

    `roots` are read in order, later ones winning; `local`, when given, is read
    last and is the only one written. Raises ContentMissing when a root is not
    a folder.
    """

    def __init__(self, roots: tuple[Path, ...], local: Path | None = None) -> None:
        self.roots = tuple(root.resolve() for root in roots)
        self.local = local.resolve() if local else None
        self._holding = threading.local()
        self._turn = threading.Lock()
        for root in self.roots:
            if not root.is_dir():
                raise ContentMissing(f"找不到内容文件夹 {root}，请检查设置，或先运行 kb init")

    def recover(self) -> list[Path]:
        """Clear what a killed process left behind; what other processes are writing is safe from it.

        Writers create temporary files only under the write lock, so whatever
        is found while holding it belongs to nobody.
        """
        if self.local is None or not self.local.is_dir() or not os.access(self.local, os.W_OK):
            return []
        folders = [self.local / kind.folder for kind in Kind]
        folders += [self.local / "submissions", self.local / "attachments", *self.local.glob("history/*")]
        with self.lock():
            return [path for folder in folders for path in durable.remove_leftovers(folder)]

    def files(self) -> tuple[dict[str, File], list[Finding]]:
        """Every entry file by id, and what is wrong with the others."""
        findings: list[Finding] = []
        return {file.id: file for file in self.each(findings)}, findings

    def each(self, findings: list[Finding]) -> Iterator[File]:
        """Every entry file, one by one, the last root first; what is wrong with others joins `findings`."""
        seen: set[str] = set()
        for root in (*((self.local,) if self.local else ()), *reversed(self.roots)):
            here: dict[str, Path] = {}
            for kind in Kind:
                for file in self._folder(root, kind, findings):
                    other = here.setdefault(file.id, file.folder)
                    if other is not file.folder:
                        where = (other / file.path.name).relative_to(root)
                        message = f"编号与 {where} 重复，只采用前者"
                        findings.append(Finding("duplicate-id", message, "id", file.id))
                    elif file.id not in seen:
                        yield file
            seen |= here.keys()

    def _folder(self, root: Path, kind: Kind, findings: list[Finding]) -> Iterator[File]:
        folder = root / kind.folder
        if not folder.is_dir():
            return
        if not _inside(folder, root):
            findings.append(Finding("symlink", "文件夹链接到内容文件夹之外，不读取", where=kind.folder))
            return
        try:
            names = sorted(os.listdir(folder))
        except OSError as error:
            findings.append(Finding("unreadable", f"读不出来：{error.strerror}", where=kind.folder))
            return
        for name in names:
            if not name.endswith(".md") or name.startswith((".", "_")):
                continue
            entry_id, where = name.removesuffix(".md"), f"{kind.folder}/{name}"
            if not schema.is_id(entry_id):
                message = "文件名不是合格的编号（小写字母、数字、连字符）"
                findings.append(Finding("file-name", message, where=where))
            elif _leads_out(f"{folder}/{name}", root):
                message = "链接没有指向内容文件夹里的文件，不读取"
                findings.append(Finding("symlink", message, where=where))
            elif stamp := _stamp(f"{folder}/{name}"):
                yield File(entry_id, kind, folder, stamp, root == self.local)

    def load(self, file: File) -> tuple[Record | None, tuple[Finding, ...]]:
        """One file -> its record and findings; never raises for what the file contains."""
        try:
            raw = file.path.read_bytes()
        except OSError as error:
            return None, (Finding("unreadable", f"读不出来：{error.strerror}", where=file.id),)
        entry, findings = schema.parse(raw)
        findings = tuple(_at(finding, file.id) for finding in findings)
        if entry is None:
            return None, findings
        if entry.id != file.id or entry.kind != file.kind:
            message = f"文件在 {file.kind.folder}/{file.id}.md，里面却写着 {entry.kind} / {entry.id}"
            return None, (*findings, Finding("misplaced", message, "id", file.id))
        return Record(entry, version_of(raw), str(file.path), file.local, findings), findings

    def version(self, file: File) -> str:
        """Content hash of a file; empty where it cannot be read."""
        try:
            return version_of(file.path.read_bytes())
        except OSError:
            return ""

    def records(self) -> tuple[list[Record], list[Finding]]:
        """Every readable entry, and every finding on the way."""
        files, findings = self.files()
        records = []
        for file in files.values():
            record, more = self.load(file)
            findings.extend(more)
            if record:
                records.append(record)
        return records, findings

    def find(self, entry_id: str) -> File:
        """Where an entry lies, the local root first. Raises InvalidId, EntryNotFound."""
        if not schema.is_id(entry_id):
            raise InvalidId(f"“{entry_id[:80]}”不是条目编号")
        for root in (*((self.local,) if self.local else ()), *reversed(self.roots)):
            for kind in Kind:
                folder = root / kind.folder
                path = folder / f"{entry_id}.md"
                if (stamp := _stamp(path)) and _inside(path, root):
                    return File(entry_id, kind, folder, stamp, root == self.local)
        raise EntryNotFound(f"没有编号为“{entry_id}”的条目")

    def get(self, entry_id: str) -> Record:
        """The entry of that id. Raises InvalidId, EntryNotFound, InvalidEntry."""
        record, findings = self.load(self.find(entry_id))
        if record is None:
            raise InvalidEntry(findings)
        return record

    def save(self, entry: Entry, expected: str | None) -> Record:
        """Write `entry` into the local root; returns only once it is durable.

        `expected` is the version the writer started from, None for a new
        entry. Raises EntryExists, EntryConflict (both texts inside),
        InvalidEntry, ContentReadOnly, ContentBusy.
        """
        text = schema.dump(entry)
        try:
            data = text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidEntry((Finding("encoding", "正文里有半个字符，不能保存", "body"),)) from error
        checked, findings = schema.parse(data)
        if checked is None:
            raise InvalidEntry(findings)
        with self.lock():
            self._refuse_stale(entry, expected, text)
            path = self._path(entry)
            try:
                durable.write(path, data)
            except OSError as error:
                raise ContentReadOnly(
                    f"没有写进 {path.parent}（{error.strerror}），原文没有损坏，请检查磁盘空间和权限"
                ) from error
        return Record(checked, version_of(data), str(path), True)

    def _refuse_stale(self, entry: Entry, expected: str | None, text: str) -> None:
        try:
            current = self.find(entry.id)
        except EntryNotFound:
            if expected is None:
                return
            raise EntryConflict(entry.id, "", text) from None
        if expected is None or current.kind is not entry.kind:
            raise EntryExists(f"编号“{entry.id}”已经用在{current.kind.label}里了")
        raw = current.path.read_bytes()
        if version_of(raw) != expected:
            raise EntryConflict(entry.id, raw.decode("utf-8", "replace"), text)

    def _path(self, entry: Entry) -> Path:
        if not schema.is_id(entry.id) or self.local is None:
            raise InvalidId(f"“{entry.id[:80]}”不是条目编号")
        folder = self.local / entry.kind.folder
        if not _inside(folder, self.local):
            raise ContentReadOnly(f"{folder} 链接到内容文件夹之外，不能写入，请换成普通文件夹")
        return folder / f"{entry.id}.md"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """The one write lock of the local root, held across processes; may be taken again inside itself.

        Take it around several writes that belong together. Raises
        ContentReadOnly, ContentBusy.
        """
        if self.local is None:
            raise ContentReadOnly("没有设置本单位的内容文件夹，不能保存。请先运行 kb init 文件夹")
        if getattr(self._holding, "now", False):
            yield
            return
        # Threads of one process wait for each other here: a file lock is asked for again and again
        # instead of waited for, and among many askers one may never find it free.
        if not self._turn.acquire(timeout=LOCK_SECONDS):
            raise ContentBusy("内容文件夹正在被写入，请稍后再试")
        try:
            lock = self._file_lock(self.local / ".kb" / "write.lock")
            self._holding.now = True
            try:
                yield
            finally:
                self._holding.now = False
                lock.release()
        finally:
            self._turn.release()

    def _file_lock(self, path: Path) -> BaseFileLock:
        """The lock between processes, taken. Raises ContentReadOnly, ContentBusy."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path, timeout=LOCK_SECONDS, poll_interval=POLL_SECONDS)
            lock.acquire()
        except Timeout:
            raise ContentBusy("内容文件夹正被另一个程序写入，请稍后再试") from None
        except OSError as error:
            raise ContentReadOnly(f"内容文件夹 {self.local} 不能写入（{error.strerror}）") from error
        return lock


def version_of(data: bytes) -> str:
    """Content hash of a file: equal versions mean equal bytes."""
    return hashlib.sha256(data).hexdigest()[:32]


def _stamp(path: Path | str) -> str:
    """What changes when a file is rewritten; empty when there is no such file, or no longer."""
    try:
        seen = os.stat(path)
    except OSError:
        return ""
    return f"{seen.st_mtime_ns}:{seen.st_size}:{seen.st_ino}" if stat.S_ISREG(seen.st_mode) else ""


def _inside(path: Path, root: Path) -> bool:
    """True when `path` still lies below `root` once links are followed; a link in a circle lies nowhere."""
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _leads_out(path: str, root: Path) -> bool:
    """True for a link to something that is not below `root`."""
    return os.path.islink(path) and not _inside(Path(path), root)


def _at(finding: Finding, where: str) -> Finding:
    return Finding(finding.code, finding.message, finding.field, where, finding.fatal)
