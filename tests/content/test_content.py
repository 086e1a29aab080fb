"""The content of this repository meets its own standard."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from kb import overlap, schema
from kb.check import check
from kb.coverage import coverage
from kb.store import Store
from kb.types import Entry, Finding, Kind, Publication, Record

ROOT = Path(__file__).parents[2]
FEWEST = {Kind.PROBLEM: 163, Kind.HANDBOOK: 28, Kind.CASE: 33, Kind.POLICY: 27}
"""Entries the starter content had when it was first complete."""


@cache
def read() -> tuple[list[Record], list[Finding]]:
    return Store((ROOT,)).records()


def entries() -> list[Entry]:
    return [record.entry for record in read()[0]]


def told(findings: list[Finding]) -> str:
    return "\n".join(f"{finding.where} {finding.field}: {finding.message}" for finding in findings)


def test_every_file_is_read_without_a_finding() -> None:
    assert not read()[1], told(read()[1])


def test_counts_by_kind() -> None:
    counts = Counter(entry.kind for entry in entries() if entry.publication == Publication.PUBLISHED)
    assert {kind: counts[kind] for kind in FEWEST if counts[kind] < FEWEST[kind]} == {}


def test_check_finds_nothing_fatal() -> None:
    fatal = [finding for finding in check(entries()) if finding.fatal]
    assert not fatal, told(fatal)


def test_nothing_is_copied() -> None:
    copied = overlap.check_copied(entries(), overlap.Runs.load(), overlap.read_phrases())
    assert not copied, told(copied)


@pytest.mark.parametrize("kind", Kind)
def test_files_are_in_canonical_form(kind: Kind) -> None:
    """So a save from the browser changes only the lines that the writer changed."""
    odd = []
    for path in sorted((ROOT / kind.folder).glob("*.md")):
        raw = path.read_bytes()
        entry, _ = schema.parse(raw)
        if entry is None or schema.dump(entry).encode("utf-8") != raw:
            odd.append(path.name)
    assert odd == []


def test_every_problem_has_a_basis() -> None:
    assert [topic.id for topic in coverage(entries()).lacking_basis] == []
