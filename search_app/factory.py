"""Puts the web application together."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from indexer.library import Library, cores
from kb.errors import SetupError
from search_app import (
    MAX_REQUEST_BYTES,
    access,
    account_menu,
    accounts,
    addresses,
    administration,
    api,
    attachments,
    caching,
    compiled_templates,
    context,
    contributing,
    curating,
    curating_aliases,
    curating_links,
    curating_overlap,
    curating_queries,
    curating_questions,
    curating_terms,
    drafts,
    errors,
    feedback,
    filters,
    glossary,
    help,
    histories,
    importing,
    lifecycle_pages,
    login,
    marking,
    mine,
    opensearch,
    papers,
    querylog,
    questions,
    reading,
    reviewing,
    searching,
    security,
    static_files,
    submissions,
    throttle,
    tools,
    uploads,
    usage,
    validity,
)
from search_app.config import Config
from search_app.passwords import Passwords
from search_app.turns import InTurn

READING = (searching, reading, validity, glossary, papers, tools, mine, help, opensearch)
GIVING = (contributing, importing, drafts, attachments)
REVIEWING = (reviewing, submissions, histories, lifecycle_pages)
CURATING = (
    questions,
    feedback,
    curating,
    curating_aliases,
    curating_links,
    curating_overlap,
    curating_queries,
    curating_questions,
    curating_terms,
    usage,
)
"""Asking, and what curators make of it."""


SEARCHES = ("/search", "/api/v1/search")
"""What costs most, and is asked for by many at once."""


def make_app(config: Config, library: Library, passwords: Passwords | None = None) -> Flask:
    """The application for one library. Touches no disk except for the secret key and compiled templates."""
    app = Flask("search_app")
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        SECRET_KEY=config.secret(),
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=list(config.hosts) or None,
        WTF_CSRF_TIME_LIMIT=None,  # writing down a case takes an afternoon; the session bounds it
    )
    app.json.ensure_ascii = app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    compiled_templates.install(app, config.local / ".kb")
    if config.proxies:
        layers = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=layers, x_proto=layers, x_host=layers)  # type: ignore[method-assign]
    context.hold(app, config, library, passwords)
    addresses.install(app)
    caching.install(app)
    static_files.install(app)
    security.install(app)
    login.install(app)
    access.install(app, open_reading=config.open_reading, ask=accounts.ask)
    login.insist_on_new_passwords(app)
    account_menu.install(app)
    uploads.install(app)
    attachments.install(app)
    filters.install(app)
    marking.install(app)
    glossary.install(app)
    errors.install(app)
    for module in (*READING, *GIVING, *CURATING, *REVIEWING, api, accounts, administration):
        app.register_blueprint(module.pages)
    querylog.install(app)
    throttle.install(app, accounts.THROTTLED, accounts.too_many)
    app.before_request(_take_in_changes)
    caching.keep_pages(app)
    app.wsgi_app = InTurn(app.wsgi_app, SEARCHES, cores())  # type: ignore[method-assign]
    return app


def _take_in_changes() -> None:
    """Pick up files changed by hand or by git; a disk in trouble must not stop people reading."""
    if request.endpoint in (None, "static", "api.healthz"):
        return
    try:
        context.library().refresh_if_due()
    except SetupError as error:
        context.app().logger.warning("refresh failed: %s", error)
