"""One way to readers: log, file, history, index, git; whole at every moment, completed by trying again."""

from __future__ import annotations

import errno
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kb import schema
from kb.errors import ContentReadOnly, EntryConflict, EntryExists, SetupError
from kb.store import version_of
from kb.types import Entry, Publication
from search_app import editorial, publishing
from search_app.audit import AuditLog, AuditUnwritable
from search_app.state.submissions import Standing, Submission, Submissions
from tests.kb.faults import Disk
from tests.search_app.desk import author, changed, new_case, propose, reviewer, version
from tests.search_app.sites import Site

MOST_STEPS = 200


@pytest.fixture
def site(desk_site: Site) -> Site:
    return desk_site


def put(site: Site, entry: Entry, expected: str | None, **more: Any) -> None:
    publishing.put(site.services, entry, expected, "published", reviewer(site), **more)


def actions(site: Site, entry_id: str = "dues-overdue") -> list[str]:
    return [revision.action for revision in site.services.history.revisions(entry_id)]


def lines(site: Site, what: str = "published") -> list[tuple[str, str, str]]:
    found = site.services.audit.records()
    return [(line.target, line.before, line.after) for line in found if line.what == what]


def test_a_change_is_in_the_file_the_history_the_log_and_the_index(site: Site) -> None:
    before, entry = version(site, "dues-overdue"), changed(site, summary="换了一句")
    put(site, entry, before, why="更准确", author="张三")
    after = version(site, "dues-overdue")
    assert site.library.get("dues-overdue").summary == "换了一句"
    first, second = site.services.history.revisions("dues-overdue")
    assert (first.action, first.version, first.who) == ("found", before, "")
    assert (second.action, second.version, second.who) == ("published", after, "li同志")
    assert (second.why, second.author) == ("更准确", "张三")
    assert version_of(site.services.history.text("dues-overdue", 1)) == before
    assert lines(site) == [("dues-overdue", before, after)] and site.services.audit.verify().sound


def test_a_change_made_by_hand_in_between_is_a_version_too(site: Site) -> None:
    put(site, changed(site, summary="第一次"), version(site, "dues-overdue"))
    path = Path(site.library.store.get("dues-overdue").path)
    path.write_text(path.read_text(encoding="utf-8").replace("第一次", "手改的"), encoding="utf-8")
    site.library.refresh()
    put(site, changed(site, summary="第二次"), version(site, "dues-overdue"))
    assert actions(site) == ["found", "published", "found", "published"]
    assert "手改的" in site.services.history.text("dues-overdue", 3).decode()


def test_the_same_text_again_changes_nothing(site: Site) -> None:
    entry = changed(site, summary="换了一句")
    put(site, entry, version(site, "dues-overdue"))
    put(site, entry, "whatever")
    assert actions(site) == ["found", "published"] and len(lines(site)) == 1


def test_a_stale_or_taken_target_is_refused_and_not_logged(site: Site) -> None:
    with pytest.raises(EntryConflict):
        put(site, changed(site), "0" * 32)
    with pytest.raises(EntryExists):
        put(site, changed(site), None)
    with pytest.raises(EntryConflict):
        put(site, new_case(), "0" * 32)
    assert lines(site) == [] and actions(site) == []


def test_without_the_log_nothing_happens(site: Site) -> None:
    before = version(site, "dues-overdue")
    (site.config.local / "broken").mkdir(parents=True)
    services = replace(site.services, audit=AuditLog(site.config.local / "broken"))
    with pytest.raises(AuditUnwritable):
        publishing.put(services, changed(site), before, "published", reviewer(site))
    assert version(site, "dues-overdue") == before and actions(site) == []


def test_an_index_in_trouble_does_not_stop_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise SetupError("索引写不进")

    with monkeypatch.context() as patch:
        patch.setattr(site.library, "refresh", fail)
        put(site, changed(site, summary="换了一句"), version(site, "dues-overdue"))
    assert actions(site) == ["found", "published"]
    site.library.refresh()
    assert site.library.get("dues-overdue").summary == "换了一句"


# A failure at every step


