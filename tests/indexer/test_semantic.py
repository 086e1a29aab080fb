"""The semantic leg: against brute force, through changes, on disk and off, with and without a sketch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from indexer import nearest, recall, sketch, vector_files, vectors
from indexer.bytes import products, widened
from indexer.semantic import VectorIndex, pack, unpack
from indexer.types import Candidate, Vectors

WIDTH = 24
Model = dict[str, Vectors]


def unit(rows: Vectors) -> Vectors:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(norms, norms, 1)).astype(np.float32)


def some(seed: int, count: int) -> Vectors:
    """Vectors of one entry; kept in half precision, as the index keeps them."""
    rows = unit(np.random.default_rng(seed).standard_normal((count, WIDTH)))
    return rows.astype(np.float16).astype(np.float32)


def collection(entries: int, seed: int = 0) -> Model:
    """Entries about a few topics each, so that some are near and most are not."""
    chance = np.random.default_rng(seed)
    decay = (0.9 ** np.arange(WIDTH)).astype(np.float32)
    topics = chance.standard_normal((40, WIDTH)).astype(np.float32) * decay
    found = {}
    for number in range(entries):
        size = int(chance.integers(1, 12))
        noise = chance.standard_normal((size, WIDTH)).astype(np.float32) * decay
        rows = unit(topics[number % 40] + 0.7 * noise)
        found[f"e{number:04d}"] = rows.astype(np.float16).astype(np.float32)
    return found


def brute(model: Model, vector: Vectors, limit: int, allowed: Iterable[str] | None = None) -> list[Candidate]:
    among = model.keys() if allowed is None else allowed
    scored = {i: np.sort(model[i] @ vector) for i in among}
    cut = sorted(scored, key=lambda i: (-scored[i][-1], i))[:limit]
    found = [Candidate(i, float(scored[i][-3:].mean()), int(np.argmax(model[i] @ vector))) for i in cut]
    return sorted(found, key=lambda c: (-c.score, c.entry_id))


def same(found: list[Candidate], wanted: list[Candidate]) -> None:
    assert [(c.entry_id, c.passage) for c in found] == [(c.entry_id, c.passage) for c in wanted]
    assert [c.score for c in found] == pytest.approx([c.score for c in wanted], abs=1e-6)


def questions(count: int = 20) -> Iterator[Vectors]:
    return (
        vector for vector in unit(np.random.default_rng(9).standard_normal((count, WIDTH)).astype(np.float32))
    )


# ---- numbers ----


def test_every_half_is_widened_exactly() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    assert np.array_equal(vectors.widen(finite).view(np.uint32), finite.astype(np.float32).view(np.uint32))


def test_packing_keeps_half_precision() -> None:
    rows = some(1, 5)
    assert np.array_equal(unpack(pack(rows), WIDTH), rows)
    assert unpack(b"", WIDTH).shape == (0, WIDTH)


@pytest.mark.parametrize("kept_wide", [0, 10**9])
def test_candidates_are_those_of_looking_at_everything(
    monkeypatch: pytest.MonkeyPatch, kept_wide: int
) -> None:
    monkeypatch.setattr(vectors, "KEPT_WIDE", kept_wide)
    model = collection(300)
    index = VectorIndex.of(model.items(), WIDTH)
    assert index.ids == [*model] and len(index) == sum(map(len, model.values()))
    for vector in questions():
        for limit in (1, 7, 1000):
            same(index.candidates(vector, limit), brute(model, vector, limit))


def test_filters_apply_before_the_cut() -> None:
    model = collection(200)
    index = VectorIndex.of(model.items(), WIDTH).with_changes([("new", some(3, 4))], ["e0005"])
    model = {**{i: rows for i, rows in model.items() if i != "e0005"}, "new": some(3, 4)}
    assert index.ids == [*model]
    for vector in questions(5):
        allowed = [i for i in index.ids if i.endswith("7") or i == "new"]
        mask = np.isin(index.ids, allowed)
        same(index.candidates(vector, 10, mask), brute(model, vector, 10, allowed))
        same(index.candidates(vector, 10, mask.tolist()), brute(model, vector, 10, allowed))
        assert index.candidates(vector, 10, np.zeros(len(index.ids), bool)) == []


def test_nothing_is_found_where_nothing_is_or_nothing_is_asked() -> None:
    empty = VectorIndex.of((), WIDTH)
    vector = next(questions())
    assert empty.candidates(vector, 10) == [] and empty.ids == [] and len(empty) == 0
    assert VectorIndex.of(collection(3).items(), WIDTH).candidates(np.zeros(WIDTH, np.float32), 10) == []
    gone = VectorIndex.of(collection(3).items(), WIDTH).with_changes((), collection(3))
    assert gone.candidates(vector, 10) == [] and gone.ids == []
    same(empty.with_changes([("a", some(1, 2))]).candidates(vector, 5), brute({"a": some(1, 2)}, vector, 5))


# ---- changes, on disk and off ----


class Changing(RuleBasedStateMachine):
    """Any order of changes, saves, folds and restarts answers like an index made of what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.place = TemporaryDirectory()
        self.folder = Path(self.place.name) / "vectors"
        self.model: Model = collection(12)
        self.index = VectorIndex.of(self.model.items(), WIDTH)
        self.saved: Model | None = None
        self.held = (self.index, dict(self.model))
        self.revision = 0

    def teardown(self) -> None:
        del self.index, self.held
        self.place.cleanup()

    @rule(entry=st.integers(0, 20), seed=st.integers(0, 1000), size=st.integers(0, 5))
    def change(self, entry: int, seed: int, size: int) -> None:
        name, rows = f"e{entry:04d}", some(100 * seed + entry, size)  # twins would tie
        self.index = self.index.with_changes([(name, rows)])
        self.model = {i: r for i, r in self.model.items() if i != name} | ({name: rows} if size else {})

    @rule(entries=st.sets(st.integers(0, 20), max_size=4))
    def remove(self, entries: set[int]) -> None:
        names = {f"e{entry:04d}" for entry in entries}
        self.index = self.index.with_changes((), names)
        self.model = {i: rows for i, rows in self.model.items() if i not in names}

    @rule()
    def save(self) -> None:
        self.revision += 1
        self.index = self.index.save(self.folder, self.revision)
        assert self.index.revision == self.revision
        self.saved = dict(self.model)

    @rule()
    def fold(self) -> None:
        self.index = self.index.folded()

    @rule()
    def restart(self) -> None:
        if self.saved is not None:
            self.index, self.model = VectorIndex.load(self.folder), dict(self.saved)
            assert self.index.revision == self.revision

    @rule()
    def hold(self) -> None:
        self.held = (self.index, dict(self.model))

    @invariant()
    def answers(self) -> None:
        assert sorted(self.index.ids) == sorted(self.model)
        assert len(self.index) == sum(map(len, self.model.values()))
        for index, model in ((self.index, self.model), self.held):
            for vector in questions(2):
                same(index.candidates(vector, 8), brute(model, vector, 8))


