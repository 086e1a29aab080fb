"""Candidates of both legs -> the answer a reader sees. Pure: no index, no disk."""

from __future__ import annotations

from indexer import fusion, snippets
from indexer.fusion import Ranked
from indexer.rerank import RERANKED, Reranker, rerank
from indexer.snapshot import Snapshot, key
from indexer.types import (
    Facet,
    Filters,
    Highlighted,
    Hit,
    Passage,
    Query,
    Reason,
    SearchResult,
    Term,
)
from kb.types import Kind

DID_YOU_MEAN = 0.45
"""Least closeness of a question offered in place of one that found no answer."""
RELATED = 4
"""Related searches shown."""
TAIL_SHARE = 0.35
"""Hits below this share of the best score are left out of lists and counts."""
SIGNAL_ROLES = ("title", "alias")
"""Passages that say what an entry is about; a snippet from them would only repeat the question."""


def compose(
    now: Snapshot,
    asked: Query,
    ranked: list[Ranked],
    page: int,
    size: int,
    accepted: bool,
    off: frozenset[str] = frozenset(),
    reranker: Reranker | None = None,
) -> SearchResult:
    """One page of results for a fused ranking, with facets over all of them.

    `accepted` says that the best hit may be called an answer.
    """
    if reranker is not None:
        texts = [_text_to_read(now, item) for item in ranked[:RERANKED]]
        ranked = rerank(ranked, asked.text, texts, reranker)
    if "neighbours" not in off and not asked.phrases:
        ranked = fusion.with_neighbours(ranked, lambda entry_id: _links(now, asked.filters, entry_id))
    exact = "" if "exact" in off else now.exact.get(key(asked.text), "")
    exact = exact if any(item.entry_id == exact for item in ranked) else ""
    ranked = _exact_first(ranked, exact)
    ranked = _without_tail(ranked)
    start = (max(1, page) - 1) * size
    hits = tuple(_hit(now, asked, item, item.entry_id == exact) for item in ranked[start : start + size])
    return SearchResult(
        query=asked,
        hits=hits,
        total=len(ranked),
        page=max(1, page),
        size=size,
        confident=bool(exact) or bool(asked.phrases and ranked) or accepted,
        facets=_facets(now, asked.filters, ranked),
        did_you_mean="" if exact or accepted else _closest_question(now, ranked[:1], DID_YOU_MEAN),
        related=_related_questions(now, asked, ranked) if exact or accepted else (),
    )


def _text_to_read(now: Snapshot, item: Ranked) -> str:
    """What a cross-encoder reads of an entry: title, summary and the passage closest in meaning."""
    entry = now.entries[item.entry_id]
    passages = now.passages(item.entry_id)
    closest = passages[item.passage].text if 0 <= item.passage < len(passages) else ""
    return "\n".join(dict.fromkeys(part for part in (entry.title, entry.summary, closest) if part))


def _closest_question(now: Snapshot, ranked: list[Ranked], least: float) -> str:
    """The way of asking closest in meaning, when it is at least that close."""
    for item in ranked:
        passages = now.passages(item.entry_id)
        if item.cosine >= least and 0 <= item.passage < len(passages):
            chosen = passages[item.passage]
            return chosen.text if chosen.role in SIGNAL_ROLES else now.entries[item.entry_id].title
    return ""


def _related_questions(now: Snapshot, asked: Query, ranked: list[Ranked]) -> tuple[str, ...]:
    """One way of asking from each of the entries behind the first: where readers often go next."""
    found = (_closest_question(now, [item], 0.0) for item in ranked[1 : RELATED + 2])
    return tuple(dict.fromkeys(text for text in found if text and key(text) != key(asked.text)))[:RELATED]


def _links(now: Snapshot, filters: Filters, entry_id: str) -> dict[str, int]:
    """Linked entries that pass the filters."""
    linked = now.links.get(entry_id, {})
    if filters == Filters():
        return linked
    return {other: n for other, n in linked.items() if now.catalogue.passes(other, filters)}


def _exact_first(ranked: list[Ranked], exact: str) -> list[Ranked]:
    """Whoever types a title, another way of asking or a document number gets that entry first."""
    first = [item for item in ranked if item.entry_id == exact]
    return first + [item for item in ranked if item.entry_id != exact]


def _without_tail(ranked: list[Ranked]) -> list[Ranked]:
    if not ranked:
        return []
    floor = max(item.score for item in ranked) * TAIL_SHARE
    return [item for item in ranked if item.score >= floor]


