"""`kb import`: texts, Word, PDF and Excel files into the organisation's own folder."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

import click

from kb import Store, schema
from kb.errors import InvalidId, UnreadableDocument
from kb.types import Entry, Kind, Publication
from search_app.config import Config

TEXT_SUFFIXES = (".txt", ".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Found:
    """What a file would become, and what to tell the person."""

    entries: tuple[Entry, ...]
    seen: str


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--kind", type=click.Choice(["case", "problem", "handbook"]), help="Word、PDF 存成哪一种草稿")
@click.option("--yes", is_flag=True, help="不再逐个询问，识别后直接写入")
@click.option("--dry-run", is_flag=True, help="只显示识别结果，不写入")
@click.pass_context
def import_command(
    ctx: click.Context, files: tuple[Path, ...], kind: str | None, yes: bool, dry_run: bool
) -> None:
    """把文件收进本单位文件夹；写入前显示识别到什么。

    .txt、.md 和不带 --kind 的 .docx、.pdf：制度或文章。带 --kind 的
    .docx、.pdf：该种条目的草稿。.xlsx：问题清单，一行一个问题。
    """
    from search_app.cli import EXIT_FINDINGS

    entries: list[Entry] = []
    refused = 0
    for path in files:
        try:
            found = _recognised(path, Kind(kind) if kind else None)
        except UnreadableDocument as error:
            click.secho(f"{path.name}：{error}", fg="red", err=True)
            refused += 1
            continue
        click.echo(found.seen)
        if found.entries and not dry_run and (yes or _confirmed(found.entries)):
            entries += found.entries
    if entries:
        _write(ctx.obj, entries)
    ctx.exit(EXIT_FINDINGS if refused else 0)


def _confirmed(entries: tuple[Entry, ...]) -> bool:
    first = entries[0]
    what = f"{first.kind.folder}/{first.id}.md" if len(entries) == 1 else f"{len(entries)} 个条目"
    return click.confirm(f"写入 {what} 吗", default=True)


def _write(config: Config, entries: list[Entry]) -> None:
    """Every entry with its first version in the history, then the index once for all of them."""
    from search_app import publishing
    from search_app.access import Person, Role
    from search_app.cli import open_library
    from search_app.services import make_services

    services = make_services(config, open_library(config))
    who = Person(0, "kb-import", "命令行导入", Role.ADMIN)
    with click.progressbar(entries, label="写入", file=sys.stderr) as bar:
        for entry in bar:
            free = _with_free_id(entry, services.library.store)
            publishing.put(services, free, None, "published", who, "kb import", index=False)
    services.library.refresh()
    drafts = sum(entry.publication is not Publication.PUBLISHED for entry in entries)
    click.echo(f"已写入 {len(entries)} 个条目" + ("，可以检索了" if drafts < len(entries) else ""))
    if drafts:
        click.echo(f"其中 {drafts} 个是草稿：补全以后把文件里的 publication 改成 published，读者才看得到")


def _recognised(path: Path, kind: Kind | None) -> Found:
    """A file -> what it would become. Raises UnreadableDocument."""
    raw = path.read_bytes()
    if path.suffix.lower() in TEXT_SUFFIXES:
        return _text(path.name, raw)
    from search_app.exchange import isolated

    read = isolated.read(raw)
    if "sheets" in read:
        return _list(path.name, read["sheets"])
    if kind is not None:
        return _draft(path.name, read["blocks"], kind)
    lines = "\n\n".join(_lines(read["blocks"]))
    return _text(f"{path.stem}.txt", lines.encode())


def _lines(blocks: Iterable[list[object]]) -> Iterable[str]:
    """Headings and paragraphs of a document as plain lines."""
    return (str(content) for sort, content, _ in blocks if sort in ("heading", "text", "item"))


def _text(name: str, raw: bytes) -> Found:
    """A regulation or article, or an entry file in our own form."""
    from kb import regulation

    if name.lower().endswith((".md", ".markdown")):
        entry, findings = schema.parse(raw)
        if entry is not None:
            return Found((entry,), f"{name}：条目“{entry.title}”（{entry.kind.label}）")
        if any(finding.code != "no-header" for finding in findings):
            raise UnreadableDocument("；".join(finding.message for finding in findings))
    seen = regulation.recognise(name, raw)
    entry_id = regulation.suggest_id(seen)
    if not schema.is_id(entry_id):
        raise InvalidId(f"“{entry_id}”不是条目编号")
    return Found((regulation.to_entry(seen, entry_id, date.today()),), regulation.describe(seen))


def _draft(name: str, blocks: list[list[object]], kind: Kind) -> Found:
    """A document as the draft of an entry; what fits no section stands at its end under its own heading."""
    from search_app import documents_in
    from search_app.exchange import placing

    placed = placing.place(blocks, kind)
    entry = documents_in.to_draft_entry(placed, kind)
    told = [f"{name}：{kind.label}草稿“{entry.title}”"]
    told += [
        f"  {piece.section} ← {piece.heading or '开头的文字'}" for piece in placed.pieces if piece.section
    ]
    told += [f"  没有归栏，放在文末：{piece.heading or '开头的文字'}" for piece in placed.unplaced]
    return Found((entry,), "\n".join(told))


def _list(name: str, sheets: list[dict[str, object]]) -> Found:
    """A list of problems, row by row."""
    from search_app import batches
    from search_app.exchange import rows

    held = [sheet for sheet in sheets if sheet["rows"]]
    if not held:
        raise UnreadableDocument("表是空的")
    listed = rows.read(held, rows.guess(held))
    if not listed.rows:
        raise UnreadableDocument("没有认出哪一列是问题。请按“问题清单模板”改列名，或在网页上导入时指定")
    good = [row for row in listed.rows if row.usable]
    ids = batches.new_ids(len(good), date.today())
    entries = tuple(batches.to_entry(row.values, i, date.today()) for row, i in zip(good, ids, strict=True))
    told = [f"{name}：工作表“{listed.title}”{len(listed.rows)} 行，{len(good)} 行可以用"]
    told += [f"  第 {row.number} 行：{f.message}" for row in listed.rows for f in row.findings if f.fatal]
    return Found(entries, "\n".join(told))


def _with_free_id(entry: Entry, store: Store) -> Entry:
    """The entry under an id nobody has: `name`, `name-2`, `name-3` …"""
    taken = store.files()[0]
    names = (entry.id if n == 1 else f"{entry.id[: schema.ID_MAX - 5]}-{n}" for n in count(1))
    return replace(entry, id=next(name for name in names if name not in taken))


COMMANDS = (import_command,)
