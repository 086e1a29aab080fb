"""An Excel file -> its sheets as rows of text. Runs in the worker only."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl

from kb.errors import UnreadableDocument

MAX_ROWS = 5_000
MAX_COLUMNS = 60


def read(data: bytes) -> dict[str, Any]:
    """Every sheet with its rows; formulas as the value last computed. Raises UnreadableDocument."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = [{"title": sheet.title, "rows": _rows(sheet)} for sheet in book.worksheets]
    except (MemoryError, UnreadableDocument):
        raise
    except Exception as error:
        # openpyxl raises KeyError, ValueError, defusedxml's errors and more for a damaged file.
        raise UnreadableDocument("Excel 文件打不开，可能已经损坏。请另存一份再上传。") from error
    return {"sheets": sheets}


def _rows(sheet: Any) -> list[list[str]]:
    """Rows up to the last one with words in it; a sheet that claims a million rows is not believed."""
    rows: list[list[str]] = []
    empty = 0
    for row in sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True):
        cells = [_text(value) for value in row]
        rows.append(cells)
        empty = 0 if any(cells) else empty + 1
        if empty > MAX_ROWS:
            break
        if len(rows) - empty > MAX_ROWS:
            raise UnreadableDocument(f"表里超过 {MAX_ROWS} 行，请拆成几个文件再上传")
    rows = rows[: len(rows) - empty]
    width = max((n for cells in rows for n, cell in enumerate(cells, 1) if cell), default=0)
    return [cells[:width] for cells in rows]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
