"""A seeded collection of any size that weighs what real ones weigh: for speed, never for relevance.

Every generated entry takes the form of one starter entry (kind, fields, sections,
lengths) and other words: of its content words some stay, some give way to words
of a topic, some to draws from jieba's dictionary by its own frequencies. So the
vocabulary grows like that of real text. Entry `n` depends on the seed and on `n`
alone: a collection of 300 is the beginning of every larger one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import wordlists
from indexer.segmentation import Cutter, make_cutter
from kb import Store, markdown, schema
from kb.types import Citation, Entry, Kind

STARTER = Path(__file__).resolve().parent.parent
QUERIES = 200
QUERY_CHARS = (8, 20)
"""Lengths of typed questions, shortest and longest."""
QUERY_ENTRIES = 300
"""Questions are asked about the first entries, so that every size answers the same ones."""
ALIASES = 10.0
"""Other ways of asking an entry has on average. The starter entries have forty each, written to train
the encoder; what people write has few. Ten make about 20 passages an entry."""

KEPT, TOPICAL = 0.50, 0.28
"""Shares of content words left as they are and drawn from the topic; the rest are dictionary draws."""
TOPIC_WORDS = 80
TOPIC_GROWTH = 0.7
"""A collection of n entries has about n**0.7 topics."""
FIRST_TOPICS = 20
GLUE = 0.3
"""Words in more of the starter entries than this hold sentences together and are never replaced."""

_FIXED = re.compile(
    r"^## .*$|^### 第\S+条|第[一二三四五六七八九十百]+[条章节]|- (?:责任人|时限|留痕材料)："
    r"|(?P<link>(?<=\]\()[a-z][^)]*(?=\)))|(?P<run>[㐀-鿿]+)",
    re.MULTILINE,
)
_BREAK = "\0"
"""Stands between the texts of an entry while they are rewritten in one go."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Form:
    """A starter entry as a form to fill: its pieces of text, and which of them are words or links."""

    entry: Entry
    pieces: NDArray[np.object_]
    words: Numbers
    links: Numbers
    content: Numbers
    """Numbers of its own content words in the pool."""
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Every word that may be put in, and the dictionary's frequencies summed up."""

    words: NDArray[np.object_]
    heights: NDArray[np.float64]
    number: dict[str, int]
    glue: frozenset[str]


