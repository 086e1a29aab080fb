"""The command `kb`: what the page does, from a terminal.

Exit codes: 0 done, 1 done with findings, 2 wrong use, 3 the machine is in the way.
Nothing here imports torch or Flask before a command needs it.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indexer.library import Library
from indexer.types import Highlighted, Hit, SearchResult
from kb.errors import SetupError, UserError
from kb.types import Kind
from search_app import as_json
from search_app.config import Config

if TYPE_CHECKING:
    from flask import Flask

EXIT_FINDINGS = 1
EXIT_SETUP = 3
FIRST_PAGE_SECONDS = 1.0
"""A server that nobody asks for a page after so long settles in without one."""


class _Friendly(click.Group):
    """Says what to do instead of showing a traceback, for the two kinds of wrong people can mend."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.secho(str(error), fg="red", err=True)
            ctx.exit(2)
        except SetupError as error:
            click.secho(str(error), fg="red", err=True)
            ctx.exit(EXIT_SETUP)


@click.group(cls=_Friendly, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--local", type=click.Path(path_type=Path), help="本单位的内容文件夹（默认 ./local）")
@click.option("--encoder", help="语义模型：light、none，或 sentence-transformers 模型名、文件夹")
@click.pass_context
def main(ctx: click.Context, local: Path | None, encoder: str | None) -> None:
    """基层党建知识库：建索引、检索、检查、导入、提供网页服务。"""
    config = Config.from_env()
    if local:
        config = dataclasses.replace(config, local=local, index=local / ".kb" / "index")
    ctx.obj = dataclasses.replace(config, encoder=encoder) if encoder else config


def open_library(config: Config, *, background: bool = False) -> Library:
    """The library of these settings, with a progress bar when the index has to be built first."""
    with _bar("建索引") as progress:
        return Library.open(config.settings(), progress, background=background)


class _bar:
    """A progress bar on standard error that appears only once there is work."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None

    @property
    def started(self) -> bool:
        """True once there was work to show."""
        return self._bar is not None

    def __enter__(self) -> Callable[[int, int], None]:
        return self._step

    def _step(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos)

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(*exc)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """建一个本单位的内容文件夹 FOLDER。"""
    for kind in Kind:
        (folder / kind.folder).mkdir(parents=True, exist_ok=True)
    click.echo(f"已建好 {folder}。下一步：把它设为环境变量 KB_LOCAL，或用 kb --local {folder} …")


@main.command()
@click.pass_obj
def build(config: Config) -> None:
    """从内容文件夹重建整个索引。"""
    bar = _bar("建索引")
    with bar as progress:
        library = Library.open(config.settings(), progress)
        if not bar.started:  # there was an index already; a missing one has just been built
            library.rebuild(progress)
    entries = library.snapshot.entries
    click.echo(f"索引已建好：{len(entries)} 个条目。下一步：kb serve，或 kb search 党费逾期没交怎么办")
    for note in library.degraded:
        click.secho(note, fg="yellow", err=True)
    if broken := library.findings():
        click.secho(f"有 {len(broken)} 处文件问题，运行 kb check 查看", fg="yellow", err=True)


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--json", "plain", is_flag=True, help="输出 JSON，与网页接口相同")
@click.option("--explain", is_flag=True, help="说明每条为什么在这里")
@click.option("--size", default=5, show_default=True, help="显示几条")
@click.option("--off", default="", help="不用的功能，逗号分开，如 pinyin,semantic")
@click.pass_obj
def search(config: Config, words: tuple[str, ...], plain: bool, explain: bool, size: int, off: str) -> None:
    """检索 WORDS，显示与网页相同的结果。"""
    library = open_library(config)
    unwanted = frozenset(part for part in off.split(",") if part)
    result = library.search(" ".join(words), size=size, off=unwanted)
    if plain:
        click.echo(json.dumps(as_json.result(result), ensure_ascii=False, indent=2))
        return
    _show(result, explain)


def _show(result: SearchResult, explain: bool) -> None:
    for repair in result.query.repairs:
        click.secho(f"已按“{repair.after}”检索（输入的是“{repair.before}”）", fg="yellow")
    for note in (*result.query.notes, *result.degraded):
        click.secho(note, fg="yellow")
    if not result.confident:
        click.secho("没有找到合适的答案，下面的可能相关：" if result.hits else "没有找到", fg="red")
    for number, hit in enumerate(result.hits, 1):
        _show_hit(number, hit, explain)
    click.echo(f"共 {result.total} 条，用时 {result.took_ms:.0f} 毫秒")


def _show_hit(number: int, hit: Hit, explain: bool) -> None:
    click.echo(f"{number}. [{hit.kind.label}] {_terminal(hit.title)}  ({hit.id})")
    click.echo(f"   {_terminal(hit.snippet)}")
    if explain:
        for reason in hit.reasons:
            click.secho(f"   · {reason.text}", dim=True)


def _terminal(text: Highlighted) -> str:
    """Marked stretches in bold."""
    parts, at = [], 0
    for start, end in text.spans:
        parts += [text.value[at:start], click.style(text.value[start:end], bold=True)]
        at = end
    return "".join((*parts, text.value[at:]))


@main.command()
@click.pass_obj
def stats(config: Config) -> None:
    """条目、别名、步骤、引用各有多少。"""
    from kb import markdown, schema

    library = open_library(config)
    entries = list(library.snapshot.entries.values())
    for kind in Kind:
        group = [e for e in entries if e.kind is kind]
        heading = schema.STEP_SECTIONS.get(kind, "")
        steps = (
            sum(len(markdown.parse_steps(markdown.section(e.body, heading))) for e in group) if heading else 0
        )
        aliases = sum(len(e.aliases) for e in group)
        citations = sum(len(e.citations) for e in group)
        click.echo(f"{kind.label} {len(group)} 条：别名 {aliases}，步骤 {steps}，引用 {citations}")
    counts = Counter(e.category for e in entries if e.kind is not Kind.POLICY)
    click.echo("类别：" + "，".join(f"{name} {count}" for name, count in counts.most_common()))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 表示局域网内都能访问")
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=8, show_default=True)
@click.pass_obj
def serve(config: Config, host: str, port: int, threads: int) -> None:
    """提供网页服务。"""
    import waitress

    from search_app import MAX_UPLOAD_BYTES, create_app

    library = open_library(config, background=True)
    app = create_app(config, library)
    answered = threading.Event()
    app.teardown_request(lambda _: answered.set())
    threading.Thread(target=_settle_in, args=(app, config, answered), daemon=True).start()
    click.echo(
        f"请在浏览器打开 http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port} （按 Ctrl+C 停止）"
    )
    waitress.serve(
        app,
        host=host,
        port=port,
        threads=threads,
        max_request_body_size=MAX_UPLOAD_BYTES,
        ident=None,
        # By itself waitress drops X-Forwarded headers; how many of them count, the application knows.
        clear_untrusted_proxy_headers=not config.proxies,
    )


def _settle_in(app: Flask, config: Config, answered: threading.Event) -> None:
    """What a server can do as well after its first page: beside it, it takes the first reader's time."""
    from search_app import cli_accounts, context, process

    answered.wait(FIRST_PAGE_SECONDS)
    with app.app_context():
        services = context.services()
    try:
        note = None if sys.stdout.isatty() else config.local / ".kb" / "first-password.txt"
        cli_accounts.greet(services, note)
    except SetupError as error:  # reading needs no accounts
        click.secho(f"暂时不能登录：{error}", fg="yellow", err=True)
    finally:
        services.library.warm()
        process.collect_as_ever()


def _register() -> None:
    """The commands of the neighbouring modules join the group."""
    from search_app import cli_accounts, cli_archive, cli_content, cli_import, cli_index, cli_mcp, cli_quality

    for module in (cli_content, cli_import, cli_quality, cli_index, cli_accounts, cli_archive, cli_mcp):
        for command in module.COMMANDS:
            main.add_command(command)


_register()