Changing.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
test_any_order_of_changes = Changing.TestCase


def files_of(folder: Path) -> dict[str, int]:
    [home] = folder.glob("set-*")
    return {path.name: path.stat().st_size for path in home.iterdir()}


def test_a_save_appends_and_rewrites_nothing(tmp_path: Path) -> None:
    index = VectorIndex.of(collection(50).items(), WIDTH).save(tmp_path, 1)
    [home] = tmp_path.glob("set-*")
    before, node = files_of(tmp_path), (home / "rows").stat().st_ino
    index = index.with_changes([("e0001", some(1, 3)), ("new", some(2, 2))]).save(tmp_path, 2)
    after = files_of(tmp_path)
    assert after["rows"] - before["rows"] == 5 * WIDTH * 2 and after["sizes"] - before["sizes"] == 8
    assert after["dead"] - before["dead"] == 4 and (home / "rows").stat().st_ino == node
    again = index.save(tmp_path, 3)
    assert files_of(tmp_path) == after and again.revision == 3


def test_what_a_killed_writer_left_behind_is_written_over(tmp_path: Path) -> None:
    index = VectorIndex.of(collection(20).items(), WIDTH).save(tmp_path, 1)
    [home] = tmp_path.glob("set-*")
    for path in home.iterdir():
        with path.open("ab") as handle:
            handle.write(b"half a row")
    model = collection(20) | {"new": some(4, 3)}
    index.with_changes([("new", some(4, 3))]).save(tmp_path, 2)
    loaded = VectorIndex.load(tmp_path)
    for vector in questions(3):
        same(loaded.candidates(vector, 30), brute(model, vector, 30))


