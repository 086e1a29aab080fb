"""Attached files: judged by content, drawn anew, kept once, and shown to whom they are meant for only."""

from __future__ import annotations

import io
import re
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from kb.types import Attachment, Entry
from search_app import editorial, filekinds, filing, pictures
from search_app.access import Person, Role
from search_app.filekinds import RefusedFile
from tests.search_app.giving import emptied, fields, filled, form, member
from tests.search_app.sites import Site, make_site


def jpeg(size: tuple[int, int] = (40, 20), **more: Any) -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", size, "navy")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    picture.save(out, "JPEG", **more)
    return out.getvalue()


def with_place() -> bytes:
    """A picture lying on its side, with camera and place in it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCamera", 6
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 5.0)
    return jpeg(exif=exif) + b"<script>polyglot</script>"


def png(mode: str = "RGBA") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (10, 10)).save(out, "PNG")
    return out.getvalue()


def office(*members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", *members):
            archive.writestr(name, "<x/>")
    return out.getvalue()


DOCX, XLSX, PDF = office("word/document.xml"), office("xl/workbook.xml"), b"%PDF-1.7\n%..."
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One site for this file."""
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def site(made: Site) -> Site:
    """That site, with nothing handed in yet."""
    emptied(made)
    return made


class Ledger:
    """Who sent what, without a database."""

    def __init__(self, today: int = 0) -> None:
        self.today, self.files = today, [("", 0)]

    def add(self, owner_id: int, file: str, size: int) -> None:
        self.files.append((file, owner_id))

    def sent_today(self, owner_id: int) -> int:
        return self.today

    def is_owner(self, owner_id: int, file: str) -> bool:
        return (file, owner_id) in self.files


@pytest.mark.parametrize(
    ("data", "kind"), [(DOCX, "docx"), (XLSX, "xlsx"), (PDF, "pdf"), (jpeg(), "picture"), (png(), "picture")]
)
def test_a_file_is_what_it_holds(data: bytes, kind: str) -> None:
    assert filekinds.kind_of(data) == kind


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "空的"),
        (SVG, "SVG"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><script>", "网页"),
        (b"<?xml version='1.0'?><x/>", "XML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "旧式"),
        (b"MZ\x90\x00", "只收"),
        (office("evil.exe"), "压缩包"),
        (office("word/document.xml", "word/vbaProject.bin"), "宏"),
        (DOCX[: len(DOCX) // 2], "打不开"),
        (b"PK\x03\x04rest", "打不开"),
        (office("word/document.xml", *(f"x{n}" for n in range(2100))), "太大"),
    ],
)
def test_what_may_not_be_attached_is_refused_with_the_reason(data: bytes, says: str) -> None:
    with pytest.raises(RefusedFile, match=says):
        filekinds.kind_of(data)


def test_a_picture_is_drawn_anew_upright_and_without_its_secrets() -> None:
    data, ending = pictures.redrawn(with_place())
    assert ending == "jpg" and b"SecretCamera" not in data and b"polyglot" not in data
    with Image.open(io.BytesIO(data)) as opened:
        assert not opened.getexif() and opened.size == (20, 40)
        assert opened.getpixel((10, 2))[0] > 150


def test_transparent_pictures_stay_so_and_large_ones_shrink() -> None:
    data, ending = pictures.redrawn(png())
    assert ending == "png" and Image.open(io.BytesIO(data)).mode == "RGBA"
    data, _ = pictures.redrawn(jpeg((5000, 1000)))
    assert Image.open(io.BytesIO(data)).size == (pictures.MAX_SIDE, pictures.MAX_SIDE // 5)


def test_bombs_and_broken_pictures_are_refused() -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    with pytest.raises(pictures.BadPicture, match="像素"):
        pictures.redrawn(bomb.getvalue())
    good = jpeg((300, 300))
    for data in (good[:200], b"\xff\xd8\xff" + b"x" * 100, b"GIF89a", b"BM" + b"\x00" * 40, png()[:30]):
        with pytest.raises(pictures.BadPicture):
            pictures.redrawn(data)


@pytest.mark.parametrize(
    ("kind", "size", "fine"),
    [("JPEG", (5000, 5000), True), ("PNG", (5000, 5000), False), ("WEBP", (5000, 5000), False),
     ("PNG", (1, 40_000), False), ("PNG", (3000, 3000), True)],
)  # fmt: skip
def test_what_unpacks_to_hundreds_of_megabytes_is_refused(
    kind: str, size: tuple[int, int], fine: bool
) -> None:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, kind)
    if fine:
        assert pictures.redrawn(out.getvalue())
        return
    with pytest.raises(pictures.BadPicture, match="像素"):
        pictures.redrawn(out.getvalue())


def test_pictures_are_drawn_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = [0], [0]

    def saved(picture: object) -> tuple[bytes, str]:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.05)
        at_once[0] -= 1
        return b"", "png"

    monkeypatch.setattr(pictures, "_saved", saved)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pictures.redrawn, [png()] * 4))
    assert most == [1], "each may take some hundred megabytes"


