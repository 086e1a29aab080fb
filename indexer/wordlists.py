"""The field's words: plain text files that a branch office can edit.

    terms.txt      one term a line: cut whole, offered as suggestion, target of repairs
    synonyms.tsv   what people say <TAB> what the texts say, several separated by ；
    english.tsv    English word or phrase <TAB> Chinese; an empty right side drops the word
    fillers.txt    question words and politeness that say nothing about the matter

Lines starting with # are comments. An organisation's own `lexicon/` folder in
its content root is read after the one shipped here and adds to it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

SHIPPED = Path(__file__).parent / "lexicon"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All word lists, merged, in file order."""

    terms: tuple[str, ...] = ()
    synonyms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    english: tuple[tuple[str, str], ...] = ()
    fillers: frozenset[str] = frozenset()

    @property
    def words(self) -> tuple[str, ...]:
        """Every Chinese word the segmenter must keep whole: terms, both sides of synonyms, and fillers.

        Fillers too, for 能不能 would else be cut as 能 and 不能, and 不能 searched for.
        """
        both = [w for left, rights in self.synonyms for w in (left, *rights)]
        listed = (*self.terms, *both, *sorted(self.fillers))
        return tuple(dict.fromkeys(w for w in listed if 1 < len(w) <= 12))

    @property
    def fingerprint(self) -> str:
        """Changes whenever a list changes; part of the index fingerprint."""
        text = repr((self.terms, self.synonyms, self.english, sorted(self.fillers)))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load(*folders: Path) -> Lexicon:
    """Read and merge the word lists of `folders`; a missing file is an empty list."""
    terms: dict[str, None] = {}
    synonyms: dict[str, dict[str, None]] = {}
    english: dict[str, str] = {}
    fillers: set[str] = set()
    for folder in folders:
        terms |= dict.fromkeys(row[0] for row in _rows(folder / "terms.txt"))
        fillers |= {row[0] for row in _rows(folder / "fillers.txt")}
        for left, right, *_ in _rows(folder / "synonyms.tsv", columns=2):
            words = (word.strip() for word in right.replace(";", "；").split("；"))
            synonyms.setdefault(left, {}).update(dict.fromkeys(w for w in words if w and w != left))
        english |= {row[0].lower(): row[1] for row in _rows(folder / "english.tsv", columns=2)}
    return Lexicon(
        tuple(terms),
        tuple((left, tuple(rights)) for left, rights in synonyms.items()),
        tuple(english.items()),
        frozenset(fillers),
    )


def _rows(path: Path, columns: int = 1) -> list[list[str]]:
    if not path.is_file():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        if line.strip() and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("\t")]
            rows.append(cells + [""] * (columns - len(cells)))
    return rows
