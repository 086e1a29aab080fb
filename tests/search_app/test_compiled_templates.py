"""Templates are compiled once, for as long as neither they nor Jinja change, and only where that is safe."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from flask import Flask

from search_app import compiled_templates, create_app
from tests.search_app.sites import CHEAP, Site

posix = pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners and modes as POSIX has them")


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Names of the templates that are compiled from now on."""
    seen: list[str | None] = []
    generate = jinja2.Environment._generate

    def watch(
        self: jinja2.Environment, source: object, name: str | None, *rest: object, **more: object
    ) -> str:
        seen.append(name)
        return generate(self, source, name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(jinja2.Environment, "_generate", watch)
    return seen


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Path]:
    """An organisation's folder nobody else may write to, whatever the umask is."""
    before = os.umask(0o022)
    (tmp_path / "own" / ".kb").mkdir(parents=True)
    yield tmp_path / "own"
    os.umask(before)


def start(site: Site, local: Path) -> Flask:
    """The application as a new process would make it."""
    return create_app(replace(site.config, local=local), site.library, CHEAP)


def help_page(app: Flask) -> str:
    answer = app.test_client().get("/help")
    assert answer.status_code == 200
    return answer.text


def test_a_second_start_compiles_nothing(shared_site: Site, local: Path, compiled: list[str | None]) -> None:
    first = help_page(start(shared_site, local))
    assert "base.html" in compiled
    compiled.clear()
    assert help_page(start(shared_site, local)) == first and compiled == []
    kept = local / ".kb" / compiled_templates.FOLDER
    assert not hasattr(os, "getuid") or kept.stat().st_mode & 0o777 == 0o700


def test_a_changed_template_is_compiled_again(shared_site: Site, local: Path, tmp_path: Path) -> None:
    before = start(shared_site, local)
    help_page(before)
    templates = tmp_path / "templates"
    shutil.copytree(Path(before.root_path) / "templates", templates)
    base = templates / "base.html"
    base.write_text(base.read_text(encoding="utf-8") + "<!-- 改过 -->", encoding="utf-8")
    after = start(shared_site, local)
    after.jinja_loader = jinja2.FileSystemLoader(templates)
    assert "<!-- 改过 -->" in help_page(after)


def test_another_jinja_or_other_options_compile_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Flask("search_app")
    keys = {compiled_templates._key(app)}
    app.jinja_options = {"trim_blocks": True}
    keys.add(compiled_templates._key(app))
    monkeypatch.setattr(compiled_templates, "version", lambda name: "99")
    keys.add(compiled_templates._key(app))
    assert len(keys) == 3


@posix
@pytest.mark.parametrize("loose", [".kb", ".kb/templates"])
def test_what_others_may_write_is_not_run(
    shared_site: Site, local: Path, compiled: list[str | None], loose: str
) -> None:
    (local / ".kb" / "templates").mkdir(mode=0o700)
    (local / loose).chmod(0o777)
    for _ in range(2):
        compiled.clear()
        help_page(start(shared_site, local))
        assert "base.html" in compiled
    assert not list((local / ".kb" / "templates").iterdir())


def test_a_folder_that_cannot_be_made_stops_nobody(shared_site: Site, local: Path) -> None:
    (local / ".kb" / "templates").write_text("in the way", encoding="utf-8")
    help_page(start(shared_site, local))


def test_a_disk_that_fails_later_stops_nobody(shared_site: Site, local: Path) -> None:
    app = start(shared_site, local)
    shutil.rmtree(local / ".kb" / "templates")
    help_page(app)
    assert not (local / ".kb" / "templates").exists()


def test_a_torn_file_is_compiled_again(shared_site: Site, local: Path) -> None:
    first = help_page(start(shared_site, local))
    for kept in (local / ".kb" / "templates").iterdir():
        kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    assert help_page(start(shared_site, local)) == first
