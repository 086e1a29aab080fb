"""我的: circumstances of the branch, favourites and history; all of it stays in the browser."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kb.types import ORGANISATIONS
from search_app import circumstances

pages = Blueprint("mine", __name__)


@pages.get("/mine")
def page() -> ResponseReturnValue:
    """The form for the branch, and empty lists that the browser fills."""
    asked = [c for c in circumstances.table() if c.key != circumstances.MANY]
    return render_template(
        "mine/page.html",
        circumstances=asked,
        organisations=[name for name in ORGANISATIONS if name != "通用"],
        many=circumstances.MANY_MEMBERS,
    )
