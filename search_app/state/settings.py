"""Switches an administrator sets while the site runs."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from search_app.state.base import Base, Database

SINGLE_EDITOR = "single-editor"
"""A reviewer may publish what they handed in themselves: for places with one editor only."""


class _Setting(Base):
    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


class Settings:
    """The table of switches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str, default: str = "") -> str:
        """The value, or `default` where nobody has set one."""
        with self._database.reading() as session:
            row = session.get(_Setting, name)
            return row.value if row else default

    def set(self, name: str, value: str) -> None:
        """Set a value; the caller records it in the audit log."""
        with self._database.session() as session:
            session.merge(_Setting(name=name, value=value))

    def on(self, name: str, default: bool = False) -> bool:
        """True for a switch that is on."""
        return self.get(name, "on" if default else "") == "on"
