"""Policies and clauses that say nearly the same: for 制度精简, with a table to take to the meeting."""

from __future__ import annotations

import io
from datetime import date

from flask import Blueprint, render_template, send_file
from flask.typing import ResponseReturnValue

from kb import clauses
from kb.clauses import Article, Pair
from kb.numerals import article_label
from kb.types import Entry, Kind
from search_app import context
from search_app.papers import EXCEL

SHOWN = 100
MOST_ROWS = 2000
COLUMNS = (
    ("序号", 6.0), ("制度甲", 26.0), ("条", 10.0), ("内容", 50.0), ("制度乙", 26.0), ("条", 10.0),
    ("内容", 50.0), ("相似", 7.0), ("不同之处", 36.0),
    ("处理意见（合并到哪一条／各自保留）", 24.0), ("负责人", 10.0),
)  # fmt: skip
"""Headings of the table, and how wide they stand."""

pages = Blueprint("curating_overlap", __name__)


@pages.get("/curate/overlap")
def overview() -> ResponseReturnValue:
    """Pairs with what differs marked, and policies that repeat one another."""
    policies = _policies()
    pairs = clauses.alike(policies)
    return render_template(
        "curating/overlap.html",
        pairs=pairs[:SHOWN],
        total=len(pairs),
        contrary=sum(pair.contrary for pair in pairs),
        twins=clauses.twins(policies, pairs),
        policies=len(policies),
        entries=context.library().snapshot.entries,
    )


@pages.get("/curate/overlap.xlsx")
def file() -> ResponseReturnValue:
    """The pairs as a table to fill in: what to merge into what, and who does it."""
    from search_app.exchange import sheet  # a server starts earlier without openpyxl

    rows = [_row(number, pair) for number, pair in enumerate(clauses.alike(_policies())[:MOST_ROWS], 1)]
    content = sheet.write("条款归并表", COLUMNS, rows)
    return send_file(io.BytesIO(content), EXCEL, as_attachment=True, download_name="条款归并表.xlsx")


def differences(pair: Pair) -> str:
    """What one side says and the other does not, in one line a sort."""
    return "\n".join(
        f"{found.sort}：{'、'.join(found.ours) or '（没有写）'} ／ {'、'.join(found.theirs) or '（没有写）'}"
        for found in pair.differences
    )


def _policies() -> tuple[Entry, ...]:
    """Those in force or not known to be history: nobody merges what no longer applies."""
    found = context.library().snapshot.of_kind(Kind.POLICY)
    return tuple(entry for entry in found if not (entry.validity and entry.validity.superseded))


def _row(number: int, pair: Pair) -> tuple[str | date | None, ...]:
    def side(article: Article) -> tuple[str, str, str]:
        return article.title, article_label(article.anchor), article.text

    return (str(number), *side(pair.one), *side(pair.other), f"{pair.share:.0%}", differences(pair), "", "")
