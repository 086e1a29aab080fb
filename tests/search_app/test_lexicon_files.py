"""The organisation's own words: read, checked, written, in the format of the shipped lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import wordlists
from kb.errors import ContentReadOnly
from search_app import lexicon_files
from search_app.lexicon_files import Synonym, Words

WORDS = Words(
    ("红色先锋岗", "石油党建云"),
    (Synonym("大学习", ("集中学习", "主题党日"), "口语"), Synonym("云", ("石油党建云",))),
)


def test_what_is_written_is_read_back_here_and_by_the_index(tmp_path: Path) -> None:
    lexicon_files.write(tmp_path, WORDS)
    assert lexicon_files.read(tmp_path) == WORDS
    loaded = wordlists.load(tmp_path)
    assert loaded.terms == WORDS.terms
    assert dict(loaded.synonyms) == {"大学习": ("集中学习", "主题党日"), "云": ("石油党建云",)}


def test_no_folder_is_no_words(tmp_path: Path) -> None:
    assert lexicon_files.read(tmp_path / "none") == Words()


def test_remarks_and_other_lists_survive(tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text("\ufeff# 我们的术语\n旧词\n\n", encoding="utf-8")
    (tmp_path / "english.tsv").write_text("party\t党\n", encoding="utf-8")
    lexicon_files.write(tmp_path, WORDS)
    assert (tmp_path / "terms.txt").read_text(encoding="utf-8").startswith("# 我们的术语\n红色先锋岗\n")
    assert (tmp_path / "english.tsv").read_text(encoding="utf-8") == "party\t党\n"


def test_the_version_changes_with_either_file(tmp_path: Path) -> None:
    seen = {lexicon_files.version(tmp_path)}
    for words in (WORDS, Words(WORDS.terms), Words()):
        lexicon_files.write(tmp_path, words)
        seen.add(lexicon_files.version(tmp_path))
    assert len(seen) == 3  # no files and empty files say the same


def test_rows_as_typed_become_words_and_empty_rows_go() -> None:
    words = lexicon_files.from_form(
        ["红色先锋岗", " ", "红色先锋岗", "石油\t党建云"],
        ["大学习", "", "云"],
        ["集中学习, 主题党日；集中学习", "", "石油党建云"],
        ["口语", "无主备注", ""],
    )
    assert words.terms == ("红色先锋岗", "石油 党建云")
    assert [(row.said, row.meant) for row in words.synonyms] == [
        ("大学习", ("集中学习", "主题党日")),
        ("云", ("石油党建云",)),
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (Words(("#党费",)), "以 # 开头"),
        (Words(("党",)), "应为 2 到 20 个字"),
        (Words(("长" * 21,)), "有 21 个字"),
        (Words((), (Synonym("大学习", ()),)), "只写了一半"),
        (Words((), (Synonym("", ("集中学习",)),)), "只写了一半"),
        (Words((), (Synonym("学习", ("学习", "党课")),)), "左右两边一样"),
    ],
)
def test_what_is_wrong_is_said(words: Words, told: str) -> None:
    assert told in lexicon_files.wrong(words)[0].message


def test_good_words_pass() -> None:
    assert lexicon_files.wrong(WORDS) == ()


CELL = st.text(st.sampled_from("党费学习;；,，\t\n#、 ab"), max_size=8)


@given(st.lists(CELL, max_size=4), st.lists(st.tuples(CELL, CELL, CELL), max_size=4))
def test_whatever_passes_survives_the_file(terms: list[str], rows: list[tuple[str, str, str]]) -> None:
    import tempfile

    words = (
        lexicon_files.from_form(terms, *(list(column) for column in zip(*rows, strict=True)))
        if rows
        else Words()
    )
    if not lexicon_files.wrong(words):
        with tempfile.TemporaryDirectory() as folder:
            lexicon_files.write(Path(folder), words)
            assert lexicon_files.read(Path(folder)) == words


def test_a_disk_in_trouble_is_named(tmp_path: Path) -> None:
    (tmp_path / "lexicon").write_text("a file where a folder should be")
    with pytest.raises(ContentReadOnly, match="词表"):
        lexicon_files.write(tmp_path / "lexicon", WORDS)
