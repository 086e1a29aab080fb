"""Other people's files, read in a process of their own: sound ones become blocks, hostile ones a message."""

from __future__ import annotations

import base64
import io
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook
from PIL import Image

from kb.errors import UnreadableDocument
from search_app.exchange import isolated
from tests.search_app.exchange import hostile


def paper() -> bytes:
    """A case as offices write it: a title, styled and unstyled headings, a list, a table, a picture."""
    document = Document()
    document.add_heading("二维码台账解决补学难", 0)
    document.add_heading("一、案例背景", 1)
    document.add_paragraph("四十二名党员分在六个工地。")
    document.add_paragraph().add_run("二、主要做法").bold = True
    document.add_paragraph("一人一码：每次学习前生成二维码。", style="List Number")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "月份", "补学人次"
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    document.add_picture(picture)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_a_word_file_comes_back_in_order() -> None:
    read = isolated.read(paper())
    sorts = [(sort, text) for sort, text, _ in read["blocks"]]
    assert sorts[:4] == [
        ("heading", "二维码台账解决补学难"),
        ("heading", "一、案例背景"),
        ("text", "四十二名党员分在六个工地。"),
        ("heading", "二、主要做法"),
    ]
    assert ("item", "一人一码：每次学习前生成二维码。") in sorts
    assert ("table", [["月份", "补学人次"]]) in sorts
    kind, encoded = read["pictures"][0]
    assert kind == "image/png" and Image.open(io.BytesIO(base64.b64decode(encoded))).size == (8, 8)
    assert read["sort"] == "docx"


def test_an_excel_file_comes_back_as_text() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["问题", "次数"])
    sheet.append(["=1+1 党费", 3.0])
    sheet.cell(900, 1, "最后一行")
    stream = io.BytesIO()
    book.save(stream)
    (found,) = isolated.read(stream.getvalue())["sheets"]
    assert found["rows"][0] == ["问题", "次数"] and found["rows"][1][1] == "3"
    assert len(found["rows"]) == 900 and found["rows"][-1][0] == "最后一行"


def test_a_pdf_with_text_comes_back_as_lines(tmp_path: Path) -> None:
    text = "Branch dues are collected every month and recorded by the treasurer."
    content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    data = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, o) for n, o in enumerate(objects, 1))
    data += b"trailer << /Root 1 0 R /Size 5 >>\n%%EOF"
    assert isolated.read(data)["blocks"] == [["text", text, 0]]
    with pytest.raises(UnreadableDocument, match="扫描件"):
        isolated.read(data.replace(text.encode(), b" " * len(text)))
    with pytest.raises(UnreadableDocument, match="PDF 打不开"):
        isolated.read(b"%PDF-1.4 nothing else")


def test_a_file_that_lies_outside_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"SECRET-BYTES")
    relations = hostile.link_to(secret.as_uri())
    try:
        found = isolated.read(hostile.word(hostile.PICTURE_OUTSIDE, relations=relations))
    except UnreadableDocument:
        return
    assert base64.b64encode(b"SECRET-BYTES").decode() not in str(found)


@pytest.mark.parametrize(
    "data",
    [
        hostile.word("<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", hostile.laughs()),
        hostile.word("<w:tbl><w:tr><w:tc>" * 20_000 + "</w:tc></w:tr></w:tbl>" * 20_000),
        hostile.word("<w:p><w:r><w:t>不合规矩</w:p>"),
    ],
    ids=["billion laughs", "twenty thousand tables deep", "not well formed"],
)
def test_a_hostile_file_ends_in_a_message(data: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        isolated.read(data)


def test_an_entity_of_the_system_stays_empty() -> None:
    head = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    try:
        read = isolated.read(hostile.word("<w:p><w:r><w:t>党费&secret;</w:t></w:r></w:p>", head))
    except UnreadableDocument:
        return
    assert "root:" not in str(read)


def test_too_much_is_given_up_in_time() -> None:
    data = hostile.word(hostile.long_document(60_000))
    started = time.monotonic()
    with pytest.raises(UnreadableDocument, match="限定的时间和内存"):
        isolated.read(data, seconds=2)
    assert time.monotonic() - started < 6


def test_memory_is_limited() -> None:
    with pytest.raises(UnreadableDocument, match="限定的时间和内存"):
        isolated.read(paper(), memory=24 << 20)


def test_one_word_in_many_cells_does_not_fill_the_server() -> None:
    (sheet,) = isolated.read(hostile.sheet_of_one_word("党费收缴", 800))["sheets"]
    assert sheet["rows"] == [["党费收缴"]] * 800
    data = hostile.sheet_of_one_word("党" * 20_000, 800)
    assert len(data) < 20_000
    with pytest.raises(UnreadableDocument, match="限定的时间和内存"):
        isolated.read(data)


def test_the_reading_process_is_told_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, str] = {}

    def run(command: list[str], **more: Any) -> subprocess.CompletedProcess[bytes]:
        told.update(more["env"])
        return subprocess.CompletedProcess(command, 0, b"{}")

    monkeypatch.setenv("KB_SECRET_KEY", "not-for-strangers")
    monkeypatch.setenv("KB_DATABASE", "postgresql://kb:not-for-strangers@db/kb")
    monkeypatch.setattr(isolated.subprocess, "run", run)
    isolated.read(paper())
    assert told and "not-for-strangers" not in str(told)
