"""Lists -> Excel. The only user of openpyxl; defusedxml guards it wherever it reads.

Import it where a list is written: without openpyxl a server starts a tenth of a second earlier.

Every cell is text or a date: what somebody wrote after an equals sign stays
words and is never worked out.
"""

from __future__ import annotations

import io
from datetime import date

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from search_app.exchange.word import clean

MAX_CELL = 32_000
"""Excel takes 32,767 characters."""
_HEAD = PatternFill("solid", fgColor="F2F2F2")
_WRAPPED = Alignment(vertical="top", wrap_text=True)


def write(
    title: str, columns: tuple[tuple[str, float], ...], rows: list[tuple[str | date | None, ...]]
) -> bytes:
    """A sheet whose heading stays in sight, can be filtered and is repeated on every printed page.

    `columns` are headings and how wide they stand, in characters.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "".join(char for char in clean(title) if char not in "[]:*?/\\")[:31] or "清单"
    for number, (heading, width) in enumerate(columns, 1):
        _put(sheet.cell(1, number), heading)
        sheet.cell(1, number).font, sheet.cell(1, number).fill = Font(bold=True), _HEAD
        sheet.column_dimensions[get_column_letter(number)].width = width
    for line, row in enumerate(rows, 2):
        for number, value in enumerate(row, 1):
            _put(sheet.cell(line, number), value)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(cell: Cell | MergedCell, value: str | date | None) -> None:
    """Text as text whatever it begins with; dates as dates."""
    cell.alignment = _WRAPPED
    if isinstance(value, date):
        cell.value = value
        cell.number_format = "yyyy-mm-dd"
    elif value:
        cell.value = clean(value)[:MAX_CELL]
        cell.data_type = "s"
        cell.quotePrefix = True
