"""`kb check`, `kb coverage`, `kb fmt`, `kb runs`: looking after the content."""

from __future__ import annotations

from pathlib import Path

import click

from kb import Store, check, coverage, overlap, schema
from kb.types import Finding
from search_app.config import Config

SHOWN = 60
"""Findings listed before the rest is only counted."""


def _store(config: Config) -> Store:
    return Store(config.roots, config.local if config.local.is_dir() else None)


@click.command("check")
@click.pass_context
def check_command(ctx: click.Context) -> None:
    """检查全部条目：写法、引用、重复、照抄，逐条说明怎么改。"""
    from search_app.cli import EXIT_FINDINGS

    records, findings = _store(ctx.obj).records()
    entries = [record.entry for record in records]
    findings += check.check(entries)
    findings += overlap.check_copied(entries, overlap.Runs.load(), overlap.read_phrases())
    errors = [finding for finding in findings if finding.fatal]
    for finding in sorted(findings, key=lambda f: not f.fatal)[:SHOWN]:
        _show(finding)
    if len(findings) > SHOWN:
        click.echo(f"……另有 {len(findings) - SHOWN} 条")
    click.echo(f"{len(entries)} 个条目，{len(errors)} 处错误，{len(findings) - len(errors)} 条建议")
    ctx.exit(EXIT_FINDINGS if errors else 0)


def _show(finding: Finding) -> None:
    mark = click.style("错误", fg="red") if finding.fatal else click.style("建议", fg="yellow")
    where = " ".join(part for part in (finding.where, finding.field) if part)
    click.echo(f"{mark} {where}：{finding.message}")


@click.command("coverage")
@click.pass_obj
def coverage_command(config: Config) -> None:
    """专题、来源、种类的覆盖情况，以及缺案例、缺依据、缺流程的问题。"""
    found = coverage.coverage([record.entry for record in _store(config).records()[0]])
    for held in found.holdings:
        counts = f"问题 {held.problems}，手册 {held.handbook}，案例 {held.cases}，制度 {held.policies}"
        click.echo(f"{held.category}：{counts}")
    for cell in found.cells:
        lacks = f"有案例 {cell.with_case}，有依据 {cell.with_basis}，有流程 {cell.with_workflow}"
        click.echo(f"{cell.category} × {cell.source}：问题 {cell.problems}，{lacks}")
    for label, topics in (
        ("缺案例", found.lacking_case),
        ("缺依据", found.lacking_basis),
        ("缺流程", found.lacking_workflow),
    ):
        click.echo(f"{label} {len(topics)}：{'、'.join(topic.id for topic in topics) or '无'}")


@click.command("fmt")
@click.pass_obj
def format_command(config: Config) -> None:
    """把本单位文件夹里的条目写成标准格式（字段顺序、编码、换行）。"""
    store = _store(config)
    changed = 0
    for record in store.records()[0]:
        if record.local and schema.dump(record.entry).encode() != Path(record.path).read_bytes():
            store.save(record.entry, record.version)
            changed += 1
    click.echo(f"改写了 {changed} 个文件")


@click.command("runs")
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
def runs_command(folder: Path) -> None:
    """由 FOLDER 里的原文重做“照抄”检查用的散列。"""
    data = overlap.make_runs(folder)
    overlap.RUNS_FILE.write_bytes(data)
    click.echo(f"已写 {overlap.RUNS_FILE}，{len(data) // overlap.HASH_BYTES} 个片段")


COMMANDS = (check_command, coverage_command, format_command, runs_command)
