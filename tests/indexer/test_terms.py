"""The word list that is looked up in bytes: a dictionary's answers, whatever the words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.terms import BLOCK, TermTable, pack

TERMS = st.sets(
    st.text(min_size=1, max_size=6).map(lambda text: text.encode("utf-8", "ignore")), max_size=300
)


@given(TERMS, st.binary(max_size=4))
def test_every_word_is_found_under_its_number(terms: set[bytes], other: bytes) -> None:
    listed = sorted(terms)
    table = TermTable(pack(listed))
    assert list(table) == listed and len(table) == len(listed)
    assert [table.find(term) for term in listed] == list(range(len(listed)))
    if other not in terms and b"\xff" not in other:
        assert table.find(other) == len(listed)


def test_sizes_around_a_block() -> None:
    for size in (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK):
        listed = [f"词{number:05d}".encode() for number in range(size)]
        table = TermTable(pack(listed))
        assert [table.find(term) for term in listed] == list(range(size))
        assert table.find("词".encode()) == table.find("龘".encode()) == size
