"""Accounts and sessions in their tables, and what PostgreSQL makes of all tables."""

from __future__ import annotations

import importlib
import pkgutil
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from search_app import passwords, state
from search_app.access import Role
from search_app.passwords import Passwords, weakness
from search_app.state.accounts import AccountNotFound, Accounts, BadName, LastAdmin, WeakPassword
from search_app.state.base import Base, Database, StateUnavailable
from search_app.state.sessions import Sessions
from tests.search_app.databases import database_url
from tests.search_app.sites import CHEAP, PASSWORD

for module in pkgutil.iter_modules(state.__path__):
    importlib.import_module(f"search_app.state.{module.name}")


@pytest.fixture
def database(tmp_path: Path) -> Any:
    made = Database(database_url(tmp_path))
    yield made
    made.close()


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, CHEAP)


class Clock:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def wait(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_compiles_for_postgresql(table: Any) -> None:
    dialect = postgresql.dialect()
    made = str(CreateTable(table).compile(dialect=dialect))
    assert f"CREATE TABLE {table.name}" in made
    assert "DATETIME" not in made, "PostgreSQL calls it TIMESTAMP WITH TIME ZONE"
    for index in table.indexes:
        assert "CREATE" in str(CreateIndex(index).compile(dialect=dialect))


def test_account_table_for_postgresql_has_its_bounds() -> None:
    made = str(CreateTable(Base.metadata.tables["accounts"]).compile(dialect=postgresql.dialect()))
    assert "name VARCHAR(40) NOT NULL" in made and "UNIQUE (name)" in made
    assert "id SERIAL NOT NULL" in made and "TIMESTAMP WITH TIME ZONE" in made


def test_a_wrong_database_setting_names_the_remedy(tmp_path: Path) -> None:
    for url in ("nonsense", "nosuch://x", f"sqlite:///{tmp_path}"):
        with pytest.raises(StateUnavailable, match="KB_DATABASE"):
            Accounts(Database(url), CHEAP).empty()


def test_an_account_is_made_found_and_listed(accounts: Accounts) -> None:
    assert accounts.empty()
    made = accounts.add(" WangFang ", "王　芳\n", Role.REVIEWER, PASSWORD)
    assert (made.name, made.display, made.role, made.must_change) == (
        "wangfang",
        "王 芳",
        Role.REVIEWER,
        True,
    )
    assert accounts.named("ＷＡＮＧＦＡＮＧ") == accounts.get(made.id) == made and not accounts.empty()
    accounts.add("党务干事", "", Role.MEMBER, PASSWORD)
    assert [account.display for account in accounts.all()] == ["王 芳", "党务干事"]
    assert PASSWORD not in repr(accounts.all())
    for missing in (lambda: accounts.get(99), lambda: accounts.named("nobody99")):
        with pytest.raises(AccountNotFound):
            missing()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "a" * 41,
        "a b",
        "a\nb",
        "<b>x",
        "guest",
        "System",
        "访客",
        "terminal:root",
        ".ab",
        "王芳\u202e",
    ],
)
def test_names_that_mislead_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(BadName):
        accounts.add(name, "x", Role.MEMBER, PASSWORD)


def test_a_name_is_taken_once_however_it_is_written(accounts: Accounts) -> None:
    accounts.add("wangfang", "", Role.MEMBER, PASSWORD)
    with pytest.raises(BadName, match="已经有人用了"):
        accounts.add("WANGFANG", "", Role.MEMBER, PASSWORD)


def test_a_guest_account_is_at_least_a_member(accounts: Accounts) -> None:
    assert accounts.add("zhang", "", Role.GUEST, PASSWORD).role is Role.MEMBER


def test_only_the_right_password_of_an_enabled_account_opens(accounts: Accounts) -> None:
    made = accounts.add("zhang", "", Role.MEMBER, PASSWORD)
    accounts.add("admin", "", Role.ADMIN, PASSWORD)
    opened = accounts.authenticate("Zhang", PASSWORD)
    assert opened and opened.id == made.id and opened.last_login
    for name, password in (("zhang", "wrong-horse"), ("zhang", ""), ("nobody", PASSWORD), ("", "")):
        assert accounts.authenticate(name, password) is None
    accounts.disable(made.id)
    assert accounts.authenticate("zhang", PASSWORD) is None
    accounts.enable(made.id)
    assert accounts.authenticate("zhang", PASSWORD)


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(database: Database) -> None:
    counted: list[str] = []

    class Counting(Passwords):
        def matches(self, kept: str, password: str) -> bool:
            counted.append("known" if kept else "unknown")
            return super().matches(kept, password)

    accounts = Accounts(database, Counting("scrypt:256:1:1"))
    accounts.add("zhang", "", Role.MEMBER, PASSWORD)
    accounts.authenticate("zhang", "wrong-horse")
    accounts.authenticate("nobody", "wrong-horse")
    assert counted == ["known", "unknown"]


def test_the_last_admin_stays(accounts: Accounts) -> None:
    one = accounts.add("one", "", Role.ADMIN, PASSWORD)
    for change in (lambda: accounts.disable(one.id), lambda: accounts.set_role(one.id, Role.MEMBER)):
        with pytest.raises(LastAdmin):
            change()
    assert accounts.get(one.id).role is Role.ADMIN and not accounts.get(one.id).disabled
    two = accounts.add("two", "", Role.ADMIN, PASSWORD)
    assert accounts.disable(one.id).disabled
    with pytest.raises(LastAdmin):
        accounts.set_role(two.id, Role.REVIEWER)
    assert accounts.set_role(one.id, Role.MEMBER).role is Role.MEMBER


