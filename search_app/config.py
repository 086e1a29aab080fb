"""One screen of settings. Nothing is read at import."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.encoder import LIGHT
from indexer.library import Settings

STARTER_CONTENT = Path(__file__).resolve().parent.parent
"""The folder of this repository: its corpus, cases and issues are the starter content."""
SECRET_CHARS = 64
SITE_NAME = "基层党建知识库"


@dataclass(frozen=True, slots=True)
class Config:
    """Where the content is and what the site is called."""

    roots: tuple[Path, ...]
    """Content folders that are only read, later ones winning."""
    local: Path
    """The organisation's own content folder: what is added here is written there."""
    index: Path
    encoder: str = LIGHT
    reranker: str = ""
    """A cross-encoder that reads the best hits again, by name or folder; empty for none."""
    site_name: str = SITE_NAME
    secret_key: str = ""
    """Signs form tokens; empty means the one kept in `local/.kb/secret`."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """KB_CONTENT, KB_LOCAL, KB_INDEX, KB_ENCODER, KB_RERANKER, KB_SITE_NAME, KB_SECRET_KEY or defaults.

        KB_CONTENT may name several folders, separated as in PATH.
        """
        content = environ.get("KB_CONTENT", "")
        local = Path(environ.get("KB_LOCAL") or "local")
        return cls(
            roots=tuple(Path(part) for part in content.split(os.pathsep) if part) or (STARTER_CONTENT,),
            local=local,
            index=Path(environ.get("KB_INDEX") or local / ".kb" / "index"),
            encoder=environ.get("KB_ENCODER") or LIGHT,
            reranker=environ.get("KB_RERANKER", ""),
            site_name=environ.get("KB_SITE_NAME") or SITE_NAME,
            secret_key=environ.get("KB_SECRET_KEY", ""),
        )

    def settings(self) -> Settings:
        """What `Library.open` needs."""
        return Settings(self.roots, self.local, self.index, self.encoder, self.reranker)

    def secret(self) -> str:
        """The signing key: the one set, or the one in the local folder, made at first start.

        On a disk that cannot be written it lives as long as the process does:
        readers are served, and open forms ask to be sent once more after a restart.
        """
        return self.secret_key or _kept_secret(self.local / ".kb" / "secret")


def _kept_secret(path: Path) -> str:
    fresh = secrets.token_hex(SECRET_CHARS // 2)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and len(kept := path.read_text(encoding="ascii").strip()) >= SECRET_CHARS:
            return kept
        beside = path.with_name(f".secret-{fresh[:8]}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(fresh)
        os.replace(beside, path)
    except (OSError, UnicodeDecodeError):
        return fresh
    return path.read_text(encoding="ascii").strip()
