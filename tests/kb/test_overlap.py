"""Copied phrases are found without the sources; entries that repeat one another are found quickly."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from kb import overlap
from kb.errors import ContentMissing
from kb.overlap import Runs, fingerprint
from kb.types import Citation, Entry, Kind, Origin

SOURCE = "党支部每年至少召开1次组织生活会，一般安排在第四季度，也可以根据需要随时召开；由书记主持。\n下一行"
OATH = "我志愿加入中国共产党，拥护党的纲领，遵守党的章程"


def runs_of(*texts: str) -> Runs:
    data = fingerprint(texts)
    return Runs(
        frozenset(data[at : at + overlap.HASH_BYTES] for at in range(0, len(data), overlap.HASH_BYTES))
    )


def test_fingerprint_is_sorted_unique_and_independent_of_order() -> None:
    data = fingerprint(["甲" * 20, SOURCE])
    marks = [data[at : at + 6] for at in range(0, len(data), 6)]
    assert marks == sorted(set(marks))
    assert data == fingerprint([SOURCE, "甲" * 15, "甲" * 20])
    assert fingerprint(["短句。" * 50]) == b""


@pytest.mark.parametrize(
    "text",
    [
        "按规定，党支部每年至少召开1次组织生活会，一般安排在第四季度。",
        "党支部每年至少召开2次组织生活会、一般安排在第四季度",
        "- **党支部**每年至少召开一[次](x)组织生活会一般安排在".replace("一[", "["),
    ],
    ids=["inside a sentence", "other punctuation and number", "under Markdown"],
)
def test_a_copied_sentence_is_found(text: str) -> None:
    [stretch] = runs_of(SOURCE).copied(text)
    assert "每年至少召开次组织生活会一般安排" in stretch


def test_own_words_and_shorter_coincidences_pass() -> None:
    runs = runs_of(SOURCE)
    assert runs.copied("组织生活会一年开一回以上，多半放在年底那个季度") == []
    assert runs.copied("党支部每年至少召开次组织生活") == []  # 14 characters
    assert len(runs.copied("党支部每年至少召开次组织生活会")) == 1


def test_runs_stop_at_sentence_and_line_ends() -> None:
    runs = runs_of("前面八个字是这样，的。后面八个字是那样的")
    assert runs.copied("前面八个字是这样的后面八个字是那样的") == []
    assert runs_of(SOURCE).copied("也可以根据需要随时召开；由书记主持") == []


def test_two_stretches_of_a_sentence_are_told_apart() -> None:
    one, other = "一二三四五六七八九十百千万亿零壹", "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"
    assert runs_of(one, other).copied(f"头{one}中间{other}尾") == [one, other]
    assert runs_of(one).copied(one) == [one]


def test_fixed_wordings_pass_and_what_is_copied_around_them_does_not() -> None:
    runs = runs_of(f"{OATH}，以上为誓词全文。")
    assert runs.copied(OATH) != []
    assert runs.copied(OATH, [OATH]) == runs.copied(OATH, [f"{OATH}，履行党员义务"]) == []
    assert runs.copied(f"{OATH}以上为", [OATH]) == []
    long = f"预备党员必须面向党旗进行宣誓{OATH}"
    assert runs_of(long).copied(long, [OATH]) == [overlap.han(long)]


def test_every_text_of_an_entry_is_checked() -> None:
    sentence = "党支部每年至少召开1次组织生活会，一般安排在第四季度"
    entry = Entry("x", Kind.CASE, "题")
    changed = {
        "title": replace(entry, title=sentence),
        "summary": replace(entry, summary=sentence),
        "aliases": replace(entry, aliases=(sentence,)),
        "factors": replace(entry, factors=(sentence,)),
        "provenance": replace(entry, provenance=sentence),
        "citations": replace(entry, citations=(Citation("p", says=sentence),)),
        "body": replace(entry, body=f"## 模板\n\n```text\n{sentence}\n```"),
    }
    for field, one in changed.items():
        [finding] = overlap.check_copied([one], runs_of(SOURCE), ())
        assert (finding.code, finding.field, finding.where, finding.fatal) == ("copied", field, "x", True)


def test_titles_of_policies_and_papers_are_fixed() -> None:
    title, paper = "关于甲乙丙丁戊己庚辛壬癸等事项的意见", "论子丑寅卯辰巳午未申酉戌亥的多维度探讨"
    policy = Entry("p", Kind.POLICY, title)
    case = Entry("c", Kind.CASE, "案例", origin=Origin("某", paper), body=f"见《{paper}》，依据《{title}》。")
    assert overlap.check_copied([policy, case], runs_of(title, paper), ()) == []
    assert len(overlap.check_copied([replace(policy, title="改名"), case], runs_of(title, paper), ())) == 1


def test_make_runs_reads_the_three_folders_only(tmp_path: Path) -> None:
    for name, text in (
        ("reference/official", "甲"),
        ("reference/excerpts", "乙"),
        ("papers", "丙"),
        ("eval", "丁"),
    ):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.txt").write_text(text * 15, encoding="utf-8")
    assert overlap.make_runs(tmp_path) == fingerprint(["甲" * 15, "乙" * 15, "丙" * 15])
    assert overlap.make_runs(tmp_path / "eval") == fingerprint(["丁" * 15])


def test_make_runs_without_texts_says_so(tmp_path: Path) -> None:
    with pytest.raises(ContentMissing, match="没有原文文件"):
        overlap.make_runs(tmp_path)
    (tmp_path / "a.txt").write_bytes("另一种编码".encode("gb18030"))
    with pytest.raises(ContentMissing, match="UTF-8"):
        overlap.make_runs(tmp_path)


def test_a_missing_or_cut_file_of_runs_says_so(tmp_path: Path) -> None:
    path = tmp_path / "runs.bin"
    with pytest.raises(ContentMissing, match="kb runs"):
        Runs.load(path)
    path.write_bytes(fingerprint([SOURCE])[:-1])
    with pytest.raises(ContentMissing):
        Runs.load(path)
    path.write_bytes(fingerprint([SOURCE]))
    assert Runs.load(path) == runs_of(SOURCE)


def test_the_committed_file_is_whole_and_sorted() -> None:
    data = overlap.RUNS_FILE.read_bytes()
    marks = [data[at : at + 6] for at in range(0, len(data), 6)]
    assert marks == sorted(set(marks))
    assert len(Runs.load().hashes) == len(marks) > 50_000


def test_the_oath_is_in_the_committed_runs_and_excepted() -> None:
    assert Runs.load().copied(OATH) != []
    assert Runs.load().copied(OATH, overlap.read_phrases()) == []


def test_phrases_are_one_a_line_with_remarks(tmp_path: Path) -> None:
    path = tmp_path / "phrases.txt"
    path.write_text("# 说明\n\n 某条例 \n某意见\n", encoding="utf-8")
    assert overlap.read_phrases(path) == ("某条例", "某意见")


@pytest.mark.skipif("KB_SHARED" not in os.environ, reason="KB_SHARED names the folder of source texts")
def test_the_committed_runs_cover_the_sources() -> None:
    shared = Path(os.environ["KB_SHARED"])
    assert overlap.RUNS_FILE.read_bytes() == overlap.make_runs(shared)
    text = next((shared / "reference/official").glob("党员教育*.txt")).read_text(encoding="utf-8")
    long = [part for part in text.split("。") if len(overlap.han(part)) > 40]
    assert all(Runs.load().copied(f"有人写道：{sentence}。") for sentence in long)


def test_repeated_counts_texts_not_places() -> None:
    phrase = "这是一句相当长的话大家都在用"
    texts = {"a": f"{phrase}。{phrase}。", "b": f"{phrase}！", "c": "短句。"}
    assert overlap.repeated(texts, 1) == {phrase: ["a", "b"]}
    assert overlap.repeated(texts, 2) == {}
    assert overlap.repeated(dict.fromkeys("abcd", "短句在此。"), 1) == {}


def random_text(rng: random.Random, length: int) -> str:
    return "".join(chr(rng.randint(0x4E00, 0x5E00)) for _ in range(length))


def blend(rng: random.Random, text: str, rate: float) -> str:
    return "".join(random_text(rng, 1) if rng.random() < rate else char for char in text)


def test_near_identical_agrees_with_comparing_all_pairs() -> None:
    rng = random.Random(4)
    texts = {f"t{n:02}": random_text(rng, rng.randint(60, 900)) for n in range(30)}
    copies = {f"{name}-copy": blend(rng, text, rng.choice((0.0, 0.02, 0.05))) for name, text in texts.items()}
    texts |= dict(list(copies.items())[:20])

    def share(one: str, other: str) -> float:
        a, b = ({text[n : n + 5] for n in range(len(text) - 4)} for text in (one, other))
        return len(a & b) / len(a | b)

    every = {pair for pair in combinations(sorted(texts), 2) if share(*(texts[n] for n in pair)) >= 0.4}
    found = overlap.near_identical(texts, 0.4)
    assert len(every) >= 15
    assert {(pair.one, pair.other) for pair in found} == every
    assert all(pair.share == pytest.approx(share(texts[pair.one], texts[pair.other])) for pair in found)


def test_of_a_crowd_of_copies_each_is_named() -> None:
    text = random_text(random.Random(1), 300)
    found = overlap.near_identical({f"n{n:03}": text for n in range(200)}, 0.4)
    assert [pair.other for pair in found] == [f"n{n:03}" for n in range(1, 200)]


def test_empty_and_short_texts_are_never_alike() -> None:
    assert overlap.near_identical({"a": "", "b": "", "c": "条文待核对", "d": "条文待核对"}, 0.4) == []
