"""Questions to the manifest, answered as of one revision. Each is one look into an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from indexer import coding
from indexer.derived import ALIAS, CITED, RELATED, TITLE, Sentence, load_sentences
from indexer.manifest import Manifest, State
from indexer.tables import ALIVE, VISIBLE
from kb.types import Entry, Finding

T = TypeVar("T")

LEARNT_ENTRIES = 2000
"""The input method learns from at most so many entries, spread evenly: a hundred thousand would take a
gigabyte and teach it nothing new."""
KEPT_ANSWERS = 4096
"""Answers of one kind a snapshot remembers."""
SCANNED = 2000
"""Completions are chosen among so many names that begin right."""
SEARCHED = 5000
"""Names of so many entries are looked into for a completion in their middle."""

_LAST_SEARCHED = f"(SELECT number FROM entries WHERE {VISIBLE} ORDER BY number LIMIT 1 OFFSET {SEARCHED})"

Found = tuple[int, str, str]
"""(role, entry id, name) of a completion."""


class Lookup:
    """The manifest at one revision."""

    def __init__(self, manifest: Manifest, state: State) -> None:
        self.manifest = manifest
        self.state = state

    def _rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return self.manifest.database.fetch(sql, {"now": self.state.revision, **values})

    def exact(self, key: str) -> str | None:
        """The entry of that title, or of that other name; of several titles the last, else the first."""
        found = self._rows(
            f"SELECT role, id FROM names JOIN entries USING (number) WHERE key = :key AND {VISIBLE}", key=key
        )
        titles = [entry_id for role, entry_id in found if role == TITLE]
        return max(titles) if titles else min((entry_id for _, entry_id in found), default=None)

    def naming(self, entry_id: str) -> list[str] | None:
        """Ids of the entries that name this one as related, in order, once for each time."""
        return self._pointing(entry_id, RELATED) or None

    def citing(self, policy: str) -> list[str]:
        """Ids of the entries that rest on a policy, in order."""
        return list(dict.fromkeys(self._pointing(policy, CITED)))

    def _pointing(self, target: str, role: int) -> list[str]:
        sql = (
            "SELECT id FROM edges JOIN entries USING (number)"
            f" WHERE target = :target AND role = :role AND {VISIBLE} ORDER BY id, place"
        )
        return [entry_id for (entry_id,) in self._rows(sql, target=target, role=role)]

    def named_counts(self) -> dict[str, int]:
        """How many times each entry is named as related."""
        return dict(
            self._rows(
                "SELECT target, count(*) FROM edges JOIN entries USING (number)"
                f" WHERE role = :role AND {VISIBLE} GROUP BY target",
                role=RELATED,
            )
        )

    def findings(self) -> list[Finding]:
        """What is wrong with the files, as found when they were read, by entry id."""
        found = self._rows(
            "SELECT findings FROM entries INDEXED BY entries_with_flaws JOIN texts USING (number)"
            " WHERE flawed AND born <= :now AND died > :now ORDER BY id"
        )
        return [finding for (text,) in found for finding in coding.load_findings(text)]

    def hidden(self) -> Iterator[Entry]:
        """Entries that readers do not see: drafts, submissions and what was withdrawn."""
        found = self._rows(
            "SELECT entry FROM entries INDEXED BY entries_hidden JOIN texts USING (number)"
            " WHERE NOT published AND born <= :now AND died > :now AND entry != ''"
        )
        return (coding.load_entry(text) for (text,) in found)

    def sentences(self) -> Iterator[Sentence]:
        """Titles, questions, summaries and tags cut into words, by entry id."""
        [(count,)] = self._rows(f"SELECT count(*) FROM entries WHERE {VISIBLE}")
        found = self._rows(
            "SELECT sentences FROM entries JOIN texts USING (number)"
            f" WHERE {VISIBLE} AND number % :step = 0 ORDER BY id",
            step=1 + count // LEARNT_ENTRIES,
        )
        for (text,) in found:
            yield from load_sentences(text)

    def count_of(self, word: str) -> int:
        """How often a word occurs in the sentences."""
        found = self._rows(
            "SELECT count FROM words WHERE word = :word AND revision <= :now ORDER BY revision DESC LIMIT 1",
            word=word,
        )
        return int(found[0][0]) if found else 0

    def words(self) -> list[str]:
        """Every word of the sentences."""
        found = self._rows(
            "SELECT word, count, max(revision) FROM words WHERE revision <= :now GROUP BY word"
        )
        return [word for word, count, _ in found if count]

    def beginning(self, start: str, limit: int) -> list[Found]:
        """Names that begin so, titles first, then by kind and id."""
        return self._completions("names", "start >= :low AND start < :high", start, limit)

    def spelled(self, column: str, letters: str, limit: int) -> list[Found]:
        """The same by pinyin: `column` is `spelled` or `initials`."""
        condition = f"{column} >= :low AND {column} < :high"
        return self._completions("spellings JOIN names USING (number, place)", condition, letters, limit)

    def holding(self, text: str, limit: int) -> list[Found]:
        """Names with `text` anywhere, by kind and id."""
        sql = (
            "SELECT role, id, text FROM names JOIN entries USING (number)"
            f" WHERE number <= coalesce({_LAST_SEARCHED}, {ALIVE}) AND instr(text, :text)"
            f" AND role <= {ALIAS} AND {VISIBLE}"
            " ORDER BY kind, id, place LIMIT :limit"
        )
        return [*map(_found, self._rows(sql, text=text, limit=limit))]

    def unspelled(self) -> list[tuple[int, str, str, int, int]]:
        """(role, id, name, number, place) of the few names whose pinyin is not written yet, in order."""
        sql = (
            "SELECT role, id, text, number, place FROM names JOIN entries USING (number)"
            f" WHERE number > :spelled AND role <= {ALIAS} AND {VISIBLE} ORDER BY role, kind, id, place"
        )
        return [(r, i, t, n, p) for r, i, t, n, p in self._rows(sql, spelled=self.state.spelled)]

    def _completions(self, tables: str, condition: str, start: str, limit: int) -> list[Found]:
        sql = (
            "SELECT role, id, text FROM (SELECT names.number AS number, names.place AS place, role, text"
            f" FROM {tables} WHERE {condition} AND role <= {ALIAS} LIMIT {SCANNED})"
            f" JOIN entries USING (number) WHERE {VISIBLE} ORDER BY role, kind, id, place LIMIT :limit"
        )
        found = self._rows(sql, low=start, high=start + "\U0010ffff", limit=limit)
        return [*map(_found, found)]


def _found(row: tuple[Any, ...]) -> Found:
    role, entry_id, text = row
    return role, entry_id, text


class Looked(Mapping[str, T]):
    """A dictionary whose values are looked up when asked for; the last ones asked for are kept."""

    def __init__(self, find: Callable[[str], T | None], keys: Callable[[], Iterable[str]]) -> None:
        self._find = lru_cache(maxsize=KEPT_ANSWERS)(find)
        self._keys = keys

    def __getitem__(self, key: str) -> T:
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._keys() if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
