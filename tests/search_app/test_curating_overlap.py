"""Clauses that say nearly the same: shown with what differs marked, and as a table."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from kb.types import Entry, Kind, Publication, Validity
from search_app.access import Role
from tests.search_app.sites import Site

TEXT = "党员{0}不交党费的，由{1}派人谈话提醒，三次提醒仍不交的报上级党组织处理。"


@pytest.fixture
def reviewer(site: Site) -> FlaskClient:
    for name, values in (("own-a", ("六个月", "党支部委员会")), ("own-b", ("3个月", "党小组"))):
        body = f"### 第一条 催缴\n\n{TEXT.format(*values)}"
        made = Entry(
            name,
            Kind.POLICY,
            f"=本单位{name}",
            validity=Validity.IN_FORCE,
            publication=Publication.PUBLISHED,
            body=body,
        )
        site.library.save(made, None)
    return site.client(Role.REVIEWER)


def test_a_pair_shows_what_differs_marked_on_both_sides(reviewer: FlaskClient) -> None:
    html = reviewer.get("/curate/overlap").text
    for marked in ("六个月", "3个月", "党支部委员会", "党小组"):
        assert f"<mark>{marked}</mark>" in html
    assert "期限不同" in html and "主体不同" in html and "/policies/own-a#a1" in html
    assert "大半重复的制度" in html and html.index("期限不同") < html.index("<mark>")


def test_the_table_can_be_taken_away_and_holds_no_formulas(reviewer: FlaskClient) -> None:
    answer = reviewer.get("/curate/overlap.xlsx")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    row = next(row for row in rows if row[1] == "=本单位own-a")
    assert row[2] == "第一条" and row[4] == "=本单位own-b" and "期限：6个月 ／ 3个月" in str(row[8])
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n"}


def test_policies_that_no_longer_apply_are_left_out(site: Site, reviewer: FlaskClient) -> None:
    record = site.library.store.get("own-b")
    site.library.save(replace(record.entry, validity=Validity.REPEALED), record.version)
    assert "own-b" not in reviewer.get("/curate/overlap").text
