"""Word, PDF and Excel in: a document becomes a draft, a list of problems becomes many entries at once."""

from __future__ import annotations

import io
import re
from datetime import date

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from kb import schema
from kb.errors import UnreadableDocument
from kb.types import Kind
from search_app import batches, context, documents_in, drafting, editorial
from search_app.access import Person, Role, person
from search_app.exchange import placing, rows
from search_app.exchange.rows import COLUMNS, Layout, Listed
from search_app.state.imports import ImportMoved, Stage, Upload
from search_app.state.settings import SINGLE_EDITOR

SHOWN_ROWS = 200
"""Rows of a preview shown in full; of longer lists those with findings, and the number of the others."""
LABELS = {name: synonyms[0] for name, synonyms in COLUMNS.items()}

_PLACE = re.compile(r"[0-9]{1,3}")

pages = Blueprint("importing", __name__)


@pages.get("/import")
def start() -> ResponseReturnValue:
    """What can be handed in as a file, and what became of what was."""
    return _start()


@pages.post("/import")
def upload_document() -> ResponseReturnValue:
    """A Word or PDF file is read and taken apart; its author decides on the next page."""
    kind = request.form.get("kind", "")
    try:
        if kind not in documents_in.KINDS:
            raise UnreadableDocument("请先选这份文件是案例、问题还是手册")
        name, data = _sent()
        read = context.services().reader.read(data)
        if "blocks" not in read:
            raise UnreadableDocument("这是 Excel 表。问题清单请用下面“导入问题清单”上传。")
    except UnreadableDocument as error:
        return _start(document=str(error), kind=kind), 422
    payload = documents_in.take_apart(context.services(), person(), read, Kind(kind))
    kept = context.services().imports.create("document", name, _author(), payload)
    return redirect(url_for("importing.document", upload_id=kept.id), 303)


@pages.get("/import/<upload_id>")
def document(upload_id: str) -> ResponseReturnValue:
    """What was found in a document: each piece with the section it goes to, unplaced ones first to decide."""
    upload = _mine(upload_id, "document")
    return render_template(
        "importing/document.html",
        upload=upload,
        kind=Kind(upload.payload["kind"]),
        pieces=[placing.Piece(**piece) for piece in upload.payload["pieces"]],
        sections=schema.SECTIONS[Kind(upload.payload["kind"])],
    )


@pages.post("/import/<upload_id>")
def place(upload_id: str) -> ResponseReturnValue:
    """As decided, the document becomes a draft and opens in the form."""
    upload = _mine(upload_id, "document")
    chosen = list(zip(request.form.getlist("section"), request.form.getlist("text"), strict=False))
    made = documents_in.to_sheet(upload, request.form.get("title", ""), chosen)
    saved = drafting.keep(context.services(), person(), made)
    context.services().imports.drop(upload.id)
    return redirect(url_for("drafts.resume", number=saved.id, saved="1"), 303)


@pages.post("/import/sheet")
def upload_list() -> ResponseReturnValue:
    """An Excel list is read; columns and rows are looked through on the next page."""
    try:
        name, data = _sent()
        read = context.services().reader.read(data)
        if "sheets" not in read:
            raise UnreadableDocument("这不是 Excel 表。Word 和 PDF 请用上面“导入一篇文章”上传。")
    except UnreadableDocument as error:
        return _start(sheet=str(error)), 422
    held = [s for s in read["sheets"] if s["rows"]]
    if not held:
        return _start(sheet="表是空的，请检查是不是选错了文件。"), 422
    layout = rows.guess(held)
    payload = {"sheets": held, "layout": _plain(layout)}
    kept = context.services().imports.create("list", name, _author(), payload)
    return redirect(url_for("importing.problem_list", upload_id=kept.id), 303)


@pages.get("/import/sheet/<upload_id>")
def problem_list(upload_id: str) -> ResponseReturnValue:
    """The list row by row with its findings: to choose from, to wait, to publish, or to watch."""
    upload = _list(upload_id)
    listed = _listed(upload)
    found = listed.rows if upload.stage is Stage.READ else batches.handed_in(upload, listed.rows)
    undecided = upload.stage in (Stage.READ, Stage.WAITING)
    told = batches.against_collection(found, context.library().snapshot) if undecided else {}
    answer = render_template(
        "importing/list.html",
        upload=upload,
        listed=listed,
        found=found,
        shown=[row for row in found[:SHOWN_ROWS] if row.values],
        told=told,
        labels=LABELS,
        mine=upload.author_id == person().id,
        may_decide=_may_decide(person(), upload),
        working=upload.stage is Stage.PUBLISHING and batches.working(upload.id),
    )
    return answer


@pages.post("/import/sheet/<upload_id>/columns")
def columns(upload_id: str) -> ResponseReturnValue:
    """Which column is which, as its author says."""
    upload = _own_list(upload_id)
    sent = {name: request.form.get(f"column-{name}", "") for name in COLUMNS}
    at = {name: int(value) for name, value in sent.items() if _PLACE.fullmatch(value)}
    held = upload.payload["sheets"]
    number = min(max(0, request.form.get("sheet", 0, type=int)), len(held) - 1)
    header = min(max(0, request.form.get("header", 1, type=int) - 1), len(held[number]["rows"]) - 1)
    layout = Layout(number, header, at)
    context.services().imports.decide(upload.id, {**upload.payload, "layout": _plain(layout)})
    return redirect(url_for("importing.problem_list", upload_id=upload.id), 303)


