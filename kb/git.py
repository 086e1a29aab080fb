"""The content folder as a git repository: every publication a commit with its author. Optional.

Only the `git` executable is used, with argument lists, never a shell. A folder
that is no repository, a folder its repository ignores, or a machine without
git is no error: the history keeps every version anyway.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 30
"""A hook or a slow disk may take this long before a commit is given up."""
ATTEMPTS = 6
"""Another process may hold the repository for a moment; the waits add up to about 1.5 s."""

_TURN = threading.Lock()
"""Commits of one server follow one another: git refuses to write twice at once."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who a commit is by."""

    name: str
    email: str


def is_repository(folder: Path) -> bool:
    """True when `folder` lies in a git work tree that does not ignore it, and git is here."""
    return (
        _run(folder, "rev-parse", "--is-inside-work-tree")[0]
        and not _run(folder, "check-ignore", "--quiet", str(folder.resolve()))[0]
    )


def commit(folder: Path, paths: Sequence[Path], message: str, author: Author) -> str:
    """Commit exactly `paths`; returns what went wrong, empty when nothing did or there was nothing to do."""
    if not is_repository(folder):
        return ""
    names = [str(path.relative_to(folder)) for path in paths]
    by = f"{_plain(author.name)} <{_plain(author.email)}>"
    with _TURN:
        done, said = _patiently(folder, "add", "--all", "--", *names)
        if done and _run(folder, "diff", "--cached", "--quiet", "--", *names)[0]:
            return ""
        if done:
            sign = ("--quiet", f"--author={by}", f"--message={message}")
            done, said = _patiently(folder, "commit", *sign, "--only", "--", *names)
    return "" if done else f"没有记进 git：{said or '未知原因'}"


def _patiently(folder: Path, *arguments: str) -> tuple[bool, str]:
    """Run, and run again while somebody else holds the repository."""
    done, said = False, ""
    for attempt in range(ATTEMPTS):
        done, said = _run(folder, *arguments)
        if done or "index.lock" not in said:
            break
        time.sleep(0.05 * 2**attempt)
    return done, said


def _run(folder: Path, *arguments: str) -> tuple[bool, str]:
    git = shutil.which("git")
    if git is None:
        return False, "没有安装 git"
    fallback = {
        f"GIT_COMMITTER_{key}": value
        for key, value in (("NAME", "knowledge base"), ("EMAIL", "kb@localhost"))
    }
    try:
        done = subprocess.run(
            [git, "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            env=fallback | dict(os.environ) | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    return done.returncode == 0, done.stderr.strip()[:400]


def _plain(text: str) -> str:
    """A name without what git reads as its end."""
    return "".join(c for c in text if c not in "<>\n\r\x00").strip() or "unknown"
