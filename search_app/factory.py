"""Puts the web application together."""

from __future__ import annotations

from flask import Flask, request

from indexer.library import Library
from kb.errors import SetupError
from search_app import (
    MAX_REQUEST_BYTES,
    api,
    context,
    contributing,
    errors,
    filters,
    glossary,
    help,
    marking,
    mine,
    opensearch,
    papers,
    reading,
    searching,
    security,
    tools,
    validity,
)
from search_app.config import Config


def make_app(config: Config, library: Library) -> Flask:
    """The application for one library. Touches no disk except for the secret key."""
    app = Flask("search_app")
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        SECRET_KEY=config.secret(),
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # writing down a case takes an afternoon; the session bounds it
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    context.hold(app, config, library)
    security.install(app)
    filters.install(app)
    marking.install(app)
    glossary.install(app)
    errors.install(app)
    readers = (searching, reading, validity, glossary, papers, tools, mine, help, opensearch)
    for module in (*readers, contributing, api):
        app.register_blueprint(module.pages)
    app.before_request(_take_in_changes)
    return app


def _take_in_changes() -> None:
    """Pick up files changed by hand or by git; a disk in trouble must not stop people reading."""
    if request.endpoint in (None, "static", "api.healthz"):
        return
    try:
        context.library().refresh_if_due()
    except SetupError as error:
        context.app().logger.warning("refresh failed: %s", error)
