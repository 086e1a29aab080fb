"""Any life of a small collection ends in the answers of an index built anew."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indexer.library import Library
from kb.store import Store
from kb.types import Kind, Publication
from tests.indexer.samples import FakeEncoder, make_content, new_case, open_library, write_entry

TYPED = ("党费逾期没交怎么办", "石榴树下的支部大会", "“支部大会”", "银杏", "换届选举流程", "shiliu")
NAMES = st.sampled_from([f"case-{number}" for number in range(4)])
TITLES = st.sampled_from(["石榴树下的支部大会", "银杏树下学党章", "党费逾期的提醒", "换届以前的准备"])
SAMPLES = st.sampled_from(["fee-late", "guide-fee", "ballot-tie", "case-fee-app", "guide-election"])


def answers(library: Library) -> dict[str, Any]:
    """What readers see; scores to the digit that pages show."""
    found: dict[str, Any] = {}
    for typed in TYPED:
        result = library.search(typed, size=50)
        hits = [(hit.id, hit.score, hit.snippet, hit.reasons) for hit in result.hits]
        found[typed] = (hits, result.total, result.confident, result.facets, result.query)
    return found | {"suggested": library.suggest("shi") + library.suggest("党")}


class Upkeep(RuleBasedStateMachine):
    """Saves, edits by hand, withdrawals, deletions and folds, in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kb-upkeep-"))
        make_content(self.folder)
        self.library = open_library(self.folder, FakeEncoder())

    @rule(name=NAMES, title=TITLES, shown=st.booleans())
    def save(self, name: str, title: str, shown: bool) -> None:
        store = self.library.store
        version = store.get(name).version if name in store.files()[0] else None
        entry = replace(new_case(name, title), related=("fee-late",), tags=("石榴",))
        publication = Publication.PUBLISHED if shown else Publication.WITHDRAWN
        self.library.save(replace(entry, publication=publication), version)

    @rule(name=SAMPLES, title=TITLES)
    def edit_by_hand(self, name: str, title: str) -> None:
        entry = Store((self.folder / "content",)).get(name).entry
        write_entry(self.folder / "content", replace(entry, title=f"{title}（{name}）"))
        self.library.refresh()

    @precondition(lambda self: (self.folder / "local").is_dir())
    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        (self.folder / "local" / Kind.CASE.folder / f"{name}.md").unlink(missing_ok=True)
        self.library.take(name)

    @rule()
    def fold(self) -> None:
        self.library.fold()

    @rule()
    def open_again(self) -> None:
        self.library = open_library(self.folder, FakeEncoder())

    @invariant()
    def what_is_published_is_there(self) -> None:
        records = self.library.store.records()[0]
        shown = {r.entry.id: r.entry for r in records if r.entry.publication is Publication.PUBLISHED}
        assert dict(self.library.snapshot.entries) == shown
        assert set(self.library.snapshot.vectors.ids) == shown.keys()

    def teardown(self) -> None:
        self.library.fold()
        kept = answers(self.library)
        shutil.rmtree(self.folder / "index")
        assert answers(open_library(self.folder, FakeEncoder())) == kept
        shutil.rmtree(self.folder)


TestUpkeep = Upkeep.TestCase
TestUpkeep.settings = settings(max_examples=10, stateful_step_count=10, deadline=None)
