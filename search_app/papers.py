"""Leaving with a paper: Word and Excel files of entries, and filled papers of the workflows."""

from __future__ import annotations

import io
import re
from datetime import date

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from kb.errors import EntryNotFound
from kb.types import Category, Entry, Kind
from search_app import caching, context, links, paper_form, sieves
from search_app.exchange import handout
from search_app.filters import chinese_date
from search_app.sieves import UNSORTED

MAX_CHOSEN = 200
"""Entries of one file; more would keep the server busy for a minute."""
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHELVES = {"problems": Kind.PROBLEM, "handbook": Kind.HANDBOOK, "cases": Kind.CASE, "policies": Kind.POLICY}
COLUMNS = (
    ("编号", 24.0), ("标题", 36.0), ("一句话回答", 60.0), ("类别", 11.0), ("问题来源", 11.0),
    ("适用组织", 16.0), ("政策依据", 40.0), ("相关案例", 36.0),
    ("更新日期", 12.0), ("核对日期", 12.0), ("地址", 44.0),
)  # fmt: skip
"""Headings of the problem list, and how wide they stand."""

pages = Blueprint("papers", __name__)


@pages.app_context_processor
def _today() -> dict[str, object]:
    """The foot of a printed page says when it was printed."""
    return {"today": date.today()}


@pages.get("/papers")
def overview() -> ResponseReturnValue:
    """Everything that can be taken away: the handbook, papers to fill in, chosen cases, the problem list."""
    now = context.library().snapshot
    workflows = [(entry, paper_form.templates(entry)) for entry in now.of_kind(Kind.HANDBOOK)]
    return render_template(
        "papers/overview.html",
        workflows=[(entry, found) for entry, found in workflows if found],
        cases=_shelved(now.of_kind(Kind.CASE)),
        totals={kind: now.count(kind) for kind in Kind},
        nothing_chosen="none" in request.args,
    )


@pages.get("/<any(problems, handbook, cases, policies):shelf>/<entry_id>/export.docx")
def entry_file(shelf: str, entry_id: str) -> ResponseReturnValue:
    """A hand-out of one entry."""
    library = context.library()
    entry, now = library.get(entry_id), library.snapshot
    if entry.kind is not SHELVES[shelf]:
        raise EntryNotFound(f"没有编号为“{entry_id[:80]}”的{SHELVES[shelf].label}")
    from search_app.exchange import leaflet  # a server starts earlier without python-docx

    parts = handout.entry_parts(entry, now, _imprint(entry), 2)
    return _send(leaflet.write_sheet(entry.title, parts, context.config().site_name), entry.title, WORD)


@pages.get("/papers/handbook.docx")
def handbook_file() -> ResponseReturnValue:
    """The whole handbook as one file."""
    title = "支部工作规范化手册"
    entries = context.library().snapshot.of_kind(Kind.HANDBOOK)
    return _send(caching.file(title, lambda: _book(title, entries, f"共 {len(entries)} 个流程")), title, WORD)


@pages.get("/papers/cases.docx")
def cases_file() -> ResponseReturnValue:
    """The cases whose ids the query names, as one file; what readers cannot see is left out."""
    wanted = set(request.args.getlist("id"))
    entries = [entry for entry in context.library().snapshot.of_kind(Kind.CASE) if entry.id in wanted]
    if not entries:
        return redirect(url_for("papers.overview", none="1", _anchor="cases"))
    title, chosen = "党建工作案例选编", entries[:MAX_CHOSEN]
    return _send(_book(title, chosen, f"共 {len(chosen)} 个案例"), title, WORD)


@pages.get("/papers/problems.xlsx")
def problems_file() -> ResponseReturnValue:
    """The problem list, narrowed like the browsing page."""
    from search_app.exchange import sheet  # and without openpyxl

    entries = context.library().snapshot.of_kind(Kind.PROBLEM)
    found = sieves.sifted(entries, Kind.PROBLEM, request.args.to_dict())
    return _send(sheet.write("问题清单", COLUMNS, [_row(entry) for entry in found]), "问题清单", EXCEL)


@pages.route("/handbook/<entry_id>/papers/<int:number>", methods=["GET", "POST"])
def fill(entry_id: str, number: int) -> ResponseReturnValue:
    """The short form of a paper with a preview, or the filled paper as a file. Nothing typed is kept."""
    entry = context.library().get(entry_id)
    form = paper_form.read(entry, number, request.form)
    if request.form.get("as") == "word":
        from search_app.exchange import official

        return _send(official.write(form.paper), form.paper.title, WORD)
    return render_template("papers/fill.html", entry=entry, form=form, shown=request.method == "POST")


def _book(title: str, entries: list[Entry], count: str) -> bytes:
    from search_app.exchange import leaflet

    now, site = context.library().snapshot, context.config().site_name
    imprints = {entry.id: _imprint(entry) for entry in entries}
    made = f"{chinese_date(date.today())}导出"
    about = "条目是对制度和经验的归纳，办理时以正式文本和上级党组织要求为准"
    parts = handout.book_parts(_shelved(entries), now, imprints)
    cover = leaflet.Cover(title, (site, count, made, about))
    return leaflet.write_book(cover, parts, title)


def _shelved(entries: list[Entry]) -> dict[str, list[Entry]]:
    """Entries by category, empty categories left out."""
    names = (*(str(category) for category in Category), UNSORTED)
    shelves = {name: [e for e in entries if (e.category or UNSORTED) == name] for name in names}
    return {name: shelf for name, shelf in shelves.items() if shelf}


def _imprint(entry: Entry) -> handout.Imprint:
    address = url_for("reading.short", entry_id=entry.id, _external=True)
    return handout.Imprint(context.config().site_name, address, date.today())


def _row(entry: Entry) -> tuple[str | date | None, ...]:
    now = context.library().snapshot
    cited = (now.entries[c.policy].title if c.policy in now.entries else c.policy for c in entry.citations)
    cases = (other.title for other in now.related(entry) if other.kind is Kind.CASE)
    return (
        entry.id, entry.title, entry.summary, entry.category, entry.source, "、".join(entry.organisations),
        "\n".join(dict.fromkeys(cited)), "\n".join(cases), entry.updated, entry.verified_on,
        request.host_url.rstrip("/") + links.entry_url(entry),
    )  # fmt: skip


def _send(content: bytes, name: str, kind: str) -> ResponseReturnValue:
    ending = ".xlsx" if kind == EXCEL else ".docx"
    safe = re.sub(r'[\x00-\x1f\x7f\\/:*?"<>|\s]+', " ", name).strip(" .")[:60] or "材料"
    return send_file(io.BytesIO(content), kind, as_attachment=True, download_name=safe + ending)