def test_files_are_kept_once_under_their_content(tmp_path: Path) -> None:
    ledger = Ledger()
    files = filing.Files(tmp_path, ledger)
    one, two = files.keep(1, "C:\\照片\\签到表.PDF", PDF), files.keep(2, "../../别名.pdf", PDF)
    assert one.file == two.file and re.fullmatch(r"[0-9a-f]{32}\.pdf", one.file)
    assert (one.label, two.label) == ("签到表", "别名")
    assert [p.name for p in (tmp_path / "attachments").iterdir()] == [one.file]
    assert files.is_owner(2, one.file) and not files.is_owner(3, one.file)


def test_sizes_are_limited(tmp_path: Path) -> None:
    with pytest.raises(RefusedFile, match="10 MB"):
        filing.Files(tmp_path, Ledger()).keep(1, "大.pdf", PDF + b"x" * filing.MAX_FILE_BYTES)
    with pytest.raises(RefusedFile, match="今天"):
        filing.Files(tmp_path, Ledger(filing.MAX_PER_DAY)).keep(1, "a.pdf", PDF)


def upload(client: FlaskClient, *files: tuple[str, bytes], **more: Any) -> Any:
    """The case form with files; the button is 上传 unless said otherwise."""
    data = form(client) | {"do": "upload"} | more
    return multipart(
        client, data | {"files": [FileStorage(io.BytesIO(content), name) for name, content in files]}
    )


