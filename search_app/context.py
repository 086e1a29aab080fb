"""What one application holds, and how a view reaches it."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from indexer.library import Library
from search_app.config import Config

_LIBRARY = "kb-library"
_CONFIG = "kb-config"


def hold(app: Flask, config: Config, library: Library) -> None:
    """Give `app` its settings and its library."""
    app.extensions[_CONFIG] = config
    app.extensions[_LIBRARY] = library


def app() -> Flask:
    """The application answering this request."""
    return current_app


def library() -> Library:
    """The library of the application answering this request."""
    return cast(Library, current_app.extensions[_LIBRARY])


def config() -> Config:
    """The settings of the application answering this request."""
    return cast(Config, current_app.extensions[_CONFIG])
