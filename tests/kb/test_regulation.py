"""Importing texts: what is recognised, what is dropped, what is refused, and that nothing else is lost."""

from __future__ import annotations

import os
import re
import sys
from datetime import date
from pathlib import Path

import pytest

from kb import markdown, schema
from kb.documents import Recognised
from kb.errors import UnreadableDocument
from kb.regulation import describe, recognise, suggest_id, to_entry
from kb.types import Evidence, Kind, Publication, Validity

FIXTURES = Path(__file__).parent / "fixtures"
PAPER = "reading-group.txt"
TODAY = date(2026, 11, 20)
THREE = "某某办法\n第一条　为了方便，制定本办法。\n第二条　职工应当到场。\n第三条　不到的要请假。\n"


def seen(text: str, name: str = "某某办法.txt") -> Recognised:
    return recognise(name, text.encode())


def fixture(name: str) -> Recognised:
    return recognise(name, (FIXTURES / name).read_bytes())


def anchors(text: str) -> list[str]:
    return [part.anchor for part in seen(text).articles]


def codes(text: str) -> list[str]:
    return [finding.code for finding in seen(text).findings]


# --- a regulation with everything in it ------------------------------------------------------------


def test_articles_chapters_and_items_of_a_whole_regulation() -> None:
    found = fixture("attendance.txt")
    assert found.kind is Kind.POLICY
    assert [part.anchor for part in found.articles] == [*"1234567", "7-1", "8", "9", "10"]
    assert [(p.role, p.heading) for p in found.parts if p.role in ("章", "节")] == [
        ("章", "第一章 总则"),
        ("章", "第二章 上下班"),
        ("节", "第一节 打卡"),
        ("节", "第二节 请假"),
        ("章", "第三章 附则"),
    ]
    third = found.articles[2]
    assert [paragraph.text for paragraph in third.paragraphs] == [
        "考勤应当做到下列要求：",
        "前款所称当天，指自然日。",
    ]
    assert third.paragraphs[0].items == (
        "（一）真实；",
        "（二）及时：",
        "1．当天登记；",
        "2．当天核对；",
        "（三）公开。",
    )


def test_facts_about_the_regulation() -> None:
    found = fixture("attendance.txt")
    assert found.title == "某某单位考勤办法"
    assert found.issuer == "某某单位"
    assert found.document_number == "某单发〔2024〕12号"
    assert (found.issued, found.amended, found.effective) == (
        date(2024, 3, 1),
        date(2024, 2, 20),
        date(2024, 4, 1),
    )


def test_every_dropped_line_is_told() -> None:
    found = fixture("attendance.txt")
    told = [finding.message for finding in found.findings if finding.code == "dropped"]
    assert [message.split("（")[0] for message in told] == [
        "页码和分隔线 1 行",
        "目录 6 行",
        "附注 3 行",
        "标题前的说明文字 6 行",
    ]
    assert not any(finding.fatal for finding in found.findings)
    assert not any("延伸阅读" in part.text or "责任编辑" in part.text for part in found.parts)


def test_a_line_broken_before_a_cited_clause_is_mended() -> None:
    fifth, sixth = fixture("attendance.txt").articles[4:6]
    assert fifth.text == "职工忘记打卡的，应当依照本办法第六条　规定补登。"
    assert sixth.text == "补登应当在三天以内完成，并由科室负责人在登记簿上签字确认。"


def test_news_preface_is_dropped_and_gives_title_and_issuer() -> None:
    found = fixture("news.txt")
    assert found.title == "某某公司图书室管理规定"
    assert found.issuer == "某某总公司办公室"
    assert len(found.articles) == 4
    assert "新华社" not in "".join(part.text for part in found.parts)
    assert any("标题前的说明文字 3 行" in finding.message for finding in found.findings)


# --- where an article begins -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "按照第八条规定执行。",
        "第二条规定的情形，由人事科处理。",
        "第二条、第三条所列职工不适用。",
        "第二条第二款的期限是三天。",
        "第二条所称职工，包括临时职工。",
        "第九条和第十条另行规定。",
        "第二条 规定的情形，由人事科处理。",
        "第二条 所称职工，包括临时职工。",
        "第六十条职工都知道。",
        "第零条　不算。",
    ],
)
def test_a_clause_spoken_of_at_a_line_start_opens_no_article(line: str) -> None:
    text = f"{THREE}{line}\n第四条　本办法自2024年1月1日起施行。\n"
    assert anchors(text) == ["1", "2", "3", "4"]
    assert line in seen(text).articles[2].text


