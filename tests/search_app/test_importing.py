"""Word, PDF and Excel in: a document becomes a draft, a list becomes entries once a reviewer says so."""

from __future__ import annotations

import io
import random
import re
import time
import zipfile
from pathlib import Path

import pytest
from docx import Document
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from PIL import Image

from search_app import batches
from search_app.access import Role
from search_app.state.imports import ImportMoved, Stage
from tests.search_app.sites import Site, send

FORM = "multipart/form-data"
HEADINGS = ["序号", "存在问题", "问题来源", "类别", "整改措施", "责任人"]


def word(path_title: str = "二维码台账解决补学难") -> io.BytesIO:
    """A case as a Word file: two sections we know, one we do not, a picture."""
    document = Document()
    document.add_heading(path_title, 0)
    document.add_heading("一、案例背景", 1)
    document.add_paragraph("四十二名党员分在六个工地，补学没有记录。")
    document.add_heading("二、主要做法", 1)
    document.add_paragraph("一人一码：每次学习前生成二维码。")
    document.add_paragraph("当天核对：组织委员当天看缺课名单。")
    document.add_heading("三、组织保障", 1)
    document.add_paragraph("书记负总责。")
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    document.add_picture(picture)
    stream = io.BytesIO()
    document.save(stream)
    stream.seek(0)
    return stream


def heavy(megabytes: int) -> io.BytesIO:
    """The same with a photo of so many megabytes."""
    stream = word()
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr("word/media/photo.jpeg", random.Random(7).randbytes(megabytes * 10**6 - 50_000))
    stream.seek(0)
    return stream


