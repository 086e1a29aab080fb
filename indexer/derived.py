"""What is written beside an entry so that nobody has to read all entries to find it again. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from indexer.pinyin import spell
from indexer.segmentation import fold
from indexer.types import Token
from kb.types import Entry, Kind

TITLE, ALIAS, NUMBER = 1, 2, 3
"""Roles of names; titles are suggested before other ways of asking, document numbers never."""
RELATED, CITED = 1, 2
"""Roles of edges."""
KIND_ORDER = {Kind.PROBLEM: 0, Kind.HANDBOOK: 1, Kind.CASE: 2, Kind.POLICY: 3}
"""Suggestions of one role come in this order of kinds."""

Sentence = tuple[str, ...]
Cut = Callable[[str], list[Token]]
"""`Segmenter.words`, or something that remembers its answers."""


@dataclass(frozen=True, slots=True)
class Name:
    """One of the names an entry answers to."""

    role: int
    text: str

    @property
    def start(self) -> str:
        """What a completion begins with."""
        return self.text.lower()

    @property
    def key(self) -> str:
        """What a question asked in the same words has in common with it."""
        return key(self.text)


def key(text: str) -> str:
    """A question without case, width, spaces and punctuation: what "the same words" means."""
    return "".join(char for char in fold(text) if char.isalnum())


def names(entry: Entry) -> tuple[Name, ...]:
    """Title, other ways of asking and document number."""
    found = [Name(TITLE, entry.title), *(Name(ALIAS, alias) for alias in entry.aliases)]
    return (*found, Name(NUMBER, entry.document_number)) if entry.document_number else tuple(found)


def edges(entry: Entry) -> tuple[tuple[int, str], ...]:
    """(role, target) of everything an entry names or cites, repetitions kept."""
    return (*((RELATED, i) for i in entry.related), *((CITED, c.policy) for c in entry.citations))


def sentences(entry: Entry, cut: Cut) -> tuple[Sentence, ...]:
    """Title, questions, summary and tags cut into words: what the input method learns from."""
    texts = (entry.title, *entry.aliases, entry.summary, *entry.tags)
    return tuple(tuple(token.text for token in cut(text)) for text in texts)


def dump_sentences(found: Iterable[Sentence]) -> str:
    """Sentences -> text; words hold neither spaces nor line ends."""
    return "\n".join(" ".join(sentence) for sentence in found)


def load_sentences(text: str) -> tuple[Sentence, ...]:
    """Inverse of `dump_sentences`."""
    return tuple(tuple(line.split(" ")) if line else () for line in text.split("\n"))


def count_words(text: str) -> Counter[str]:
    """How often each word occurs in sentences as dumped."""
    return Counter(text.split())


def spelling(text: str, cut: Cut) -> tuple[str, str]:
    """(pinyin, first letters) of a name, word by word, which is five times faster than by sentence."""
    syllables: list[str] = []
    at = 0
    for token in cut(text):
        if at < token.start:
            syllables += spell(text[at : token.start])
        syllables += spell(text[token.start : token.end])
        at = token.end
    syllables += spell(text[at:])
    return "".join(syllables).lower(), "".join([s[:1] for s in syllables]).lower()


@dataclass(frozen=True, slots=True)
class Derived:
    """Everything written beside one published entry."""

    names: tuple[Name, ...]
    edges: tuple[tuple[int, str], ...]
    sentences: str
    spellings: tuple[tuple[str, str], ...] = ()
    """(pinyin, first letters) of each name; empty where that is left for later."""


def derive(entry: Entry, cut: Cut, *, spelled: bool) -> Derived:
    """What goes beside `entry`; spelling takes long at the first name, so a single save leaves it out."""
    found = names(entry)
    return Derived(
        found,
        edges(entry),
        dump_sentences(sentences(entry, cut)),
        tuple(spelling(name.text, cut) for name in found) if spelled else (),
    )
