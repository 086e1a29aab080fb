"""The process that reads other people's files: `python -m search_app.exchange.worker SORT BYTES SECONDS`.

docx and pdf -> {"blocks": [[kind, text or rows, level or picture], ...], "pictures": [[type, base64], ...]}
xlsx         -> {"sheets": [{"title": str, "rows": [[str, ...], ...]}, ...]}
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from kb.errors import UnreadableDocument

MAX_ANSWER = 30_000_000
"""Bytes; a file of ten megabytes that is all pictures gives 14. One word can stand in a million cells."""
TOO_LONG = 2
"""Exit status for a longer answer: the server would have to hold it."""


def _docx(data: bytes) -> dict[str, Any]:
    from search_app.exchange import incoming_word

    return incoming_word.read(data)


def _pdf(data: bytes) -> dict[str, Any]:
    from search_app.exchange import incoming_pdf

    return incoming_pdf.read(data)


def _xlsx(data: bytes) -> dict[str, Any]:
    from search_app.exchange import incoming_sheet

    return incoming_sheet.read(data)


READERS: dict[str, Callable[[bytes], dict[str, Any]]] = {"docx": _docx, "pdf": _pdf, "xlsx": _xlsx}


def limit(memory: int, seconds: int) -> None:
    """Take away what this process may not use; on Windows only the parent's clock limits it."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def main(arguments: list[str]) -> int:
    """Read standard input as the sort named; answer on standard output."""
    sort, memory, seconds = arguments
    data = sys.stdin.buffer.read()
    limit(int(memory), int(seconds))
    try:
        answer = READERS[sort](data)
    except UnreadableDocument as error:
        answer = {"refused": str(error)}
    said = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    if len(said) > MAX_ANSWER:
        return TOO_LONG
    sys.stdout.buffer.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
