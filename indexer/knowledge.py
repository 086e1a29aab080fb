"""What understanding a query needs to know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Self

from indexer.courtesy import Each, at_once
from indexer.pinyin import PinyinModel
from indexer.segmentation import Segmenter
from indexer.wordlists import Lexicon

_OF_LEXICON = frozenset({"synonyms", "english", "targets", "listed"})
_LEARNT = frozenset({"pinyin", "followers"})


@dataclass(frozen=True)
class Knowledge:
    """Words, lexicon, and which words the index knows; what follows from them is worked out at first need."""

    segmenter: Segmenter
    lexicon: Lexicon
    vocabulary: Mapping[str, int]
    sentences: Callable[[], Iterable[tuple[str, ...]]]
    """Titles and other ways of asking, cut into words; needed only for letters and odd characters."""

    def renewed(
        self,
        vocabulary: Mapping[str, int],
        sentences: Callable[[], Iterable[tuple[str, ...]]],
        *,
        learnt: bool,
    ) -> Self:
        """The same at a later revision; what follows from the lexicon alone is not worked out again.

        With `learnt`, neither is what was learnt from the sentences.
        """
        made = replace(self, vocabulary=vocabulary, sentences=sentences)
        kept = _OF_LEXICON | (_LEARNT if learnt else frozenset())
        vars(made).update({name: value for name, value in list(vars(self).items()) if name in kept})
        return made

    def taught(self, each: Each) -> Self:
        """The same after learning from the sentences as they are now, if it has learnt at all."""
        made = self.renewed(self.vocabulary, self.sentences, learnt=False)
        learning = {"pinyin": made._learn_pinyin, "followers": made._learn_followers}
        vars(made).update({name: learn(each) for name, learn in learning.items() if name in vars(self)})
        return made

    @cached_property
    def pinyin(self) -> PinyinModel:
        """The input method, built at the first letters typed."""
        return self._learn_pinyin(at_once)

    def _learn_pinyin(self, each: Each) -> PinyinModel:
        return PinyinModel(self.sentences(), (*self.lexicon.words, *self.lexicon.fillers), each)

    @cached_property
    def synonyms(self) -> dict[str, tuple[str, ...]]:
        """Colloquial word -> formal words."""
        return dict(self.lexicon.synonyms)

    @cached_property
    def english(self) -> dict[str, str]:
        """English phrase -> Chinese words."""
        return dict(self.lexicon.english)

    @cached_property
    def followers(self) -> dict[str, str]:
        """Character -> all that come right after it in some title or question."""
        return self._learn_followers(at_once)

    def _learn_followers(self, each: Each) -> dict[str, str]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for words in each(self.sentences()):
            for char, after in pairwise("".join(words)):
                found[char].add(after)
        return {char: "".join(after) for char, after in found.items()}

    @cached_property
    def targets(self) -> frozenset[str]:
        """What a wrong character may be repaired to: lexicon terms and their parts."""
        return frozenset(t.text for term in self.lexicon.terms for t in self.segmenter.index_tokens(term))

    @cached_property
    def listed(self) -> frozenset[str]:
        """Every word of the lexicon and its parts; typed, none of them is a mistake."""
        return frozenset(t.text for word in self.lexicon.words for t in self.segmenter.index_tokens(word))
