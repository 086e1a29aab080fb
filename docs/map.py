"""Prints the map of the files for README: `python docs/map.py`. A test compares the two."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("kb", "indexer", "search_app")


def lines() -> Iterator[str]:
    """One Markdown line a module: its path and the first line of its docstring."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            yield f"- `{path.relative_to(ROOT).as_posix()}` {said.splitlines()[0] if said else ''}"


def text() -> str:
    """The whole map."""
    return "\n".join(lines())


if __name__ == "__main__":
    print(text())  # noqa: T201