def _hit(now: Snapshot, asked: Query, item: Ranked, exact: bool) -> Hit:
    entry = now.entries[item.entry_id]
    words = _words_to_mark(asked)
    passages = now.passages(entry.id)
    shown = _passage_to_show(now, passages, item, words, bool(asked.phrases))
    segmenter = now.reader.segmenter
    snippet = snippets.snippet(shown, words, segmenter) if shown else Highlighted("")
    return Hit(
        entry=entry,
        score=round(item.score, 4),
        title=snippets.mark(entry.title, words, segmenter),
        snippet=snippet,
        heading=shown.heading if shown else "",
        anchor=shown.anchor if shown else "",
        reasons=_reasons(now, asked, item, passages, exact),
    )


def _words_to_mark(asked: Query) -> tuple[str, ...]:
    """Whole words; single characters only when nothing longer was typed, for 交 and 没 are everywhere."""
    words = [term.text for term in asked.terms] + ["".join(phrase) for phrase in asked.phrases]
    return tuple(word for word in words if len(word) > 1) or tuple(words)


def _passage_to_show(
    now: Snapshot, passages: tuple[Passage, ...], item: Ranked, words: tuple[str, ...], literal: bool
) -> Passage | None:
    """The answer in one sentence; of policies and imported texts the part that says most of it."""
    closest = passages[item.passage] if 0 <= item.passage < len(passages) else None
    if now.entries[item.entry_id].kind is Kind.POLICY and closest and closest.role not in SIGNAL_ROLES:
        return closest
    texts = [p for p in passages if p.role not in SIGNAL_ROLES]
    if not texts:
        return None
    # An entry with other ways of asking was written for this collection, and its
    # summary is the answer in one sentence; imported texts have neither.
    if texts[0].role == "summary" and now.entries[item.entry_id].aliases and not literal:
        return texts[0]
    weights = {word: now.rarity(word) for word in words}
    scores = [snippets.fit(p, weights) for p in texts]
    best = max(scores)
    if texts[0].role == "summary" and scores[0] * 2 >= best:
        return texts[0]
    return texts[scores.index(best)]


def _said(now: Snapshot, entry_id: str, asked: Query) -> set[str]:
    """Words of the query that the entry says; numbers are compared in their one form (六个月 is 6个月)."""
    text = now.folded_text(entry_id)
    said = {term.text for term in asked.terms if term.text in text}
    if any(char.isdigit() for term in asked.terms for char in term.text):
        said |= {token.text for token in now.reader.segmenter.numbers(text)}
    return said


def _reasons(
    now: Snapshot, asked: Query, item: Ranked, passages: tuple[Passage, ...], exact: bool
) -> tuple[Reason, ...]:
    """Why this entry: the words it shares, the synonyms used, and the passage closest in meaning."""
    found: list[Reason] = []
    if exact:
        found.append(Reason("exact", "与标题、问法或文号完全一致"))
    said = _said(now, item.entry_id, asked)
    typed = [t.text for t in asked.terms if t.origin == "typed" and t.text in said]
    if typed:
        found.append(Reason("keyword", f"含有“{'”“'.join(typed[:8])}”（字词得分 {item.keyword:.2f}）"))
    if not found and item.keyword > 0:
        found.append(Reason("keyword", "有相同的单字或相邻两字"))
    found += [_synonym(t) for t in asked.terms if t.origin == "synonym" and t.text in said][:3]
    if item.via:
        found.append(Reason("neighbours", f"与排在前面的条目“{item.via}”互相关联"))
    if 0 <= item.passage < len(passages):
        closest = passages[item.passage]
        what = closest.heading or closest.text
        found.append(Reason("semantic", f"意思接近“{what[:40]}”（相近度 {item.cosine:.2f}）"))
    return tuple(found)


def _synonym(term: Term) -> Reason:
    return Reason("synonym", f"按“{term.source}”的规范说法“{term.text}”找到")


def _facets(now: Snapshot, filters: Filters, ranked: list[Ranked]) -> tuple[Facet, ...]:
    """Counts of every filter value among the hits; chosen values are listed even at zero."""
    facets: list[Facet] = []
    for name, counts in now.tally([item.entry_id for item in ranked]).items():
        chosen = getattr(filters, name)
        for value in dict.fromkeys((*chosen, *(v for v, _ in counts.most_common()))):
            label = Kind(value).label if name == "kinds" and value in tuple(Kind) else value
            facets.append(Facet(name, value, label, counts[value], value in chosen))
    return tuple(facets)
