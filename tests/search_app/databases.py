"""The database of a test: SQLite beside it, or one of its own on a PostgreSQL server."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

SERVER = "KB_TEST_POSTGRES"
"""Environment variable: URL of a PostgreSQL server where databases may be made."""


def site_database() -> str:
    """What a test's `Config.database` should say: nothing, which means SQLite, or a fresh database's URL."""
    server = os.environ.get(SERVER, "")
    return _fresh(server) if server else ""


def database_url(folder: Path) -> str:
    """URL of a fresh database; a SQLite file in `folder` where no server was named."""
    return site_database() or f"sqlite:///{folder / 'state.sqlite'}"


def _fresh(server: str) -> str:
    name = f"t{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)
