"""One entry file -> everything that is written for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from indexer.analysis import Analysed, Fields, analysed, field_texts
from indexer.derived import Derived, derive
from indexer.encoder import LightEncoder
from indexer.passages import passages
from indexer.segmentation import CutTexts, Segmenter
from indexer.types import Encoder, Passage
from indexer.vectors import Halves, halve
from kb.store import File, Store
from kb.types import Entry, Finding, Publication


@dataclass(frozen=True, slots=True)
class Row:
    """One indexed file. `entry` is None where the file could not be read; then `findings` say why."""

    id: str
    stamp: str
    version: str
    local: bool
    entry: Entry | None
    findings: tuple[Finding, ...]
    passages: tuple[Passage, ...] = ()
    vectors: Halves | None = None
    analysed: Analysed | None = None
    beside: Derived | None = None
    """None for what is not published: only its findings are of use to anybody."""


def is_published(entry: Entry | None) -> bool:
    """True for what readers may see."""
    return entry is not None and entry.publication is Publication.PUBLISHED


def make_rows(
    files: Iterable[File], store: Store, segmenter: Segmenter, encoder: Encoder | None, *, spelled: bool
) -> list[Row]:
    """Files read, cut into words and encoded, and what goes beside each; with pinyin only if `spelled`.

    All are cut in one go; a few dozen are enough, more only take memory.
    """
    rows = [_read(file, store) for file in files]
    prepared = [_prepare(row.entry) for row in rows if row.entry is not None and is_published(row.entry)]
    cut = segmenter.index_many(text for each in prepared for text in each.texts())
    vectors = iter(_encoded(encoder, cut, prepared))
    waiting = iter(prepared)
    return [
        _finished(row, next(waiting), cut, next(vectors), spelled) if is_published(row.entry) else row
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A published entry and its texts."""

    entry: Entry
    passages: tuple[Passage, ...]
    fields: Fields

    def texts(self) -> Iterator[str]:
        """Everything to be cut of it."""
        yield from chain.from_iterable(self.fields)
        yield from chain.from_iterable(map(_texts, self.passages))


def _texts(passage: Passage) -> tuple[str, ...]:
    return (passage.heading, passage.text) if passage.heading else (passage.text,)


def _read(file: File, store: Store) -> Row:
    record, findings = store.load(file)
    entry = record.entry if record else None
    return Row(file.id, file.stamp, record.version if record else "", file.local, entry, findings)


def _prepare(entry: Entry) -> _Prepared:
    return _Prepared(entry, passages(entry), field_texts(entry))


def _encoded(
    encoder: Encoder | None, cut: CutTexts, several: Sequence[_Prepared]
) -> list[Halves] | list[None]:
    """Vectors of the passages of each entry. An encoder that reads words is spared from cutting again."""
    if encoder is None:
        return [None] * len(several)
    if isinstance(encoder, LightEncoder):
        groups = [[_texts(passage) for passage in each.passages] for each in several]
        return [halve(rows) for rows in encoder.encode_cut(cut, groups)]
    texts = [[" ".join(_texts(passage)).strip() for passage in each.passages] for each in several]
    return [halve(np.asarray(encoder.encode(each))) for each in texts]


def _finished(row: Row, prepared: _Prepared, cut: CutTexts, vectors: Halves | None, spelled: bool) -> Row:
    entry = prepared.entry
    return replace(
        row,
        passages=prepared.passages,
        vectors=vectors,
        analysed=analysed(entry, prepared.fields, cut),
        beside=derive(entry, cut.whole_of, spelled=spelled),
    )


def analysed_of(rows: Iterable[Row]) -> list[Analysed]:
    """What the keyword index takes of them."""
    return [row.analysed for row in rows if row.analysed is not None]


def vectors_of(rows: Iterable[Row]) -> list[tuple[str, Halves]]:
    """What the semantic index takes of them."""
    return [(row.id, row.vectors) for row in rows if row.vectors is not None]
