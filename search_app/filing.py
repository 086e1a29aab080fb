"""Attachments on disk: `<local>/attachments/<first 32 digits of SHA-256>.<ending>`, each content once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kb import durable
from kb.errors import ContentReadOnly, EntryNotFound, UserError
from kb.types import Attachment
from search_app import filekinds, pictures
from search_app.filekinds import RefusedFile
from search_app.forms.plain import one_line

MAX_FILE_BYTES = 10_000_000
MAX_PER_ENTRY = 10
MAX_PER_DAY = 200_000_000
"""Bytes one person may send within a day: twenty full files."""
MAX_LABEL = 80
NAME_DIGITS = 32

_NAME = re.compile(r"[0-9a-f]{32}\.(?:jpg|png|pdf|docx|xlsx)")


class Ledger(Protocol):
    """Who sent which file, and how much."""

    def add(self, owner_id: int, file: str, size: int) -> None:
        """Note a file."""
        ...

    def sent_today(self, owner_id: int) -> int:
        """Bytes of the last day."""
        ...

    def is_owner(self, owner_id: int, file: str) -> bool:
        """True when that person sent the file once."""
        ...


@dataclass(frozen=True, slots=True)
class Filed:
    """An attachment as pages show it."""

    attachment: Attachment
    size: int
    """Bytes; 0 where the file is missing."""

    @property
    def file(self) -> str:
        """Its name in the folder."""
        return self.attachment.file

    @property
    def ending(self) -> str:
        """jpg, png, pdf, docx or xlsx."""
        return self.file.rpartition(".")[2]

    @property
    def is_picture(self) -> bool:
        """True for what is shown, not handed out."""
        return self.ending in filekinds.PICTURES

    @property
    def name(self) -> str:
        """What it is called when taken away."""
        return f"{self.attachment.label or '附件'}.{self.ending}"

    @property
    def weight(self) -> str:
        """Its size in words."""
        if not self.size:
            return "文件不在了"
        return (
            f"{self.size / 1_000_000:.1f} MB" if self.size >= 1_000_000 else f"{max(1, self.size // 1000)} KB"
        )


class Files:
    """The attachments folder of one content root."""

    def __init__(self, local: Path, ledger: Ledger) -> None:
        self._folder = local / "attachments"
        self._ledger = ledger

    def keep(self, owner_id: int, name: str, data: bytes) -> Attachment:
        """Keep what somebody sent, durably, pictures drawn anew; `name` as they call it.

        Raises RefusedFile, ContentReadOnly, StateUnavailable.
        """
        name = one_line(re.split(r"[/\\]", name)[-1])
        if len(data) > MAX_FILE_BYTES:
            raise RefusedFile(f"“{name}”超过 {MAX_FILE_BYTES // 1_000_000} MB，请压缩后再传")
        if self._ledger.sent_today(owner_id) + len(data) > MAX_PER_DAY:
            raise RefusedFile(f"“{name}”没有收下：您今天传的文件已经很多了，请明天再传")
        try:
            ending = filekinds.kind_of(data)
            if ending == filekinds.PICTURE:
                data, ending = pictures.redrawn(data)
        except UserError as error:
            raise RefusedFile(f"“{name}”没有收下：{error}") from error
        file = self._write(data, ending)
        self._ledger.add(owner_id, file, len(data))
        return Attachment(file, re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name)[:MAX_LABEL])

    def is_owner(self, owner_id: int, file: str) -> bool:
        """True when that person sent the file once."""
        return self._ledger.is_owner(owner_id, file)

    def _write(self, data: bytes, ending: str) -> str:
        name = f"{hashlib.sha256(data).hexdigest()[:NAME_DIGITS]}.{ending}"
        path = self._folder / name
        if not path.is_file():
            try:
                durable.write(path, data)
            except OSError as error:
                raise ContentReadOnly(f"附件没有存下来（{error.strerror}），请检查磁盘空间和权限") from error
        return name

    def path(self, name: str) -> Path:
        """Where a file lies. Raises EntryNotFound for what is none of ours, whatever the name may say."""
        path = self._folder / name
        if not _NAME.fullmatch(name) or not path.is_file() or path.is_symlink():
            raise EntryNotFound("没有这个附件")
        return path

    def filed(self, attachments: tuple[Attachment, ...]) -> tuple[Filed, ...]:
        """Attachments with their sizes."""
        return tuple(Filed(a, self._size(a.file)) for a in attachments)

    def _size(self, name: str) -> int:
        try:
            return self.path(name).stat().st_size
        except (EntryNotFound, OSError):
            return 0
