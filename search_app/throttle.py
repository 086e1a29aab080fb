"""Guessing passwords takes ever longer. The only user of Flask-Limiter.

Only failures count. Whoever fails waits a minute, then ten, then an hour; no
account is ever locked for good, because then anybody could lock out anybody.
The counts live in memory: one process serves, and a restart forgives.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RequestLimit
from flask_login import current_user

from search_app.state.accounts import login_name

FAILED = 401
"""Status with which a view says that the password was wrong."""
PER_PERSON = "5 per minute;10 per 10 minutes;20 per hour"
"""One account tried from one address."""
PER_ACCOUNT = "60 per hour"
"""One account tried from many addresses."""
PER_ADDRESS = "30 per minute;120 per hour"
"""Many accounts tried from one address; a whole office may share one."""

TooMany = Callable[[int], ResponseReturnValue]
"""Seconds to wait -> the page that says so."""


def install(app: Flask, endpoints: tuple[str, ...], too_many: TooMany) -> None:
    """Slow down the views of `endpoints`, which answer FAILED to a wrong password."""
    limiter = Limiter(_address, app=app, storage_uri="memory://", strategy="moving-window")

    def breached(limit: RequestLimit) -> Response:
        wait = max(1, limit.reset_at - int(time.time()))
        answer = make_response(too_many(wait))
        answer.headers["Retry-After"] = str(wait)
        return answer

    rules = ((PER_PERSON, _person_there), (PER_ACCOUNT, _account), (PER_ADDRESS, _address))
    for endpoint in endpoints:
        view: Any = app.view_functions[endpoint]
        for limits, key in rules:
            view = limiter.limit(limits, key_func=key, deduct_when=_failed, on_breach=breached)(view)
        app.view_functions[endpoint] = view


def in_words(seconds: int) -> str:
    """45 -> 45 秒; 130 -> 3 分钟."""
    return f"{seconds} 秒" if seconds < 60 else f"{-(-seconds // 60)} 分钟"


def _failed(response: Response) -> bool:
    return response.status_code == FAILED


def _address() -> str:
    return f"at {request.remote_addr}"


def _account() -> str:
    """The name typed, or of who is logged in."""
    person = getattr(current_user, "person", None)
    return f"as {person.name if person else login_name(request.form.get('name', ''))[:40]}"


def _person_there() -> str:
    return f"{_account()} {_address()}"
