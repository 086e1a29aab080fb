"""Response headers and form tokens: the same for every page."""

from __future__ import annotations

from flask import Flask, Response
from flask_wtf.csrf import CSRFError as StaleForm
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import SecurityError

__all__ = ["CONTENT_SECURITY_POLICY", "HEADERS", "StaleForm", "install"]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def install(app: Flask) -> None:
    """Every answer gets the headers, every form needs its token."""
    CSRFProtect(app)
    app.register_error_handler(SecurityError, _strange_host)
    app.after_request(_add_headers)


def _strange_host(_: SecurityError) -> Response:
    """A request for a name that is not ours (`KB_HOSTS`): no page, for its links could not be built."""
    return Response("请用本单位公布的网址打开。\n", 400, mimetype="text/plain")


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
