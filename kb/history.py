"""Every version an entry ever had: what the text was, who made it so, when and why.

    <local>/history/<entry id>/0003.md     the text, byte for byte
    <local>/history/<entry id>/0003.json   who, when, what, why; written last

Plain files, so that they travel with the content and need neither git nor a
database. A text without its note was never acknowledged and is not a version;
a note nobody can read hides its own version only, and its number stays taken.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from kb import durable, schema
from kb.errors import ContentReadOnly, EntryNotFound, InvalidId

_NOTE = re.compile(r"\d{4,9}\.json")
_NUMBER = re.compile(r"(\d{4,9})\.(?:md|json)")


@dataclass(frozen=True, slots=True)
class Revision:
    """One version: its number, the content hash of its text, and the note that goes with it."""

    number: int
    version: str
    action: str
    """published, withdrawn, restored, renamed, merged, rolled-back or found (changed outside the pages)."""
    who: str
    at: str
    """UTC, ISO 8601."""
    why: str = ""
    author: str = ""
    """Who wrote the text, when that is not who published it."""


_TEXTS = tuple(field.name for field in fields(Revision))[1:]


class History:
    """The versions of the entries of one content root. Call `record` under the store's write lock."""

    def __init__(self, local: Path) -> None:
        self._folder = local / "history"

    def record(self, entry_id: str, data: bytes, note: Revision) -> Revision:
        """Keep a version durably; the number in `note` is replaced by the next free one.

        Raises InvalidId, ContentReadOnly.
        """
        folder = self._of(entry_id)
        number = max((int(name) for name in _taken(folder)), default=0) + 1
        kept = Revision(number, note.version, note.action, note.who, note.at, note.why, note.author)
        text = json.dumps(asdict(kept), ensure_ascii=False, indent=1)
        try:
            durable.write(folder / f"{number:04d}.md", data)
            durable.write(folder / f"{number:04d}.json", text.encode("utf-8", "replace"))
        except OSError as error:
            raise ContentReadOnly(f"历史版本没有写进 {folder}（{error.strerror}），请检查磁盘空间") from error
        return kept

    def revisions(self, entry_id: str) -> tuple[Revision, ...]:
        """The versions of an entry, oldest first. Raises InvalidId."""
        folder = self._of(entry_id)
        if not folder.is_dir():
            return ()
        notes = (p for p in folder.iterdir() if _NOTE.fullmatch(p.name) and p.with_suffix(".md").is_file())
        found = (revision for note in notes if (revision := _read(note)))
        return tuple(sorted(found, key=lambda revision: revision.number))

    def text(self, entry_id: str, number: int) -> bytes:
        """The text of a version. Raises InvalidId, EntryNotFound."""
        path = self._of(entry_id) / f"{number:04d}.md"
        if not path.with_suffix(".json").is_file() or not path.is_file():
            raise EntryNotFound(f"“{entry_id}”没有第 {number} 版")
        return path.read_bytes()

    def latest(self, entry_id: str) -> Revision | None:
        """The newest version, None for an entry that has no history yet."""
        found = self.revisions(entry_id)
        return found[-1] if found else None

    def holding(self, entry_id: str, version: str) -> bytes | None:
        """The text whose content hash is `version`, None where it was never kept."""
        found = [r.number for r in self.revisions(entry_id) if r.version == version]
        return self.text(entry_id, found[-1]) if found else None

    def _of(self, entry_id: str) -> Path:
        if not schema.is_id(entry_id):
            raise InvalidId(f"“{entry_id[:80]}”不是条目编号")
        return self._folder / entry_id


def _taken(folder: Path) -> list[str]:
    """Numbers in use, also by what a crash or a hand has left unreadable."""
    if not folder.is_dir():
        return []
    return [match[1] for path in folder.iterdir() if (match := _NUMBER.fullmatch(path.name))]


def _read(path: Path) -> Revision | None:
    """A note, None for one that is not: the file may have been copied by half or edited by hand."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Revision(int(path.stem), *(str(values.get(name, "")) for name in _TEXTS))
    except (OSError, ValueError, AttributeError):
        return None
