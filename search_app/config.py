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
QUERY_DAYS = 180


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
    database: str = ""
    """URL of the accounts and submissions; empty means SQLite in `local/.kb/state.sqlite`."""
    hosts: tuple[str, ...] = ()
    """Names under which the site is called; a request for another is refused. None set: any."""
    proxies: int = 0
    """How many servers of ours pass requests on; only then are their X-Forwarded headers believed."""
    open_reading: bool = True
    """Guests may read; otherwise everything but the login page asks for an account."""
    query_days: int = QUERY_DAYS
    """How long searches are remembered, without names, so that curators see what is missing."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """The KB_ variables listed in README, or defaults.

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
            database=environ.get("KB_DATABASE", ""),
            proxies=_proxies(environ.get("KB_PROXIES", "")),
            hosts=tuple(environ.get("KB_HOSTS", "").replace(",", " ").split()),
            open_reading=(environ.get("KB_READING") or "open") == "open",
            query_days=_days(environ.get("KB_QUERY_DAYS", "")),
        )

    def settings(self) -> Settings:
        """What `Library.open` needs."""
        return Settings(self.roots, self.local, self.index, self.encoder, self.reranker)

    def database_url(self) -> str:
        """Where accounts and submissions are kept."""
        return self.database or f"sqlite:///{(self.local / '.kb' / 'state.sqlite').resolve()}"

    def told(self) -> tuple[tuple[str, str], ...]:
        """The settings as an administrator may see them: names and values, no passwords."""
        return (
            ("KB_SITE_NAME", self.site_name),
            ("KB_READING", "访客可以阅读" if self.open_reading else "登录后才能阅读"),
            ("KB_HOSTS", "、".join(self.hosts) or "不限"),
            ("KB_PROXIES", f"{self.proxies} 层" if self.proxies else "没有"),
            ("KB_QUERY_DAYS", f"{self.query_days} 天"),
            ("KB_LOCAL", str(self.local)),
            ("KB_CONTENT", "、".join(map(str, self.roots))),
            ("KB_INDEX", str(self.index)),
            ("KB_DATABASE", self.database_url().split(":", 1)[0]),
            ("KB_ENCODER", self.encoder),
            ("KB_RERANKER", self.reranker or "不用"),
            ("KB_SECRET_KEY", "由环境变量给出" if self.secret_key else "存在本单位文件夹里"),
        )

    def secret(self) -> str:
        """The signing key: the one set, or the one in the local folder, made at first start.

        On a disk that cannot be written it lives as long as the process does:
        readers are served, and open forms ask to be sent once more after a restart.
        """
        return self.secret_key or _kept_secret(self.local / ".kb" / "secret")


def _days(text: str) -> int:
    """A number of days from 1 to 3650; anything else counts as the default."""
    return min(int(text), 3650) if text.isascii() and text.isdecimal() and int(text) else QUERY_DAYS


def _proxies(text: str) -> int:
    """A number of servers from 0 to 9; anything else is none: headers are not believed by mistake."""
    return int(text) if len(text) == 1 and text.isdecimal() and text.isascii() else 0


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
