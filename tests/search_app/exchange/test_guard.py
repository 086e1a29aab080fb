"""What may be opened at all: told by the bytes, never by the name, and measured while unpacking."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document

from kb.errors import UnreadableDocument
from search_app.exchange import guard, sheet
from tests.search_app.exchange.hostile import archive, word

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def ole(name: str) -> bytes:
    return OLE + name.encode("utf-16-le") + b"\0" * 100


def test_sound_files_are_known_by_their_bytes() -> None:
    stream = io.BytesIO()
    Document().save(stream)
    assert guard.sort_of(stream.getvalue()) is guard.DOCX
    assert guard.sort_of(sheet.write("清单", (("问题", 10.0),), [("党费",)])) is guard.XLSX
    assert guard.sort_of(b"%PDF-1.7\n...") is guard.PDF


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空"),
        (ole("WordDocument"), "旧版 Word"),
        (ole("Workbook"), "旧版 Excel"),
        (ole("EncryptedPackage"), "打开密码"),
        (OLE, "旧版 Office"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"\xef\xbb\xbf<html><body>", "网页"),
        (b"<?xml version='1.0'?><w:wordDocument/>", "网页或 XML"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        ("党费收缴制度".encode(), "认不出"),
        (b"PK\x03\x04 cut off", "损坏"),
        (word("<w:p/>")[:300], "损坏"),
        (archive({"a.txt": "x"}), "压缩包"),
        (b"x" * (guard.MAX_FILE + 1), "MB"),
    ],
)
def test_everything_else_gets_a_clear_answer(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableDocument, match=said):
        guard.sort_of(data)


@pytest.mark.parametrize(
    "data",
    [
        archive({f"word/{n}.xml": "" for n in range(guard.MAX_MEMBERS + 1)}),
        archive({"word/document.xml": b"\0" * (guard.MAX_XML + 1)}, stored=True)[:1] + b"K",
        archive({"word/document.xml": " " * (guard.MAX_XML + 1)}),
        archive({f"word/media/{n}.bin": b"\0" * 9_000_000 for n in range(6)}),
        archive({"word/document.xml": "<w:p/>" * 1_000_000}),
    ],
    ids=["members", "cut", "one part", "all parts", "ratio"],
)
def test_a_bomb_is_not_unpacked(data: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        guard.sort_of(data)


def test_sizes_in_the_header_are_not_believed() -> None:
    honest = archive({"word/document.xml": " " * (guard.MAX_XML + 1)})
    size = (guard.MAX_XML + 1).to_bytes(4, "little")
    assert honest.count(size) == 2
    with pytest.raises(UnreadableDocument):
        guard.sort_of(honest.replace(size, (10).to_bytes(4, "little")))


def test_a_protected_archive_is_named() -> None:
    data = bytearray(word("<w:p/>"))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as file:
        first = file.infolist()[0]
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    assert first.flag_bits == 0
    with pytest.raises(UnreadableDocument, match="密码"):
        guard.sort_of(bytes(data))
