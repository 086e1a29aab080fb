"""Rows of entries -> rows of the manifest's tables, within one transaction."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from indexer import coding
from indexer.analysis import filter_values
from indexer.derived import KIND_ORDER, count_words
from indexer.rows import Row
from indexer.tables import ALIVE, OF_ENTRY, Ledger

Files = Mapping[str, tuple[int, int]]
"""(size, checksum) of files by name."""


def insert(ledger: Ledger, rows: Sequence[Row], revision: int) -> Counter[str]:
    """New versions of rows; returns how often each word of their sentences occurs."""
    first = ledger.number("last") + 1
    words: Counter[str] = Counter()
    sentences = 0
    tables: dict[str, list[tuple[Any, ...]]] = {table: [] for table in OF_ENTRY}
    for number, row in enumerate(rows, first):
        shelf = _shelf(ledger, row)
        for table, values in _cells(row, number, shelf, revision):
            tables[table].append(values)
        if row.beside:
            words.update(count_words(row.beside.sentences))
            sentences += weight(row.beside.sentences)
    for table, made in tables.items():
        ledger.insert(table, made)
    ledger.set(last=first + len(rows) - 1, sentences=ledger.number("sentences") + sentences)
    return words


def weight(sentences: str) -> int:
    """What an entry adds to the number of sentences."""
    return sentences.count("\n") + 2


def _shelf(ledger: Ledger, row: Row) -> int:
    """Number of the shelf of a row, a new one where there is none with its values."""
    if row.entry is None:
        return 0
    filters = json.dumps(filter_values(row.entry), ensure_ascii=False)
    known = ledger.fetch("SELECT shelf FROM shelves WHERE filters = ?", (filters,))
    if known:
        return int(known[0][0])
    [(count,)] = ledger.fetch("SELECT count(*) FROM shelves")
    ledger.insert("shelves", [(count + 1, filters)])
    return int(count) + 1


def _cells(row: Row, number: int, shelf: int, revision: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """(table, values) of everything that is written for one row."""
    kind = KIND_ORDER[row.entry.kind] if row.entry else 0
    flags = (int(row.local), int(row.beside is not None), int(bool(row.findings)), kind, shelf)
    yield "entries", (number, row.id, row.stamp, row.version, *flags, revision, ALIVE)
    entry = coding.dump_entry(row.entry) if row.entry else ""
    passages = coding.dump_passages(row.passages)
    sentences = row.beside.sentences if row.beside else ""
    findings = coding.dump_findings(row.findings)
    yield "texts", (number, sentences, findings, checksum(entry, passages), entry, passages)
    if row.beside is None:
        return
    for place, name in enumerate(row.beside.names):
        yield "names", (number, place, name.role, name.text, name.start, name.key)
    for place, spelling in enumerate(row.beside.spellings):
        yield "spellings", (number, place, *spelling)
    for place, edge in enumerate(row.beside.edges):
        yield "edges", (number, place, *edge)


def bury(ledger: Ledger, entry_id: str, revision: int) -> Counter[str]:
    """Mark the living version of an entry as dead; returns the words that are gone with it."""
    gone: Counter[str] = Counter()
    for row in ledger.delete("entries", "id = ? AND died = ?", (entry_id, ALIVE)):
        ledger.insert("entries", [(*row[:-1], revision)])
        [(sentences,)] = ledger.fetch("SELECT sentences FROM texts WHERE number = ?", row[:1])
        if sentences:
            ledger.set(sentences=ledger.number("sentences") - weight(sentences))
            gone.update(count_words(sentences))
    return gone


def count_anew(ledger: Ledger, more: Counter[str], revision: int) -> None:
    """New counts for the words that became more or fewer."""
    changed = {word: difference for word, difference in more.items() if difference}
    latest = "SELECT count FROM words WHERE word = value ORDER BY revision DESC LIMIT 1"
    # One row for all of them: every row is a moment at which Python's lock may be lost to a busy thread.
    counts = f"SELECT json_group_array(({latest})) FROM json_each(?)"
    [(known,)] = ledger.fetch(counts, (json.dumps([*changed]),))
    rows = zip(changed.items(), json.loads(known), strict=True)
    ledger.insert("words", [(word, revision, (count or 0) + more) for (word, more), count in rows])


def write_files(ledger: Ledger, known: Files, files: Files) -> None:
    """Record `files` where the `known` ones were."""
    for name in known.keys() - files.keys():
        ledger.delete("files", "name = ?", (name,))
    ledger.insert("files", [(name, *seen) for name, seen in files.items() if name not in known])


def checksum(entry: str, passages: str) -> int:
    """Of what a row holds of an entry."""
    return zlib.crc32(passages.encode(), zlib.crc32(entry.encode()))
