"""Accounts, submissions and the rest kept by a real PostgreSQL server: the same tests, all of them green."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.search_app.databases import SERVER

pytest.importorskip("psycopg")
WHAT = ("state", "administration", "editorial", "drafts", "questions", "feedback", "querylog", "archive")
"""Tests of every table, of what several people do at once, and of carrying everything elsewhere."""
QUIET = ("-W", "ignore::ResourceWarning", "-W", "ignore::pytest.PytestUnraisableExceptionWarning")
"""A site of a test is left to the garbage collector; psycopg, unlike SQLite, minds that."""
OWNER = "postgres"


def programs() -> Path:
    """Folder of initdb and pg_ctl; skips where there is no PostgreSQL, unless in CI."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), *filter(None, [shutil.which("initdb")])]
    if not found and not os.environ.get("CI"):
        pytest.skip("no PostgreSQL here")
    return Path(found[0]).parent


def as_owner(*command: str | Path) -> None:
    """The server refuses to be run by root."""
    prefix = ("runuser", "-u", OWNER, "--") if os.geteuid() == 0 else ()
    subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, timeout=120)


@pytest.fixture
def server() -> Iterator[str]:
    """URL of a server of its own, reached by a socket in a folder that nobody else has."""
    binaries = programs()
    with TemporaryDirectory(prefix="kb-pg-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        as_owner(binaries / "initdb", "-D", folder / "data", "-A", "trust", "-U", OWNER, "-E", "UTF8")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        control = (binaries / "pg_ctl", "-D", folder / "data", "-w")
        as_owner(*control, "-o", options, "-l", folder / "log", "start")
        try:
            yield f"postgresql+psycopg://{OWNER}@/postgres?host={folder}"
        finally:
            as_owner(*control, "-m", "immediate", "stop")


@pytest.mark.timeout(600)
def test_everything_is_kept_by_postgresql_too(server: str) -> None:
    here = Path(__file__).parent
    files = [str(here / f"test_{name}.py") for name in WHAT]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *QUIET, *files],
        env=os.environ | {SERVER: server},
        cwd=here.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert " passed" in done.stdout
