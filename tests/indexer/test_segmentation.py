"""Both sides of the segmentation, as a pair: what the index holds and what a query asks for."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.cutters import Cutter, JiebaCutter, make_cutter, one_by_one
from indexer.segmentation import Segmenter, fold, grams
from indexer.types import Token
from kb.store import Store
from tests.indexer.samples import REPOSITORY, segmenter, words

TABLE = Path(__file__).parent / "fixtures" / "segmentation.tsv"
ANYTHING = st.text(
    st.one_of(st.characters(), st.sampled_from("党费换届三会一课六个月分之第条年12.%ＡａＢb，。 \n"))
)


def rows() -> Iterator[tuple[str, str, str]]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            text, whole, index = line.split("\t")
            yield text, whole, index


@cache
def documents() -> tuple[str, ...]:
    """All text of the repository's own entries."""
    entries = [record.entry for record in Store((REPOSITORY,)).records()[0]]
    return tuple("\n".join((e.title, *e.aliases, e.summary, *e.tags, e.body)) for e in entries)


@cache
def cutter_of_lexicon() -> Cutter:
    return make_cutter(words().words)


def texts(tokens: list[Token]) -> str:
    return " ".join(token.text for token in tokens)


@pytest.mark.parametrize(("text", "whole", "index"), list(rows()))
def test_golden_table(text: str, whole: str, index: str) -> None:
    assert texts(segmenter().words(text)) == whole
    assert texts(segmenter().index_tokens(text)) == index


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("组织生活", "召开组织生活会之前要谈心"),
        ("关系", "流动党员组织关系转接办理流程"),
        ("评议", "民主评议党员每年一次"),
        ("支部", "支部委员会由党员大会选举产生"),
        ("六个月", "应当提前6个月提醒"),
        ("五分之四", "到会人数须超过应到人数的4/5，即五分之四"),
        ("三十一条", "### 第三十一条 预备期"),
        ("ＱＱ群", "建一个qq群"),
    ],
)
def test_query_word_is_found_inside_longer_ones(typed: str, text: str) -> None:
    asked = [token.text for token in segmenter().words(typed)]
    held = {token.text for token in segmenter().index_tokens(text)}
    assert asked and set(asked) <= held


def test_jieba_and_rjieba_give_the_same_tokens_over_all_content() -> None:
    pytest.importorskip("rjieba")
    reference = Segmenter((), JiebaCutter(words().words))
    other = [text for text in documents() if reference.index_tokens(text) != segmenter().index_tokens(text)]
    assert not other, other[0][:200]