def multipart(client: FlaskClient, data: dict[str, Any]) -> Any:
    """POST as a browser sends files; the body in memory, so that no file of the test stays open."""
    boundary, body = encode_multipart(data)
    return client.post("/cases/new", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_uploading_shows_the_files_and_keeps_the_text(site: Site) -> None:
    client = member(site)
    answer = upload(client, ("现场.jpg", jpeg()), ("台账.xlsx", XLSX))
    assert answer.status_code == 200 and "四十二名党员" in answer.text
    sent = fields(answer.text)
    assert sent["attachment-label"] == ["现场", "台账"] and len(sent["attachment-file"]) == 2
    assert site.services.audit.records()[-1].what == "uploaded"
    answer = client.post("/cases/new", data=filled(answer.text, {"attachment-label": ["开会", "台账"]}))
    entry = site.services.pending.get(answer.location.rpartition("/")[2])
    assert [a.label for a in entry.attachments] == ["开会", "台账"]


def test_a_refused_file_is_named_and_the_others_stay(site: Site) -> None:
    answer = upload(member(site), ("图.svg", SVG), ("好.pdf", PDF), ("假.pdf", b"MZ"), do="send")
    assert (
        answer.status_code == 422 and "“图.svg”没有收下" in answer.text and "“假.pdf”没有收下" in answer.text
    )
    assert fields(answer.text)["attachment-label"] == ["好"] and "四十二名党员" in answer.text
    many = upload(member(site), *((f"{n}.pdf", PDF + str(n).encode()) for n in range(11)))
    assert "最多 10 个" in many.text and len(fields(many.text)["attachment-file"]) == 10


def test_uploading_nothing_is_said(site: Site) -> None:
    answer = upload(member(site))
    assert answer.status_code == 422 and "请先选文件" in answer.text


def test_nobody_takes_another_persons_file_by_naming_it(site: Site) -> None:
    name = fields(upload(member(site), ("私.pdf", PDF)).text)["attachment-file"][0]
    other = member(site, "other")
    answer = other.post(
        "/cases/new", data=form(other) | {"attachment-file": [name], "attachment-label": ["x"]}
    )
    assert answer.status_code == 422 and "不是您传的" in answer.text
    assert other.get(f"/files/{name}").status_code == 404


def reviewer(site: Site) -> Person:
    return Person(site.add_user("chief", Role.REVIEWER), "chief", "主任", Role.REVIEWER)


def test_a_file_is_public_once_its_entry_is(site: Site) -> None:
    client = member(site)
    page = upload(client, ("现场.jpg", jpeg((64, 48))), ("台账.docx", DOCX)).text
    number = hand_in_page(client, page)
    picture, paper = fields(page)["attachment-file"]
    guest = site.app.test_client()
    for name in (picture, paper):
        assert client.get(f"/files/{name}").status_code == 200
        assert site.client(Role.REVIEWER, "chief").get(f"/files/{name}").status_code == 200
        assert guest.get(f"/files/{name}").status_code == 404
        assert member(site, "other").get(f"/files/{name}").status_code == 404
    record = editorial.publish(site.services, reviewer(site), number)
    html = guest.get(f"/cases/{record.entry.id}").text
    own = f"?entry={record.entry.id}"
    assert f'src="/files/{picture}{own}"' in html and "台账.docx" in html and 'alt="现场"' in html
    shown, handed = guest.get(f"/files/{picture}{own}"), guest.get(f"/files/{paper}{own}")
    assert shown.mimetype == "image/jpeg" and "attachment" not in shown.headers.get("Content-Disposition", "")
    assert (
        handed.headers["Content-Disposition"].startswith("attachment")
        and "docx" in handed.headers["Content-Disposition"]
    )
    for other in ("", "?entry=dues-overdue", "?entry=hidden-draft", "?entry=../x"):
        assert guest.get(f"/files/{picture}{other}").status_code == 404
    for answer in (shown, handed):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def hand_in_page(client: FlaskClient, page: str) -> str:
    answer = client.post("/cases/new", data=fields(page))
    assert answer.status_code == 303, answer.text
    return str(answer.location.rpartition("/")[2])


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fstate.sqlite",
        "%2e%2e/x.pdf",
        "a.pdf",
        "x" * 32 + ".pdf",
        "0" * 32 + ".svg",
        "0" * 32 + ".pdf",
        "..\\..\\x.pdf",
        "CON.pdf",
    ],
)
def test_no_other_file_can_be_reached(site: Site, name: str) -> None:
    for client in (site.app.test_client(), site.client(Role.ADMIN)):
        assert client.get(f"/files/{name}").status_code == 404


def test_a_missing_file_is_said_and_breaks_nothing(site: Site) -> None:
    record = site.library.store.get("dues-overdue")
    entry: Entry = replace(record.entry, attachments=(Attachment("0" * 32 + ".pdf", "丢了"),))
    site.library.save(entry, record.version)
    html = site.app.test_client().get("/problems/dues-overdue").text
    assert "丢了.pdf" in html and "文件不在了" in html


def test_forms_with_files_may_be_large_but_only_for_members(site: Site) -> None:
    big = ("大.pdf", PDF + b"x" * 6_000_000)
    assert upload(member(site), big).status_code == 200
    guest = site.app.test_client()
    answer = multipart(guest, {"files": FileStorage(io.BytesIO(big[1]), big[0])})
    assert answer.status_code == 413
    too_big = upload(member(site), ("更大.pdf", PDF + b"x" * 10_000_001))
    assert too_big.status_code == 422 and "超过 10 MB" in too_big.text and "四十二名党员" in too_big.text


def test_the_word_paper_names_what_is_attached(site: Site) -> None:
    record = site.library.store.get("dues-overdue")
    files = (Attachment("0" * 32 + ".jpg", "公示栏照片"), Attachment("1" * 32 + ".pdf"))
    site.library.save(replace(record.entry, attachments=files), record.version)
    answer = site.app.test_client().get("/problems/dues-overdue/export.docx")
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(answer.data)).paragraphs)
    assert "公示栏照片.jpg" in text and "附件.pdf" in text