@pytest.mark.parametrize("ending", ["违反", "按照", "本单位的考勤工作中如果出现", "本办法第一条、"])
def test_a_wrapped_sentence_is_not_cut_where_the_next_number_fits(ending: str) -> None:
    text = f"{THREE}凡是不愿意请假又不到场的职工，{ending}\n第四条规定的，要说明情况。\n第四条　完。"
    assert anchors(text) == ["1", "2", "3", "4"]
    assert f"{ending}第四条规定的，要说明情况。" in seen(text).articles[2].text


@pytest.mark.parametrize(
    ("start", "anchor"),
    [
        ("第四条　", "4"),
        ("　　第四条　", "4"),
        ("第 四 条 ", "4"),
        ("第4条 ", "4"),
        ("第４条　", "4"),
        ("第四条：", "4"),
        ("第四条\n", "4"),
        ("第四条", "4"),
        ("第四条所有职工", "4"),
        ("### 第四条 ", "4"),
        ("**第四条** ", "4"),
        ("第三条之一　", "3-1"),
        ("第三条之一", "3-1"),
    ],
)
def test_ways_of_writing_an_article_number(start: str, anchor: str) -> None:
    text = f"{THREE}{start}中午不办公，到了下午再来办理。"
    assert anchors(text)[-1] == anchor
    assert seen(text).articles[-1].text.endswith("中午不办公，到了下午再来办理。")


def test_numbers_beyond_ten_and_sub_articles() -> None:
    text = "".join(f"第{n}条　做好第{i}件事。\n" for i, n in enumerate("一二三四五六七八九十", 1))
    text += "第十一条　做好这件事。\n第十一条之一　也做好那件事。\n第十二条　完。\n"
    assert anchors(text)[-4:] == ["10", "11", "11-1", "12"]
    assert codes(text) == []


def test_title_in_brackets_and_of_a_markdown_heading() -> None:
    text = "# 某某办法\n## 第一章 总则\n### 第一条 目的\n方便职工。\n第二条【范围】全体职工。\n第三条　完。"
    found = seen(text)
    assert [part.heading for part in found.articles] == ["第一条 目的", "第二条 范围", "第三条"]
    assert [part.text for part in found.articles] == ["方便职工。", "全体职工。", "完。"]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (THREE + "第五条　完。", "gap", "第五条（第 5 行）之前缺第四条"),
        (THREE + "第七条　完。", "gap", "之前缺第四条至第六条"),
        (THREE + "第三条　又一个。", "repeat", "第三条（第 5 行）重复，第 4 行已有"),
        (THREE.replace("第二条", "第五条"), "order", "第三条（第 4 行）排在第五条之后"),
        (THREE + "第四条\n第五条　完。", "empty-article", "第四条（第 5 行）没有内容"),
    ],
)
def test_what_is_wrong_with_the_numbers_is_named(text: str, code: str, message: str) -> None:
    found = {finding.code: finding.message for finding in seen(text).findings}
    assert message in found[code]


# --- chapters, contents, title, facts --------------------------------------------------------------


def test_a_sentence_about_a_chapter_is_no_chapter() -> None:
    found = seen(THREE + "第二章规定的事项由人事科办理。\n第一章的规定同样适用。\n第四条　完。")
    assert [part for part in found.parts if part.role == "章"] == []


def test_chapters_without_space_and_unnumbered_parts() -> None:
    found = seen("某某章程\n总　纲\n本会为大家办事。\n第一章总则\n" + THREE[5:] + "附件：1.登记表")
    assert [part.heading for part in found.parts if part.role in ("章", "段")] == [
        "总纲",
        "第一章 总则",
        "附件：1.登记表",
    ]


def test_contents_without_heading_are_seen_because_they_come_again() -> None:
    chapters = ["第一章 总则", "第二章 办法", "第三章 附则"]
    body = "".join(f"{c}\n{a}\n" for c, a in zip(chapters, THREE.split("\n")[1:4], strict=True))
    found = seen("某某办法\n" + "\n".join(chapters) + "\n" + body)
    assert [part.heading for part in found.parts if part.role == "章"] == chapters


def test_title_over_two_lines_and_title_from_the_file_name() -> None:
    two_lines = seen("某某单位职工\n图书室管理办法（试行）\n" + THREE[5:])
    assert two_lines.title == "某某单位职工图书室管理办法（试行）"
    assert seen(THREE[5:], "某某制度_2024.txt").title == "某某制度"


def test_text_between_title_and_first_article_is_kept() -> None:
    found = seen("某某办法\n为了方便职工，根据实际，制定本办法。\n" + THREE[5:])
    assert found.parts[0].text == "为了方便职工，根据实际，制定本办法。"