def test_an_index_that_fell_behind_does_not_spoil_the_files_of_others(tmp_path: Path) -> None:
    late = VectorIndex.of(collection(20).items(), WIDTH).save(tmp_path, 1)
    other = late.with_changes([("theirs", some(1, 2))]).save(tmp_path, 2)
    late = late.with_changes([("ours", some(2, 2))]).save(tmp_path, 3)
    vector = next(questions())
    same(other.candidates(vector, 30), brute(collection(20) | {"theirs": some(1, 2)}, vector, 30))
    same(
        VectorIndex.load(tmp_path).candidates(vector, 30),
        brute(collection(20) | {"ours": some(2, 2)}, vector, 30),
    )


def test_the_dead_go_when_they_are_too_many(tmp_path: Path) -> None:
    model = collection(40)
    index = VectorIndex.of(model.items(), WIDTH).save(tmp_path, 1)
    removed = [*model][:20]
    index = index.with_changes((), removed).save(tmp_path, 2).folded().save(tmp_path, 3)
    living = {i: rows for i, rows in model.items() if i not in removed}
    assert files_of(tmp_path)["rows"] == sum(map(len, living.values())) * WIDTH * 2
    vector = next(questions())
    same(index.candidates(vector, 30), brute(living, vector, 30))


@pytest.mark.parametrize("name", ["ids", "sizes", "dead", "rows"])
@pytest.mark.parametrize("how", ["cut", "flipped", "gone"])
def test_damage_is_noticed(tmp_path: Path, name: str, how: str) -> None:
    index = VectorIndex.of(collection(30).items(), WIDTH).save(tmp_path, 1)
    index = index.with_changes((), ["e0003"]).save(tmp_path, 2)
    assert index.card is not None and vector_files.intact(tmp_path, index.card)
    [path] = [*tmp_path.rglob(name)]
    data = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if how == "cut" else bytes([data[0] ^ 64]) + data[1:])
    if (name, how) == ("rows", "flipped"):
        assert not vector_files.intact(tmp_path, index.card)
    else:
        with pytest.raises((OSError, ValueError)):
            VectorIndex.load(tmp_path)


# ---- card ----


def twice_saved(folder: Path) -> Path:
    index = VectorIndex.of(collection(30).items(), WIDTH).save(folder, 1)
    index.with_changes((), ["e0003"]).save(folder, 2)
    return folder / vector_files.CARD


def test_a_save_adds_a_line_to_the_card(tmp_path: Path) -> None:
    index = VectorIndex.of(collection(30).items(), WIDTH).save(tmp_path, 1)
    before = (tmp_path / vector_files.CARD).read_bytes()
    index.with_changes((), ["e0003"]).save(tmp_path, 2)
    after = (tmp_path / vector_files.CARD).read_bytes()
    assert after.startswith(before) and after[len(before) :].count(b"\n") == 1
    found = VectorIndex.load(tmp_path)
    assert found.revision == 2 and len(found.ids) == 29


def test_a_line_cut_off_is_as_if_it_had_not_been_begun(tmp_path: Path) -> None:
    card = twice_saved(tmp_path)
    card.write_bytes(card.read_bytes()[:-1])
    found = VectorIndex.load(tmp_path)
    assert found.revision == 1 and len(found.ids) == 30
    found.with_changes((), ["e0004"]).save(tmp_path, 3)
    assert VectorIndex.load(tmp_path).revision == 3
    assert "e0004" not in VectorIndex.load(tmp_path).ids


def test_a_damaged_or_missing_card_is_noticed(tmp_path: Path) -> None:
    card = twice_saved(tmp_path)
    lines = card.read_bytes().splitlines(keepends=True)
    card.write_bytes(b"".join(lines[:-1]) + bytes([lines[-1][0] ^ 64]) + lines[-1][1:])
    with pytest.raises(ValueError):
        VectorIndex.load(tmp_path)
    card.write_bytes(b"")
    with pytest.raises(ValueError):
        VectorIndex.load(tmp_path)
    card.unlink()
    with pytest.raises(OSError):
        VectorIndex.load(tmp_path)


