"""What texts have in common: words copied from the sources, and entries that repeat one another.

The official texts, the excerpts and the papers are not in this repository, yet
nothing of theirs may be copied into it. So their every run of 15 Chinese
characters is kept as a 6-byte hash (`make_runs`, the command `kb runs`): enough
to recognise a copied phrase, useless for reading the text back.

Punctuation, digits and Latin letters do not count, so a comma moved or a number
changed hides nothing; runs stop at the end of a sentence or line. Proper titles
and fixed wordings are excepted by a list that anybody can edit.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from zlib import crc32

from kb.errors import ContentMissing
from kb.types import Entry, Finding, Kind

RUN = 15
"""Chinese characters in a row that make a phrase copied; the standard of the content guide."""
OWN = 8
"""Characters a copied stretch must have beside fixed wordings, so that 「依据〈标题〉第五条规定」 passes."""
HASH_BYTES = 6
"""With 70,000 source runs, one false alarm in about 4,000,000,000 honest runs."""
SOURCES = ("reference/official", "reference/excerpts", "papers")
"""Folders of source texts below the folder given to `make_runs`."""
RUNS_FILE = Path(__file__).parent / "data" / "source-runs.bin"
PHRASES_FILE = Path(__file__).parent / "data" / "fixed-phrases.txt"

SENTENCE = 12
"""Chinese characters from which a sentence is somebody's own and not just a set phrase."""
SHINGLE = 5
"""Characters per shingle: shorter ones are shared by any two texts of this field."""
SKETCH = 64
"""Shingles kept of a text to find its likes; two texts that are 60% alike share about 48 of them."""
SKETCH_SHARED = 8
"""Kept shingles two texts must share before they are compared in full."""

_SENTENCE_END = re.compile(r"[\n\r。；;！!？?]")
_NOT_HAN = re.compile(r"[^\u3400-\u4dbf\u4e00-\u9fff]+")


def han(text: str) -> str:
    """The Chinese characters of a text, everything else dropped."""
    return _NOT_HAN.sub("", text)


def sentences(text: str) -> list[str]:
    """The sentences of a text as bare Chinese characters, empty ones left out."""
    return [bare for part in _SENTENCE_END.split(text) if (bare := han(part))]


def _hashes(sentence: str) -> Iterator[bytes]:
    for start in range(len(sentence) - RUN + 1):
        yield blake2b(sentence[start : start + RUN].encode(), digest_size=HASH_BYTES).digest()


def fingerprint(texts: Iterable[str]) -> bytes:
    """The hashes of every run in the texts, sorted and each once; equal texts give equal bytes."""
    found = {mark for text in texts for sentence in sentences(text) for mark in _hashes(sentence)}
    return b"".join(sorted(found))


def make_runs(folder: Path) -> bytes:
    """The fingerprint of the source texts below `folder`.

    Reads the folders of `SOURCES`, or every text in `folder` when it has none
    of them. Raises ContentMissing where there is nothing to read or a text
    is not UTF-8 (skipping it would silently leave it unprotected).
    """
    roots = [folder / name for name in SOURCES if (folder / name).is_dir()] or [folder]
    paths = sorted(path for root in roots for path in root.glob("*") if path.suffix in (".txt", ".md"))
    if not paths:
        raise ContentMissing(f"{folder} 里没有原文文件（.txt 或 .md），请检查文件夹")
    return fingerprint(map(_read, paths))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContentMissing(f"{path} 不是 UTF-8 编码，读不出来，请另存为 UTF-8") from error


def read_phrases(path: Path = PHRASES_FILE) -> tuple[str, ...]:
    """The excepted titles and wordings: one a line, lines with # are remarks."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of the source texts, as hashes."""

    hashes: frozenset[bytes]

    @classmethod
    def load(cls, path: Path = RUNS_FILE) -> Runs:
        """Read what `fingerprint` made. Raises ContentMissing when it is not there or cut short."""
        data = path.read_bytes() if path.is_file() else b""
        if not data or len(data) % HASH_BYTES:
            raise ContentMissing(f"{path} 缺失或不完整，请运行 kb runs 原文文件夹 重新生成")
        return cls(frozenset(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))

    def copied(self, text: str, allowed: Sequence[str] = ()) -> list[str]:
        """The stretches of `text` that also stand in a source, fixed wordings in `allowed` excepted."""
        return [
            sentence[start:end]
            for sentence in sentences(text)
            for start, end in self._stretches(sentence)
            if _own(sentence, start, end, allowed) >= OWN
        ]

    def _stretches(self, sentence: str) -> Iterator[tuple[int, int]]:
        """Spans covered by overlapping or touching source runs."""
        begin, end = 0, 0
        for at, mark in enumerate(_hashes(sentence)):
            if mark not in self.hashes:
                continue
            if at > end and end:
                yield begin, end
            begin = begin if end and at <= end else at
            end = at + RUN
        if end:
            yield begin, end


