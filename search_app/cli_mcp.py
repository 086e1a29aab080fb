"""The command `kb mcp`: the knowledge base for assistants."""

from __future__ import annotations

import click

from search_app.config import Config


@click.command("mcp")
@click.pass_obj
def mcp_command(config: Config) -> None:
    """让助手程序检索和读取条目（MCP 协议，标准输入输出；只给已发布的）。"""
    from search_app.cli import open_library
    from search_app.mcp_server import make_server

    make_server(open_library(config)).run("stdio")


COMMANDS = (mcp_command,)
