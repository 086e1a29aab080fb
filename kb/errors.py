"""What can go wrong, as one tree.

    KbError                    everything this package raises on purpose
    ├── UserError              the reader or writer can mend it; `str(error)` is safe to show
    │   ├── InvalidId          not an entry id
    │   ├── EntryNotFound      no such entry (or not published)
    │   ├── EntryExists        a new entry would overwrite another
    │   ├── EntryConflict      somebody saved in between; carries both texts
    │   ├── InvalidEntry       the text does not make an entry; carries the findings
    │   └── UnreadableDocument a file to import is not what it claims to be
    └── SetupError             the machine is in the way; the message names the remedy
        ├── ContentReadOnly    the content folder cannot be written
        ├── ContentBusy        another process keeps the write lock
        └── ContentMissing     no content folder where one was expected

Anything else that is raised is a bug and should crash.
"""

from __future__ import annotations

from kb.types import Finding


class KbError(Exception):
    """Base of everything raised on purpose."""


class UserError(KbError):
    """A mistake the user can mend; the message may be shown as it is."""


class SetupError(KbError):
    """Something about the machine; the message names the remedy."""


class InvalidId(UserError):
    """Not an entry id."""


class EntryNotFound(UserError):
    """No entry of that id."""


class EntryExists(UserError):
    """An entry of that id is already there."""


class EntryConflict(UserError):
    """The entry changed since it was opened.

    `theirs` is the text now on disk, `ours` the text that was to be saved.
    """

    def __init__(self, entry_id: str, theirs: str, ours: str) -> None:
        super().__init__(f"条目“{entry_id}”在您编辑期间已被别人保存，两份文字都已保留，请比对后再存。")
        self.entry_id = entry_id
        self.theirs = theirs
        self.ours = ours


class InvalidEntry(UserError):
    """The text does not make an entry; `findings` say why, field by field."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("；".join(f.message for f in findings) or "条目不完整")
        self.findings = findings


class UnreadableDocument(UserError):
    """A file to import cannot be read as what it should be."""


class ContentReadOnly(SetupError):
    """The content folder cannot be written."""


class ContentBusy(SetupError):
    """Another process has held the write lock for too long."""


class ContentMissing(SetupError):
    """There is no content folder where one was expected."""
