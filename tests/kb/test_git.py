"""Each publication a commit by its author, in a real repository; and no harm where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from kb import git
from kb.git import Author

AUTHOR = Author("张三", "zhang@kb.local")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, encoding="utf-8", check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    run(tmp_path, "init", "--quiet")
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@needs_git
def test_a_commit_holds_exactly_its_paths_and_names_its_author(repository: Path) -> None:
    write(repository, "elsewhere.md", "somebody's unfinished work")
    run(repository, "add", "elsewhere.md")
    path = write(repository, "issues/dues.md", "一")
    assert git.commit(repository, [path], "发布：党费（dues）", AUTHOR) == ""
    assert run(repository, "log", "-1", "--format=%an|%ae|%s") == "张三|zhang@kb.local|发布：党费（dues）"
    assert run(repository, "show", "--name-only", "--format=", "HEAD") == "issues/dues.md"
    assert "A  elsewhere.md" in run(repository, "status", "--porcelain")
    assert git.commit(repository, [path], "nothing to do", AUTHOR) == ""
    assert run(repository, "rev-list", "--count", "HEAD") == "1"
    path.unlink()
    assert git.commit(repository, [path], "gone", AUTHOR) == ""
    assert run(repository, "rev-list", "--count", "HEAD") == "2"


@needs_git
def test_names_and_messages_cannot_break_out(repository: Path) -> None:
    path = write(repository, "issues/dues.md", "一")
    hostile = Author("<恶意>\n--amend", "a@b>\nx")
    assert git.commit(repository, [path], "--amend\n第二行", hostile) == ""
    assert run(repository, "log", "-1", "--format=%an|%s") == "恶意--amend|--amend 第二行"
    assert git.commit(repository, [write(repository, "a.md", "x")], "m", Author("<>", "")) == ""


@needs_git
def test_a_folder_that_is_ignored_is_no_repository(repository: Path) -> None:
    write(repository, ".gitignore", "/local/\n")
    path = write(repository, "local/issues/dues.md", "一")
    assert not git.is_repository(repository / "local") and git.is_repository(repository)
    assert git.commit(repository / "local", [path], "m", AUTHOR) == ""


@needs_git
def test_what_a_hook_refuses_is_told(repository: Path) -> None:
    hook = write(repository, ".git/hooks/pre-commit", "#!/bin/sh\necho '不许提交' >&2\nexit 1\n")
    hook.chmod(0o755)
    said = git.commit(repository, [write(repository, "a.md", "x")], "m", AUTHOR)
    assert "没有记进 git" in said and "不许提交" in said


@needs_git
def test_many_at_once_all_get_their_commit(repository: Path) -> None:
    said: list[str] = []

    def one(number: int) -> None:
        path = write(repository, f"issues/e{number}.md", "x")
        said.append(git.commit(repository, [path], f"第{number}", Author(f"人{number}", "x@y")))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [""] * 6 and run(repository, "rev-list", "--count", "HEAD") == "6"


@needs_git
def test_a_repository_held_by_another_process_is_waited_for(repository: Path) -> None:
    lock = write(repository, ".git/index.lock", "")
    threading.Timer(0.2, lock.unlink).start()
    assert git.commit(repository, [write(repository, "a.md", "x")], "m", AUTHOR) == ""


def test_without_git_or_repository_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.md", "x")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git.commit(tmp_path, [path], "m", AUTHOR) == ""
    monkeypatch.setenv("PATH", os.devnull)
    assert not git.is_repository(tmp_path) and git.commit(tmp_path, [path], "m", AUTHOR) == ""
