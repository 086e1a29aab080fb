"""Who is logged in, and on how many devices: kept on the server, so that logging out really ends it.

The browser holds a random token, the table only its hash: who reads the table
cannot log in with what they read.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from search_app.state.base import Base, Database, Moment, changed_rows, now

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
"""Being there is noted at most this often: reading should not write at every click."""
AGENT_CHARS = 200


@dataclass(frozen=True, slots=True)
class LoginSession:
    """One browser in which somebody is logged in."""

    id: int
    account_id: int
    created: datetime
    seen: datetime
    agent: str
    address: str


class _Session(Base):
    __tablename__ = "sessions"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment)
    agent: Mapped[str] = mapped_column(String(AGENT_CHARS), default="")
    address: Mapped[str] = mapped_column(String(64), default="")


class Sessions:
    """The table of logins. `clock` says what time it is."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    def start(self, account_id: int, agent: str = "", address: str = "") -> str:
        """A new login; returns the token for the browser. Drops the logins that have run out."""
        token, moment = secrets.token_urlsafe(32), self._clock()
        with self._database.session() as session:
            stale = or_(_Session.seen <= moment - IDLE, _Session.created <= moment - LONGEST)
            session.execute(delete(_Session).where(stale))
            session.add(
                _Session(
                    token=_kept(token),
                    account_id=account_id,
                    created=moment,
                    seen=moment,
                    agent=agent[:AGENT_CHARS],
                    address=address[:64],
                )
            )
        return token

    def find(self, token: str) -> LoginSession | None:
        """The login of that token, unless it was ended or has run out."""
        with self._database.reading() as session:
            row = session.scalar(select(_Session).where(_Session.token == _kept(token)))
            found = _read(row) if row else None
        return found if found and self._lasts(found) else None

    def touch(self, login: LoginSession) -> None:
        """Note that they are still there; mostly does nothing."""
        moment = self._clock()
        if moment - login.seen >= TOUCH:
            with self._database.session() as session:
                session.execute(update(_Session).where(_Session.id == login.id).values(seen=moment))

    def of(self, account_id: int) -> list[LoginSession]:
        """Where somebody is logged in, the latest first."""
        wanted = select(_Session).where(_Session.account_id == account_id)
        with self._database.reading() as session:
            found = [
                _read(row) for row in session.scalars(wanted.order_by(_Session.seen.desc(), _Session.id))
            ]
        return [login for login in found if self._lasts(login)]

    def end(self, token: str) -> None:
        """Log out one browser."""
        with self._database.session() as session:
            session.execute(delete(_Session).where(_Session.token == _kept(token)))

    def end_all(self, account_id: int, but: str = "") -> int:
        """Log somebody out everywhere, except in the browser with the token `but`; says from how many."""
        with self._database.session() as session:
            wanted = delete(_Session).where(_Session.account_id == account_id, _Session.token != _kept(but))
            return changed_rows(session.execute(wanted))

    def _lasts(self, login: LoginSession) -> bool:
        moment = self._clock()
        return moment - login.seen < IDLE and moment - login.created < LONGEST


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _read(row: _Session) -> LoginSession:
    return LoginSession(row.id, row.account_id, row.created, row.seen, row.agent, row.address)
