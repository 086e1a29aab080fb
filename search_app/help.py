"""Help: how to ask, how to give, how to review. Says only what exists."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kb import schema
from kb.types import Kind

pages = Blueprint("help", __name__)


@dataclass(frozen=True, slots=True)
class Examples:
    """Questions of one sort, as people really put them."""

    label: str
    questions: tuple[str, ...]


EXAMPLES = (
    Examples("直接说事情", ("老张半年没交党费了咋整", "到会的人不够还能不能选", "书记调走了谁来主持")),
    Examples("问期限和数字", ("预备期多长", "换届提前多久准备", "党费怎么算", "发展对象公示几天")),
    Examples("问手续和材料", ("转正要哪些材料", "介绍信过期了怎么办", "换届请示怎么写")),
    Examples("打错字、用拼音也行", ("换界选举", "dangfei", "黨費逾期", "流动当员")),
    Examples("找条文、找做法", ("党费规定第十二条", "别的单位怎么催缴党费", "支部怎么和业务结合")),
)
"""A test asks every one of them."""


@pages.get("/help")
def overview() -> ResponseReturnValue:
    """How to search, read and remember."""
    return render_template("help/overview.html", examples=EXAMPLES)


@pages.get("/help/contributors")
def contributors() -> ResponseReturnValue:
    """How to give a case, content files and official texts."""
    return render_template("help/contributors.html", kinds=tuple(Kind), sections=schema.SECTIONS)


@pages.get("/help/reviewers")
def reviewers() -> ResponseReturnValue:
    """What to look at before an entry is published, and with which commands."""
    return render_template("help/reviewers.html")
