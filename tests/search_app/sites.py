"""A real application over a small real library, built from files of the starter content."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from indexer.library import Library
from search_app import create_app
from search_app.config import Config

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = (
    "issues/dues-overdue.md",
    "issues/dues-backpay.md",
    "issues/dues-six-months.md",
    "issues/election-quorum.md",
    "issues/rules-outdated.md",
    "cases/case-dues-auto-remind.md",
    "cases/case-election-reminder.md",
    "corpus/handbook/hb-dues.md",
    "corpus/handbook/hb-election.md",
    "corpus/policies/dues-regulation.md",
    "corpus/policies/election-regulation.md",
    "corpus/policies/discipline-2018.md",
    "corpus/policies/discipline-2023.md",
)
EXTRA = {
    # A draft must reach nobody; the second has everything a page must not trust.
    "issues/hidden-draft.md": """---
id: hidden-draft
kind: problem
title: 还没发布的草稿
publication: draft
---

## 问题描述

草稿暗号三七二十一。
""",
    "issues/hostile.md": """---
id: hostile
kind: problem
title: <script>alert(1)</script>恶意标题
summary: '{{ 7*7 }} <img src=x onerror=alert(1)>'
category: 基本保障
aliases: ['<b>尖括号暗号</b>']
related: [hidden-draft, no-such-entry]
citations:
  - ref: discipline-2018#6
    says: <i>旧规</i>
  - ref: no-such-policy#3
    says: 没有收录的制度
publication: published
---

## 问题描述

<script>alert(2)</script> [点我](javascript:alert(3)) [死链接](hidden-draft) [活链接](dues-regulation#12)

## 实施步骤

先看清楚再动手。

1. **<u>第一步</u>** 见[规定](dues-regulation#12)
   - 责任人：<em>书记</em>
""",
}


@dataclass(frozen=True)
class Site:
    """A running application and what it stands on."""

    config: Config
    library: Library
    app: Flask


def make_content(folder: Path) -> Path:
    """A content root with a handful of real entries and two awkward ones."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    for name, text in EXTRA.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def make_site(folder: Path) -> Site:
    """Content, library and application in `folder`."""
    content = make_content(folder / "content")
    config = Config((content,), folder / "local", folder / "index", "none", secret_key="test-" * 12)
    library = Library.open(config.settings())
    return Site(config, library, create_app(config, library))


def make_whole(folder: Path) -> Site:
    """All of the starter content, as readers get it."""
    config = Config((REPOSITORY,), folder / "local", folder / "index", "none", secret_key="test-" * 12)
    library = Library.open(config.settings())
    return Site(config, library, create_app(config, library))
