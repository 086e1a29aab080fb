"""Who may log in, and as what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb.errors import UserError
from search_app.access import Person, Role
from search_app.passwords import Passwords, weakness
from search_app.state.base import Base, Database, Moment, now

DISPLAY_CHARS = 30
RESERVED = frozenset(
    ("guest", "system", "terminal", "anonymous", "nobody", "all", "known", "everyone", "kb", "访客", "系统")
)
"""Names that would read in the audit log as somebody else."""

_NAME = re.compile(r"[a-z0-9\u3400-\u9fff][a-z0-9\u3400-\u9fff._-]{1,39}")

Told = Callable[["Account"], None]
"""Called with the changed account before the change counts; when it raises, nothing has changed."""


class AccountNotFound(UserError):
    """No account of that name or number."""


class BadName(UserError):
    """Not a login name, or one that is taken."""


class WeakPassword(UserError):
    """A password that anybody would guess."""


class LastAdmin(UserError):
    """Nobody would be left to look after the accounts."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in. The password's hash never leaves this module."""

    id: int
    name: str
    display: str
    role: Role
    must_change: bool
    """The password is a one-time one."""
    disabled: datetime | None
    created: datetime
    password_set: datetime
    last_login: datetime | None

    @property
    def person(self) -> Person:
        """Who they are to the rest of the application."""
        return Person(self.id, self.name, self.display, self.role)


class _Account(Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    display: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str] = mapped_column(String(300))
    must_change: Mapped[bool]
    disabled: Mapped[datetime | None] = mapped_column(Moment, default=None)
    created: Mapped[datetime] = mapped_column(Moment)
    password_set: Mapped[datetime] = mapped_column(Moment)
    last_login: Mapped[datetime | None] = mapped_column(Moment, default=None)


def login_name(typed: str) -> str:
    """One spelling of a name however it is typed: width, case and outer blanks do not count."""
    return unicodedata.normalize("NFKC", typed).casefold().strip()


def display_name(typed: str) -> str:
    """A name to show: one line, no control characters, not too long."""
    return " ".join("".join(c if c.isprintable() else " " for c in typed).split())[:DISPLAY_CHARS]


class Accounts:
    """The table of accounts."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    def add(
        self,
        name: str,
        display: str,
        role: Role,
        password: str,
        *,
        must_change: bool = True,
        told: Told | None = None,
    ) -> Account:
        """A new account. Raises BadName, WeakPassword."""
        name, moment = login_name(name), now()
        if not _NAME.fullmatch(name) or name in RESERVED:
            raise BadName("登录名用 2 到 40 个字母、数字或汉字，中间可以有点、横线；不能用系统保留的名字")
        row = _Account(
            name=name,
            display=display_name(display) or name,
            role=_checked(role).name,
            password=self._hash(password, name),
            must_change=must_change,
            created=moment,
            password_set=moment,
        )
        try:
            with self._database.session() as session:
                session.add(row)
                session.flush()
                return _said(row, told)
        except IntegrityError as error:
            raise BadName(f"登录名“{name}”已经有人用了") from error

    def all(self) -> list[Account]:
        """Everybody, the highest role first, then by name."""
        with self._database.reading() as session:
            found = [_read(row) for row in session.scalars(select(_Account))]
        return sorted(found, key=lambda account: (account.disabled is not None, -account.role, account.name))

    def empty(self) -> bool:
        """True on an installation nobody has an account of."""
        with self._database.reading() as session:
            return session.scalar(select(_Account.id).limit(1)) is None

    def get(self, account_id: int) -> Account:
        """One account. Raises AccountNotFound."""
        with self._database.reading() as session:
            return _read(_row(session, account_id))

    def named(self, name: str) -> Account:
        """The account of that login name. Raises AccountNotFound."""
        with self._database.reading() as session:
            return _read(_by_name(session, name))

    def authenticate(self, name: str, password: str) -> Account | None:
        """The account, if the password is right and it is enabled; None otherwise, after the same time."""
        with self._database.reading() as session:
            try:
                row: _Account | None = _by_name(session, name)
            except AccountNotFound:
                row = None
        if not self._passwords.matches(row.password if row else "", password):
            return None
        if row is None or row.disabled:
            return None
        fresh = {"last_login": now()}
        if self._passwords.outdated(row.password):
            return self._change(row.id, None, **fresh, password=self._passwords.hash(password))
        return self._change(row.id, None, **fresh)

    def set_role(self, account_id: int, role: Role, *, told: Told | None = None) -> Account:
        """Another role. Raises AccountNotFound, LastAdmin."""
        return self._change(account_id, told, role=_checked(role).name)

    def set_display(self, account_id: int, display: str, *, told: Told | None = None) -> Account:
        """Another name to show; empty means the login name. Raises AccountNotFound."""
        name = display_name(display) or self.get(account_id).name
        return self._change(account_id, told, display=name)

    def set_password(
        self, account_id: int, password: str, *, must_change: bool = False, told: Told | None = None
    ) -> Account:
        """Another password. Raises AccountNotFound, WeakPassword. The caller ends the sessions."""
        kept = self._hash(password, self.get(account_id).name)
        return self._change(account_id, told, password=kept, must_change=must_change, password_set=now())

    def disable(self, account_id: int, *, told: Told | None = None) -> Account:
        """No login any more; what they wrote stays. Raises AccountNotFound, LastAdmin."""
        return self._change(account_id, told, disabled=now())

    def enable(self, account_id: int, *, told: Told | None = None) -> Account:
        """Login again. Raises AccountNotFound."""
        return self._change(account_id, told, disabled=None)

    def _change(self, account_id: int, told: Told | None, **values: Any) -> Account:
        with self._database.session() as session:
            admins = _lock_admins(session)
            row = _row(session, account_id)
            for name, value in values.items():
                setattr(row, name, value)
            if admins == [row.id] and (row.role != Role.ADMIN.name or row.disabled):
                raise LastAdmin("这是唯一能用的管理员账号，请先让另一个人当管理员")
            session.flush()
            return _said(row, told)

    def _hash(self, password: str, name: str) -> str:
        if why := weakness(password, name):
            raise WeakPassword(why)
        return self._passwords.hash(password)


def _checked(role: Role) -> Role:
    """Accounts are at least members: a guest needs none."""
    return max(role, Role.MEMBER)


def _lock_admins(session: Session) -> list[int]:
    """Ids of the admins who can log in, locked until the end: two cannot dismiss each other at once."""
    wanted = select(_Account.id).where(_Account.role == Role.ADMIN.name, _Account.disabled.is_(None))
    return list(session.scalars(wanted.order_by(_Account.id).with_for_update()))


def _by_name(session: Session, name: str) -> _Account:
    row = session.scalar(select(_Account).where(_Account.name == login_name(name)[:80]))
    if row is None:
        raise AccountNotFound(f"没有登录名为“{name[:40]}”的账号")
    return row


def _row(session: Session, account_id: int) -> _Account:
    row = session.get(_Account, account_id)
    if row is None:
        raise AccountNotFound("没有这个账号")
    return row


def _said(row: _Account, told: Told | None) -> Account:
    account = _read(row)
    if told:
        told(account)
    return account


def _read(row: _Account) -> Account:
    return Account(
        row.id,
        row.name,
        row.display,
        Role[row.role],
        row.must_change,
        row.disabled,
        row.created,
        row.password_set,
        row.last_login,
    )
