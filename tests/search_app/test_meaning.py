"""Which wordings mean the same, with the encoder and without."""

from __future__ import annotations

import dataclasses

import pytest

from indexer.encoder import LIGHT
from search_app import meaning
from search_app.meaning import SAME_WORDS, Sense
from tests.search_app.sites import Site

ASKED = ("老张半年没交党费咋办", "食堂几点开饭", "半年没交党费怎么处理", "食堂什么时候开饭", "预备期能延长吗")
WANTED = [
    ("老张半年没交党费咋办", "半年没交党费怎么处理"),
    ("食堂几点开饭", "食堂什么时候开饭"),
    ("预备期能延长吗",),
]


@pytest.mark.parametrize("encoder", [LIGHT, "none"])
def test_questions_of_one_meaning_come_together(shared_site: Site, encoder: str) -> None:
    sense = meaning.sense_of(dataclasses.replace(shared_site.config, encoder=encoder), shared_site.library)
    groups = meaning.group(sense, ASKED, str)
    assert [group.members for group in groups] == WANTED
    assert 1 in meaning.nearest(sense, "食堂几点钟开饭", ASKED, 2)


def test_a_model_that_cannot_be_read_leaves_the_characters(shared_site: Site) -> None:
    config = dataclasses.replace(shared_site.config, encoder="none")
    assert meaning.sense_of(config, shared_site.library) == Sense(meaning.by_pairs, SAME_WORDS)


def test_nothing_is_like_nothing() -> None:
    sense = Sense(meaning.by_pairs, SAME_WORDS)
    assert meaning.group(sense, (), str) == [] and meaning.nearest(sense, "党费", (), 3) == []
    assert meaning.by_pairs(["？", ""], ["！", "党"]) == [[1.0, 0.0], [1.0, 0.0]]
