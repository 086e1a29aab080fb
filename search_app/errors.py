"""What went wrong -> a page that says so. One table, and one handler for everything unknown."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from kb.errors import (
    EntryConflict,
    EntryExists,
    EntryNotFound,
    InvalidEntry,
    InvalidId,
    KbError,
    SetupError,
    UserError,
)
from search_app import access, accounts, context, contributing, departed, feedback, questions
from search_app.editorial import NotAllowed
from search_app.security import StaleForm
from search_app.state.submissions import SubmissionMoved


@dataclass(frozen=True, slots=True)
class Page:
    """Status and heading of an error page."""

    status: int
    heading: str


TABLE: tuple[tuple[type[KbError], Page], ...] = (
    (EntryNotFound, Page(404, "没有找到这个条目")),
    (InvalidId, Page(404, "没有找到这个条目")),
    (EntryConflict, Page(409, "有人先保存了")),
    (EntryExists, Page(409, "编号已经有了")),
    (InvalidEntry, Page(422, "内容还不完整")),
    (NotAllowed, Page(403, "这一步要由别人来做")),
    (SubmissionMoved, Page(409, "这份提交已经变了")),
    (SetupError, Page(503, "暂时不能完成")),
    (UserError, Page(400, "不能这样做")),
    (KbError, Page(500, "出错了")),
)
"""The first line that fits is used."""
HTTP_HEADINGS = {
    400: ("请求有误", "浏览器发来的内容看不懂，请返回上一页再试一次。"),
    401: ("需要登录", "这里只对本单位的成员开放，请先登录。"),
    403: ("不能访问", "这个页面不对您开放。"),
    404: ("没有这个页面", "地址可能写错了，或者页面已经移走。可以在上面的搜索框里重新查找。"),
    405: ("不能这样访问", "请从页面上的按钮或链接进入。"),
    413: (
        "内容太长",
        "一次提交的内容超过上限。请按浏览器的返回键，文字还在；删减、拆成几条或减少附件后再提交。自动保存过的文字也在“草稿”里。",
    ),
    429: ("操作太快", "请稍等一会儿再试。"),
}


def install(app: Flask) -> None:
    """Handle every error of `app`."""
    app.register_error_handler(KbError, _known)
    app.register_error_handler(StaleForm, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _known(error: KbError) -> ResponseReturnValue:
    if isinstance(error, EntryNotFound) and (gone := departed.answer()):
        return gone
    page = next(page for kind, page in TABLE if isinstance(error, kind))
    if page.status >= 500:
        context.app().logger.warning("%s: %s", type(error).__name__, error)
    if isinstance(error, EntryConflict) and not _wants_json():
        return render_template("shared/conflict.html", heading=page.heading, error=error), page.status
    findings = error.findings if isinstance(error, InvalidEntry) else ()
    return _answer(page.status, page.heading, "" if findings else str(error), findings=findings)


def _stale_form(error: StaleForm) -> ResponseReturnValue:
    """The token of a form is gone (restart, cookies cleared): show what was typed, with a new token."""
    try:
        return _sent_again()
    except KbError as wrong:
        return _known(wrong)


def _sent_again() -> ResponseReturnValue:
    """The form as it was sent, for whoever may see it: the token is checked before the role is."""
    endpoint, who = request.endpoint or "", access.person()
    if endpoint in {f"contributing.{name}" for name in contributing.POSTS}:
        if not who.may(access.Role.MEMBER):
            return accounts.ask()
        return contributing.show_again("页面打开太久或服务重启过，还没有提交。请再按一次提交。", 400)
    allowed = access.allows(endpoint, who, open_reading=context.config().open_reading)
    if allowed and endpoint == "questions.ask":
        return questions.show_again("页面打开太久或服务重启过，还没有发送。请再按一次发送。", 400)
    if allowed and endpoint == "feedback.give":
        return feedback.show_again("页面打开太久或服务重启过，还没有发送。请再按一次。", 400)
    return _answer(400, "页面已经过期", "请返回上一页，刷新后再提交一次。")


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400 or error.response is not None:  # whoever raised it has made the page
        return error.get_response()
    heading, message = HTTP_HEADINGS.get(status, ("出错了", "请返回上一页再试一次。"))
    return _answer(status, heading, message)


def _unknown(error: Exception) -> ResponseReturnValue:
    """A bug: the reader gets a number to report, the log gets the trace under the same number."""
    number = secrets.token_hex(4)
    context.app().logger.error("error %s at %s", number, request.path, exc_info=error)
    message = "程序出了错，已经记录下来。如果刚才在保存，请返回上一页确认文字还在，再试一次。"
    return _answer(500, "出错了", message, number=number)


def _answer(status: int, heading: str, message: str, **more: object) -> ResponseReturnValue:
    if _wants_json():
        numbered = {"number": more["number"]} if "number" in more else {}
        return jsonify({"error": message or heading, **numbered}), status
    return render_template("shared/error.html", heading=heading, message=message, **more), status


def _wants_json() -> bool:
    return request.path.startswith("/api/")
