"""The organisation's own words: `<local>/lexicon/`, in the format of `indexer/lexicon/`.

Terms and synonyms are edited on a page; `english.tsv` and `fillers.txt` beside
them are left alone. Remarks in the files are kept, above the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kb import durable
from kb.errors import ContentReadOnly
from kb.types import Finding

TERMS = "terms.txt"
SYNONYMS = "synonyms.tsv"
LONGEST = 20
"""Characters of a term or a wording; nobody searches for longer ones as one word."""
MOST_ROWS = 2000
_REMARK = "#"


@dataclass(frozen=True, slots=True)
class Synonym:
    """What people say, what the entries say instead, and a word about it."""

    said: str
    meant: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """All that an organisation adds to the shipped lexicon."""

    terms: tuple[str, ...] = ()
    synonyms: tuple[Synonym, ...] = ()

    @property
    def all(self) -> frozenset[str]:
        """Every word mentioned."""
        both = (word for synonym in self.synonyms for word in (synonym.said, *synonym.meant))
        return frozenset((*self.terms, *both))


def read(folder: Path) -> Words:
    """What the folder says now; nothing where there is none."""
    terms = (cells[0] for cells in _rows(folder / TERMS))
    synonyms = (
        Synonym(cells[0], split(cells[1]), cells[2] if len(cells) > 2 else "")
        for cells in _rows(folder / SYNONYMS)
        if len(cells) > 1
    )
    return Words(tuple(dict.fromkeys(terms)), tuple(synonyms))


def write(folder: Path, words: Words) -> None:
    """Replace terms and synonyms, each file at once. Raises ContentReadOnly."""
    rows = ("\t".join((s.said, "；".join(s.meant), s.note)).rstrip("\t") for s in words.synonyms)
    try:
        _put(folder / TERMS, words.terms)
        _put(folder / SYNONYMS, tuple(rows))
    except OSError as error:
        raise ContentReadOnly(f"词表 {folder} 写不进去（{error.strerror}），请检查权限和磁盘") from error


def version(folder: Path) -> str:
    """Changes when anybody changes the files."""
    texts = [path.read_bytes() if path.is_file() else b"" for path in (folder / TERMS, folder / SYNONYMS)]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def from_form(terms: Sequence[str], said: Sequence[str], meant: Sequence[str], notes: Sequence[str]) -> Words:
    """Rows as typed -> words; a row emptied is a row removed."""
    rows = zip(said, meant, notes, strict=False)
    synonyms = (Synonym(_word(a), split(b), _word(c)) for a, b, c in rows if a.strip() or b.strip())
    return Words(
        tuple(dict.fromkeys(word for term in terms[:MOST_ROWS] if (word := _word(term)))),
        tuple(list(synonyms)[:MOST_ROWS]),
    )


def wrong(words: Words) -> tuple[Finding, ...]:
    """What keeps these words from being saved."""
    found = [Finding("term", message, "terms") for term in words.terms if (message := _odd(term, 2))]
    for row in words.synonyms:
        if not row.said or not row.meant:
            shown = row.said or "、".join(row.meant)
            found.append(Finding("half", f"“{shown}”这一行只写了一半，两边都要写", "synonyms"))
            continue
        found += [
            Finding("word", message, "synonyms")
            for word in (row.said, *row.meant)
            if (message := _odd(word, 1))
        ]
        if row.said in row.meant:
            found.append(Finding("same", f"“{row.said}”左右两边一样", "synonyms"))
    return tuple(found)


def split(text: str) -> tuple[str, ...]:
    """党费；催缴 -> two words, whichever separator was typed."""
    for separator in (";", "，", ",", "、"):
        text = text.replace(separator, "；")
    return tuple(dict.fromkeys(word for part in text.split("；") if (word := _word(part))))


def _odd(word: str, shortest: int) -> str:
    if word.startswith(_REMARK):
        return f"“{word}”以 # 开头，会被当成备注，请去掉"
    if not shortest <= len(word) <= LONGEST:
        return f"“{word}”有 {len(word)} 个字，应为 {shortest} 到 {LONGEST} 个字"
    return ""


def _word(text: str) -> str:
    """One line without tabs: both would end the cell."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else []
    return [
        [cell.strip() for cell in line.split("\t")]
        for line in lines
        if line.strip() and not line.startswith(_REMARK)
    ]


def _put(path: Path, rows: Sequence[str]) -> None:
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else []
    remarks = [line for line in lines if line.startswith(_REMARK)]
    durable.write(path, "".join(f"{line}\n" for line in (*remarks, *rows)).encode())