@pages.post("/import/sheet/<upload_id>/submit")
def submit_list(upload_id: str) -> ResponseReturnValue:
    """The chosen rows wait for a reviewer."""
    upload = _own_list(upload_id)
    left_out = set(request.form.getlist("without"))
    chosen = [row for row in _listed(upload).rows if row.usable and str(row.number) not in left_out]
    if chosen:
        batches.hand_in(context.services(), person(), upload, chosen, date.today())
    return redirect(url_for("importing.problem_list", upload_id=upload.id), 303)


@pages.post("/import/sheet/<upload_id>/publish")
def publish_list(upload_id: str) -> ResponseReturnValue:
    """A reviewer publishes the whole list; it is written in the background, and the page shows how far."""
    upload = _for_review(upload_id)
    if upload.stage is not Stage.PUBLISHING:
        context.services().imports.move(upload.id, Stage.WAITING, Stage.PUBLISHING)
    batches.start(context.services(), person(), upload.id)
    return redirect(url_for("importing.problem_list", upload_id=upload.id), 303)


@pages.post("/import/sheet/<upload_id>/reject")
def reject_list(upload_id: str) -> ResponseReturnValue:
    """A reviewer declines the list and says why."""
    upload = _for_review(upload_id)
    reason = " ".join(request.form.get("reason", "").split())[:500] or "没有写理由"
    context.services().imports.move(upload.id, Stage.WAITING, Stage.REJECTED, note=reason)
    context.services().audit.append(person().name, "list-rejected", upload.id, note=reason)
    return redirect(url_for("importing.problem_list", upload_id=upload.id), 303)


@pages.get("/import/template.xlsx")
def template() -> ResponseReturnValue:
    """An empty list with our headings and two rows to show how they are filled."""
    from search_app.exchange import sheet  # a server starts earlier without openpyxl

    widths = {"title": 30.0, "description": 40.0, "causes": 30.0, "advice": 40.0, "steps": 40.0}
    heads = tuple((label, widths.get(name, 16.0)) for name, label in LABELS.items())
    examples: list[tuple[str | date | None, ...]] = [
        tuple(example.get(name, "") for name in LABELS) for example in batches.EXAMPLES
    ]
    data = sheet.write("问题清单", heads, examples)
    return send_file(io.BytesIO(data), as_attachment=True, download_name="问题清单模板.xlsx")


def _start(document: str = "", sheet: str = "", kind: str = "") -> str:
    who, imports = person(), context.services().imports
    waiting = imports.find(Stage.WAITING, Stage.PUBLISHING) if who.may(Role.REVIEWER) else []
    return render_template(
        "importing/start.html",
        kinds=documents_in.KINDS,
        kind=kind,
        wrong={"document": document, "sheet": sheet},
        mine=imports.find(*Stage, author_id=who.id),
        waiting=[upload for upload in waiting if upload.author_id != who.id],
    )


def _sent() -> tuple[str, bytes]:
    """Name and bytes of the file sent. Raises UnreadableDocument when none was."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise UnreadableDocument("请先选一个文件")
    return sent.filename.replace("\\", "/").rsplit("/", 1)[-1], sent.read()


def _author() -> tuple[int, str]:
    return person().id, person().display


def _mine(upload_id: str, sort: str) -> Upload:
    """An upload of one's own. Raises EntryNotFound, NotAllowed."""
    upload = context.services().imports.get(upload_id)
    if upload.author_id != person().id or upload.sort != sort:
        raise editorial.NotAllowed("这次上传不是您的，只有上传的人自己能接着办")
    return upload


def _list(upload_id: str) -> Upload:
    """A list one may look at: one's own, or as a reviewer once it waits."""
    upload = context.services().imports.get(upload_id)
    if upload.sort == "list" and person().may(Role.REVIEWER) and upload.stage is not Stage.READ:
        return upload
    return _mine(upload_id, "list")


def _own_list(upload_id: str) -> Upload:
    upload = _mine(upload_id, "list")
    if upload.stage is not Stage.READ:
        raise ImportMoved("清单已经交出去了，不能再改")
    return upload


def _for_review(upload_id: str) -> Upload:
    upload = _list(upload_id)
    if not _may_decide(person(), upload):
        raise editorial.NotAllowed("自己导入的清单要由别的审核员来发布；只有一个人时，请管理员打开“单人编辑”")
    return upload


def _may_decide(who: Person, upload: Upload) -> bool:
    own = upload.author_id == who.id
    return who.may(Role.REVIEWER) and (not own or context.services().settings.on(SINGLE_EDITOR))


def _listed(upload: Upload) -> Listed:
    layout = upload.payload["layout"]
    return rows.read(upload.payload["sheets"], Layout(layout["sheet"], layout["header"], layout["columns"]))


def _plain(layout: Layout) -> dict[str, object]:
    return {"sheet": layout.sheet, "header": layout.header, "columns": dict(layout.columns)}
