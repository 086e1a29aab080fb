"""What is read out of a body, and that nothing dangerous ever comes out of it.

The examples live in `fixtures/markdown/*.md`; README there says how to add one.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import markdown
from kb.types import Step
from tests.kb.strategies import ODD, characters, one_line

FIXTURES = Path(__file__).parent / "fixtures"
ADDRESSES = {"dues-overdue": "/problems/dues-overdue", "dues-regulation#12": "/policies/dues-regulation#12"}
ATTACKS = [
    re.sub(r"\\(t|n|r|x[0-9a-f]{2}|u[0-9a-f]{4})", lambda m: m[0].encode().decode("unicode_escape"), block)
    for block in (FIXTURES / "xss.txt").read_text("utf-8").rstrip("\n").split("\n----\n")[1:]
]


def to_html(text: str) -> str:
    return markdown.to_html(text, lambda link: ADDRESSES.get(link, ""))


def _sections(text: str) -> str:
    return "\n".join(
        " / ".join((str(s.level), s.heading, s.anchor, s.chapter, s.text.replace("\n", "⏎")))
        for s in markdown.sections(text)
    )


def _steps(text: str) -> str:
    return "\n".join(
        " / ".join((s.action, s.detail, s.who, s.when, s.keep)) for s in markdown.parse_steps(text)
    )


READERS: dict[str, Callable[[str], str]] = {
    "sections": _sections,
    "steps": _steps,
    "links": lambda text: "\n".join(markdown.links(text)),
    "plain": markdown.plain,
    "html": to_html,
}


def examples() -> Iterator[object]:
    """Each `name . input . expected .` of the fixture files."""
    for path in sorted((FIXTURES / "markdown").glob("*.md")):
        if path.name == "README.md":
            continue
        lines = path.read_text("utf-8").split("\n")
        dots = [number for number, line in enumerate(lines) if line == "."]
        for start, middle, end in zip(dots[::3], dots[1::3], dots[2::3], strict=True):
            source, expected = "\n".join(lines[start + 1 : middle]), "\n".join(lines[middle + 1 : end])
            yield pytest.param(path.stem, source, expected, id=f"{path.stem}:{start} {lines[start - 1]}")


@pytest.mark.parametrize(("reader", "source", "expected"), list(examples()))
def test_the_examples_of_the_fixture_files(reader: str, source: str, expected: str) -> None:
    assert READERS[reader](source).strip("\n") == expected


def test_every_fixture_file_is_read() -> None:
    files = {path.stem for path in (FIXTURES / "markdown").glob("*.md")} - {"README"}
    assert files == set(READERS)
    assert all(f"`{name}.md`" in (FIXTURES / "markdown" / "README.md").read_text("utf-8") for name in files)


# Sections


def test_a_section_holds_its_subsections() -> None:
    body = "## 常见问题\n\n总说。\n\n### 问一\n\n答一。\n\n### 问二\n\n答二。\n\n## 模板\n\n表。"
    assert markdown.section(body, "常见问题") == "总说。\n\n### 问一\n\n答一。\n\n### 问二\n\n答二。"
    assert markdown.section(body, "没有这一节") == ""
    assert [part.heading for part in markdown.subsections(body, "常见问题")] == ["问一", "问二"]
    assert markdown.subsections(body, "模板") == ()


LINES = (
    "## 甲",
    "### 乙",
    "# 丙",
    "#### 丁",
    "第一条",
    "---",
    "===",
    "```",
    "> ## 戊",
    "- ## 己",
    "",
    "    ## 庚",
)
HAN = re.compile("[一-鿿]")


@given(st.lists(st.sampled_from(LINES) | st.text(ODD, max_size=8), max_size=12).map("\n".join))
def test_no_word_of_a_body_is_lost_between_sections(body: str) -> None:
    shown = "".join(part.heading + part.text for part in markdown.sections(body))
    assert sorted(HAN.findall(shown)) == sorted(HAN.findall(body))


# Steps

step_texts = (st.text(ODD, max_size=20) | st.text(characters, max_size=12)).map(one_line)
actions = step_texts.map(lambda text: one_line(text.replace("*", ""))).filter(bool)
steps = st.lists(st.builds(Step, actions, step_texts, step_texts, step_texts, step_texts), max_size=5).map(
    tuple
)


@given(steps)
def test_steps_written_and_read_are_the_same(written: tuple[Step, ...]) -> None:
    assert markdown.parse_steps(markdown.render_steps(written)) == written


WORDS = (
    "1. ",
    "2. **甲**",
    " 乙",
    "\n   - 责任人：丁",
    "\n   - 时限：",
    "丙",
    "\n   - 其他：戊",
    "\n",
    "**",
    "\n\n",
)


@given(st.lists(st.sampled_from(WORDS), max_size=15).map(lambda words: "1. " + "".join(words)))
def test_no_word_of_a_numbered_list_is_lost(text: str) -> None:
    read = "".join(f"{s.action}{s.detail}{s.who}{s.when}{s.keep}" for s in markdown.parse_steps(text))
    assert sorted(re.findall("[甲乙丙丁戊]", read)) == sorted(re.findall("[甲乙丙丁戊]", text))


# Safety

TAGS = frozenset(
    re.findall(
        r"\w+", "p br hr h2 h3 h4 h5 h6 ul ol li strong em s blockquote code pre a table thead tbody tr th td"
    )
)
ATTRIBUTES = {"a": {"href", "rel", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}


class Inspector(HTMLParser):
    """Reads HTML as a browser would and notes whatever should not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
        values = dict(attrs)
        self.wrong += [f"<{tag} {name}>" for name in values if name not in ATTRIBUTES.get(tag, ())]
        href = values.get("href")
        if href is not None:
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20\x7f-\x9f]", "", href).lower())
            if scheme and scheme[1] not in SCHEMES:
                self.wrong.append(href)
            if values.get("rel") != "noopener noreferrer":
                self.wrong.append(f"rel of {href}")

    handle_startendtag = handle_starttag

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"<?{data}>")

    unknown_decl = handle_decl


