"""Which circumstances of a branch a case's factors speak of: a table of words, no more than that.

The table is `data/circumstances.tsv`, to be mended by anybody. What it cannot
place is left to the reader, and the pages say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.types import Entry

TABLE = Path(__file__).parent / "data" / "circumstances.tsv"
MANY = "many"
"""The one circumstance that follows from a number instead of a tick."""
MANY_MEMBERS = 30
"""From here on a branch counts as large; 本库建议, no clause says so."""


@dataclass(frozen=True, slots=True)
class Circumstance:
    """One thing that may hold of a branch."""

    key: str
    theme: str
    """Its name as a key factor, for browsing."""
    question: str
    """Its name as something to tick."""
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """A condition of a case, and the circumstances it speaks of."""

    text: str
    keys: tuple[str, ...]


@lru_cache(maxsize=1)
def table() -> tuple[Circumstance, ...]:
    """The circumstances, in the order of the file."""
    rows = (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines())
    return tuple(
        Circumstance(key, theme, question, tuple(words.split("|")))
        for key, theme, question, words in (row for row in rows if not row[0].startswith("#") and row != [""])
    )


def factors(entry: Entry) -> tuple[Factor, ...]:
    """The conditions of a case with what they speak of; no keys where the table has no word for it."""
    return tuple(
        Factor(text, tuple(c.key for c in table() if any(word in text for word in c.words)))
        for text in entry.factors
    )


def themes(entry: Entry) -> tuple[str, ...]:
    """The key factors of a case, for browsing, in the order of the table."""
    keys = {key for factor in factors(entry) for key in factor.keys}
    return tuple(c.theme for c in table() if c.key in keys)
