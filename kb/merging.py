"""Two changes to one text put together where they do not touch; where they do, a person decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kb import markdown, schema
from kb.types import Entry

_BOOKKEEPING = frozenset({"created", "updated", "verified_on", "publication", "moved_to"})
"""Fields nobody proposes: they stay as they are published."""


class _Clash(Exception):
    """Both sides changed the same thing, differently."""


def merge(base: Entry, published: Entry, proposed: Entry) -> Entry | None:
    """`published` with what `proposed` changed since `base`; None where both changed the same thing."""
    values: dict[str, Any] = {}
    try:
        for field in schema.fields_of(base.kind):
            if field.name not in _BOOKKEEPING:
                one, two, three = (getattr(entry, field.name) for entry in (base, published, proposed))
                values[field.name] = _chosen(one, two, three)
        values["extra"] = _chosen(base.extra, published.extra, proposed.extra)
        values["body"] = _body(base.body, published.body, proposed.body)
    except _Clash:
        return None
    return replace(published, **values)


def _chosen(base: Any, published: Any, proposed: Any) -> Any:
    """The one that changed. Raises _Clash."""
    if proposed in (base, published):
        return published
    if published == base:
        return proposed
    raise _Clash


def _body(base: str, published: str, proposed: str) -> str:
    """The bodies by section, if all three have the same sections. Raises _Clash."""
    if proposed in (base, published) or published == base:
        return str(_chosen(base, published, proposed))
    parts = [_sections(body) for body in (base, published, proposed)]
    headings = [[heading for heading, _ in part] for part in parts]
    if not headings[0] == headings[1] == headings[2]:
        raise _Clash
    rows = zip(*([text for _, text in part] for part in parts), strict=True)
    return "".join(_chosen(*row) for row in rows)


def _sections(body: str) -> list[tuple[str, str]]:
    """A body cut before each heading; the pieces put together are the body."""
    wanted = [part.heading for part in markdown.sections(body) if part.heading]
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in body.splitlines(keepends=True):
        if wanted and line.startswith(("## ", "### ")) and line.lstrip("#").strip() == wanted[0]:
            found.append((wanted.pop(0), []))
        found[-1][1].append(line)
    return [(heading, "".join(lines)) for heading, lines in found]
