"""How much a request may carry: little, but for the forms in which members send files."""

from __future__ import annotations

from flask import Flask, request

from search_app import MAX_REQUEST_BYTES, MAX_UPLOAD_BYTES, access, contributing
from search_app.access import Role
from search_app.exchange.guard import MAX_FILE

MAX_DOCUMENT_BYTES = MAX_FILE + MAX_REQUEST_BYTES
"""One document, and the form around it; a larger document is answered in words by who reads it."""

LIMITS = {
    **{f"contributing.{name}": MAX_UPLOAD_BYTES for name in contributing.POSTS},
    "importing.upload_document": MAX_DOCUMENT_BYTES,
    "importing.upload_list": MAX_DOCUMENT_BYTES,
}
"""Endpoint -> bytes; every other request is kept to MAX_REQUEST_BYTES."""


def install(app: Flask) -> None:
    """Set the limit of each request before its body is read."""

    def allow(endpoint: str | None, values: object) -> None:
        limit = LIMITS.get(endpoint or "") if request.method == "POST" else None
        # Only this encoding is written to disk while it is read; others would fill the memory.
        if limit and request.mimetype == "multipart/form-data" and access.person().may(Role.MEMBER):
            request.max_content_length = limit

    app.url_value_preprocessor(allow)
