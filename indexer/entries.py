"""Entries read from the manifest when they are asked for, behind the face of a dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from indexer import coding
from indexer.segmentation import fold
from indexer.types import Passage
from kb.types import Entry

if TYPE_CHECKING:
    from indexer.catalogue import Catalogue
    from indexer.manifest import Manifest


class Held:
    """An entry that was read, with what is worked out from it at first need."""

    def __init__(self, entry: Entry, passages: str) -> None:
        self.entry = entry
        self._passages = passages

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Passages in the order their vectors lie in."""
        return coding.load_passages(self.entry.id, self._passages)

    @cached_property
    def folded(self) -> str:
        """All words of the entry in one case and width."""
        return fold("\n".join(passage.text for passage in self.passages))


class Entries(Mapping[str, Entry]):
    """Published entries by id, as they were at one revision."""

    def __init__(self, catalogue: Catalogue, manifest: Manifest) -> None:
        self._catalogue = catalogue
        self._manifest = manifest

    def held(self, entry_id: str) -> Held:
        """The entry of that id with its passages. Raises KeyError."""
        return self._manifest.held(self._catalogue.number(entry_id))

    def __getitem__(self, entry_id: str) -> Entry:
        return self.held(entry_id).entry

    def __contains__(self, entry_id: object) -> bool:
        return entry_id in self._catalogue

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue.ids)

    def __len__(self) -> int:
        return len(self._catalogue)