def test_a_card_of_one_line_without_an_end_is_read_and_goes_on(tmp_path: Path) -> None:
    """As it was written before it was added to."""
    index = VectorIndex.of(collection(30).items(), WIDTH).save(tmp_path, 1)
    card = tmp_path / vector_files.CARD
    card.write_bytes(card.read_bytes().splitlines()[-1])
    found = VectorIndex.load(tmp_path)
    assert found.revision == 1 and found.ids == index.ids
    found.with_changes((), ["e0003"]).save(tmp_path, 2)
    assert VectorIndex.load(tmp_path).revision == 2 and card.read_bytes().count(b"\n") == 1


def test_a_long_card_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = VectorIndex.of(collection(5).items(), WIDTH).save(tmp_path, 1)
    one = (tmp_path / vector_files.CARD).stat().st_size
    monkeypatch.setattr(vector_files, "LONGEST", 3 * one)
    for revision in range(2, 30):
        index = index.save(tmp_path, revision)
        assert VectorIndex.load(tmp_path).revision == revision
    assert (tmp_path / vector_files.CARD).stat().st_size < 5 * one


# ---- sketch ----


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sketches from a thousand rows, as if these were many."""
    monkeypatch.setattr(recall, "SKETCHED_FROM", 1000)
    monkeypatch.setattr(recall, "WIDTHS", (12, 24))


@pytest.mark.usefixtures("early")
def test_a_sketch_is_measured_recorded_and_kept_up(tmp_path: Path) -> None:
    model = collection(1500)
    index = VectorIndex.of(model.items(), WIDTH)
    assert index.sketch is None
    index = index.save(tmp_path, 1).folded().save(tmp_path, 2)
    assert index.sketch is not None and index.recall is not None
    assert index.recall.at_10 >= recall.LEAST and index.recall.rows == len(index)
    index = index.with_changes([("new", some(5, 3)), ("e0001", some(6, 3))], ["e0002"]).save(tmp_path, 3)
    model = {i: rows for i, rows in model.items() if i != "e0002"} | {"new": some(5, 3), "e0001": some(6, 3)}
    loaded = VectorIndex.load(tmp_path)
    assert loaded.recall == index.recall and loaded.sketch is not None
    assert len(loaded.sketch.rows) == len(loaded.base)
    folded = index.folded()
    assert len(folded.base) == len(loaded.base) and not folded.fresh.ids
    for some_index in (index, loaded, folded):
        [best] = some_index.candidates(unit(model["new"][:1])[0], 1)
        assert best.entry_id == "new" and "e0002" not in some_index.ids
        for rows in [*model.values()][:200:20]:
            found, wanted = some_index.candidates(rows[0], 100), brute(model, rows[0], 100)[:10]
            assert len({c.entry_id for c in found} & {c.entry_id for c in wanted}) >= 9
            scores = {c.entry_id: c.score for c in brute(model, rows[0], len(model))}
            assert all(c.score == pytest.approx(scores[c.entry_id], abs=1e-6) for c in found)


@pytest.mark.usefixtures("early")
def test_where_a_sketch_loses_too_much_everything_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "LEAST", 1.01)
    index = VectorIndex.of(collection(1500).items(), WIDTH).save(tmp_path, 1).folded().save(tmp_path, 2)
    assert index.sketch is None and index.recall is not None and index.recall.width == 0
    assert not recall.due(len(index.base), VectorIndex.load(tmp_path).recall), "not tried again at once"
    assert recall.due(2 * len(index.base), index.recall)
    same(index.candidates(vector := next(questions()), 20), brute(collection(1500), vector, 20))


@pytest.mark.usefixtures("early")
def test_measuring_again_keeps_a_good_sketch_and_its_files(tmp_path: Path) -> None:
    index = VectorIndex.of(collection(1500).items(), WIDTH).save(tmp_path, 1).folded().save(tmp_path, 2)
    index = index.with_changes([("new", some(5, 3))]).save(tmp_path, 3)
    before = files_of(tmp_path)
    again = VectorIndex.load(tmp_path).measured().save(tmp_path, 3)
    assert files_of(tmp_path) == before and again.recall is not None and again.recall.rows == len(index)
    index.with_changes([("newer", some(6, 3))]).save(tmp_path, 4)
    assert files_of(tmp_path).keys() == before.keys(), "whoever had it open goes on in the same files"
    assert "newer" in VectorIndex.load(tmp_path).ids


@pytest.mark.usefixtures("early")
def test_filters_narrow_a_sketched_search_before_the_cut() -> None:
    model = collection(1500)
    index = VectorIndex.of(model.items(), WIDTH).folded()
    assert index.sketch is not None
    allowed = [f"e{number:04d}" for number in range(0, 1500, 50)]
    mask = np.isin(index.ids, allowed)
    for vector in questions(5):
        same(index.candidates(vector, 30, mask), brute(model, vector, 30, allowed))
    assert index.candidates(vector, 30, np.zeros(len(mask), bool)) == []


def test_a_sketch_scores_nearly_like_the_vectors() -> None:
    index = VectorIndex.of(collection(800).items(), WIDTH)
    drawn = sketch.draw(index.base, WIDTH)
    for vector in questions(5):
        every_row = np.arange(len(index.base) + 1)
        away = np.abs(drawn.best(vector, every_row) - index.base.scores(vector))
        assert np.percentile(away, 99) < 0.02
    assert np.array_equal(drawn.drawn(index.base.rows), drawn.rows)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(1, 100), st.integers(0, 99))
def test_a_sketch_looks_at_some_rows_after_the_others_and_misses_none(
    sizes: list[int], at_once: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    starts = np.cumsum([0, *sizes])
    rows = chance.integers(-127, 128, (starts[-1], 5), np.int8)
    drawn = sketch.Sketch(np.eye(5, dtype=np.float32), np.full(5, 0.01, np.float32), rows)
    vector = chance.random(5, np.float32) - np.float32(0.5)
    each = drawn.best(vector, np.arange(starts[-1] + 1))
    assert np.allclose(each, rows * np.float32(0.01) @ vector, atol=0.1)
    wanted = [each[start:end].max() for start, end in pairwise(starts.tolist())]
    assert drawn.best(vector, starts, at_once).tolist() == wanted


@given(st.integers(0, 5000), st.integers(1, 400), st.integers(0, 99))
@settings(max_examples=20)
def test_bytes_are_multiplied_the_same_with_and_without_numkong(rows: int, width: int, seed: int) -> None:
    pytest.importorskip("numkong")
    chance = np.random.default_rng(seed)
    matrix = chance.integers(-127, 128, (rows, width), np.int8)
    matrix.setflags(write=False)
    asked = chance.integers(-127, 128, width, np.int8)
    exact = matrix.astype(np.int64) @ asked.astype(np.int64)
    assert np.array_equal(products(matrix, asked), exact)
    assert np.array_equal(widened(matrix, asked), exact)


def test_of_equal_entries_the_first_are_taken() -> None:
    values = np.array([0.5, 0.9, 0.5, -np.inf, 0.5, 0.7], np.float32)
    assert sorted(nearest.highest(values, 3)) == [0, 1, 5]
    assert sorted(nearest.highest(values, 4)) == [0, 1, 2, 5]
    assert sorted(nearest.highest(values, 6)) == [0, 1, 2, 4, 5], "what may not be found is not"
    assert sorted(nearest.highest(values, 99)) == [0, 1, 2, 4, 5]
    assert not len(nearest.highest(values[:0], 3))


def test_means_of_few_passages() -> None:
    scores = np.array([0.5, 0.25, 0.75, 0.1, 0.9, 0.3, 0.2], np.float32)
    starts = np.array([0, 1, 3, 7], np.int64)
    means, passages = nearest.opinions(scores, starts, np.array([2, 0, 1]))
    assert means.tolist() == pytest.approx([(0.9 + 0.3 + 0.2) / 3, 0.5, 0.5])
    assert passages.tolist() == [1, 0, 1]
