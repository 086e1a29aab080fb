"""The pages behind `lifecycle`: withdraw, restore, rename, merge, roll back. For reviewers."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb import sides
from kb.errors import EntryConflict, EntryExists, EntryNotFound, InvalidId, UserError
from kb.types import Record
from search_app import access, context, lifecycle, links, moves
from search_app.services import Services

pages = Blueprint("lifecycle", __name__)


@pages.get("/entries/<entry_id>/manage")
def manage(entry_id: str) -> ResponseReturnValue:
    """What may become of this entry: each step with what it does, and a form."""
    return _page(entry_id)


@pages.post("/entries/<entry_id>/withdraw")
def withdraw(entry_id: str) -> ResponseReturnValue:
    """Take it from readers."""

    def step() -> Record:
        return lifecycle.withdraw(*_who(entry_id), _typed("why"), entry_id_of(_typed("moved_to")))

    return _taken(entry_id, "withdraw", step, "已撤下，读者打开原地址会看到原因和去处。")


@pages.post("/entries/<entry_id>/restore")
def restore(entry_id: str) -> ResponseReturnValue:
    """Give it back to readers."""
    return _taken(
        entry_id,
        "restore",
        lambda: lifecycle.restore(*_who(entry_id), _typed("why")),
        "已恢复，读者又能看到了。",
    )


@pages.post("/entries/<entry_id>/rename")
def rename(entry_id: str) -> ResponseReturnValue:
    """Give it another id."""

    def step() -> Record:
        return lifecycle.rename(*_who(entry_id), _typed("new_id"), _typed("why"))

    return _taken(entry_id, "rename", step, "编号已改，原地址会自动转到新地址。")


@pages.get("/entries/<entry_id>/merge")
def merge_preview(entry_id: str) -> ResponseReturnValue:
    """What merging would make of the other entry; nothing happens yet."""
    store = context.services().library.store
    into = entry_id_of(request.args.get("into", ""))
    if not into:
        return _page(entry_id, "merge", "请写要并入哪一条"), 422
    try:
        one, other = store.get(entry_id), context.library().get(into)
        together = lifecycle.merged(one.entry, other)
    except UserError as error:
        return _page(entry_id, "merge", str(error)), 422
    return render_template(
        "histories/merge.html",
        entry=one.entry,
        expected=one.version,
        into=other,
        into_expected=store.get(into).version,
        changes=sides.stretches(sides.compare(other, together)),
        same=together == other,
    )


@pages.post("/entries/<entry_id>/merge")
def merge(entry_id: str) -> ResponseReturnValue:
    """Make one entry of two, as the preview showed."""

    def step() -> Record:
        into = (_typed("into"), _typed("into_expected"))
        return lifecycle.merge(*_who(entry_id), *into, _typed("why"))

    return _taken(entry_id, "merge", step, "已合并，原地址会自动转到这里。")


@pages.post("/entries/<entry_id>/roll-back")
def roll_back(entry_id: str) -> ResponseReturnValue:
    """Make an earlier version the published text."""
    number = _typed("number")
    if not number.isdecimal() or len(number) > 8:
        raise EntryNotFound("没有这一版")

    def step() -> Record:
        return lifecycle.roll_back(*_who(entry_id), int(number), _typed("why"))

    return _taken(entry_id, "roll-back", step, f"已退回第 {number} 版；这也记成了一个新版本。")


def entry_id_of(typed: str) -> str:
    """An id as people give it: bare, or the address of the entry's page pasted whole."""
    return typed.strip().rstrip("/").partition("#")[0].partition("?")[0].rsplit("/", 1)[-1]


def _taken(entry_id: str, step: str, take: Callable[[], Record], done: str) -> ResponseReturnValue:
    """Take a step and go where its result is seen; or the page again, with what prevents it and all typed."""
    try:
        record = take()
    except EntryConflict:
        raise  # has a page of its own, with both texts
    except (EntryExists, lifecycle.NotNow) as error:
        return _page(entry_id, step, str(error)), 409
    except (InvalidId, EntryNotFound, UserError) as error:
        return _page(entry_id, step, str(error)), 422
    flash(done)
    if record.entry.id in context.library().snapshot.entries:
        return redirect(links.entry_url(record.entry), 303)
    return redirect(url_for("lifecycle.manage", entry_id=record.entry.id), 303)


def _who(entry_id: str) -> tuple[Services, access.Person, str, str]:
    """What every step begins with: services, person, entry, and the version the page showed."""
    return context.services(), access.person(), entry_id, _typed("expected")


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()


def _page(entry_id: str, step: str = "", wrong: str = "") -> str:
    there = context.services().library.store.get(entry_id)
    return render_template(
        "histories/manage.html",
        entry=there.entry,
        expected=there.version,
        users=_users(entry_id),
        target=moves.target(entry_id, context.library().snapshot),
        step=step,
        wrong=wrong,
        typed=request.form if request.method == "POST" else request.args,
    )


def _users(entry_id: str) -> int:
    """How many published entries name this one as related or as their basis."""
    now = context.library().snapshot
    citing = {entry.id for pairs in now.cited_by.get(entry_id, {}).values() for entry, _ in pairs}
    return len(citing | set(now.linked_from.get(entry_id, ())))