@dataclass(frozen=True)
class Corpus:
    """Entries by number, and questions about them."""

    seed: int = 7
    aliases: float = ALIASES

    def entries(self, size: int, start: int = 0) -> Iterator[Entry]:
        """Entries `start` … `size` - 1, made one by one."""
        return (self.entry(number) for number in range(start, size))

    def entry(self, number: int) -> Entry:
        """The entry of that number."""
        return self._made(number)[0]

    def queries(self, count: int = QUERIES) -> list[str]:
        """Questions of 8 to 20 characters: ways of asking for an entry that the entry does not list."""
        found: dict[str, None] = {}
        draw = np.random.default_rng((self.seed, 1))
        least, most = QUERY_CHARS
        while len(found) < count:
            _, spare = self._made(int(draw.integers(QUERY_ENTRIES)))
            fitting = [text for text in spare if least <= len(text) <= most]
            if fitting:
                found[fitting[int(draw.integers(len(fitting)))]] = None
        return list(found)

    def _made(self, number: int) -> tuple[Entry, list[str]]:
        """An entry and the ways of asking left out of it."""
        draw = np.random.default_rng((self.seed, 2, number))
        form = forms()[self._order[number % len(self._order)]]
        texts = iter(self._filled(form, draw, number).split(_BREAK))
        base = form.entry
        title, summary = next(texts), next(texts)
        tags, aliases, factors, says = (
            tuple(next(texts) for _ in part)
            for part in (base.tags, base.aliases, base.factors, base.citations)
        )
        kept = min(len(aliases), int(draw.poisson(self.aliases)))
        entry = replace(
            base,
            id=entry_id(number),
            title=f"{title}（{number}）",
            summary=summary,
            tags=tuple(dict.fromkeys(tags)),
            aliases=aliases[:kept],
            factors=factors,
            citations=self._citations(base, says, draw, number),
            related=tuple(dict.fromkeys(self._linked(len(base.related), draw, number))) if number else (),
            supersedes=(),
            superseded_by="",
            document_number=f"测发〔{2000 + number % 26}〕{number}号" if base.document_number else "",
            body=next(texts),
        )
        return entry, list(aliases[kept:])

    def _filled(self, form: Form, draw: np.random.Generator, number: int) -> str:
        """The form's texts with other words in them, joined by breaks."""
        words = pool()
        chance = draw.random(len(form.words))
        own = self._topic(number, draw)
        fresh = own[(len(own) * draw.random(len(chance)) ** 2).astype(np.int64)]
        strange = chance > KEPT + TOPICAL
        fresh[strange] = np.searchsorted(words.heights, draw.random(int(strange.sum())))
        out = form.pieces.copy()
        changed = chance > KEPT
        out[form.words[changed]] = words.words[fresh[changed]]
        if len(form.links):
            out[form.links] = self._linked(len(form.links), draw, number)
        return "".join(out)

    def _topic(self, number: int, draw: np.random.Generator) -> Numbers:
        """Words of the entry's topic, the commonest first: from one starter entry and from the dictionary."""
        topics = max(FIRST_TOPICS, int(number**TOPIC_GROWTH))
        own = np.random.default_rng((self.seed, 3, int(draw.integers(topics))))
        form = forms()[int(own.integers(len(forms())))]
        half = TOPIC_WORDS // 2
        drawn = np.searchsorted(pool().heights, own.random(half))
        return own.permutation(np.concatenate((own.choice(form.content, half), drawn)))

    def _linked(self, count: int, draw: np.random.Generator, number: int) -> tuple[str, ...]:
        """Ids of entries before this one; of the first, itself."""
        numbers = draw.integers(0, max(1, number), count)
        return tuple(entry_id(int(n)) for n in numbers)

    def _citations(
        self, base: Entry, says: Sequence[str], draw: np.random.Generator, number: int
    ) -> tuple[Citation, ...]:
        """The form's citations, of policies of this collection and clauses those have."""
        found = []
        for citation, text in zip(base.citations, says, strict=True):
            place = self._policies[int(draw.integers(len(self._policies)))]
            policy = place + len(self._order) * int(draw.integers(number // len(self._order) + 1))
            anchors = forms()[self._order[place]].anchors
            article = anchors[int(draw.integers(len(anchors)))]
            found.append(replace(citation, policy=entry_id(policy), article=article, says=text))
        return tuple(found)

    @cached_property
    def _order(self) -> list[int]:
        """Forms in the order they are used: every kind as often as in the starter content."""
        return [int(n) for n in np.random.default_rng(self.seed).permutation(len(forms()))]

    @cached_property
    def _policies(self) -> list[int]:
        """Places in the order where policies with clauses are."""
        return [place for place, n in enumerate(self._order) if forms()[n].anchors]


def entry_id(number: int) -> str:
    """Id of the entry of that number; the kind is not in it, so that links need no look-up."""
    return f"s{number:06d}"


def write(corpus: Corpus, size: int, folder: Path) -> None:
    """Entry files as a content root, and the questions in `queries.txt`.

    The header is written as JSON, which is YAML: the dumper proper takes a
    minute and a half longer for 100,000.
    """
    for kind in Kind:
        (folder / kind.folder).mkdir(parents=True, exist_ok=True)
    for entry in corpus.entries(size):
        (folder / entry.kind.folder / f"{entry.id}.md").write_text(text_of(entry), encoding="utf-8")
    (folder / "queries.txt").write_text("\n".join(corpus.queries()) + "\n", encoding="utf-8")


def text_of(entry: Entry) -> str:
    """An entry as the text of its file."""
    lines = (
        f"{name}: {json.dumps(value, ensure_ascii=False, default=str)}"
        for name, value in schema.write(entry).items()
    )
    return "\n".join(("---", *lines, "---", "", entry.body, ""))


@lru_cache(maxsize=1)
def starter() -> tuple[Entry, ...]:
    """The content of this repository."""
    return tuple(record.entry for record in Store((STARTER,)).records()[0])


@lru_cache(maxsize=1)
def forms() -> tuple[Form, ...]:
    """Every starter entry as a form."""
    return tuple(_form(entry) for entry in starter())


@lru_cache(maxsize=1)
def _cutter() -> Cutter:
    return make_cutter(wordlists.load(wordlists.SHIPPED).words)


@lru_cache(maxsize=1)
def pool() -> Pool:
    """Words of jieba's dictionary and of the starter content."""
    import jieba

    spread = Counter(word for e in starter() for word in _content(e))
    glue = frozenset(word for word, count in spread.items() if count > GLUE * len(starter()))
    listed = Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" ")[:2] for line in listed]
    weights = {word: float(count) for word, count in rows if _is_content(word) and word not in glue}
    words = list(weights)
    words += [word for word in spread if word not in weights and word not in glue]
    heights = np.cumsum(list(weights.values()))
    return Pool(
        np.array(words, dtype=object),
        heights / heights[-1] * (1 - 1e-12),
        {word: number for number, word in enumerate(words)},
        glue,
    )


def _content(entry: Entry) -> set[str]:
    return {text for text, kind in _pieces(_texts(entry)) if kind == "word"}


def _texts(entry: Entry) -> str:
    says = (citation.says for citation in entry.citations)
    parts = (entry.title, entry.summary, *entry.tags, *entry.aliases, *entry.factors, *says, entry.body)
    return _BREAK.join(parts)


def _form(entry: Entry) -> Form:
    pieces, known = _pieces(_texts(entry)), pool()
    words = [n for n, (text, kind) in enumerate(pieces) if kind == "word" and text not in known.glue]
    links = [n for n, (_, kind) in enumerate(pieces) if kind == "link"]
    anchors = [part.anchor for part in markdown.sections(entry.body) if part.anchor.isdigit()]
    return Form(
        entry,
        np.array([text for text, _ in pieces], dtype=object),
        np.array(words, dtype=np.int64),
        np.array(links, dtype=np.int64),
        np.array([known.number[pieces[n][0]] for n in words], dtype=np.int64),
        tuple(anchors) if entry.kind is Kind.POLICY else (),
    )


def _pieces(text: str) -> list[tuple[str, str]]:
    """(text, kind) in order, nothing left out; kind is word, link or empty for what stays."""
    found: list[tuple[str, str]] = []
    cut = _cutter().cut
    at = 0
    for match in _FIXED.finditer(text):
        found.append((text[at : match.start()], ""))
        at = match.end()
        if match["run"]:
            found += [(word, "word" if _is_content(word) else "") for word in cut(match["run"])]
        else:
            found.append((match[0], "link" if match["link"] else ""))
    found.append((text[at:], ""))
    return [piece for piece in found if piece[0]]


def _is_content(word: str) -> bool:
    return 2 <= len(word) <= 6 and all("㐀" <= char <= "鿿" for char in word)
