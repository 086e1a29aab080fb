"""The shapes a field of front matter may have: how each is read and written, and what is said of a wrong one.

`READERS` and `WRITERS` are each other's inverse, shape by shape; `kb.schema`
says which field has which shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeAlias

from kb import frontmatter
from kb.types import Attachment, Citation, Finding, Grade, Kind, Origin, Publication, Validity

ALL_KINDS = frozenset(Kind)
_CITATION_REF = re.compile(r"([a-z][a-z0-9-]*)(?:#(x?\d{1,4}(?:-\d{1,2})?))?")
_FILE_NAME = re.compile(r"[0-9a-f]{16,64}\.[a-z0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Field:
    """One line of front matter: its name, what people call it, where it belongs, how it is read."""

    name: str
    label: str
    shape: str
    """text, choice, list, inline (a list on one line), date, citations, origin, attachments."""
    kinds: frozenset[Kind] = ALL_KINDS
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""


def parse_date(text: str) -> date:
    """2026-11-20, 2026.11.20, 2026/11/20 or 2026年11月20日 -> date. Raises ValueError."""
    match = re.fullmatch(r"\s*(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?\s*", text)
    if not match:
        raise ValueError(f"not a date: {text!r}")
    return date(*(int(part) for part in match.groups()))


_Read: TypeAlias = tuple[Any, Finding | None]


def _wrong(field: Field, message: str) -> _Read:
    return None, Finding("value", f"“{field.label}”（{field.name}）{message}", field.name)


def _text(field: Field, raw: Any) -> _Read:
    if not isinstance(raw, str):
        return _wrong(field, "应当是一段文字")
    return " ".join(raw.split()), None


def _choice(field: Field, raw: Any) -> _Read:
    if not isinstance(raw, str) or raw not in field.choices:
        return _wrong(field, f"应为 {'、'.join(field.choices)} 之一，现在是“{raw}”")
    enum = _ENUMS.get(field.name)
    return (enum(raw) if enum else raw), None


def _list(field: Field, raw: Any) -> _Read:
    items = [raw] if isinstance(raw, str) else raw
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return _wrong(field, "应当是一个列表，每行一条文字")
    cleaned = tuple(" ".join(item.split()) for item in items)
    unknown = [item for item in cleaned if field.choices and item not in field.choices]
    if unknown:
        return _wrong(field, f"里的“{unknown[0]}”不在 {'、'.join(field.choices)} 之中")
    return tuple(item for item in cleaned if item), None


def _date(field: Field, raw: Any) -> _Read:
    try:
        return parse_date(raw if isinstance(raw, str) else ""), None
    except ValueError:
        return _wrong(field, f"不是有效日期：“{raw}”，写法如 2026-11-20")


def _citations(field: Field, raw: Any) -> _Read:
    if not isinstance(raw, list):
        return _wrong(field, "应当是一个列表")
    found = []
    for item in raw:
        row = {"ref": item} if isinstance(item, str) else item
        if not _is_row(row, ("ref", "says", "grade", "historical")):
            return _wrong(field, f"里有一条写法不对：{item}，只能有 ref、says、grade、historical 四项文字")
        ref = _CITATION_REF.fullmatch(row.get("ref", ""))
        if ref is None:
            return _wrong(field, f"里有一条写法不对：{item}，应为 ref: 制度编号#条号")
        grade = row.get("grade", "A")
        if grade not in tuple(Grade):
            return _wrong(field, f"里的等级 {grade} 不在 A、B、B-、C 之中")
        historical = row.get("historical", "false").lower()
        if historical not in ("true", "false"):
            return _wrong(field, f"里的 historical 应为 true 或 false，现在是“{historical}”")
        says = " ".join(row.get("says", "").split())
        found.append(Citation(ref[1], ref[2] or "", says, Grade(grade), historical == "true"))
    return tuple(found), None


def _origin(field: Field, raw: Any) -> _Read:
    if not _is_row(raw, ("author", "title", "section")):
        return _wrong(field, "应当有 author、title、section 三项文字")
    origin = Origin(**{key: " ".join(value.split()) for key, value in raw.items()})
    return (None if origin == Origin() else origin), None


def _attachments(field: Field, raw: Any) -> _Read:
    found = []
    for item in raw if isinstance(raw, list) else [None]:
        row: Any = {"file": item} if isinstance(item, str) else item
        if not _is_row(row, ("file", "label")) or not _FILE_NAME.fullmatch(row.get("file", "")):
            return _wrong(field, f"里有一条写法不对：{item}，应为 file: 附件文件名，另可加 label")
        found.append(Attachment(row["file"], " ".join(row.get("label", "").split())))
    return tuple(found), None


def _is_row(raw: Any, names: tuple[str, ...]) -> bool:
    """True for a mapping of texts that has no other names, so that nothing typed is dropped silently."""
    return isinstance(raw, dict) and all(k in names and isinstance(v, str) for k, v in raw.items())


READERS: dict[str, Callable[[Field, Any], _Read]] = {
    "text": _text,
    "choice": _choice,
    "list": _list,
    "inline": _list,
    "date": _date,
    "citations": _citations,
    "origin": _origin,
    "attachments": _attachments,
}
_ENUMS: dict[str, Callable[[str], Any]] = {"kind": Kind, "validity": Validity, "publication": Publication}


def _write_citations(citations: tuple[Citation, ...]) -> list[dict[str, str | bool]]:
    rows: list[dict[str, str | bool]] = []
    for citation in citations:
        row: dict[str, str | bool] = {
            "ref": citation.ref,
            "says": citation.says,
            "grade": str(citation.grade),
        }
        rows.append(row | ({"historical": True} if citation.historical else {}))
    return rows


def _write_attachments(attachments: tuple[Attachment, ...]) -> list[dict[str, str]]:
    return [{"file": a.file} | ({"label": a.label} if a.label else {}) for a in attachments]


def _write_origin(origin: Origin) -> dict[str, str]:
    return {f.name: getattr(origin, f.name) for f in fields(origin) if getattr(origin, f.name)}


WRITERS: dict[str, Callable[[Any], Any]] = {
    "list": list,
    "inline": frontmatter.FlowList,
    "date": lambda value: value,
    "citations": _write_citations,
    "origin": _write_origin,
    "attachments": _write_attachments,
}
