"""A disk that keeps a diary and fails where it is told to."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kb import durable


class Disk:
    """The real disk functions, each call written into `steps`; the `fail_at`-th calls `fail` instead.

    A write counts as two steps, so that a failure can fall in its middle.
    """

    def __init__(self, folder: Path, fail_at: int = 0, fail: Callable[[], None] | None = None) -> None:
        self.folder = folder
        self.fail_at = fail_at
        self.fail = fail
        self.steps: list[str] = []

    def step(self, what: str) -> None:
        self.steps.append(what)
        if len(self.steps) == self.fail_at and self.fail:
            self.fail()

    def ours(self, path: object) -> bool:
        """True for what `durable` touches; the lock's own folder is not part of it."""
        if not isinstance(path, str | Path) or ".kb" in Path(path).parts:
            return False
        return Path(path).is_relative_to(self.folder)

    def install(self, put: Callable[..., None] = setattr) -> Disk:
        """Stand in front of the real functions; `put` is `setattr`, or pytest's, which undoes it."""
        real_fsync, real_replace, real_open, real_mkdir = os.fsync, os.replace, os.open, os.mkdir
        folders: dict[int, Path] = {}

        def mkdir(path: Any, *args: Any, **more: Any) -> None:
            if self.ours(path):
                self.step(f"mkdir {Path(path).name}")
            real_mkdir(path, *args, **more)

        def open_folder(path: Any, flags: int, *args: Any, **more: Any) -> int:
            if not (self.ours(path) and Path(path).is_dir()):
                return real_open(path, flags, *args, **more)
            self.step(f"open {Path(path).name}")
            descriptor = real_open(path, flags, *args, **more)
            folders[descriptor] = Path(path)
            return descriptor

        def fsync(descriptor: int) -> None:
            folder = folders.pop(descriptor, None)
            self.step(f"fsync {folder.name}" if folder else "fsync file")
            real_fsync(descriptor)

        def replace(source: Any, target: Any) -> None:
            if Path(target).is_relative_to(self.folder):
                self.step("replace")
            real_replace(source, target)

        def open_file(path: Any, mode: str) -> Any:
            self.step("create")
            return _Handle(builtins.open(path, mode), self)

        put(os, "mkdir", mkdir)
        put(os, "open", open_folder)
        put(os, "fsync", fsync)
        put(os, "replace", replace)
        put(durable, "open", open_file)
        return self


class _Handle:
    """A file whose writing can be cut in two."""

    def __init__(self, handle: Any, disk: Disk) -> None:
        self.handle = handle
        self.disk = disk

    def __enter__(self) -> _Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.handle.close()

    def write(self, data: bytes) -> None:
        self.disk.step("write")
        self.handle.write(data[: len(data) // 2])
        self.handle.flush()
        self.disk.step("write more")
        self.handle.write(data[len(data) // 2 :])

    def flush(self) -> None:
        self.disk.step("flush")
        self.handle.flush()

    def fileno(self) -> int:
        return int(self.handle.fileno())
