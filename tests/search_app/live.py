"""A running server and a browser for the tests that need both."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")
WATCH = "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective));"
"""Init script that turns every breach of the content security policy into a console error."""


def skip_without_chromium() -> None:
    """Leave the module out where there is no Chromium; in CI its absence is a failure."""
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("no Chromium here", allow_module_level=True)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The application on a free port; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser; the sandbox needs rights a container does not have."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()
