"""Word lists read again in a running library: nobody waits, nothing saved meanwhile is lost."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from indexer.errors import IndexUnwritable
from indexer.library import Library, Settings
from tests.indexer.samples import make_content, new_case

SAID = "石榴籽"
MEANT = "case-secretary-project"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_content(tmp_path)
    return tmp_path


@pytest.fixture
def library(folder: Path) -> Library:
    return Library.open(Settings((folder / "content",), folder / "local", folder / "index"))


def teach(folder: Path) -> None:
    own = folder / "local" / "lexicon"
    own.mkdir(parents=True, exist_ok=True)
    (own / "synonyms.tsv").write_text(f"{SAID}\t书记项目\n", encoding="utf-8")


def found(library: Library, typed: str) -> list[str]:
    return [hit.id for hit in library.search(typed).hits]


def test_a_new_synonym_is_searched_with_and_the_old_index_is_gone(folder: Path, library: Library) -> None:
    assert found(library, SAID)[0] != MEANT
    teach(folder)
    assert library.reload_lexicon()
    assert found(library, SAID)[0] == MEANT
    assert len(list((folder / "index").glob("gen-*"))) == 1
    again = Library.open(Settings((folder / "content",), folder / "local", folder / "index"))
    assert found(again, SAID) == found(library, SAID)


def test_word_lists_that_did_not_change_cost_nothing(folder: Path, library: Library) -> None:
    before = library.snapshot
    assert not library.reload_lexicon()
    assert library.snapshot is before


def test_what_is_saved_meanwhile_is_found_before_and_after(folder: Path, library: Library) -> None:
    teach(folder)
    reloading = threading.Thread(target=library.reload_lexicon)
    reloading.start()
    number = 0
    while reloading.is_alive() or number < 4:
        entry = new_case(f"case-meanwhile-{number}", f"一边换词一边保存的第{number}个案例")
        library.save(entry, None)
        assert found(library, "党费逾期没交怎么办")
        number += 1
    reloading.join()
    assert {f"case-meanwhile-{n}" for n in range(number)} <= library.snapshot.entries.keys()
    assert found(library, "一边换词一边保存的第0个案例")[0] == "case-meanwhile-0"
    assert found(library, SAID)[0] == MEANT


def test_a_library_that_cannot_build_keeps_the_old_words(
    folder: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(folder)
    with monkeypatch.context() as full:
        full.setattr("indexer.build.KeywordIndex.create", _disk_full)
        with pytest.raises(IndexUnwritable, match="磁盘空间"):
            library.reload_lexicon()
    assert found(library, "党费逾期没交怎么办")[0] == "fee-late" and found(library, SAID)[0] != MEANT
    assert library.reload_lexicon() and found(library, SAID)[0] == MEANT


def _disk_full(*_: object) -> None:
    raise OSError(28, "No space left on device")