def forbidden(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.wrong


@pytest.mark.parametrize(
    "html",
    [
        "<script>x</script>",
        "<p style='x'>",
        "<a href='javascript:x' rel='noopener noreferrer'>",
        "<a href=' java\tscript:x' rel='noopener noreferrer'>",
        "<a href='/x'>",
        "<!-- x -->",
        "<img src=x>",
        "<p onclick=x>",
    ],
)
def test_the_inspector_sees_what_it_is_for(html: str) -> None:
    assert forbidden(html)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_comes_out_harmless(attack: str) -> None:
    assert not forbidden(to_html(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_harmless_inside_the_text_of_an_entry(attack: str) -> None:
    for text in (
        f"## 描述\n\n1. **{attack}** 说明\n   - 责任人：{attack}",
        f"| 甲 |\n|---|\n| {attack} |",
        f"> {attack}",
    ):
        assert not forbidden(to_html(text))


def test_template_marks_are_only_text() -> None:
    assert to_html("{{ 7*7 }} {% if x %}") == "<p>{{ 7*7 }} {% if x %}</p>\n"


def test_a_resolver_is_asked_for_internal_links_only() -> None:
    asked: list[str] = []
    markdown.to_html(
        "[a](a-b#1) [b](https://x.cn) [c](/search?q=x) [d](a-b)", lambda link: asked.append(link) or ""
    )
    assert asked == ["a-b#1", "a-b"]


PIECES = [
    *ATTACKS,
    *(
        "# ",
        "## 甲\n",
        "- ",
        "1. ",
        "> ",
        "```\n",
        "`",
        "**",
        "*",
        "_",
        "~~",
        "[",
        "](",
        ")",
        "![",
        "<",
        ">",
        "&",
        "|",
    ),
    *(
        "\n",
        "\n\n",
        "    ",
        "\t",
        "\\",
        "|-|-|\n",
        "---\n",
        "===\n",
        "[x]: ",
        "[x]",
        "<http://a.b>",
        "dues-overdue",
        "党费",
    ),
]


@given(st.lists(st.sampled_from(PIECES) | st.text(characters, max_size=10), max_size=25).map("".join))
def test_no_body_raises_and_none_comes_out_dangerous(body: str) -> None:
    assert not forbidden(to_html(body))
    markdown.links(body), markdown.plain(body), markdown.sections(body), markdown.parse_steps(body)


def test_two_thousand_bodies_put_together_at_random() -> None:
    draw = random.Random(20261120)
    for _ in range(2_000):
        body = "".join(draw.choices(PIECES, k=draw.randint(1, 40)))
        assert not forbidden(to_html(body)), body


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["[", "![](", "[a](", "*a ", "**a*", "`", "> ", "- ", "<", "&", "a|b\n-|-\n", "~~a", "\\"]
)
def test_twenty_thousand_signs_in_a_row_are_no_trap(piece: str) -> None:
    body = (piece * 20_000)[:20_000]
    assert not forbidden(to_html(body))
    markdown.sections(body)


@pytest.mark.parametrize("text", ["[" * 100_000, "[a](b" * 30_000, "```x\n" * 40_000, "~~~x\n" * 40_000])
def test_no_text_keeps_a_reader_waiting(text: str) -> None:
    started = time.perf_counter()
    assert markdown.plain(text) and to_html(text) and markdown.sections(text)
    assert time.perf_counter() - started < 3


def test_as_many_links_as_anybody_writes_are_links() -> None:
    text = "见[党费规定](dues-regulation#12)。" * markdown.MAX_BRACKETS
    assert to_html(text).count("<a href") == markdown.MAX_BRACKETS
    assert "<a href" not in to_html(text + "[")
