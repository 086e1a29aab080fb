"""What one application holds, and how a view reaches it."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from indexer.library import Library
from search_app.config import Config
from search_app.passwords import Passwords
from search_app.services import Services, make_services

_LIBRARY = "kb-library"
_CONFIG = "kb-config"
_SERVICES = "kb-services"


def hold(app: Flask, config: Config, library: Library, passwords: Passwords | None = None) -> None:
    """Give `app` its settings, its library, and what it works with besides."""
    app.extensions[_CONFIG] = config
    app.extensions[_LIBRARY] = library
    app.extensions[_SERVICES] = make_services(config, library, passwords)


def app() -> Flask:
    """The application answering this request."""
    return current_app


def library() -> Library:
    """The library of the application answering this request."""
    return cast(Library, current_app.extensions[_LIBRARY])


def config() -> Config:
    """The settings of the application answering this request."""
    return cast(Config, current_app.extensions[_CONFIG])


def services() -> Services:
    """Accounts, submissions, history and audit log of the application answering this request."""
    return cast(Services, current_app.extensions[_SERVICES])
