"""HTTP, HTML and the command line over one `Library`.

    app = create_app(Config.from_env(), library)

Every page is rendered on the server and works without JavaScript.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from indexer.library import Library
    from search_app.config import Config
    from search_app.passwords import Passwords

MAX_REQUEST_BYTES = 4_000_000
"""A body of 200,000 Han characters is 1.8 MB once percent-encoded; nothing honest is larger."""
MAX_UPLOAD_BYTES = 110_000_000
"""A form that carries files: ten of ten megabytes, and its text."""


def create_app(config: Config, library: Library, passwords: Passwords | None = None) -> Flask:
    """The web application for one library. Touches no disk except for the secret key and compiled templates.

    `passwords` says how passwords are hashed; without it as dearly as is good.
    """
    # Imported late: the command line loads this package too and must start without Flask.
    from search_app.factory import make_app

    return make_app(config, library, passwords)
