"""Putting bytes on disk so that they are there after a power cut.

The order is what matters: temporary file in the same folder, flush and fsync,
`os.replace`, fsync of the folder. Only then may anybody be told "saved".
"""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

TEMP_SUFFIX = ".kbtmp"
REPLACE_ATTEMPTS = 8
"""On Windows a virus scanner may hold a file for a moment; the waits add up to about 2.5 s."""


def write(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, completely or not at all. Raises OSError with one of the two whole."""
    _make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMP_SUFFIX}")
    try:
        with open(temporary, "xb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        _replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """Create `folder`; a new folder is only durable once the one that holds it is synced."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def _replace(temporary: Path, path: Path) -> None:
    for attempt in range(REPLACE_ATTEMPTS):
        try:
            os.replace(temporary, path)
            return
        except PermissionError:
            if os.name != "nt" or attempt == REPLACE_ATTEMPTS - 1:
                raise
            time.sleep(0.01 * 2**attempt)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path) -> list[Path]:
    """Delete temporary files a killed process left; call only while holding the write lock."""
    found = list(folder.glob(f".*{TEMP_SUFFIX}"))
    for path in found:
        path.unlink(missing_ok=True)
    return found