@pytest.mark.parametrize(
    ("line", "issued", "effective"),
    [
        ("（2024年3月1日某某单位发布）\n", date(2024, 3, 1), date(2024, 3, 1)),
        ("（二○二四年三月一日某某单位发布）\n", date(2024, 3, 1), date(2024, 3, 1)),
        ("（2024年13月41日某某单位发布）\n", None, None),
        ("（2010年3月1日某某单位发布 2024年5月1日修订）\n", None, None),
        ("", None, None),
    ],
)
def test_dates_of_issue(line: str, issued: date | None, effective: date | None) -> None:
    found = seen(THREE.replace("\n", f"\n{line}", 1) + "第四条　本办法自发布之日起施行。")
    assert (found.issued, found.effective) == (issued, effective)


@pytest.mark.parametrize(
    ("name", "line", "validity"),
    [
        ("某某办法.txt", "（2024年3月1日某某单位发布）", Validity.IN_FORCE),
        ("某某办法.txt", "（2027年3月1日某某单位发布）", Validity.UNVERIFIED),
        ("某某办法.txt", "写给职工", Validity.UNVERIFIED),
        ("某某办法_2018_已废止.txt", "（2018年3月1日某某单位发布）", Validity.REPEALED),
        ("某某办法.txt", "（已失效）", Validity.REPEALED),
        ("某某办法（已修订）.txt", "（2018年3月1日某某单位发布）", Validity.AMENDED),
        ("某某办法（修订）.txt", "（2024年3月1日某某单位发布）", Validity.IN_FORCE),
        ("某某办法_2024修订.txt", "（2024年3月1日某某单位发布）", Validity.IN_FORCE),
        ("某某办法（征求意见稿）.txt", "（2024年3月1日某某单位发布）", Validity.UNVERIFIED),
    ],
)
def test_validity(name: str, line: str, validity: Validity) -> None:
    found = seen(THREE.replace("\n", f"\n{line}\n", 1), name)
    assert to_entry(found, "some-rule", TODAY).validity is validity


# --- plain documents -------------------------------------------------------------------------------


def test_sections_of_a_paper_nest_by_their_numbers() -> None:
    found = fixture(PAPER)
    assert found.kind is Kind.CASE
    assert [(part.level, part.heading) for part in found.parts] == [
        (2, "摘要"),
        (2, "引言"),
        (2, "1 时间要固定"),
        (3, "1.1 定在同一天"),
        (3, "1.2 提前提醒"),
        (3, "1.3 换主持人的提醒"),
        (2, "2 地点要方便"),
        (3, "2.1 近"),
        (2, "3 结语"),
        (2, "参考文献"),
        (2, "来源"),
    ]
    assert found.parts[5].paragraphs[1].items == ("1、名单", "2、书目", "3、茶水")
    assert found.parts[1].text.endswith("大家各忙各的，慢慢就散了[1]。")


def test_facts_about_a_paper() -> None:
    found = fixture(PAPER)
    assert found.title == "小组读书会怎样坚持下来"
    assert found.authors == ("张三", "李四")
    assert found.keywords == ("读书会", "小组", "坚持")
    assert "某某学校图书馆" in found.parts[-1].text
    entry = to_entry(found, "reading", TODAY)
    assert entry.evidence == Evidence.PROPOSED
    assert entry.origin is not None
    assert (entry.origin.author, entry.origin.title) == ("张三、李四", "小组读书会怎样坚持下来")
    assert entry.provenance == f"导入文件 {PAPER}"


def test_a_paper_about_a_rule_is_still_a_paper() -> None:
    found = seen("论怎样完善请假制度\n摘要：请假要方便。\n一、引言\n请假的人很多。\n")
    assert (found.kind, found.scholarly) == (Kind.CASE, True)


def test_chinese_numbering_and_headings_that_share_a_line_with_their_text() -> None:
    text = (
        "关于做好冬季取暖的通知\n各科室：\n一、提高认识。天冷了，要注意防火。\n二、主要措施\n"
        "（一）检查电路\n人人有责，处处留心。\n（二）关好门窗\n下班前看一遍。\n三、其他\n有事找后勤。\n"
    )
    found = seen(text, "通知.txt")
    assert found.kind is Kind.POLICY
    assert [(part.level, part.heading) for part in found.parts] == [
        (2, ""),
        (2, "一、提高认识"),
        (2, "二、主要措施"),
        (3, "（一）检查电路"),
        (3, "（二）关好门窗"),
        (2, "三、其他"),
    ]
    assert found.parts[1].text == "天冷了，要注意防火。"


