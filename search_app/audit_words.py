"""A line of the audit log -> words for the page and the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from search_app.audit import Record

BEIJING = timezone(timedelta(hours=8))
SHORT_HASH = 12

VERBS = {
    "login": "登录",
    "login-failed": "登录失败",
    "logout": "退出",
    "logout-everywhere": "在其他设备上退出",
    "password-changed": "改密码",
    "password-refused": "改密码时旧密码不对",
    "password-reset": "重置密码",
    "user-added": "新建账号",
    "user-role": "改角色",
    "user-renamed": "改显示名",
    "user-disabled": "停用账号",
    "user-enabled": "启用账号",
    "setting": "改设置",
    "submitted": "提交",
    "revised": "修改提交",
    "taken-back": "撤回提交",
    "returned": "退回修改",
    "rejected": "不采用",
    "published": "发布",
    "withdrawn": "撤下",
    "restored": "恢复",
    "renamed": "改编号",
    "merged": "合并",
    "rolled-back": "退回旧版",
    "commented": "留言",
    "rebased": "与另一处修改合在一起",
    "single-editor": "审了自己的提交（单人编辑）",
    "found": "发现页面之外的改动",
    "git-failed": "git 提交没有成功",
    "uploaded": "上传附件",
    "list-submitted": "批量提交",
    "list-published": "批量发布",
    "list-rejected": "批量不采用",
    "asked": "提问",
    "question-answered": "回答提问",
    "question-closed": "关闭提问",
    "question-started": "由提问写问题",
    "feedback": "评价",
    "feedback-handled": "处理评价",
    "query-ignored": "略过检索词",
    "lexicon-saved": "改词表",
}
"""What happened, in Chinese; a word that is not here is shown as it is."""
VALUES = {"on": "开", "off": "关", "member": "成员", "reviewer": "审核员", "admin": "管理员"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line for people."""

    at: str
    who: str
    what: str
    target: str
    change: str
    note: str


def read(record: Record) -> Line:
    """A record in words: time of day in Beijing, hashes cut short."""
    change = " → ".join(filter(None, (_short(record.before), _short(record.after))))
    return Line(
        moment(record.at), record.who, VERBS.get(record.what, record.what), record.target, change, record.note
    )


def moment(at: str | datetime | None) -> str:
    """`2026-11-21T06:05:00+00:00` -> 2026年11月21日 14:05:00; nothing for none."""
    try:
        found = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        return str(at)
    if found is None:
        return ""
    local = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M:%S}"


def _short(value: str) -> str:
    return VALUES.get(value, value[:SHORT_HASH])
