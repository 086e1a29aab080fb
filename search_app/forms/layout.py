"""What each form asks, in which order: fields of `kb.schema` that people fill in, and sections."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from kb import schema
from kb.types import Kind
from search_app.forms import words
from search_app.forms.sheet import Part, Shape

OURS = frozenset({"id", "kind", "moved_to", "publication", "created", "updated"})
"""Fields that the site fills in; a form never asks for them and never changes them."""
ROWS = frozenset({"citations", "related", "attachments"})
"""Fields with rows of their own."""
AT_THE_END = ("aliases", "factors")
"""Fields asked for after the sections: what makes an entry found and used, once it is written."""
FOLDED = ("tags", "origin", "provenance", "verified_on")
"""Fields few people fill in; folded away while they are empty, so that the form looks as short as it is."""
NEEDED = {
    Kind.CASE: ("category", "s-背景", "steps"),
    Kind.PROBLEM: ("category", "source", "s-问题描述", "s-解决建议"),
    Kind.HANDBOOK: ("category", "s-适用情形", "steps"),
    Kind.POLICY: ("validity", "s-条文"),
}
"""What a form insists on beyond the schema: enough to be of use to the next reader."""
MORE_SECTIONS = {
    Kind.PROBLEM: (("政策依据说明", ""),),
    Kind.HANDBOOK: (("模板", ""), ("政策依据说明", "")),
    Kind.CASE: (("实施细节", "来源"),),
    Kind.POLICY: (),
}
"""Sections many entries have besides those of the standard, and before which one they stand; else last."""
BODY = "条文"
"""What the whole body of a policy is called in its form."""
QUESTIONS = "常见问题"
MAX_TITLE = 60
MAX_SECTION = 20_000
MAX_ROWS = 60
BLANK_STEPS = 3
BLANK_QUESTIONS = 2


@dataclass(frozen=True, slots=True)
class Ask:
    """A field of the header as the form asks for it."""

    name: str
    label: str
    shape: str
    """line, area, lines (one item a line), words, radio, boxes, date or origin."""
    required: bool
    choices: tuple[str, ...]
    hint: str
    example: str


_SHAPES = {"text": "line", "list": "lines", "inline": "words", "choice": "radio", "date": "date"}
_LONG = frozenset({"summary"})


@cache
def asks(kind: Kind) -> tuple[Ask, ...]:
    """Every field the form of `kind` asks for, in file order."""
    return tuple(
        _ask(kind, field)
        for field in schema.fields_of(kind)
        if field.name not in OURS and field.name not in ROWS
    )


def _ask(kind: Kind, field: schema.Field) -> Ask:
    shape = _SHAPES.get(field.shape, field.shape)
    if field.shape == "inline" and field.choices:
        shape = "boxes"
    elif field.name in _LONG:
        shape = "area"
    label, hint, example = words.about(kind, field.name)
    required = field.required or field.name in NEEDED[kind]
    return Ask(
        field.name, label or field.label, shape, required, field.choices, hint, example or field.example
    )


def first(kind: Kind) -> tuple[Ask, ...]:
    """What is asked before the sections."""
    return tuple(ask for ask in asks(kind) if ask.name not in AT_THE_END + FOLDED)


def last(kind: Kind) -> tuple[Ask, ...]:
    """What is asked after them."""
    return tuple(ask for ask in asks(kind) if ask.name in AT_THE_END)


def folded(kind: Kind) -> tuple[Ask, ...]:
    """What nobody has to see who has nothing to say about it."""
    return tuple(ask for ask in asks(kind) if ask.name in FOLDED)


@cache
def parts(kind: Kind) -> tuple[Part, ...]:
    """The sections of an empty form."""
    if kind is Kind.POLICY:
        return (Part("", Shape.ARTICLES),)
    headings = list(schema.SECTIONS[kind])
    for heading, before in MORE_SECTIONS[kind]:
        headings.insert(headings.index(before) if before else len(headings), heading)
    return tuple(Part(heading, shape_of(kind, heading), raw=heading == "模板") for heading in headings)


def shape_of(kind: Kind, heading: str) -> Shape:
    """How a section of that heading is typed when nothing speaks against it."""
    if heading == schema.STEP_SECTIONS.get(kind):
        return Shape.STEPS
    return Shape.QUESTIONS if heading == QUESTIONS and kind is Kind.HANDBOOK else Shape.TEXT


def field_of(part: Part) -> str:
    """Name under which findings speak of a section, and the end of its element's id."""
    if part.shape in (Shape.STEPS, Shape.QUESTIONS):
        return str(part.shape)
    return f"s-{part.heading or BODY}"
