"""What was typed, understood: the table of repairs and words, and anything at all without an error."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import evaluate
from indexer.library import Library
from indexer.query import MAX_CHARS, MAX_TERMS, STEPS, Reader
from indexer.segmentation import Segmenter
from indexer.types import Query
from indexer.wordlists import Lexicon
from tests.indexer.samples import REPOSITORY, words

TABLE = Path(__file__).parent / "fixtures" / "queries.tsv"
PIECES = [
    "党费",
    "换届",
    "三会一课",
    "预备党员",
    "怎么办",
    "没交",
    "dangfei",
    "huanjie",
    "dues",
    "quorum",
    "換屆",
    "党废",
    "崔缴",
    "6个月",
    "五分之四",
    "百分之",
    "第三十条",
    '"',
    "“",
    "”",
    "‘",
    "’",
    "「",
    "」",
    "(",
    ")",
    "*",
    "?",
    "~",
    "^",
    ":",
    "AND",
    "OR",
    "NOT",
    "title:",
    "[a",
    "TO",
    "b]",
    "\\",
    "/",
    "\x00",
    "��",
    "\u202e",
    "é",
    "lǘ",
    "İ",
    "①",
    "２",
    "a-b",
    "c'",
    "ǖ",
    "𠀀",
    "\n",
    "\t",
]


def rows() -> Iterator[tuple[str, str, str, str]]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            typed, repairs, terms, also = line.split("\t")
            yield typed, repairs, terms, also


def typed_words(query: Query) -> list[str]:
    return [term.text for term in query.terms if term.origin == "typed"]


@pytest.mark.parametrize(("typed", "repairs", "terms", "also"), list(rows()))
def test_table(reader: Reader, typed: str, repairs: str, terms: str, also: str) -> None:
    query = reader.parse(typed)
    assert "；".join(f"{repair.kind}:{repair.after}" for repair in query.repairs) == repairs
    assert " ".join(typed_words(query)) == terms
    assert set(also.split()) <= {term.text for term in query.terms if term.origin != "typed"}
    assert query.raw == typed


def test_repairs_chain_from_what_was_typed_to_what_is_searched(reader: Reader) -> None:
    query = reader.parse("黨廢 dangke")
    assert query.repairs[0].before == "黨廢 dangke" and query.repairs[-1].after == query.text
    assert all(a.after == b.before for a, b in zip(query.repairs, query.repairs[1:], strict=False))
    assert [repair.kind for repair in query.repairs] == ["script", "pinyin", "wrong-character"]


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("換屆", "script"), ("dangfei", "pinyin"), ("党废", "wrong-character"), ("overdue dues", "english")],
)
def test_each_repair_can_be_undone(reader: Reader, typed: str, kind: str) -> None:
    assert [repair.kind for repair in reader.parse(typed).repairs] == [kind]
    kept = reader.parse(typed, off=frozenset({kind}))
    assert kind not in [repair.kind for repair in kept.repairs]


def test_every_step_can_be_left_out(reader: Reader) -> None:
    for name, _ in STEPS:
        reader.parse("“換屆” dangfei 党废 overdue dues 没交", off=frozenset({name}))
    off = reader.parse("没交", off=frozenset({"synonyms"}))
    assert {term.origin for term in off.terms} == {"typed"}


def test_known_words_are_never_rewritten(reader: Reader) -> None:
    """Whatever a title, another way of asking or the lexicon contains is what was meant."""
    known = [*reader.lexicon.terms, *(word for word in reader.vocabulary if len(word) > 1)]
    changed = {
        word: reader.parse(word).text for word in known if "wrong-character" in kinds(reader.parse(word))
    }
    assert changed == {}


def kinds(query: Query) -> list[str]:
    return [repair.kind for repair in query.repairs]


def test_titles_and_questions_are_never_repaired(keyword_library: Library) -> None:
    reader = keyword_library.snapshot.reader
    for entry in keyword_library.snapshot.entries.values():
        for text in (entry.title, *entry.aliases):
            assert kinds(reader.parse(text)) == [], text


def test_repairs_lead_to_lexicon_terms_only() -> None:
    """党废 means nothing to a lexicon without 党费."""
    reader = Reader(Segmenter(("换届",)), Lexicon(terms=("换届",)), {"换届": 1}, lambda: [("换届",)])
    assert reader.parse("党废").repairs == ()
    assert reader.parse("换界").text == "换届"


@pytest.mark.parametrize("quotes", ["“”", '""', "「」", "『』", "‘’", "＂＂", '“"', "””"])
def test_phrases_in_any_quotes(reader: Reader, quotes: str) -> None:
    query = reader.parse(f"{quotes[0]}党费收缴流程{quotes[1]} 记录")
    assert query.phrases == (("党费收缴", "流程"),)
    assert typed_words(query) == ["党费收缴", "流程", "记录"]


def test_several_phrases(reader: Reader) -> None:
    assert reader.parse("“换届” 和 “选举”").phrases == (("换届",), ("选举",))


@pytest.mark.parametrize("typed", ["“换届", "换届”", '"', "“”", "“ ”", "“！”", "“换届”“", "“" * 50 + "换届"])
def test_unbalanced_or_empty_quotes_make_no_empty_phrase(reader: Reader, typed: str) -> None:
    query = reader.parse(typed)
    assert all(query.phrases) and all(word for phrase in query.phrases for word in phrase)
    assert typed_words(query) == (["换届"] if "换届" in typed else [])


def test_ten_thousand_characters_are_cut_and_it_is_said(reader: Reader) -> None:
    query = reader.parse("党费收缴" * 2500)
    assert len(query.text) == MAX_CHARS and str(MAX_CHARS) in query.notes[0]
    assert len(query.terms) <= MAX_TERMS
    assert reader.parse("党" * MAX_CHARS).notes == ()


def test_long_pasted_text_keeps_its_first_words(reader: Reader) -> None:
    pasted = "".join(reader.lexicon.terms)[:1000]
    query = reader.parse(pasted)
    assert len(query.terms) <= MAX_TERMS and query.terms[0].origin == "typed"


def test_fillers_alone_are_still_searched_for(reader: Reader) -> None:
    assert typed_words(reader.parse("怎么办")) == ["怎么办"]


def test_synonyms_say_what_they_stand_for_and_weigh_less(reader: Reader) -> None:
    query = reader.parse("带徒弟")
    weights = {term.origin: term.weight for term in query.terms}
    formal = next(term for term in query.terms if term.text == "培养联系人")
    assert formal.origin == "synonym" and formal.source == "带徒弟"
    assert weights["typed"] > weights["synonym"] > 0 and weights["typed"] > weights["part"] > 0
    assert "培养联系人" in query.meaning and "带徒弟" in query.meaning


def test_each_word_is_asked_for_once(reader: Reader) -> None:
    found = [term.text for term in reader.parse("党费 党费 缴纳党费 交党费 党费").terms]
    assert len(found) == len(set(found))


def test_a_new_term_never_makes_a_query_ask_for_less(reader: Reader) -> None:
    """Words of two characters and more that were asked for stay, whatever is listed later."""
    chance = random.Random(7)
    asked = [query.text for query in evaluate.read_queries(REPOSITORY / "tests/quality/queries.tsv")]
    texts = [text for text in asked if len(text) > 8]
    added = [
        text[at : at + chance.randint(2, 5)]
        for text in chance.sample(texts, 80)
        for at in (chance.randrange(4),)
    ]
    lexicon = Lexicon((*words().terms, *added), words().synonyms, words().english, words().fillers)
    grown = Reader(Segmenter(lexicon.words), lexicon, reader.vocabulary, reader.sentences)
    off = frozenset({"pinyin", "wrong-character", "english", "synonyms"})
    for text in asked:
        before = {term for term in typed_words(reader.parse(text, off=off)) if len(term) > 1}
        after = grown.parse(text, off=off)
        assert before <= {term.text for term in after.terms} or len(after.terms) == MAX_TERMS, text


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join), st.text("dangfeihuj 1234'ǖ")))
def test_parse_never_raises(reader: Reader, typed: str) -> None:
    query = reader.parse(typed)
    assert query.raw == typed
    assert len(query.text) <= MAX_CHARS * 20
    assert all(term.text for term in query.terms)


def fuzzed(count: int) -> Iterator[str]:
    """Queries made of pieces of real ones, of quotes and operators, and of noise."""
    chance = random.Random(20261120)
    for number in range(count):
        kind = number % 4
        if kind == 0:
            yield "".join(
                chr(chance.choice((chance.randrange(0x20, 0x7F), chance.randrange(0x4E00, 0x9FA6))))
                for _ in range(chance.randrange(20))
            )
        elif kind == 1:
            yield "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(12)))
        else:
            yield chance.choice(("", " ")).join(chance.choice(PIECES) for _ in range(chance.randrange(1, 9)))


def test_five_thousand_fuzzed_queries_all_get_an_answer(library: Library) -> None:
    for typed in fuzzed(5000):
        result = library.search(typed, page=1, size=3)
        assert result.total >= len(result.hits), typed
