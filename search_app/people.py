"""What is done to accounts, by page or by command: the change and its audit line, both or neither."""

from __future__ import annotations

from typing import Protocol

from search_app import passwords
from search_app.access import Role
from search_app.audit import AuditLog
from search_app.state.accounts import Account, Accounts
from search_app.state.sessions import Sessions

FIRST = "admin"
"""Name of the account an installation begins with."""


class Office(Protocol):
    """What looking after accounts needs: the services of an application, or a command's own."""

    @property
    def accounts(self) -> Accounts:
        """The table of accounts."""

    @property
    def sessions(self) -> Sessions:
        """Who is logged in."""

    @property
    def audit(self) -> AuditLog:
        """Where it is written down."""


def add(office: Office, who: str, name: str, display: str, role: Role) -> tuple[Account, str]:
    """A new account and its one-time password. Raises BadName, AuditUnwritable."""
    password = passwords.one_time()
    account = office.accounts.add(
        name,
        display,
        role,
        password,
        told=lambda new: office.audit.append(who, "user-added", new.name, after=new.role.name.lower()),
    )
    return account, password


def add_first(office: Office, who: str) -> str:
    """Make the administrator an installation begins with; the one-time password, or empty with accounts."""
    if not office.accounts.empty():
        return ""
    return add(office, who, FIRST, "管理员", Role.ADMIN)[1]


def set_role(office: Office, who: str, account: Account, role: Role) -> Account:
    """Another role; at once, also where they are logged in. Raises LastAdmin, AuditUnwritable."""
    before = account.role.name.lower()
    return office.accounts.set_role(
        account.id,
        role,
        told=lambda new: office.audit.append(who, "user-role", new.name, before, new.role.name.lower()),
    )


def disable(office: Office, who: str, account: Account) -> Account:
    """No login any more, and out everywhere. Raises LastAdmin, AuditUnwritable."""
    changed = office.accounts.disable(
        account.id, told=lambda new: office.audit.append(who, "user-disabled", new.name)
    )
    office.sessions.end_all(account.id)
    return changed


def enable(office: Office, who: str, account: Account) -> Account:
    """Login again. Raises AuditUnwritable."""
    return office.accounts.enable(
        account.id, told=lambda new: office.audit.append(who, "user-enabled", new.name)
    )


def reset_password(office: Office, who: str, account: Account) -> str:
    """A new one-time password, and out everywhere. Raises AuditUnwritable."""
    password = passwords.one_time()
    office.accounts.set_password(
        account.id,
        password,
        must_change=True,
        told=lambda new: office.audit.append(who, "password-reset", new.name),
    )
    office.sessions.end_all(account.id)
    return password


def choose_password(office: Office, account: Account, password: str, keep: str = "") -> Account:
    """Their own choice; out everywhere but in the browser with the token `keep`. Raises WeakPassword."""
    changed = office.accounts.set_password(
        account.id,
        password,
        told=lambda new: office.audit.append(new.name, "password-changed", new.name),
    )
    office.sessions.end_all(account.id, but=keep)
    return changed


def call(office: Office, account: Account, display: str) -> Account:
    """Another name to show. Raises AuditUnwritable."""
    before = account.display
    return office.accounts.set_display(
        account.id,
        display,
        told=lambda new: office.audit.append(new.name, "user-renamed", new.name, before, new.display),
    )
