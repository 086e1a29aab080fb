"""What a file is by its content, never by its name; what may be attached to an entry, and what may not."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from kb.errors import UserError

PICTURE = "picture"
MAX_MEMBERS = 2000
MAX_UNPACKED = 200_000_000
MAX_LIST_BYTES = 1_000_000
"""`[Content_Types].xml` of an honest document has a few thousand bytes."""
TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Ending -> MIME type of everything that is served."""
PICTURES = ("jpg", "png")

_PICTURE_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM")
_MARKUP = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|svg|\?xml|script|!--|head|body)", re.IGNORECASE
)
_OFFICE = (("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml"))
_MACROS = "vbaProject.bin"


class RefusedFile(UserError):
    """A file that may not be attached; the message says why."""


def kind_of(data: bytes) -> str:
    """`picture`, `pdf`, `docx` or `xlsx`. Raises RefusedFile for everything else."""
    if not data:
        raise RefusedFile("文件是空的")
    if data.startswith(_PICTURE_HEADS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return PICTURE
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedFile("这是旧式 Word、Excel 文件（doc、xls），请另存为 docx、xlsx 或 PDF 再传")
    if _MARKUP.match(data[:512]):
        raise RefusedFile("网页、XML 和 SVG 图不能作附件，请转成 PDF 或 PNG 再传")
    raise RefusedFile("只收图片（JPG、PNG、WebP）、PDF、Word（docx）和 Excel（xlsx）")


def _office(data: bytes) -> str:
    """Word or Excel by its members; sizes as the file claims them, enough for what is only stored."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
                raise RefusedFile("文件展开后太大，请删去不用的图片和工作表再传")
            if any(name.endswith(_MACROS) for name in names):
                raise RefusedFile("文件里有宏，请另存为不带宏的 docx、xlsx 再传")
            found = next((kind for kind, member in _OFFICE if member in names), "")
            with archive.open("[Content_Types].xml") as listed:
                listed.read(MAX_LIST_BYTES)
    except (zipfile.BadZipFile, KeyError, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise RefusedFile("文件打不开，可能没有传完整或设了密码") from error
    if not found:
        raise RefusedFile("压缩包不能作附件，请把里面的文件一个一个传")
    return found
