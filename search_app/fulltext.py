"""The full official texts an organisation holds, one file per policy: `<local>/fulltext/<policy-id>.txt`.

They are read where they lie, at every change anew, and never copied into an
entry: the digest stays in our own words, the text stays the organisation's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kb.comparing import Clause
from kb.errors import UnreadableDocument
from kb.schema import is_id

if TYPE_CHECKING:
    from kb.documents import Recognised

FOLDER = "fulltext"
MAX_BYTES = 4_000_000
"""The longest regulations have 150 KB."""


@dataclass(frozen=True, slots=True)
class FullText:
    """An attached text by article, or why it could not be read."""

    seen: Recognised | None
    clauses: tuple[Clause, ...] = ()
    problem: str = ""


def path_of(local: Path, policy_id: str) -> Path:
    """Where the text of a policy lies, whether it is there or not."""
    if not is_id(policy_id):
        raise ValueError(f"not an id: {policy_id[:80]!r}")
    return local / FOLDER / f"{policy_id}.txt"


def attached(local: Path, policy_id: str) -> FullText | None:
    """The text attached to a policy; None when there is none."""
    path = path_of(local, policy_id)
    try:
        stat = path.stat()
        if not path.is_file() or not path.resolve().is_relative_to(local.resolve()):
            return None
    except OSError:
        return None
    if stat.st_size > MAX_BYTES:
        return FullText(None, problem=f"文件超过 {MAX_BYTES // 1_000_000} MB，不读取")
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=32)
def _read(path: Path, stamp: int, size: int) -> FullText:
    """`stamp` and `size` are what a changed file differs in."""
    from kb import regulation  # a server starts earlier without its patterns

    try:
        seen = regulation.recognise(path.name, path.read_bytes())
    except UnreadableDocument as error:
        return FullText(None, problem=str(error))
    except OSError as error:
        return FullText(None, problem=f"读不出来：{error.strerror}")
    clauses = {part.anchor: Clause(part.anchor, part.heading, part.text) for part in reversed(seen.articles)}
    problem = "" if clauses else "没有认出“第…条”，不能按条对照"
    return FullText(seen, tuple(reversed(clauses.values())), problem)
