"""Markdown -> sections, steps, plain text and safe HTML. The only user of markdown-it and nh3.

HTML in the source is shown as text, never passed through; what markdown-it
renders is sanitised once more against an allow-list, because entries come from
many hands. Links written `policy-id#12` are resolved by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kb import simple_markdown
from kb.numerals import article_anchor
from kb.types import Section, Step

MAX_BODY_CHARS = 200_000
"""Bodies above this are refused: some inputs take markdown-it seconds per 20,000 characters."""
MAX_BRACKETS = 500
"""Opening square brackets of one text that are looked at as links: each is compared with all the others."""
MAX_FENCES = 200
"""Marks of code blocks in one text that the short way looks at: it takes their square in time."""

INTERNAL_LINK = re.compile(r"[a-z][a-z0-9-]{0,63}(#[0-9a-z-]+)?")
"""`dues-overdue` or `dues-regulation#12`: a link to another entry."""

_TAGS = frozenset(
    [
        "p",
        "br",
        "hr",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "s",
        "blockquote",
        "code",
        "pre",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)
_STEP_LABELS = {"责任人": "who", "时限": "when", "留痕材料": "keep"}
_STEP_HEAD = re.compile(r"\*\*(?P<action>.+?)\*\*[ 　]*(?P<detail>.*)", re.DOTALL)
_STEP_ITEM = re.compile(r"^(\d{1,3})\. ", re.MULTILINE)
_STEP_FIELD = re.compile(r"^\s*- (责任人|时限|留痕材料)：(.*)$", re.MULTILINE)


def _parser(text: str) -> MarkdownIt:
    """The parser for a text; links of one that is all brackets stay as they are typed."""
    return _parser_of(text.count("[") <= MAX_BRACKETS)


@lru_cache(maxsize=2)
def _parser_of(links: bool) -> MarkdownIt:
    parser = MarkdownIt("js-default", {"linkify": False}).disable("image")
    return parser if links else parser.disable("link")


@lru_cache(maxsize=4096)
def sections(body: str) -> tuple[Section, ...]:
    """Every level 2 and 3 heading with the text directly below it, in order.

    Text before the first heading becomes a section without heading.
    """
    lines = body.split("\n")
    marks = _headings(body)
    found: list[Section] = []
    first = marks[0][0] if marks else len(lines)
    if preface := "\n".join(lines[:first]).strip():
        found.append(Section("", 2, "", preface))
    chapter = ""
    for number, (_, text_from, level, heading) in enumerate(marks):
        text_to = marks[number + 1][0] if number + 1 < len(marks) else len(lines)
        text = "\n".join(lines[text_from:text_to]).strip("\n")
        chapter = heading if level == 2 else chapter
        anchor = article_anchor(heading) or re.sub(r"\s+", "", heading)
        found.append(Section(heading, level, anchor, text, "" if level == 2 else chapter))
    return tuple(found)


def _headings(body: str) -> list[tuple[int, int, int, str]]:
    """(first line, line after it, level, text) of every heading of level 2 or 3."""
    simple = simple_markdown.headings(body) if len(body) <= MAX_BODY_CHARS else None
    if simple is not None:
        return [(heading.line, heading.line + 1, heading.level, heading.text) for heading in simple]
    marks = []
    for token, inline in pairwise(_parser(body).parse(body[:MAX_BODY_CHARS])):
        if token.type == "heading_open" and token.level == 0 and token.map and token.tag in ("h2", "h3"):
            marks.append((token.map[0], token.map[1], int(token.tag[1]), _inline_text(inline)))
    return marks


def section(body: str, heading: str) -> str:
    """Markdown below the level 2 heading `heading`, its subsections included; empty if there is none."""
    parts: list[str] = []
    for part in sections(body):
        if part.level == 2 and part.heading == heading:
            parts.append(part.text)
        elif part.level == 3 and part.chapter == heading:
            parts.append(f"### {part.heading}\n\n{part.text}")
    return "\n\n".join(p for p in parts if p)


def subsections(body: str, heading: str) -> tuple[Section, ...]:
    """The level 3 sections below `heading`: questions of 常见问题, papers of 模板."""
    return tuple(part for part in sections(body) if part.level == 3 and part.chapter == heading)


def parse_steps(text: str) -> tuple[Step, ...]:
    """A numbered list -> steps; items without the bold name or the three lines are accepted too."""
    starts = list(_STEP_ITEM.finditer(text))
    steps = []
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        steps.append(_parse_step(text[start.end() : end]))
    return tuple(steps)


def _parse_step(item: str) -> Step:
    values: dict[str, str] = {}
    for label, value in _STEP_FIELD.findall(item):
        name = _STEP_LABELS[label]
        values[name] = "；".join(part for part in (values.get(name, ""), value.strip()) if part)
    prose = " ".join(line.strip() for line in _STEP_FIELD.sub("", item).split("\n")).strip()
    head = _STEP_HEAD.match(prose)
    action, detail = (head["action"].strip(), head["detail"].strip()) if head else (prose, "")
    return Step(action=action, detail=detail, **values)


def render_steps(steps: tuple[Step, ...]) -> str:
    """Steps -> the numbered list of the content guide; inverse of `parse_steps`."""
    blocks = []
    for number, step in enumerate(steps, 1):
        lines = [f"{number}. **{step.action}** {step.detail}".rstrip()]
        values = (("责任人", step.who), ("时限", step.when), ("留痕材料", step.keep))
        lines += [f"   - {label}：{value}" for label, value in values if value]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Markdown -> the words a reader sees, one line per block; for the index and for snippets."""
    short = len(text) <= MAX_BODY_CHARS and text.count("```") <= MAX_FENCES
    simple = simple_markdown.words(text) if short else None
    if simple is not None:
        return simple
    lines = []
    for token in _parser(text).parse(text[:MAX_BODY_CHARS]):
        if token.type == "inline":
            lines.append(_inline_text(token))
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.strip())
    return "\n".join(line for line in lines if line)


def links(text: str) -> tuple[str, ...]:
    """Internal links in a Markdown text, in order: `dues-regulation#12`, `dues-overdue`."""
    found = []
    for token in _parser(text).parse(text[:MAX_BODY_CHARS]):
        for child in token.children or []:
            href = str(child.attrGet("href") or "")
            if child.type == "link_open" and INTERNAL_LINK.fullmatch(href):
                found.append(href)
    return tuple(found)


def to_html(text: str, resolve: Callable[[str], str]) -> str:
    """Markdown -> sanitised HTML.

    `resolve` turns an internal link into an address; an empty answer drops the
    link and keeps its words.
    """
    parser = _parser(text)
    env: dict[str, object] = {}
    tokens = parser.parse(text[:MAX_BODY_CHARS], env)
    for token in tokens:
        _prepare(token, resolve)
    html = parser.renderer.render(tokens, parser.options, env)
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _prepare(token: Token, resolve: Callable[[str], str]) -> None:
    """Resolve internal links; drop inline styles of table cells, which the page's CSP forbids anyway."""
    token.attrs.pop("style", None)
    kept: list[Token] = []
    dropped = False
    for child in token.children or []:
        if child.type == "link_open":
            href = str(child.attrGet("href") or "")
            address = resolve(href) if INTERNAL_LINK.fullmatch(href) else href
            child.attrSet("href", address)
            dropped = not address
        if not (dropped and child.type in ("link_open", "link_close")):
            kept.append(child)
    if token.children is not None:
        token.children = kept


def _inline_text(token: Token) -> str:
    parts = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts).strip()
