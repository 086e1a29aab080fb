"""What was typed -> Query. Never raises: anything a person can type gives a query.

The steps are the tuple `STEPS`, in order; each takes the query so far and
returns a new one. Steps that change the meaning leave a `Repair`, which the
page shows and one click undoes (`off` names the kinds of repair not wanted).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from indexer.knowledge import Knowledge
from indexer.pinyin import plain_letters, spell
from indexer.segmentation import fold, grams
from indexer.types import Filters, Query, Repair, Term, Token

MAX_CHARS = 200
"""Longer queries are cut here: no real question is longer, and every step stays fast."""
MAX_TERMS = 40
"""Words searched for at most; a pasted paragraph does not become a hundred lookups."""
PART_WEIGHT = 0.4
"""A word found inside a typed word counts less than the word itself."""
SYNONYM_WEIGHT = 0.7
"""A formal word for what was typed counts a little less than a typed one."""

_QUOTED = re.compile(r"[\"“”‘’「」『』]([^\"“”‘’「」『』]{1,60})[\"“”‘’「」『』]")
_LETTERS = re.compile(r"[a-zA-Züāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-zA-Z0-9üāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ'’: -]*")
_HAN = re.compile(r"[㐀-鿿]+")


class Reader(Knowledge):
    """Reads what was typed."""

    def parse(self, raw: str, filters: Filters | None = None, off: frozenset[str] = frozenset()) -> Query:
        """Understand `raw`; `off` names steps left out (repair kinds, or features under ablation)."""
        query = Query(raw=raw, text=raw, filters=filters or Filters())
        for name, step in STEPS:
            if name not in off:
                query = step(query, self)
        return query


def _limit(query: Query, reader: Reader) -> Query:
    if len(query.text) <= MAX_CHARS:
        return query
    note = f"问题超过 {MAX_CHARS} 字，只用了前 {MAX_CHARS} 字"
    return replace(query, text=query.text[:MAX_CHARS], notes=(*query.notes, note))


def _fold(query: Query, reader: Reader) -> Query:
    text = unicodedata.normalize("NFKC", query.text)
    text = "".join(c if c.isprintable() else " " for c in text)
    return replace(query, text=" ".join(text.split()))


def _script(query: Query, reader: Reader) -> Query:
    if not _HAN.search(query.text):
        return query
    simplified = str(_converter().convert(query.text))
    return _repaired(query, "script", query.text, simplified) if simplified != query.text else query


@lru_cache(maxsize=1)
def _converter() -> Any:
    """Traditional to simplified; reading its tables takes longer than a search."""
    from opencc import OpenCC

    return OpenCC("t2s")


def _english(query: Query, reader: Reader) -> Query:
    """Longest glossary phrases first; a run of letters changes only when the glossary knows most of it."""

    def translate(match: re.Match[str]) -> str:
        words = re.findall(r"[a-z0-9]+", match[0].lower())
        chinese, known = _translate(words, reader.english)
        return f" {chinese} " if known * 2 >= len(words) and chinese else match[0]

    text = " ".join(_LETTERS.sub(translate, query.text).split())
    return _repaired(query, "english", query.text, text) if text != query.text else query


def _translate(words: list[str], glossary: Mapping[str, str]) -> tuple[str, int]:
    found: list[str] = []
    at = known = 0
    while at < len(words):
        for length in range(min(6, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            if phrase in glossary:
                found.append(glossary[phrase])
                known += length
                at += length
                break
        else:
            at += 1
    return " ".join(dict.fromkeys(word for word in found if word)), known


def _pinyin(query: Query, reader: Reader) -> Query:
    def spelled(match: re.Match[str]) -> str:
        words = match[0].split()
        if all(fold(word) in reader.vocabulary for word in words):
            return match[0]
        letters = re.sub(r"[^a-z]", "", plain_letters(match[0]))
        decoded = reader.pinyin.decode(letters) if len(letters) > 3 else ""
        return decoded if len(decoded) > 1 else match[0]

    text = _LETTERS.sub(spelled, query.text)
    text = re.sub(r"(?<=[㐀-鿿]) +(?=[㐀-鿿])", " ", text)
    return _repaired(query, "pinyin", query.text, text) if text != query.text else query


def _wrong_characters(query: Query, reader: Reader) -> Query:
    """换界 -> 换届: same sound, towards a lexicon term, and only where the typed pair is nobody's."""
    tokens = reader.segmenter.words(query.text)
    text = query.text
    for run, loose in _suspects(tokens, reader):
        for before, after in _same_sound(run, loose, reader):
            text = text.replace(before, after)
    return _repaired(query, "wrong-character", query.text, text) if text != query.text else query


