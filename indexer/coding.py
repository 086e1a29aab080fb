"""Entries as JSON text, by the types of their fields: a new field of `Entry` needs nothing here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from datetime import date
from enum import Enum
from functools import lru_cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from indexer.types import Passage
from kb.types import Entry, Finding

Decoder = Callable[[Any], Any]
"""JSON value -> value of a field."""


def dump_entry(entry: Entry) -> str:
    """Entry -> JSON, empty fields left out."""
    values = {name: getattr(entry, name) for name in _fields(Entry)}
    kept = {name: value for name, value in values.items() if value not in ("", (), None)}
    return json.dumps(kept, default=_plain, ensure_ascii=False)


def load_entry(text: str) -> Entry:
    """Inverse of `dump_entry`."""
    made: Entry = _read(Entry, json.loads(text))
    return made


def dump_passages(passages: Iterable[Passage]) -> str:
    """Passages of one entry -> JSON; the entry's id is left out."""
    return json.dumps([(p.role, p.heading, p.anchor, p.text) for p in passages], ensure_ascii=False)


def load_passages(entry_id: str, text: str) -> tuple[Passage, ...]:
    """Inverse of `dump_passages`."""
    return tuple([Passage(entry_id, *values) for values in json.loads(text)])


def dump_findings(findings: Iterable[Finding]) -> str:
    """Findings -> JSON; empty for none."""
    found = list(findings)
    return json.dumps(found, default=_plain, ensure_ascii=False) if found else ""


def load_findings(text: str) -> tuple[Finding, ...]:
    """Inverse of `dump_findings`."""
    return tuple(_read(Finding, values) for values in json.loads(text)) if text else ()


def _plain(value: Any) -> Any:
    """What JSON does not know: dates, and dataclasses within an entry."""
    if isinstance(value, date):
        return value.isoformat()
    return {name: getattr(value, name) for name in _fields(value.__class__)}


def _read(cls: Any, values: dict[str, Any]) -> Any:
    decoders = _fields(cls)
    return cls(**{name: decoders[name](value) for name, value in values.items()})


@lru_cache(maxsize=32)
def _fields(cls: Any) -> dict[str, Decoder]:
    """Decoder of every field of a dataclass, worked out once."""
    hints = get_type_hints(cls)
    return {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(cls)}


def _decoder(hint: Any) -> Decoder:
    """How a value of this type is read back; what JSON keeps as it is needs nothing."""
    if get_origin(hint) is tuple:
        inner = [_decoder(arg) for arg in get_args(hint) if arg is not ...]
        if len(inner) == 1 and inner[0] is _same:
            return tuple
        if len(inner) == 1:
            return lambda values: tuple([inner[0](value) for value in values])
        return lambda values: tuple([read(value) for read, value in zip(inner, values, strict=True)])
    options = [arg for arg in get_args(hint) if arg is not NoneType]
    if options:
        read = _decoder(options[0])
        return lambda value: None if value is None else read(value)
    if dataclasses.is_dataclass(hint):
        return lambda values: _read(hint, values)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return date.fromisoformat if hint is date else _same


def _same(value: Any) -> Any:
    return value
