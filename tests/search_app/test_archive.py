"""Everything as one file, and back on an empty machine: entries, history, accounts and log are the same."""

from __future__ import annotations

import json
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.types import Entry, Kind, Publication
from search_app import archive, editorial
from search_app.access import Person, Role
from search_app.archive import CannotRestore, DamagedArchive
from search_app.services import Services, make_services
from search_app.state.dump import NotEmpty
from search_app.state.submissions import Standing
from tests.search_app.sites import Site, make_site

AUTHOR = Person(1, "zhang", "张干事", Role.MEMBER)
REVIEWER = Person(2, "li", "李审核", Role.REVIEWER)


def case(entry_id: str, title: str) -> Entry:
    return Entry(
        entry_id,
        Kind.CASE,
        title,
        category="基本制度",
        publication=Publication.PUBLISHED,
        body="## 背景\n\n难处。",
    )


def filled(site: Site) -> Services:
    """One published case with history, one waiting, an attachment, a word list, and the log of it all."""
    services = make_services(site.config, site.library)
    done = editorial.submit(services, AUTHOR, case("case-done", "扫码签到治缺课"))
    editorial.publish(services, REVIEWER, done.id, "可以")
    editorial.submit(services, AUTHOR, case("case-waiting", "还没审的案例"))
    (site.config.local / "attachments").mkdir()
    (site.config.local / "attachments" / f"{'ab' * 16}.jpg").write_bytes(b"\xff\xd8picture")
    (site.config.local / "lexicon").mkdir()
    (site.config.local / "lexicon" / "terms.txt").write_text("码上学\n", encoding="utf-8")
    return services


@pytest.fixture
def made(site: Site, tmp_path: Path) -> tuple[Services, Path]:
    """A filled installation and its archive."""
    services = filled(site)
    target = tmp_path / "out" / "kb.zip"
    archive.export(services, target)
    return services, target


def elsewhere(tmp_path: Path) -> tuple[Site, Services]:
    """A new machine: the same program, nothing of its own yet."""
    fresh = make_site(tmp_path / "elsewhere")
    return fresh, make_services(fresh.config, fresh.library)


def test_what_was_taken_comes_back(made: tuple[Services, Path], tmp_path: Path) -> None:
    before, target = made
    fresh, after = elsewhere(tmp_path)
    summary = archive.restore(after, target)
    fresh.library.refresh()
    assert summary == archive.verify(target) and summary.files > 6 and summary.rows >= 2
    assert fresh.library.search("扫码签到").hits[0].id == "case-done"
    assert after.history.revisions("case-done") == before.history.revisions("case-done")
    assert after.submissions.find() == before.submissions.find()
    (waiting,) = after.submissions.find(standings=[Standing.WAITING])
    assert after.pending.get(waiting.id).title == "还没审的案例"
    assert after.audit.records() == before.audit.records() and after.audit.verify().sound
    local = fresh.config.local
    assert (local / "attachments" / f"{'ab' * 16}.jpg").read_bytes() == b"\xff\xd8picture"
    assert (local / "lexicon" / "terms.txt").read_text(encoding="utf-8") == "码上学\n"


def test_nothing_private_to_this_machine_is_taken(made: tuple[Services, Path]) -> None:
    names = zipfile.ZipFile(made[1]).namelist()
    assert not [n for n in names if "secret" in n or "index" in n or "session" in n or ".kbtmp" in n]
    assert made[1].stat().st_mode & 0o077 == 0


def test_two_archives_of_one_state_hold_the_same(made: tuple[Services, Path], tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    archive.export(made[0], again)
    first, second = (json.loads(zipfile.ZipFile(p).read("manifest.json"))["files"] for p in (made[1], again))
    assert first == second


def changed(source: Path, target: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """The archive with every member passed through `change`; None leaves a member out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if (kept := change(name, old.read(name))) is not None:
                new.writestr(*kept)
    return target


def test_a_changed_archive_is_refused(made: tuple[Services, Path], tmp_path: Path) -> None:
    def edit(name: str, data: bytes) -> tuple[str, bytes]:
        return name, data.replace(b"case-done", b"case-gone") if name.startswith("local/cases") else data

    def lose(name: str, data: bytes) -> tuple[str, bytes] | None:
        return None if name.startswith("local/history") else (name, data)

    def climb(name: str, data: bytes) -> tuple[str, bytes]:
        if name == "manifest.json":
            return name, data.replace(b"local/lexicon/terms.txt", b"local/../../terms.txt")
        return name.replace("local/lexicon/terms.txt", "local/../../terms.txt"), data

    _, after = elsewhere(tmp_path)
    for number, change in enumerate((edit, lose, climb)):
        bad = changed(made[1], tmp_path / f"bad-{number}.zip", change)
        with pytest.raises(DamagedArchive):
            archive.restore(after, bad)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(made[1].read_bytes()[:-200])
    with pytest.raises(DamagedArchive):
        archive.verify(cut)
    assert not after.submissions.find() and not (tmp_path / "terms.txt").exists()


@pytest.mark.parametrize("name", ["local/.git/config", "local/.kb/secret", "local/cases/.hidden/a.md"])
def test_hidden_files_are_never_restored(made: tuple[Services, Path], tmp_path: Path, name: str) -> None:
    def smuggle(member: str, data: bytes) -> tuple[str, bytes]:
        old = "local/lexicon/terms.txt"
        if member == "manifest.json":
            return member, data.replace(old.encode(), name.encode())
        return (name if member == old else member), data

    fresh, after = elsewhere(tmp_path)
    with pytest.raises(DamagedArchive, match="文件名"):
        archive.restore(after, changed(made[1], tmp_path / "bad.zip", smuggle))
    assert not (fresh.config.local / ".git").exists()


def test_a_manifest_of_another_shape_is_refused(made: tuple[Services, Path], tmp_path: Path) -> None:
    def relist(name: str, data: bytes) -> tuple[str, bytes]:
        if name != "manifest.json":
            return name, data
        manifest = json.loads(data)
        return name, json.dumps(manifest | {"files": list(manifest["files"])}).encode()

    with pytest.raises(DamagedArchive):
        archive.verify(changed(made[1], tmp_path / "bad.zip", relist))


def test_a_line_written_while_the_log_is_copied_does_not_tear_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, put = filled(site), archive._put
    writers: list[threading.Thread] = []

    def slowly(into: zipfile.ZipFile, name: str, data: bytes) -> str:
        if name == "audit/audit.jsonl":
            for _ in range(2):
                writers.append(threading.Thread(target=services.audit.append, args=("zhang", "login")))
                writers[-1].start()
            time.sleep(0.3)
        return put(into, name, data)

    monkeypatch.setattr(archive, "_put", slowly)
    archive.export(services, tmp_path / "kb.zip")
    for writer in writers:
        writer.join()
    after = elsewhere(tmp_path)[1]
    archive.restore(after, tmp_path / "kb.zip")
    assert after.audit.verify().sound and services.audit.verify().sound


def test_an_installation_in_use_is_not_overwritten(made: tuple[Services, Path], tmp_path: Path) -> None:
    with pytest.raises(CannotRestore):
        archive.restore(made[0], made[1])
    fresh, after = elsewhere(tmp_path)
    editorial.submit(after, AUTHOR, case("case-own", "这里自己的提交"))
    for path in (fresh.config.local / "submissions").iterdir():
        path.unlink()
    (fresh.config.local / ".kb" / "audit.jsonl").unlink()
    with pytest.raises(NotEmpty):
        archive.restore(after, made[1])
    assert not (fresh.config.local / "cases").exists()