def test_nothing_changes_when_it_cannot_be_written_down(accounts: Accounts) -> None:
    def refuse(_: object) -> None:
        raise OSError("log full")

    made = accounts.add("zhang", "", Role.MEMBER, PASSWORD)
    with pytest.raises(OSError, match="log full"):
        accounts.set_role(made.id, Role.ADMIN, told=refuse)
    with pytest.raises(OSError, match="log full"):
        accounts.add("li-si", "", Role.ADMIN, PASSWORD, told=refuse)
    assert [account.role for account in accounts.all()] == [Role.MEMBER]


def test_a_cheaper_hash_is_replaced_at_login(database: Database) -> None:
    Accounts(database, Passwords("scrypt:256:1:1")).add("zhang", "", Role.MEMBER, PASSWORD)
    dearer = Accounts(database, Passwords("scrypt:512:1:1"))
    for _ in range(2):
        assert dearer.authenticate("zhang", PASSWORD)
    with database.reading() as session:
        kept = session.connection().exec_driver_sql("SELECT password FROM accounts").scalar_one()
    assert kept.startswith("scrypt:512:1:1$")


@pytest.mark.parametrize(
    "password",
    (
        *(
            "short",
            "12345678",
            "dangjian",
            "Dangjian2026",
            "zhibu@123",
            "admin123456",
            "!!Password!!",
            "a" * 129,
        ),
        *(
            "19490101",
            "党支部20260701",
            "aaaabbbb",
            "zhangwei",
            "ZhangWei2026",
            "qwertyuiop",
            "为人民服务123",
        ),
    ),
)
def test_passwords_everybody_tries_are_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(WeakPassword):
        accounts.add("zhangwei", "", Role.MEMBER, password)


@pytest.mark.parametrize(
    "password", ["correct-horse-battery", "门前三棵老槐树", "x" * 120 + "yzabcdef", "kx7 mf2!"]
)
def test_length_is_enough(password: str) -> None:
    assert weakness(password.ljust(8, "。"), "zhangwei") == ""


def test_one_time_passwords_are_long_different_and_readable() -> None:
    made = {passwords.one_time() for _ in range(200)}
    assert len(made) == 200 and all(
        re.fullmatch(r"([a-hj-kmnp-z2-9]{4}-){3}[a-hj-kmnp-z2-9]{4}", m) for m in made
    )
    assert not any(weakness(password, "admin") for password in made)


def test_at_most_two_hashes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = [0], [0], threading.Lock()

    def slow(password: str, method: str) -> str:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.02)
        with lock:
            running[0] -= 1
        return "x"

    monkeypatch.setattr(passwords, "generate_password_hash", slow)
    threads = [threading.Thread(target=CHEAP.hash, args=("x",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == passwords.AT_ONCE


@pytest.fixture
def person(accounts: Accounts) -> int:
    return accounts.add("zhang", "", Role.MEMBER, PASSWORD).id


def test_a_session_is_found_by_its_token_only_and_the_table_cannot_open_it(
    database: Database, person: int
) -> None:
    sessions = Sessions(database)
    token = sessions.start(person, "Mozilla" * 100, "10.0.0.1")
    found = sessions.find(token)
    assert found and found.account_id == person and len(found.agent) == 200
    with database.reading() as session:
        kept = session.connection().exec_driver_sql("SELECT token FROM sessions").scalar_one()
    assert token not in kept and sessions.find(kept) is None and sessions.find("") is None
    assert sessions.find("\udcff") is None


def test_a_session_ends_when_idle_and_at_the_latest_after_twelve_hours(
    database: Database, person: int
) -> None:
    clock = Clock()
    sessions = Sessions(database, clock)
    token = sessions.start(person)
    for _ in range(6):
        clock.wait(hours=1, minutes=59)
        found = sessions.find(token)
        assert found
        sessions.touch(found)
    clock.wait(minutes=7)
    assert sessions.find(token) is None, "12 hours are over although they never paused"
    idle = sessions.start(person)
    clock.wait(hours=2)
    assert sessions.find(idle) is None and sessions.of(person) == []


def test_being_there_is_written_once_a_minute_at_most(database: Database, person: int) -> None:
    clock = Clock()
    sessions = Sessions(database, clock)
    login = sessions.find(sessions.start(person))
    assert login
    clock.wait(seconds=59)
    sessions.touch(login)
    assert sessions.of(person)[0].seen == login.seen
    clock.wait(seconds=1)
    sessions.touch(login)
    assert sessions.of(person)[0].seen == clock.time


def test_ending_one_others_and_all(database: Database, person: int) -> None:
    sessions = Sessions(database)
    first, second, third = (sessions.start(person) for _ in range(3))
    sessions.end(first)
    assert sessions.find(first) is None and len(sessions.of(person)) == 2
    assert sessions.end_all(person, but=second) == 1
    assert sessions.find(second) and sessions.find(third) is None
    assert sessions.end_all(person) == 1 and sessions.of(person) == []