def excel(rows: list[list[str]], headings: list[str] = HEADINGS) -> io.BytesIO:
    """A list as an Excel file."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [headings, *rows]:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def problem(number: int) -> list[str]:
    return [
        str(number),
        f"第{number}号工地党员缺课没有补学",
        "日常运行",
        "基本制度",
        "登记；补学",
        "组织委员",
    ]


def upload(client: FlaskClient, address: str, file: io.BytesIO, name: str, **more: str) -> str:
    """Send a file; the address of the page it leads to."""
    answer = send(client, address, {"file": (file, name), **more}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def until_done(site: Site, address: str, seconds: float = 30) -> str:
    """The page of a list once its rows are written."""
    client = site.client(Role.REVIEWER)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        page = client.get(address).text
        if "已经发布" in page:
            return page
        time.sleep(0.05)
    raise AssertionError(page)


def test_a_word_file_becomes_a_draft(site: Site) -> None:
    client = site.client(Role.MEMBER)
    address = upload(client, "/import", word(), "经验材料.docx", kind="case")
    page = client.get(address).text
    assert "有 1 段归不进" in page and "三、组织保障" in page and "1 张图片" in page
    sections = ["背景", "主要做法", "经验教训"]
    texts = [
        "四十二名党员分在六个工地。",
        "一人一码：每次学习前生成二维码。\n当天核对：看缺课名单。",
        "书记负总责。",
    ]
    answer = send(client, address, {"title": "二维码台账", "section": sections, "text": texts})
    assert answer.status_code == 303
    form = client.get(answer.headers["Location"]).text
    assert 'value="二维码台账"' in form and "四十二名党员分在六个工地。" in form
    assert 'value="一人一码"' in form and "书记负总责。" in form and "图1" in form
    assert client.get(address).status_code == 404, "what became a draft is no upload any more"
    assert "二维码台账" in client.get("/drafts").text


def test_a_document_of_nine_megabytes_is_read_and_a_larger_one_answered_in_words(site: Site) -> None:
    client = site.client(Role.MEMBER)
    upload(client, "/import", heavy(9), "大照片.docx", kind="case")
    for address, file in (("/import", heavy(11)), ("/import/sheet", heavy(11))):
        answer = send(client, address, {"file": (file, "太大.docx"), "kind": "case"}, content_type=FORM)
        assert answer.status_code == 422 and "10 MB" in answer.text


def test_a_piece_nobody_wants_is_left_out(site: Site) -> None:
    client = site.client(Role.MEMBER)
    address = upload(client, "/import", word(), "材料.docx", kind="problem")
    sections, texts = ["问题描述", ""], ["四十二名党员分在六个工地。", "书记负总责。"]
    answer = send(client, address, {"title": "补学难", "section": sections, "text": texts})
    form = client.get(answer.headers["Location"]).text
    assert "四十二名党员" in form and "书记负总责" not in form


def test_uploads_are_their_owners(site: Site) -> None:
    address = upload(site.client(Role.MEMBER), "/import", word(), "材料.docx", kind="case")
    for other in (site.client(Role.MEMBER, "wang"), site.client(Role.ADMIN)):
        assert other.get(address).status_code == 403
        assert send(other, address, {"title": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("address", "data", "name", "said"),
    [
        (
            "/import",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"),
            "a.docx",
            "旧版 Word",
        ),
        ("/import", b"PK\x03\x04 broken", "a.docx", "损坏"),
        ("/import", excel([problem(1)]).getvalue(), "a.xlsx", "导入问题清单"),
        ("/import/sheet", word().getvalue(), "a.docx", "导入一篇文章"),
        ("/import/sheet", excel([], []).getvalue(), "a.xlsx", "空的"),
        ("/import", b"", "a.docx", "空的"),
    ],
)
def test_a_wrong_file_gets_a_clear_answer(
    site: Site, address: str, data: bytes, name: str, said: str
) -> None:
    client = site.client(Role.MEMBER)
    sent = {"file": (io.BytesIO(data), name), "kind": "case"}
    answer = send(client, address, sent, content_type="multipart/form-data")
    assert answer.status_code == 422 and said in answer.text
    assert send(client, address, {"kind": "case"}).status_code == 422, "no file at all"


def test_a_list_is_looked_through_handed_in_and_published(site: Site) -> None:
    member, reviewer = site.client(Role.MEMBER), site.client(Role.REVIEWER)
    rows = [problem(1), ["2", "", "日常运行", "", "", ""], problem(3), problem(1), problem(5)]
    address = upload(member, "/import/sheet", excel(rows), "清单.xlsx")
    page = member.get(address).text
    assert "认出 5 行，3 行可以用" in page and "标题与第 2 行相同" in page and "没有写问题标题" in page
    assert reviewer.get(address).status_code == 403, "not handed in yet"
    assert send(member, f"{address}/submit", {"without": "6"}).status_code == 303
    page = member.get(address).text
    assert "2 行等待审核" in page and "审核员看过以后会发布" in page
    assert "第1号" in page and "第3号" in page and "第5号" not in page, "only what was handed in"
    assert "清单.xlsx" in member.get("/submissions").text
    assert not site.library.search("第3号工地党员缺课").hits[:1] or "第3号" not in str(
        site.library.search("第3号工地党员缺课").hits[0].title
    )
    assert send(member, f"{address}/publish").status_code == 403
    assert send(reviewer, f"{address}/publish").status_code == 303
    page = until_done(site, address)
    assert "2 条已经发布" in page and "库里已经有" not in page
    (hit, *_) = site.library.search("第3号工地党员缺课没有补学").hits
    assert hit.title.value == "第3号工地党员缺课没有补学" and "登记" in hit.entry.body
    assert hit.entry.source == "日常运行" and "组织委员" in hit.entry.body
    (version,) = site.services.history.revisions(hit.id)
    assert version.author == "member同志" and version.action == "published"
    assert not [h for h in site.library.search("第5号工地党员缺课没有补学").hits if "第5号" in h.title.value]


def test_nobody_publishes_their_own_list(site: Site) -> None:
    reviewer = site.client(Role.REVIEWER)
    address = upload(reviewer, "/import/sheet", excel([problem(1)]), "清单.xlsx")
    send(reviewer, f"{address}/submit")
    assert send(reviewer, f"{address}/publish").status_code == 403
    other = site.client(Role.REVIEWER, "zhao")
    assert "等待审核的清单" in other.get("/import").text
    assert "清单.xlsx" in other.get("/review").text
    assert send(other, f"{address}/reject", {"reason": "与巡察清单重复"}).status_code == 303
    assert "与巡察清单重复" in reviewer.get(address).text
    assert send(other, f"{address}/publish").status_code == 400, "declined for good"


def test_columns_nobody_knows_are_pointed_out_by_hand(site: Site) -> None:
    client = site.client(Role.MEMBER)
    sheet = excel([["一月", "没有制定年度计划"]], ["月份", "检查发现"])
    address = upload(client, "/import/sheet", sheet, "日历.xlsx")
    assert "没有认出哪一列是问题" in client.get(address).text
    assert send(client, f"{address}/columns", {"header": "1", "column-title": "1"}).status_code == 303
    assert "认出 1 行，1 行可以用" in client.get(address).text
    assert (
        send(client, f"{address}/columns", {"header": "99", "sheet": "7", "column-title": "x"}).status_code
        == 303
    )


def test_a_list_of_which_no_row_will_do_says_what_to_try(site: Site) -> None:
    client = site.client(Role.MEMBER)
    page = client.get(
        upload(client, "/import/sheet", excel([["1", "党费", "", "", "", ""]]), "清单.xlsx")
    ).text
    assert "没有一行能用" in page and "交给审核员</button>" not in page
    assert '<details class="import-card" open>' in page and "还没交给审核员" in client.get("/import").text


@pytest.mark.parametrize(
    "sent",
    [{"column-title": "²"}, {"column-title": "9" * 6000}, {"sheet": "-5"}, {"header": "-5"}, {"sheet": "²"}],
)
def test_numbers_that_are_none_break_nothing(site: Site, sent: dict[str, str]) -> None:
    client = site.client(Role.MEMBER)
    address = upload(client, "/import/sheet", excel([problem(1)]), "清单.xlsx")
    assert send(client, f"{address}/columns", sent).status_code == 303
    assert client.get(address).status_code == 200


def test_a_list_handed_in_cannot_be_changed_by_a_request_that_was_under_way(site: Site) -> None:
    member = site.client(Role.MEMBER)
    address = upload(member, "/import/sheet", excel([problem(1)]), "清单.xlsx")
    upload_id = address.rsplit("/", 1)[1]
    assert send(member, f"{address}/submit").status_code == 303
    imports = site.services.imports
    before = imports.get(upload_id)
    with pytest.raises(ImportMoved):
        imports.decide(upload_id, {**before.payload, "settled": []})
    assert imports.get(upload_id) == before


def test_what_is_there_already_is_named(site: Site) -> None:
    client = site.client(Role.MEMBER)
    title = next(iter(site.library.snapshot.entries.values())).title
    address = upload(client, "/import/sheet", excel([["1", title, "", "", "", ""]]), "清单.xlsx")
    page = client.get(address).text
    assert "库里已经有" in page and re.search(r'name="without" value="2" checked', page)


def test_publishing_goes_on_where_it_stopped(site: Site) -> None:
    member, reviewer = site.client(Role.MEMBER), site.client(Role.REVIEWER)
    address = upload(member, "/import/sheet", excel([problem(n) for n in range(1, 8)]), "清单.xlsx")
    send(member, f"{address}/submit")
    upload_id = address.rsplit("/", 1)[1]
    services = site.services
    waiting = services.imports.move(upload_id, Stage.WAITING, Stage.PUBLISHING)
    first = batches.entries(waiting)[0]
    site.library.save(first, None)
    assert "写到一半停了" in reviewer.get(address).text
    assert send(reviewer, f"{address}/publish").status_code == 303
    until_done(site, address)
    assert {entry.id for entry in batches.entries(waiting)} <= site.library.snapshot.entries.keys()


def test_the_template_reads_itself(site: Site, tmp_path: Path) -> None:
    client = site.client(Role.MEMBER)
    data = client.get("/import/template.xlsx").data
    (tmp_path / "t.xlsx").write_bytes(data)
    book = load_workbook(tmp_path / "t.xlsx")
    assert [cell.value for cell in book.worksheets[0][1]][:2] == ["标题", "问题描述"]
    address = upload(client, "/import/sheet", io.BytesIO(data), "模板.xlsx")
    assert "认出 1 行，1 行可以用" in client.get(address).text
