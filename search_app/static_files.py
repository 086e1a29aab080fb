"""Style sheets, scripts and icons: from memory, packed, under addresses that change with their content.

`url_for("static", filename="style.css")` gives `/static/style.css?v=1f0c…`. What is
asked for by such an address never changes and is kept by browsers for a year;
what is asked for without it they check each time.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

YEAR = 365 * 24 * 3600
TAG_CHARS = 12
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
"""Written down here: Windows looks others up in its registry, where anything may stand."""
PACKED_KINDS = ("text/", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent; `stamp` tells when it has to be read again."""

    stamp: tuple[int, int]
    tag: str
    kind: str
    raw: bytes
    packed: bytes | None


class Files:
    """The files of one folder, read once; a changed one is read again."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._read: dict[str, File] = {}

    def get(self, name: str) -> File | None:
        """A file of the folder; None for what is not there, or lies outside."""
        path = safe_join(self._folder, name)
        try:
            found = os.stat(path or "")
            stamp = (found.st_mtime_ns, found.st_size)
            known = self._read.get(name)
            if known is None or known.stamp != stamp:
                known = self._read[name] = _file(Path(path or ""), stamp)
            return known
        except (OSError, ValueError):
            return None


def _file(path: Path, stamp: tuple[int, int]) -> File:
    raw = path.read_bytes()
    kind = KINDS.get(path.suffix, "application/octet-stream")
    packed = gzip.compress(raw, mtime=0) if kind.startswith(PACKED_KINDS) else None
    return File(stamp, hashlib.sha256(raw).hexdigest()[:TAG_CHARS], kind, raw, packed)


def install(app: Flask) -> None:
    """Serve the static files of `app` so, and put their versions into its addresses."""
    files = Files(Path(str(app.static_folder)))

    def version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values and (found := files.get(values.get("filename", ""))):
            values["v"] = found.tag

    def serve(filename: str) -> ResponseReturnValue:
        found = files.get(filename)
        return _sent(found) if found else abort(404)

    app.url_defaults(version)
    app.view_functions["static"] = serve


def _sent(file: File) -> Response:
    packed = file.packed if request.accept_encodings["gzip"] > 0 else None
    response = Response(file.raw if packed is None else packed, mimetype=file.kind)
    if packed is not None:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(file.tag, weak=True)
    if request.args.get("v") == file.tag:
        response.cache_control.public = True
        response.cache_control.max_age = YEAR
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    response.make_conditional(request)
    return response