def test_a_text_without_any_structure() -> None:
    found = seen("我们怎样打扫院子\n大家每周五一起打扫院子，扫完了再回家。", "院子.txt")
    entry = to_entry(found, "yard", TODAY)
    assert (found.kind, found.title, found.scholarly) == (Kind.CASE, "我们怎样打扫院子", False)
    assert entry.body == "大家每周五一起打扫院子，扫完了再回家。"
    assert entry.evidence == ""


def test_a_commentary_on_articles_is_not_the_regulation() -> None:
    text = "考勤中要注意什么\n" + THREE[5:].replace("第二条", "【解读】\n大家都要懂。\n第二条")
    found = seen(text, "解读.txt")
    assert (found.kind, found.articles) == (Kind.CASE, ())


# --- bytes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        THREE.encode(),
        THREE.encode("utf-8-sig"),
        THREE.encode("gb18030"),
        THREE.replace("\n", "\r\n").encode(),
        THREE.replace("\n", "\r").encode(),
        THREE.replace("\n", "\n\n\n").encode(),
        THREE.replace("\n", "\n\x0c\u200b").encode(),
    ],
)
def test_encodings_and_line_ends_make_no_difference(raw: bytes) -> None:
    found = recognise("某某办法.txt", raw)
    assert found.title == "某某办法"
    assert [part.text for part in found.articles] == [part.text for part in seen(THREE).articles]


def test_what_was_odd_about_the_bytes_is_told() -> None:
    assert [f.code for f in recognise("a.txt", THREE.encode("gb18030")).findings] == ["encoding-gb18030"]
    assert "lost-characters" in codes(THREE + "有\ufffd字。")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf \r\n\r\n", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "旧版 Word"),
        (b"PK\x03\x04\x14\x00\x06\x00", "Word、Excel"),
        (b"%PDF-1.7\n", "PDF"),
        (b"{\\rtf1\\ansi", "RTF"),
        (THREE.encode("utf-16"), "UTF-16"),
        (b"\x01\x00\x02" * 50, "不是文本"),
        (b"\xff\x80\x81\xfe" * 50, "编码"),
        ("<!DOCTYPE html><html><body><p>第一条 职工应当到场，并且签到。</p></body>".encode(), "网页"),
        (b"Article 1. Everybody shall be present.\n" * 9, "没有中文"),
        (b"12345\n67890\n", "没有中文"),
        (("的" * 400_000).encode(), "超过"),
        (("第一条　的。\n" * 20_000).encode(), "超过"),
        ("考勤提高效率".encode() * 9 + b"\xe5\x8a", "乱码"),
        ("職工應當按時到場，不到的要請假，並且說明原因。".encode("big5") * 9, "乱码|编码"),
        ("---\nid: a\nkind: case\n---\n我们怎样打扫院子，大家一起来。".encode(), "已经是本库的条目"),
        ("目录\n第一章 打扫院子的办法……1\n第二章 打扫院子的时间……2\n".encode(), "没有正文"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        recognise("文件.txt", raw)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "的\n" * 45_000,
        "的" * 9_000 + "." * 80_000 + "x",
        "的" * 9_000 + "<sup>" * 18_000,
        "第一章\n的\n" * 15_000,
        "第" + "一 " * 45_000 + "的",
        "1、的\n2、的\n" * 12_000,
    ],
    ids=["same-lines", "dots", "marks", "chapters", "numerals", "lists"],
)
def test_odd_texts_take_no_long_time(text: str) -> None:
    assert describe(seen(text))


# --- the entry -------------------------------------------------------------------------------------


def whole(found: Recognised) -> None:
    """The entry survives its file, and every part and every word comes out of the Markdown again."""
    entry = to_entry(found, suggest_id(found), TODAY)
    assert schema.parse(schema.dump(entry).encode()) == (entry, ())
    sections = markdown.sections(entry.body)
    assert [(s.level, s.heading) for s in sections] == [(p.level, p.heading) for p in found.parts]
    assert [s.anchor for s, p in zip(sections, found.parts, strict=True) if p.role == "条"] == [
        part.anchor for part in found.articles
    ]
    for section, part in zip(sections, found.parts, strict=True):
        assert "".join(markdown.plain(section.text).split()) == "".join(part.text.split())


@pytest.mark.parametrize("name", ["attendance.txt", "news.txt", PAPER])
def test_fixtures_come_out_whole(name: str) -> None:
    whole(fixture(name))


