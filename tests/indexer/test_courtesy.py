"""Work in the background lets saves go first, and is done all the same."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.courtesy import EVERY, at_once, while_not
from indexer.pinyin import PinyinModel


def test_all_items_come_in_order() -> None:
    items = range(3 * EVERY)
    assert list(at_once(items)) == list(while_not(lambda: False)(items)) == list(items)


def test_nothing_is_taken_while_somebody_saves() -> None:
    taken: list[int] = []
    seen: list[tuple[int, bool]] = []
    saving = iter([True, True, False, *[True, False], *[False] * 9])

    def busy() -> bool:
        seen.append((len(taken), now := next(saving)))
        return now

    for item in while_not(busy)(range(2 * EVERY)):
        taken.append(item)
    assert seen == [(0, True), (0, True), (0, False), (EVERY, True), (EVERY, False)]


def test_who_does_much_for_each_looks_before_each() -> None:
    looks: list[int] = []
    assert list(while_not(lambda: looks.append(1) is not None, every=1)(range(5))) == list(range(5))
    assert len(looks) == 5


def test_one_who_saves_for_ever_holds_nobody_up_for_ever() -> None:
    assert list(while_not(lambda: True)(range(2 * EVERY))) == list(range(2 * EVERY))


def test_what_is_learnt_with_pauses_is_what_is_learnt_at_once() -> None:
    def sentences() -> Iterator[tuple[str, ...]]:
        return (("党费", "逾期", word) for word in ("没交", "补交", "没交"))

    slow = PinyinModel(sentences(), ("支部",), while_not(lambda: False))
    quick = PinyinModel(sentences(), ("支部",))
    for letters in ("dangfeiyuqi", "meijiao", "bujiao", "zhibu"):
        assert slow.decode(letters) == quick.decode(letters) != ""
    assert slow.frequency("没交") == 2
