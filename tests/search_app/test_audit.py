"""The audit log: everything is there, no change goes unnoticed, nobody writes a line by their name."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kb import durable
from search_app import audit_words, publishing
from search_app.audit import AuditLog, AuditUnwritable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of five lines."""
    log = AuditLog(tmp_path / ".kb" / "audit.jsonl")
    for number in range(5):
        log.append("wangfang", "published", f"case-{number}", "aa", "bb", f"第{number}次")
    return tmp_path / ".kb" / "audit.jsonl"


def test_an_empty_log_is_sound(tmp_path: Path) -> None:
    verdict = AuditLog(tmp_path / "audit.jsonl").verify()
    assert (verdict.sound, verdict.lines) == (True, 0)


def test_every_line_says_when_who_what_and_holds_the_hash_before(path: Path) -> None:
    records = AuditLog(path).records()
    assert [record.target for record in records] == [f"case-{n}" for n in range(5)]
    assert records[0].previous == "0" * 64 and len({record.previous for record in records}) == 5
    assert records[0].at.endswith("+00:00") and records[0].who == "wangfang"
    assert AuditLog(path).verify().sound


def changed(lines: list[str]) -> list[str]:
    return [line.replace("case-2", "case-9") for line in lines]


def removed(lines: list[str]) -> list[str]:
    return lines[:2] + lines[3:]


def swapped(lines: list[str]) -> list[str]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


def repeated(lines: list[str]) -> list[str]:
    return [*lines[:3], lines[2], *lines[3:]]


def cut_off(lines: list[str]) -> list[str]:
    return lines[:-1]


def last_changed(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1].replace("第4次", "第5次")]


def emptied(lines: list[str]) -> list[str]:
    return []


def spoilt(lines: list[str]) -> list[str]:
    return [*lines[:2], "{", *lines[3:]]


@pytest.mark.parametrize(
    "tamper", [changed, removed, swapped, repeated, cut_off, last_changed, emptied, spoilt]
)
def test_tampering_is_noticed(path: Path, tamper: Callable[[list[str]], list[str]]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{line}\n" for line in tamper(lines)), encoding="utf-8")
    verdict = AuditLog(path).verify()
    assert not verdict.sound and verdict.fault


def test_a_changed_line_cannot_be_mended_by_a_new_one(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("case-4", "case-9"), encoding="utf-8")
    AuditLog(path).append("admin", "login")
    assert not AuditLog(path).verify().sound


@pytest.mark.parametrize("head", ["", "nonsense", "5 abc", "x y z", "4 " + "0" * 64 + " 1"])
def test_a_spoilt_head_is_noticed_for_good_and_does_not_stop_the_log(path: Path, head: str) -> None:
    path.with_suffix(".head").write_text(head, encoding="ascii")
    assert not AuditLog(path).verify().sound
    AuditLog(path).append("admin", "login")
    AuditLog(path).append("admin", "logout")
    assert not AuditLog(path).verify().sound and len(AuditLog(path).records()) == 7


@pytest.mark.parametrize("tamper", [cut_off, emptied, lambda lines: lines[:1]])
def test_lines_cut_off_are_not_forgotten_when_the_log_goes_on(
    path: Path, tamper: Callable[[list[str]], list[str]]
) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{line}\n" for line in tamper(lines)), encoding="utf-8")
    for _ in range(3):
        AuditLog(path).append("mallory", "login")
    verdict = AuditLog(path).verify()
    assert not verdict.sound and "接不上" in verdict.fault


def test_without_its_head_a_log_is_not_taken_for_a_new_one(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").split("\n")[0] + "\n" * 1, encoding="utf-8")
    path.with_suffix(".head").unlink()
    for _ in range(2):
        AuditLog(path).append("mallory", "login")
    assert AuditLog(path).verify().sound, "one line and no head is what a crash at the first line leaves"
    path.with_suffix(".head").unlink()
    AuditLog(path).append("mallory", "login")
    assert not AuditLog(path).verify().sound


def test_a_crash_between_line_and_head_leaves_a_sound_log(path: Path) -> None:
    head = path.with_suffix(".head").read_bytes()
    AuditLog(path).append("admin", "login")
    path.with_suffix(".head").write_bytes(head)
    assert AuditLog(path).verify().sound
    AuditLog(path).append("admin", "logout")
    assert AuditLog(path).verify().lines == 7 and AuditLog(path).verify().sound


@pytest.mark.parametrize(
    "breaker", ["\n", "\r\n", "\x0b", "\x85", "\u2028", "\u2029", "\x00", "\x1b[2J", "\u202e"]
)
def test_nobody_writes_a_second_line_by_their_name(path: Path, breaker: str) -> None:
    forged = json.dumps({"who": "admin", "what": "published"})
    AuditLog(path).append(f"eve{breaker}{forged}", f"login{breaker}", breaker, note=f"{breaker}{forged}")
    records = AuditLog(path).records()
    assert len(records) == 6 and AuditLog(path).verify().sound
    assert all(c.isprintable() for c in records[-1].who + records[-1].what + records[-1].note)


def test_long_texts_are_cut(path: Path) -> None:
    AuditLog(path).append("admin", "rejected", note="长" * 10_000)
    assert len(AuditLog(path).records()[-1].note) == 300


def test_several_writers_make_one_chain(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: AuditLog(path).append(f"user{n}", "login"), range(40)))
    verdict = AuditLog(path).verify()
    assert (verdict.sound, verdict.lines) == (True, 45)


def test_a_full_disk_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", full)
        with pytest.raises(AuditUnwritable, match="没有做"):
            AuditLog(path).append("admin", "login")
    assert path.read_bytes() == before
    AuditLog(path).append("admin", "login")
    assert AuditLog(path).verify().sound


def test_every_verb_has_words() -> None:
    """What any module of the application writes into the log reads as Chinese on the page."""
    verbs = set(publishing.ACTIONS)
    for path in Path(audit_words.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("audit.append"):
                verb = node.args[1]
                verbs |= {verb.value} if isinstance(verb, ast.Constant) else set()
    assert len(verbs) > 20 and not verbs - audit_words.VERBS.keys()


def test_a_line_in_words(path: Path) -> None:
    AuditLog(path).append("admin", "user-role", "zhang", "member", "reviewer")
    line = audit_words.read(AuditLog(path).records()[-1])
    assert (line.what, line.change) == ("改角色", "成员 → 审核员")
    assert audit_words.moment("2026-11-20T17:05:09+00:00") == "2026年11月21日 01:05:09"
    assert audit_words.moment("gestern") == "gestern" and audit_words.moment(None) == ""