def _own(sentence: str, start: int, end: int, allowed: Sequence[str]) -> int:
    """Characters of the span that belong to no fixed wording, nor to a run of a long one (half an oath)."""
    fixed: set[int] = set()
    for phrase in map(han, allowed):
        width = min(len(phrase), RUN)
        for piece in {phrase[at : at + width] for at in range(len(phrase) - width + 1)} - {""}:
            at = sentence.find(piece)
            while at >= 0:
                fixed.update(range(at, at + width))
                at = sentence.find(piece, at + 1)
    return sum(at not in fixed for at in range(start, end))


def texts_of(entry: Entry) -> Iterator[tuple[str, str]]:
    """Everything a person wrote into an entry, as (field, text)."""
    yield from (("title", entry.title), ("summary", entry.summary), ("provenance", entry.provenance))
    yield from (("tags", tag) for tag in entry.tags)
    yield from (("aliases", alias) for alias in entry.aliases)
    yield from (("factors", factor) for factor in entry.factors)
    yield from (("citations", citation.says) for citation in entry.citations)
    yield "body", entry.body


def fixed_titles(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Titles of the regulations and papers themselves, which nobody can put in other words."""
    policies = [entry.title for entry in entries if entry.kind == Kind.POLICY]
    return (*policies, *{entry.origin.title for entry in entries if entry.origin})


def check_copied(entries: Sequence[Entry], runs: Runs, allowed: Sequence[str]) -> list[Finding]:
    """A finding for each stretch that an entry has in common with the source texts."""
    excepted = (*allowed, *fixed_titles(entries))
    advice = f"请改用自己的话；确属固定名称的，加进 {PHRASES_FILE.name}"
    return [
        Finding("copied", f"与原文有 {len(stretch)} 个字连续相同：“{stretch}”，{advice}", field, entry.id)
        for entry in entries
        for field, text in texts_of(entry)
        for stretch in runs.copied(text, excepted)
    ]


def repeated(texts: Mapping[str, str], homes: int) -> dict[str, list[str]]:
    """Long sentences that stand in more than `homes` texts, with the names of those."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(texts):
        for sentence in dict.fromkeys(sentences(texts[name])):
            if len(sentence) >= SENTENCE:
                found[sentence].append(name)
    return {sentence: names for sentence, names in found.items() if len(names) > homes}


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two texts that are nearly the same."""

    one: str
    other: str
    share: float
    """Jaccard share of common shingles, 1.0 for equal texts."""


def near_identical(texts: Mapping[str, str], threshold: float) -> list[Likeness]:
    """Pairs of names whose texts share at least `threshold` of their shingles.

    Linear in the number of texts: only texts that follow one another in some
    shingle's list are compared, so of a crowd of copies the chain is named, not
    every pair.
    """
    holders: dict[int, list[str]] = defaultdict(list)
    for name in sorted(texts):
        for shingle in sorted(_shingles(texts[name]))[:SKETCH]:
            holders[shingle].append(name)
    neighbours = (pair for names in holders.values() for pair in pairwise(names))
    likely = [pair for pair, shared in Counter(neighbours).items() if shared >= SKETCH_SHARED]
    compared = (Likeness(a, b, _alike(texts[a], texts[b])) for a, b in sorted(likely))
    return [pair for pair in compared if pair.share >= threshold]


def _shingles(text: str) -> frozenset[int]:
    bare = han(text)
    return frozenset(crc32(bare[at : at + SHINGLE].encode()) for at in range(len(bare) - SHINGLE + 1))


def _alike(one: str, other: str) -> float:
    here, there = _shingles(one), _shingles(other)
    return len(here & there) / len(here | there)