def _suspects(tokens: list[Token], reader: Reader) -> list[tuple[str, list[bool]]]:
    """Runs of neighbouring odd tokens, and which of their characters may be changed.

    Odd are single characters and words nobody knows. A character never seen
    alone takes its neighbours along, unchangeable: 崔|缴党费.
    """
    runs: list[tuple[str, list[bool]]] = []
    odd = [_odd(token.text, reader) for token in tokens]
    strange = [is_odd and t.text not in reader.vocabulary for is_odd, t in zip(odd, tokens, strict=True)]
    end = -1
    for number, token in enumerate(tokens):
        beside = any(strange[max(0, number - 1) : number + 2]) and _HAN.fullmatch(token.text)
        if odd[number] or beside:
            before, loose = runs.pop() if token.start == end else ("", [])
            runs.append((before + token.text, loose + [odd[number]] * len(token.text)))
            end = token.end
    return runs


def _odd(word: str, reader: Reader) -> bool:
    known = len(word) > 1 and (word in reader.vocabulary or word in reader.listed)
    return not known and _HAN.fullmatch(word) is not None


def _same_sound(run: str, loose: list[bool], reader: Reader) -> list[tuple[str, str]]:
    """(typed, meant) within a suspect run, the longest first, none overlapping."""
    syllables = spell(run)
    if len(syllables) != len(run):
        return []
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(run) - 1:
        for length in range(min(8, len(run) - at), 1, -1):
            typed = run[at : at + length]
            meant = _meant(typed, syllables[at : at + length], loose[at : at + length], reader)
            if meant:
                found.append((typed, meant))
                at += length - 1
                break
        at += 1
    return found


def _meant(typed: str, syllables: tuple[str, ...], loose: list[bool], reader: Reader) -> str:
    if all(after in reader.followers.get(char, "") for char, after in pairwise(typed)):
        return ""
    for word in reader.pinyin.homophones(syllables):
        kept = [a == b for a, b in zip(typed, word, strict=True)]
        allowed = all(same or free for same, free in zip(kept, loose, strict=True))
        if (
            allowed
            and word != typed
            and word in reader.targets
            and sum(kept) * 2 >= len(typed) - 1
            and any(kept)
        ):
            return word
    return ""


def _phrases(query: Query, reader: Reader) -> Query:
    quoted = [match[1] for match in _QUOTED.finditer(query.text)]
    phrases = [tuple(token.text for token in reader.segmenter.words(text)) for text in quoted]
    return replace(query, phrases=tuple(phrase for phrase in phrases if phrase))


def _words(query: Query, reader: Reader) -> Query:
    tokens = reader.segmenter.words(query.text)
    kept = [token for token in tokens if token.text not in reader.lexicon.fillers] or tokens
    terms = _distinct([Term(token.text) for token in kept])
    meaning = " ".join(token.text for token in kept)
    return replace(query, terms=terms, grams=_grams(query.text, kept), meaning=meaning)


def _parts(query: Query, reader: Reader) -> Query:
    """民主评议党员 asks for 民主评议 too, 催|缴党费 for 催缴, at less weight: no new term finds less."""
    fillers, cut = reader.lexicon.fillers, reader.segmenter.words(query.text)
    parts = [
        Term(token.text, PART_WEIGHT, "part", cut[token.position].text)
        for token in reader.segmenter.index_tokens(query.text)
        if token.text not in fillers and cut[token.position].text not in fillers
    ]
    return replace(query, terms=_distinct([*query.terms, *parts]))


def _grams(text: str, kept: list[Token]) -> tuple[str, ...]:
    """Characters and pairs of the stretches left after the fillers are gone."""
    folded = fold(text)
    runs: list[str] = []
    end = -1
    for token in kept:
        if token.start == end:
            runs[-1] += folded[token.start : token.end]
        else:
            runs.append(folded[token.start : token.end])
        end = token.end
    return tuple(dict.fromkeys(gram for run in runs for gram in grams(run)))


def _synonyms(query: Query, reader: Reader) -> Query:
    added: list[Term] = []
    for term in query.terms:
        for formal in reader.synonyms.get(term.text, ()):
            weight = SYNONYM_WEIGHT * term.weight
            added += [
                Term(token.text, weight, "synonym", term.text)
                for token in reader.segmenter.words(formal)
                if token.text not in reader.lexicon.fillers
            ]
    meaning = " ".join((query.meaning, *(term.text for term in added)))
    return replace(query, terms=_distinct([*query.terms, *added])[:MAX_TERMS], meaning=meaning)


def _distinct(terms: list[Term]) -> tuple[Term, ...]:
    """Each word once, at its greatest weight, in order of first appearance."""
    best: dict[str, Term] = {}
    for term in terms:
        if term.text not in best or term.weight > best[term.text].weight:
            best[term.text] = term
    return tuple(best.values())


def _repaired(query: Query, kind: str, before: str, after: str) -> Query:
    return replace(query, text=after, repairs=(*query.repairs, Repair(kind, before, after)))


STEPS: tuple[tuple[str, Callable[[Query, Reader], Query]], ...] = (
    ("limit", _limit),
    ("fold", _fold),
    ("script", _script),
    ("english", _english),
    ("pinyin", _pinyin),
    ("wrong-character", _wrong_characters),
    ("phrases", _phrases),
    ("words", _words),
    ("parts", _parts),
    ("synonyms", _synonyms),
)