@pytest.mark.parametrize(
    "line",
    [
        "# 不是标题 #",
        "1. 不是列表",
        "> 不是引文",
        "- 不是列表",
        "*不是强调* _也不是_ `代码` ~~删~~ \\",
        "[不是链接](dues-overdue) &amp; [1]: http://example.org",
        "[1]: http://example.org",
        "| 甲 | 乙 |",
        "<<<<<<< 不是冲突",
        "<b>不是标签</b>",
        "```",
    ],
)
def test_markdown_in_the_text_stays_text(line: str) -> None:
    found = seen(f"{THREE}　　{line}\n第四条　完。")
    assert len(found.articles) == 4
    whole(found)


def test_rules_that_git_or_yaml_would_misread_are_dropped() -> None:
    found = seen(f"{THREE}=======\n---\n第四条　完。")
    assert "=======" not in to_entry(found, "a", TODAY).body
    whole(found)


def test_a_policy_is_published_and_leaves_coverage_open() -> None:
    entry = to_entry(fixture("attendance.txt"), "attendance", TODAY)
    assert (entry.kind, entry.publication, entry.coverage) == (Kind.POLICY, Publication.PUBLISHED, "")
    assert (entry.created, entry.updated, entry.verified_on) == (TODAY, TODAY, None)
    assert "## 第二章 上下班\n\n## 第一节 打卡\n\n### 第四条\n\n职工每天打卡两次。" in entry.body
    assert "- （二）及时：\n  - 1．当天登记；" in entry.body


def test_ids_are_valid_and_tell_the_year() -> None:
    assert suggest_id(fixture("attendance.txt")) == "mou-mou-dan-wei-kao-qin-ban-fa-2024"
    long = suggest_id(seen("关于" + "规范管理" * 12 + "的办法\n" + THREE[5:]))
    assert schema.is_id(long) and not long.endswith("-")
    assert schema.is_id(suggest_id(seen("2024年春季打扫院子\n我们大家一起打扫院子。")))


def test_without_pypinyin_the_id_is_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    assert re.fullmatch("import-[0-9a-f]{12}", suggest_id(seen(THREE)))


def test_description_for_the_command_line() -> None:
    text = describe(fixture("attendance.txt"))
    for words in ("标题：某某单位考勤办法", "文号：某单发〔2024〕12号", "施行日期：2024-04-01", "3 章、2 节"):
        assert words in text
    assert re.search("首条：第一条.*\n末条：第十条", text)
    assert "略去：目录 6 行" in text
    assert "作者：张三、李四" in describe(fixture(PAPER))
    assert "注意：条文序号不连续" in describe(seen(THREE + "第九条　完。"))


# --- the official texts, where they are at hand ----------------------------------------------------

SHARED = Path(os.environ.get("KB_SHARED", "/nonexistent"))
shared = pytest.mark.skipif(not (SHARED / "papers").is_dir(), reason="KB_SHARED does not point to the texts")
OFFICIAL = {
    "中国共产党章程_2022.txt": ("中国共产党章程", 55),
    "党员教育管理工作条例_2019.txt": ("中国共产党党员教育管理工作条例", 46),
    "党和国家机关基层组织工作条例_2019.txt": ("中国共产党党和国家机关基层组织工作条例", 43),
    "党政机关厉行节约反对浪费条例_2025.txt": ("党政机关厉行节约反对浪费条例", 63),
    "发展党员工作细则_2026修订.txt": ("中国共产党发展党员工作细则", 44),
    "干部人事档案工作条例_2018.txt": ("干部人事档案工作条例", 46),
    "纪律处分条例_2018_已废止.txt": ("中国共产党纪律处分条例", 142),
}


@shared
@pytest.mark.parametrize("name", OFFICIAL)
def test_official_texts(name: str) -> None:
    found = recognise(name, (SHARED / "reference" / "official" / name).read_bytes())
    title, count = OFFICIAL[name]
    assert found.title == title
    assert [part.anchor for part in found.articles] == [str(n) for n in range(1, count + 1)]
    assert {finding.code for finding in found.findings} <= {"dropped"}
    whole(found)


@shared
def test_papers() -> None:
    papers = sorted((SHARED / "papers").glob("*.txt"))
    found = {path.name.split("-")[0]: recognise(path.name, path.read_bytes()) for path in papers}
    assert len(found) == 5
    assert all("".join(paper.authors) == who for who, paper in found.items())
    for paper in found.values():
        assert paper.kind is Kind.CASE
        whole(paper)
    section = next(p for p in found["张正东宋秀丽"].parts if p.heading.startswith("1.3"))
    assert section.heading == "1.3 基层党组织换届提醒机制的实施" and "六个月" in section.text
