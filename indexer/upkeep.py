"""An index kept fresh: what changed among the files is looked up and taken in, entry by entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from indexer import soundness
from indexer.build import Generation, Tools
from indexer.manifest import Known
from indexer.rows import analysed_of, make_rows, vectors_of
from kb.errors import EntryNotFound, InvalidId
from kb.store import File, Store


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at some files found."""

    changed: list[File] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)
    """New stamps, by id, of files that were copied or touched: their content is what was indexed."""


def stale(generation: Generation, tools: Tools) -> list[str]:
    """Ids of entries whose files changed, came or went since they were indexed."""
    known = generation.manifest.stamps()
    changed = [file.id for file in tools.store.each([]) if known.pop(file.id, None) != file.stamp]
    return changed + sorted(known)


def take(generation: Generation, tools: Tools, ids: Iterable[str]) -> tuple[Generation, list[str]]:
    """Look at the files of these entries again and index what changed, giving the ids. Under `write_lock`.

    Keyword index first, manifest last: a crash in between is seen as a changed stamp and done again.
    """
    manifest = generation.manifest
    look = _look(manifest.known(ids), tools.store, trusted=manifest.trusted)
    if look.same:
        manifest.restamp(look.same)
    if not look.changed and not look.gone:
        return generation, []
    rows = make_rows(look.changed, tools.store, tools.segmenter, tools.encoder, spelled=False)
    gone = [*look.gone, *(row.id for row in rows if row.beside is None)]
    generation.keyword.write_analysed(analysed_of(rows), gone)
    vectors = generation.vectors
    if vectors is not None:
        changed = vectors.with_changes(vectors_of(rows), gone)
        vectors = changed.save(generation.folder / "vectors", manifest.revision + 1)
    known = manifest.files()
    files = soundness.checksums(generation.folder / "whoosh", known)
    manifest.write(rows, look.gone, known, files)
    return replace(generation, vectors=vectors), [*(row.id for row in rows), *look.gone]


def _look(known: dict[str, Known], store: Store, *, trusted: bool) -> Look:
    look = Look()
    for entry_id, recorded in known.items():
        file = _file(store, entry_id)
        if file is None:
            look.gone.extend([entry_id] if recorded.version or recorded.stamp else [])
        elif file.stamp != recorded.stamp:
            if trusted and recorded.is_of(file, store.version(file)):
                look.same[entry_id] = file.stamp
            else:
                look.changed.append(file)
    return look


def _file(store: Store, entry_id: str) -> File | None:
    try:
        return store.find(entry_id)
    except (EntryNotFound, InvalidId):
        return None
