"""Entry -> words by field: what the keyword index holds of an entry, and what its filters compare."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from indexer.postings import WORD_FIELDS
from indexer.segmentation import CutTexts, Segmenter, grams
from indexer.types import Filters
from kb import markdown, schema
from kb.types import Entry

FILTER_FIELDS = ("kinds", "categories", "sources", "organisations", "validity", "years")
"""Names of `Filters` and of the index fields behind them."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """An entry as the index sees it; fields in the order of `WORD_FIELDS`."""

    entry_id: str
    words: tuple[list[str], ...]
    positions: tuple[list[int], ...]
    grams: list[str]
    marks: tuple[tuple[str, str], ...]
    """(filter, value), each once."""


Fields = tuple[tuple[str, ...], ...]
"""Texts of each of `WORD_FIELDS`, one behind the other."""


def analyse(entry: Entry, segmenter: Segmenter) -> Analysed:
    """Cut all texts of an entry. Raises whatever the texts of a damaged entry raise."""
    fields = field_texts(entry)
    return analysed(entry, fields, segmenter.index_many(chain.from_iterable(fields)))


def analysed(entry: Entry, fields: Fields, cut: CutTexts) -> Analysed:
    """An entry whose texts are cut already."""
    found = [_field(texts, cut) for texts in fields]
    pairs = grams("\n".join((entry.title, *entry.aliases, entry.summary)))
    return Analysed(
        entry.id, tuple(words for words, _ in found), tuple(at for _, at in found), list(pairs), _marks(entry)
    )


def _field(texts: tuple[str, ...], cut: CutTexts) -> tuple[list[str], list[int]]:
    """Words and positions of some texts as of one with a line end between each two."""
    words: list[str] = []
    positions: list[int] = []
    for text in texts:
        more, at = cut.words_of(text)
        base = positions[-1] + 1 if positions else 0
        words += more
        positions += [base + place for place in at] if base else at
    return words, positions


def field_texts(entry: Entry) -> Fields:
    """What is cut of an entry."""
    step_section = schema.STEP_SECTIONS.get(entry.kind, "")
    parts = markdown.sections(entry.body)
    steps = markdown.plain(markdown.section(entry.body, step_section)) if step_section else ""
    rest = (markdown.plain(part.text) for part in parts if part.heading != step_section)
    found = {
        "title": (entry.title,),
        "aliases": entry.aliases,
        "number": (entry.document_number,),
        "tags": entry.tags,
        "headings": tuple(part.heading for part in parts),
        "steps": (steps,),
        "body": (entry.summary, *entry.factors, *(c.says for c in entry.citations), *rest),
    }
    return tuple(found[name] for name in WORD_FIELDS)


def _marks(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Values as Whoosh cuts a field of keywords: at commas, without spaces around them."""
    found = {
        (name, value.strip()): None
        for name, values in filter_values(entry).items()
        for value in re.findall(r"[^,]+", ",".join(values))
    }
    return tuple(found)


def filter_values(entry: Entry) -> dict[str, tuple[str, ...]]:
    """What an entry answers to each filter; facets count the same values."""
    when = entry.effective or entry.issued or entry.updated or entry.created
    return {
        "kinds": (str(entry.kind),),
        "categories": (entry.category,) if entry.category else (),
        "sources": (entry.source,) if entry.source else (),
        "organisations": entry.organisations,
        "validity": (str(entry.validity),) if entry.validity else (),
        "years": (str(when.year),) if when else (),
    }


def passes(entry: Entry, filters: Filters) -> bool:
    """True when the entry answers every filter that is set: what the index's own filter says too."""
    values = filter_values(entry)
    return all(
        set(getattr(filters, name)) & set(values[name]) for name in FILTER_FIELDS if getattr(filters, name)
    )
