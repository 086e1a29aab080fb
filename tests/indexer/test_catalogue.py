"""The catalogue: what it says after any changes is what a plain dictionary would say."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import FILTER_FIELDS
from indexer.catalogue import Base, Catalogue, Placed
from indexer.types import Filters

KINDS = ("problem", "case", "policy")
SHELVES = {n: {**dict.fromkeys(FILTER_FIELDS, ()), "kinds": (kind,)} for n, kind in enumerate(KINDS, 1)}

IDS = st.text("abc-0", min_size=1, max_size=3)
PLACED = st.builds(Placed, st.integers(1, 99), st.integers(1, len(KINDS)))
CHANGES = st.dictionaries(IDS, st.one_of(st.none(), PLACED), max_size=8)


@given(st.dictionaries(IDS, PLACED), st.lists(st.tuples(CHANGES, st.booleans()), max_size=5))
def test_changes_lie_over_the_base_and_are_worked_in_without_a_difference(
    first: dict[str, Placed], turns: list[tuple[dict[str, Placed | None], bool]]
) -> None:
    catalogue = Catalogue.of(Base.of([(i, *first[i]) for i in sorted(first)]), SHELVES)
    known: dict[str, Placed | None] = dict(first)
    for changes, fold in turns:
        earlier, said = catalogue, answers(catalogue)
        catalogue = catalogue.with_changes(changes, SHELVES)
        known |= changes
        catalogue = catalogue.folded() if fold else catalogue
        assert catalogue.fresh.keys() <= (set() if fold else known.keys())
        assert answers(catalogue) == expected({i: placed for i, placed in known.items() if placed})
        assert answers(earlier) == said, "an earlier catalogue stays as it is"


def expected(living: dict[str, Placed]) -> dict[str, object]:
    """What a catalogue of these entries answers."""
    return {
        "ids": tuple(sorted(living)),
        "placed": {entry_id: tuple(placed) for entry_id, placed in living.items()},
        "stock": Counter(placed.shelf for placed in living.values()),
        "kinds": {
            kind: [i for i in sorted(living) if living[i].shelf == shelf]
            for shelf, kind in enumerate(KINDS, 1)
        },
    }


def answers(catalogue: Catalogue) -> dict[str, object]:
    """The same, asked of a catalogue."""
    assert len(catalogue) == len(catalogue.ids)
    shelves = catalogue.shelves_of(catalogue.ids).tolist()
    placed = zip(catalogue.ids, map(catalogue.number, catalogue.ids), shelves, strict=True)
    for entry_id, kind in ((i, k) for i in catalogue.ids for k in KINDS):
        assert catalogue.passes(entry_id, Filters(kinds=(kind,))) == (entry_id in catalogue.of_kind(kind))
    return {
        "ids": catalogue.ids,
        "placed": {entry_id: (number, shelf) for entry_id, number, shelf in placed},
        "stock": catalogue.stock,
        "kinds": {kind: catalogue.of_kind(kind) for kind in KINDS},
    }


def test_what_is_in_no_catalogue_stands_on_no_shelf() -> None:
    catalogue = Catalogue.of(Base.of([("a", 1, 2), ("b", 2, 3)]), SHELVES)
    catalogue = catalogue.with_changes({"b": None, "c": Placed(3, 1)}, SHELVES)
    assert catalogue.shelves_of(["c", "b", "a", "nobody"]).tolist() == [1, 0, 2, 0]
    assert "b" not in catalogue
    assert "c" in catalogue