class Full(OSError):
    """The disk is full."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, "No space left on device")


class Killed(BaseException):
    """The process ends here."""


class OurDisk(Disk):
    """Counts the steps of this thread only: the index tidies up in others."""

    def __init__(self, folder: Path, fail_at: int, fail: Callable[[], None]) -> None:
        super().__init__(folder, fail_at, fail)
        self.thread = threading.get_ident()

    def step(self, what: str) -> None:
        if threading.get_ident() == self.thread:
            super().step(what)


def failing(failure: type[BaseException], monkeypatch: pytest.MonkeyPatch, folder: Path, step: int) -> Disk:
    def fail() -> None:
        raise failure()

    return OurDisk(folder, step, fail).install(partial(monkeypatch.setattr, raising=False))


@pytest.mark.parametrize(("failure", "new"), [(Full, True), (Killed, False)])
def test_at_every_step_the_old_or_the_new_text_and_trying_again_completes(
    site: Site, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException], new: bool
) -> None:
    """Publishing fails at its k-th write, for every k until one goes through without failing."""
    for step in range(1, MOST_STEPS):
        entry = new_case(f"case-n{step}", f"第{step}条") if new else changed(site, summary=f"第{step}次")
        made = (
            editorial.submit(site.services, author(site), entry)
            if new
            else propose(site, author(site), entry)
        )
        before = None if new else site.library.store.get(entry.id).entry
        try:
            with monkeypatch.context() as patch:
                failing(failure, patch, site.config.local, step)
                editorial.publish(site.services, reviewer(site), made.id)
        except (SetupError, Killed):
            _old_or_new(site, entry, before)
            editorial.publish(site.services, reviewer(site), made.id)
            _complete(site, entry, made)
        else:
            break
    assert 20 < step < MOST_STEPS - 1
    _complete(site, entry, made)


def _old_or_new(site: Site, entry: Entry, before: Entry | None) -> None:
    file = site.library.store.files()[0].get(entry.id)
    record, findings = site.library.store.load(file) if file else (None, ())
    assert not [finding for finding in findings if finding.fatal]
    there = record.entry if record else None
    assert there == before or (there and (there.title, there.summary) == (entry.title, entry.summary))
    for revision in site.services.history.revisions(entry.id):
        data = site.services.history.text(entry.id, revision.number)
        assert version_of(data) == revision.version and schema.parse(data)[0]


def _complete(site: Site, entry: Entry, made: Submission) -> None:
    there = site.library.store.get(entry.id)
    assert site.library.get(entry.id).summary == there.entry.summary == entry.summary
    assert site.services.submissions.get(made.id).standing is Standing.PUBLISHED
    kept = [r for r in site.services.history.revisions(entry.id) if r.version == there.version]
    assert [(r.action, r.author) for r in kept] == [("published", "zhang同志")]
    assert (entry.id, there.version) in [(target, after) for target, _, after in lines(site)]
    assert site.services.audit.verify().sound


@pytest.mark.parametrize("after_move", [False, True])
def test_a_database_that_fails_leaves_a_submission_to_publish_again(site: Site, after_move: bool) -> None:
    made = propose(site, author(site), changed(site, summary="换了一句"))

    class Failing(Submissions):
        def move(self, *args: Any, **more: Any) -> Submission:
            moved = super().move(*args, **more) if after_move else None
            raise SetupError(f"数据库不能用 {moved}")

    services = replace(site.services, submissions=Failing(site.services.database))
    with pytest.raises(SetupError):
        editorial.publish(services, reviewer(site), made.id)
    if after_move:
        assert site.services.submissions.get(made.id).standing is Standing.PUBLISHED
        assert site.library.store.get("dues-overdue").entry.summary == "换了一句"
    else:
        editorial.publish(site.services, reviewer(site), made.id)
        assert actions(site) == ["found", "published"]


def test_trying_again_works_after_midnight(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    made = propose(site, author(site), changed(site, summary="换了一句"))
    entry = replace(site.services.pending.get(made.id), publication=Publication.PUBLISHED)
    yesterday = publishing.with_dates(entry).updated
    assert yesterday
    site.library.store.save(
        replace(entry, updated=yesterday.replace(year=2020)), made.base
    )  # then it crashed
    editorial.publish(site.services, reviewer(site), made.id)
    assert site.library.store.get("dues-overdue").entry.updated == yesterday.replace(year=2020)
    assert actions(site) == ["published"]


# git


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
def test_every_publication_is_a_commit_by_its_author(site: Site) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(site.config.local), *arguments]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
        return done.stdout.strip()

    site.config.local.mkdir(exist_ok=True)
    git("init", "--quiet")
    (site.config.local / ".gitignore").write_text(".kb/\nsubmissions/\n")
    for entry in (changed(site, summary="换了一句"), changed(site, "hb-dues", summary="又一句")):
        editorial.publish(site.services, reviewer(site), propose(site, author(site), entry).id)
    assert git("log", "--format=%an <%ae> %cn %s", "--reverse").split("\n") == [
        "zhang同志 <li@kb.local> knowledge base 发布：党员逾期没有缴纳党费怎么办（dues-overdue）",
        f"zhang同志 <li@kb.local> knowledge base 发布：{site.library.get('hb-dues').title}（hb-dues）",
    ]
    files = git("show", "--name-only", "--format=", "HEAD").split("\n")
    assert files[0] == "corpus/handbook/hb-dues.md" and "history/hb-dues/0002.json" in files
    (site.config.local / ".git/hooks/pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (site.config.local / ".git/hooks/pre-commit").chmod(0o755)
    put(site, changed(site, summary="第三句"), version(site, "dues-overdue"))
    assert site.library.get("dues-overdue").summary == "第三句" and len(lines(site, "git-failed")) == 1


def test_a_read_only_disk_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EROFS, "Read-only file system")

    refusing: Callable[..., None] = refuse
    before = version(site, "dues-overdue")
    with monkeypatch.context() as patch:
        patch.setattr("kb.durable._replace", refusing)
        with pytest.raises((ContentReadOnly, AuditUnwritable)):
            put(site, changed(site), before)
    assert version(site, "dues-overdue") == before
