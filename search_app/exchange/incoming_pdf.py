"""A PDF with text in it -> lines as blocks. Runs in the worker only. A scan has no text and is refused."""

from __future__ import annotations

from typing import Any

import pypdfium2

from kb.errors import UnreadableDocument

MAX_PAGES = 300
MIN_CHARS = 20
"""Fewer characters on all pages together: pictures of pages, not text."""


def read(data: bytes) -> dict[str, Any]:
    """Lines of all pages as text blocks. Raises UnreadableDocument."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        message = "PDF 打不开：设了密码或已经损坏。请另存一份没有密码的再上传。"
        raise UnreadableDocument(message) from error
    if len(document) > MAX_PAGES:
        raise UnreadableDocument(f"PDF 有 {len(document)} 页，超过 {MAX_PAGES} 页，请拆开再上传")
    pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    text = "\n".join(pages).replace("\r\n", "\n").replace("\x00", "")
    if len("".join(text.split())) < MIN_CHARS:
        raise UnreadableDocument("PDF 里没有可以选中的文字，多半是扫描件。请先做文字识别，或上传 Word 原件。")
    return {"blocks": [["text", line, 0] for line in _joined(text)], "pictures": []}


def _joined(text: str) -> list[str]:
    """Lines put together where the page only broke them: a full line without an end goes on in the next."""
    lines = [line.strip() for line in text.splitlines()]
    widest = max((len(line) for line in lines), default=0)
    joined: list[str] = []
    for line in lines:
        before = joined[-1] if joined else ""
        goes_on = before and len(before.splitlines()[-1]) >= widest * 0.85 and before[-1] not in "。！？：；”"
        if line and goes_on:
            joined[-1] = before + line
        elif line:
            joined.append(line)
    return joined
