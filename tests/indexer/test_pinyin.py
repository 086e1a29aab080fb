"""Our table of readings against pypinyin, and the input method's counts against plain counting."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from indexer import readings
from indexer.knowledge import Knowledge
from indexer.pinyin import PinyinModel
from indexer.readings import table
from indexer.wordlists import Lexicon
from kb.store import Store
from tests.indexer.samples import REPOSITORY, segmenter, words

ODD = ("ü", "a b", "\n", "1、", "，", "\ue820", "﨑", "〇", "庌", "𠀀", "")
SENTENCES = st.lists(
    st.lists(st.sampled_from(["党费", "换届", "选举", "书记", "ok"]), max_size=6).map(tuple), max_size=6
)


def as_pypinyin(text: str) -> tuple[str, ...]:
    return tuple(syllable.replace("ü", "v") for syllable in lazy_pinyin(text))


def test_the_table_is_what_pypinyin_knows() -> None:
    """After an upgrade: python -m indexer.readings, then `kb eval`, for ranks may move."""
    _, ours = readings.TABLE.read_text(encoding="utf-8").split("\n", 1)
    assert ours == readings.compiled().split("\n", 1)[1]


def test_content_and_lexicon_are_read_as_by_pypinyin() -> None:
    entries = [record.entry for record in Store((REPOSITORY,)).records()[0]]
    texts = ["\n".join((e.title, *e.aliases, e.summary, *e.tags, e.body)) for e in entries]
    assert len(texts) > 200
    cut = {token.text for text in texts for token in segmenter().index_tokens(text)}
    for text in (*texts, *cut, *words().words):
        assert table().read(text) == as_pypinyin(text)


def test_phrases_and_their_beginnings_are_read_as_by_pypinyin() -> None:
    dice = random.Random(7)
    phrases, chars = sorted(PHRASES_DICT), [chr(code) for code in sorted(PINYIN_DICT)]
    for phrase in phrases[::5]:
        for text in (phrase, phrase[:-1], phrase[1:]):
            assert table().read(text) == as_pypinyin(text)
    for _ in range(5000):
        phrase = dice.choice(phrases)
        begun = phrase[: dice.randrange(1, len(phrase) + 1)]
        text = "".join(dice.choices((phrase, begun, dice.choice(chars), dice.choice(ODD)), k=4))
        assert table().read(text) == as_pypinyin(text), text


@given(
    st.text(
        st.one_of(
            st.characters(),
            st.sampled_from("一不重行长党费了得的"),
            st.sampled_from([c for c in ODD if len(c) == 1]),
        )
    )
)
def test_any_text_is_read_as_by_pypinyin(text: str) -> None:
    assert table().read(text) == as_pypinyin(text)


def test_nobody_loads_pypinyin_to_read_aloud() -> None:
    program = "import sys; from indexer.pinyin import spell; print(spell('重庆'), 'pypinyin' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "('chong', 'qing') False", done.stderr


@given(SENTENCES)
def test_words_are_counted_alone_and_after_others(sentences: list[tuple[str, ...]]) -> None:
    model = PinyinModel(sentences, ["党费", "民主评议"])
    alone = Counter(word for sentence in sentences for word in sentence)
    after = Counter(pair for sentence in sentences for pair in pairwise(("", *sentence)))
    known = ("", "党费", "换届", "选举", "书记", "ok", "民主评议")
    assert {word: model.frequency(word) for word in known} == {word: alone[word] for word in known}
    numbers = model._numbers
    assert all(
        model._followers.count(numbers[a], numbers[b]) == after[a, b]
        for a in known
        for b in known
        if a in numbers and b in numbers
    )


def test_letters_become_the_words_that_follow_each_other() -> None:
    sentences = [("选举", "书记"), ("选举", "书记"), ("书籍",), ("书籍",), ("书籍",)]
    model = PinyinModel(sentences, ["数机"])
    assert model.homophones(("shu", "ji")) == ["书籍", "书记", "数机"]
    assert (model.decode("shuji"), model.decode("xuanjushuji")) == ("书籍", "选举书记")
    assert PinyinModel([]).decode("shuji") == ""


def test_followers_are_what_stands_behind_a_character() -> None:
    known = Knowledge(segmenter(), Lexicon(), {}, lambda: [("党费", "换届"), ("党员",), ("费", "用"), ()])
    assert {char: set(after) for char, after in known.followers.items()} == {
        "党": {"费", "员"},
        "费": {"换", "用"},
        "换": {"届"},
    }