def test_only_one_dictionary_is_loaded() -> None:
    """The package makes a cutter of its own when it is imported: as large as ours, and used by nobody."""
    pytest.importorskip("rjieba")
    program = (
        "import sys; from indexer.cutters import make_cutter; cutter = make_cutter(['基层党建'])\n"
        "print(type(cutter).__name__, cutter.cut('抓基层党建'), 'rjieba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "RjiebaCutter ['抓', '基层党建'] False", done.stderr


def words_and_places(tokens: list[Token]) -> tuple[list[str], list[int]]:
    return [token.text for token in tokens], [token.position for token in tokens]


def test_bulk_words_are_the_tokens() -> None:
    for text in documents()[::3]:
        assert segmenter().index_words(text) == words_and_places(segmenter().index_tokens(text))


@given(ANYTHING)
def test_bulk_words_are_the_tokens_of_any_text(text: str) -> None:
    assert segmenter().index_words(text) == words_and_places(segmenter().index_tokens(text))


@given(
    st.lists(st.text(st.sampled_from("党费换届选举支部书记妩媚怃然哈"), min_size=1, max_size=12), max_size=5)
)
def test_runs_cut_together_are_cut_as_each_alone(runs: list[str]) -> None:
    """妩 and 怃 are in the dictionary only within words."""
    cutter = cutter_of_lexicon()
    words, starts, whole = cutter.index_runs("\n".join(runs))
    expected = one_by_one(cutter, "\n".join(runs))
    assert words == expected[0]
    assert np.array_equal(starts, expected[1]) and np.array_equal(whole, expected[2])


@given(st.lists(ANYTHING | st.sampled_from(["İＡ党费", "三会", "一课", "12", "%"]), max_size=6))
def test_texts_cut_together_are_cut_as_each_alone(several: list[str]) -> None:
    cut = segmenter().index_many(several)
    for text in several:
        assert cut.words_of(text) == segmenter().index_words(text)
        assert cut.tokens_of(text) == segmenter().index_tokens(text)
        assert cut.whole_of(text) == segmenter().words(text)


def test_characters_no_dictionary_knows_are_words() -> None:
    assert segmenter().index_words("庌") == (["庌"], [0])
    assert segmenter().index_words("㐀党费㐀")[0] == ["㐀", "党费", "㐀"]


def test_a_new_lexicon_is_a_new_instance_that_disturbs_nobody() -> None:
    """rjieba refuses new words while others cut, so nobody may ever add any to a cutter in use."""
    old, text = segmenter(), documents()[0]
    expected, found = old.index_words(text), []
    stop = threading.Event()

    def cut() -> None:
        while not stop.is_set():
            found.append(old.index_words(text))

    readers = [threading.Thread(target=cut) for _ in range(3)]
    for thread in readers:
        thread.start()
    new = Segmenter((*words().words, "琉璃瓦先锋岗"))
    stop.set()
    for thread in readers:
        thread.join()
    assert all(words == expected for words in found)
    assert texts(new.words("琉璃瓦先锋岗")) == "琉璃瓦先锋岗" != texts(old.words("琉璃瓦先锋岗"))


def test_every_listed_term_is_cut_whole() -> None:
    """Numbers apart: 五分之四 is 4/5 wherever it stands."""
    cut = {term: texts(segmenter().words(term)) for term in words().words}
    assert {term: found for term, found in cut.items() if found != term and not re.search(r"\d", found)} == {}


def check_offsets(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    for token in segmenter().index_tokens(text):
        assert token.text == folded[token.start : token.end] or re.match(r"\d", token.text), token
    whole = segmenter().words(text)
    assert [token.position for token in whole] == list(range(len(whole)))
    assert all(a.end <= b.start for a, b in pairwise(whole))


def check_pair(text: str) -> None:
    """The index side holds the query side's words at the same places, then what starts within them."""
    whole, index = segmenter().words(text), segmenter().index_tokens(text)
    cut = set(whole)
    assert [token for token in index if token in cut] == whole
    assert [token.position for token in index] == sorted(token.position for token in index)
    home = {token.position: token for token in whole}
    assert all(home[t.position].start <= t.start < home[t.position].end for t in index)


def test_offsets_and_positions_are_true_over_all_content() -> None:
    for text in documents()[::5]:
        check_offsets(text)
        check_pair(text)


@given(ANYTHING)
def test_any_text_is_cut_without_error(text: str) -> None:
    check_offsets(text)
    check_pair(text)


@given(st.text(st.sampled_from("党费换届三会一课组织生活主题日书记项目，。6个月"), max_size=40))
def test_nothing_han_is_lost(text: str) -> None:
    covered = {at for token in segmenter().words(text) for at in range(token.start, token.end)}
    assert covered >= {at for at, char in enumerate(text) if "㐀" <= char <= "鿿"}


@pytest.mark.parametrize("seed", range(4))
def test_adding_terms_never_takes_a_word_from_a_document(seed: int) -> None:
    """Whatever is listed, right or wrong.

    Words of two characters and more; a single character is only a token where
    it is cut alone, and the field of character pairs finds it otherwise.
    """
    chance = random.Random(seed)
    chosen = chance.sample(documents(), 40)
    runs = [run for text in chosen for run in re.findall("[㐀-鿿]{4,}", text)]
    added = []
    for run in chance.sample(runs, 60):
        start = chance.randrange(len(run) - 2)
        added.append(run[start : start + chance.randint(2, 6)])
    grown = Segmenter((*words().words, *added))
    for text in chosen:
        before = {(t.text, t.start) for t in segmenter().index_tokens(text) if t.end - t.start > 1}
        after = {(t.text, t.start) for t in grown.index_tokens(text)}
        assert before <= after, (added, before - after)


def test_parts_are_the_words_inside() -> None:
    assert set(segmenter().parts("民主评议党员")) >= {"民主评议", "评议", "党员"}
    assert segmenter().parts("党费") == ()
    assert segmenter().parts("6个月") == ()
    assert segmenter().parts("wifi") == ()


def test_fold_keeps_the_length() -> None:
    assert fold("ＡＢｃ１２　％") == "abc12 %"
    assert fold("İ") == "İ"


def test_grams_are_characters_and_neighbouring_pairs() -> None:
    assert list(grams("党费a费，党")) == ["党", "费", "党费", "费", "党"]
