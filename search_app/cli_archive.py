"""`kb export` and `kb restore`: everything as one file, and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from search_app.config import Config


@click.command("export")
@click.argument("target", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export_command(config: Config, target: Path | None) -> None:
    """把本单位的全部内容（条目、历史、附件、提交、账号、审计日志）存成一个归档文件 TARGET。"""
    from search_app import archive
    from search_app.cli import open_library
    from search_app.services import make_services

    target = target or Path(f"kb-{date.today():%Y%m%d}.zip")
    made = archive.export(make_services(config, open_library(config)), target)
    archive.verify(target)
    click.echo(f"已归档到 {target}：{made.files} 个文件，{made.rows} 行记录，已逐个核对散列")
    click.echo("里面有账号的密码散列和未发布的内容，请像账本一样保管。")


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verify-only", is_flag=True, help="只核对归档是否完整，不恢复")
@click.pass_obj
def restore_command(config: Config, source: Path, verify_only: bool) -> None:
    """核对归档文件 SOURCE，恢复到空的内容文件夹（KB_LOCAL 或 --local）和空的数据库。"""
    from search_app import archive
    from search_app.cli import open_library
    from search_app.services import make_services

    if verify_only:
        held = archive.verify(source)
        click.echo(f"归档完整：{held.made} 制作，{held.files} 个文件，{held.rows} 行记录")
        return
    library = open_library(config)
    held = archive.restore(make_services(config, library), source)
    library.refresh()
    click.echo(f"已恢复 {held.files} 个文件、{held.rows} 行记录，索引也已更新。下一步：kb serve")


COMMANDS = (export_command, restore_command)
