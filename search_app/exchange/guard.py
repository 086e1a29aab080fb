"""Is this file what its name says, and may it be opened at all? Looked at before any parser sees it. Pure.

A file is told by its first bytes, never by its name. A Word or Excel file is a
zip archive: its members are counted and unpacked piece by piece, because the
sizes in an archive's header are whatever its maker wrote there.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

from kb.errors import UnreadableDocument

MAX_FILE = 10_000_000
MAX_MEMBERS = 500
MAX_UNPACKED = 50_000_000
MAX_XML = 10_000_000
"""One XML part: a book of 500 pages has 6 MB, a million empty paragraphs have more."""
MAX_RATIO = 200
RATIO_FLOOR = 1_000_000
"""A small part may shrink a lot without meaning harm."""
_PIECE = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of file: what it is called here and how its first bytes read."""

    name: str
    label: str


DOCX = Sort("docx", "Word 文件（.docx）")
XLSX = Sort("xlsx", "Excel 文件（.xlsx）")
PDF = Sort("pdf", "PDF 文件")

_REFUSED = (
    (b"{\\rtf", "这是 RTF 文件，只是改了扩展名。请用 Word 或 WPS 打开，另存为“Word 文档（*.docx）”再上传。"),
    (b"<", "这是网页或 XML 文件，只是改了扩展名。请用 Word 或 WPS 打开，另存为 .docx 或 .xlsx 再上传。"),
    (b"\x89PNG", "这是图片，没有可以识别的文字。请上传 Word 文件，或把图片作为附件添加。"),
    (b"\xff\xd8\xff", "这是图片，没有可以识别的文字。请上传 Word 文件，或把图片作为附件添加。"),
)


def sort_of(data: bytes) -> Sort:
    """What the file is. Raises UnreadableDocument, saying what to do, for what cannot be taken."""
    if len(data) > MAX_FILE:
        raise UnreadableDocument(f"文件超过 {MAX_FILE // 1_000_000} MB，请删去图片或拆成几个文件再上传")
    if not data:
        raise UnreadableDocument("文件是空的，请确认保存好了再上传")
    if data.startswith(_OLE):
        raise UnreadableDocument(_old_office(data))
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK"):
        return _office(data)
    for start, message in _REFUSED:
        if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(start):
            raise UnreadableDocument(message)
    raise UnreadableDocument("认不出这是什么文件。可以上传 .docx、.xlsx，或能选中文字的 PDF。")


def _old_office(data: bytes) -> str:
    """Word 97, Excel 97 and password-protected files share one container; its entries' names tell which."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        return "文件设了打开密码。请在 Word 或 Excel 里去掉密码，另存后再上传。"
    if holds("Workbook") or holds("Book"):
        return "这是旧版 Excel（.xls）文件。请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”再上传。"
    if holds("WordDocument"):
        return (
            "这是旧版 Word（.doc）文件，只改扩展名没有用。"
            "请用 Word 或 WPS 打开，另存为“Word 文档（*.docx）”再上传。"
        )
    return "这是旧版 Office 文件。请用 Office 或 WPS 打开，另存为 .docx 或 .xlsx 再上传。"


def _office(data: bytes) -> Sort:
    """A zip archive -> Word or Excel, once every member has been unpacked within the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise UnreadableDocument("文件里的部件太多，不像正常的 Office 文件，没有打开")
            names = {member.filename for member in members}
            _measure(archive, members)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise UnreadableDocument("文件损坏了，打不开。请在 Word 或 Excel 里重新另存一份再上传。") from error
    if "word/document.xml" in names:
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    raise UnreadableDocument("这是压缩包或别的 Office 文件。请解压后上传里面的 .docx 或 .xlsx。")


def _measure(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Unpack every member piece by piece and stop at the first limit passed."""
    total = 0
    for member in members:
        if member.flag_bits & 0x1:
            raise UnreadableDocument("文件设了密码。请去掉密码，另存后再上传。")
        size = 0
        with archive.open(member) as part:
            while piece := part.read(_PIECE):
                size += len(piece)
                total += len(piece)
                if total > MAX_UNPACKED or (member.filename.endswith((".xml", ".rels")) and size > MAX_XML):
                    raise UnreadableDocument("文件展开后太大，没有打开。请删去多余内容，或拆成几个再传。")
        if size > RATIO_FLOOR and size > MAX_RATIO * max(1, member.compress_size):
            raise UnreadableDocument("文件的压缩方式不正常，没有打开。请在 Office 里另存一份再上传。")
