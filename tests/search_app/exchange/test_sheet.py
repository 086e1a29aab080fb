"""Excel lists: text stays text, dates are dates, the head stays in sight."""

from __future__ import annotations

import io
import re
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from search_app.exchange import sheet

COLUMNS = (("标题", 30.0), ("日期", 12.0))


def test_a_formula_stays_words() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1"):
        content = sheet.write("清单", COLUMNS, [(text, date(2026, 1, 5))])
        cell = load_workbook(io.BytesIO(content)).worksheets[0]["A2"]
        assert cell.data_type == "s" and cell.quotePrefix and cell.value == text


def test_the_head_is_frozen_filtered_and_printed_on_every_page() -> None:
    content = sheet.write("清/单", COLUMNS, [("甲", date(2026, 1, 5)), ("乙", None)])
    found = load_workbook(io.BytesIO(content)).worksheets[0]
    assert found.title == "清单" and found.freeze_panes == "A2" and found.auto_filter.ref == "A1:B3"
    assert found.column_dimensions["A"].width == 30 and found["B2"].is_date and found["B3"].value is None
    assert found.print_title_rows == "$1:$1"


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=50))
def test_any_text_makes_a_file_that_opens(text: str) -> None:
    content = sheet.write(text, COLUMNS, [(text, None)])
    cell = load_workbook(io.BytesIO(content)).worksheets[0]["A2"]
    assert cell.data_type != "f" and not re.search("[\x00-\x08]", str(cell.value or ""))
