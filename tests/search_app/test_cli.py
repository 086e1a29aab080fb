"""The command `kb`: real files, real index, the same answers as the page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import waitress
from click.testing import CliRunner, Result

from indexer.library import Library
from search_app import cli, process
from search_app.cli import main
from tests.search_app.sites import Site

ROOT = Path(__file__).resolve().parents[2]
REGULATION = """某某单位考勤办法

（2025年3月1日某某单位发布）

第一章　总则

第一条　为了规范考勤，制定本办法。

第二条　请假由部门负责人批准，按照第八条规定登记。
"""


@pytest.fixture
def kb(site: Site, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("KB_CONTENT", os.pathsep.join(str(root) for root in site.config.roots))
    monkeypatch.setenv("KB_LOCAL", str(site.config.local))
    monkeypatch.setenv("KB_INDEX", str(site.config.index))
    monkeypatch.setenv("KB_ENCODER", "none")

    def run(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, list(words), input=typed, catch_exceptions=False)

    return run


def test_search_shows_the_entry_and_why(kb) -> None:  # type: ignore[no-untyped-def]
    done = kb("search", "党费逾期没交怎么办", "--explain")
    assert done.exit_code == 0
    assert "1. [问题]" in done.output and "dues-overdue" in done.output and "含有" in done.output


def test_search_as_json_has_the_fields_of_the_api(kb) -> None:  # type: ignore[no-untyped-def]
    done = kb("search", "--json", "党费逾期")
    answer = json.loads(done.output)
    assert {"hits", "total", "confident", "repairs", "took_ms"} <= answer.keys()
    assert {"id", "kind", "title", "score"} <= answer["hits"][0].keys()


def test_init_makes_a_folder_for_each_kind(kb, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = kb("init", str(tmp_path / "ours"))
    assert done.exit_code == 0 and "KB_LOCAL" in done.output
    assert (tmp_path / "ours" / "cases").is_dir() and (tmp_path / "ours" / "corpus" / "policies").is_dir()


def test_build_and_stats_say_how_much_there_is(kb) -> None:  # type: ignore[no-untyped-def]
    assert "索引已建好" in kb("build").output
    assert "别名" in kb("stats").output


def test_import_shows_what_it_saw_then_writes_and_finds(kb, site: Site, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source = tmp_path / "考勤办法.txt"
    source.write_text(REGULATION, encoding="gb18030")
    seen = kb("import", str(source), "--dry-run")
    assert "2 条" in seen.output and not (site.config.local / "corpus").exists()
    done = kb("import", str(source), typed="y\n")
    assert done.exit_code == 0 and "可以检索了" in done.output
    assert "某某单位考勤办法" in kb("search", "考勤 请假").output


def test_import_refuses_what_is_no_text_and_says_why(kb, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    empty = tmp_path / "空.txt"
    empty.write_bytes(b"")
    done = kb("import", str(empty), "--yes")
    assert done.exit_code == 1 and "空.txt" in done.output


def test_a_missing_content_folder_is_named_with_the_remedy(kb, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("KB_CONTENT", "/no/such/folder")
    done = kb("search", "党费")
    assert done.exit_code == 3 and "找不到内容文件夹" in done.output


def test_check_names_a_broken_file_and_fails(kb, site: Site) -> None:  # type: ignore[no-untyped-def]
    broken = site.config.local / "issues" / "broken-one.md"
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.write_text("---\ntitle: 没有结尾\n", encoding="utf-8")
    done = kb("check")
    assert done.exit_code == 1 and "broken-one" in done.output


def test_eval_prints_a_row_for_each_style(kb, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    queries = tmp_path / "q.tsv"
    queries.write_text(
        "qid\tquery\tstyle\trelevant\nx1\t党费逾期\tkeyword\tdues-overdue:2\n", encoding="utf-8"
    )
    done = kb("eval", str(queries))
    assert "keyword" in done.output and "all" in done.output


def test_searching_does_not_load_torch_or_flask(site: Site) -> None:
    program = (
        "import sys; from search_app.cli import main\n"
        "try: main(['search', '党费'], standalone_mode=False)\n"
        "finally: print(sorted({'torch', 'flask', 'sentence_transformers'} & set(sys.modules)))"
    )
    environment = os.environ | {"KB_LOCAL": str(site.config.local), "KB_ENCODER": "light"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout.strip().endswith("[]"), done.stderr


@pytest.mark.parametrize(("proxies", "cookie"), [("", "kb="), ("1", "__Host-kb=")])
def test_the_server_passes_forwarded_headers_on_where_they_are_believed(
    kb,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
    proxies: str,
    cookie: str,
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setenv("KB_PROXIES", proxies)
    monkeypatch.setattr(waitress, "serve", lambda app, **settings: told.update(settings, application=app))
    assert kb("serve", "--threads", "1").exit_code == 0
    channels: dict[int, Any] = {}
    server = waitress.create_server(**told | {"port": 0}, map=channels)

    def run() -> None:
        with suppress(OSError):  # at the end its sockets are closed while it waits for them
            server.run()

    running = threading.Thread(target=run)
    running.start()
    try:
        asked = Request(f"http://127.0.0.1:{server.effective_port}/login")
        asked.add_header("X-Forwarded-Proto", "https")
        with urlopen(asked, timeout=20) as answer:
            assert answer.headers["Set-Cookie"].startswith(cookie)
    finally:
        server.close()
        running.join()
        server.task_dispatcher.shutdown()
        for channel in list(channels.values()):
            channel.close()


def test_a_server_settles_in_after_its_first_page(
    kb,  # type: ignore[no-untyped-def]
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: dict[str, Any] = {}
    done: list[str] = []
    monkeypatch.setattr(cli, "FIRST_PAGE_SECONDS", 60.0)
    monkeypatch.setattr(Library, "warm", lambda library: done.append("warm"))
    monkeypatch.setattr(process, "collect_as_ever", lambda: done.append("collect"))
    monkeypatch.setattr(waitress, "serve", lambda app, **settings: told.update(app=app))
    assert kb("serve").exit_code == 0
    time.sleep(0.3)
    assert not done and site.services.accounts.empty(), "nothing beside the first page"
    assert told["app"].test_client().get("/search?q=党费").status_code == 200
    until = time.monotonic() + 20
    while len(done) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert done == ["warm", "collect"] and not site.services.accounts.empty()


def test_a_server_nobody_asks_settles_in_all_the_same(
    kb,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warmed = threading.Event()
    monkeypatch.setattr(cli, "FIRST_PAGE_SECONDS", 0.1)
    monkeypatch.setattr(Library, "warm", lambda library: warmed.set())
    monkeypatch.setattr(process, "collect_as_ever", lambda: None)
    monkeypatch.setattr(waitress, "serve", lambda app, **settings: None)
    assert kb("serve").exit_code == 0
    assert warmed.wait(20)
