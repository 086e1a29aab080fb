"""Templates kept compiled in the local folder: a server's first page comes a tenth of a second earlier.

What lies there is run, so the folder must be nobody's but ours. Where it is not,
or cannot be written, templates are compiled at every start as before.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from importlib.metadata import version
from pathlib import Path

from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache

FOLDER = "templates"
OTHERS_MAY_WRITE = 0o022


class _Kept(FileSystemBytecodeCache):
    """Jinja's own, except that a disk in trouble stops nobody from reading."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, if that can be done."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept, if it can be read."""
        with contextlib.suppress(OSError):
            super().load_bytecode(bucket)


def install(app: Flask, state: Path) -> None:
    """Keep the templates of `app` below `state`, by their text; call once its options are set."""
    folder = state / FOLDER
    if _ours(folder):
        kept = _Kept(str(folder), f"{_key(app)}-%s.cache")
        app.jinja_options = {**app.jinja_options, "bytecode_cache": kept}


def _key(app: Flask) -> str:
    """What the compiled form depends on besides Python and the text: at those Jinja looks itself."""
    depends = (version("jinja2"), sorted(app.jinja_options.items()), __debug__)
    return hashlib.sha256(repr(depends).encode()).hexdigest()[:16]


def _ours(folder: Path) -> bool:
    """True for a folder that we own and nobody else may write to; made where it is missing."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not hasattr(os, "getuid"):  # Windows keeps a person's folders apart by itself
            return True
        found = [path.stat() for path in (folder, folder.parent)]
        return all(seen.st_uid == os.getuid() and not seen.st_mode & OTHERS_MAY_WRITE for seen in found)
    except OSError:
        return False
